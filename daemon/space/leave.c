/* SPDX-License-Identifier: MIT */
#include "space/leave.h"

#include <stdlib.h>

#include "base/must.h"
#include "space/ahead.h"
#include "space/hold.h"
#include "space/life.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/will.h"

/* Tuples of each unit where there are several: they take a few milliseconds. */
#define UNIT_OF_SEVERAL 4096

static uint32_t unit_of_several(const struct engine *engine)
{
    const uint32_t unit = engine->options.unit;
    return unit < UNIT_OF_SEVERAL ? unit : UNIT_OF_SEVERAL;
}

/* ---- Tuples bound to it ---- */

struct bound {
    uint64_t key;
    struct stored *tuple;
    struct space *space;
};

static int bound_by_place(const void *a, const void *b)
{
    const uint64_t one = ((const struct bound *)a)->key;
    const uint64_t other = ((const struct bound *)b)->key;
    return (one > other) - (one < other);
}

/* The next ones of a unit go; those that are kept, when they would come back (rule S13). */
static void bound_go(struct engine *engine, struct session *session, uint32_t most)
{
    struct bound *list = must_have(mem_alloc(most * sizeof *list));
    struct attributes *attributes;
    uint32_t count = 0;
    while (count < most && (attributes = TAILQ_FIRST(&session->bound))) {
        TAILQ_REMOVE(&session->bound, attributes, bound_link);
        attributes->bound = NULL;
        list[count++] =
            (struct bound){stored_key(attributes->tuple), attributes->tuple, attributes->space};
    }
    qsort(list, count, sizeof *list, bound_by_place);
    for (uint32_t i = 0; i < count; i++) {
        for (unsigned stage = AHEAD_STAGES; stage-- > 0 && ahead_at(i, stage) < count;) {
            const struct bound *bound = &list[ahead_at(i, stage)];
            ahead_ask(bound->space, bound->tuple, stage);
        }
        life_expire(engine, list[i].space, list[i].tuple);
    }
    mem_free(list);
}

bool leave_dooms(const struct attributes *attributes)
{
    return attributes->bound && attributes->bound->leaving;
}

/* ---- What it keeps, in runs by place ---- */

/* A delivery by where it stands in the session's ring, a hold by its number: it may end before. */
struct leave_entry {
    uint64_t key;
    uint64_t held : 1, number : 63;
};

struct leave_run {
    struct heap_node node;
    uint32_t next, count;
    struct leave_entry list[];
};

/* Their order: the one whose next is the best-placed. */
static void push(struct leave *leave, struct leave_run *run)
{
    must(heap_push(&leave->runs, &run->node, (struct heap_key){run->list[run->next].key, 0}));
}

static int by_place(const void *a, const void *b)
{
    const uint64_t one = ((const struct leave_entry *)a)->key;
    const uint64_t other = ((const struct leave_entry *)b)->key;
    return (one > other) - (one < other);
}

/* Deliveries mostly are in order. */
static bool in_order(const struct leave_run *run)
{
    for (uint32_t i = 1; i < run->count; i++)
        if (run->list[i - 1].key > run->list[i].key)
            return false;
    return true;
}

static void add(struct leave_run *run, const struct stored *tuple, uint64_t number, bool held)
{
    run->list[run->count++] = (struct leave_entry){stored_key(tuple), held, number};
}

/* Adds deliveries until so many were looked at. Returns how many were. */
static uint32_t gather_delivered(struct leave *leave, struct leave_run *run, uint32_t most)
{
    uint32_t looked = 0;
    for (; looked < most && leave->gathered < leave->session->kept_count; looked++) {
        const uint32_t index = leave->gathered++;
        const struct kept *kept = session_kept(leave->session, index);
        __builtin_prefetch(session_kept(leave->session, index + AHEAD_STEP)->tuple);
        if (kept->tuple)
            add(run, kept->tuple, index, false);
    }
    return looked;
}

/* Adds holds, the oldest first. They go to the end of their list, so that one that ends is no matter;
 * the first that was there before comes round when all are in. */
static uint32_t gather_held(struct leave *leave, struct leave_run *run, uint32_t most)
{
    struct session_holds *holds = &leave->session->holds;
    struct hold *hold;
    uint32_t looked = 0;
    for (; looked < most && (hold = TAILQ_FIRST(holds)) && hold->number > leave->gathered_hold;
         looked++) {
        TAILQ_REMOVE(holds, hold, session_link);
        TAILQ_INSERT_TAIL(holds, hold, session_link);
        leave->gathered_hold = hold->number;
        add(run, hold->tuple, hold->number, true);
    }
    return looked;
}

/* Makes a run of the next ones; there are no more where it is not full. */
static void gather(struct leave *leave, uint32_t most)
{
    struct leave_run *run = must_have(mem_alloc(sizeof *run + most * sizeof run->list[0]));
    *run = (struct leave_run){.count = 0};
    uint32_t looked = gather_delivered(leave, run, most);
    looked += gather_held(leave, run, most - looked);
    leave->ordered = looked < most;
    if (run->count == 0) {
        mem_free(run);
        return;
    }
    if (!in_order(run))
        qsort(run->list, run->count, sizeof run->list[0], by_place);
    push(leave, run);
}

/* What is given back after this one. */
static void ask_ahead(const struct engine *engine, const struct leave *leave,
                      const struct leave_run *run, uint32_t index)
{
    for (unsigned stage = AHEAD_STAGES; stage-- > 0 && ahead_at(index, stage) < run->count;) {
        const struct leave_entry *entry = &run->list[ahead_at(index, stage)];
        if (entry->held) {
            const struct hold *hold = hold_of_number(engine, entry->number);
            if (hold)
                ahead_ask(hold->space, hold->tuple, stage);
        } else {
            const struct kept *kept = session_kept(leave->session, (uint32_t)entry->number);
            ahead_ask(kept->space, kept->tuple, stage);
        }
    }
}

/* Gives it back, if the session still keeps it. */
static bool give_back(struct engine *engine, struct leave *leave, const struct leave_entry *entry)
{
    const struct coming_back why = {
        .reason = TSD_REASON_CONNECTION, .exit_status = UINT32_MAX, .counted = leave->counted};
    if (entry->held) {
        struct hold *hold = hold_of_number(engine, entry->number);
        if (hold)
            hold_give_back(engine, hold, &why);
        return hold != NULL;
    }
    struct kept *kept = session_kept(leave->session, (uint32_t)entry->number);
    session_release(engine, leave->session, kept, &why);
    return true;
}

/* The next ones of a unit go back: from the first run until another one has a better-placed one. */
static void all_back(struct engine *engine, struct leave *leave, uint32_t most)
{
    uint32_t count = 0;
    struct heap_node *node;
    while (count < most && (node = heap_pop(&leave->runs))) {
        struct leave_run *run = container_of(node, struct leave_run, node);
        const struct heap_node *other = heap_peek(&leave->runs);
        const uint64_t until = other ? heap_key_of(&leave->runs, other)->first : UINT64_MAX;
        do {
            ask_ahead(engine, leave, run, run->next);
            count += give_back(engine, leave, &run->list[run->next++]);
        } while (run->next < run->count && count < most && run->list[run->next].key < until);
        if (run->next < run->count)
            push(leave, run);
        else
            mem_free(run);
    }
}

/* ---- The session ---- */

static void begin(struct leave *leave, struct session *session, bool counted, bool wills)
{
    *leave = (struct leave){.session = session, .counted = counted, .wills = wills};
    heap_init(&leave->runs);
    session->leaving = leave;
}

/* The last of it, part of the last unit. */
static void end(struct engine *engine, struct leave *leave)
{
    struct session *session = leave->session;
    if (leave->wills)
        will_put(engine, session);
    heap_deinit(&leave->runs);
    session_forget_kept(session);
    session_free(engine, session);
}

static void piece(struct engine *engine, struct work *work)
{
    struct leave *leave = container_of(work, struct leave, work);
    const bool bound = !TAILQ_EMPTY(&leave->session->bound);
    if (!bound && !leave->ordered) {
        gather(leave, unit_of_several(engine));
        return;
    }
    unit_begin(engine);
    if (bound) {
        bound_go(engine, leave->session, unit_of_several(engine));
        return;
    }
    all_back(engine, leave, unit_of_several(engine));
    if (heap_peek(&leave->runs))
        return;
    work_end(engine, &leave->work);
    TAILQ_REMOVE(&engine->leaving, leave, link);
    end(engine, leave);
    mem_free(leave);
}

/* How many tuples are bound to it or kept by it, as far as one unit can be about. */
static uint32_t count_tuples(const struct engine *engine, const struct session *session)
{
    const uint32_t most = engine->options.unit;
    const struct attributes *attributes;
    const struct hold *hold;
    uint32_t count = session->kept_count;
    TAILQ_FOREACH (attributes, &session->bound, bound_link)
        if (count++ > most)
            return count;
    TAILQ_FOREACH (hold, &session->holds, session_link)
        if (count++ > most)
            return count;
    return count;
}

static void leave_at_once(struct engine *engine, struct session *session, bool counted, bool wills,
                          uint32_t count)
{
    struct leave leave;
    begin(&leave, session, counted, wills);
    if (!TAILQ_EMPTY(&session->bound))
        bound_go(engine, session, count);
    if (session->kept_count > 0 || !TAILQ_EMPTY(&session->holds)) {
        gather(&leave, count);
        all_back(engine, &leave, count);
    }
    end(engine, &leave);
}

void leave_begin(struct engine *engine, struct session *session, bool counted, bool wills)
{
    const uint32_t count = count_tuples(engine, session);
    session_hide(engine, session);
    if (count <= engine->options.unit) {
        leave_at_once(engine, session, counted, wills, count);
        return;
    }
    struct leave *leave = must_have(mem_alloc(sizeof *leave));
    begin(leave, session, counted, wills);
    TAILQ_INSERT_TAIL(&engine->leaving, leave, link);
    work_begin_own(engine, &leave->work, piece);
    if (engine->options.piece == 0)
        (void)leave_finish(engine);
}

bool leave_finish(struct engine *engine)
{
    struct leave *leave = TAILQ_LAST(&engine->leaving, leave_list);
    if (!leave)
        return false;
    const struct session *session = leave->session;
    do {
        settle(engine);
        piece(engine, &leave->work);
    } while ((leave = TAILQ_LAST(&engine->leaving, leave_list)) && leave->session == session);
    return true;
}

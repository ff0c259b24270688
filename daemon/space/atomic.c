/* SPDX-License-Identifier: MIT */
#include "space/atomic.h"

#include <string.h>

#include "base/must.h"
#include "space/absence.h"
#include "space/answer.h"
#include "space/body.h"
#include "space/key.h"
#include "space/life.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

void atomic_name_holds(const struct interest *interest, bool named)
{
    unit_name(interest->unit, named);
}

/* One that is being looked at: of a request, or of an interest that waits. */
struct atomic {
    const struct asker *asker;
    struct query *query;
    struct unit *unit;
    struct key *key;
};

/* ---- Doing it ---- */

/* Whether its guards' tuples fit an answer. */
static bool fits_answer(const struct engine *engine, const struct query *query)
{
    uint64_t bytes = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < query->part_count; i++) {
        const struct stored *tuple = engine->guards.chosen[i].tuple;
        bytes += tuple ? tuple->size : 0;
        count += tuple != NULL;
    }
    return count <= 1 || bytes <= engine->options.reply_bytes;
}

static uint32_t guards_of(const struct atomic *atomic, enum tsd_guard kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        count += atomic->unit->guards[i].kind == kind;
    return count;
}

/* What is told of each guard's tuple; taken down before it may be gone. */
struct told {
    uint32_t detail[LIMIT_GUARDS];
    struct hold *holds[LIMIT_GUARDS];
};

/* All that can fail for want of memory, before anything changes. */
static int reserve(struct engine *engine, const struct atomic *atomic, struct told *told)
{
    const uint32_t holds = guards_of(atomic, TSD_GUARD_HOLD);
    memset(told, 0, sizeof *told);
    if (session_reserve(atomic->asker->session, guards_of(atomic, TSD_GUARD_IN)) < 0 ||
        (holds > 0 && hold_reserve(engine, holds) < 0))
        return -1;
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        if (atomic->unit->guards[i].kind == TSD_GUARD_HOLD && !(told->holds[i] = hold_new(engine)))
            return -1;
    return puts_place(engine, &atomic->unit->puts);
}

static void unreserve(struct engine *engine, const struct told *told)
{
    for (int i = 0; i < LIMIT_GUARDS; i++)
        if (told->holds[i])
            hold_discard(engine, told->holds[i]);
}

static struct holding holding_of(const struct atomic *atomic, uint32_t i)
{
    const struct guard *guard = &atomic->unit->guards[i];
    return (struct holding){.timed = guard->has_hold_time,
                            .detached = guard->detached,
                            .hold_us = guard->hold_us,
                            .random = {atomic->unit->random[0], atomic->unit->random[1]}};
}

/* Takes down what is told of the guards' tuples: a taken one may be gone after. */
static void take_down(struct engine *engine, const struct atomic *atomic, struct told *told)
{
    uint64_t hold = engine->hold_count;
    for (uint32_t i = 0; i < atomic->query->part_count; i++) {
        struct stored *tuple = engine->guards.chosen[i].tuple;
        struct detail_wanted wanted = {.who = false};
        struct token token;
        if (!tuple)
            continue;
        if (atomic->unit->guards[i].kind == TSD_GUARD_HOLD) {
            const struct holding holding = holding_of(atomic, i);
            token = hold_token(++hold, &holding);
            wanted.token = &token;
        }
        told->detail[i] = answer_detail(engine, tuple, &wanted);
        tuple->refs++; /* until it is in the answer */
    }
}

/* The guard's tuple is taken, held, or left where it is. */
static void take(struct engine *engine, const struct atomic *atomic, uint32_t i,
                 const struct told *told)
{
    const struct chosen *chosen = &engine->guards.chosen[i];
    struct session *session = atomic->asker->session;
    const enum tsd_guard kind = atomic->unit->guards[i].kind;
    if (kind == TSD_GUARD_HOLD) {
        const struct holding holding = holding_of(atomic, i);
        hold_enter(engine, told->holds[i], session, chosen->space, chosen->tuple, &holding);
    } else if (kind == TSD_GUARD_IN && atomic->unit->body_count > 0) { /* rule S23 */
        life_take(engine, chosen->space, chosen->tuple, LIFE_GONE);
    } else if (kind == TSD_GUARD_IN) {
        session_keep(engine, session, chosen->space, chosen->tuple);
    }
}

static void tell(struct engine *engine, const struct atomic *atomic, uint64_t first,
                 const struct told *told)
{
    const bool delivers = atomic->unit->body_count == 0 && guards_of(atomic, TSD_GUARD_IN) > 0;
    struct effect *effect = answer(engine, atomic->asker, engine->unit_at, TS_OK);
    effect->value = first;
    effect->delivery = delivers ? atomic->asker->session->delivered : 0;
    for (uint32_t i = 0; i < atomic->query->part_count; i++) {
        struct stored *tuple = engine->guards.chosen[i].tuple;
        if (!tuple)
            continue;
        answer_detailed(engine, effect, tuple, i, told->detail[i]);
        stored_unref(&engine->slab, tuple);
    }
}

/* Guards hold, tuples are made, there is room. Returns 0, or -1 without memory, unchanged. */
static int carry_out(struct engine *engine, const struct atomic *atomic)
{
    const bool puts = atomic->unit->puts.count > 0;
    struct told told;
    if (reserve(engine, atomic, &told) < 0) {
        unreserve(engine, &told);
        return -1;
    }
    if (atomic->unit->body_count == 0 && guards_of(atomic, TSD_GUARD_IN) > 0)
        atomic->asker->session->delivered++;
    take_down(engine, atomic, &told);
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        take(engine, atomic, i, &told);
    unit_finish_holds(engine, atomic->unit);
    puts_show(engine, &atomic->unit->puts);
    tell(engine, atomic, puts ? engine->unit_at : 0, &told);
    if (atomic->key)
        key_done(engine, atomic->key, puts ? engine->unit_at : 0);
    return 0;
}

/* Room for what it puts, less what it finishes and takes; a pulse that it takes used none. */
static int needs_of(struct engine *engine, const struct atomic *atomic)
{
    int result = unit_needs(engine, atomic->unit, atomic->query);
    for (uint32_t i = 0; atomic->unit->body_count > 0 && i < atomic->query->part_count; i++) {
        const struct chosen *chosen = &engine->guards.chosen[i];
        if (atomic->unit->guards[i].kind == TSD_GUARD_IN && chosen->tuple->flags & STORED_PULSE)
            result |= needs_add(&engine->needs, chosen->space, 1);
    }
    return result;
}

/* ---- One that waits ---- */

void atomic_mark_chosen(struct engine *engine, const struct query *query)
{
    for (uint32_t i = 0; i < query->part_count; i++)
        if (engine->guards.chosen[i].tuple)
            engine->guards.chosen[i].tuple->flags |= STORED_CHOSEN;
}

/* Under the guards that fail, which engine->guards tells. Returns 0, or -1 without memory. */
static int register_failing(struct engine *engine, struct interest *interest)
{
    const struct guards guards = engine->guards;
    struct query *query = &interest->query;
    for (uint32_t i = 0; i < query->part_count; i++) {
        int result = 0;
        if (!(guards.failing & 1u << i))
            continue;
        if (interest->unit->guards[i].kind == TSD_GUARD_ABSENT)
            result =
                absence_link(engine, &interest->waits[i], QUEUE_TAKERS, &query->parts[i],
                             interest->unit->claim_count > 0 ? interest : NULL, guards.witness);
        else
            result = interest_link(engine, interest, i);
        if (result < 0)
            return -1;
    }
    return 0;
}

static void end_refused(struct engine *engine, struct interest *interest,
                        const struct problem *problem)
{
    unit_begin(engine);
    answer_wait_refused(engine, interest, problem);
    interest_free(engine, interest);
}

/*
 * Guards hold: makes what its body puts. Returns 0; 1 where there is no room for it, nothing being
 * made then; -1 with the problem set where it is to be refused.
 */
static int make_ready(struct engine *engine, const struct atomic *atomic, struct problem *problem)
{
    if (needs_of(engine, atomic) < 0)
        return problem_set(problem, TS_NO_MEMORY, 0,
                           "the daemon is out of memory: nothing was done");
    if (atomic->unit->lines && !needs_fit(&engine->needs, atomic->asker->since))
        return 1; /* in line its body is looked at when there is room for it */
    if (!fits_answer(engine, atomic->query))
        return problem_set(problem, TS_LIMIT, 0,
                           "the guards' tuples are larger than an answer may be (%zu bytes)",
                           LIMIT_REPLY_BYTES);
    if (body_make(engine, atomic->asker->session, atomic->unit, problem) < 0)
        return -1;
    if (needs_fit(&engine->needs, atomic->asker->since))
        return 0;
    puts_drop(engine, &atomic->unit->puts);
    return 1;
}

/* Guards hold: does it if there is room, and makes it wait for that if there is not. */
static bool serve_now(struct engine *engine, struct interest *interest, const struct atomic *atomic)
{
    struct problem problem;
    const int result = make_ready(engine, atomic, &problem);
    if (result > 0) {
        if (!interest->unit->lines) {
            interest_unlink(engine, interest);
            atomic_mark_chosen(engine, &interest->query);
            must(room_wait(engine, interest, &engine->needs));
        }
        return false;
    }
    if (result < 0) {
        end_refused(engine, interest, &problem);
        return true;
    }
    unit_begin(engine);
    must(carry_out(engine, atomic));
    interest_free(engine, interest);
    return true;
}

bool atomic_serve(struct engine *engine, struct interest *interest)
{
    const struct asker asker = interest_asker(interest);
    struct atomic atomic = {&asker, &interest->query, interest->unit, interest->key};
    if (interest->unit->lines && interest->round == engine->settle.round)
        return false; /* from another line in this round already */
    interest->round = engine->settle.round;
    switch (guards_look(engine, atomic.query, atomic.unit)) {
    case GUARDS_HOLD:
        return serve_now(engine, interest, &atomic);
    case GUARDS_FAIL:
        interest_unlink(engine, interest);
        must(register_failing(engine, interest));
        return false;
    default:
        settle_overrun(engine, interest);
        return false;
    }
}

void atomic_leave_line(struct engine *engine, struct interest *interest)
{
    const struct atomic atomic = {NULL, &interest->query, interest->unit, NULL};
    enum guards_result result;
    if (interest->end != END_NOT)
        return;
    result = guards_look(engine, &interest->query, interest->unit);
    if (result == GUARDS_OVERRUN) {
        settle_overrun(engine, interest);
    } else if (result == GUARDS_FAIL) {
        interest_unlink(engine, interest);
        must(register_failing(engine, interest));
    } else {
        /* One that now takes a tuple instead of a pulse may need no room. */
        must(needs_of(engine, &atomic));
        atomic_mark_chosen(engine, &interest->query);
        if (!needs_any(&engine->needs)) {
            room_leave(engine, interest);
            must(room_wait(engine, interest, &engine->needs));
        }
    }
}

/* ---- Its request ---- */

static int claim_finishes(struct engine *engine, const struct asker *asker, struct unit *unit)
{
    const uint8_t *at = unit->body.bytes;
    int result = 0;
    for (uint32_t i = 0; i < unit->body_count && result == 0; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind == TSD_STEP_FINISH)
            result = unit_claim_one(engine, asker->session, unit, &step.token);
    }
    unit_name(unit, false);
    return result;
}

/* Makes it wait: `room` for room, else under the guards that fail. */
static void wait(struct engine *engine, const struct asker *asker, const struct request *request,
                 struct atomic *atomic, bool room)
{
    const struct guards guards = engine->guards;
    struct interest *interest = interest_begin(engine, asker, request, atomic->query);
    if (!interest) {
        key_free(engine, atomic->key);
        return;
    }
    interest->key = atomic->key;
    interest->unit = unit_keep(engine, interest, atomic->unit);
    engine->guards = guards;
    if (room)
        atomic_mark_chosen(engine, &interest->query);
    if (interest->unit && interest->key)
        key_wait(engine, interest->key, interest);
    if (!interest->unit || (room ? room_wait(engine, interest, &engine->needs)
                                 : register_failing(engine, interest)) < 0) {
        interest_free(engine, interest);
        answer_no_memory(engine, asker);
    }
}

/* What ends it here. */
static void refuse(struct engine *engine, struct atomic *atomic, const struct problem *problem)
{
    query_end(engine, atomic->query);
    key_free(engine, atomic->key);
    answer_refused(engine, atomic->asker, problem);
}

static void no_room(struct engine *engine, struct atomic *atomic)
{
    struct problem problem;
    problem_set(&problem, TS_FULL, 0, "its guards hold, but a space is full, and the timeout is 0");
    refuse(engine, atomic, &problem);
}

static void no_match(struct engine *engine, struct atomic *atomic)
{
    query_end(engine, atomic->query);
    key_free(engine, atomic->key);
    answer(engine, atomic->asker, atomic->asker->since, TS_NOMATCH);
}

static void holds_now(struct engine *engine, const struct request *request, struct atomic *atomic)
{
    struct problem problem;
    const int result = make_ready(engine, atomic, &problem);
    if (result > 0 && interest_may_wait(request)) {
        wait(engine, atomic->asker, request, atomic, true);
    } else if (result > 0) {
        no_room(engine, atomic);
    } else if (result < 0) {
        refuse(engine, atomic, &problem);
    } else if (carry_out(engine, atomic) < 0) {
        puts_drop(engine, &atomic->unit->puts);
        problem_set(&problem, TS_NO_MEMORY, 0, "the daemon is out of memory: nothing was done");
        refuse(engine, atomic, &problem);
    } else {
        query_end(engine, atomic->query);
    }
}

static void look(struct engine *engine, const struct request *request, struct atomic *atomic)
{
    const struct space *full;
    if (unit_needs(engine, atomic->unit, atomic->query) == 0 &&
        (full = needs_never_fit(&engine->needs))) {
        struct problem problem;
        op_never_fits(&problem, full);
        refuse(engine, atomic, &problem);
        return;
    }
    switch (guards_look(engine, atomic->query, atomic->unit)) {
    case GUARDS_HOLD:
        holds_now(engine, request, atomic);
        break;
    case GUARDS_FAIL:
        if (interest_may_wait(request))
            wait(engine, atomic->asker, request, atomic, false);
        else
            no_match(engine, atomic);
        break;
    default:
        query_end(engine, atomic->query);
        key_free(engine, atomic->key);
        answer_overrun(engine, atomic->asker, atomic->asker->since);
    }
}

void op_atomic(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct unit unit = {.guards = request->guards,
                        .space = request->space,
                        .body = request->body,
                        .body_count = request->body_count,
                        .puts = engine->puts,
                        .random = {command->random[0], command->random[1]}};
    struct query query;
    struct atomic atomic = {asker, &query, &unit, NULL};
    if (op_repeated(engine, asker, request))
        return;
    const int claimed = claim_finishes(engine, asker, &unit);
    if (claimed != 0) {
        op_not_claimed(engine, asker, claimed);
        return;
    }
    if (op_key(engine, asker, request, &atomic.key) < 0)
        return;
    if (query_begin(engine, asker, request, &query) < 0) {
        key_free(engine, atomic.key);
        return;
    }
    look(engine, request, &atomic);
    engine->puts = unit.puts;
}

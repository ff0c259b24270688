/* SPDX-License-Identifier: MIT */
#include "space/settle.h"

#include <assert.h>
#include <stdlib.h>

#include "base/must.h"
#include "space/absence.h"
#include "space/serve.h"
#include "space/shapes.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* Room for so many notes is kept for the next unit. */
#define NOTES_KEPT (4 * LIMIT_UNIT_TUPLES)

/* The order of the heaps: the chain whose next wait is the oldest. */
static void push(struct heap *heap, struct heap_node *node, const struct wait *next)
{
    must(heap_push(heap, node, (struct heap_key){next->interest->since, 0}));
}

void settle_init(struct settle *settle)
{
    *settle = (struct settle){.note_count = 1}; /* index 0 ends a list */
    heap_init(&settle->readers);
    heap_init(&settle->takers);
    TAILQ_INIT(&settle->ending);
    TAILQ_INIT(&settle->stirred);
    TAILQ_INIT(&settle->roomy);
    chain_init(&settle->roomless, CHAIN_LINE);
}

void settle_deinit(struct settle *settle)
{
    heap_deinit(&settle->readers);
    heap_deinit(&settle->takers);
    mem_free(settle->fresh);
    mem_free(settle->pulses);
    mem_free(settle->notes);
    mem_free(settle->chains);
}

/* ---- Chains that it looks at ---- */

static void note_chain(struct settle *settle, struct chain *chain)
{
    if (chain->noted)
        return;
    if (settle->chain_count == settle->chain_capacity)
        settle->chains = must_grow(settle->chains, &settle->chain_capacity, sizeof(struct chain *));
    settle->chains[settle->chain_count++] = chain;
    chain->noted = true;
}

/* Looks at the queue from its front. */
static void from_front(struct heap *heap, struct heap_node *node, struct wait **cursor,
                       struct wait *first)
{
    if (heap_contains(node)) {
        if (*cursor == first)
            return;
        heap_remove(heap, node);
    }
    *cursor = first;
    if (first)
        push(heap, node, first);
}

static void takers_from_front(struct settle *settle, struct chain *chain)
{
    note_chain(settle, chain);
    from_front(&settle->takers, &chain->takers, &chain->cursor,
               TAILQ_FIRST(&chain->queues[QUEUE_TAKERS]));
}

static void move_cursor(struct heap *heap, struct heap_node *node, struct wait **cursor,
                        const struct wait *wait)
{
    if (*cursor != wait)
        return;
    const bool stands = heap_contains(node);
    if (stands)
        heap_remove(heap, node);
    *cursor = TAILQ_NEXT(wait, link);
    if (stands && *cursor)
        push(heap, node, *cursor);
}

void settle_unlinks(struct engine *engine, struct chain *chain, struct wait *wait)
{
    struct settle *settle = &engine->settle;
    if (wait->queue == QUEUE_READERS)
        move_cursor(&settle->readers, &chain->readers, &chain->read_cursor, wait);
    else if (wait->queue == QUEUE_TAKERS)
        move_cursor(&settle->takers, &chain->takers, &chain->cursor, wait);
    /* the next in line may fit where this one did not */
    if (chain->kind == CHAIN_LINE && chain->space &&
        wait == TAILQ_FIRST(&chain->queues[QUEUE_TAKERS]) && TAILQ_NEXT(wait, link))
        settle_room(engine, chain->space);
}

/* Which chains a fresh tuple concerns is told by shapes_for_tuple; this notes it there. */
struct noting {
    struct settle *settle;
    struct stored *tuple;
};

static void note(void *context, struct chain *chain)
{
    struct noting *noting = context;
    struct settle *settle = noting->settle;
    struct wait *reader = TAILQ_FIRST(&chain->queues[QUEUE_READERS]);
    struct wait *taker = TAILQ_FIRST(&chain->queues[QUEUE_TAKERS]);
    if (!reader && !taker)
        return;
    if (settle->note_count >= settle->note_capacity)
        settle->notes = must_grow(settle->notes, &settle->note_capacity, sizeof *settle->notes);
    const uint32_t index = settle->note_count++;
    settle->notes[index] = (struct fresh_note){noting->tuple, 0, settle->run};
    (void)stored_ref(noting->tuple);
    note_chain(settle, chain);
    if (chain->fresh_tail != 0) /* from where a wait has seen them all, also those that are gone */
        settle->notes[chain->fresh_tail].next = index;
    if (chain->fresh == 0)
        chain->fresh = index;
    chain->fresh_tail = index;
    from_front(&settle->readers, &chain->readers, &chain->read_cursor, reader);
    from_front(&settle->takers, &chain->takers, &chain->cursor, taker);
}

static int by_place(const void *a, const void *b)
{
    const uint64_t one = stored_key(((const struct fresh *)a)->tuple);
    const uint64_t other = stored_key(((const struct fresh *)b)->tuple);
    return (one > other) - (one < other);
}

static void find_chains(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    if (settle->fresh_count > 1)
        qsort(settle->fresh, settle->fresh_count, sizeof *settle->fresh, by_place);
    settle->run += settle->fresh_count > 0;
    for (uint32_t i = 0; i < settle->fresh_count; i++) {
        const struct fresh fresh = settle->fresh[i];
        struct noting noting = {settle, fresh.tuple};
        if (fresh.tuple->life == LIFE_STORED)
            shapes_for_tuple(fresh.space, &engine->options.key, fresh.tuple, note, &noting);
        stored_unref(&engine->slab, fresh.tuple);
    }
    settle->fresh_count = 0;
}

/* Absences whose witness is gone: where another one is found they wait on, else they hold. */
static void find_absences(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    struct absence *absence, *next;
    for (absence = TAILQ_FIRST(&settle->stirred); absence; absence = next) {
        next = TAILQ_NEXT(absence, stirred_link);
        if (absence->chain.waits == 0)
            settle_unstirs(engine, absence);
        else if (TAILQ_EMPTY(&absence->chain.queues[QUEUE_TAKERS]))
            continue; /* `drained` is looked at once, at the end of the step */
        else if (absence_holds(engine, absence))
            takers_from_front(settle, &absence->chain);
        else if (absence->witness || absence->looking)
            settle_unstirs(engine, absence);
    }
}

static void find_lines(struct engine *engine)
{
    struct space *space;
    while ((space = TAILQ_FIRST(&engine->settle.roomy))) {
        settle_room_not(engine, space);
        takers_from_front(&engine->settle, space->line);
    }
    if (engine->settle.roomless.waits > 0)
        takers_from_front(&engine->settle, &engine->settle.roomless);
}

/* ---- Serving ---- */

/* Whether one of the chain's fresh tuples is still there to be taken. */
static bool has_fresh(const struct settle *settle, struct chain *chain)
{
    while (chain->fresh && settle->notes[chain->fresh].tuple->life != LIFE_STORED)
        chain->fresh = settle->notes[chain->fresh].next;
    return chain->fresh != 0;
}

static bool is_active(struct engine *engine, struct chain *chain)
{
    switch (chain->kind) {
    case CHAIN_SHAPE:
        return has_fresh(&engine->settle, chain);
    case CHAIN_ABSENCE:
        return absence_holds(engine, container_of(chain, struct absence, chain));
    default:
        return true; /* what its first needs may be nothing now */
    }
}

/* Goes through the readers of all chains with something fresh, the oldest first. */
static void serve_readers(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    struct heap_node *node;
    settle->pass++;
    while ((node = heap_pop(&settle->readers))) {
        struct chain *chain = container_of(node, struct chain, readers);
        struct interest *interest = chain->read_cursor->interest;
        if (!has_fresh(settle, chain))
            continue;
        chain->read_cursor = TAILQ_NEXT(chain->read_cursor, link);
        if (interest->pass != settle->pass) { /* once, however many of its chains have fresh ones */
            interest->pass = settle->pass;
            serve(engine, interest);
        }
        if (chain->read_cursor)
            push(&settle->readers, &chain->readers, chain->read_cursor);
    }
}

/* Serves the oldest taker that can be served. Returns whether there was one. */
static bool serve_oldest(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    struct heap_node *node;
    while ((node = heap_pop(&settle->takers))) {
        struct chain *chain = container_of(node, struct chain, takers);
        struct wait *wait = chain->cursor;
        if (!is_active(engine, chain))
            continue;
        chain->cursor = TAILQ_NEXT(wait, link);
        const bool served = serve(engine, wait->interest);
        /* rule S30: one that does not fit holds back later ones */
        const bool held_back = chain->kind == CHAIN_LINE && !served &&
                               TAILQ_FIRST(&chain->queues[QUEUE_TAKERS]) == wait;
        if (chain->cursor && !held_back)
            push(&settle->takers, &chain->takers, chain->cursor);
        if (served)
            return true;
    }
    return false;
}

static int by_end(const void *a, const void *b)
{
    const struct interest *one = *(struct interest *const *)a;
    const struct interest *other = *(struct interest *const *)b;
    if (one->end != other->end)
        return one->end < other->end ? -1 : 1;
    return (one->since > other->since) - (one->since < other->since);
}

/* Those that end by what has happened, each a unit: by why, then by age. */
static void tell_ending(struct engine *engine)
{
    struct interest *interest, **list;
    uint32_t count = 0;
    if (TAILQ_EMPTY(&engine->settle.ending))
        return;
    list = must_have(mem_alloc(engine->settle.ending_count * sizeof(struct interest *)));
    TAILQ_FOREACH (interest, &engine->settle.ending, ending_link)
        list[count++] = interest;
    qsort(list, count, sizeof(struct interest *), by_end);
    for (uint32_t i = 0; i < count; i++)
        serve_end(engine, list[i]);
    mem_free(list);
}

/* rule S27: everybody who waits has been served. Returns whether that changed anything. */
static bool pulses_go(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    const uint32_t count = settle->pulse_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct fresh *pulse = &settle->pulses[i];
        if (pulse->tuple->life == LIFE_STORED)
            life_expire(engine, pulse->space, pulse->tuple);
        stored_unref(&engine->slab, pulse->tuple);
    }
    settle->pulse_count = 0;
    settle->lined_all |= count > 0;
    return count > 0;
}

/* Until here chains that are empty now stayed, so that nobody lost one that they looked at. */
static void clean_up(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    for (uint32_t i = 1; i < settle->note_count; i++)
        stored_unref(&engine->slab, settle->notes[i].tuple);
    settle->note_count = 1;
    for (uint32_t i = 0; i < settle->chain_count; i++) {
        struct chain *chain = settle->chains[i];
        chain->fresh = chain->fresh_tail = 0;
        chain->cursor = chain->read_cursor = NULL;
        chain->noted = false;
        chain_drop_if_empty(engine, chain);
    }
    settle->chain_count = 0;
    if (settle->note_capacity > NOTES_KEPT) {
        mem_free(settle->notes);
        settle->notes = NULL;
        settle->note_capacity = 0;
    }
}

static bool something_noted(const struct settle *settle)
{
    return settle->fresh_count > 0 || settle->pulse_count > 0 || !TAILQ_EMPTY(&settle->ending) ||
           !TAILQ_EMPTY(&settle->stirred) || !TAILQ_EMPTY(&settle->roomy) ||
           settle->roomless.waits > 0 || settle->lined_stirred || settle->lined_all;
}

/* Atomics that wait for room, where something may have changed for their guards. */
static void look_at_lined(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    /* Pulses use no room: who takes another tuple instead of one needs other room. */
    const bool all = settle->lined_all || settle->pulse_count > 0;
    if (!settle->lined_stirred && !all)
        return;
    settle->lined_stirred = settle->lined_all = false;
    serve_lined(engine, all);
    if (all)
        room_needs_change(engine);
}

void settle(struct engine *engine)
{
    if (!something_noted(&engine->settle))
        return;
    engine->settle.serial++;
    do { /* rule S2 */
        do {
            engine->settle.round++;
            tell_ending(engine);
            look_at_lined(engine);
            find_chains(engine);
            find_absences(engine);
            find_lines(engine);
            serve_readers(engine);
        } while (serve_oldest(engine) || !TAILQ_EMPTY(&engine->settle.ending) ||
                 !TAILQ_EMPTY(&engine->settle.roomy));
    } while (pulses_go(engine));
    clean_up(engine);
}

/* Looks again at absences without a witness: other units of the step may have put one. What waits
 * for those that hold ends. */
static void find_dry(struct engine *engine)
{
    struct absence *absence, *next;
    for (absence = TAILQ_FIRST(&engine->settle.stirred); absence; absence = next) {
        struct wait *wait;
        next = TAILQ_NEXT(absence, stirred_link);
        if (absence_holds(engine, absence)) {
            assert(TAILQ_EMPTY(&absence->chain.queues[QUEUE_TAKERS])); /* they were served */
            TAILQ_FOREACH (wait, &absence->chain.queues[QUEUE_READERS], link)
                settle_end(engine, wait->interest, END_DRAINED);
        } else if (absence->witness || absence->looking) {
            settle_unstirs(engine, absence);
        }
    }
}

void settle_dry(struct engine *engine)
{
    while (!TAILQ_EMPTY(&engine->settle.stirred)) {
        find_dry(engine);
        tell_ending(engine);
        settle(engine); /* those whose expressions have overrun may have held others back */
    }
}

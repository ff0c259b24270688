/* SPDX-License-Identifier: MIT */
#include "space/settle.h"

#include <assert.h>

#include "base/must.h"
#include "space/answer.h"
#include "space/state.h"
#include "space/stored.h"

/* Room for so many notes is kept for the next unit. */
#define NOTES_KEPT (4 * LIMIT_UNIT_TUPLES)

/* The order of the heap: the chain whose next wait is the oldest. */
static bool older(const struct heap_node *a, const struct heap_node *b)
{
    const struct chain *one = container_of(a, struct chain, heap_node);
    const struct chain *other = container_of(b, struct chain, heap_node);
    return one->cursor->interest->since < other->cursor->interest->since;
}

void settle_init(struct settle *settle)
{
    *settle = (struct settle){.note_count = 1}; /* index 0 ends a list */
    heap_init(&settle->heap, older);
    TAILQ_INIT(&settle->served);
}

void settle_deinit(struct settle *settle)
{
    heap_deinit(&settle->heap);
    mem_free(settle->fresh);
    mem_free(settle->notes);
    mem_free(settle->chains);
}

int settle_reserve(struct engine *engine, uint32_t offers)
{
    struct settle *settle = &engine->settle;
    const uint32_t need = settle->fresh_count + offers;
    if (need <= settle->fresh_capacity)
        return 0;
    struct fresh *fresh = mem_realloc_array(settle->fresh, need, sizeof *fresh);
    if (!fresh)
        return -1;
    settle->fresh = fresh;
    settle->fresh_capacity = need;
    return 0;
}

int offer(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct settle *settle = &engine->settle;
    if (space_put(space, &engine->slab, &engine->options.key, tuple) < 0)
        return -1;
    if (space->waiting == 0)
        return 0;
    assert(settle->fresh_count < settle->fresh_capacity);
    settle->fresh[settle->fresh_count++] = (struct fresh){tuple, space};
    return 0;
}

void settle_forget(struct engine *engine)
{
    engine->settle.fresh_count = 0;
}

/* Which chain a fresh tuple concerns is told by shapes_for_tuple; this notes it there. */
struct noting {
    struct settle *settle;
    struct stored *tuple;
};

static void note(void *context, struct chain *chain)
{
    const struct noting *noting = context;
    struct settle *settle = noting->settle;
    if (settle->note_count + 1 >= settle->note_capacity)
        settle->notes = must_grow(settle->notes, &settle->note_capacity, sizeof *settle->notes);
    const uint32_t index = settle->note_count++;
    settle->notes[index] = (struct fresh_note){noting->tuple, 0};
    if (chain->fresh) {
        settle->notes[chain->fresh_tail].next = index;
    } else {
        if (settle->chain_count == settle->chain_capacity)
            settle->chains =
                must_grow(settle->chains, &settle->chain_capacity, sizeof *settle->chains);
        settle->chains[settle->chain_count++] = chain;
        chain->fresh = index;
    }
    chain->fresh_tail = index;
}

/* Passes over those at the front that have been taken meanwhile; whether any is left. */
static bool has_fresh(const struct settle *settle, struct chain *chain)
{
    while (chain->fresh && settle->notes[chain->fresh].tuple->life != LIFE_STORED)
        chain->fresh = settle->notes[chain->fresh].next;
    return chain->fresh != 0;
}

/* The fresh tuples of an interest's chains; at: the note that is next, for each part. */
struct fresh_source {
    struct gather_source source;
    const struct settle *settle;
    uint32_t at[LIMIT_ALTERNATIVES];
};

static struct stored *fresh_next(struct gather_source *source, struct query *query, uint32_t part)
{
    struct fresh_source *fresh = container_of(source, struct fresh_source, source);
    while (fresh->at[part]) {
        const struct fresh_note *note = &fresh->settle->notes[fresh->at[part]];
        struct stored *tuple = note->tuple;
        fresh->at[part] = note->next;
        if (tuple->life == LIFE_STORED && (!query->by_id || tuple->id == query->id) &&
            query_matches(query, &query->parts[part], tuple))
            return tuple;
    }
    return NULL;
}

static void gather_fresh(struct engine *engine, struct interest *interest, struct gather *gather)
{
    struct query *query = &interest->query;
    struct fresh_source fresh = {.source = {fresh_next}, .settle = &engine->settle};
    for (uint32_t i = 0; i < query->part_count; i++)
        fresh.at[i] = interest->waits[i].chain->fresh;
    gather_clear(gather);
    gather_merge(engine, query, gather, &fresh.source);
}

/*
 * Whether the waiting request can be served now; what it gets is then in engine->gather. One that
 * waits for one tuple gets fresh ones: nothing stored before matched, or it would not wait. One that
 * waits for several looks at all that is stored, but only once enough has come.
 */
static bool can_be_served(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    struct gather *gather = &engine->gather;
    gather_fresh(engine, interest, gather);
    if (query_overrun(query))
        return false;
    if (query->min <= 1)
        return gather->matched > 0;
    if (gather->matched < interest->missing) {
        interest->missing -= gather->matched;
        return false;
    }
    if (gather_stored(engine, query, gather))
        return true;
    interest->missing = query->min - gather->matched;
    return false;
}

static void serve(struct engine *engine, struct interest *interest)
{
    const bool served = can_be_served(engine, interest);
    if (served)
        answer_gathered(engine, interest);
    else if (query_overrun(&interest->query))
        answer_wait_overrun(engine, interest);
    else
        return;
    interest->served = true;
    TAILQ_INSERT_TAIL(&engine->settle.served, interest, work_link);
}

/* Goes through the waits of one queue over all chains, the oldest request first. */
static void pass(struct engine *engine, enum chain_queue queue)
{
    struct settle *settle = &engine->settle;
    settle->pass++;
    must(heap_reserve(&settle->heap, settle->chain_count));
    for (uint32_t i = 0; i < settle->chain_count; i++) {
        struct chain *chain = settle->chains[i];
        chain->cursor = TAILQ_FIRST(&chain->queues[queue]);
        if (chain->cursor && has_fresh(settle, chain))
            must(heap_push(&settle->heap, &chain->heap_node));
    }
    struct heap_node *node;
    while ((node = heap_pop(&settle->heap))) {
        struct chain *chain = container_of(node, struct chain, heap_node);
        struct interest *interest = chain->cursor->interest;
        if (interest->pass != settle->pass) { /* once, however many of its chains have fresh ones */
            interest->pass = settle->pass;
            serve(engine, interest);
        }
        chain->cursor = TAILQ_NEXT(chain->cursor, link);
        if (chain->cursor && has_fresh(settle, chain))
            must(heap_push(&settle->heap, &chain->heap_node));
    }
}

static void find_chains(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    for (uint32_t i = 0; i < settle->fresh_count; i++) {
        const struct fresh *fresh = &settle->fresh[i];
        struct noting noting = {settle, fresh->tuple};
        shapes_for_tuple(fresh->space, &engine->options.key, fresh->tuple, note, &noting);
    }
    settle->fresh_count = 0;
}

/* Until here a served interest stayed in its chains, so that no cursor was lost. */
static void free_served(struct engine *engine)
{
    struct settle *settle = &engine->settle;
    for (uint32_t i = 0; i < settle->chain_count; i++)
        settle->chains[i]->fresh = settle->chains[i]->fresh_tail = 0;
    settle->chain_count = 0;
    settle->note_count = 1;
    if (settle->note_capacity > NOTES_KEPT) {
        mem_free(settle->notes);
        settle->notes = NULL;
        settle->note_capacity = 0;
    }
    struct interest *interest;
    while ((interest = TAILQ_FIRST(&settle->served))) {
        TAILQ_REMOVE(&settle->served, interest, work_link);
        interest_free(engine, interest);
    }
}

void settle(struct engine *engine)
{
    if (engine->settle.fresh_count == 0)
        return;
    find_chains(engine);
    if (engine->settle.chain_count > 0) {
        /* rule S2: every reader, then takers; taking makes nothing visible, so one round is all */
        pass(engine, QUEUE_READERS);
        pass(engine, QUEUE_TAKERS);
    }
    free_served(engine);
}

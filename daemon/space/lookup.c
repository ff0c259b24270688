/* SPDX-License-Identifier: MIT */
#include "space/lookup.h"

#include <assert.h>
#include <string.h>

#include "base/cold.h"
#include "base/must.h"
#include "space/answer.h"
#include "space/index.h"
#include "space/operation.h"
#include "space/shapes.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* ---- What was found ---- */

/* Where the tuple stands in the list, or belongs. */
static uint32_t find(const struct lookup_part *part, const struct stored *tuple)
{
    uint32_t low = 0, high = part->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (stored_key(part->list[middle]) < stored_key(tuple))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct lookup_part *part, uint32_t at, struct stored *tuple)
{
    if (part->count == part->capacity)
        part->list = must_grow(part->list, &part->capacity, sizeof(struct stored *));
    memmove(&part->list[at + 1], &part->list[at], (part->count - at) * sizeof(struct stored *));
    part->list[at] = stored_ref(tuple);
    part->count++;
}

static void clear(struct engine *engine, struct lookup_part *part)
{
    for (uint32_t i = 0; i < part->count; i++)
        stored_unref(&engine->slab, part->list[i]);
    part->count = 0;
}

/* Leaves out what has been taken meanwhile; what moved is another tuple now (rule S3). */
static void leave_out(struct engine *engine, struct lookup_part *part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        if (part->list[i]->life == LIFE_STORED)
            part->list[count++] = part->list[i];
        else
            stored_unref(&engine->slab, part->list[i]);
    }
    part->count = count;
}

static void note(struct engine *engine, struct wait *wait, struct stored *tuple)
{
    struct interest *interest = wait->interest;
    const uint32_t i = (uint32_t)(wait - interest->waits);
    struct lookup_part *part = &interest->lookup->parts[i];
    if (stored_key(tuple) >= part->next_key || interest->end != END_NOT)
        return; /* not reached yet */
    if (interest->once && !access_may_look(engine, interest, i))
        return; /* another made the space meanwhile */
    const bool matches = query_matches(&interest->query, &interest->query.parts[i], tuple);
    const uint32_t at = find(part, tuple);
    if (query_overrun(&interest->query))
        settle_overrun(engine, interest);
    else if (matches && (at == part->count || part->list[at] != tuple))
        insert(part, at, tuple);
}

struct arrival {
    struct engine *engine;
    struct stored *tuple;
};

static void arrives_at(void *context, struct chain *chain)
{
    const struct arrival *arrival = context;
    struct wait *wait;
    TAILQ_FOREACH (wait, &chain->queues[QUEUE_LOOKUPS], link)
        note(arrival->engine, wait, arrival->tuple);
}

COLD void lookup_arrives(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct arrival arrival = {engine, tuple};
    if (!(tuple->flags & STORED_PULSE)) /* it does not wait yet (rule S27) */
        shapes_for_tuple(space, &engine->options.key, tuple, arrives_at, &arrival);
}

/* ---- Looking on ---- */

/* Tuples that a part has to know of at most at one time. */
static uint32_t wanted(const struct interest *interest)
{
    if (interest->op == TSD_OP_ATOMIC)
        return LIMIT_GUARDS;
    return interest->query.max + interest->query.counted;
}

/* One part, until the piece is used up, or so many more have been found. */
static void look_on(struct engine *engine, struct interest *interest, uint32_t at)
{
    struct lookup_part *part = &interest->lookup->parts[at];
    struct query *query = &interest->query;
    struct look *look = &engine->looks[0];
    struct stored *tuple = NULL;
    uint32_t more = wanted(interest);
    if (part->next_key == 0)
        look_begin(engine, look, query, &query->parts[at]);
    else
        look_begin_at(engine, look, query, &query->parts[at], part->next_key, false);
    look->placed = false; /* from the start any index would do */
    while (more > 0 && (tuple = look_next(engine, look))) {
        insert(part, part->count, tuple);
        part->next_key = stored_key(tuple) + 1;
        more--;
    }
    if (look->cut) {
        part->next_key = look->last_key + 1;
    } else if (!tuple && !query_overrun(query)) {
        part->ended = true;
        part->next_key = UINT64_MAX;
    }
    interest->past += look_end_piece(engine, look);
}

/* ---- in, rd, hold, collect, copy: the best-placed over all parts ---- */

struct lists_source {
    struct gather_source source;
    const struct lookup *lookup;
    uint64_t until; /* what is placed from here on is not known of all parts */
    uint32_t at[LIMIT_GUARDS];
};

static struct stored *lists_next(struct gather_source *source, uint32_t part)
{
    struct lists_source *lists = container_of(source, struct lists_source, source);
    const struct lookup_part *from = &lists->lookup->parts[part];
    if (lists->at[part] == from->count || stored_key(from->list[lists->at[part]]) >= lists->until)
        return NULL;
    return from->list[lists->at[part]++];
}

/* The part that has been looked at least far. */
static uint32_t behind(const struct lookup *lookup)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < lookup->part_count; i++)
        if (lookup->parts[i].next_key < lookup->parts[least].next_key)
            least = i;
    return least;
}

/* Whether all is known that the query asks for; it is in engine->gather then. */
static bool gather_found(struct engine *engine, struct interest *interest)
{
    struct lookup *lookup = interest->lookup;
    struct lists_source lists = {.source = {lists_next}, .lookup = lookup};
    lists.until = lookup->parts[behind(lookup)].next_key;
    for (uint32_t i = 0; i < lookup->part_count; i++)
        leave_out(engine, &lookup->parts[i]);
    gather_clear(&engine->gather);
    gather_merge(engine, &interest->query, &engine->gather, &lists.source);
    return gather_complete(&interest->query, &engine->gather) || lists.until == UINT64_MAX;
}

static bool query_piece(struct engine *engine, struct interest *interest)
{
    if (gather_found(engine, interest))
        return true;
    look_on(engine, interest, behind(interest->lookup));
    return !query_overrun(&interest->query) && gather_found(engine, interest);
}

/* ---- atomic: guard by guard, until one is known to fail or all are known ---- */

enum known { KNOWN_NOT, KNOWN_HOLDS, KNOWN_FAILS };

/* How many matches of a guard matter: of an `rd` the best-placed; see guards.c for those that take. */
static uint32_t enough(const struct interest *interest, uint32_t guard)
{
    const struct guard *guards = interest->unit->guards;
    uint32_t taking = 0;
    if (guards[guard].kind == TSD_GUARD_RD)
        return 1;
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        taking += guards[i].kind == TSD_GUARD_IN || guards[i].kind == TSD_GUARD_HOLD;
    return taking;
}

static enum known what_is_known(const struct interest *interest, uint32_t guard)
{
    const struct lookup_part *part = &interest->lookup->parts[guard];
    const bool absent = interest->unit->guards[guard].kind == TSD_GUARD_ABSENT;
    if (part->count == 0)
        return !part->ended ? KNOWN_NOT : absent ? KNOWN_HOLDS : KNOWN_FAILS;
    if (absent)
        return KNOWN_FAILS;
    return part->ended || part->count >= enough(interest, guard) ? KNOWN_HOLDS : KNOWN_NOT;
}

/* The first guard of which more has to be known; part_count: none. */
static uint32_t first_unknown(struct engine *engine, struct interest *interest)
{
    struct lookup *lookup = interest->lookup;
    for (uint32_t i = 0; i < lookup->part_count; i++) {
        leave_out(engine, &lookup->parts[i]);
        const enum known known = what_is_known(interest, i);
        if (known == KNOWN_NOT)
            return i;
        if (known == KNOWN_FAILS)
            break;
    }
    return lookup->part_count;
}

static bool guards_piece(struct engine *engine, struct interest *interest)
{
    const uint32_t none = interest->lookup->part_count;
    const uint32_t guard = first_unknown(engine, interest);
    if (guard == none)
        return true;
    look_on(engine, interest, guard);
    return !query_overrun(&interest->query) && first_unknown(engine, interest) == none;
}

/* ---- Pieces ---- */

/* How many indexes that come by themselves serve its parts. */
static uint32_t indexes_of(const struct interest *interest)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < interest->query.part_count; i++) {
        const struct query_part *part = &interest->query.parts[i];
        for (uint32_t n = 0; part->space && n < part->space->length_count; n++)
            if (part->pattern.rest ? n >= part->pattern.fields : n == part->pattern.fields)
                count += index_choose(&part->space->lengths[n], &part->pattern, false) != NULL;
    }
    return count;
}

/* An index that has come meanwhile may find at once what is looked for. */
static void start_anew(struct engine *engine, struct interest *interest)
{
    struct lookup *lookup = interest->lookup;
    const uint32_t indexes = indexes_of(interest);
    const bool more = indexes > lookup->indexes;
    lookup->indexes = indexes;
    for (uint32_t i = 0; more && i < lookup->part_count; i++) {
        clear(engine, &lookup->parts[i]);
        lookup->parts[i].next_key = lookup->from;
        lookup->parts[i].ended = false;
    }
}

static void take_up(struct engine *engine, struct interest *interest)
{
    if (interest->op == TSD_OP_ATOMIC)
        atomic_looked_up(engine, interest);
    else if (interest->op == TSD_OP_COLLECT || interest->op == TSD_OP_COPY)
        collect_looked_up(engine, interest);
    else
        take_looked_up(engine, interest);
}

static void piece(struct engine *engine, struct work *work)
{
    struct interest *interest = container_of(work, struct interest, work);
    const bool atomic = interest->op == TSD_OP_ATOMIC;
    start_anew(engine, interest);
    const bool known = atomic ? guards_piece(engine, interest) : query_piece(engine, interest);
    if (query_overrun(&interest->query))
        settle_overrun(engine, interest);
    else if (known)
        take_up(engine, interest);
}

/* ---- Beginning and end ---- */

static int enter(struct engine *engine, struct interest *interest)
{
    const uint32_t parts = interest->query.part_count;
    struct lookup *lookup = mem_zalloc(sizeof *lookup + parts * sizeof(struct lookup_part));
    if (!lookup)
        return -1;
    lookup->part_count = parts;
    interest->lookup = lookup;
    lookup->indexes = indexes_of(interest);
    interest->session->working++;
    for (uint32_t i = 0; i < parts; i++) {
        interest->query.parts[i].space->lookups++;
        if (interest_link(engine, interest, i) < 0) {
            for (uint32_t left = i + 1; left < parts; left++)
                interest->query.parts[left].space->lookups++; /* lookup_free takes all back */
            return -1;
        }
    }
    work_begin(engine, &interest->work, piece);
    return 0;
}

/* What a collect or copy has beside its query. Returns -1 without memory. */
static int keep_way(struct lookup *lookup, const struct request *request)
{
    if (request->has & TSD_HAS(CURSOR))
        lookup->from = lookup->parts[0].next_key =
            place_key(request->cursor.priority, request->cursor.id) + 1;
    if (!(request->has & TSD_HAS(TO)))
        return 0;
    void *name = mem_alloc(request->to.size);
    if (!name)
        return -1;
    lookup->to = (struct span){memcpy(name, request->to.bytes, request->to.size), request->to.size};
    return 0;
}

struct interest *lookup_begin(struct engine *engine, const struct asker *asker,
                              const struct request *request, struct query *query)
{
    struct interest *interest = interest_begin(engine, asker, request, query);
    if (!interest || (enter(engine, interest) == 0 && keep_way(interest->lookup, request) == 0))
        return interest;
    interest_free(engine, interest);
    answer_no_memory(engine, asker);
    return NULL;
}

void lookup_again(struct engine *engine, struct interest *interest)
{
    interest_unlink(engine, interest);
    must(enter(engine, interest));
}

void lookup_free(struct engine *engine, struct interest *interest)
{
    struct lookup *lookup = interest->lookup;
    if (!lookup)
        return;
    for (uint32_t i = 0; i < lookup->part_count; i++) {
        clear(engine, &lookup->parts[i]);
        mem_free(lookup->parts[i].list);
        interest->query.parts[i].space->lookups--;
    }
    mem_free((void *)lookup->to.bytes);
    interest->session->working--;
    work_end(engine, &interest->work);
    mem_free(lookup);
    interest->lookup = NULL;
}

void lookup_forget(struct engine *engine, struct interest *interest, uint32_t part)
{
    clear(engine, &interest->lookup->parts[part]); /* it looks on there as long as it would have */
}

void lookup_abandon(const struct engine *engine, struct interest *interest)
{
    if (interest->lookup)
        interest->since = engine->unit_at;
}

void lookup_end(struct engine *engine, struct interest *interest)
{
    interest_unlink(engine, interest);
    lookup_free(engine, interest);
    look_count(engine, interest->query.parts->space, interest->past);
    interest->past = 0;
    unit_begin(engine);
    interest->since = engine->unit_at;
}

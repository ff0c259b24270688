/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/must.h"
#include "space/away.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * A scan is not a unit (rule S17): the client goes on with the cursor, a place. An answer ends when it
 * is full, or when so many tuples were looked at that others should have their turn.
 */

static uint64_t start_key(const struct request *request)
{
    if (!(request->has & TSD_HAS(CURSOR)))
        return request->reverse ? UINT64_MAX : 0;
    const uint64_t key = place_key(request->cursor.priority, request->cursor.id);
    if (request->reverse)
        return key > 0 ? key - 1 : 0; /* ids start at 1: no tuple has the key 0 */
    return key < UINT64_MAX ? key + 1 : key;
}

/* Whether another tuple fits the answer. */
static bool fits(const struct engine *engine, const struct request *request, uint32_t count,
                 uint64_t bytes, const struct stored *tuple)
{
    const uint32_t max = request->has & TSD_HAS(MAX) ? request->max : LIMIT_UNIT_TUPLES;
    return count == 0 || (count < max && bytes + tuple->size <= engine->options.reply_bytes);
}

/* Matches that are away, in the order of place, those that the cursor has not passed. */
struct collecting {
    struct engine *engine;
    struct query *query;
    uint64_t from;
    bool reverse;
    struct away *list;
    uint32_t count, capacity;
};

static bool collect(void *context, const struct away *away)
{
    struct collecting *collecting = context;
    const uint64_t key = stored_key(away->tuple);
    if ((collecting->reverse ? key > collecting->from : key < collecting->from) ||
        !query_matches(collecting->query, collecting->query->parts, away->tuple))
        return query_overrun(collecting->query);
    if (collecting->count == collecting->capacity)
        collecting->list =
            must_grow(collecting->list, &collecting->capacity, sizeof *collecting->list);
    collecting->list[collecting->count++] = *away;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const uint64_t one = stored_key(((const struct away *)a)->tuple);
    const uint64_t other = stored_key(((const struct away *)b)->tuple);
    return (one > other) - (one < other);
}

static int by_place_back(const void *a, const void *b)
{
    return by_place(b, a);
}

static void collect_away(struct engine *engine, struct query *query, const struct request *request,
                         struct collecting *collecting)
{
    const bool states = request->has & TSD_HAS(STATES) && request->states;
    *collecting = (struct collecting){
        .engine = engine, .query = query, .from = start_key(request), .reverse = request->reverse};
    if (!states || !query->parts->space)
        return;
    away_each(engine, query->parts->space, collect, collecting);
    if (collecting->count > 0)
        qsort(collecting->list, collecting->count, sizeof *collecting->list,
              request->reverse ? by_place_back : by_place);
}

/* A piece under way: what is next, of the stored ones and of those that are away. */
struct scanning {
    const struct request *request;
    struct query *query;
    struct effect *effect;
    struct collecting away;
    uint32_t next_away;
    uint64_t bytes, last, cost;
};

static void add(struct engine *engine, struct scanning *scanning, struct stored *tuple,
                const struct away *away)
{
    const struct detail_wanted wanted = {.who = scanning->query->who, .away = away};
    answer_detailed(engine, scanning->effect, tuple, 0, answer_detail(engine, tuple, &wanted));
    scanning->bytes += tuple->size;
}

/* The next one that is away, if it comes before the stored one. */
static const struct away *away_before(const struct scanning *scanning, const struct stored *tuple)
{
    if (scanning->next_away == scanning->away.count)
        return NULL;
    const struct away *away = &scanning->away.list[scanning->next_away];
    if (!tuple)
        return away;
    const bool before = stored_key(away->tuple) < stored_key(tuple);
    return before != scanning->request->reverse ? away : NULL;
}

static void go_on_here(struct scanning *scanning)
{
    scanning->effect->has_next = true;
    scanning->effect->next = place_of_key(scanning->last);
}

static void scan_piece(struct engine *engine, struct scanning *scanning)
{
    struct query *query = scanning->query;
    struct walk *walk = &engine->walks[0];
    walk_begin(walk, query->parts->space, &engine->options.key, &query->parts->pattern,
               scanning->last, scanning->request->reverse);
    struct stored *tuple = walk_next(walk);
    const struct away *away;
    while (((away = away_before(scanning, tuple)) || tuple) && !query_overrun(query)) {
        struct stored *now = away ? away->tuple : tuple;
        const bool matches = away || query_matches(query, query->parts, now);
        if ((matches && !fits(engine, scanning->request, scanning->effect->item_count,
                              scanning->bytes, now)) ||
            (engine->options.piece && scanning->cost >= engine->options.piece)) {
            go_on_here(scanning);
            return;
        }
        if (matches)
            add(engine, scanning, now, away);
        scanning->last = stored_key(now);
        scanning->cost += query_cost(query->parts, now);
        if (away)
            scanning->next_away++;
        else
            tuple = walk_next(walk);
    }
}

void op_scan(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    struct scanning scanning = {.request = request,
                                .query = &query,
                                .effect = answer(engine, asker, asker->since, TS_OK),
                                .last = start_key(request)};
    collect_away(engine, &query, request, &scanning.away);
    scan_piece(engine, &scanning);
    mem_free(scanning.away.list);
    if (query_overrun(&query)) {
        answer_withdraw(engine);
        answer_overrun(engine, asker, asker->since);
    }
    query_end(engine, &query);
}

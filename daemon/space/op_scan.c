/* SPDX-License-Identifier: MIT */
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

static void scan_piece(struct engine *engine, struct query *query, const struct request *request,
                       struct effect *effect)
{
    struct walk *walk = &engine->walks[0];
    struct stored *tuple;
    uint64_t bytes = 0, last = start_key(request), cost = 0;
    walk_begin(walk, query->parts->space, &engine->options.key, &query->parts->pattern, last,
               request->reverse);
    while ((tuple = walk_next(walk)) && !query_overrun(query)) {
        const bool matches = query_matches(query, query->parts, tuple);
        if ((matches && !fits(engine, request, effect->item_count, bytes, tuple)) ||
            (engine->options.piece && cost >= engine->options.piece)) {
            effect->has_next = true;
            effect->next = place_of_key(last);
            return;
        }
        if (matches) {
            answer_item(engine, effect, tuple, 0);
            bytes += tuple->size;
        }
        last = stored_key(tuple);
        cost += query_cost(query->parts, tuple);
    }
}

void op_scan(struct engine *engine, const struct asker *asker, const struct request *request)
{
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    scan_piece(engine, &query, request, effect);
    if (query_overrun(&query)) {
        answer_withdraw(engine);
        answer_overrun(engine, asker, asker->since);
    }
    query_end(engine, &query);
}

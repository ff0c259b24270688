/* SPDX-License-Identifier: MIT */
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * A count is not a unit (rule S17): it goes on from place to place in pieces, and each tuple that is
 * stored throughout is counted once.
 */

/* Counts on until the piece is used up. Returns whether that was all. */
static bool count_piece(struct engine *engine, struct query *query, uint64_t *next_key,
                        uint64_t *counted)
{
    struct walk *walk = &engine->walks[0];
    struct stored *tuple;
    uint64_t cost = 0;
    walk_begin(walk, query->parts->space, &engine->options.key, &query->parts->pattern, *next_key,
               false);
    while ((tuple = walk_next(walk))) {
        *counted += query_matches(query, query->parts, tuple);
        *next_key = stored_key(tuple) + 1;
        cost += query_cost(query->parts, tuple);
        if (query_overrun(query))
            return true;
        if (engine->options.piece && cost >= engine->options.piece)
            return false;
    }
    return true;
}

static void finish(struct engine *engine, const struct asker *asker, uint64_t at,
                   const struct query *query, uint64_t counted)
{
    if (query_overrun(query))
        answer_overrun(engine, asker, at);
    else
        answer(engine, asker, at, TS_OK)->value = counted;
}

void op_count(struct engine *engine, const struct asker *asker, const struct request *request)
{
    struct query query;
    uint64_t next_key = 0, counted = 0;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    if (count_piece(engine, &query, &next_key, &counted)) {
        finish(engine, asker, asker->since, &query, counted);
        query_end(engine, &query);
        return;
    }
    struct interest *interest = interest_new(engine, asker->session, request, &query, asker->since);
    if (!interest) {
        query_end(engine, &query);
        answer_no_memory(engine, asker);
        return;
    }
    interest->next_key = next_key;
    interest->counted = counted;
    interest->working = true;
    interest->query.parts->space->working++;
    asker->session->working++;
    TAILQ_INSERT_TAIL(&engine->work, interest, work_link);
}

void count_go_on(struct engine *engine, struct interest *interest)
{
    if (!count_piece(engine, &interest->query, &interest->next_key, &interest->counted)) {
        TAILQ_REMOVE(&engine->work, interest, work_link);
        TAILQ_INSERT_TAIL(&engine->work, interest, work_link);
        return;
    }
    const struct asker asker = {interest->session, interest->number, interest->op, interest->since};
    /* rule S35: the end of a count is where it took effect */
    finish(engine, &asker, position_take(engine, 1), &interest->query, interest->counted);
    interest_free(engine, interest);
}

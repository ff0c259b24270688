/* SPDX-License-Identifier: MIT */
#include "space/away.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * A count is not a unit (rule S17): it goes on from place to place in pieces, and each tuple that is
 * stored throughout is counted once.
 */

/* Those that are away, all at once. */
struct counting {
    struct query *query;
    uint64_t counted;
};

static bool count_away(void *context, const struct away *away)
{
    struct counting *counting = context;
    counting->counted += query_matches(counting->query, counting->query->parts, away->tuple);
    return query_overrun(counting->query);
}

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
                   struct query *query, uint64_t counted, bool states)
{
    struct counting counting = {query, counted};
    if (states && query->parts->space)
        away_each(engine, query->parts->space, count_away, &counting);
    if (query_overrun(query))
        answer_overrun(engine, asker, at);
    else
        answer(engine, asker, at, TS_OK)->value = counting.counted;
}

static void go_on(struct engine *engine, struct work *work)
{
    struct interest *interest = container_of(work, struct interest, work);
    if (!count_piece(engine, &interest->query, &interest->next_key, &interest->counted))
        return;
    const struct asker asker = interest_asker(interest);
    /* rule S35: the end of a count is where it took effect */
    unit_begin(engine);
    finish(engine, &asker, engine->unit_at, &interest->query, interest->counted, interest->states);
    interest_free(engine, interest);
}

void op_count(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    const bool states = request->has & TSD_HAS(STATES) && request->states;
    struct query query;
    uint64_t next_key = 0, counted = 0;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    if (count_piece(engine, &query, &next_key, &counted)) {
        finish(engine, asker, asker->since, &query, counted, states);
        query_end(engine, &query);
        return;
    }
    struct interest *interest = interest_new(engine, asker, request, &query);
    if (!interest) {
        query_end(engine, &query);
        answer_no_memory(engine, asker);
        return;
    }
    interest->next_key = next_key;
    interest->counted = counted;
    interest->states = states;
    interest->query.parts->space->working++;
    asker->session->working++;
    work_begin(engine, &interest->work, go_on);
}

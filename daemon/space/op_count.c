/* SPDX-License-Identifier: MIT */
#include "base/must.h"
#include "space/away.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * A count is not a unit (rule S17): it goes on from place to place in pieces, and each tuple that is
 * stored throughout is counted once.
 */

/* Counts on until the piece is used up. Returns whether that was all. */
static bool count_piece(struct engine *engine, struct query *query, struct count *count)
{
    const uint64_t piece = engine_piece(engine);
    struct look *look = &engine->looks[0];
    struct stored *tuple;
    uint64_t cost = 0;
    look_begin_at(engine, look, query, query->parts, count->next_key, false);
    while (cost < piece && !query_overrun(query) && (tuple = walk_next(&look->walk))) {
        if (query_matches(query, query->parts, tuple))
            count->counted++;
        else
            walk_past(&look->walk);
        count->next_key = stored_key(tuple) + 1;
        cost += query_cost(query->parts, tuple, query->work);
    }
    count->past += look_end_piece(engine, look);
    if (cost >= piece && !query_overrun(query))
        return false;
    look_count(engine, query->parts->space, count->past);
    return true;
}

/* Those that are away, when all that are stored have been counted. */
struct counting {
    struct query *query;
    uint64_t counted, cost, most;
};

static bool count_one(void *context, const struct away *away)
{
    struct counting *counting = context;
    struct query *query = counting->query;
    counting->counted += query_matches(query, query->parts, away->tuple);
    counting->cost += query_cost(query->parts, away->tuple, query->work);
    return query_overrun(query) || counting->cost >= counting->most;
}

/* The same for these. */
static bool count_away(struct engine *engine, struct query *query, struct away_walk *away,
                       uint64_t *counted)
{
    const uint64_t most = engine_piece(engine);
    struct counting counting = {query, *counted, 0, most};
    const bool all = away_go_on(away, most, count_one, &counting);
    *counted = counting.counted;
    return all || query_overrun(query);
}

/* The same for both, one after the other. */
static bool count_on(struct engine *engine, struct query *query, struct count *count)
{
    const struct space *space = query->parts->space;
    if (!count->away) {
        if (!count_piece(engine, query, count))
            return false;
        if (!count->states || !space || query_overrun(query))
            return true;
        count->away = must_have(mem_alloc(sizeof *count->away));
        away_begin(engine, count->away, space);
    }
    return count_away(engine, query, count->away, &count->counted);
}

static void finish(struct engine *engine, const struct asker *asker, uint64_t at,
                   const struct query *query, uint64_t counted)
{
    if (query_overrun(query))
        answer_overrun(engine, asker, at);
    else
        answer(engine, asker, at, TS_OK)->value = counted;
}

static void go_on(struct engine *engine, struct work *work)
{
    struct interest *interest = container_of(work, struct interest, work);
    if (!count_on(engine, &interest->query, &interest->count))
        return;
    const struct asker asker = interest_asker(interest);
    /* rule S35: the end of a count is where it took effect */
    unit_begin(engine);
    finish(engine, &asker, engine->unit_at, &interest->query, interest->count.counted);
    interest_free(engine, interest);
}

void op_count(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct count count = {.states = request->has & TSD_HAS(STATES) && request->states};
    struct problem problem;
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    const bool all = count_on(engine, &query, &count);
    struct interest *interest = all ? NULL : interest_new(engine, asker, request, &query, &problem);
    if (interest) {
        interest->count = count;
        interest->query.parts->space->working++;
        asker->session->working++;
        work_begin(engine, &interest->work, go_on);
        return;
    }
    if (all)
        finish(engine, asker, asker->since, &query, count.counted);
    else
        answer_refused(engine, asker, &problem);
    away_free(count.away);
    query_end(engine, &query);
}

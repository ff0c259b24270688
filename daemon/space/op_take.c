/* SPDX-License-Identifier: MIT */
#include "space/lookup.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* How it is to be held, of `hold`. */
static struct holding holding_of(const struct command *command)
{
    const struct request *request = command->request;
    return (struct holding){.timed = (request->has & TSD_HAS(HOLD_TIME)) != 0,
                            .detached = request->has & TSD_HAS(DETACHED) && request->detached,
                            .hold_us = request->hold_us,
                            .random = {command->random[0], command->random[1]}};
}

/* It waits from now on; so many matches more have to come. */
static void start_waiting(struct interest *interest, uint64_t matched,
                          const struct holding *holding)
{
    interest->missing = interest->query.min - matched;
    if (interest->op == TSD_OP_HOLD)
        interest->holding = *holding;
}

/* `in`, `rd` and `hold`, waiting or not (rules S17, S18). */
void op_take(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct interest *interest;
    struct holding holding;
    struct query query;
    if (request->op == TSD_OP_HOLD)
        holding = holding_of(command);
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    if (gather_stored(engine, &query, &engine->gather)) {
        if (answer_tuples(engine, asker, asker->since, &query, &engine->gather, &holding) < 0)
            answer_no_memory(engine, asker);
    } else if (query_overrun(&query)) {
        answer_overrun(engine, asker, asker->since);
    } else if (engine->gather.cut) {
        if ((interest = lookup_begin(engine, asker, request, &query)))
            start_waiting(interest, 0, &holding);
        return;
    } else if (interest_may_wait(request)) {
        const uint64_t matched = engine->gather.matched;
        if ((interest = interest_wait(engine, asker, request, &query)))
            start_waiting(interest, matched, &holding);
        return;
    } else {
        answer(engine, asker, asker->since, TS_NOMATCH);
    }
    query_end(engine, &query);
}

void take_looked_up(struct engine *engine, struct interest *interest)
{
    const struct gather *gather = &engine->gather;
    struct asker asker;
    lookup_end(engine, interest);
    asker = interest_asker(interest);
    if (gather->matched >= interest->query.min) {
        if (answer_tuples(engine, &asker, asker.since, &interest->query, gather,
                          &interest->holding) < 0)
            answer_no_memory(engine, &asker);
    } else if (interest->once) {
        answer(engine, &asker, asker.since, TS_NOMATCH);
    } else if (interest_link_all(engine, interest) < 0) {
        answer_no_memory(engine, &asker);
    } else {
        interest->missing = interest->query.min - gather->matched;
        return;
    }
    interest_free(engine, interest);
}

/* SPDX-License-Identifier: MIT */
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

/* `in`, `rd` and `hold`, waiting or not (rules S17, S18). */
void op_take(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
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
    } else if (interest_may_wait(request)) {
        const uint64_t missing = query.min - engine->gather.matched;
        struct interest *interest = interest_wait(engine, asker, request, &query);
        if (interest) {
            interest->missing = missing;
            if (request->op == TSD_OP_HOLD)
                interest->holding = holding;
        }
        return;
    } else {
        answer(engine, asker, asker->since, TS_NOMATCH);
    }
    query_end(engine, &query);
}

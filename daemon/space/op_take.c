/* SPDX-License-Identifier: MIT */
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* Whether it may wait: not where its timeout is 0. */
static bool may_wait(const struct request *request)
{
    return !(request->has & TSD_HAS(TIMEOUT)) || request->timeout_us > 0;
}

/* Whether the session may wait for so many tuples more: an answer to all at once has its bound. */
static int check_wanted(const struct session *session, const struct query *query,
                        struct problem *problem)
{
    if (session->wanted + query->max <= LIMIT_WAITING_TUPLES)
        return 0;
    return problem_set(problem, TS_LIMIT, 0,
                       "this connection's waiting requests ask for more than %d tuples together",
                       LIMIT_WAITING_TUPLES);
}

/* Makes an interest of the query, which takes over its expressions; or refuses. */
static void begin_waiting(struct engine *engine, const struct asker *asker,
                          const struct request *request, struct query *query)
{
    struct problem problem;
    const uint64_t missing = query->min - engine->gather.matched;
    if (check_wanted(asker->session, query, &problem) < 0 ||
        expressions_charge(engine, asker->session->user, query, &problem) < 0) {
        query_end(engine, query);
        answer_refused(engine, asker, &problem);
        return;
    }
    struct interest *interest = interest_new(engine, asker->session, request, query, asker->since);
    if (!interest) {
        expressions_discharge(engine, asker->session->user, query);
        query_end(engine, query);
        answer_no_memory(engine, asker);
        return;
    }
    interest->charged = true;
    interest->missing = missing;
    if (interest_link(engine, interest, request) < 0) {
        interest_free(engine, interest);
        answer_no_memory(engine, asker);
    }
}

/* `in` and `rd`, waiting or not (rules S17, S18). */
void op_take(struct engine *engine, const struct asker *asker, const struct request *request)
{
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    if (gather_stored(engine, &query, &engine->gather)) {
        if (answer_tuples(engine, asker, asker->since, &query, &engine->gather) < 0)
            answer_no_memory(engine, asker);
    } else if (query_overrun(&query)) {
        answer_overrun(engine, asker, asker->since);
    } else if (may_wait(request)) {
        begin_waiting(engine, asker, request, &query);
        return;
    } else {
        answer(engine, asker, asker->since, TS_NOMATCH);
    }
    query_end(engine, &query);
}

/* SPDX-License-Identifier: MIT */
#include "space/absence.h"
#include "space/operation.h"
#include "space/state.h"

/* `drained` waits until nothing matches that is there or may come back (rules S16, S20). */
void op_drained(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    bool known;
    struct stored *witness = absence_look(engine, &query, query.parts, &known);
    if (query_overrun(&query)) {
        answer_overrun(engine, asker, asker->since);
    } else if (known && (!witness || !interest_may_wait(request))) {
        answer(engine, asker, asker->since, witness ? TS_NOMATCH : TS_OK);
    } else {
        struct interest *interest = interest_begin(engine, asker, request, &query);
        if (interest && absence_link(engine, &interest->waits[0], QUEUE_READERS,
                                     interest->query.parts, NULL, witness) < 0) {
            interest_free(engine, interest);
            answer_no_memory(engine, asker);
        }
        return;
    }
    query_end(engine, &query);
}

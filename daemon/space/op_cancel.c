/* SPDX-License-Identifier: MIT */
#include "space/operation.h"
#include "space/state.h"

/* rule S15: first the request's own answer, then the cancel's */
void op_cancel(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct interest *interest = interest_find(engine, asker->session, request->target);
    if (!interest) {
        answer(engine, asker, asker->since, TS_NOMATCH);
        return;
    }
    answer_ended(engine, interest, TS_CANCELLED);
    interest_free(engine, interest);
    answer(engine, asker, asker->since, TS_OK);
}

/* SPDX-License-Identifier: MIT */
#include "space/operation.h"
#include "space/state.h"
#include "space/will.h"

void op_will(struct engine *engine, const struct asker *asker, const struct command *command)
{
    struct problem problem;
    if (will_set(engine, asker->session, command->request, &problem) < 0)
        answer_refused(engine, asker, &problem);
    else
        answer(engine, asker, asker->since, TS_OK);
}

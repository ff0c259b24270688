/* SPDX-License-Identifier: MIT */
#include "space/operation.h"
#include "space/state.h"

/* `ping`, and an `ack` that wants an answer: the acknowledgement has been taken up before. */
void op_ping(struct engine *engine, const struct asker *asker, const struct command *command)
{
    (void)command;
    answer(engine, asker, asker->since, TS_OK);
}

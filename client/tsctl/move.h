/* SPDX-License-Identifier: MIT */
/*
 * What `collect`, `copy` and `clear` have in common: all that match, and how many it was.
 */
#ifndef TSCTL_MOVE_H
#define TSCTL_MOVE_H

#include <tsclient.h>

#include "tsctl/command.h"

/* Runs the call as TSD_OP_COLLECT or TSD_OP_COPY, to the space of --to. Returns the exit status. */
int move_run(struct call *call, enum tsd_operation operation);

/* Makes the request, again until -n or all are done, and prints how many. Returns the exit status. */
int move_all(struct call *call, ts_client *client, ts_request *request);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * All tuples that match, piece by piece; one that is stored throughout comes once (rule S17).
 */
#ifndef TSCTL_PIECES_H
#define TSCTL_PIECES_H

#include <tsclient.h>

#include "tsctl/command.h"

/*
 * Makes the scan again and again from where it stood, until `most` tuples came or there are no more;
 * `piece` is called with each answer that has some, and ends it where it returns anything but 0.
 * Returns the exit status: EXIT_NO_MATCH where there was none.
 */
int pieces_read(const struct call *call, ts_client *client, ts_request *request, uint64_t most,
                int (*piece)(void *context, const ts_result *result), void *context);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The connection of a command, and what it complains of.
 */
#ifndef TSCTL_CONNECT_H
#define TSCTL_CONNECT_H

#include <tsclient.h>

#include "tsctl/command.h"

/*
 * Connects to the space that the call names, waiting with -w for a daemon to appear. NULL after it
 * has complained; *exit_status is then tsctl's.
 */
ts_client *connect_daemon(const struct call *call, int *exit_status);

/*
 * The exit status that a call's status means. Complains, but not of answers: done, no match, timed
 * out.
 */
int connect_exit(const struct call *call, const ts_client *client, ts_status status);

/* The same with another text than that of the last call: for what a callback got. */
int connect_exit_text(const struct call *call, const ts_client *client, ts_status status,
                      const char *text);

#endif

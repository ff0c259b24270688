/* SPDX-License-Identifier: MIT */
/*
 * A command that runs while a tuple is held.
 */
#ifndef TSCTL_GUARD_H
#define TSCTL_GUARD_H

#include <stdbool.h>

#include <tsclient.h>

/*
 * Runs the words for the tuple that the client's last call has held, then gives it back: as one that
 * was not tried; or, with `finish`, consumes it where the command succeeded, and else gives it back
 * with the command's status. Where the hold is lost meanwhile the command gets a SIGTERM; were tsctl
 * killed, it and its children are before the tuple goes back (minder.h). Disconnects the client. Returns the command's status, or EXIT_RUN_FAILED.
 */
int guard_run(ts_client *client, char *const *words, bool finish);

#endif

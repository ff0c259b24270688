/* SPDX-License-Identifier: MIT */
/*
 * A pattern that was read and yet refused: by the daemon, which alone compiles regular expressions.
 */
#ifndef TSCTL_REFUSED_H
#define TSCTL_REFUSED_H

#include <tsclient.h>

#include "tsctl/command.h"

/*
 * As connect_exit, for a request with the call's arguments as patterns: shows with a caret where in
 * them the daemon found fault, if it is clear which expression it means.
 */
int refused_exit(const struct call *call, const ts_client *client, ts_status status);

/* The same with another text than that of the last call: for what a callback got. */
int refused_exit_text(const struct call *call, const ts_client *client, ts_status status,
                      const char *text);

#endif

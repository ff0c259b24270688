/* SPDX-License-Identifier: MIT */
/*
 * What the options of `out` make of a request that puts, and what to say where it was not done.
 */
#ifndef TSCTL_PUTTING_H
#define TSCTL_PUTTING_H

#include <tsclient.h>

#include "tsctl/command.h"

/* A request of `out` without its tuples. */
ts_request putting_request(const struct call *call);

/* As connect_exit_text; also says that there was no room in time. */
int putting_exit(const struct call *call, const ts_client *client, ts_status status,
                 const char *text);

#endif

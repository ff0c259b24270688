/* SPDX-License-Identifier: MIT */
/*
 * The private daemon of `tsctl run`: that of the library (client/private.h), with complaints.
 */
#ifndef TSCTL_PRIVATE_H
#define TSCTL_PRIVATE_H

#include "client/private.h"

/* Once the daemon serves, with the configuration of that file, or NULL: of none; else NULL, after it has
 * complained. */
struct private_daemon *run_private(const char *config);

/* Ends the daemon; it and the directory are gone when this returns. */
void end_private(struct private_daemon *daemon);

#endif

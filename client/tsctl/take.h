/* SPDX-License-Identifier: MIT */
/*
 * What `in`, `rd`, `inp` and `rdp` have in common: all that they do.
 */
#ifndef TSCTL_TAKE_H
#define TSCTL_TAKE_H

#include <tsclient.h>

#include "tsctl/command.h"

enum take_wait { TAKE_WAITS, TAKE_DOES_NOT_WAIT };

/* Runs the call as TSD_OP_IN or TSD_OP_RD. Returns the exit status. */
int take_run(struct call *call, enum tsd_operation operation, enum take_wait wait);

#endif

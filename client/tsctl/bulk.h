/* SPDX-License-Identifier: MIT */
/*
 * `out -`: standard input, put in batches, each of them a unit.
 */
#ifndef TSCTL_BULK_H
#define TSCTL_BULK_H

#include "tsctl/command.h"

/* Returns the exit status. */
int bulk_out(struct call *call);

#endif

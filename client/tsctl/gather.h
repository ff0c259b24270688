/* SPDX-License-Identifier: MIT */
/*
 * Standard input, all of it, as the tuples of one unit.
 */
#ifndef TSCTL_GATHER_H
#define TSCTL_GATHER_H

#include "tsctl/batch.h"
#include "tsctl/command.h"

/* Fills the batch. Returns 0, or an exit status after it has complained. */
int gather_unit(struct call *call, struct batch *batch);

/* Whether a record is a blank line, which is passed over. */
bool gather_is_blank(const char *record, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What is told of a tuple beside its fields, and the names of states, events and reasons.
 */
#ifndef TSCTL_TOLD_H
#define TSCTL_TOLD_H

#include <tsclient.h>

#include "tsctl/record.h"

/* "other" for what a later daemon may say. */
const char *told_event(unsigned event);
const char *told_state(unsigned state);
const char *told_reason(unsigned reason);

/* Adds tuple, id, priority and returns; and, where it has come back, the reason and exit status. */
void told_tuple(struct record *record, const ts_tuple *tuple);

#endif

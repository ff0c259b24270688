/* SPDX-License-Identifier: MIT */
/*
 * Spaces that a command names one after the other, and what is set of them.
 */
#ifndef TSCTL_NAMED_SPACE_H
#define TSCTL_NAMED_SPACE_H

#include <tsclient.h>

#include "tsctl/command.h"

/* Whether the arguments from number `first` on are names of spaces. Returns 0, or EXIT_USAGE after it
 * has complained. */
int named_space_check(const struct call *call, int first);

/*
 * Connects, and calls `act` with a handle for each of those spaces, until one returns another status
 * than 0, which is returned.
 */
int named_space_each(const struct call *call, int first,
                     int (*act)(const struct call *call, ts_client *space, void *context),
                     void *context);

/* Sets the attributes of the space. Complains of what goes wrong, also where it is not there. */
int named_space_set(const struct call *call, ts_client *space, const ts_attributes *attributes);

/* The complaint that there is no such space. Returns EXIT_NO_MATCH. */
int named_space_missing(const ts_client *space);

#endif

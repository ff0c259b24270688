/* SPDX-License-Identifier: MIT */
/*
 * The guards and steps of `atomic`, read from the words that were given to its options.
 */
#ifndef TSCTL_UNIT_H
#define TSCTL_UNIT_H

#include <tsclient.h>

#include "protocol/buffer.h"
#include "protocol/limits.h"
#include "tsctl/command.h"
#include "tsctl/template.h"

struct unit {
    ts_guard guards[LIMIT_GUARDS];
    struct buffer patterns[LIMIT_GUARDS];
    size_t guard_count;
    ts_step *steps;
    struct template *templates; /* of each step; empty for those that put nothing */
    size_t step_count;
};

/* Returns 0, or EXIT_USAGE after it has complained. */
int unit_read(struct call *call, struct unit *unit);
void unit_deinit(struct unit *unit);

#endif

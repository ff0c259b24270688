/* SPDX-License-Identifier: MIT */
/*
 * The tuple of a step of atomic: `["v", $1.2+1]`, where `$1.2` is field 2 of the tuple that guard 1
 * matched, both counted from 1, and `+1` or `-3` is an integer to add. Each is a field of its own.
 */
#ifndef TSCTL_TEMPLATE_H
#define TSCTL_TEMPLATE_H

#include <tsclient.h>

#include "protocol/buffer.h"
#include "protocol/problem.h"
#include "tsctl/options.h"

struct template
{
    struct buffer bytes; /* the tuple, with null for each guard's field */
    ts_value *fields;    /* they point into bytes */
    size_t count;
};

/*
 * Reads the text, the guards being those of the call in their order. Returns 0, or -status with the
 * problem set; its offset is a place in the text.
 */
int template_read(struct options *options, const char *text, const ts_guard *guards,
                  size_t guard_count, struct template *template, struct problem *problem);
void template_deinit(struct template *template);

#endif

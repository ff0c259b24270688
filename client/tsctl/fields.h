/* SPDX-License-Identifier: MIT */
/*
 * -f FIELDS: which fields of a tuple are printed, from 1: `2`, `1,3`, `2..4`, `2..` to the last.
 */
#ifndef TSCTL_FIELDS_H
#define TSCTL_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#define FIELDS_PARTS 32

struct field_list {
    int count; /* parts; 0: all fields */
    struct {
        uint32_t first, last; /* last is UINT32_MAX for an open end */
    } parts[FIELDS_PARTS];
};

/* Returns whether the text is a list of fields. */
bool fields_parse(const char *text, struct field_list *fields);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the daemon tells of itself (ts_result.report), read in place: maps whose keys are numbers, and
 * arrays. What is not there, or not of the form that it should have, reads as nothing.
 */
#ifndef TSCTL_REPORT_H
#define TSCTL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"

/* The value of a key of a map; NULL where it is not there. The map may be NULL. */
const uint8_t *report_find(const uint8_t *map, uint32_t key);
uint64_t report_uint(const uint8_t *map, uint32_t key); /* 0 */
bool report_bool(const uint8_t *map, uint32_t key);     /* false */

/* The elements of an array that are still to come. */
struct report_list {
    const uint8_t *at;
    uint32_t count;
};

struct report_list report_list(const uint8_t *array); /* which may be NULL */
const uint8_t *report_next(struct report_list *list); /* NULL at the end */
uint64_t report_next_uint(struct report_list *list);  /* 0 */

/* The name of a kind of index; "other" for what a later daemon may say. */
const char *report_kind(const uint8_t *index);

/*
 * An array of indexes (TSD_INDEXES) or of shapes (TSD_SHAPES), appended as MessagePack for programs:
 * maps whose keys are names, fields counted from 1.
 */
void report_indexes(struct buffer *out, const uint8_t *array);
void report_shapes(struct buffer *out, const uint8_t *array);

#endif

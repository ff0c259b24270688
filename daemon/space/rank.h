/* SPDX-License-Identifier: MIT */
/*
 * Where a value stands in the order of values (rule V5), as a number; and the range that a matcher
 * bounds: a comparison, `lo..hi`, a prefix, or an `and` that has some of these among its operands.
 */
#ifndef TSD_SPACE_RANK_H
#define TSD_SPACE_RANK_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern.h"

/* Ranks of values that are in some order are above this; those of one kind lie together. */
#define RANK_NONE 0

/*
 * Of two values of one kind (numbers, strs, bins) the lesser has no higher rank; equal values have the
 * same one. Values of different kinds differ in it. RANK_NONE for what is in no order, NaN included.
 */
uint64_t rank_of(const uint8_t *value);

/* A range of values of one kind. */
struct bounds {
    const uint8_t *low, *high;    /* values; NULL: no bound on that side but the kind's */
    bool low_open, high_open;     /* the bound itself is not in it */
    const uint8_t *prefix;        /* or NULL: a str or bin that all in it start with */
    uint64_t low_rank, high_rank; /* all in it have ranks from, and to, these */
};

/*
 * The range that the matcher of this top-level position bounds: each value that it matches is in it.
 * False where it bounds none. Points into the pattern.
 */
bool bounds_of(const struct pattern *pattern, unsigned position, struct bounds *bounds);

/* The first position whose matcher bounds a range; -1: there is none. */
int bounds_position(const struct pattern *pattern);

/* Where a value, of the kind of the range, stands: negative before it, 0 in it, positive after. */
int bounds_side(const struct bounds *bounds, const uint8_t *value);

#endif

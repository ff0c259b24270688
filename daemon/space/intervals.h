/* SPDX-License-Identifier: MIT */
/*
 * Intervals in the order of values (rule V5), found by a value that lies in them.
 *
 * What waits for a range is kept so: a value costs a step for each level and a few for each interval
 * that it lies in, whatever else there is. A balanced tree in the order of the low bounds, in which
 * each interval knows the one of those below it that reaches highest. Ranks are compared, and where
 * these are equal one bound of each side, so what is found holds the value, but for some that have a
 * prefix and other bounds too. Putting and taking out cost O(log n); nothing is allocated.
 */
#ifndef TSD_SPACE_INTERVALS_H
#define TSD_SPACE_INTERVALS_H

#include <stdint.h>

#include "space/rank.h"

/* Part of what it is the interval of. */
struct interval {
    struct interval *parent, *children[2];
    struct interval *farthest; /* of it and those below, the one that reaches highest */
    uint64_t low, high;        /* ranks */
    uint64_t reach;            /* farthest->high */
    uint32_t height;
};

/* The bounds of one that is in the tree: they may move between calls, not change. */
typedef void interval_bounds(const struct interval *interval, struct bounds *bounds);

struct intervals {
    struct interval *root; /* NULL while empty */
    interval_bounds *bounds;
};

void intervals_init(struct intervals *intervals, interval_bounds *bounds);

void intervals_insert(struct intervals *intervals, struct interval *interval);
/* Its own bounds are not asked for. */
void intervals_remove(struct intervals *intervals, struct interval *interval);

/*
 * Calls `found` with each interval that the value, of that rank, lies in, in the order of the low
 * bounds; of equal ones the one that came first. Nothing may be put or taken out meanwhile.
 */
void intervals_find(const struct intervals *intervals, const uint8_t *value, uint64_t rank,
                    void (*found)(void *context, struct interval *interval), void *context);

/* Aborts where an invariant does not hold; returns how many there are. */
uint64_t intervals_check(const struct intervals *intervals);

#endif

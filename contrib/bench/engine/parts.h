/* SPDX-License-Identifier: MIT */
/*
 * The parts of the measurements inside the engine. Each prints a line a round and figure:
 *
 *     PART WHAT SIZE REQUESTS NANOSECONDS NANOSECONDS
 *
 * the time being that of the requests and, for growth, that of putting back what they took.
 */
#ifndef BENCH_ENGINE_PARTS_H
#define BENCH_ENGINE_PARTS_H

#include <stdint.h>

#define SIZES_MAX 8

struct parts {
    uint32_t sizes[SIZES_MAX]; /* tuples stored */
    unsigned size_count;
    unsigned rounds;
    uint64_t measured_ns; /* a round */
    const char *only;     /* of growth, this look; NULL: all */
};

void part_growth(const struct parts *parts);
/* The same tuples in an array, tried one after the other. */
void part_scan(const struct parts *parts);
/* Puts with other requests waiting; with others that have a time to live. */
void part_waits(const struct parts *parts);
void part_timers(const struct parts *parts);
/* Hidden spaces beside spaces that are not there. */
void part_hidden(const struct parts *parts);

#endif

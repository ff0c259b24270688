/* SPDX-License-Identifier: MIT */
/*
 * A tuple as it stands in a frame or in the space: one MessagePack array of 1 to 255 fields.
 */
#ifndef TSD_PROTOCOL_TUPLE_H
#define TSD_PROTOCOL_TUPLE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/problem.h"

/* Points into somebody else's bytes; they live as long as their owner says. */
struct tuple_view {
    const uint8_t *bytes; /* the array's head */
    uint32_t size;        /* bytes, head included */
    uint32_t fields;
};

/*
 * Checks that a whole tuple stands at p (rules V1, V2) and fills in the view. Returns 0, or
 * -status with the problem set ("field 3: ..."), TS_PROTOCOL where it is not MessagePack.
 */
int tuple_check(const uint8_t *p, const uint8_t *end, struct tuple_view *tuple,
                struct problem *problem);

/* The view of a tuple that has passed tuple_check. */
struct tuple_view tuple_at(const uint8_t *p);

/* The first field of a checked tuple; the others by value_skip_trusted. */
const uint8_t *tuple_first(const uint8_t *bytes);

#endif

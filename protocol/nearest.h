/* SPDX-License-Identifier: MIT */
/*
 * The nearest name to one that was mistyped: as few letters as possible put in, left out, changed or
 * swapped.
 */
#ifndef TSD_PROTOCOL_NEAREST_H
#define TSD_PROTOCOL_NEAREST_H

struct nearest {
    const char *wanted;
    const char *name; /* the nearest so far; NULL where none is near */
    unsigned distance;
};

struct nearest nearest_to(const char *wanted);
void nearest_offer(struct nearest *nearest, const char *name);

#endif

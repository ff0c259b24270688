/* SPDX-License-Identifier: MIT */
/*
 * The literals of a shape: at some positions of a pattern's top level, and of tuples there.
 */
#ifndef TSD_SPACE_LITERALS_H
#define TSD_SPACE_LITERALS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/equal.h"
#include "protocol/pattern.h"

static inline bool literals_has(const struct literal_set *set, unsigned position)
{
    return set->bits[position / 64] >> position % 64 & 1;
}

unsigned literals_count(const struct literal_set *set);
bool literals_same(const struct literal_set *a, const struct literal_set *b);
bool literals_within(const struct literal_set *part, const struct literal_set *whole);

#define LITERALS_END 256
/* The first position of the set from this one on; LITERALS_END: none. */
unsigned literals_next(const struct literal_set *set, unsigned position);

/* The field of a checked tuple at a position that it has, from 0. */
const uint8_t *literals_field(const uint8_t *tuple, unsigned position);

/* The hash of one value more. */
static inline uint64_t literals_mix(uint64_t hash, uint64_t more)
{
    return (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

/* A hash of the values there: the same for a pattern and for tuples that have equal ones. */
uint32_t literals_hash_pattern(const struct hash_key *key, const struct literal_set *set,
                               const struct pattern *pattern);
uint32_t literals_hash_tuple(const struct hash_key *key, const struct literal_set *set,
                             const uint8_t *tuple);

#endif

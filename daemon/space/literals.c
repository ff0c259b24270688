/* SPDX-License-Identifier: MIT */
#include "space/literals.h"

#include <string.h>

#include "protocol/tuple.h"
#include "protocol/value.h"

#define WORDS (sizeof(struct literal_set) / sizeof(uint64_t))
_Static_assert(64 * WORDS == LITERALS_END, "a bit for each position");

unsigned literals_count(const struct literal_set *set)
{
    unsigned count = 0;
    for (unsigned i = 0; i < WORDS; i++)
        count += (unsigned)__builtin_popcountll(set->bits[i]);
    return count;
}

bool literals_same(const struct literal_set *a, const struct literal_set *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool literals_within(const struct literal_set *part, const struct literal_set *whole)
{
    uint64_t beyond = 0;
    for (unsigned i = 0; i < WORDS; i++)
        beyond |= part->bits[i] & ~whole->bits[i];
    return beyond == 0;
}

const uint8_t *literals_field(const uint8_t *tuple, unsigned position)
{
    const uint8_t *field = tuple_first(tuple);
    while (position-- > 0)
        field = value_skip_trusted(field);
    return field;
}

unsigned literals_next(const struct literal_set *set, unsigned position)
{
    while (position < LITERALS_END) {
        const uint64_t rest = set->bits[position / 64] >> position % 64;
        if (rest)
            return position + (unsigned)__builtin_ctzll(rest);
        position = (position / 64 + 1) * 64;
    }
    return position;
}

uint32_t literals_hash_pattern(const struct hash_key *key, const struct literal_set *set,
                               const struct pattern *pattern)
{
    uint64_t hash = 0;
    for (unsigned i = literals_next(set, 0); i < pattern->fields; i = literals_next(set, i + 1))
        hash = literals_mix(hash, value_hash(key, pattern_literal(pattern, i)));
    return (uint32_t)(hash >> 32);
}

uint32_t literals_hash_tuple(const struct hash_key *key, const struct literal_set *set,
                             const uint8_t *tuple)
{
    uint64_t hash = 0;
    unsigned at = 0;
    const uint8_t *field = tuple_first(tuple);
    for (unsigned i = literals_next(set, 0); i < LITERALS_END; i = literals_next(set, i + 1)) {
        for (; at < i; at++)
            field = value_skip_trusted(field);
        hash = literals_mix(hash, value_hash(key, field));
    }
    return (uint32_t)(hash >> 32);
}

/* SPDX-License-Identifier: MIT */
/*
 * Matchers that hold no others, on one value each (rules P1 to P4): the hot part of matching.
 */
#ifndef TSD_SPACE_MATCH_LEAF_H
#define TSD_SPACE_MATCH_LEAF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/pattern.h"
#include "protocol/value.h"

/* Whether it is one node that match_leaf answers for: not LENGTH, nor what is or holds a REGEX. */
static inline bool match_is_leaf(const struct matcher *node)
{
    return node->op < TSD_M_REGEX;
}

/* As match_leaf, for the less frequent ones; LENGTH too. `bytes` are the pattern's. */
bool match_leaf_other(const uint8_t *bytes, const struct matcher *node, const uint8_t *p);

/* Small ints and short strs, for which the first byte says all; whatever else goes the long way. */
static inline bool match_is_fixint(uint8_t first)
{
    return first < 0x80 || first >= 0xe0;
}

static inline bool match_is_fixstr(uint8_t first)
{
    return (first & 0xe0) == 0xa0;
}

static inline const uint8_t *match_skip(const uint8_t *p)
{
    if (match_is_fixint(*p))
        return p + 1;
    return match_is_fixstr(*p) ? p + 1 + (*p & 0x1f) : value_skip_trusted(p);
}

static inline bool match_equal(const uint8_t *a, const uint8_t *b)
{
    if (match_is_fixstr(*a) && match_is_fixstr(*b)) /* the first byte has the length */
        return *a == *b && memcmp(a + 1, b + 1, *a & 0x1f) == 0;
    if (match_is_fixint(*a) && match_is_fixint(*b))
        return *a == *b;
    return value_equal(a, b);
}

static inline bool match_leaf(const uint8_t *bytes, const struct matcher *node, const uint8_t *p)
{
    switch (node->op) {
    case TSD_M_EQ:
        return match_equal(bytes + node->a, p);
    case TSD_M_ANY:
        return true;
    case TSD_M_INT: /* rule P1 */
        return match_is_fixint(*p) || value_type_of(p) == VALUE_INT;
    case TSD_M_STR:
        return match_is_fixstr(*p) || value_type_of(p) == VALUE_STR;
    default:
        return match_leaf_other(bytes, node, p);
    }
}

#endif

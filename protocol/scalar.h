/* SPDX-License-Identifier: MIT */
/*
 * Equality, order and hash of values that hold no others (rules V3 to V5).
 *
 * An array or map equals no scalar, and is before or after none.
 */
#ifndef TSD_PROTOCOL_SCALAR_H
#define TSD_PROTOCOL_SCALAR_H

#include <stdbool.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/siphash.h"
#include "protocol/value.h"

static inline bool value_is_container(const struct value *value)
{
    return value->type == VALUE_ARRAY || value->type == VALUE_MAP;
}

/* What scalar_equal leaves: all but two ints or two strs. */
bool scalar_equal_other(const struct value *a, const struct value *b);

/* Whether a scalar equals another one, or an array or map (never). */
static inline bool scalar_equal(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_INT && b->type == VALUE_INT)
        return a->u64 == b->u64 && a->negative == b->negative;
    if (a->type == VALUE_STR && b->type == VALUE_STR)
        return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
    return scalar_equal_other(a, b);
}

enum order scalar_compare(const struct value *a, const struct value *b);

/* A float that is a whole number which an int can have becomes that int (rule V4). */
void scalar_make_int(struct value *value);

/* Adds a scalar's canonical form to a hash. */
void scalar_hash(struct siphash *s, const struct value *value);

/* What a canonical form starts with: the type, and the length where there is one. */
static inline uint64_t scalar_tag(enum value_type type, uint32_t length)
{
    return (uint64_t)length << 8 | (uint64_t)type;
}

#endif

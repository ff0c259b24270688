/* SPDX-License-Identifier: MIT */
#include "protocol/equal.h"

#include "protocol/keys.h"
#include "protocol/scalar.h"
#include "protocol/value.h"

/* Up to so many pairs with scalar keys, each is looked for among all. */
enum { FEW_PAIRS = 8 };

static bool equal_step(const uint8_t **a, const uint8_t **b);

/* Pairs in any order without memory for their keys: slow where they are many, and right. */
static bool equal_slowly(const uint8_t **a, const uint8_t **b, uint32_t pairs)
{
    const uint8_t *end_b = *b;
    for (uint32_t i = 0; i < 2 * pairs; i++)
        end_b = value_skip_trusted(end_b);

    for (uint32_t i = 0; i < pairs; i++) {
        const uint8_t *value_a = value_skip_trusted(*a);
        const uint8_t *key_b = *b;
        for (;;) {
            if (key_b == end_b)
                return false;
            const uint8_t *value_b = value_skip_trusted(key_b);
            if (value_equal(*a, key_b)) {
                if (!value_equal(value_a, value_b))
                    return false;
                break;
            }
            key_b = value_skip_trusted(value_b);
        }
        *a = value_skip_trusted(value_a);
    }
    *b = end_b;
    return true;
}

static bool equal_noted(const struct keys *keys, uint32_t a, uint32_t b, uint32_t pairs)
{
    for (uint32_t i = 0; i < pairs; i++) {
        struct keys_place in_a, in_b;
        if (!keys_find(keys, a, b, pairs, i, &in_a, &in_b) || !value_equal(in_a.p, in_b.p))
            return false;
    }
    return true;
}

static bool equal_many(const uint8_t **a, const uint8_t **b, uint32_t pairs)
{
    struct keys keys;
    keys_init(&keys);
    uint32_t at_a = keys_note(&keys, *a, pairs);
    uint32_t at_b = keys_note(&keys, *b, pairs);
    bool equal = false;

    if (keys.failed) {
        equal = equal_slowly(a, b, pairs);
    } else if (!keys.nan) {
        equal = equal_noted(&keys, at_a, at_b, pairs);
        *a = keys.list[at_a + pairs].key;
        *b = keys.list[at_b + pairs].key;
    }
    keys_deinit(&keys);
    return equal;
}

/* Each pair of a is looked for in b. */
static bool equal_few(const uint8_t **a, const uint8_t **b, uint32_t pairs)
{
    struct {
        struct value key;
        const uint8_t *value;
    } in_b[FEW_PAIRS];
    const uint8_t *p = *b;

    for (uint32_t i = 0; i < pairs; i++) {
        in_b[i].value = value_read_trusted(p, &in_b[i].key);
        if (value_is_container(&in_b[i].key))
            return equal_many(a, b, pairs);
        p = value_skip_trusted(in_b[i].value);
    }
    for (uint32_t i = 0; i < pairs; i++) {
        struct value key;
        uint32_t j = 0;
        *a = value_read_trusted(*a, &key);
        while (j < pairs && !scalar_equal(&in_b[j].key, &key))
            j++;
        if (j == pairs || !equal_step(a, &in_b[j].value))
            return false;
    }
    *b = p;
    return true;
}

/* As long as both have the same scalar keys in the same order, nothing is looked for. */
static bool equal_maps(const uint8_t **a, const uint8_t **b, uint32_t pairs)
{
    for (; pairs > 0; pairs--) {
        struct value key_a, key_b;
        const uint8_t *value_a = value_read_trusted(*a, &key_a);
        const uint8_t *value_b = value_read_trusted(*b, &key_b);
        if (!scalar_equal(&key_a, &key_b))
            break;
        if (!equal_step(&value_a, &value_b))
            return false;
        *a = value_a;
        *b = value_b;
    }
    return pairs <= FEW_PAIRS ? equal_few(a, b, pairs) : equal_many(a, b, pairs);
}

/* Moves both past values that are equal. */
static bool equal_step(const uint8_t **a, const uint8_t **b)
{
    struct value x, y;
    *a = value_read_trusted(*a, &x);
    *b = value_read_trusted(*b, &y);
    if (!value_is_container(&x))
        return scalar_equal(&x, &y);
    if (x.type != y.type || x.length != y.length)
        return false;
    if (x.type == VALUE_MAP)
        return equal_maps(a, b, x.length);
    for (uint32_t i = 0; i < x.length; i++)
        if (!equal_step(a, b))
            return false;
    return true;
}

bool value_equal(const uint8_t *a, const uint8_t *b)
{
    return equal_step(&a, &b);
}

enum order value_compare(const uint8_t *a, const uint8_t *b)
{
    struct value x, y;
    value_read_trusted(a, &x);
    value_read_trusted(b, &y);
    return scalar_compare(&x, &y);
}

/*
 * An int alone: one word closed by a byte, 0xf0 or 0xf1, that closes no str of so few words. Where 56
 * bits hold it, they are the closing word's tail: one word less to hash.
 */
static inline uint64_t hash_int(const struct hash_key *key, const struct value *value)
{
    const uint64_t half = (uint64_t)1 << 55, low = 2 * half - 1;
    struct siphash s = siphash_begin(key);
    uint64_t tail = value->u64 & low;

    if (value->u64 + half > low) {
        siphash_word(&s, value->u64);
        tail = 0;
    }
    s.size = 0xf0 | value->negative;
    return siphash_end(s, tail);
}

static __attribute__((noinline)) uint64_t hash_any(const struct hash_key *key, const uint8_t *p)
{
    struct siphash s;
    struct value value;

    value_read_trusted(p, &value);
    if (value.type == VALUE_STR)
        return hash_bytes(key, value.bytes, value.length);
    if (value.type == VALUE_FLOAT)
        scalar_make_int(&value);
    if (value.type == VALUE_INT)
        return hash_int(key, &value);
    s = siphash_begin(key);
    keys_hash(key, &s, p);
    return siphash_end(s, 1); /* no str's last word has this tail */
}

/* Short strs and ints are what tuples are looked up by: their hashes come straight. */
uint64_t value_hash(const struct hash_key *key, const uint8_t *p)
{
    struct value value;

    if (!value_read_short(p, &value))
        return hash_any(key, p);
    if (value.type == VALUE_STR)
        return siphash_bytes(key, value.bytes, value.length);
    return hash_int(key, &value);
}

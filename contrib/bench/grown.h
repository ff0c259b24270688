/* SPDX-License-Identifier: MIT */
/*
 * The tuples that matching is measured with, of which a stock has `count`, numbered from 0: 52 to 54
 * bytes of 5 to 7 fields, ["key-0000002a", 4, "a-third-field-0000002a", 2, 42, 0...], and the patterns
 * that they are looked for by. Tuple i has 5 + i % 3 fields. Its second and fourth field together are
 * its own; each alone is that of about as many others as there are different ones.
 */
#ifndef BENCH_GROWN_H
#define BENCH_GROWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "protocol/numbers.h"

#define GROWN_MOST 54    /* bytes of a tuple */
#define GROWN_PATTERN 64 /* bytes of a pattern, at most */
_Static_assert(GROWN_PATTERN >= 1 + 15 + 25 + 3 * 2, "first and third field");
#define GROWN_LENGTHS 3
#define GROWN_SPAN 13 /* numbers in a narrow range: 5 of them are of the length looked for */

enum grown_by {
    GROWN_FIRST,
    GROWN_THIRD,
    GROWN_TWO,   /* second and fourth */
    GROWN_RANGE, /* of the fifth: the tuple's own and what follows */
    GROWN_REST,  /* first field, and any further ones: any length */
    GROWN_BYS,
};

struct grown {
    uint32_t count, side; /* side * side >= count */
};

static inline struct grown grown_stock(uint32_t count)
{
    struct grown grown = {count, 1};

    while ((uint64_t)grown.side * grown.side < count)
        grown.side++;
    return grown;
}

/* These write, and return where the next byte goes. */
static inline uint8_t *grown_text(uint8_t *p, const char *text, uint32_t number)
{
    static const char digits[] = "0123456789abcdef";

    *p++ = (uint8_t)(0xa0 + strlen(text) + 8);
    while (*text)
        *p++ = (uint8_t)*text++;
    for (int i = 28; i >= 0; i -= 4)
        *p++ = (uint8_t)digits[number >> i & 15];
    return p;
}

static inline uint8_t *grown_int(uint8_t *p, uint32_t number)
{
    const uint32_t big_endian = __builtin_bswap32(number);

    *p = 0xce;
    memcpy(p + 1, &big_endian, 4);
    return p + 5;
}

static inline uint8_t *grown_first(uint8_t *p, uint32_t i)
{
    return grown_text(p, "key-", i);
}

static inline uint8_t *grown_third(uint8_t *p, uint32_t i)
{
    return grown_text(p, "a-third-field-", i);
}

static inline size_t grown_tuple(const struct grown *grown, uint32_t i, uint8_t *out)
{
    uint8_t *p = out;
    const uint32_t more = i % GROWN_LENGTHS;

    *p++ = (uint8_t)(0x95 + more);
    p = grown_first(p, i);
    p = grown_int(p, i / grown->side);
    p = grown_third(p, i);
    p = grown_int(p, i % grown->side);
    p = grown_int(p, i);
    for (uint32_t n = 0; n < more; n++)
        *p++ = 0;
    return (size_t)(p - out);
}

/* The number of a tuple of the stock; UINT32_MAX where it is, byte for byte, none. */
static inline uint32_t grown_number(const struct grown *grown, const uint8_t *tuple, size_t size)
{
    uint8_t expected[GROWN_MOST];
    uint32_t i;

    if (size < 52)
        return UINT32_MAX;
    memcpy(&i, tuple + 48, 4);
    i = __builtin_bswap32(i);
    if (i >= grown->count || grown_tuple(grown, i, expected) != size ||
        memcmp(tuple, expected, size) != 0)
        return UINT32_MAX;
    return i;
}

static inline uint8_t *grown_any(uint8_t *p, uint32_t count)
{
    for (; count > 0; count--) {
        *p++ = 0x91;
        *p++ = TSD_M_ANY;
    }
    return p;
}

static inline uint8_t *grown_equal(uint8_t *p)
{
    *p++ = 0x92;
    *p++ = TSD_M_EQ;
    return p;
}

/* Of tuple i, or by range of tuples i to i + span - 1 that have its length. Its size is the same for
 * all of a length. */
static inline size_t grown_pattern(const struct grown *grown, enum grown_by by, uint32_t i,
                                   uint32_t span, uint8_t *out)
{
    uint8_t *p = out;
    const uint32_t more = i % GROWN_LENGTHS;

    *p++ = (uint8_t)(by == GROWN_REST ? 0x92 : 0x95 + more);
    switch (by) {
    case GROWN_FIRST:
        p = grown_any(grown_first(grown_equal(p), i), 4 + more);
        break;
    case GROWN_THIRD:
        p = grown_any(grown_third(grown_equal(grown_any(p, 2)), i), 2 + more);
        break;
    case GROWN_TWO:
        p = grown_any(grown_int(grown_equal(grown_any(p, 1)), i / grown->side), 1);
        p = grown_any(grown_int(grown_equal(p), i % grown->side), 1 + more);
        break;
    case GROWN_RANGE:
        p = grown_any(p, 4);
        *p++ = 0x93;
        *p++ = TSD_M_RANGE;
        p = grown_any(grown_int(grown_int(p, i), i + span - 1), more);
        break;
    default:
        p = grown_first(grown_equal(p), i);
        *p++ = 0x91;
        *p++ = TSD_M_REST;
    }
    return (size_t)(p - out);
}

/* Patterns, of 8 shapes, that match no tuple of 5 fields of any stock, and no other one matches what
 * one of them does. */
#define GROWN_OTHER UINT32_C(0x40000000) /* a number beyond all of a stock's */

static inline size_t grown_other(uint32_t w, uint8_t *out)
{
    const uint32_t i = GROWN_OTHER + w;
    uint8_t *p = out;

    *p++ = 0x95;
    switch (w % 8) {
    case 0: /* first */
        p = grown_any(grown_first(grown_equal(p), i), 4);
        break;
    case 1: /* third */
        p = grown_any(grown_third(grown_equal(grown_any(p, 2)), i), 2);
        break;
    case 2: /* second and fourth */
        p = grown_any(grown_int(grown_equal(grown_any(p, 1)), i), 1);
        p = grown_any(grown_int(grown_equal(p), 1), 1);
        break;
    case 3: /* first and third */
        p = grown_any(grown_first(grown_equal(p), i), 1);
        p = grown_any(grown_third(grown_equal(p), i), 2);
        break;
    case 4: /* a range of the fifth */
        p = grown_any(p, 4);
        *p++ = 0x93;
        *p++ = TSD_M_RANGE;
        p = grown_int(grown_int(p, i), i + 7);
        break;
    case 5: /* a comparison of the fifth */
        p = grown_any(p, 4);
        *p++ = 0x92;
        *p++ = TSD_M_GE;
        p = grown_int(p, i);
        break;
    case 6: /* fourth and fifth */
        p = grown_int(grown_equal(grown_any(p, 3)), 1);
        p = grown_int(grown_equal(p), i);
        break;
    default: /* third, and a comparison of the fifth */
        p = grown_any(grown_third(grown_equal(grown_any(p, 2)), i), 1);
        *p++ = 0x92;
        *p++ = TSD_M_LT;
        p = grown_int(p, i);
    }
    return (size_t)(p - out);
}

#endif

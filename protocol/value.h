/* SPDX-License-Identifier: MIT */
/*
 * One MessagePack value, read in place: its head, its end, and whether it is well-formed.
 *
 * Nothing is decoded; nothing is allocated, but for value_check of a map of many keys. Functions
 * take `p` and `end`, the bytes that are there, and never read at or past `end`. Those named
 * _trusted are for bytes that value_check has passed, and take no end.
 */
#ifndef TSD_PROTOCOL_VALUE_H
#define TSD_PROTOCOL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/problem.h"
#include "protocol/utf8.h"

enum value_type {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_BIN,
    VALUE_ARRAY,
    VALUE_MAP,
    VALUE_EXT,
};

/* The head of a value. Pointers are into the bytes read. */
struct value {
    enum value_type type;
    bool negative;   /* int: less than 0, read i64; else u64 */
    int8_t ext_type; /* ext */
    uint32_t length; /* str, bin, ext: bytes; array: elements; map: pairs */
    union {
        bool boolean;
        uint64_t u64;
        int64_t i64;
        double real;          /* a float32 widened (rule V3) */
        const uint8_t *bytes; /* str, bin, ext: the payload */
    };
};

/* The forms that fill most tuples are read inline; these are all the others. */
const uint8_t *value_read_long(const uint8_t *p, const uint8_t *end, struct value *value);
const uint8_t *value_read_long_trusted(const uint8_t *p, struct value *value);
const uint8_t *value_skip_long_trusted(const uint8_t *p);

#define VALUE_IS_SHORT_INT(byte) ((uint8_t)((byte) + 32) < 160) /* 0xe0 to 0xff, 0x00 to 0x7f */
#define VALUE_IS_SHORT_STR(byte) (((byte)&0xe0) == 0xa0)
#define VALUE_IS_SHORT_ARRAY(byte) (((byte)&0xf0) == 0x90)
#define VALUE_IS_SHORT_MAP(byte) (((byte)&0xf0) == 0x80)

/* All that the first byte of a value says. */
struct value_form {
    uint8_t type;   /* enum value_type; above all of them for the unused byte */
    uint8_t follow; /* bytes of length, int or float after the first byte */
    uint8_t length; /* fixed forms: bytes, elements or pairs */
    uint8_t whole;  /* bytes of the whole value where the first byte tells, else 0 */
};
extern const struct value_form value_forms[256];

/* The number that the low 8, 16 or 32 bits are in two's complement. */
static inline int64_t value_signed(uint64_t number, unsigned bits)
{
    uint64_t sign = (uint64_t)1 << (bits - 1);
    return (int64_t)(((number & (2 * sign - 1)) ^ sign) - sign);
}

/* A short int or str at p, whose bytes are there; NULL for any other form. */
static inline const uint8_t *value_read_short(const uint8_t *p, struct value *value)
{
    if (VALUE_IS_SHORT_INT(*p)) {
        value->type = VALUE_INT;
        value->negative = *p >= 0x80;
        value->length = 0;
        value->i64 = value_signed(*p, 8);
        return p + 1;
    }
    if (VALUE_IS_SHORT_STR(*p)) {
        value->type = VALUE_STR;
        value->length = *p & 0x1f;
        value->bytes = p + 1;
        return p + 1 + value->length;
    }
    return NULL;
}

/*
 * Reads the head at p. Returns where the next head stands: after a scalar's payload, or the first
 * element of an array or map. NULL where the bytes end before that, or at the unused byte 0xc1.
 */
static inline const uint8_t *value_read(const uint8_t *p, const uint8_t *end, struct value *value)
{
    if (p < end && (!VALUE_IS_SHORT_STR(*p) || end - p > (*p & 0x1f))) {
        const uint8_t *after = value_read_short(p, value);
        if (after)
            return after;
    }
    return value_read_long(p, end, value);
}

static inline const uint8_t *value_read_trusted(const uint8_t *p, struct value *value)
{
    const uint8_t *after = value_read_short(p, value);
    return after ? after : value_read_long_trusted(p, value);
}

/* Returns where the value at p ends; no recursion. NULL where the bytes end before that. */
const uint8_t *value_skip(const uint8_t *p, const uint8_t *end);

static inline const uint8_t *value_skip_trusted(const uint8_t *p)
{
    const unsigned whole = value_forms[*p].whole;

    return whole ? p + whole : value_skip_long_trusted(p);
}

/* Whether the value at p, one that value_read accepts, is of the given type. */
enum value_type value_type_of(const uint8_t *p);
const char *value_type_name(enum value_type type); /* "int", "str", ... */

/* What value_check may use up. */
struct value_budget {
    uint32_t values; /* values at all levels: counted down, over several calls too */
    uint32_t depth;  /* levels of arrays and maps, the value itself included: left as it is */
};

/*
 * Checks everything that rules V1 and V2 ask of a value: encoding, lengths, nesting, number of
 * values, UTF-8, no repeated key in a map at any level. One pass, no recursion; linear time.
 * Returns the end of the value, or NULL with the problem set: TS_PROTOCOL where it is not
 * MessagePack or not all there, TS_MALFORMED or TS_LIMIT where it breaks a rule; TS_NO_MEMORY where
 * a map has more keys than can be compared without. A problem's offset counts from p. Where
 * several stand in one value one of the first is told.
 */
static inline const uint8_t *value_check(const uint8_t *p, const uint8_t *end,
                                         struct value_budget *budget, struct problem *problem);

const uint8_t *value_check_long(const uint8_t *p, const uint8_t *end, struct value_budget *budget,
                                struct problem *problem);

/*
 * The end of a value that is right and whose first byte tells its size, as most fields are: a short
 * ASCII str, a number, a bool, nil. NULL for any other, and where something is wrong with it.
 */
static inline const uint8_t *value_check_short(const uint8_t *p, const uint8_t *end)
{
    const unsigned whole = p < end ? value_forms[*p].whole : 0;

    if (whole == 0 || whole > (size_t)(end - p))
        return NULL;
    if (VALUE_IS_SHORT_STR(*p) && !utf8_is_ascii(p + 1, whole - 1))
        return NULL;
    return p + whole;
}

static inline const uint8_t *value_check(const uint8_t *p, const uint8_t *end,
                                         struct value_budget *budget, struct problem *problem)
{
    const uint8_t *after = budget->values > 0 ? value_check_short(p, end) : NULL;

    if (!after)
        return value_check_long(p, end, budget, problem);
    budget->values--;
    return after;
}

#endif

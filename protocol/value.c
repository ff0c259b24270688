/* SPDX-License-Identifier: MIT */
#include "protocol/value.h"

#include <endian.h>
#include <string.h>

enum { INVALID = 0xff }; /* a type that is none */

#define T2(make, at, n) [at] = make(n), [(at) + 1] = make((n) + 1)
#define T4(make, at, n) T2(make, at, n), T2(make, (at) + 2, (n) + 2)
#define T8(make, at, n) T4(make, at, n), T4(make, (at) + 4, (n) + 4)
#define T16(make, at, n) T8(make, at, n), T8(make, (at) + 8, (n) + 8)
#define T32(make, at, n) T16(make, at, n), T16(make, (at) + 16, (n) + 16)
#define T64(make, at, n) T32(make, at, n), T32(make, (at) + 32, (n) + 32)
#define T128(make, at, n) T64(make, at, n), T64(make, (at) + 64, (n) + 64)
#define SHORT_INT(n)                                                                               \
    {                                                                                              \
        VALUE_INT, 0, 0, 1                                                                         \
    }
#define SHORT_STR(n)                                                                               \
    {                                                                                              \
        VALUE_STR, 0, n, (n) + 1                                                                   \
    }
#define SHORT_ARRAY(n)                                                                             \
    {                                                                                              \
        VALUE_ARRAY, 0, n, 0                                                                       \
    }
#define SHORT_MAP(n)                                                                               \
    {                                                                                              \
        VALUE_MAP, 0, n, 0                                                                         \
    }

const struct value_form value_forms[256] = {
    T128(SHORT_INT, 0x00, 0),        T16(SHORT_MAP, 0x80, 0),
    T16(SHORT_ARRAY, 0x90, 0),       T32(SHORT_STR, 0xa0, 0),
    [0xc0] = {VALUE_NIL, 0, 0, 1},   [0xc1] = {INVALID, 0, 0, 0},
    [0xc2] = {VALUE_BOOL, 0, 0, 1},  [0xc3] = {VALUE_BOOL, 0, 0, 1},
    [0xc4] = {VALUE_BIN, 1, 0, 0},   [0xc5] = {VALUE_BIN, 2, 0, 0},
    [0xc6] = {VALUE_BIN, 4, 0, 0},   [0xc7] = {VALUE_EXT, 1, 0, 0},
    [0xc8] = {VALUE_EXT, 2, 0, 0},   [0xc9] = {VALUE_EXT, 4, 0, 0},
    [0xca] = {VALUE_FLOAT, 4, 0, 5}, [0xcb] = {VALUE_FLOAT, 8, 0, 9},
    [0xcc] = {VALUE_INT, 1, 0, 2},   [0xcd] = {VALUE_INT, 2, 0, 3},
    [0xce] = {VALUE_INT, 4, 0, 5},   [0xcf] = {VALUE_INT, 8, 0, 9},
    [0xd0] = {VALUE_INT, 1, 0, 2},   [0xd1] = {VALUE_INT, 2, 0, 3},
    [0xd2] = {VALUE_INT, 4, 0, 5},   [0xd3] = {VALUE_INT, 8, 0, 9},
    [0xd4] = {VALUE_EXT, 0, 1, 3},   [0xd5] = {VALUE_EXT, 0, 2, 4},
    [0xd6] = {VALUE_EXT, 0, 4, 6},   [0xd7] = {VALUE_EXT, 0, 8, 10},
    [0xd8] = {VALUE_EXT, 0, 16, 18}, [0xd9] = {VALUE_STR, 1, 0, 0},
    [0xda] = {VALUE_STR, 2, 0, 0},   [0xdb] = {VALUE_STR, 4, 0, 0},
    [0xdc] = {VALUE_ARRAY, 2, 0, 0}, [0xdd] = {VALUE_ARRAY, 4, 0, 0},
    [0xde] = {VALUE_MAP, 2, 0, 0},   [0xdf] = {VALUE_MAP, 4, 0, 0},
    T32(SHORT_INT, 0xe0, 0),
};

/* A big-endian number of 0, 1, 2, 4 or 8 bytes. */
static inline uint64_t read_number(const uint8_t *p, unsigned size)
{
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    switch (size) {
    case 1:
        return p[0];
    case 2:
        memcpy(&u16, p, 2);
        return be16toh(u16);
    case 4:
        memcpy(&u32, p, 4);
        return be32toh(u32);
    case 8:
        memcpy(&u64, p, 8);
        return be64toh(u64);
    default:
        return 0;
    }
}

static inline void set_int(uint8_t first, uint64_t number, struct value *value)
{
    if (VALUE_IS_SHORT_INT(first))
        value->i64 = value_signed(first, 8);
    else if (first == 0xd0)
        value->i64 = value_signed(number, 8);
    else if (first == 0xd1)
        value->i64 = value_signed(number, 16);
    else if (first == 0xd2)
        value->i64 = value_signed(number, 32);
    else
        value->u64 = number;
    value->negative = first >= 0xd0 && value->i64 < 0; /* unsigned forms are below 0xd0 */
}

static inline void set_float(uint64_t number, unsigned size, struct value *value)
{
    if (size == 4) {
        uint32_t bits = (uint32_t)number;
        float single;
        memcpy(&single, &bits, sizeof single);
        value->real = single;
    } else {
        memcpy(&value->real, &number, sizeof value->real);
    }
}

/* A uint16 or uint32, as most ints are that are not short; NULL for any other value. */
static inline const uint8_t *read_usual_uint(const uint8_t *p, size_t size, struct value *value)
{
    uint64_t number;

    if (size >= 3 && p[0] == 0xcd)
        number = read_number(p + 1, 2);
    else if (size >= 5 && p[0] == 0xce)
        number = read_number(p + 1, 4);
    else
        return NULL;
    value->type = VALUE_INT;
    value->negative = false;
    value->length = 0;
    value->u64 = number;
    return p + (p[0] == 0xcd ? 3 : 5);
}

/* Reads a head; without `bounded` all bytes are known to be there. */
static inline __attribute__((always_inline)) const uint8_t *
read_head(const uint8_t *p, const uint8_t *end, bool bounded, struct value *value)
{
    if (bounded && p >= end)
        return NULL;
    uint8_t first = *p++;
    const struct value_form *form = &value_forms[first];
    if (bounded && (form->type == INVALID || end - p < form->follow))
        return NULL;
    uint64_t number = read_number(p, form->follow);

    p += form->follow;
    value->type = (enum value_type)form->type;
    value->length = form->length;
    switch (value->type) {
    case VALUE_NIL:
        return p;
    case VALUE_BOOL:
        value->boolean = first & 1;
        return p;
    case VALUE_INT:
        set_int(first, number, value);
        return p;
    case VALUE_FLOAT:
        set_float(number, form->follow, value);
        return p;
    case VALUE_ARRAY:
    case VALUE_MAP:
        if (form->follow)
            value->length = (uint32_t)number;
        return p;
    case VALUE_EXT:
        if (bounded && p >= end)
            return NULL;
        value->ext_type = (int8_t)*p++;
        break;
    case VALUE_STR:
    case VALUE_BIN:
        break;
    }
    if (form->follow)
        value->length = (uint32_t)number;
    value->bytes = p;
    if (bounded && (size_t)(end - p) < value->length)
        return NULL;
    return p + value->length;
}

const uint8_t *value_read_long(const uint8_t *p, const uint8_t *end, struct value *value)
{
    const uint8_t *after = read_usual_uint(p, (size_t)(end - p), value);

    return after ? after : read_head(p, end, true, value);
}

const uint8_t *value_read_long_trusted(const uint8_t *p, struct value *value)
{
    const uint8_t *after = read_usual_uint(p, SIZE_MAX, value);

    return after ? after : read_head(p, p, false, value);
}

/* Values that stand in an array or map right below its head. */
static inline uint64_t value_inside(const struct value *value)
{
    return value->type == VALUE_ARRAY ? value->length
           : value->type == VALUE_MAP ? 2 * (uint64_t)value->length
                                      : 0;
}

/* `left` counts the values that must still come: each takes a byte at least, so it stays small. */
static inline __attribute__((always_inline)) const uint8_t *skip(const uint8_t *p,
                                                                 const uint8_t *end, bool bounded)
{
    uint64_t left = 1;

    do {
        if (bounded && left > (uint64_t)(end - p))
            return NULL;
        unsigned whole = value_forms[*p].whole;
        left--;
        if (whole) {
            if (bounded && (size_t)(end - p) < whole)
                return NULL;
            p += whole;
            continue;
        }
        struct value value;
        p = read_head(p, end, bounded, &value);
        if (bounded && !p)
            return NULL;
        left += value_inside(&value);
    } while (left > 0);
    return p;
}

const uint8_t *value_skip(const uint8_t *p, const uint8_t *end)
{
    return skip(p, end, true);
}

const uint8_t *value_skip_long_trusted(const uint8_t *p)
{
    return skip(p, p, false);
}

enum value_type value_type_of(const uint8_t *p)
{
    return (enum value_type)value_forms[*p].type;
}

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {
        [VALUE_NIL] = "nil",     [VALUE_BOOL] = "bool", [VALUE_INT] = "int",
        [VALUE_FLOAT] = "float", [VALUE_STR] = "str",   [VALUE_BIN] = "bin",
        [VALUE_ARRAY] = "array", [VALUE_MAP] = "map",   [VALUE_EXT] = "ext",
    };
    return names[type];
}

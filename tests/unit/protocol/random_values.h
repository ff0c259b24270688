/* SPDX-License-Identifier: MIT */
/*
 * Random MessagePack values for property tests, and what msgpack-c and plain arithmetic say of them.
 *
 * A value is drawn from two sources: `content` says what it is, `form` how it is encoded and in
 * which order its maps' pairs stand. The same content in two forms gives two equal values, but for
 * those with a NaN. Content comes from small pools, so that unrelated values are often equal, too.
 */
#ifndef TSD_TESTS_RANDOM_VALUES_H
#define TSD_TESTS_RANDOM_VALUES_H

#include <inttypes.h>
#include <math.h>
#include <msgpack.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/buffer.h"
#include "protocol/equal.h"

struct random {
    uint64_t state;
};

/* SplitMix64 */
static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(random_next(random) % bound);
}

/* Another one at each run; TEST_SEED repeats one. */
static inline struct random random_seeded(const char *test)
{
    const char *given = getenv("TEST_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given ? strtoull(given, NULL, 0)
                          : ((uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec) & 0xffffffff;
    (void)fprintf(stderr, "%s: TEST_SEED=%" PRIu64 "\n", test, seed);
    return (struct random){seed};
}

struct source {
    struct random content, form;
};

static inline void put_head(struct buffer *out, uint8_t first, uint64_t number, unsigned size)
{
    buffer_append_byte(out, first);
    while (size-- > 0)
        buffer_append_byte(out, (uint8_t)(number >> (8 * size)));
}

static inline void put_double(struct buffer *out, double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    put_head(out, 0xcb, bits, 8);
}

static inline void put_float(struct buffer *out, float real)
{
    uint32_t bits;
    memcpy(&bits, &real, sizeof bits);
    put_head(out, 0xca, bits, 4);
}

/* A number in any form that holds it exactly, be it an int or a float. */
static inline void put_number(struct buffer *out, struct random *form, bool negative, uint64_t bits)
{
    int64_t i64 = (int64_t)bits;
    long double exact = negative ? (long double)i64 : (long double)bits;

    for (;;) {
        bool small = negative ? i64 >= -32 : bits < 128;
        bool is_signed = negative || bits <= INT64_MAX;
        unsigned power = random_below(form, 4), width = 8u << power;
        switch (random_below(form, 5)) {
        case 0:
            if (!small)
                break;
            buffer_append_byte(out, (uint8_t)bits);
            return;
        case 1:
            if (negative || (width < 64 && bits >> width))
                break;
            put_head(out, (uint8_t)(0xcc + power), bits, width / 8);
            return;
        case 2:
            if (!is_signed || (width < 64 && (i64 >= INT64_C(1) << (width - 1) ||
                                              i64 < -(INT64_C(1) << (width - 1)))))
                break;
            put_head(out, (uint8_t)(0xd0 + power), bits, width / 8);
            return;
        case 3:
            if ((long double)(double)exact != exact)
                break;
            put_double(out, (double)exact);
            return;
        case 4:
            if ((long double)(float)exact != exact)
                break;
            put_float(out, (float)exact);
            return;
        }
    }
}

static inline void put_run(struct buffer *out, struct random *form, uint8_t head8,
                           const void *bytes, uint32_t size)
{
    unsigned power = random_below(form, 3);
    if (head8 == 0xd9 && size < 32 && random_below(form, 2))
        buffer_append_byte(out, (uint8_t)(0xa0 | size));
    else
        put_head(out, (uint8_t)(head8 + power), size, 1u << power);
    buffer_append(out, bytes, size);
}

static inline void put_ext(struct buffer *out, struct random *form, int8_t type, const void *bytes,
                           uint32_t size)
{
    unsigned power = 0;
    while (power < 5 && 1u << power != size)
        power++;
    if (power < 5 && random_below(form, 2)) {
        buffer_append_byte(out, (uint8_t)(0xd4 + power));
    } else {
        power = random_below(form, 3);
        put_head(out, (uint8_t)(0xc7 + power), size, 1u << power);
    }
    buffer_append_byte(out, (uint8_t)type);
    buffer_append(out, bytes, size);
}

/* count8 is the first byte of the 16-bit form, short8 of the one that carries its count. */
static inline void put_count(struct buffer *out, struct random *form, uint8_t short8,
                             uint8_t count8, uint32_t count)
{
    unsigned kind = random_below(form, 3);
    if (kind == 0 && count < 16)
        buffer_append_byte(out, (uint8_t)(short8 | count));
    else if (kind == 1)
        put_head(out, (uint8_t)(count8 + 1), count, 4);
    else
        put_head(out, count8, count, 2);
}

static inline void put_random_number(struct buffer *out, struct source *source)
{
    static const uint64_t ints[] = {0,
                                    1,
                                    2,
                                    31,
                                    127,
                                    128,
                                    255,
                                    256,
                                    65535,
                                    65536,
                                    UINT32_MAX,
                                    UINT64_C(1) << 53,
                                    (UINT64_C(1) << 53) + 1,
                                    INT64_MAX,
                                    UINT64_C(1) << 63,
                                    (UINT64_C(1) << 63) + 2048,
                                    UINT64_MAX,
                                    UINT64_MAX - 2047};
    static const int64_t negatives[] = {
        -1,     -32,       -33,       -128,          -129,
        -65536, INT32_MIN, INT64_MIN, INT64_MIN + 1, -(INT64_C(1) << 53) - 1};
    static const double reals[] = {0.5,       -0.5,     0.1,       1.5,   -31.5,
                                   0x1p64,    -0x1p64,  0x1.8p63,  1e300, 4503599627370495.5,
                                   0x1p-1074, INFINITY, -INFINITY, 0x1p53};
    switch (random_below(&source->content, 6)) {
    case 0:
    case 1:
        put_number(out, &source->form, false,
                   ints[random_below(&source->content, sizeof ints / sizeof ints[0])]);
        break;
    case 2:
        put_number(
            out, &source->form, true,
            (uint64_t)
                negatives[random_below(&source->content, sizeof negatives / sizeof *negatives)]);
        break;
    case 3:
        put_double(out, reals[random_below(&source->content, sizeof reals / sizeof reals[0])]);
        break;
    case 4: /* 0.1f is not 0.1 */
        put_float(out, random_below(&source->content, 2) ? 0.1f : 1.5f);
        break;
    case 5:
        put_double(out, random_below(&source->form, 2) ? 0.0 : -0.0);
        break;
    }
}

static inline void put_random_scalar(struct buffer *out, struct source *source, bool nan)
{
    static const char *const strs[] = {"",
                                       "a",
                                       "b",
                                       "ab",
                                       "\xc3\xa4",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80",
                                       "a\xc3\xa4",
                                       "a longer one, of more than thirty-one bytes",
                                       "a longer one, of more than thirty-one bytet"};
    const char *str = strs[random_below(&source->content, sizeof strs / sizeof strs[0])];
    uint32_t size = (uint32_t)strlen(str);

    switch (random_below(&source->content, 10)) {
    case 0:
        buffer_append_byte(out, 0xc0);
        break;
    case 1:
        buffer_append_byte(out, 0xc2 | random_below(&source->content, 2));
        break;
    case 2:
    case 3:
    case 4:
        put_run(out, &source->form, 0xd9, str, size);
        break;
    case 5:
        put_run(out, &source->form, 0xc4, str, size);
        break;
    case 6:
        put_ext(out, &source->form, (int8_t)(random_below(&source->content, 3) - 1), str, size);
        break;
    case 7:
        if (nan && random_below(&source->content, 8) == 0) {
            put_double(out, random_below(&source->form, 2) ? NAN : -NAN);
            break;
        } /* fall through */
    default:
        put_random_number(out, source);
    }
}

static inline void put_random_value(struct buffer *out, struct source *source, unsigned depth,
                                    bool nan);

/* The keys of one map differ in their number, whatever they are. */
static inline void put_random_key(struct buffer *out, struct source *source, unsigned depth,
                                  uint32_t number)
{
    char name[16];
    (void)snprintf(name, sizeof name, "k%u", number);
    switch (random_below(&source->content, depth > 0 ? 6 : 4)) {
    case 0:
        put_number(out, &source->form, false, number);
        break;
    case 1:
        put_double(out, number + 0.5);
        break;
    case 2:
    case 3:
        put_run(out, &source->form, 0xd9, name, (uint32_t)strlen(name));
        break;
    case 4:
        put_count(out, &source->form, 0x90, 0xdc, 2);
        put_number(out, &source->form, false, number);
        put_random_value(out, source, depth - 1, true);
        break;
    case 5:
        put_count(out, &source->form, 0x80, 0xde, 2);
        put_random_value(out, &(struct source){{number % 3}, source->form}, 0, false);
        put_number(out, &source->form, true, (uint64_t)(-1 - (int64_t)number));
        put_run(out, &source->form, 0xd9, "in", 2);
        put_random_value(out, source, depth - 1, true);
        break;
    }
}

static inline void put_random_map(struct buffer *out, struct source *source, unsigned depth,
                                  bool nan)
{
    enum { MOST = 20 };
    struct buffer pairs[MOST];
    uint32_t count = random_below(&source->content, 6) ? random_below(&source->content, 4)
                                                       : random_below(&source->content, MOST + 1);
    memset(pairs, 0, sizeof pairs);
    for (uint32_t i = 0; i < count; i++) {
        put_random_key(&pairs[i], source, depth, i);
        put_random_value(&pairs[i], source, depth - 1, nan);
    }
    put_count(out, &source->form, 0x80, 0xde, count);
    bool shuffled = random_below(&source->form, 2);
    for (uint32_t left = count; left > 0; left--) {
        uint32_t which = shuffled ? random_below(&source->form, left) : 0;
        buffer_append(out, pairs[which].bytes, pairs[which].size);
        buffer_deinit(&pairs[which]);
        memmove(&pairs[which], &pairs[which + 1], (left - which - 1) * sizeof pairs[0]);
    }
}

/* Any value that value_check passes; with NaNs where `nan` is set. */
static inline void put_random_value(struct buffer *out, struct source *source, unsigned depth,
                                    bool nan)
{
    uint32_t kind = depth > 0 ? random_below(&source->content, 10) : 9;
    if (kind < 2) {
        uint32_t count = random_below(&source->content, 4);
        put_count(out, &source->form, 0x90, 0xdc, count);
        for (uint32_t i = 0; i < count; i++)
            put_random_value(out, source, depth - 1, nan);
    } else if (kind < 4) {
        put_random_map(out, source, depth, nan);
    } else {
        put_random_scalar(out, source, nan);
    }
}

/* What msgpack-c makes of a value's bytes. */
static inline bool is_number(const msgpack_object *object)
{
    return object->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
           object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER ||
           object->type == MSGPACK_OBJECT_FLOAT32 || object->type == MSGPACK_OBJECT_FLOAT64;
}

/* Holds every int and every float of 64 bits exactly. */
static inline long double number_of(const msgpack_object *object)
{
    if (object->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
        return (long double)object->via.u64;
    if (object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
        return (long double)object->via.i64;
    return (long double)object->via.f64;
}

/* msgpack-c has NULL for no bytes. */
static inline bool same_bytes(const void *a, const void *b, uint32_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

static inline bool plain_equal(const msgpack_object *a, const msgpack_object *b);

static inline bool plain_maps_equal(const msgpack_object_map *a, const msgpack_object_map *b)
{
    if (a->size != b->size)
        return false;
    for (uint32_t i = 0; i < a->size; i++) {
        uint32_t j = 0;
        while (j < b->size && !(plain_equal(&a->ptr[i].key, &b->ptr[j].key) &&
                                plain_equal(&a->ptr[i].val, &b->ptr[j].val)))
            j++;
        if (j == b->size)
            return false;
    }
    return true;
}

/* Rule V3 as it is said, without any thought of speed. */
static inline bool plain_equal(const msgpack_object *a, const msgpack_object *b)
{
    if (is_number(a) && is_number(b))
        return number_of(a) == number_of(b);
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case MSGPACK_OBJECT_NIL:
        return true;
    case MSGPACK_OBJECT_BOOLEAN:
        return a->via.boolean == b->via.boolean;
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_BIN: /* the same layout */
        return a->via.str.size == b->via.str.size &&
               same_bytes(a->via.str.ptr, b->via.str.ptr, a->via.str.size);
    case MSGPACK_OBJECT_EXT:
        return a->via.ext.type == b->via.ext.type && a->via.ext.size == b->via.ext.size &&
               same_bytes(a->via.ext.ptr, b->via.ext.ptr, a->via.ext.size);
    case MSGPACK_OBJECT_ARRAY:
        if (a->via.array.size != b->via.array.size)
            return false;
        for (uint32_t i = 0; i < a->via.array.size; i++)
            if (!plain_equal(&a->via.array.ptr[i], &b->via.array.ptr[i]))
                return false;
        return true;
    case MSGPACK_OBJECT_MAP:
        return plain_maps_equal(&a->via.map, &b->via.map);
    default:
        return false;
    }
}

#endif

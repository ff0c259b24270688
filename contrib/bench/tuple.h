/* SPDX-License-Identifier: MIT */
/*
 * The tuple that everything is measured with: 52 bytes, 4 fields, ["key-0000002a", number, 0.5,
 * "nineteen bytes here"]. The key is what it is taken by; the number is its own in a run.
 */
#ifndef BENCH_TUPLE_H
#define BENCH_TUPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TUPLE_BYTES 52
#define KEY_BYTES 12 /* the str's payload */

static const uint8_t tuple_template[TUPLE_BYTES] = "\x94\xac"
                                                   "key-00000000"
                                                   "\xcf"
                                                   "\0\0\0\0\0\0\0\0"
                                                   "\xcb\x3f\xe0\0\0\0\0\0\0"
                                                   "\xb3"
                                                   "nineteen bytes here";

/* Writes bytes; returns where the next go. */
static inline uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t size)
{
    memcpy(p, bytes, size);
    return p + size;
}

/* Writes the key's str payload. */
static inline void key_write(uint8_t *out, uint32_t key)
{
    static const char digits[] = "0123456789abcdef";

    out = put_bytes(out, "key-", 4);
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)digits[key >> (28 - 4 * i) & 15];
}

static inline void tuple_write(uint8_t out[TUPLE_BYTES], uint32_t key, uint64_t number)
{
    uint64_t big_endian = __builtin_bswap64(number);

    put_bytes(out, tuple_template, TUPLE_BYTES);
    key_write(out + 2, key);
    memcpy(out + 15, &big_endian, 8);
}

/* Whether these are the bytes that tuple_write wrote for this key and some number, which it sets. */
static inline bool tuple_read(const uint8_t *p, uint64_t size, uint32_t key, uint64_t *number)
{
    uint8_t expected[TUPLE_BYTES];

    if (size != TUPLE_BYTES)
        return false;
    memcpy(number, p + 15, 8);
    *number = __builtin_bswap64(*number);
    tuple_write(expected, key, *number);
    return memcmp(p, expected, TUPLE_BYTES) == 0;
}

#endif

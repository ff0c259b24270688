/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef TSD_PROTOCOL_UTF8_H
#define TSD_PROTOCOL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether all is ASCII: by words that may overlap, for the many strs that are short. */
static inline bool utf8_is_ascii(const uint8_t *p, size_t size)
{
    uint64_t bits = 0, word;
    uint32_t first, last;

    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8) {
            memcpy(&word, p + i, 8);
            bits |= word;
        }
        memcpy(&word, p + size - 8, 8);
        bits |= word;
    } else if (size >= 4) {
        memcpy(&first, p, 4);
        memcpy(&last, p + size - 4, 4);
        bits = first | last;
    } else if (size > 0) {
        bits = p[0] | p[size / 2] | p[size - 1];
    }
    return (bits & 0x8080808080808080u) == 0;
}

/* How many bytes from the start are whole valid characters: size where all are. */
size_t utf8_valid_size(const void *bytes, size_t size);

static inline bool utf8_is_valid(const void *bytes, size_t size)
{
    return utf8_valid_size(bytes, size) == size;
}

/* The first character's code point, its bytes in *length; bytes are valid and not empty. */
uint32_t utf8_decode(const uint8_t *bytes, unsigned *length);

/* Writes a code point that is not a surrogate and returns how many bytes it took, 1 to 4. */
unsigned utf8_encode(uint32_t point, uint8_t bytes[4]);

#endif

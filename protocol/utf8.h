/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef TSD_PROTOCOL_UTF8_H
#define TSD_PROTOCOL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

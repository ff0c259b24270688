/* SPDX-License-Identifier: MIT */
#include "protocol/utf8.h"

/* Bytes of the valid character at p, not ASCII; 0 where there is none (Unicode 15, table 3-7). */
static unsigned character_size(const uint8_t *p, size_t left)
{
    uint8_t low = 0x80, high = 0xbf;
    unsigned size;

    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        size = 2;
    } else if ((p[0] & 0xf0) == 0xe0) {
        size = 3;
        if (p[0] == 0xe0)
            low = 0xa0; /* shorter ones are overlong */
        if (p[0] == 0xed)
            high = 0x9f; /* higher ones are surrogates */
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        size = 4;
        if (p[0] == 0xf0)
            low = 0x90;
        if (p[0] == 0xf4)
            high = 0x8f; /* higher ones are above U+10FFFF */
    } else {
        return 0;
    }
    if (left < size || p[1] < low || p[1] > high)
        return 0;
    for (unsigned i = 2; i < size; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

size_t utf8_valid_size(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    const uint8_t *end = p + size;

    if (size <= 64 && utf8_is_ascii(p, size)) /* most are; longer ones are read once */
        return size;
    while (p < end) {
        while (end - p >= 8 && utf8_is_ascii(p, 8))
            p += 8;
        while (p < end && *p < 0x80)
            p++;
        while (p < end && *p >= 0x80) {
            unsigned step = character_size(p, (size_t)(end - p));
            if (step == 0)
                return (size_t)(p - (const uint8_t *)bytes);
            p += step;
        }
    }
    return size;
}

uint32_t utf8_decode(const uint8_t *bytes, unsigned *length)
{
    static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    uint32_t point = bytes[0] & first_bits[size];

    for (unsigned i = 1; i < size; i++)
        point = point << 6 | (bytes[i] & 0x3f);
    *length = size;
    return point;
}

unsigned utf8_encode(uint32_t point, uint8_t bytes[4])
{
    if (point < 0x80) {
        bytes[0] = (uint8_t)point;
        return 1;
    }
    unsigned size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (unsigned i = size - 1; i > 0; i--) {
        bytes[i] = 0x80 | (point & 0x3f);
        point >>= 6;
    }
    bytes[0] = (uint8_t)(0xf00u >> size) | (uint8_t)point;
    return size;
}

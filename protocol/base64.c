/* SPDX-License-Identifier: MIT */
#include "protocol/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t size, struct buffer *out)
{
    const uint8_t *from = bytes;

    for (; size > 0; from += 3) {
        size_t take = size < 3 ? size : 3;
        uint32_t group = (uint32_t)from[0] << 16;
        if (take > 1)
            group |= (uint32_t)from[1] << 8;
        if (take > 2)
            group |= from[2];
        char text[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                        take > 1 ? alphabet[group >> 6 & 63] : '=',
                        take > 2 ? alphabet[group & 63] : '='};
        buffer_append(out, text, 4);
        size -= take;
    }
}

/* The six bits that a character stands for, -1 where it stands for none. */
static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes the four characters of a group; returns 4, or the index of the first wrong one. */
static unsigned decode_group(const char *text, bool last, uint8_t bytes[3], unsigned *count)
{
    uint32_t group = 0;
    unsigned padding = !last || text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;

    for (unsigned i = 0; i < 4 - padding; i++) {
        int bits = digit(text[i]);
        if (bits < 0)
            return i;
        group |= (uint32_t)bits << (18 - 6 * i);
    }
    *count = 3 - padding;
    for (unsigned i = 0; i < 3; i++)
        bytes[i] = (uint8_t)(group >> (16 - 8 * i));
    for (unsigned i = *count; i < 3; i++)
        if (bytes[i] != 0)
            return 3 - padding; /* bits left over */
    return 4;
}

size_t base64_decode(const char *text, size_t size, struct buffer *out)
{
    size_t before = out->size;

    for (size_t at = 0; at < size; at += 4) {
        uint8_t bytes[3];
        unsigned count = 0;
        unsigned good = 0;
        if (size - at >= 4)
            good = decode_group(text + at, size - at == 4, bytes, &count);
        if (good < 4) {
            out->size = before;
            return at + good;
        }
        buffer_append(out, bytes, count);
    }
    return size;
}

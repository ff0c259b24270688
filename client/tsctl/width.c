/* SPDX-License-Identifier: MIT */
#include "tsctl/width.h"

#include <stdint.h>

#include "protocol/utf8.h"

struct character_range {
    uint32_t first, last;
};

static const struct character_range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct character_range combining[] = {
    {0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef},
};

static bool is_in(uint32_t c, const struct character_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

struct width_step width_next(const char *text, size_t size)
{
    if (utf8_valid_size(text, size < 4 ? size : 4) == 0)
        return (struct width_step){.bytes = 1, .columns = 1, .printable = false};
    unsigned bytes;
    uint32_t c = utf8_decode((const uint8_t *)text, &bytes);
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return (struct width_step){.bytes = bytes, .columns = 1, .printable = false};
    unsigned columns = 1;
    if (is_in(c, wide, sizeof(wide) / sizeof(wide[0])))
        columns = 2;
    else if (is_in(c, combining, sizeof(combining) / sizeof(combining[0])))
        columns = 0;
    return (struct width_step){.bytes = bytes, .columns = columns, .printable = true};
}

unsigned width_of(const char *text, size_t size)
{
    unsigned columns = 0;
    for (size_t at = 0; at < size;) {
        struct width_step step = width_next(text + at, size - at);
        columns += step.columns;
        at += step.bytes;
    }
    return columns;
}

unsigned width_cut(struct buffer *text, size_t from, unsigned most)
{
    unsigned columns = 0;
    size_t at = from, end = from; /* end: where the dots go */
    while (at < text->size) {
        struct width_step step = width_next((const char *)text->bytes + at, text->size - at);
        columns += step.columns;
        at += step.bytes;
        if (columns <= most - 3)
            end = at;
        if (columns > most) {
            text->size = end;
            buffer_append(text, "...", 3);
            return width_of((const char *)text->bytes + from, text->size - from);
        }
    }
    return columns;
}

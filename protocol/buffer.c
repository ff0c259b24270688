/* SPDX-License-Identifier: MIT */
#include "protocol/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void buffer_deinit(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = BUFFER_INIT;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

static bool grow(struct buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 2 - buffer->size)
        return false;
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < buffer->size + more)
        capacity *= 2;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (!bytes)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

uint8_t *buffer_grow(struct buffer *buffer, size_t more)
{
    if (buffer->failed)
        return NULL;
    if (!grow(buffer, more)) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->bytes + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    uint8_t *to = buffer_reserve(buffer, size);
    if (!to)
        return;
    memcpy(to, bytes, size);
    buffer->size += size;
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    uint8_t *to = buffer_reserve(buffer, 1);
    if (!to)
        return;
    *to = byte;
    buffer->size++;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    uint8_t *to = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length + 1);
    if (to) {
        (void)vsnprintf((char *)to, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

static int pack_write(void *data, const char *bytes, size_t size)
{
    struct buffer *buffer = data;
    buffer_append(buffer, bytes, size);
    return buffer->failed ? -1 : 0;
}

msgpack_packer buffer_packer(struct buffer *buffer)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, buffer, pack_write);
    return packer;
}

/* Head and bytes together or, without memory, neither. */
void buffer_pack_str(struct buffer *buffer, const void *bytes, size_t size)
{
    if (!buffer_reserve(buffer, size + 5))
        return;
    msgpack_packer packer = buffer_packer(buffer);
    msgpack_pack_str(&packer, size);
    buffer_append(buffer, bytes, size);
}

void buffer_pack_bin(struct buffer *buffer, const void *bytes, size_t size)
{
    if (!buffer_reserve(buffer, size + 5))
        return;
    msgpack_packer packer = buffer_packer(buffer);
    msgpack_pack_bin(&packer, size);
    buffer_append(buffer, bytes, size);
}

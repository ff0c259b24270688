/* SPDX-License-Identifier: MIT */
/*
 * A growing run of bytes, and msgpack-c's packer writing into it.
 *
 * Owned by whoever declares it; BUFFER_INIT or zeroes start an empty one. Growth doubles and may
 * move the bytes. A failed allocation sets `failed` and drops what would not fit; later appends do
 * nothing, so a caller checks once, at the end.
 */
#ifndef TSD_PROTOCOL_BUFFER_H
#define TSD_PROTOCOL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <msgpack/pack.h>

struct buffer {
    uint8_t *bytes;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    bool failed;     /* an allocation failed since the last buffer_clear */
};

#define BUFFER_INIT ((struct buffer){0})

void buffer_deinit(struct buffer *buffer); /* frees the bytes; the buffer is empty and usable */
void buffer_clear(struct buffer *buffer);  /* empty again, keeps its memory */

uint8_t *buffer_grow(struct buffer *buffer, size_t more); /* buffer_reserve where it is full */

/* Makes room for `more` bytes after size and returns where they go; NULL without memory. */
static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->failed || !buffer->bytes || more > buffer->capacity - buffer->size)
        return buffer_grow(buffer, more);
    return buffer->bytes + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);

/* Printf into the buffer; no NUL is added. */
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A msgpack-c packer that appends to the buffer; valid as long as the buffer is. */
msgpack_packer buffer_packer(struct buffer *buffer);

/*
 * The same for a few values of a known most size, as in every answer: room for all of them is made
 * once, and a packer whose writes the compiler sees stores them there. `at` is NULL without memory.
 */
struct buffer_room {
    struct buffer *buffer;
    uint8_t *at; /* where the next value goes */
};

enum { PACKED_HEAD = 5, PACKED_UINT = 9 }; /* most bytes of an array's or map's head, a uint */

static inline struct buffer_room buffer_room(struct buffer *buffer, size_t most)
{
    return (struct buffer_room){buffer, buffer_reserve(buffer, most)};
}

static inline __attribute__((always_inline)) int buffer_room_write(void *data, const char *bytes,
                                                                   size_t size)
{
    struct buffer_room *room = (struct buffer_room *)data;

    memcpy(room->at, bytes, size);
    room->at += size;
    return 0;
}

static inline msgpack_packer buffer_room_packer(struct buffer_room *room)
{
    return (msgpack_packer){room, buffer_room_write};
}

static inline void buffer_room_end(const struct buffer_room *room)
{
    room->buffer->size = (size_t)(room->at - room->buffer->bytes);
}

/* Appends a str or bin, head and bytes. */
void buffer_pack_str(struct buffer *buffer, const void *bytes, size_t size);
void buffer_pack_bin(struct buffer *buffer, const void *bytes, size_t size);

#endif

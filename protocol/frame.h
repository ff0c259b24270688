/* SPDX-License-Identifier: MIT */
/*
 * Frames: a length as a MessagePack uint32 (always 0xce and four bytes), then a body of so many
 * bytes, one array.
 */
#ifndef TSD_PROTOCOL_FRAME_H
#define TSD_PROTOCOL_FRAME_H

#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/problem.h"

#define FRAME_HEAD 5    /* bytes of the length in front of a body */
#define FRAME_MARK 0xce /* the first of them: MessagePack's uint32 */

/* A body in somebody's bytes. */
struct frame {
    const uint8_t *body;
    size_t size;
};

/*
 * Looks for a whole frame at p. Returns its bytes (head and body) and sets *frame; 0 where it is not
 * all there yet, *want then being the bytes that the whole frame needs (at least FRAME_HEAD);
 * -TS_PROTOCOL or -TS_LIMIT with the problem set where the head is wrong or more than `limit` bytes
 * of body.
 */
long frame_next(const uint8_t *p, size_t size, size_t limit, struct frame *frame, size_t *want,
                struct problem *problem);

/* Starts a frame at the buffer's end and returns where; frame_end writes its length. */
static inline size_t frame_begin(struct buffer *out);
static inline void frame_end(struct buffer *out, size_t begun);

/* Writes the head of a frame whose body has `size` bytes, where part of it lies elsewhere. */
static inline void frame_write_head(uint8_t head[FRAME_HEAD], uint32_t size)
{
    const uint32_t big_endian = htobe32(size);

    head[0] = FRAME_MARK;
    memcpy(head + 1, &big_endian, sizeof big_endian);
}

static inline size_t frame_begin(struct buffer *out)
{
    const size_t begun = out->size;

    if (buffer_reserve(out, FRAME_HEAD)) {
        frame_write_head(out->bytes + begun, 0);
        out->size += FRAME_HEAD;
    }
    return begun;
}

static inline void frame_end(struct buffer *out, size_t begun)
{
    if (out->failed)
        return;
    size_t size = out->size - begun - FRAME_HEAD;
    assert(size > 0 && size <= UINT32_MAX);
    frame_write_head(out->bytes + begun, (uint32_t)size);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "protocol/frame.h"

static uint32_t frame_read_size(const uint8_t *head)
{
    return (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
}

long frame_next(const uint8_t *p, size_t size, size_t limit, struct frame *frame, size_t *want,
                struct problem *problem)
{
    *want = FRAME_HEAD;
    if (size == 0)
        return 0;
    if (p[0] != FRAME_MARK)
        return problem_set(problem, TS_PROTOCOL, 0,
                           "a frame begins with its length, the byte 0xce and four more, not with "
                           "0x%02x",
                           p[0]);
    if (size < FRAME_HEAD)
        return 0;

    size_t body = frame_read_size(p);
    if (body == 0)
        return problem_set(problem, TS_PROTOCOL, 1, "a frame without a body");
    if (body > limit)
        return problem_set(problem, TS_LIMIT, 1,
                           "a frame of %zu bytes, where the limit on the bytes of a frame is %zu",
                           body, limit);
    *want = FRAME_HEAD + body;
    if (size < *want)
        return 0;
    frame->body = p + FRAME_HEAD;
    frame->size = body;
    return (long)*want;
}

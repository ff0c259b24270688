/* SPDX-License-Identifier: MIT */
/*
 * Takes values of an expected form from a frame's body, one after the other.
 *
 * A reader owns nothing. Each reader_... returns whether such a value stands next, and only then
 * moves past it (an array or map: past its head). Nothing is read at or past `end`.
 * The forms that fill most requests, short ones, are read inline; reader_..._long read any.
 */
#ifndef TSD_PROTOCOL_READER_H
#define TSD_PROTOCOL_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/frame.h"
#include "protocol/request.h"
#include "protocol/value.h"

struct reader {
    const uint8_t *body; /* offsets of problems count from here */
    const uint8_t *p;    /* the next value */
    const uint8_t *end;
};

static inline struct reader reader_of(const struct frame *frame)
{
    return (struct reader){frame->body, frame->body, frame->body + frame->size};
}

struct reader reader_of_span(const struct span *span);

bool reader_uint_long(struct reader *in, uint64_t *value);
bool reader_str_long(struct reader *in, struct span *bytes);
bool reader_array_long(struct reader *in, uint32_t *count);
bool reader_map_long(struct reader *in, uint32_t *pairs);

static inline bool reader_uint(struct reader *in, uint64_t *value)
{
    if (in->p == in->end || *in->p >= 0x80)
        return reader_uint_long(in, value);
    *value = *in->p++;
    return true;
}

static inline bool reader_str(struct reader *in, struct span *bytes)
{
    const uint8_t *p = in->p;

    if (p == in->end || !VALUE_IS_SHORT_STR(*p) || in->end - p <= (*p & 0x1f))
        return reader_str_long(in, bytes);
    *bytes = (struct span){p + 1, *p & 0x1f};
    in->p = p + 1 + bytes->size;
    return true;
}

static inline bool reader_array(struct reader *in, uint32_t *count)
{
    if (in->p == in->end || !VALUE_IS_SHORT_ARRAY(*in->p))
        return reader_array_long(in, count);
    *count = *in->p++ & 0x0f;
    return true;
}

static inline bool reader_map(struct reader *in, uint32_t *pairs)
{
    if (in->p == in->end || !VALUE_IS_SHORT_MAP(*in->p))
        return reader_map_long(in, pairs);
    *pairs = *in->p++ & 0x0f;
    return true;
}

bool reader_int(struct reader *in, int64_t *value); /* an int that fits */
bool reader_bool(struct reader *in, bool *value);
bool reader_nil(struct reader *in);
bool reader_place(struct reader *in, struct place *place); /* [priority, id] */
bool reader_skip(struct reader *in, struct span *value);   /* any value; it may be NULL */

static inline bool reader_at_end(const struct reader *in)
{
    return in->p == in->end;
}

static inline size_t reader_offset(const struct reader *in)
{
    return (size_t)(in->p - in->body);
}

/*
 * Sets a TS_PROTOCOL problem: `name` should stand next and be what `form` says (up to the first
 * colon), but does not or is not. Returns -TS_PROTOCOL.
 */
int reader_fail(const struct reader *in, struct problem *problem, const char *name,
                const char *form);

#endif

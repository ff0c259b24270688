/* SPDX-License-Identifier: MIT */
/*
 * Takes values of an expected form from a frame's body, one after the other.
 *
 * A reader owns nothing. Each reader_... returns whether such a value stands next, and only then
 * moves past it (an array or map: past its head). Nothing is read at or past `end`.
 */
#ifndef TSD_PROTOCOL_READER_H
#define TSD_PROTOCOL_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/frame.h"
#include "protocol/request.h"

struct reader {
    const uint8_t *body; /* offsets of problems count from here */
    const uint8_t *p;    /* the next value */
    const uint8_t *end;
};

struct reader reader_of(const struct frame *frame);
struct reader reader_of_span(const struct span *span);

bool reader_uint(struct reader *in, uint64_t *value);
bool reader_int(struct reader *in, int64_t *value); /* an int that fits */
bool reader_bool(struct reader *in, bool *value);
bool reader_nil(struct reader *in);
bool reader_str(struct reader *in, struct span *bytes);
bool reader_array(struct reader *in, uint32_t *count);
bool reader_map(struct reader *in, uint32_t *pairs);
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

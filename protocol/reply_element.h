/* SPDX-License-Identifier: MIT */
/*
 * The elements of a result that is an array: items, events, rows.
 */
#ifndef TSD_PROTOCOL_REPLY_ELEMENT_H
#define TSD_PROTOCOL_REPLY_ELEMENT_H

#include "protocol/reader.h"
#include "protocol/reply.h"

/*
 * Moves to the next element of the result's array, from NULL to the first. Returns 1 where one
 * stands at in->p, 0 at the end: reply_decode has seen that the elements end where the result does.
 */
int reply_next_element(const struct reply *reply, const uint8_t *p, struct reader *in);

static inline bool reader_uint32(struct reader *in, uint32_t *value)
{
    uint64_t wide;

    if (!reader_uint(in, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

#endif

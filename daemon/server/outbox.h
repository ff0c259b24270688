/* SPDX-License-Identifier: MIT */
/*
 * What is to be written to a client: frames, gathered in a loop round and written at its end.
 *
 * Small things are copied in; a large tuple is shared: it stays where it is, with a reference that
 * the outbox gives back by `release` once it is written or the outbox goes. What is written is
 * taken off at the front; memory is kept while it is small.
 */
#ifndef TSD_SERVER_OUTBOX_H
#define TSD_SERVER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"

/* Bytes from which sharing is cheaper than a copy. */
#define OUTBOX_SHARE ((size_t)16 * 1024)

/* Bytes that lie elsewhere, and come after the first `at` of those copied. */
struct outbox_part {
    size_t at;
    const uint8_t *bytes;
    size_t size;
    void *owner;
};

struct outbox {
    struct buffer copied; /* frames are appended here */
    size_t written;       /* of copied */
    struct outbox_part *parts;
    size_t part_first, part_count, part_capacity; /* those before part_first are written */
    size_t part_written;                          /* of the first */
    size_t shared;                                /* bytes of the parts, less what is written */
    size_t under_way;                             /* bytes left of a frame that is partly written */
    uint64_t gone;                                /* bytes written since ever */
    void (*release)(void *context, void *owner);
    void *context;
};

void outbox_init(struct outbox *outbox, void (*release)(void *context, void *owner), void *context);
void outbox_deinit(struct outbox *outbox);

/* Bytes that come after what was appended to `copied` so far. Takes over the caller's reference;
 * where there is no memory it gives it back, and copied.failed is set. */
void outbox_share(struct outbox *outbox, const uint8_t *bytes, size_t size, void *owner);

/* Bytes not yet written. */
static inline size_t outbox_unread(const struct outbox *outbox)
{
    return outbox->copied.size - outbox->written + outbox->shared;
}

/* Where the next byte that is appended stands among all that ever were. */
static inline uint64_t outbox_end(const struct outbox *outbox)
{
    return outbox->gone + outbox_unread(outbox);
}

/* Bytes not yet written, without what is left of the frame under way. */
size_t outbox_behind(const struct outbox *outbox);

/* Writes as much as the socket takes. Returns 0 when all is written, 1 when it takes no more now,
 * or -errno. */
int outbox_write(struct outbox *outbox, int fd);

#endif

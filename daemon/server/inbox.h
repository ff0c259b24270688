/* SPDX-License-Identifier: MIT */
/*
 * What came from a client and has not been handled: the part of a frame, seldom whole ones.
 *
 * Clients' bytes are read into one buffer that all share and handled there; only what is left over
 * moves to memory of the inbox's own, so that a client between two frames holds none. That memory
 * grows with what has come, never on what a frame announces, is charged to the user, and shrinks
 * after a large frame.
 */
#ifndef TSD_SERVER_INBOX_H
#define TSD_SERVER_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/frame.h"
#include "server/user.h"

/* Where clients' bytes are read to first; belongs to the server. */
#define INBOX_SHARED ((size_t)64 * 1024)

struct inbox {
    uint8_t *bytes; /* own memory or the shared buffer */
    size_t begin, end;
    size_t capacity; /* of own memory, else 0 */
    size_t want;     /* bytes that the frame at begin needs, as far as known */
    struct charge charge;
    struct user *user;
};

void inbox_init(struct inbox *inbox, struct user *user);
void inbox_deinit(struct inbox *inbox);

/*
 * Where to read to, and how much; the shared buffer if nothing is left over. NULL with the problem
 * set where the user's limit or the memory is used up.
 */
uint8_t *inbox_room(struct inbox *inbox, uint8_t *shared, size_t *room, struct problem *problem);
void inbox_came(struct inbox *inbox, size_t size);

/* The next frame, taken out; it stands until inbox_settle. As frame_next: bytes, 0, or -status. */
long inbox_next(struct inbox *inbox, size_t limit, struct frame *frame, struct problem *problem);

/* After handling: moves what is left over out of the shared buffer. False with the problem set as
 * in inbox_room. */
bool inbox_settle(struct inbox *inbox, struct problem *problem);

static inline size_t inbox_size(const struct inbox *inbox)
{
    return inbox->end - inbox->begin;
}

#endif

/* SPDX-License-Identifier: MIT */
#include "server/inbox.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

#define OWN_LEAST                                                                                  \
    ((size_t)4096) /* bytes of own memory at first, and that an empty inbox may keep */

void inbox_init(struct inbox *inbox, struct user *user)
{
    *inbox = (struct inbox){.user = user, .want = FRAME_HEAD};
}

static void inbox_drop(struct inbox *inbox)
{
    if (inbox->capacity)
        mem_free(inbox->bytes);
    if (inbox->charge.user) /* without memory there is a charge alone */
        charge_release(&inbox->charge);
    inbox->bytes = NULL;
    inbox->begin = inbox->end = inbox->capacity = 0;
}

void inbox_deinit(struct inbox *inbox)
{
    inbox_drop(inbox);
}

/* Own memory of that capacity, what is left over at its front. */
static bool inbox_own(struct inbox *inbox, size_t capacity, struct problem *problem)
{
    size_t size = inbox_size(inbox);
    uint8_t *bytes;

    assert(capacity >= size);
    if (!charge_set(&inbox->charge, inbox->user, SLOT_UNFINISHED, capacity)) {
        problem_set(problem, TS_LIMIT, 0,
                    "unfinished-bytes: the unfinished frames of user %u have "
                    "more than %llu bytes",
                    (unsigned)inbox->user->uid,
                    (unsigned long long)inbox->user->users->limits[SLOT_UNFINISHED]);
        return false;
    }
    if (inbox->capacity) {
        memmove(inbox->bytes, inbox->bytes + inbox->begin, size);
        bytes = mem_realloc(inbox->bytes, capacity);
    } else {
        bytes = mem_alloc(capacity);
        if (bytes)
            memcpy(bytes, inbox->bytes + inbox->begin, size);
    }
    if (!bytes) {
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for a frame");
        return false;
    }
    inbox->bytes = bytes;
    inbox->begin = 0;
    inbox->end = size;
    inbox->capacity = capacity;
    return true;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/*
 * Twice what has come, but no more than the frame needs or the shared buffer would take; never less
 * than what has come, which may be many whole frames that nobody has handled yet.
 */
static size_t inbox_grown(const struct inbox *inbox)
{
    size_t most = larger(inbox->want, INBOX_SHARED);
    size_t size = inbox_size(inbox), grown = larger(2 * size, OWN_LEAST);

    return larger(grown < most ? grown : most, size);
}

uint8_t *inbox_room(struct inbox *inbox, uint8_t *shared, size_t *room, struct problem *problem)
{
    size_t size = inbox_size(inbox), grown;

    if (size == 0) {
        inbox_drop(inbox);
        inbox->bytes = shared;
        *room = INBOX_SHARED;
        return shared;
    }
    grown = inbox_grown(inbox);
    if (grown == size)
        grown += OWN_LEAST;
    if (inbox->capacity - inbox->end < grown - size) {
        if (inbox->capacity < grown ? !inbox_own(inbox, grown, problem)
                                    : !inbox_own(inbox, inbox->capacity, problem))
            return NULL;
    }
    *room = inbox->capacity - inbox->end;
    if (*room > INBOX_SHARED)
        *room = INBOX_SHARED; /* what came is copied, in one turn */
    return inbox->bytes + inbox->end;
}

void inbox_came(struct inbox *inbox, size_t size)
{
    inbox->end += size;
}

long inbox_next(struct inbox *inbox, size_t limit, struct frame *frame, struct problem *problem)
{
    size_t size = inbox_size(inbox);
    long used;

    if (size == 0)
        return 0;
    used = frame_next(inbox->bytes + inbox->begin, size, limit, frame, &inbox->want, problem);
    if (used > 0)
        inbox->begin += (size_t)used;
    return used;
}

bool inbox_settle(struct inbox *inbox, struct problem *problem)
{
    size_t size = inbox_size(inbox);

    if (size == 0) {
        if (inbox->capacity > OWN_LEAST || inbox->capacity == 0)
            inbox_drop(inbox);
        inbox->begin = inbox->end = 0;
        return true;
    }
    if (inbox->capacity == 0)
        return inbox_own(inbox, size > OWN_LEAST ? size : OWN_LEAST, problem);
    if (inbox->capacity > INBOX_SHARED && size < inbox->capacity / 4 && inbox->want <= INBOX_SHARED)
        return inbox_own(inbox, inbox_grown(inbox), problem);
    return true;
}

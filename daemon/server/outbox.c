/* SPDX-License-Identifier: MIT */
#include "server/outbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/alloc.h"
#include "protocol/frame.h"

#define PIECES 64                   /* of one vectored write */
#define KEEP ((size_t)16 * 1024)    /* bytes of memory that an empty outbox may keep */
#define COMPACT ((size_t)64 * 1024) /* bytes written at the front that are worth moving the rest */

void outbox_init(struct outbox *outbox, void (*release)(void *context, void *owner), void *context)
{
    *outbox = (struct outbox){.release = release, .context = context};
}

static void outbox_release_parts(struct outbox *outbox, size_t before)
{
    for (; outbox->part_first < before; outbox->part_first++)
        outbox->release(outbox->context, outbox->parts[outbox->part_first].owner);
}

void outbox_deinit(struct outbox *outbox)
{
    outbox_release_parts(outbox, outbox->part_count);
    mem_free(outbox->parts);
    buffer_deinit(&outbox->copied);
}

void outbox_share(struct outbox *outbox, const uint8_t *bytes, size_t size, void *owner)
{
    if (outbox->part_count == outbox->part_capacity) {
        size_t capacity = outbox->part_capacity ? 2 * outbox->part_capacity : 8;
        struct outbox_part *parts = mem_realloc_array(outbox->parts, capacity, sizeof(*parts));

        if (!parts) {
            outbox->copied.failed = true;
            outbox->release(outbox->context, owner);
            return;
        }
        outbox->parts = parts;
        outbox->part_capacity = capacity;
    }
    outbox->parts[outbox->part_count++] = (struct outbox_part){
        .at = outbox->copied.size, .bytes = bytes, .size = size, .owner = owner};
    outbox->shared += size;
}

/* Everything is written. */
static void outbox_empty(struct outbox *outbox)
{
    outbox_release_parts(outbox, outbox->part_count);
    outbox->part_first = outbox->part_count = outbox->part_written = 0;
    outbox->written = outbox->shared = outbox->under_way = 0;
    if (outbox->copied.capacity > KEEP)
        buffer_deinit(&outbox->copied);
    outbox->copied.size = 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The bytes of the frame that begins where writing stands; its head is always copied. */
static size_t outbox_frame_size(const struct outbox *outbox)
{
    const uint8_t *head = outbox->copied.bytes + outbox->written;

    return FRAME_HEAD +
           ((size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | (size_t)head[4]);
}

/* Takes up to `size` written bytes off the first piece; returns how many. */
static size_t outbox_take_off(struct outbox *outbox, size_t size)
{
    struct outbox_part *part =
        outbox->part_first < outbox->part_count ? &outbox->parts[outbox->part_first] : NULL;
    size_t copied = (part ? part->at : outbox->copied.size) - outbox->written;

    if (copied > 0) {
        size = least(size, copied);
        outbox->written += size;
        return size;
    }
    assert(part); /* nobody takes off more than there is */
    size = least(size, part->size - outbox->part_written);
    outbox->shared -= size;
    outbox->part_written += size;
    if (outbox->part_written == part->size) {
        outbox_release_parts(outbox, outbox->part_first + 1);
        outbox->part_written = 0;
    }
    return size;
}

/* Part of what is there was written: takes it off, frame by frame, to know what is under way. */
static void outbox_advance(struct outbox *outbox, size_t size)
{
    while (size > 0) {
        size_t taken;

        if (outbox->under_way == 0)
            outbox->under_way = outbox_frame_size(outbox);
        taken = outbox_take_off(outbox, least(size, outbox->under_way));
        outbox->under_way -= taken;
        size -= taken;
    }
}

/* Moves what is left to the front once enough is gone there: so at most a quarter more than what is
 * left takes memory, and a byte that is written moves no more than four others. */
static void outbox_compact(struct outbox *outbox)
{
    size_t left = outbox->copied.size - outbox->written;

    if (outbox->part_first > 0 && outbox->part_first >= outbox->part_count - outbox->part_first) {
        outbox->part_count -= outbox->part_first;
        memmove(outbox->parts, outbox->parts + outbox->part_first,
                outbox->part_count * sizeof(*outbox->parts));
        outbox->part_first = 0;
    }
    if (outbox->written < COMPACT || outbox->written < left / 4)
        return;
    memmove(outbox->copied.bytes, outbox->copied.bytes + outbox->written, left);
    for (size_t i = outbox->part_first; i < outbox->part_count; i++)
        outbox->parts[i].at -= outbox->written;
    outbox->copied.size = left;
    outbox->written = 0;
}

size_t outbox_behind(const struct outbox *outbox)
{
    size_t unread = outbox_unread(outbox);

    return unread -
           (outbox->under_way || unread == 0 ? outbox->under_way : outbox_frame_size(outbox));
}

/* Collects the next pieces; returns their number, their bytes in *total. */
static size_t outbox_pieces(const struct outbox *outbox, struct iovec pieces[static PIECES],
                            size_t *total)
{
    size_t count = 0, copied = outbox->written, done = outbox->part_written;

    *total = 0;
    for (size_t i = outbox->part_first; i <= outbox->part_count && count + 2 <= PIECES; i++) {
        const struct outbox_part *part = i < outbox->part_count ? &outbox->parts[i] : NULL;
        size_t until = part ? part->at : outbox->copied.size;

        if (until > copied) {
            pieces[count++] = (struct iovec){outbox->copied.bytes + copied, until - copied};
            *total += until - copied;
            copied = until;
        }
        if (part) {
            pieces[count++] = (struct iovec){(void *)(part->bytes + done), part->size - done};
            *total += part->size - done;
            done = 0;
        }
    }
    return count;
}

/* Not part of the usual write, which needs no room for pieces. */
static __attribute__((noinline)) ssize_t outbox_send_pieces(const struct outbox *outbox, int fd,
                                                            size_t *total)
{
    struct iovec pieces[PIECES];
    struct msghdr message = {.msg_iov = pieces};

    message.msg_iovlen = outbox_pieces(outbox, pieces, total);
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* One write; as send(2). */
static ssize_t outbox_send(const struct outbox *outbox, int fd, size_t *total)
{
    ssize_t sent;

    do {
        if (outbox->part_first == outbox->part_count) {
            *total = outbox->copied.size - outbox->written;
            sent = send(fd, outbox->copied.bytes + outbox->written, *total, MSG_NOSIGNAL);
        } else {
            sent = outbox_send_pieces(outbox, fd, total);
        }
    } while (sent < 0 && errno == EINTR);
    return sent;
}

int outbox_write(struct outbox *outbox, int fd)
{
    size_t unread, total;

    while ((unread = outbox_unread(outbox)) > 0) {
        ssize_t sent = outbox_send(outbox, fd, &total);

        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 1 : -errno;
        outbox->gone += (uint64_t)sent;
        if ((size_t)sent == unread) {
            outbox_empty(outbox);
            return 0;
        }
        outbox_advance(outbox, (size_t)sent);
        outbox_compact(outbox);
        if ((size_t)sent < total)
            return 1;
    }
    return 0;
}

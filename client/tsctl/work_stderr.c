/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2 */
#include "tsctl/work_stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "protocol/utf8.h"
#include "tsctl/memory.h"

#define READ_BYTES 4096
#define PIPE_BYTES (1024 * 1024) /* the most that one holds, unless root says otherwise */
#define LINE_BYTES 65536         /* longer ones are passed on in parts */

bool work_stderr_open(struct work_stderr *stream, const struct buffer *tag, int *write_fd)
{
    int ends[2];
    *stream = (struct work_stderr){.fd = -1, .tag = tag};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stream->fd = ends[0];
    *write_fd = ends[1];
    return true;
}

/* To standard error as one write; where that fails there is nobody to tell. */
static void pass_on(struct work_stderr *stream)
{
    if (stream->line.size == 0)
        return;
    (void)fflush(stderr);
    struct buffer whole = BUFFER_INIT;
    if (stream->tag->size > 0)
        buffer_append(&whole, stream->tag->bytes, stream->tag->size);
    buffer_append(&whole, stream->line.bytes, stream->line.size);
    memory_check(!whole.failed);
    ssize_t wrote = write(STDERR_FILENO, whole.bytes, whole.size);
    (void)wrote;
    buffer_deinit(&whole);
    buffer_clear(&stream->line);
}

static void keep_tail(struct work_stderr *stream, const uint8_t *bytes, size_t size)
{
    struct buffer *tail = &stream->tail;
    buffer_append(tail, bytes, size);
    memory_check(!tail->failed);
    if (tail->size <= 2 * WORK_TAIL_BYTES)
        return;
    memmove(tail->bytes, tail->bytes + tail->size - WORK_TAIL_BYTES, WORK_TAIL_BYTES);
    tail->size = WORK_TAIL_BYTES;
}

static void take(struct work_stderr *stream, const uint8_t *bytes, size_t size)
{
    keep_tail(stream, bytes, size);
    while (size > 0) {
        const uint8_t *end = memchr(bytes, '\n', size);
        size_t part = end != NULL ? (size_t)(end - bytes) + 1 : size;
        buffer_append(&stream->line, bytes, part);
        memory_check(!stream->line.failed);
        if (end != NULL || stream->line.size >= LINE_BYTES)
            pass_on(stream);
        bytes += part;
        size -= part;
    }
}

/* One read. Whether there may be more to read now. */
static bool read_some(struct work_stderr *stream)
{
    uint8_t bytes[READ_BYTES];
    ssize_t got;
    do
        got = read(stream->fd, bytes, sizeof(bytes));
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        take(stream, bytes, (size_t)got);
        return true;
    }
    if (got == 0 || errno != EAGAIN) {
        close(stream->fd);
        stream->fd = -1;
    }
    return false;
}

void work_stderr_read(struct work_stderr *stream)
{
    if (stream->fd >= 0)
        (void)read_some(stream); /* others have their turn; poll tells of more, and of the end */
}

void work_stderr_finish(struct work_stderr *stream)
{
    /* no more than a pipe holds: whoever else has it open may write for ever */
    for (int left = PIPE_BYTES / READ_BYTES; left > 0 && stream->fd >= 0; left--)
        if (!read_some(stream))
            break;
    if (stream->line.size > 0) {
        buffer_append_byte(&stream->line, '\n');
        memory_check(!stream->line.failed);
        pass_on(stream);
    }
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

void work_stderr_deinit(struct work_stderr *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    buffer_deinit(&stream->line);
    buffer_deinit(&stream->tail);
    stream->fd = -1;
}

void work_stderr_tail(const struct work_stderr *stream, struct buffer *out)
{
    const uint8_t *at = stream->tail.bytes;
    size_t left = stream->tail.size;
    if (left > WORK_TAIL_BYTES) {
        at += left - WORK_TAIL_BYTES;
        left = WORK_TAIL_BYTES;
        for (; left > 0 && (*at & 0xc0) == 0x80; left--) /* the rest of a character that was cut */
            at++;
    }
    while (left > 0) {
        size_t valid = utf8_valid_size(at, left);
        buffer_append(out, at, valid);
        at += valid;
        left -= valid;
        if (left == 0)
            return;
        buffer_append_byte(out, '?');
        at++;
        left--;
    }
}

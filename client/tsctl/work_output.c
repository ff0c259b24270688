/* SPDX-License-Identifier: MIT */
#include "tsctl/work_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tsctl/complain.h"
#include "tsctl/memory.h"

#define READ_BYTES 65536

static enum work_written failed(const char *what)
{
    if (errno == EPIPE)
        return WORK_WRITE_BROKEN;
    complain("cannot %s: %s", what, strerror(errno));
    return WORK_WRITE_FAILED;
}

/* Waits for room. Signals come in meanwhile; the second one that is to end it does. */
static bool wait_for_room(struct work_signals *signals)
{
    struct pollfd ready[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
                             {.fd = signals->fd, .events = POLLIN}};
    while (signals->stops < 2) {
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return true; /* the write tells */
        if (ready[1].revents != 0)
            work_signals_read(signals);
        if (ready[0].revents != 0)
            return true;
    }
    return false;
}

static enum work_written write_all(const uint8_t *bytes, size_t size, struct work_signals *signals)
{
    while (size > 0) {
        if (!wait_for_room(signals))
            return WORK_WRITE_STOPPED;
        ssize_t wrote = write(STDOUT_FILENO, bytes, size < PIPE_BUF ? size : PIPE_BUF);
        if (wrote < 0 && errno != EINTR && errno != EAGAIN)
            return failed("write to standard output");
        if (wrote > 0) {
            bytes += wrote;
            size -= (size_t)wrote;
        }
    }
    return WORK_WRITTEN;
}

/* Appends the bytes with the tag before each line that begins in them. */
static void add_tags(struct buffer *out, const uint8_t *bytes, size_t size,
                     const struct buffer *tag, bool *begins)
{
    while (size > 0) {
        const uint8_t *end = memchr(bytes, '\n', size);
        size_t part = end != NULL ? (size_t)(end - bytes) + 1 : size;
        if (*begins)
            buffer_append(out, tag->bytes, tag->size);
        *begins = end != NULL;
        buffer_append(out, bytes, part);
        bytes += part;
        size -= part;
    }
    memory_check(!out->failed);
}

enum work_written work_output_copy(int fd, const struct buffer *tag, struct work_signals *signals)
{
    uint8_t bytes[READ_BYTES];
    struct buffer tagged = BUFFER_INIT;
    enum work_written result = WORK_WRITTEN;
    bool begins = true;
    ssize_t got = 0;
    while (result == WORK_WRITTEN && (got = read(fd, bytes, sizeof(bytes))) > 0) {
        if (tag->size == 0) {
            result = write_all(bytes, (size_t)got, signals);
            continue;
        }
        buffer_clear(&tagged);
        add_tags(&tagged, bytes, (size_t)got, tag, &begins);
        result = write_all(tagged.bytes, tagged.size, signals);
    }
    if (got < 0)
        result = failed("read what a task printed");
    else if (result == WORK_WRITTEN && tag->size > 0 && !begins)
        result = write_all((const uint8_t *)"\n", 1, signals); /* or the next tag is no beginning */
    buffer_deinit(&tagged);
    return result;
}

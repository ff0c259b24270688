/* SPDX-License-Identifier: MIT */
/*
 * What a task writes to standard error: passed on in whole lines as it comes, its tail kept for the
 * error tuple.
 */
#ifndef TSCTL_WORK_STDERR_H
#define TSCTL_WORK_STDERR_H

#include <stdbool.h>

#include "protocol/buffer.h"

#define WORK_TAIL_BYTES 4096

struct work_stderr {
    int fd;                   /* of the pipe, not blocking; -1: closed */
    const struct buffer *tag; /* before each line; empty: nothing */
    struct buffer line;       /* the beginning of one that has not ended */
    struct buffer tail;       /* at most twice WORK_TAIL_BYTES */
};

/* *write_fd becomes the child's. False, and errno. */
bool work_stderr_open(struct work_stderr *stream, const struct buffer *tag, int *write_fd);

/* Reads what is there. Closes itself at the end. */
void work_stderr_read(struct work_stderr *stream);

/* The same for the last time: also passes on a line that does not end. The tail stays. */
void work_stderr_finish(struct work_stderr *stream);
void work_stderr_deinit(struct work_stderr *stream);

/* The last WORK_TAIL_BYTES of it, appended in valid UTF-8. */
void work_stderr_tail(const struct work_stderr *stream, struct buffer *out);

#endif

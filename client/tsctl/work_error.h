/* SPDX-License-Identifier: MIT */
/*
 * How a task ended, as a word, as a line of text and as the tuple of rule S34:
 * ["error", worker, kind, detail, trace].
 */
#ifndef TSCTL_WORK_ERROR_H
#define TSCTL_WORK_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"

/* What is told of a failure. */
struct work_error {
    const char *worker;   /* CMD as it was given */
    const uint8_t *tuple; /* the task */
    bool ended;           /* CMD ended, with this: */
    int status;           /* a wait status */
    uint64_t took_us;
    uint64_t peak_kib;         /* memory, at the most; 0: not known */
    uint32_t returns;          /* how often the task had come back before */
    const char *why;           /* what else is to be said; NULL: nothing */
    const struct buffer *tail; /* of what CMD wrote to standard error; NULL: nothing */
    bool given_up;             /* the task is nowhere else any more */
};

/* Appends the tuple as MessagePack. */
void work_error_pack(const struct work_error *error, struct buffer *out);

/* Appends "exit 3", "SIGKILL (signal 9)". */
void work_error_end(int status, struct buffer *out);

/* As tuples and releases tell it: the exit status, or 256 and the signal. */
uint32_t work_error_number(int status);

#endif

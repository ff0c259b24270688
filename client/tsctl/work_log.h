/* SPDX-License-Identifier: MIT */
/*
 * The file of --log: a head, then a line for each task that ended, its columns separated by tabs.
 * Several may append to the same file.
 */
#ifndef TSCTL_WORK_LOG_H
#define TSCTL_WORK_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "protocol/buffer.h"

struct work_log_line {
    struct timespec start; /* of the wall's clock */
    uint64_t took_us;
    uint64_t id;
    uint32_t returns;
    const char *outcome; /* done, back, failed, given-up, late, stopped */
    bool ended;          /* there is a status */
    int status;          /* a wait status */
    uint64_t peak_kib;
    const uint8_t *tuple;
};

/* The descriptor, or -1 after it has complained. */
int work_log_open(const char *path);

/* False where it cannot be written, after it has complained. */
bool work_log_write(int fd, const struct work_log_line *line);

/* Appends the line as it is written. */
void work_log_format(const struct work_log_line *line, struct buffer *out);

#endif

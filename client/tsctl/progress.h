/* SPDX-License-Identifier: MIT */
/*
 * A progress line on standard error, on a terminal only, from the first batch on: redrawn ten times a
 * second at most. When the work is done a line says how much it was.
 */
#ifndef TSCTL_PROGRESS_H
#define TSCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown; /* on a terminal, and not with -q */
    bool drawn;
    uint64_t total;              /* bytes; 0: not known */
    uint64_t begun_us, drawn_us; /* drawn_us: 0 before the first time */
};

/* fd: what is read, for its size. */
void progress_init(struct progress *progress, int fd, bool quiet);
void progress_update(struct progress *progress, uint64_t bytes, uint64_t tuples);
/* Clears the line. */
void progress_end(struct progress *progress);
/* The same, where all went well: says what was done. */
void progress_done(struct progress *progress, uint64_t tuples);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A line on standard error, on a terminal only: how many tasks are done, failed and under way. It is
 * cleared before anything else is written there.
 */
#ifndef TSCTL_WORK_PROGRESS_H
#define TSCTL_WORK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct work_progress {
    bool shown, drawn;
    uint64_t begun_us, drawn_us;
};

void work_progress_init(struct work_progress *progress, bool quiet);
/* Draws it, ten times a second at the most. */
void work_progress_draw(struct work_progress *progress, uint64_t done, uint64_t failed,
                        unsigned running);
void work_progress_clear(struct work_progress *progress);
/* Clears it, and says what it was in all. */
void work_progress_end(struct work_progress *progress, uint64_t done, uint64_t failed);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A task's standard output to that of tsctl, whole and in one piece.
 */
#ifndef TSCTL_WORK_OUTPUT_H
#define TSCTL_WORK_OUTPUT_H

#include "protocol/buffer.h"
#include "tsctl/work_signals.h"

enum work_written {
    WORK_WRITTEN,
    WORK_WRITE_FAILED,  /* it has complained */
    WORK_WRITE_BROKEN,  /* nobody reads any more */
    WORK_WRITE_STOPPED, /* while it waited for room a second signal came */
};

/* From the file's position to its end, `tag` before each line. */
enum work_written work_output_copy(int fd, const struct buffer *tag, struct work_signals *signals);

#endif

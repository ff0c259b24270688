/* SPDX-License-Identifier: MIT */
/*
 * The tuples that a task's success puts: what CMD printed (--put), and the one of --result.
 */
#ifndef TSCTL_WORK_RESULTS_H
#define TSCTL_WORK_RESULTS_H

#include <stdbool.h>

#include <tsclient.h>

#include "protocol/buffer.h"
#include "tsctl/options.h"

struct work_results {
    struct buffer bytes;
    size_t *sizes;
    ts_values *values; /* set by work_results_read; they point into bytes */
    size_t count;
};

#define WORK_PROBLEM_BYTES 384

/*
 * Reads them: `output` is a file at its start, `tuple` the task. False where it is no good, and
 * `problem` says why.
 */
bool work_results_read(struct work_results *results, struct options *options, int output,
                       const uint8_t *tuple, char problem[static WORK_PROBLEM_BYTES]);
void work_results_deinit(struct work_results *results);

/* EXIT_USAGE after it has complained that --result is no tuple. */
int work_results_check(struct options *options);

/* Whether --result has $output in it, so that what CMD prints goes there. */
bool work_results_take_output(const struct options *options);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Where a task's standard output is kept until the task ends: a file without a name, so that
 * memory does not grow with what is printed, and CMD never waits for somebody to read.
 */
#ifndef TSCTL_WORK_SPOOL_H
#define TSCTL_WORK_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

struct work_spool {
    int write_fd; /* the child's; -1: closed here */
    int read_fd;  /* of another position, which nothing that CMD left behind can move */
};

/* In $TMPDIR, else /tmp. False, and errno, where there is no room. */
bool work_spool_open(struct work_spool *spool);
void work_spool_close_write(struct work_spool *spool);
void work_spool_close(struct work_spool *spool);

/* A file in memory that holds these bytes, to be read from its start. -1 and errno. */
int work_spool_of(const void *bytes, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Sees to it that what tsctl runs does not outlive it: a process that does nothing but wait for
 * tsctl's end, and then kills the process groups that are still there. So a task that the daemon gives
 * to somebody else is not done on by what a killed tsctl left behind.
 */
#ifndef TSCTL_WORK_GUARD_H
#define TSCTL_WORK_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

struct work_guard {
    pid_t pid;
    int lifeline;
    volatile pid_t *groups; /* shared with the process; 0: none */
    unsigned count;
};

/* Before anything is opened that is to end with tsctl. False, and errno, where it cannot start. */
bool work_guard_start(struct work_guard *guard, unsigned count);

/* To be set to 0 before the group's leader is reaped, when its number becomes free. */
void work_guard_set(struct work_guard *guard, unsigned slot, pid_t group);

void work_guard_end(struct work_guard *guard);

#endif

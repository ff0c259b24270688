/* SPDX-License-Identifier: MIT */
/*
 * Signals as something to poll: the end of a child, and what is to end `work`. One that whoever
 * started tsctl ignored stays ignored.
 */
#ifndef TSCTL_WORK_SIGNALS_H
#define TSCTL_WORK_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct work_signals {
    int fd;
    sigset_t before; /* the mask as tsctl found it: its children's */
    bool child;      /* one ended since this was set to false */
    unsigned stops;  /* how many came that are to end it */
    int first;       /* the first of them */
};

/* False, and errno, where it cannot. SIGPIPE is blocked: a write then fails. */
bool work_signals_open(struct work_signals *signals);
void work_signals_read(struct work_signals *signals); /* does not wait */

/* Unblocks all, and ends tsctl by the signal `number` unless that is 0. */
void work_signals_close(struct work_signals *signals, int number);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A private daemon in a temporary directory, which cannot outlive whoever started it.
 *
 * Three processes: tsctl; a keeper; the daemon, the keeper's child. tsctl alone holds the write end
 * of the lifeline, and gives it to nobody, so that it ends when tsctl does, however that ends: the
 * daemon then stops by itself, and the keeper removes the directory (and kills a daemon that does not
 * stop). Were the keeper killed, tsctl does its part; the daemon is told by the keeper's death.
 */
#ifndef TSCTL_PRIVATE_H
#define TSCTL_PRIVATE_H

#include <sys/types.h>

struct private_daemon {
    char *directory;
    char *socket;
    int lifeline; /* the write end: closing it ends the daemon */
    int gone;     /* ends when the daemon has ended */
    pid_t keeper;
};

/* Returns 0 once the daemon serves, or EXIT_RUN_FAILED after it has complained. */
int private_start(struct private_daemon *daemon);

/* Ends the daemon; it and the directory are gone when this returns. */
void private_end(struct private_daemon *daemon);

#endif

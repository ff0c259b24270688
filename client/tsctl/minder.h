/* SPDX-License-Identifier: MIT */
/*
 * A process between tsctl and a command that runs while a tuple is held, so that the two end together:
 * were tsctl killed, it kills the command and all its children, waits until they are gone, and only
 * then ends. Until then it has the connection, too, so the daemon gives the tuple to nobody else.
 *
 * It is the command's parent, and adopts what the command's children leave behind. What is left of
 * that when the command has ended by itself runs on.
 */
#ifndef TSCTL_MINDER_H
#define TSCTL_MINDER_H

#include <stdbool.h>
#include <sys/types.h>

struct child;

struct minder {
    pid_t pid;
    pid_t command;
    int lifeline;
    int report; /* to be polled: it can be read when the command, or the minder, has ended */
};

/* Starts it, and it the command. False, and errno, where one of them cannot start. */
bool minder_start(struct minder *minder, const struct child *child);

/* How the command ended, when there is something to be read. False: the minder was killed. */
bool minder_status(const struct minder *minder, int *status);

/* When the command has ended; until then its number is its own. */
void minder_end(struct minder *minder);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A private daemon for one test: in a directory of its own, gone with the test whatever ends it.
 *
 * The program is $TSD_BUILD/tsd, else build/tsd. It hangs on a lifeline that the test's process
 * holds. What goes wrong fails the test.
 */
#ifndef TSD_TEST_DAEMON_H
#define TSD_TEST_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

struct daemon {
    char directory[96]; /* of its own; removed by daemon_stop */
    char socket[108];   /* in the directory, unless set before */
    pid_t pid;
    int lifeline;             /* our end; closing it stops the daemon */
    int descriptors;          /* RLIMIT_NOFILE for it, set after daemon_prepare; 0: as it is */
    int mask;                 /* its umask, likewise; -1: as it is */
    const char *const *under; /* words of a command that runs it, likewise; ends with NULL */
};

/* Options end with NULL; may be NULL. Returns once clients are served. */
void daemon_start(struct daemon *daemon, const char *const *options);

/* The same, but it need not come up: returns whether it did. If not, it has ended, with *status. */
bool daemon_try(struct daemon *daemon, const char *const *options, int *status);

/* Makes the directory: before daemon_try, so that things can be put into it, and settings changed.
 * */
void daemon_prepare(struct daemon *daemon);

/* Stops it by SIGTERM; it ends with status 0, and nothing is left in its directory. */
void daemon_stop(struct daemon *daemon);

/* It has been told to end, or ends by itself: the same checks. */
void daemon_stopped(struct daemon *daemon);

/* Kills it; its socket stays. */
void daemon_kill(struct daemon *daemon);
void daemon_clean(struct daemon *daemon); /* removes the directory with socket and lock */

/* The path of a program of the build. */
void daemon_program(char path[static 4096], const char *name);

/* Waits for a child and returns its status as waitpid tells it. */
int wait_for(pid_t pid);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A private daemon in a temporary directory, which cannot outlive whoever started it.
 *
 * Three processes: the owner; a keeper; the daemon, the keeper's child. The owner alone holds the write
 * end of the lifeline, and gives it to nobody, so that it ends when the owner does, however that ends:
 * the daemon then stops by itself, and the keeper removes the directory (and kills a daemon that does
 * not stop). Were the keeper killed, the owner does its part; the daemon is told by the keeper's death.
 */
#ifndef TSCLIENT_PRIVATE_H
#define TSCLIENT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct private_daemon {
    char *directory;
    char *socket;
    int lifeline; /* the write end: closing it ends the daemon */
    int gone;     /* ends when the daemon has ended... */
    int kept;     /* ...and when the keeper has, too */
    pid_t keeper; /* 0: it is nobody's child */
};

struct private_options {
    const char *prefix; /* of the directory's name */
    const char *config; /* the daemon's configuration file, an absolute path; NULL: none is read */
    bool orphan;        /* the keeper is not to be a child that its user's own waits would meet */
    /* Called in the keeper and in what was to be the daemon; may be NULL. */
    void (*not_run)(const char *program, int error);
    void (*crashed)(int signal);
};

/* Returns once the daemon serves; else NULL, and `why` says what is the matter. */
struct private_daemon *private_start(const char *program, const struct private_options *options,
                                     char *why, size_t why_size);

/* Ends the daemon; it and the directory are gone when this returns. To be freed. */
void private_end(struct private_daemon *daemon);

/* Frees it, in a child of a fork or after private_end. */
struct private_daemon *private_free(struct private_daemon *daemon);

/* Frees it, but leaves the daemon to end with this process. */
struct private_daemon *private_leave(struct private_daemon *daemon);

/* The program tsd: $TSD_DAEMON, else beside the program that runs, else in ../sbin, else in $PATH; to be
 * freed. NULL: there is none. */
char *private_program(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A command that tsctl runs: its words and environment made of a tuple, its start, its end.
 *
 * It finds signals as tsctl found them, and gets one when its parent dies. Whatever tsctl has open
 * is closed for it (every descriptor is CLOEXEC): so it never keeps a connection, and with it a hold,
 * alive.
 */
#ifndef TSCTL_CHILD_H
#define TSCTL_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tsctl/command.h"

/*
 * The call's words after `--`, of which there is to be one at least, and `before` in front of it (of
 * what kind says `what`: "pattern"). Returns 0, or EXIT_USAGE after it has complained.
 */
int child_command(struct call *call, int before, const char *what, char ***words);

/*
 * A copy of the words, with the tuple's text for `{}` and field N for `{N}`: a str as it is, anything
 * else in the notation (also a str with a zero byte, which no word can have). NULL after `command` has
 * complained that there is no such field.
 */
char **child_words(const char *command, char *const *words, const uint8_t *tuple);
void child_words_free(char **words);

struct child {
    const char *command; /* of tsctl: who complains */
    char **words;        /* ended by NULL */
    const uint8_t
        *tuple;         /* not NULL: its fields are $TSD_1, $TSD_2, ...; those of more than 64 KiB,
                             and what is past 512 KiB together, are not there */
    const char *socket; /* not NULL: it is $TSD_SOCKET */
    const sigset_t *mask; /* its signal mask */
    int fds[3];           /* become its standard input, output and error; -1: tsctl's own */
    bool own_group;       /* a process group of its own: ^C on the terminal does not reach it */
    int death_signal;     /* that it gets when its parent ends; 0: SIGTERM */
};

/*
 * Starts it. -1, and errno, where the fork failed. What cannot be run complains to its own standard
 * error, and ends with EXIT_NOT_FOUND or EXIT_CANNOT_RUN.
 */
pid_t child_start(const struct child *child);

/* Blocks what is waited for while a child runs: its end, and what ends tsctl. */
void child_block_signals(sigset_t *waited, sigset_t *before);

/* Passes on to the child what was sent to tsctl; a ^C on the terminal has reached both. */
void child_pass_on(pid_t pid, int number, int code);

/* Waits for its end, passing signals on. Returns its wait status. */
int child_wait(pid_t pid, const sigset_t *waited);

/* The wait status as tsctl's own; after a SIGINT tsctl ends by that, too. */
int child_exit(int status, const sigset_t *before);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The commands: one constant each, in a cmd_<name>.c of its own, and the table of them all.
 *
 * The table (commands.c) is the one source of dispatch, of help and of the nearest name in an error
 * message. A new command is a new file and a line in the table.
 */
#ifndef TSCTL_COMMAND_H
#define TSCTL_COMMAND_H

#include "tsctl/options.h"

struct call;

struct command {
    const char *name;
    const char *arguments;             /* as in the synopsis: "TUPLE... | -" */
    const char *summary;               /* what it does, a line without a full stop */
    const struct option_spec *options; /* its own, ended by zeroes; NULL for none */
    unsigned uses;                     /* which of enum option_use mean something to it */
    const char *help;                  /* at most 80 columns; all of it is to fit a screen */
    bool runs_another;                 /* what stands after `--` is a command to run */
    int before_dashes;                 /* how many arguments then stand before it */
    enum complete completes[2];        /* its first argument, and those that follow */
    const char *choices;               /* for what completes with COMPLETE_CHOICE */
    const char *const *examples;   /* lines for a shell, ended by NULL; they work as they stand */
    int (*run)(struct call *call); /* returns the exit status */
};

/* One run of tsctl: what the command line said. Words are argv's own. */
struct call {
    const struct command *command;
    struct options options;
    char **arguments; /* the words that are no options, the command's name not counted */
    int argument_count;
    int dashes; /* how many of them stood before `--`; -1 without one */
};

extern const struct command *const commands[]; /* ended by NULL */

const struct command *command_find(const char *name);

/* Complains of a name that is no command's, and tells the nearest. Returns EXIT_USAGE. */
int command_complain_unknown(const char *name);

#endif

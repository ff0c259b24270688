/* SPDX-License-Identifier: MIT */
/*
 * The command line of tsd(8): what it asks for itself, and what it sets in the configuration. The
 * latter is kept as it was said, so that it can be put on top of a file that is read again.
 */
#ifndef TSD_COMMAND_LINE_H
#define TSD_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config.h"

struct assignment {
    int what; /* enum config_setting, or one of command_line.c's own */
    const char *value;
};

struct command_line {
    const char *config; /* the file; "": none; NULL: the default one */
    bool check;         /* only says whether the configuration is right */
    int lifeline_fd;    /* stops at its end of file; -1: none */
    int ready_fd;       /* is told, and closed, once clients are served; -1: none */
    struct assignment *assignments;
    size_t count;
};

/* Returns -1 where the daemon is to go on, else the status to exit with, all having been said. The
 * arguments stay the caller's. */
int command_line_parse(struct command_line *line, int argc, char **argv);
void command_line_deinit(struct command_line *line);

/* Sets in the configuration what the command line says. Returns 0, or -status with the problem set. */
int command_line_apply(const struct command_line *line, struct config *config,
                       struct problem *problem);

#endif

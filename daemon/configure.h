/* SPDX-License-Identifier: MIT */
/*
 * The configuration that the daemon runs with: the file, and on top of it the command line. Read at the
 * start, and again on SIGHUP: all of it, or nothing where a line is wrong.
 */
#ifndef TSD_CONFIGURE_H
#define TSD_CONFIGURE_H

#include <stdbool.h>

#include "daemon/command_line.h"
#include "daemon/config.h"
#include "server/server.h"

struct configuration {
    struct command_line line;
    struct config config;
};

/* Reads it; `config` is set anew. Returns 0, or -1, each wrong line having been logged as FILE:LINE:
 * WHAT; then there is nothing in `config`. */
int configure(const struct command_line *line, struct config *config);

/* --check-config: the same, and says where all is right. Returns the status to exit with. */
int configure_check(const struct command_line *line);

/* What is the server's of it; the rules stay the configuration's. */
void configure_server(const struct config *config, struct server_options *options);

/* Reads it again, for server_options.reload; `context` is a struct configuration. */
bool configure_again(void *context, struct server_options *changed);

void configuration_deinit(struct configuration *configuration);

#endif

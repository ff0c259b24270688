/* SPDX-License-Identifier: MIT */
/*
 * The command line of tsd(8).
 */
#ifndef TSD_CONFIG_H
#define TSD_CONFIG_H

#include "base/log.h"
#include "server/limits.h"

struct config {
    const char *socket; /* NULL: what systemd passes, else the default path */
    enum log_level log_level;
    int lifeline_fd; /* stops at its end of file; -1: none */
    int ready_fd;    /* is told, and closed, once clients are served; -1: none */
    struct limits limits;
};

/* Returns -1 where the daemon is to run, else the status to exit with, all having been said. */
int config_parse(struct config *config, int argc, char **argv);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The server: one loop, its listener, its clients, the engine behind them, from build to stop.
 *
 * A stop, by SIGTERM or SIGINT or the end of the lifeline, is clean: nobody is accepted or read any
 * more, what was read is answered, then every client is told that the daemon stops, and what they
 * read in time is written. A second signal does not wait for them.
 */
#ifndef TSD_SERVER_SERVER_H
#define TSD_SERVER_SERVER_H

#include <stdint.h>

#include "server/limits.h"

struct server_options {
    struct limits limits;
    uint64_t connections; /* at most so many */
    int listen_fd;        /* a listening socket; the server closes it */
    int lifeline_fd;      /* stops at its end of file; -1: none */
    uint64_t watchdog_us; /* tells systemd so often that all is well; 0: not at all */
};

struct server;

struct server *server_new(const struct server_options *options); /* NULL, having logged why */
struct server *server_free(struct server *server); /* after server_run; returns NULL */

/* Serves until it is stopped. */
void server_run(struct server *server);

#endif

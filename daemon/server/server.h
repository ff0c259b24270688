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

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/limits.h"
#include "space/settings.h"

struct server_options {
    struct limits limits;
    const struct rule *rules; /* for spaces that are made; the server has a copy */
    uint32_t rule_count;
    bool has_admin_group;
    gid_t admin_group;    /* its members may do everything, as root and our own user */
    uint64_t connections; /* at most so many */
    int listen_fd;        /* a listening socket; the server closes it */
    int lifeline_fd;      /* stops at its end of file; -1: none */
    uint64_t watchdog_us; /* tells systemd so often that all is well; 0: not at all */

    /*
     * Called on SIGHUP: reads anew what is configured, and sets limits, rules and the group of
     * administrators in `changed`, for which the rules stay until the next call. False where all is
     * to stay as it is, the reason having been logged. NULL: nothing is configured.
     */
    bool (*reload)(void *context, struct server_options *changed);
    void *reload_context;
};

struct server;

struct server *server_new(const struct server_options *options); /* NULL, having logged why */
struct server *server_free(struct server *server); /* after server_run; returns NULL */

/* Serves until it is stopped. */
void server_run(struct server *server);

#endif

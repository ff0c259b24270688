/* SPDX-License-Identifier: MIT */
/*
 * Servers: started with a socket in a folder of their own, asked, stopped.
 *
 * A server dies with this process, however that ends (PR_SET_PDEATHSIG); the folder belongs to
 * whoever runs the benchmark and goes with it.
 */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "contrib/bench/driver.h"

/* The first three are measured by the load generator, beanstalkd by processes of its own only. */
enum server_kind {
    SERVER_TSD,
    SERVER_REDIS,
    SERVER_ECHO,
    SERVER_LOADED,
    SERVER_BEANSTALKD = SERVER_LOADED,
    SERVER_KINDS
};

struct server {
    const struct driver *driver;
    pid_t pid; /* 0: not running */
    char socket[108];
    char log[128]; /* what it says on stdout and stderr */
};

/* Where servers are found and where they are put. */
struct server_options {
    const char *build;  /* tsd and bench/echo are in it */
    const char *folder; /* for sockets and logs */
    int cpu;            /* all servers on this CPU only; -1: wherever the kernel likes */
};

extern const struct driver *const server_drivers[SERVER_KINDS];

/* The first line of `--version`; false where there is no such program. */
bool server_version(const struct server_options *options, enum server_kind kind, char *line,
                    int size);

/* Starts one and waits until it answers; dies where it does not. */
void server_start(const struct server_options *options, enum server_kind kind,
                  struct server *server);

/* Ends it by SIGTERM; a check fails where that does not end it with status 0 (beanstalkd: at all). */
void server_stop(struct server *server);

/* Connects; -1 where that fails. */
int server_connect(const struct server *server, int flags);

/* One request on a connection of its own, waited for; false where no answer came in 10 s. */
bool server_ask(const struct server *server, enum verb verb, struct answer *answer);

/* A check: that so many are stored (tsd: tuples; Redis: lists; beanstalkd: jobs). */
bool server_holds(const struct server *server, uint64_t expected);

#endif

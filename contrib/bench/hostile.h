/* SPDX-License-Identifier: MIT */
/*
 * Hostile clients, a process each: what they do for as long as they may.
 *
 * One prepares, says that it has begun, and goes on until it is over. That the daemon refuses it or hangs
 * up is no failure; it then comes again.
 */
#ifndef BENCH_HOSTILE_H
#define BENCH_HOSTILE_H

#include <stdatomic.h>

#include "contrib/bench/server.h"

typedef void hostile_work(const struct server *server, void (*begin)(void),
                          const atomic_bool *over);

extern const struct hostile {
    const char *name;
    hostile_work *work;
} hostiles[];
extern const unsigned hostile_count;

/* What some of them ask for: to be stored before. */
#define HOSTILE_STORED 1
void hostile_store(const struct server *server);

#endif

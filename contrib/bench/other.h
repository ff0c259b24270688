/* SPDX-License-Identifier: MIT */
/*
 * What another client notices while something goes on: it puts, takes and asks whether the daemon is
 * there, one after the other, each waited for.
 *
 * How long that took at most tells of the daemon, and of the kernel's sharing of CPUs; the daemon's CPU
 * time meanwhile tells of the daemon alone: it is what it did before it came to that request.
 */
#ifndef BENCH_OTHER_H
#define BENCH_OTHER_H

#include <stdatomic.h>

#include "client/tsclient.h"
#include "contrib/bench/results.h"
#include "contrib/bench/server.h"

struct noticed {
    uint64_t requests, took_ns; /* all of them together */
    uint64_t longest_ns, longest_cpu_ns;
};

/* A process of its own does `work(context, server)`; returns what another client noticed of it. The
 * process says by the function that it is given when its preparations are over. False where it failed. */
typedef void other_work(void *context, const struct server *server, void (*begin)(void));
bool other_notices(const struct server *server, other_work *work, void *context,
                   struct noticed *noticed);

/* A process that is busy, and does nothing with the daemon. */
other_work other_is_busy;

/* Rows of it, and the target: at most so many microseconds. */
void other_report(struct results *results, const char *name, const struct noticed *noticed,
                  int64_t most_us);

#endif

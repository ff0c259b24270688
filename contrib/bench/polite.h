/* SPDX-License-Identifier: MIT */
/*
 * Well-behaved clients: each puts a tuple and takes it, one request at a time; how long each took.
 */
#ifndef BENCH_POLITE_H
#define BENCH_POLITE_H

#include <stdint.h>

#include "contrib/bench/server.h"

struct latency {
    uint64_t count;
    int64_t p50_ns, p99_ns, longest_ns;
    int64_t work_ns; /* the p99 of the daemon's CPU time from a request to its answer */
};

/* Goes on for so long, with connections that are there before that begins. */
void polite_run(const struct server *server, uint64_t for_ns, struct latency *latency);

#endif

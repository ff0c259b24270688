/* SPDX-License-Identifier: MIT */
/*
 * The measurements, a function each: they start what they need, measure in rounds that go from
 * server to server, check, stop, and add their rows and targets to the results.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "contrib/bench/results.h"
#include "contrib/bench/server.h"

struct plan {
    struct server_options options;
    bool has[SERVER_KINDS]; /* which servers there are */
    unsigned rounds;
    uint64_t warm_ns, measured_ns; /* of each round */
    uint64_t idle_ns;
    uint32_t many, few; /* tuples stored */
};

/* Pairs of a put and a take by first field, against Redis and the echo. */
void measure_pairs(const struct plan *plan, struct results *results);
/* Taking by first field with many and with few stored; the memory that the many take. */
void measure_stock(const struct plan *plan, struct results *results);
/* Connecting, one request, leaving. */
void measure_visits(const struct plan *plan, struct results *results);
/* Wake-ups of servers that have clients and nothing to do. */
void measure_idle(const struct plan *plan, struct results *results);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Cycles: a tuple is put, taken and settled, again and again, by one client of libtsclient that has so
 * many cycles under way at a time. For what the load generator's own wire does not know.
 */
#ifndef BENCH_CYCLES_H
#define BENCH_CYCLES_H

#include "client/tsclient.h"
#include "contrib/bench/load.h"

struct cycles {
    const struct server *server;
    uint32_t key;    /* of the tuples */
    unsigned window; /* cycles under way */
    /* How the tuple is put, beside the tuple itself, and whether by a key of its own. */
    ts_request put;
    bool keyed;
    bool hold;       /* hold and finish instead of a take that the next request acknowledges */
    bool watched;    /* by another client, which reads */
    bool never_none; /* one more tuple is always there, CYCLES_SPARE where no cycles run */
    uint64_t warm_ns, measured_ns;
};

#define CYCLES_SPARE (UINT64_C(1) << 40)

/* False where a check failed; the sample's requests are cycles. */
bool cycles_run(const struct cycles *cycles, struct sample *sample);

/* A client; dies where there is none. */
ts_client *cycles_connect(const struct server *server);
/* A call has to succeed. */
void cycles_must(ts_client *client, ts_status status);

#endif

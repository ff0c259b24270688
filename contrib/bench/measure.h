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
    bool quick;
    uint32_t many, few;  /* tuples stored */
    const char *scripts; /* the folder of rinda.rb and growth.gp; NULL: do without */
};

/* Pairs of a put and a take by first field, against Redis and the echo. */
void measure_pairs(const struct plan *plan, struct results *results);
/* Taking by first field with many and with few stored; the memory that the many take. */
void measure_stock(const struct plan *plan, struct results *results);
/* Connecting, one request, leaving. */
void measure_visits(const struct plan *plan, struct results *results);
/* Wake-ups of servers that have clients and nothing to do. */
void measure_idle(const struct plan *plan, struct results *results);
/* From one process's put to another one's waiting take, and back, against Redis and beanstalkd. */
void measure_handoff(const struct plan *plan, struct results *results);
/* Worker processes that empty a stock of tasks, against Redis and beanstalkd. */
void measure_pool(const struct plan *plan, struct results *results);
/* What holds, keys, lives, watches and all that waits cost. */
void measure_costs(const struct plan *plan, struct results *results);
/* What others and the daemon's memory suffer from a client that does not read. */
void measure_slow(const struct plan *plan, struct results *results);
/* Taking by what patterns have, with a thousand to ten million stored. */
void measure_growth(const struct plan *plan, struct results *results);
/* Putting with requests waiting for something else; with times to live; taking what is behind what is
 * held. */
void measure_waits(const struct plan *plan, struct results *results);
void measure_timers(const struct plan *plan, struct results *results);
void measure_held(const struct plan *plan, struct results *results);
/* How long others wait while a client does something with very many tuples, or an index is made; the
 * index's memory; memory after filling and emptying ten times. */
void measure_stalls(const struct plan *plan, struct results *results);
void measure_index(const struct plan *plan, struct results *results);
void measure_refill(const struct plan *plan, struct results *results);
/* What well-behaved clients notice of each kind of hostile one. */
void measure_hostile(const struct plan *plan, struct results *results);
/* Whether a hidden space can be told from none by time. */
void measure_hidden(const struct plan *plan, struct results *results);

#endif

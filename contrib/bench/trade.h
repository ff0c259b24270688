/* SPDX-License-Identifier: MIT */
/*
 * Trades: how one process passes numbered tuples to others through a server, and takes theirs, so that
 * what a process has taken is not lost if it dies. Calls wait, as a plain worker's do.
 *
 * tsd is spoken to through libtsclient, as its users do: the next request acknowledges. Redis moves what
 * it gives into a list of the taker's own, or a stream's list of pending ones; beanstalkd reserves.
 * There a command of its own settles.
 */
#ifndef BENCH_TRADE_H
#define BENCH_TRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contrib/bench/server.h"

#define TRADE_MAX 16 /* tuples a round trip */

enum trade_manner {
    TRADE_CALLS, /* each waits for its answer before the next */
    TRADE_WRITE, /* what settles or puts goes in one write with the take that follows */
};

struct trader;

struct trade {
    const char *name;
    enum server_kind kind;
    /* Connects as process number `self`; the process ends where that fails, as in all of these. */
    struct trader *(*open)(const struct server *server, unsigned self, enum trade_manner manner);
    /* Puts a tuple of the queue, settling what was taken before. */
    void (*put)(struct trader *trader, uint32_t queue, uint64_t number);
    /* Puts so many with numbers from `first` on, and waits until all are there. */
    void (*fill)(struct trader *trader, uint32_t queue, uint64_t first, uint32_t count);
    /* Takes 1 to max tuples of the queue, waiting for the first; settles what was taken before. */
    unsigned (*take)(struct trader *trader, uint32_t queue, unsigned max, uint64_t *numbers);
    /* Settles what was taken, and leaves. */
    void (*close)(struct trader *trader);
};

extern const struct trade trade_tsd, trade_redis_lists, trade_redis_streams, trade_beanstalkd;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A daemon with a stock of numbered tuples (grown.h) of which takes look for one at random, and which
 * they put back: it stays as large as it is.
 */
#ifndef BENCH_STOCK_H
#define BENCH_STOCK_H

#include "contrib/bench/grown.h"
#include "contrib/bench/load.h"
#include "contrib/bench/results.h"
#include "contrib/bench/server.h"

#define STOCK_CLIENTS 50

struct stock {
    struct server server;
    struct grown grown;
    enum grown_by by;
    unsigned clients;   /* 1, or STOCK_CLIENTS, each in its own part of the stock */
    uint32_t *put_last; /* by number: when it was put last, 0: with the stock */
    uint32_t puts;
    uint64_t random;
};

/* Starts a daemon and fills it. */
void stock_start(struct stock *stock, const struct server_options *options, uint32_t count);
/* It has to hold what it should, and ends. */
void stock_stop(struct stock *stock);
void stock_abandon(struct stock *stock); /* it ends, whatever it holds */

/* Takes and puts back; a sample's requests are pairs. Ends after `limit` pairs, where that is not 0.
 * False where a check failed. */
bool stock_run(struct stock *stock, const struct load *load, struct sample *sample);

/* Looks one after the other until an index serves them: false where none does in `patience_ns`. */
bool stock_settle(struct stock *stock, enum grown_by by, uint64_t patience_ns);

#endif

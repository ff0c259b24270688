/* SPDX-License-Identifier: MIT */
/*
 * A stock of the tuples of tuple.h, with a first field and a number of their own, all of one length:
 * what bulk is done with, and what an index is made over.
 */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include "client/tsclient.h"
#include "contrib/bench/server.h"

/* Puts tuples of first fields and numbers `from` to `from + count - 1`, as options of `put` say. */
void plain_fill(ts_client *client, uint32_t from, uint32_t count, const ts_request *put);
/* The same with one first field for all. */
void plain_fill_one(ts_client *client, uint32_t key, uint32_t count);
/* Holds so many that match, the oldest, until the client goes. */
void plain_hold(ts_client *client, ts_values pattern, uint32_t count);

#endif

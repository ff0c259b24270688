/* SPDX-License-Identifier: MIT */
/*
 * The load: so many clients, each with so many requests in flight, on one epoll loop.
 *
 * Each client keeps its window full: as soon as answers have come it sends as many new requests, in
 * one write. Every answer is checked: its status, that it answers a request that was sent, and for a
 * take that the tuple is, byte for byte, one that was put under that key and not taken before.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "contrib/bench/ledger.h"
#include "contrib/bench/server.h"

#define WINDOW_MAX 256 /* requests in flight a client; a power of two */

struct request_data;

/*
 * What takes look for and puts give back, where that is no key's tuple: a take says which tuple it has
 * to give, and the put of its pair gives an equal one back, without waiting for the take's answer.
 */
struct subject {
    void *context;
    /* Both encode a request, REQUEST_MAX bytes at most; `take` sets data's key, the tuple's number. */
    size_t (*take)(void *context, unsigned client, struct request_data *data, uint8_t *out);
    size_t (*put)(void *context, const struct request_data *data, uint8_t *out);
    bool (*is)(void *context, uint32_t key, const uint8_t *tuple, size_t size);
};

enum load_steps {
    LOAD_PUT_TAKE, /* pairs: put a tuple, take one of the same key */
    LOAD_TAKE_PUT, /* the other way round, on a stock that stays as large as it is */
    LOAD_PUT,
    LOAD_TAKE,
};

enum load_keys {
    KEYS_BY_CLIENT, /* each client has one of its own */
    KEYS_ONE,       /* all have the same */
    KEYS_RANDOM,    /* any of the first `keys`, each client in its own part of them */
    KEYS_EACH,      /* the first `keys`, one after the other; one client */
};

struct load {
    enum load_steps steps;
    enum load_keys keys;
    const struct subject *subject; /* not NULL: instead of keys, with LOAD_TAKE_PUT; no ledger */
    uint32_t key_count;
    unsigned clients;
    unsigned window;
    uint64_t warm_ns, measured_ns; /* then no new pair is begun; without: */
    uint64_t limit;                /* so many requests, all of them measured */
    uint64_t patience_ns;          /* without any answer; 0: 10 s */
};

/* What was counted between two moments. */
struct sample {
    uint64_t requests, wall_ns, server_ns, generator_ns; /* the last two are CPU time */
};

/* Runs it to the end. False where a check failed; the sample then means nothing. */
bool load_run(const struct server *server, const struct load *load, struct ledger *ledger,
              struct sample *sample);

#endif

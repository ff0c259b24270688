/* SPDX-License-Identifier: MIT */
/*
 * One client of the load: its connection, what it has in flight, what it asks next.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "contrib/bench/load.h"

#define CLIENT_BYTES (64 << 10) /* each way; more than a full window of requests or answers */

struct asked {
    bool in_flight;
    bool take;
    uint32_t key;
};

/* What all clients of a run share. */
struct run {
    const struct server *server;
    const struct load *load;
    struct ledger *ledger;
    uint64_t begun;    /* requests sent */
    uint64_t answered; /* answers checked */
    bool ending;       /* no new pair is begun */
    bool failed;
};

struct client {
    struct run *run;
    int fd;
    unsigned index;
    unsigned in_flight;
    uint64_t sent;     /* requests, the last one's number */
    uint64_t answered; /* the next answer's number less one, where answers come in order */
    uint64_t ack;
    uint64_t random;
    uint32_t key; /* of the pair under way */
    bool half;    /* the first of a pair is sent, the second is not */
    bool opened;  /* the server's opening has come, or it has none */
    bool leaving; /* the goodbye is sent */
    bool left;    /* and answered; or there is none to say */
    bool stuck;   /* the socket did not take everything: wait until it can be written */
    size_t in_size, out_size;
    struct asked asked[WINDOW_MAX];
    uint8_t in[CLIENT_BYTES], out[CLIENT_BYTES];
};

/* Connects; false where a check failed, as in all of these. */
bool client_open(struct client *client, struct run *run, unsigned index);
void client_close(struct client *client);

/* Fills the window, or says goodbye once nothing is in flight in a run that ends; writes. */
bool client_pump(struct client *client);
/* Reads what is there and checks every answer in it. */
bool client_read(struct client *client);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Connecting anew after a loss (ts_options.reconnect).
 *
 * While it tries, the connection's status is TS_OK and every request under way stays in the table,
 * with a copy of its frame; what is submitted meanwhile is held back there, too. First it waits for
 * the next try (fd is -1), then, connected, for the daemon's opening, since only that tells the run.
 * Then each request is sent again or answered, in the order of submission. What can be known about a
 * request is decided in one place, `verdict` in rejoin.c.
 */
#ifndef TSCLIENT_REJOIN_H
#define TSCLIENT_REJOIN_H

#include <stdbool.h>
#include <stdint.h>

#include <tsclient.h>

struct connection;
struct pending;

enum rejoin_state { REJOIN_NOT, REJOIN_WAITING, REJOIN_OPENING };

struct rejoin {
    int64_t for_ns; /* that it goes on trying after a loss; 0: not at all; TS_NEVER: for ever */
    enum rejoin_state state;
    bool off;        /* the connection is given up on purpose */
    bool progressed; /* an answer has come since it was connected: the next loss is a new one */
    int64_t until_ns, next_ns, pause_ns;
    bool knows_run;        /* it was connected before... */
    uint64_t run;          /* ...to this run of the daemon */
    bool in_hand;          /* tuples were in hand when it was lost: the next request is refused */
    bool callback_in_hand; /* the same of the callback that is running */
    uint64_t appended;     /* bytes of requests, on this connection */
    uint64_t unsent;       /* of them that could not be sent, and were dropped */
};

/* Sets how long to try, in seconds; false where that is no time. */
bool rejoin_init(struct rejoin *rejoin, double seconds);

/* The connection is lost, its descriptor gone, its buffers still there. Whether it will try again;
 * else the loss is the end. */
bool rejoin_begin(struct connection *connection, ts_status status);

/* No daemon was there at first. */
void rejoin_from_start(struct connection *connection);

/* A loss that is meant: no trying, until rejoin_allow. Requests that were held back are ended. */
void rejoin_stop(struct connection *connection, ts_status status);
void rejoin_allow(struct connection *connection);

/* In the child of a fork: nothing of it is left. */
void rejoin_forget(struct connection *connection);

bool rejoin_is_trying(const struct connection *connection);

/* Refuses, once, the request that follows a loss of tuples in hand: TS_LOST. */
ts_status rejoin_refuse(struct connection *connection);

/* Before a request is encoded, and after: keeps what it takes to send it again. TS_NO_MEMORY: it was
 * to be held back. */
void rejoin_enter(const struct connection *connection, struct pending *pending);
ts_status rejoin_keep(struct connection *connection, struct pending *pending);

/* Does what is due, without blocking. */
void rejoin_work(struct connection *connection);

/* The same, and waits, for most_ms at most (SYNC_FOREVER: no bound), for what comes next. */
void rejoin_wait(struct connection *connection, int most_ms);

/* When rejoin_work is to be called; TS_NEVER: only when the descriptor is ready. */
int64_t rejoin_due(const struct connection *connection);

/* The daemon's opening has come. */
void rejoin_resume(struct connection *connection);

#endif

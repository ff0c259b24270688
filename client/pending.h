/* SPDX-License-Identifier: MIT */
/*
 * Requests under way: a table by number, and queues of those answered whose callback has to run.
 *
 * A pending is in the table from its submission to its answer, then, where it has a callback to run
 * later, in queues. Those of ts_submit are allocated, and freed after the callback; the one of a call
 * that waits lies on the stack of that call. A watch stays in the table while answers with events come
 * (watch.c); each of those that has to be kept is a pending of its own.
 */
#ifndef TSCLIENT_PENDING_H
#define TSCLIENT_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <tsclient.h>

#include "client/result.h"

STAILQ_HEAD(pending_queue, pending);

struct pending {
    struct pending *next; /* in the table's chain */
    uint64_t number;
    ts_client *client;
    struct asked asked;
    bool waits; /* somebody waits for it, in sync.c: no callback, not allocated */
    bool done;  /* the answer is there; of a watch: something to tell is there */
    ts_callback callback;
    void *arg;

    /* of a watch */
    ts_watch_callback on_event; /* NULL: its events are asked for, by ts_watch_next */
    struct pending_queue kept;  /* what was not yet asked for */
    bool cut;                   /* too much was kept: it ends, and what comes is dropped */
    bool dropped;               /* nobody wants its end either */
    bool asking;                /* a ts_watch_next is under way */
    /* of an answer of a watch that is kept */
    bool events;       /* it is one; without a body it is a gap */
    const uint8_t *at; /* how far its events were told; NULL: none was */
    bool told;         /* the gap was told */

    TAILQ_ENTRY(pending) all;
    STAILQ_ENTRY(pending) ready;
    STAILQ_ENTRY(pending) unread;
    /* to send it again, with ts_options.reconnect (rejoin.c) */
    uint8_t *frame; /* the request as it was sent first; NULL: not kept */
    size_t frame_size;
    size_t frame_at;       /* where in the output it begins */
    uint64_t frame_end;    /* where in all that was sent it ends */
    uint64_t acked_before; /* by requests before it */
    bool acks;             /* it acknowledged something */
    bool sent;             /* its last byte had been sent when the connection was lost */
    int64_t began_ns;
    int64_t expires_ns; /* while there is no connection: when it has timed out */

    ts_status failed;  /* not TS_OK: no answer came, and this is why */
    uint64_t delivery; /* of the answer; 0: none */
    uint8_t *body;     /* the answer's frame, kept for later; NULL: none */
    size_t size;
};

struct pending_table {
    TAILQ_HEAD(pending_list, pending) all; /* in the order of submission */
    struct pending **chains;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

void pending_init(struct pending_table *table);
void pending_deinit(struct pending_table *table);                       /* which is empty */
bool pending_add(struct pending_table *table, struct pending *pending); /* false without memory */
struct pending *pending_find(const struct pending_table *table, uint64_t number);
struct pending *pending_take(struct pending_table *table, uint64_t number); /* NULL: not there */
struct pending *pending_take_first(struct pending_table *table);            /* the oldest */
void pending_free_all(struct pending_queue *queue);
void pending_free(struct pending *pending); /* with what it keeps */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Requests under way: a table by number, and queues of those answered whose callback has to run.
 *
 * A pending is in the table from its submission to its answer, then, where it has a callback to run
 * later, in queues. Those of ts_submit are allocated, and freed after the callback; the one of a call
 * that waits lies on the stack of that call.
 */
#ifndef TSCLIENT_PENDING_H
#define TSCLIENT_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <tsclient.h>

struct pending {
    struct pending *next; /* in the table's chain */
    uint64_t number;
    ts_client *client;
    enum tsd_operation op;
    bool waits; /* somebody waits for it, in sync.c: no callback, not allocated */
    bool done;  /* waits: the answer is there */
    ts_callback callback;
    void *arg;

    TAILQ_ENTRY(pending) all;
    STAILQ_ENTRY(pending) ready;
    STAILQ_ENTRY(pending) unread;
    ts_status failed;  /* not TS_OK: no answer came, and this is why */
    uint64_t delivery; /* of the answer; 0: none */
    uint8_t *body;     /* the answer's frame, kept for later; NULL: none */
    size_t size;
};

STAILQ_HEAD(pending_queue, pending);

struct pending_table {
    TAILQ_HEAD(pending_list, pending) all; /* in the order of submission */
    struct pending **chains;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

void pending_init(struct pending_table *table);
void pending_deinit(struct pending_table *table);                       /* which is empty */
bool pending_add(struct pending_table *table, struct pending *pending); /* false without memory */
struct pending *pending_take(struct pending_table *table, uint64_t number); /* NULL: not there */
struct pending *pending_take_first(struct pending_table *table);            /* the oldest */
void pending_free(struct pending *pending);

#endif

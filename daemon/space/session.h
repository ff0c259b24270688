/* SPDX-License-Identifier: MIT */
/*
 * A session: a connection as the engine sees it. What waits for it, and what it was given and has not
 * acknowledged: deliveries, which hold their tuples until then (rules S7, S8).
 */
#ifndef TSD_SPACE_SESSION_H
#define TSD_SPACE_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"

struct engine;
struct gather;
struct interest;
struct space;
struct stored;

struct kept {
    struct stored *tuple;
    struct space *space; /* where it goes back to */
};

/* The tuples of one answer. */
struct delivery {
    TAILQ_ENTRY(delivery) link;
    uint64_t number; /* by session, from 1, in the order sent */
    uint32_t count;
    struct kept tuples[];
};

struct session {
    struct table_node node;
    uint64_t number;
    uint32_t user;                     /* uid */
    uint64_t waiting;                  /* interests */
    uint64_t delivered;                /* the number of the last delivery */
    TAILQ_HEAD(, interest) interests;  /* in the order in which they came */
    TAILQ_HEAD(, delivery) deliveries; /* unacknowledged, the oldest first */
};

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user);
void session_free(struct engine *engine, struct session *session); /* has nothing left */
struct session *session_find(const struct engine *engine, uint64_t number);

/* Takes what was gathered out of its spaces and keeps it for the session. NULL without memory,
 * nothing being changed. */
struct delivery *session_deliver(struct engine *engine, struct session *session,
                                 const struct gather *gather);

/* Consumes all deliveries up to this number (rule S8). */
void session_acknowledge(struct engine *engine, struct session *session, uint64_t number);

/*
 * Puts back all that the session keeps, in the order of place, counting a return of each unless
 * `goodbye`, and serves who waits for it: in units of at most LIMIT_UNIT_TUPLES (rules S10, S11).
 */
void session_give_back(struct engine *engine, struct session *session, bool goodbye);

#endif

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

/* A tuple that was delivered, until its delivery is acknowledged. */
struct kept {
    struct stored *tuple;
    struct space *space; /* where it goes back to */
    uint64_t delivery;   /* the number of the delivery: one answer's tuples have the same */
};

struct session {
    struct table_node node;
    uint64_t number;
    uint32_t user;                                  /* uid */
    uint64_t waiting;                               /* interests */
    uint64_t working;                               /* those of them whose walk goes on */
    uint64_t wanted;                                /* tuples that those that wait may get */
    uint64_t delivered;                             /* the number of the last delivery */
    TAILQ_HEAD(interest_list, interest) interests;  /* in the order in which they came */
    struct kept *kept;                              /* a ring, the oldest delivery first */
    uint32_t kept_first, kept_count, kept_capacity; /* the capacity is a power of two */
};

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user);
void session_free(struct engine *engine, struct session *session); /* has nothing left */
struct session *session_find(const struct engine *engine, uint64_t number);

/*
 * Takes what was gathered out of its spaces and keeps it for the session. Returns the number of the
 * delivery, from 1 in the order sent; 0 without memory, nothing being changed.
 */
uint64_t session_deliver(struct engine *engine, struct session *session,
                         const struct gather *gather);

/* One that the session keeps, from 0, the oldest first. */
static inline struct kept *session_kept(const struct session *session, uint32_t index)
{
    return &session->kept[(session->kept_first + index) & (session->kept_capacity - 1)];
}

/* Consumes all deliveries up to this number (rule S8). */
void session_acknowledge(struct engine *engine, struct session *session, uint64_t number);

/*
 * Puts back all that the session keeps, in the order of place, counting a return of each unless
 * `goodbye`, and serves who waits for it: in units of at most LIMIT_UNIT_TUPLES (rules S10, S11).
 */
void session_give_back(struct engine *engine, struct session *session, bool goodbye);

#endif

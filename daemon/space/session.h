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

struct account;
struct attributes;
struct coming_back;
struct engine;
struct gather;
struct hold;
struct holding;
struct interest;
struct leave;
struct space;
struct stored;
struct token;
struct will;

/* A tuple that was delivered, until its delivery is acknowledged. */
struct kept {
    struct stored *tuple; /* NULL: it was released before */
    struct space *space;  /* where it goes back to */
    uint64_t delivery;    /* the number of the delivery: one answer's tuples have the same */
};

struct session {
    struct table_node node;
    TAILQ_ENTRY(session) all_link; /* of the engine's, in the order in which they came */
    uint64_t number;
    uint32_t user;                                 /* uid */
    uint32_t owner;                                /* what its tuples say who put them: owner.h */
    uint64_t waiting;                              /* interests */
    uint64_t working;                              /* those of them whose walk goes on */
    uint64_t wanted;                               /* tuples that those that wait may get */
    uint64_t delivered;                            /* the number of the last delivery */
    TAILQ_HEAD(interest_list, interest) interests; /* in the order in which they came */
    TAILQ_HEAD(session_holds, hold) holds;         /* not the detached ones; the oldest first */
    TAILQ_HEAD(bound_list, attributes) bound;      /* of tuples bound to its life */
    TAILQ_HEAD(will_list, will) wills;             /* in the order in which spaces were named */
    uint64_t will_bytes, will_tuples;
    uint32_t watches;               /* of the interests */
    uint64_t told_step, told_bytes; /* events of watches in that step */
    bool gap;                       /* it is in the engine's list */
    SLIST_ENTRY(session) gap_link;
    uint32_t tells;                                 /* watches that wait for COMMAND_READS */
    struct kept *kept;                              /* a ring, the oldest delivery first */
    uint32_t kept_first, kept_count, kept_capacity; /* the capacity is a power of two */
    uint32_t kept_found;                            /* the one that a token named last */
    uint32_t kept_released;                         /* of these, those that it gave back */
    uint64_t held;                                  /* holds */
    struct leave *leaving;                          /* NULL: it has not ended */
};

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user, uint32_t owner);
/* It ends: nobody finds it any more. */
void session_hide(struct engine *engine, struct session *session);
void session_free(struct engine *engine, struct session *session); /* hidden, has nothing left */
struct session *session_find(const struct engine *engine, uint64_t number);

/*
 * Takes what was gathered out of its spaces and keeps it for the session. Returns the number of the
 * delivery, from 1 in the order sent; 0 without memory, nothing being changed.
 */
uint64_t session_deliver(struct engine *engine, struct session *session,
                         const struct gather *gather);

/* That of its user. */
struct account *session_account(const struct engine *engine, const struct session *session);

/* One that the session keeps, from 0, the oldest first. */
static inline struct kept *session_kept(const struct session *session, uint32_t index)
{
    return &session->kept[(session->kept_first + index) & (session->kept_capacity - 1)];
}

/* The same, but held: each found tuple is a hold. Returns the first hold's number, 0 without memory,
 * nothing being changed; the others' follow it. */
uint64_t session_hold(struct engine *engine, struct session *session, const struct gather *gather,
                      const struct holding *holding);

/* Makes sure that so many more can be delivered: 0, or -1 without memory. */
int session_reserve(struct session *session, uint32_t more);
/* Takes a stored tuple and keeps it under the session's delivery number. Room was reserved. */
void session_keep(struct engine *engine, struct session *session, struct space *space,
                  struct stored *tuple);

/* Consumes all deliveries up to this number (rule S8). */
void session_acknowledge(struct engine *engine, struct session *session, uint64_t number);

/* Where in the ring deliveries from this number on begin. */
uint32_t session_first_of(const struct session *session, uint64_t delivery);
/* The unacknowledged tuple that a delivery's token names, NULL where there is none. */
struct kept *session_find_kept(struct session *session, const struct token *token);
/* Forgets all deliveries, which have gone back. */
void session_forget_kept(struct session *session);
/* Gives one such back. */
void session_release(struct engine *engine, struct session *session, struct kept *kept,
                     const struct coming_back *why);

#endif

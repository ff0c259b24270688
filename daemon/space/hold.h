/* SPDX-License-Identifier: MIT */
/*
 * Holds: tuples that are a client's until they are finished, released, or their time or client ends
 * (rules S7, S11 to S14).
 *
 * A hold is in the engine's table by its number, in its space's list, and in its session's unless it
 * is detached. Waiting requests that will finish it have a claim on it: when it ends before, they are
 * too late.
 */
#ifndef TSD_SPACE_HOLD_H
#define TSD_SPACE_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/request.h"
#include "space/timer.h"

struct coming_back;
struct engine;
struct interest;
struct session;
struct space;
struct stored;

/* Part of the interest that has it. hold NULL: the hold is no more. */
struct claim {
    LIST_ENTRY(claim) link;
    struct hold *hold;
    struct interest *interest;
};

struct hold {
    struct table_node node;
    TAILQ_ENTRY(hold) session_link;
    TAILQ_ENTRY(hold) space_link;
    uint64_t number, secret;
    uint64_t holder;         /* number of the session that took it */
    struct session *session; /* NULL: detached */
    uint32_t user;           /* uid, who may settle a detached one */
    bool named;              /* by the request that is being looked at */
    struct stored *tuple;
    struct space *space;
    struct timer end;
    LIST_HEAD(claim_list, claim) claims;
};

/* How tuples are held. */
struct holding {
    bool timed, detached;
    uint64_t hold_us;
    uint64_t random[2]; /* of a detached one: what its secret is made of */
};

/* One that holds nothing yet; NULL without memory. hold_discard takes it back. */
struct hold *hold_new(struct engine *engine);
void hold_discard(struct engine *engine, struct hold *hold);
/* Makes sure that so many holds can be entered: 0, or -1 without memory. */
int hold_reserve(struct engine *engine, uint32_t count);

/* The session takes and holds a stored tuple. Room was reserved. */
void hold_enter(struct engine *engine, struct hold *hold, struct session *session,
                struct space *space, struct stored *tuple, const struct holding *holding);

/* The one that a token names, where this session may settle it; NULL: it is late (rule S14). */
struct hold *hold_find(const struct engine *engine, const struct session *session,
                       const struct token *token);

/* That of this number, NULL where it has ended. */
struct hold *hold_of_number(const struct engine *engine, uint64_t number);

/* Ends it: its tuple is consumed, or comes back. */
void hold_finish(struct engine *engine, struct hold *hold);
void hold_give_back(struct engine *engine, struct hold *hold, const struct coming_back *why);

/* It ends so much later than now. The process ends without memory. */
void hold_renew(struct engine *engine, struct hold *hold, uint64_t microseconds);

/* The token of the hold with that number, held so. */
struct token hold_token(uint64_t number, const struct holding *holding);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Tuples of a space that nobody sees but that may come back to it: delayed, held, delivered.
 *
 * They stand in no order: who looks for a stored tuple never meets one. Going over them is linear in
 * how many the space has, and, where any is delivered, in what all sessions have not acknowledged. A
 * walk over them can stop and go on in a later step: what comes and goes meanwhile may be met or not,
 * what stays where it is, is met once.
 */
#ifndef TSD_SPACE_AWAY_H
#define TSD_SPACE_AWAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "protocol/numbers.h"

struct attributes;
struct engine;
struct hold;
struct session;
struct space;
struct stored;

struct away {
    struct stored *tuple;
    enum tsd_state state;
    const struct hold *hold; /* HELD */
    uint64_t holder;         /* number of the session that keeps it; 0: none does */
    uint64_t until_ns;       /* its hold ends, or it wakes; UINT64_MAX: not by itself */
};

/* Goes over them all, until `visit` says that it has seen enough. */
typedef bool away_visit(void *context, const struct away *away);
void away_each(const struct engine *engine, const struct space *space, away_visit *visit,
               void *context);

/* Where a walk stands: what comes next. */
struct away_walk {
    LIST_ENTRY(away_walk) link; /* of the engine's */
    const struct space *space;
    const struct attributes *delayed;
    const struct hold *hold;
    const struct session *session;
    uint64_t delivery; /* in the session's ring: this one or the next, */
    uint32_t within;   /* of this one those after so many */
};

/* Begins one that is told of what it stands on and that goes, until away_end. */
void away_begin(struct engine *engine, struct away_walk *walk, const struct space *space);
/* Goes on until `visit` has seen enough for now, or so many deliveries that are none of the space's were
 * passed. Returns whether that was all. */
bool away_go_on(struct away_walk *walk, uint64_t passed, away_visit *visit, void *context);
void away_end(struct away_walk *walk);
/* Begins anew in another space. */
void away_go_elsewhere(struct engine *engine, struct away_walk *walk, const struct space *space);
void away_free(struct away_walk *walk); /* ends and frees one that was allocated; NULL is fine */

/* What walks may stand on goes, or goes elsewhere. */
void away_hold_goes(struct engine *engine, const struct hold *hold);
void away_delayed_goes(struct engine *engine, const struct attributes *attributes);
void away_session_goes(struct engine *engine, const struct session *session);

void away_check(const struct engine *engine); /* aborts where one stands on what is not there */

#endif

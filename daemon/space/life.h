/* SPDX-License-Identifier: MIT */
/*
 * The moves of a tuple: into a space, out of sight, back, and out of it for good.
 *
 * Whatever changes where a tuple is goes through here, so that those whom it concerns hear of it
 * from one place: watches (an event), settle (what has become visible, whose witness is gone, where
 * there is room now), and the counts of its space. None of these answers anybody: that is settle's,
 * after the unit.
 */
#ifndef TSD_SPACE_LIFE_H
#define TSD_SPACE_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/numbers.h"
#include "space/stored.h"

struct attributes;
struct engine;
struct session;
struct space;

/* A new tuple, whose id is set, goes to its place, unseen. Returns 0, or -1 without memory. */
int life_place(struct engine *engine, struct space *space, struct stored *tuple);
/* Takes that back: the tuple is as it was. */
void life_unplace(struct engine *engine, struct space *space, struct stored *tuple);
/* What was placed can be seen. Room was made by settle_reserve. */
void life_show(struct engine *engine, struct space *space, struct stored *tuple,
               enum tsd_event event);

/* A new tuple, whose id is set, is in the space but not to be seen until its wake timer says so. */
void life_delay(struct engine *engine, struct space *space, struct stored *tuple,
                struct attributes *attributes);
/* A delayed tuple can be seen (a timer's unit). */
void life_wake(struct engine *engine, struct attributes *attributes);

/* A stored tuple is taken: out of its space's order, to be DELIVERED, HELD or GONE. */
void life_take(struct engine *engine, struct space *space, struct stored *tuple, enum life to);

/* A tuple that is in no order any more leaves the space for good; the engine's reference goes. */
void life_leave(struct engine *engine, struct space *space, struct stored *tuple);

/* Out of wherever it is, for good: its life, or that of what it is bound to, has ended. One that is
 * kept is dropped when it would come back (rule S13). */
void life_expire(struct engine *engine, struct space *space, struct stored *tuple);

/* Why a kept tuple comes back, and how. */
struct coming_back {
    enum tsd_reason reason;
    uint32_t exit_status; /* UINT32_MAX: not known */
    bool counted;         /* rule S11 */
    uint64_t delay_us;
};

/* A delivered or held tuple comes back to its old place (rules S3, S11 to S13). */
void life_return(struct engine *engine, struct space *space, struct stored *tuple,
                 const struct coming_back *why);

/*
 * A stored tuple moves, or is copied, to another space (rule S3): a new id, no returns. Room was
 * made by settle_reserve; the process ends without memory.
 */
void life_move(struct engine *engine, struct space *from, struct stored *tuple, struct space *to);
/* One that is bound to a connection that is ending is not copied: false then. */
bool life_copy(struct engine *engine, const struct stored *tuple, struct space *to,
               const struct session *session);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The end of what a session has in spaces (rules S10, S11): tuples bound to it go, what it keeps goes
 * back in the order of place, its wills are put.
 *
 * Up to LIMIT_UNIT_TUPLES (engine_options.unit) it is one unit, at once. Of more, each of several
 * smaller units is done in a tick of its own (work.h): meanwhile the session leaves; it has no
 * requests, and nobody finds it by its number. What its later units are about stays where it is,
 * without being touched: what it keeps counts as kept; what is bound to it can still be seen and taken,
 * but does not come back (leave_dooms), and is not copied. Holds may still end by their time.
 *
 * Bound tuples go in the order in which they were bound, those of a unit in the order of place: what
 * moves meanwhile is found all the same. What is kept is put in order first, in runs of such a unit's
 * size, each in a tick; then the runs are merged. 16 bytes for each tuple kept, until it has gone.
 */
#ifndef TSD_SPACE_LEAVE_H
#define TSD_SPACE_LEAVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "space/work.h"

struct attributes;
struct engine;
struct leave_run;
struct session;

struct leave {
    struct work work;
    TAILQ_ENTRY(leave) link; /* of the engine's */
    struct session *session;
    bool counted, wills;
    bool ordered;           /* all that it keeps is in runs */
    uint32_t gathered;      /* the deliveries that are, from the oldest on */
    uint64_t gathered_hold; /* the number of the last hold that is */
    struct heap runs;       /* by the place of the next of each */
};

/* Ends the session, whose requests have ended: it is freed, now or with its last unit. Each return
 * counts, or not; its wills are put, or not. */
void leave_begin(struct engine *engine, struct session *session, bool counted, bool wills);

/* Does the rest of the first of those that leave, with its units; false where none does. */
bool leave_finish(struct engine *engine);

/* Whether the tuple is bound to a session that leaves. */
bool leave_dooms(const struct attributes *attributes);

#endif

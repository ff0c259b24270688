/* SPDX-License-Identifier: MIT */
/*
 * Atomic: guards that are waited for together, and a body, as one unit (rules S22 to S24).
 *
 * All guards are looked at on the state before the unit. Those that take get different tuples: guard
 * by guard the best-placed that leaves the later ones satisfiable. One that waits is registered under
 * a guard that fails: in its shape's chain, or its absence; under several only where each has a tuple
 * but not all can have a different one; in the lines of spaces where nothing but room is missing.
 */
#ifndef TSD_SPACE_ATOMIC_H
#define TSD_SPACE_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/limits.h"

struct engine;
struct interest;
struct lookup;
struct query;
struct space;
struct stored;
struct unit;

/* What a guard gets. */
struct chosen {
    struct stored *tuple; /* NULL: it is `absent` */
    struct space *space;
};

enum guards_result { GUARDS_HOLD, GUARDS_FAIL, GUARDS_OVERRUN, GUARDS_CUT };

/* How guards were found; the engine has one. */
struct guards {
    struct chosen chosen[LIMIT_GUARDS]; /* HOLD */
    uint32_t failing;                   /* FAIL: to be registered under these, a bit each */
    struct stored *witness;             /* FAIL of one `absent`: what matches it */
};

/*
 * Looks at them; the result is in engine->guards. Its own holds are named meanwhile. `lookup`: what is
 * known of the guards' tuples already, as far as it takes; NULL: they are looked for, which may be cut.
 */
enum guards_result guards_look(struct engine *engine, struct query *query, const struct unit *unit,
                               const struct lookup *lookup);

/* Serves one that waits, if it can be; else it stays, registered anew if need be. */
bool atomic_serve(struct engine *engine, struct interest *interest);

/* Registers it under the guards that fail, which engine->guards tells. Returns 0, or -1 without memory. */
int atomic_register(struct engine *engine, struct interest *interest);

/* Takes one whose guards do not hold any more out of the lines for room. */
void atomic_leave_line(struct engine *engine, struct interest *interest);

/* Marks the tuples that its guards got: when one is taken they are to be looked at again. */
void atomic_mark_chosen(struct engine *engine, const struct query *query);

/* Marks the holds that it finishes, which its `absent` does not count (rule S16). */
void atomic_name_holds(const struct interest *interest, bool named);

#endif

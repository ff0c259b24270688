/* SPDX-License-Identifier: MIT */
/*
 * Doing an atomic whose guards hold: its tuples are made, its guards' are taken, all as one unit.
 */
#ifndef TSD_SPACE_ATOMIC_DO_H
#define TSD_SPACE_ATOMIC_DO_H

#include "protocol/problem.h"

struct asker;
struct engine;
struct key;
struct query;
struct unit;

/* One that is being looked at: of a request, or of an interest that waits. */
struct atomic {
    const struct asker *asker;
    struct query *query;
    struct unit *unit;
    struct key *key;
};

/*
 * Guards hold: makes what its body puts. Returns 0; 1 where there is no room for it, nothing being
 * made then; -1 with the problem set where it is to be refused.
 */
int atomic_make_ready(struct engine *engine, const struct atomic *atomic, struct problem *problem);

/* Room for what it puts, less what it finishes and takes, in engine->needs: 0, or -1. */
int atomic_needs(struct engine *engine, const struct atomic *atomic);

/* It is ready: does it, and answers. Returns 0, or -1 without memory, unchanged. */
int atomic_carry_out(struct engine *engine, const struct atomic *atomic);

/* What says that it does not wait for room. */
void atomic_full(struct problem *problem);

#endif

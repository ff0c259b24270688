/* SPDX-License-Identifier: MIT */
/*
 * Tuples of a space that nobody sees but that may come back to it: delayed, held, delivered.
 *
 * They stand in no order: who looks for a stored tuple never meets one. Going over them is linear in
 * how many the space has, and, where any is delivered, in what all sessions have not acknowledged.
 */
#ifndef TSD_SPACE_AWAY_H
#define TSD_SPACE_AWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/numbers.h"

struct engine;
struct space;
struct stored;
struct hold;

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

#endif

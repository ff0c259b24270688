/* SPDX-License-Identifier: MIT */
/*
 * A look: the tuples that match one part of a query, one after the other, and what that costs.
 *
 * A step has a budget of tuples that looks may walk past (engine_options.piece); one that has used it
 * up is cut, unless it has only begun: then who looks goes on in pieces (lookup.h). What looks walk past
 * is counted for the statistics, and asks for indexes (index.h).
 */
#ifndef TSD_SPACE_LOOK_H
#define TSD_SPACE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "space/walk.h"

struct engine;
struct query;
struct query_part;
struct space;
struct stored;

struct look {
    struct walk walk;
    struct query *query;
    const struct query_part *part;
    uint64_t cost;     /* so far */
    uint64_t last_key; /* the place of the last one tried */
    bool placed;       /* only an index that is in the order of place would serve it */
    bool cut;          /* the budget is used up: there may be more */
};

/* Begins at the oldest; look_begin_at in the order of place from somewhere on (walk.h). */
void look_begin(struct engine *engine, struct look *look, struct query *query,
                const struct query_part *part);
void look_begin_at(struct engine *engine, struct look *look, struct query *query,
                   const struct query_part *part, uint64_t from, bool reverse);
/* The next match; NULL at the end, where it is cut, and where the query has overrun. */
struct stored *look_next(struct engine *engine, struct look *look);
/* Counts what it walked past, and asks for indexes. To be called once, before anything changes. */
void look_end(struct engine *engine, struct look *look);

/* The same of a look that is a piece of one: asks for indexes only, and returns what it walked past;
 * that of all pieces is counted at the end. */
uint64_t look_end_piece(struct engine *engine, struct look *look);
void look_count(const struct engine *engine, struct space *space, uint64_t past);

#endif

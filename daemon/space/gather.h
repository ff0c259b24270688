/* SPDX-License-Identifier: MIT */
/*
 * The tuples that a query gets: the best-placed matches over all its parts, within the counts and
 * what fits an answer (rules S17, S18).
 */
#ifndef TSD_SPACE_GATHER_H
#define TSD_SPACE_GATHER_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct query;
struct space;
struct stored;

struct found {
    struct stored *tuple;
    struct space *space;
    uint32_t of; /* the part that it matched */
};

/* Filled anew by each gathering; kept by the engine for its memory. */
struct gather {
    struct found *list;
    uint32_t count, capacity;
    uint64_t matched; /* that match, as far as was looked: at least min where the query is served */
    uint64_t bytes;   /* of those in the list */
    bool more;        /* another one matches (only where the query is counted) */
    bool cut;         /* the step's budget is used up: what was found may not be all */
};

/*
 * Looks through the stored tuples. Returns whether at least min match; the list then holds those to
 * take or read. False also where the query overran its expressions (query_overrun), and where it was
 * cut.
 */
bool gather_stored(struct engine *engine, struct query *query, struct gather *gather);

/* Where the matches of a query's parts come from, each part's best-placed first; NULL at its end. */
struct gather_source {
    struct stored *(*next)(struct gather_source *source, uint32_t part);
};

/*
 * Merges the parts' matches by place; a tuple that several parts match counts once, for the first of
 * them (rule S18). Stops as soon as all is known that the query asks for.
 */
void gather_merge(const struct engine *engine, struct query *query, struct gather *gather,
                  struct gather_source *source);

/* Adds one more, best-placed first, unless the answer is full; counts it as matched. */
void gather_add(const struct engine *engine, const struct query *query, struct gather *gather,
                const struct found *found);
/* Whether nothing more has to be known: all taken, and whether there is more where asked. */
bool gather_complete(const struct query *query, const struct gather *gather);
void gather_clear(struct gather *gather);
void gather_deinit(struct gather *gather);

#endif

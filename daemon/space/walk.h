/* SPDX-License-Identifier: MIT */
/*
 * A walk over the stored tuples that a pattern may match, in the order of place.
 *
 * Of each length that fits, by the index that leaves the least to try: that by first field, one of
 * those that come by themselves (index.h), or all tuples in order. What comes may still not match: the
 * pattern is for the caller to try. A pattern with a rest goes over all fitting lengths at once,
 * merged by place. Void after any change of the space.
 */
#ifndef TSD_SPACE_WALK_H
#define TSD_SPACE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/limits.h"
#include "protocol/pattern.h"
#include "space/index.h"
#include "space/places.h"

struct engine;
struct space;
struct stored;

/* What is still to come of one length. */
struct walk_source {
    struct stored *next;         /* NULL: no more */
    struct places_cursor cursor; /* of `next`, where it stands in an order; leaf NULL: not */
    uint32_t few, few_count; /* where it is one of a few: the next of walk->few, and their end */
    uint32_t search;         /* where it is from an index by order: walk->searches, from 1 */
    uint32_t fields;
    uint64_t past; /* tuples that did not match */
};

/* In an index by order; stays where it is. */
struct walk_search {
    struct index_range range;
    struct ranked_search search;
};

struct walk {
    const struct engine *engine;
    const uint8_t *first;     /* the pattern's literal in the first field, or NULL */
    uint64_t first_hash;      /* its hash */
    uint64_t past;            /* tuples that did not match, of all sources */
    unsigned count;           /* sources that have one */
    unsigned all;             /* sources: those that have none any more stand behind */
    struct walk_source *last; /* where the last tuple came from, not yet advanced; or NULL */
    bool reverse, placed;
    bool unnoticed; /* set before it begins: no index takes it for a use */
    struct walk_source sources[LIMIT_TUPLE_FIELDS];
    struct stored **few; /* tuples of sources of a few */
    uint32_t few_count, few_capacity;
    struct walk_search **searches; /* kept for their memory */
    uint32_t search_count, search_capacity;
};

/* Starts at the oldest. */
void walk_begin(struct walk *walk, const struct engine *engine, const struct space *space,
                const struct pattern *pattern);
/* Starts at the first tuple whose key is at least `from` (reverse: the last whose key is at most). No
 * index by order serves here. */
void walk_begin_at(struct walk *walk, const struct engine *engine, const struct space *space,
                   const struct pattern *pattern, uint64_t from, bool reverse);
struct stored *walk_next(struct walk *walk); /* NULL at the end */

/* The last one did not match. */
static inline void walk_past(struct walk *walk)
{
    walk->last->past++;
    walk->past++;
}

/* Whether an index by order serves the pattern for any length. */
bool walk_is_ranged(const struct space *space, const struct pattern *pattern);

void walk_deinit(struct walk *walk); /* frees its memory */

/* The stored tuple with this id where its length fits the pattern, else NULL. */
struct stored *walk_find_id(const struct space *space, const struct pattern *pattern, uint64_t id);

#endif

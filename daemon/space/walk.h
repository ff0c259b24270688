/* SPDX-License-Identifier: MIT */
/*
 * A walk over the stored tuples that a pattern may match, in the order of place.
 *
 * What comes is of a fitting length and, where the pattern's first matcher is a literal, has an equal
 * first field; the rest of the pattern is for the caller to try. A pattern with a rest goes over all
 * fitting lengths at once, merged by place. Void after any change of the space.
 */
#ifndef TSD_SPACE_WALK_H
#define TSD_SPACE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/equal.h"
#include "protocol/limits.h"
#include "protocol/pattern.h"
#include "space/places.h"

struct space;
struct stored;

/* What is still to come of one length. */
struct walk_source {
    struct stored *next;         /* NULL: no more */
    struct places_cursor cursor; /* of `next`, where it stands in an order; leaf NULL: alone */
};

struct walk {
    unsigned count;
    bool reverse;
    struct walk_source sources[LIMIT_TUPLE_FIELDS];
};

/* Starts at the first tuple whose key is at least `from` (reverse: the last whose key is at most). */
void walk_begin(struct walk *walk, const struct space *space, const struct hash_key *key,
                const struct pattern *pattern, uint64_t from, bool reverse);
struct stored *walk_next(struct walk *walk); /* NULL at the end */

/* The stored tuple with this id where its length fits the pattern, else NULL. */
struct stored *walk_find_id(const struct space *space, const struct pattern *pattern, uint64_t id);

#endif

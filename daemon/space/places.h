/* SPDX-License-Identifier: MIT */
/*
 * Stored tuples in the order of their places (rule S6): a B+tree from place to tuple.
 *
 * One holds all tuples of a length, one all tuples of a length with an equal first field. Putting at
 * the end, taking the first, putting one back at its old place and going on after a place each cost
 * O(log n), a few cache lines. Little more than twelve bytes a tuple when filled in order; a small
 * one has a small root. The tuples belong to the space; a tuple stands at most once in a tree.
 */
#ifndef TSD_SPACE_PLACES_H
#define TSD_SPACE_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"

struct stored;
struct places_node;

struct places {
    struct places_node *root; /* NULL while empty */
    uint64_t count;
};

/* Where a walk stands; void after any change of the tree. */
struct places_cursor {
    const struct places_node *leaf; /* NULL past an end */
    int index;
};

void places_deinit(struct places *places, struct slab *slab); /* forgets the tuples */
/* The same, so many tuples and a leaf at a time; it must not be used meanwhile, the tuples may be gone.
 * Returns whether nothing is left. */
bool places_deinit_some(struct places *places, struct slab *slab, uint32_t tuples);

/* Returns 0, or -1 without memory, nothing being changed. */
int places_insert(struct places *places, struct slab *slab, struct stored *tuple);
void places_remove(struct places *places, struct slab *slab, struct stored *tuple);

/* The best-placed tuple, NULL where empty. */
struct stored *places_first(const struct places *places);

/* The first tuple whose key is at least `key`, or, going back, the last whose key is at most that. */
struct places_cursor places_seek(const struct places *places, uint64_t key);
struct places_cursor places_seek_back(const struct places *places, uint64_t key);
struct stored *places_at(const struct places_cursor *cursor); /* NULL past an end */
void places_next(struct places_cursor *cursor);
void places_previous(struct places_cursor *cursor);

void places_check(const struct places *places); /* aborts where an invariant does not hold */

#endif

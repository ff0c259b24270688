/* SPDX-License-Identifier: MIT */
/*
 * A set in the order of ranks that finds its members of least weight within a range: a B+tree whose
 * nodes know the least weight below each child.
 *
 * An index by order keeps tuples so: the rank is where a field stands in the order of values, the
 * weight the tuple's place, so that the oldest in a range is found without trying the rest. Members of
 * equal rank stand in the order that `compare` tells, which tells members apart. Putting, taking out
 * and beginning a search cost O(log n); each next member of a search O(log n). Nodes grow with what
 * they hold: about 28 bytes a member, in whatever order they came. The items belong to the caller.
 */
#ifndef TSD_SPACE_RANKED_H
#define TSD_SPACE_RANKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"

struct ranked_node;

struct ranked_member {
    uint64_t rank, weight;
    void *item;
};

/* The order of two members of equal rank: negative, 0 for the same member, positive. */
typedef int ranked_compare(const void *context, const struct ranked_member *a,
                           const struct ranked_member *b);

struct ranked {
    struct ranked_node *root; /* NULL while empty */
    uint64_t count;
    ranked_compare *compare;
    const void *context; /* of compare */
};

void ranked_init(struct ranked *ranked, ranked_compare *compare, const void *context);
void ranked_deinit(struct ranked *ranked, struct slab *slab); /* forgets the members */
/* The same, at most so many nodes at a time; the set must not be used meanwhile. Returns whether
 * nothing is left. */
bool ranked_deinit_some(struct ranked *ranked, struct slab *slab, uint32_t nodes);

/* Returns 0, or -1 without memory, nothing being changed. */
int ranked_insert(struct ranked *ranked, struct slab *slab, const struct ranked_member *member);
void ranked_remove(struct ranked *ranked, struct slab *slab, const struct ranked_member *member);

/* Where a member of rank `low` or `high` stands: negative before the range, 0 in it, positive after. */
typedef int ranked_side(const void *context, const struct ranked_member *member);

/* Members of a rank between low and high are in it; those of these two ranks where `side` says so. */
struct ranked_range {
    uint64_t low, high;
    ranked_side *side; /* NULL: they are */
    const void *context;
};

/* A search under way. Zeroed before its first use; keeps its memory for the next. */
struct ranked_search {
    struct ranked_span *spans; /* a heap: the least weight first */
    uint32_t count, capacity;
    struct ranked_range range;  /* what is looked for; its context is asked until the end */
    struct ranked_member found; /* the last one */
};

/* Begins a search, which is void after any change of the set. The process ends without memory. */
void ranked_search(struct ranked_search *search, const struct ranked *ranked,
                   const struct ranked_range *range);
/* The next member by weight, until the next call; those of equal weight in no particular order. NULL:
 * there is no more. */
const struct ranked_member *ranked_next(struct ranked_search *search);
void ranked_search_deinit(struct ranked_search *search);

void ranked_check(const struct ranked *ranked); /* aborts where an invariant does not hold */

#endif

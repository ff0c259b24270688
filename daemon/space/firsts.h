/* SPDX-License-Identifier: MIT */
/*
 * The index by length and first field: which stored tuples have an equal first field, in order.
 *
 * A tuple alone with its first field is its own entry and costs nothing beside; two or more have a
 * group with an order of their own. A NaN equals nothing, so each stands alone and is never found
 * (rule V3).
 */
#ifndef TSD_SPACE_FIRSTS_H
#define TSD_SPACE_FIRSTS_H

#include <stdint.h>

#include "base/slab.h"
#include "base/table.h"
#include "protocol/equal.h"
#include "space/places.h"

struct stored;

struct firsts {
    struct table table;
};

/* What is stored under one first field: one tuple, or a group's order; both NULL: nothing. */
struct firsts_found {
    struct stored *single;
    const struct places *group;
};

void firsts_init(struct firsts *firsts);
void firsts_deinit(struct firsts *firsts, struct slab *slab); /* forgets the tuples */

/* `first` is the first field's value_hash: the same for every length. */
uint32_t firsts_hash(uint64_t first, uint32_t fields);
int firsts_insert(struct firsts *firsts, struct slab *slab, struct stored *tuple, uint32_t hash);
void firsts_remove(struct firsts *firsts, struct slab *slab, struct stored *tuple);

struct firsts_found firsts_find(const struct firsts *firsts, uint32_t hash, uint32_t fields,
                                const uint8_t *first);

/*
 * Asks memory for what an insertion or removal under this hash will look at, a link further by each
 * of the stages from 0.
 */
#define FIRSTS_STAGES 4
void firsts_ask(const struct firsts *firsts, uint32_t hash, unsigned stage);

void firsts_check(const struct firsts *firsts, uint64_t tuples); /* how many must be in it */

#endif

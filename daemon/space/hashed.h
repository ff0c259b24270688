/* SPDX-License-Identifier: MIT */
/*
 * Tuples by a hash of some of their fields, those of equal hash in the order of place.
 *
 * What an index by hash keeps. It knows hashes only: fields that differ may have equal ones, and who
 * looks tries each tuple anyway. Tuples are in small blocks of a hash table that grows and shrinks
 * bucket by bucket (linear hashing): sixteen bytes each in all while it grows, up to thirty-six while
 * it shrinks. Those of one hash that are more than a few have an order of their own (places.h).
 * Finding is two or three cache misses, and one for each tuple where they are several. The caller
 * hashes; the low bits must be good (SipHash's are).
 */
#ifndef TSD_SPACE_HASHED_H
#define TSD_SPACE_HASHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"
#include "space/places.h"

struct stored;
struct hashed_block;

#define HASHED_FEW 8 /* tuples of one hash without an order of their own */

struct hashed {
    struct hashed_block ***segments; /* buckets, in blocks that stay where they are */
    uint32_t directory, buckets, mask;
    uint64_t count;
    uint64_t slots; /* tuples and groups of tuples */
};

void hashed_init(struct hashed *hashed);
void hashed_deinit(struct hashed *hashed, struct slab *slab); /* forgets the tuples */
/* The same, at most so many tuples (or so) at a time; it must not be used meanwhile, the tuples may be
 * gone. Returns whether nothing is left. */
bool hashed_deinit_some(struct hashed *hashed, struct slab *slab, uint32_t tuples);

/* Returns 0, or -1 without memory, nothing being changed. */
int hashed_insert(struct hashed *hashed, struct slab *slab, struct stored *tuple, uint32_t hash);
void hashed_remove(struct hashed *hashed, struct slab *slab, struct stored *tuple, uint32_t hash);

/* The tuples of one hash: an order, or a few in the order of place. Void after any change. */
struct hashed_found {
    const struct places *group; /* NULL: those in `few` */
    struct stored *few[HASHED_FEW];
    unsigned count; /* of few */
};
void hashed_find(const struct hashed *hashed, uint32_t hash, struct hashed_found *found);

unsigned hashed_longest(const struct hashed *hashed); /* slots of the fullest bucket; for tests */
void hashed_check(const struct hashed *hashed);       /* aborts where an invariant does not hold */

#endif

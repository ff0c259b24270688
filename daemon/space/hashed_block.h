/* SPDX-License-Identifier: MIT */
/*
 * What is in a bucket of a table by hash (hashed.h): one block, NULL for none.
 *
 * Hashes, in no order, and behind all that there is room for their slots: tuples, or the orders of
 * those of one hash that are many. It grows by two and gives back what is too large.
 */
#ifndef TSD_SPACE_HASHED_BLOCK_H
#define TSD_SPACE_HASHED_BLOCK_H

#include <stdint.h>

#include "base/slab.h"

struct places;
struct stored;

/* An odd capacity aligns the slots and makes sizes that the slab has. It is never empty for long. */
struct hashed_block {
    uint16_t count, capacity;
    uint32_t hashes[];
};

/* A slot is a tuple, or, with its lowest bit set, an order. */
#define SLOT_GROUP ((uintptr_t)1)

static inline struct places *slot_group(uintptr_t slot)
{
    return slot & SLOT_GROUP ? (struct places *)(slot & ~SLOT_GROUP) : NULL;
}

static inline struct stored *slot_tuple(uintptr_t slot)
{
    return (struct stored *)slot;
}

static inline uintptr_t *hashed_block_slots(const struct hashed_block *block)
{
    return (uintptr_t *)(uintptr_t)&block->hashes[block->capacity];
}

static inline void hashed_block_add(struct hashed_block *block, uint32_t hash, uintptr_t slot)
{
    block->hashes[block->count] = hash;
    hashed_block_slots(block)[block->count] = slot;
    block->count++;
}

static inline void hashed_block_drop(struct hashed_block *block, unsigned index)
{
    block->count--;
    block->hashes[index] = block->hashes[block->count];
    hashed_block_slots(block)[index] = hashed_block_slots(block)[block->count];
}

void hashed_block_free(struct slab *slab, struct hashed_block *block);

/* Makes room for so many in all. Returns 0, or -1 without memory, nothing being changed. */
int hashed_bucket_grow(struct hashed_block **bucket, struct slab *slab, unsigned least);

/* Of one that is not NULL: gives back what has become much too large. Without memory for a smaller
 * block it stays. */
void hashed_bucket_fit(struct hashed_block **bucket, struct slab *slab);

/* Moves to `to`, a new bucket, what has `bit` in its hash. Returns as hashed_bucket_grow. */
int hashed_bucket_split(struct hashed_block **from, struct hashed_block **to, struct slab *slab,
                        uint32_t bit);
/* Moves all that is in `from`, which is no bucket then. Returns as hashed_bucket_grow. */
int hashed_bucket_merge(struct hashed_block **from, struct hashed_block **to, struct slab *slab);

#endif

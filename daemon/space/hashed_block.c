/* SPDX-License-Identifier: MIT */
#include "space/hashed_block.h"

#define CAPACITY_MOST UINT16_MAX

static size_t block_size(unsigned capacity)
{
    return sizeof(struct hashed_block) + capacity * (sizeof(uint32_t) + sizeof(uintptr_t));
}

static struct hashed_block *block_new(struct slab *slab, unsigned least)
{
    const unsigned capacity = least | 1;
    struct hashed_block *block;

    if (capacity > CAPACITY_MOST || !(block = slab_alloc(slab, block_size(capacity))))
        return NULL;
    block->count = 0;
    block->capacity = (uint16_t)capacity;
    return block;
}

void hashed_block_free(struct slab *slab, struct hashed_block *block)
{
    slab_free(slab, block, block_size(block->capacity));
}

static void block_append(struct hashed_block *block, const struct hashed_block *from)
{
    for (unsigned i = 0; i < from->count; i++)
        hashed_block_add(block, from->hashes[i], hashed_block_slots(from)[i]);
}

/* To a new block with room for so many; without memory it stays where the old one has the room. */
static int bucket_move(struct hashed_block **bucket, struct slab *slab, unsigned least)
{
    struct hashed_block *old = *bucket, *block = block_new(slab, least);

    if (!block)
        return old && old->capacity >= least ? 0 : -1;
    if (old) {
        block_append(block, old);
        hashed_block_free(slab, old);
    }
    *bucket = block;
    return 0;
}

int hashed_bucket_grow(struct hashed_block **bucket, struct slab *slab, unsigned least)
{
    return *bucket && (*bucket)->capacity >= least ? 0 : bucket_move(bucket, slab, least);
}

void hashed_bucket_fit(struct hashed_block **bucket, struct slab *slab)
{
    struct hashed_block *old = *bucket, *block = NULL;

    if (old->count > 0) {
        if (old->capacity - old->count < 3 || !(block = block_new(slab, old->count)))
            return;
        block_append(block, old);
    }
    hashed_block_free(slab, old);
    *bucket = block;
}

int hashed_bucket_split(struct hashed_block **from, struct hashed_block **to, struct slab *slab,
                        uint32_t bit)
{
    struct hashed_block *block = *from;
    unsigned moving = 0;

    *to = NULL;
    if (!block)
        return 0;
    for (unsigned i = 0; i < block->count; i++)
        moving += (block->hashes[i] & bit) != 0;
    if (moving == block->count) {
        *to = block;
        *from = NULL;
    } else if (moving > 0) {
        if (hashed_bucket_grow(to, slab, moving) < 0)
            return -1;
        for (unsigned i = block->count; i-- > 0;) {
            if (block->hashes[i] & bit) {
                hashed_block_add(*to, block->hashes[i], hashed_block_slots(block)[i]);
                hashed_block_drop(block, i);
            }
        }
        hashed_bucket_fit(from, slab);
    }
    return 0;
}

/*
 * Into a new block even where one has the room: else a few that stay where they were made would keep
 * the slab's pages when most is gone.
 */
int hashed_bucket_merge(struct hashed_block **from, struct hashed_block **to, struct slab *slab)
{
    struct hashed_block *block = *from;

    if (!*to) {
        *to = block;
        block = NULL;
    }
    if (!*to)
        return 0;
    if (bucket_move(to, slab, (unsigned)(*to)->count + (block ? block->count : 0)) < 0)
        return -1;
    if (block) {
        block_append(*to, block);
        hashed_block_free(slab, block);
    }
    return 0;
}

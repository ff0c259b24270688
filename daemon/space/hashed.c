/* SPDX-License-Identifier: MIT */
#include "space/hashed.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/map.h"
#include "space/hashed_block.h"
#include "space/stored.h"

#define SEGMENT_BITS 6
#define SEGMENT (UINT32_C(1) << SEGMENT_BITS) /* buckets of the first segment; there are no less */

enum {
    SPLIT_ABOVE = 7, /* slots a bucket: fuller ones cost time, emptier ones memory */
    MERGE_BELOW = 6, /* less, so that going to and fro at one size moves nothing */
    STEPS = 2,       /* buckets split or merged by one operation, so that the size keeps up */
};

/* Four segments for each doubling after the first, so that little of them is unused. */
static uint32_t segment_of(uint32_t bucket)
{
    const uint32_t bits = 31u - (uint32_t)__builtin_clz(bucket | SEGMENT);

    return bucket < SEGMENT ? 0 : 4 * (bits - SEGMENT_BITS) + (bucket >> (bits - 2)) - 3;
}

static uint32_t segment_start(uint32_t segment)
{
    return segment > 0 ? (4 + (segment - 1) % 4) << ((segment - 1) / 4 + SEGMENT_BITS - 2) : 0;
}

static size_t segment_size(uint32_t segment)
{
    const size_t buckets = segment > 0 ? (SEGMENT / 4) << (segment - 1) / 4 : SEGMENT;

    return buckets * sizeof(struct hashed_block *);
}

/* It is not touched here: what is not used yet of a large one takes no memory. */
static struct hashed_block **segment_new(uint32_t segment)
{
    const size_t size = segment_size(segment);

    return size >= MAP_UNIT ? map_alloc(size, true) : mem_alloc(size);
}

static void segment_free(struct hashed *hashed, uint32_t segment)
{
    if (segment_size(segment) >= MAP_UNIT)
        map_free(hashed->segments[segment], segment_size(segment));
    else
        mem_free(hashed->segments[segment]);
    hashed->segments[segment] = NULL;
}

static struct hashed_block **bucket_at(const struct hashed *hashed, uint32_t bucket)
{
    const uint32_t segment = segment_of(bucket);

    return &hashed->segments[segment][bucket - segment_start(segment)];
}

static uint32_t bucket_number(const struct hashed *hashed, uint32_t hash)
{
    const uint32_t bucket = hash & hashed->mask;

    return bucket < hashed->buckets ? bucket : bucket & hashed->mask >> 1;
}

void hashed_init(struct hashed *hashed)
{
    *hashed = (struct hashed){0};
}

/* Makes room for one bucket more at the end. */
static int extend(struct hashed *hashed)
{
    const uint32_t segment = segment_of(hashed->buckets);

    if (segment >= hashed->directory) {
        const uint32_t places = hashed->directory ? 2 * hashed->directory : 1;
        struct hashed_block ***segments;

        segments = mem_realloc_array(hashed->segments, places, sizeof(struct hashed_block **));
        if (!segments)
            return -1;
        for (uint32_t i = hashed->directory; i < places; i++)
            segments[i] = NULL;
        hashed->segments = segments;
        hashed->directory = places;
    }
    if (!hashed->segments[segment])
        hashed->segments[segment] = segment_new(segment);
    return hashed->segments[segment] ? 0 : -1;
}

static int begin(struct hashed *hashed)
{
    if (hashed->buckets > 0)
        return 0;
    if (extend(hashed) < 0)
        return -1;
    for (uint32_t i = 0; i < SEGMENT; i++)
        hashed->segments[0][i] = NULL;
    hashed->buckets = SEGMENT;
    hashed->mask = SEGMENT - 1;
    return 0;
}

/* Adds a bucket and moves to it what belongs there from the one that it is split off. */
static int split(struct hashed *hashed, struct slab *slab)
{
    const uint32_t added = hashed->buckets;
    const uint32_t bit = added > hashed->mask ? hashed->mask + 1 : (hashed->mask + 1) / 2;

    if (added > UINT32_MAX / 2 || extend(hashed) < 0)
        return -1;
    if (hashed_bucket_split(bucket_at(hashed, added - bit), bucket_at(hashed, added), slab, bit) <
        0) {
        if (segment_of(added) != segment_of(added - 1))
            segment_free(hashed, segment_of(added));
        return -1;
    }
    hashed->mask = 2 * bit - 1;
    hashed->buckets++;
    return 0;
}

/* Takes the last bucket away: what is in it goes back to the one that it was split off. */
static int merge(struct hashed *hashed, struct slab *slab)
{
    const uint32_t last = hashed->buckets - 1;
    struct hashed_block **to = bucket_at(hashed, last & hashed->mask >> 1);

    if (hashed_bucket_merge(bucket_at(hashed, last), to, slab) < 0)
        return -1;
    hashed->buckets = last;
    if (last == (hashed->mask >> 1) + 1)
        hashed->mask >>= 1;
    if (segment_of(last) != segment_of(last - 1))
        segment_free(hashed, segment_of(last));
    return 0;
}

/* More than a few of one hash: they get an order, in the slot of the first. */
static int make_group(struct hashed *hashed, struct slab *slab, struct hashed_block *block,
                      struct stored *tuple, uint32_t hash)
{
    struct places *group = slab_alloc(slab, sizeof *group);
    bool placed;

    if (!group)
        return -1;
    *group = (struct places){0};
    placed = places_insert(group, slab, tuple) == 0;
    for (unsigned i = 0; placed && i < block->count; i++)
        if (block->hashes[i] == hash)
            placed = places_insert(group, slab, slot_tuple(hashed_block_slots(block)[i])) == 0;
    if (!placed) {
        places_deinit(group, slab);
        slab_free(slab, group, sizeof *group);
        return -1;
    }
    for (unsigned i = block->count; i-- > 0;)
        if (block->hashes[i] == hash)
            hashed_block_drop(block, i);
    hashed_block_add(block, hash, (uintptr_t)group | SLOT_GROUP);
    hashed->slots -= HASHED_FEW - 1;
    return 0;
}

static int bucket_insert(struct hashed *hashed, struct slab *slab, struct stored *tuple,
                         uint32_t hash)
{
    struct hashed_block **bucket = bucket_at(hashed, bucket_number(hashed, hash));
    struct hashed_block *block = *bucket;
    const unsigned count = block ? block->count : 0;
    unsigned equal = 0;

    for (unsigned i = 0; i < count; i++) {
        if (block->hashes[i] != hash)
            continue;
        if (hashed_block_slots(block)[i] & SLOT_GROUP)
            return places_insert(slot_group(hashed_block_slots(block)[i]), slab, tuple);
        equal++;
    }
    if (equal == HASHED_FEW) {
        if (make_group(hashed, slab, block, tuple, hash) < 0)
            return -1;
        hashed_bucket_fit(bucket, slab);
        return 0;
    }
    if (hashed_bucket_grow(bucket, slab, count + 1) < 0)
        return -1;
    hashed_block_add(*bucket, hash, (uintptr_t)tuple);
    hashed->slots++;
    return 0;
}

int hashed_insert(struct hashed *hashed, struct slab *slab, struct stored *tuple, uint32_t hash)
{
    if (begin(hashed) < 0 || bucket_insert(hashed, slab, tuple, hash) < 0)
        return -1;
    hashed->count++;
    /* Without memory to split, blocks get larger: that is no failure. */
    for (int i = 0; i < STEPS && hashed->slots / SPLIT_ABOVE >= hashed->buckets; i++)
        if (split(hashed, slab) < 0)
            break;
    return 0;
}

/* Takes a tuple out of its group, which ends with the last but one. */
static void group_remove(struct slab *slab, uintptr_t *slot, struct stored *tuple)
{
    struct places *group = slot_group(*slot);

    assert(group);
    places_remove(group, slab, tuple);
    if (group->count > 1)
        return;
    *slot = (uintptr_t)places_first(group);
    places_deinit(group, slab);
    slab_free(slab, group, sizeof *group);
}

void hashed_remove(struct hashed *hashed, struct slab *slab, struct stored *tuple, uint32_t hash)
{
    struct hashed_block **bucket = bucket_at(hashed, bucket_number(hashed, hash));
    struct hashed_block *block = *bucket;
    uintptr_t *slots = hashed_block_slots(block);
    unsigned i = 0;

    while (block->hashes[i] != hash || !(slots[i] & SLOT_GROUP || slots[i] == (uintptr_t)tuple)) {
        i++;
        assert(i < block->count);
    }
    if (slots[i] & SLOT_GROUP) {
        group_remove(slab, &slots[i], tuple);
    } else {
        hashed_block_drop(block, i);
        hashed_bucket_fit(bucket, slab);
        hashed->slots--;
    }
    hashed->count--;
    for (int k = 0; k < STEPS && hashed->buckets > SEGMENT; k++)
        if (hashed->slots / MERGE_BELOW >= hashed->buckets || merge(hashed, slab) < 0)
            break;
}

/* Puts a tuple among those before it. */
static void few_add(struct hashed_found *found, struct stored *tuple)
{
    unsigned at = found->count++;

    for (; at > 0 && stored_key(found->few[at - 1]) > stored_key(tuple); at--)
        found->few[at] = found->few[at - 1];
    found->few[at] = tuple;
}

void hashed_find(const struct hashed *hashed, uint32_t hash, struct hashed_found *found)
{
    const struct hashed_block *block;

    found->group = NULL;
    found->count = 0;
    if (hashed->count == 0)
        return;
    block = *bucket_at(hashed, bucket_number(hashed, hash));
    if (!block)
        return;
    for (unsigned i = 0; i < block->count; i++) {
        if (block->hashes[i] != hash)
            continue;
        found->group = slot_group(hashed_block_slots(block)[i]);
        if (found->group)
            return;
        few_add(found, slot_tuple(hashed_block_slots(block)[i]));
    }
}

/* Frees a block, but for a group that is more than what is left to do. Returns what is left then. */
static uint32_t block_deinit(struct hashed_block **bucket, struct slab *slab, uint32_t left)
{
    struct hashed_block *block = *bucket;

    while (block->count > 0 && left > 0) {
        struct places *group = slot_group(hashed_block_slots(block)[block->count - 1]);
        uint64_t before;

        left--;
        if (group) {
            before = group->count;
            if (!places_deinit_some(group, slab, left))
                return 0;
            left -= before < left ? (uint32_t)before : left;
            slab_free(slab, group, sizeof *group);
        }
        block->count--;
    }
    if (block->count == 0) {
        hashed_block_free(slab, block);
        *bucket = NULL;
    }
    return left;
}

bool hashed_deinit_some(struct hashed *hashed, struct slab *slab, uint32_t tuples)
{
    uint32_t left = tuples > 0 ? tuples : 1;

    while (hashed->buckets > 0 && left > 0) {
        const uint32_t last = hashed->buckets - 1;
        struct hashed_block **bucket = bucket_at(hashed, last);

        left = *bucket ? block_deinit(bucket, slab, left) : left - 1;
        if (*bucket)
            return false;
        hashed->buckets--;
        if (last == 0 || segment_of(last) != segment_of(last - 1))
            segment_free(hashed, segment_of(last));
    }
    if (hashed->buckets > 0)
        return false;
    mem_free(hashed->segments);
    hashed_init(hashed);
    return true;
}

void hashed_deinit(struct hashed *hashed, struct slab *slab)
{
    while (!hashed_deinit_some(hashed, slab, UINT32_MAX))
        continue;
}

unsigned hashed_longest(const struct hashed *hashed)
{
    unsigned most = 0;

    for (uint32_t i = 0; i < hashed->buckets; i++) {
        const struct hashed_block *block = *bucket_at(hashed, i);

        if (block && block->count > most)
            most = block->count;
    }
    return most;
}

/* Returns how many tuples are in the block. */
static uint64_t check_block(const struct hashed *hashed, const struct hashed_block *block,
                            uint32_t bucket)
{
    uint64_t tuples = 0;

    assert(block->count > 0 && block->count <= block->capacity && block->capacity % 2 == 1);
    for (unsigned i = 0; i < block->count; i++) {
        const struct places *group = slot_group(hashed_block_slots(block)[i]);
        unsigned equal = 0;

        assert(bucket_number(hashed, block->hashes[i]) == bucket);
        for (unsigned k = 0; k < block->count; k++)
            equal += block->hashes[k] == block->hashes[i];
        assert(equal <= (group ? 1 : HASHED_FEW));
        if (group) {
            assert(group->count > 1);
            places_check(group);
        }
        tuples += group ? group->count : 1;
    }
    return tuples;
}

void hashed_check(const struct hashed *hashed)
{
    uint64_t tuples = 0, slots = 0;

    assert(hashed->buckets == 0 || hashed->buckets >= SEGMENT);
    assert(hashed->buckets == 0 || (hashed->mask >> 1 < hashed->buckets - 1));
    assert(hashed->buckets == 0 || hashed->buckets - 1 <= hashed->mask);
    for (uint32_t i = 0; i < hashed->buckets; i++) {
        const struct hashed_block *block = *bucket_at(hashed, i);

        if (block) {
            tuples += check_block(hashed, block, i);
            slots += block->count;
        }
    }
    assert(tuples == hashed->count && slots == hashed->slots);
    for (uint32_t i = 0; i < hashed->directory; i++)
        assert(!hashed->segments[i] == (segment_start(i) >= hashed->buckets));
}

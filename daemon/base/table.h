/* SPDX-License-Identifier: MIT */
/*
 * A hash table that never stalls: linear hashing, a few buckets split or merged by an operation.
 *
 * Elements embed a table_node and belong to the caller; container_of leads back. The caller hashes
 * (the low bits must be good: SipHash's are) and compares; several elements of one hash are fine.
 * Elements of one hash come in no particular order: nothing may depend on it.
 *
 * There are two buckets an element or more (each further element of a chain is a cache miss), four at
 * most. They live in segments, so growing moves none of them: each has as many as all before it, and
 * only the first starts small and doubles. An empty table has no allocation until its first insert;
 * then the first segment stays, so that a table going between none and one does not allocate.
 */
#ifndef TSD_BASE_TABLE_H
#define TSD_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/container.h"

struct table_node {
    struct table_node *next;
    uint32_t hash;
    uint32_t tag; /* the caller's, where elements of several types share a table */
};

#define TABLE_SEGMENT_BITS 10
#define TABLE_SEGMENT ((uint32_t)1 << TABLE_SEGMENT_BITS) /* buckets of the first segment */

struct table {
    struct table_node ***segments; /* the directory */
    uint32_t directory;            /* places in the directory */
    uint32_t first;                /* buckets allocated in the first segment */
    uint32_t buckets;              /* in use; 0 before the first insert */
    uint32_t mask;                 /* the least 2^n - 1 that all bucket numbers fit in */
    size_t count;
};

void table_init(struct table *table);
void table_deinit(struct table *table); /* forgets the nodes, frees the buckets */

/* Makes sure that an insert succeeds, now and later. Returns 0, or -1 without memory. */
int table_reserve(struct table *table);

/* Returns 0, or -1 without memory, which happens to the first insert at most. */
int table_insert(struct table *table, struct table_node *node, uint32_t hash);
void table_remove(struct table *table, struct table_node *node); /* which is in it */

/* A hash of a number that no client chooses: ids, sessions. What clients choose is hashed by a key. */
static inline uint32_t table_number_hash(uint64_t number)
{
    return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static inline size_t table_count(const struct table *table)
{
    return table->count;
}

/* The segment that a bucket is in. */
static inline uint32_t table_segment(uint32_t bucket)
{
    return 32u - TABLE_SEGMENT_BITS - (uint32_t)__builtin_clz(bucket | (TABLE_SEGMENT - 1));
}

static inline struct table_node **table_bucket_at(const struct table *table, uint32_t bucket)
{
    const uint32_t segment = table_segment(bucket);

    return &table->segments[segment][segment ? bucket - (TABLE_SEGMENT << (segment - 1)) : bucket];
}

/* Where the chain of this hash starts; the table has buckets. */
static inline struct table_node **table_bucket(const struct table *table, uint32_t hash)
{
    uint32_t bucket = hash & table->mask;

    if (bucket >= table->buckets)
        bucket &= table->mask >> 1;
    return table_bucket_at(table, bucket);
}

/* The next node with exactly this hash after one that table_first or table_next gave, or NULL. */
static inline struct table_node *table_next(const struct table_node *node, uint32_t hash)
{
    struct table_node *next = node->next;

    while (next && next->hash != hash)
        next = next->next;
    return next;
}

/* The first node with exactly this hash, or NULL. */
static inline struct table_node *table_first(const struct table *table, uint32_t hash)
{
    struct table_node *node;

    if (table->count == 0)
        return NULL;
    node = *table_bucket(table, hash);
    return !node || node->hash == hash ? node : table_next(node, hash);
}

/* All nodes in no particular order: pass NULL first. The table must not change meanwhile. */
struct table_node *table_walk(const struct table *table, const struct table_node *after);

#endif

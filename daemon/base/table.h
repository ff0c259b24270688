/* SPDX-License-Identifier: MIT */
/*
 * A hash table that never stalls: linear hashing, a few buckets split or merged by an operation.
 *
 * Elements embed a table_node and belong to the caller; container_of leads back. The caller hashes
 * (the low bits must be good: SipHash's are) and compares; several elements of one hash are fine.
 * Elements of one hash come in no particular order: nothing may depend on it.
 *
 * There are one and a half buckets an element or more, three at most. Each element of a chain that is
 * looked at is a cache miss: so what links them tells, in the low bits of the address, something of
 * the hash of the element, and whether it is the last. Buckets live in segments, so growing moves none of them: each has as many as all before it, and
 * only the first starts small and doubles. An empty table has no allocation until its first insert;
 * then the first segment stays, so that a table going between none and one does not allocate.
 */
#ifndef TSD_BASE_TABLE_H
#define TSD_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/container.h"

/* The address of a node (a multiple of 8), two bits of its hash, and whether it is the last of its
 * chain; 0: none. */
typedef uintptr_t table_link;
#define TABLE_LAST ((table_link)1)
#define TABLE_TAG ((table_link)6)

struct table_node {
    table_link next;
    uint32_t hash;
    uint32_t tag : 2;   /* the caller's, where elements of several types share a table */
    uint32_t rest : 30; /* the caller's, for anything: it would be padding */
};

#define TABLE_SEGMENT_BITS 10
#define TABLE_SEGMENT ((uint32_t)1 << TABLE_SEGMENT_BITS) /* buckets of the first segment */

struct table {
    table_link **segments; /* the directory */
    uint32_t directory;    /* places in the directory */
    uint32_t first;        /* buckets allocated in the first segment */
    uint32_t buckets;      /* in use; 0 before the first insert */
    uint32_t mask;         /* the least 2^n - 1 that all bucket numbers fit in */
    size_t count;
};

void table_init(struct table *table);
void table_deinit(struct table *table); /* forgets the nodes, frees the buckets */

/* Makes sure that an insert succeeds, now and later. Returns 0, or -1 without memory. */
int table_reserve(struct table *table);

/* Returns 0, or -1 without memory, which happens to the first insert at most. */
int table_insert(struct table *table, struct table_node *node, uint32_t hash);
void table_remove(struct table *table, struct table_node *node); /* which is in it */

/*
 * A hash of a number that no client chooses: ids, sessions. What clients choose is hashed by a key.
 * Numbers beside each other mostly stand beside each other in the table too: they come and go
 * together. In each group of 8, of 4,096 and of 4 million their order is another one, so that those
 * that are evenly apart do not meet.
 */
static inline uint32_t table_number_hash(uint64_t number)
{
    const uint64_t one = UINT64_C(0x9e3779b97f4a7c15), other = UINT64_C(0xd1b54a32d192ed03);
    const uint64_t order =
        (number >> 3) * one >> 61 ^ (number >> 12) * other >> 52 ^ (number >> 22) * one >> 54 << 12;
    const uint64_t tag = number * one >> 62 << 30;

    return (uint32_t)(((number ^ order) & 0x3fffffff) | tag);
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

static inline table_link *table_bucket_at(const struct table *table, uint32_t bucket)
{
    const uint32_t segment = table_segment(bucket);

    return &table->segments[segment][segment ? bucket - (TABLE_SEGMENT << (segment - 1)) : bucket];
}

/* Where the chain of this hash starts; the table has buckets. */
static inline table_link *table_bucket(const struct table *table, uint32_t hash)
{
    uint32_t bucket = hash & table->mask;

    if (bucket >= table->buckets)
        bucket &= table->mask >> 1;
    return table_bucket_at(table, bucket);
}

static inline struct table_node *table_linked(table_link link)
{
    return (struct table_node *)(link & ~(TABLE_LAST | TABLE_TAG));
}

static inline table_link table_tag(uint32_t hash)
{
    return hash >> 30 << 1;
}

/* The first node with exactly this hash from there on, or NULL. */
static inline struct table_node *table_follow(table_link link, uint32_t hash)
{
    const table_link tag = table_tag(hash);

    while (link) {
        struct table_node *node = table_linked(link);
        if ((link & TABLE_TAG) == tag && node->hash == hash)
            return node;
        if (link & TABLE_LAST)
            return NULL;
        link = node->next;
    }
    return NULL;
}

/* The next node with exactly this hash after one that table_first or table_next gave, or NULL. */
static inline struct table_node *table_next(const struct table_node *node, uint32_t hash)
{
    return table_follow(node->next, hash);
}

/* The first node with exactly this hash, or NULL. */
static inline struct table_node *table_first(const struct table *table, uint32_t hash)
{
    return table->count ? table_follow(*table_bucket(table, hash), hash) : NULL;
}

/* All nodes in no particular order: pass NULL first. The table must not change meanwhile. */
struct table_node *table_walk(const struct table *table, const struct table_node *after);

#endif

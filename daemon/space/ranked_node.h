/* SPDX-License-Identifier: MIT */
/*
 * The nodes of a ranked set (ranked.h): what its files share.
 *
 * A node's entries stand in columns, so that looking for a rank, or for the least weight, reads a few
 * cache lines that lie together. An inner entry is a child: its first member, and the least weight of
 * all below it. A node has room for few more entries than it holds.
 */
#ifndef TSD_SPACE_RANKED_NODE_H
#define TSD_SPACE_RANKED_NODE_H

#include "space/ranked.h"

enum { RANK, WEIGHT, ITEM, LEAF_COLUMNS, CHILD = LEAF_COLUMNS, LEAST, INNER_COLUMNS };

#define NODE_WORDS 240 /* at most: with its head not quite the slab's largest class */
#define LEAF_MOST (NODE_WORDS / LEAF_COLUMNS)
#define INNER_MOST (NODE_WORDS / INNER_COLUMNS)
#define RANKED_DEPTH 16
#define NODE_LINES 24 /* of the cache, that are worth to be asked for at once */

struct ranked_node {
    uint16_t count, capacity;
    uint16_t size; /* words of it that there are */
    bool leaf;
    uint64_t words[]; /* the columns, `capacity` words each; pointers as words */
};

static inline uint64_t *node_column(const struct ranked_node *node, unsigned column)
{
    return (uint64_t *)node->words + (size_t)column * node->capacity;
}

/* Entries that it can have. */
static inline int most_of(const struct ranked_node *node)
{
    return node->leaf ? LEAF_MOST : INNER_MOST;
}

/* Bytes of a node with so many words. */
static inline size_t node_size(unsigned words)
{
    return sizeof(struct ranked_node) + words * sizeof(uint64_t);
}

/* The least weight of each entry. */
static inline uint64_t *node_leasts(const struct ranked_node *node)
{
    return node_column(node, node->leaf ? WEIGHT : LEAST);
}

/* A leaf's member, or the first below a child. */
static inline struct ranked_member node_member(const struct ranked_node *node, int index)
{
    return (struct ranked_member){
        .rank = node_column(node, RANK)[index],
        .weight = node_column(node, WEIGHT)[index],
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): that is how it is kept */
        .item = (void *)(uintptr_t)node_column(node, ITEM)[index],
    };
}

static inline struct ranked_node *node_child(const struct ranked_node *node, int index)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): as above */
    return (struct ranked_node *)(uintptr_t)node_column(node, CHILD)[index];
}

/* Reading a node that is in no cache begins with so many lines at once instead of one after the other. */
static inline void node_prefetch(const struct ranked_node *node)
{
    for (unsigned i = 0; i < NODE_LINES; i++)
        __builtin_prefetch((const char *)node + (size_t)i * 64);
}

/* The first of the words in order, from `begin`, that is at least `rank`. */
static inline int words_lower(const uint64_t *words, int begin, int end, uint64_t rank)
{
    while (begin < end) {
        const int middle = (begin + end) / 2;
        if (words[middle] < rank)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* The end of those from `begin` that are not above `rank`. */
static inline int words_upper(const uint64_t *words, int begin, int end, uint64_t rank)
{
    return rank == UINT64_MAX ? end : words_lower(words, begin, end, rank + 1);
}

/* Which of the words from `begin`, one at least, is the least. */
static inline int words_least(const uint64_t *words, int begin, int end)
{
    int least = begin;
    for (int i = begin + 1; i < end; i++)
        least = words[i] < words[least] ? i : least;
    return least;
}

/* The least weight in the node. */
static inline uint64_t node_least(const struct ranked_node *node)
{
    const uint64_t *leasts = node_leasts(node);
    return leasts[words_least(leasts, 0, node->count)];
}

#endif

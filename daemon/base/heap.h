/* SPDX-License-Identifier: MIT */
/*
 * A heap of pointers, each with a key: the least first, any element removed in O(log n).
 *
 * Elements embed a heap_node, zeroed before its first push; they belong to the caller and are in at
 * most one heap by that node. Keys are told with the push and kept in the heap's array: no element
 * is looked at to order others. Where keys differ, what comes out does not depend on how it went
 * in.
 */
#ifndef TSD_BASE_HEAP_H
#define TSD_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    uint32_t index; /* its place in the array, from 1; 0: in no heap */
};

struct heap_key {
    uint64_t first, second; /* second decides between equal first ones */
};

struct heap_entry {
    struct heap_key key;
    struct heap_node *node;
};

struct heap {
    struct heap_entry *entries; /* from index 1 */
    uint32_t count, capacity;
};

void heap_init(struct heap *heap);
void heap_deinit(struct heap *heap); /* forgets the elements, frees the array */

/* Makes sure that the next `more` pushes succeed. Returns 0, or -1 without memory. */
int heap_reserve(struct heap *heap, size_t more);

/* Returns 0, or -1 without memory. */
int heap_push(struct heap *heap, struct heap_node *node, struct heap_key key);
void heap_remove(struct heap *heap, struct heap_node *node);
struct heap_node *heap_pop(struct heap *heap); /* NULL when empty */

/* The least, NULL when empty. */
static inline struct heap_node *heap_peek(const struct heap *heap)
{
    return heap->count ? heap->entries[1].node : NULL;
}

static inline bool heap_contains(const struct heap_node *node)
{
    return node->index != 0;
}

/* Of one that is in this heap. */
static inline const struct heap_key *heap_key_of(const struct heap *heap,
                                                 const struct heap_node *node)
{
    return &heap->entries[node->index].key;
}

static inline bool heap_key_less(const struct heap_key *a, const struct heap_key *b)
{
    return a->first != b->first ? a->first < b->first : a->second < b->second;
}

#endif

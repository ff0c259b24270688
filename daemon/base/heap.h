/* SPDX-License-Identifier: MIT */
/*
 * A binary heap of pointers: the least element first, any element removed in O(log n).
 *
 * Elements embed a heap_node, zeroed before its first push; they belong to the caller and are in at
 * most one heap by that node. `less` is a total order where the order of equals matters: then what
 * comes out does not depend on how it went in.
 */
#ifndef TSD_BASE_HEAP_H
#define TSD_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap_node {
    size_t index; /* its place in the array, from 1; 0: in no heap */
};

typedef bool heap_less(const struct heap_node *a, const struct heap_node *b);

struct heap {
    struct heap_node **nodes; /* from index 1 */
    size_t count, capacity;
    heap_less *less;
};

void heap_init(struct heap *heap, heap_less *less);
void heap_deinit(struct heap *heap); /* forgets the elements, frees the array */

/* Makes sure that the next `more` pushes succeed. Returns 0, or -1 without memory. */
int heap_reserve(struct heap *heap, size_t more);

int heap_push(struct heap *heap, struct heap_node *node); /* 0, or -1 without memory */
void heap_remove(struct heap *heap, struct heap_node *node);
struct heap_node *heap_pop(struct heap *heap); /* NULL when empty */

/* The least, NULL when empty. */
static inline struct heap_node *heap_peek(const struct heap *heap)
{
    return heap->count ? heap->nodes[1] : NULL;
}

static inline bool heap_contains(const struct heap_node *node)
{
    return node->index != 0;
}

#endif

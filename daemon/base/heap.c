/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <assert.h>

#include "base/alloc.h"

void heap_init(struct heap *heap, heap_less *less)
{
    *heap = (struct heap){.less = less};
}

void heap_deinit(struct heap *heap)
{
    for (size_t i = 1; i <= heap->count; i++)
        heap->nodes[i]->index = 0;
    mem_free(heap->nodes);
    heap_init(heap, heap->less);
}

int heap_reserve(struct heap *heap, size_t more)
{
    size_t capacity = heap->capacity ? heap->capacity : 16;
    struct heap_node **nodes;

    if (heap->capacity - heap->count >= more)
        return 0;
    while (capacity - heap->count < more)
        capacity *= 2;
    nodes = mem_realloc_array(heap->nodes, capacity + 1, sizeof(struct heap_node *));
    if (!nodes)
        return -1;
    heap->nodes = nodes;
    heap->capacity = capacity;
    return 0;
}

static void heap_set(struct heap *heap, size_t index, struct heap_node *node)
{
    heap->nodes[index] = node;
    node->index = index;
}

/* Moves the free place at index up to where the node belongs. */
static void heap_sift_up(struct heap *heap, size_t index, struct heap_node *node)
{
    while (index > 1 && heap->less(node, heap->nodes[index / 2])) {
        heap_set(heap, index, heap->nodes[index / 2]);
        index /= 2;
    }
    heap_set(heap, index, node);
}

/* Moves the free place at index down to where the node belongs. */
static void heap_sift_down(struct heap *heap, size_t index, struct heap_node *node)
{
    size_t child;

    while ((child = 2 * index) <= heap->count) {
        if (child < heap->count && heap->less(heap->nodes[child + 1], heap->nodes[child]))
            child++;
        if (!heap->less(heap->nodes[child], node))
            break;
        heap_set(heap, index, heap->nodes[child]);
        index = child;
    }
    heap_set(heap, index, node);
}

int heap_push(struct heap *heap, struct heap_node *node)
{
    assert(!heap_contains(node));
    if (heap_reserve(heap, 1) < 0)
        return -1;
    heap_sift_up(heap, ++heap->count, node);
    return 0;
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    size_t index = node->index;
    struct heap_node *last = heap->nodes[heap->count];

    assert(index > 0 && index <= heap->count && heap->nodes[index] == node);
    heap->count--;
    node->index = 0;
    if (last == node)
        return;
    if (index > 1 && heap->less(last, heap->nodes[index / 2]))
        heap_sift_up(heap, index, last);
    else
        heap_sift_down(heap, index, last);
}

struct heap_node *heap_pop(struct heap *heap)
{
    struct heap_node *least = heap_peek(heap);

    if (least)
        heap_remove(heap, least);
    return least;
}

/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <assert.h>

#include "base/alloc.h"

/* Children of a place: four stand side by side, and the heap is half as deep as with two. */
#define CHILDREN 4

void heap_init(struct heap *heap)
{
    *heap = (struct heap){0};
}

void heap_deinit(struct heap *heap)
{
    for (uint32_t i = 1; i <= heap->count; i++)
        heap->entries[i].node->index = 0;
    mem_free(heap->entries);
    heap_init(heap);
}

int heap_reserve(struct heap *heap, size_t more)
{
    size_t capacity = heap->capacity ? heap->capacity : 16;
    struct heap_entry *entries;

    if (heap->capacity - heap->count >= more)
        return 0;
    while (capacity - heap->count < more && capacity < UINT32_MAX)
        capacity *= 2;
    if (capacity >= UINT32_MAX)
        return -1;
    entries = mem_realloc_array(heap->entries, capacity + 1, sizeof(struct heap_entry));
    if (!entries)
        return -1;
    heap->entries = entries;
    heap->capacity = (uint32_t)capacity;
    return 0;
}

static uint32_t parent_of(uint32_t index)
{
    return (index + CHILDREN - 2) / CHILDREN;
}

static uint32_t first_child_of(uint32_t index)
{
    return index * CHILDREN - CHILDREN + 2;
}

static void heap_set(struct heap *heap, uint32_t index, const struct heap_entry *entry)
{
    heap->entries[index] = *entry;
    entry->node->index = index;
}

/* Moves the free place at index up to where the entry belongs. */
static void heap_sift_up(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    while (index > 1 && heap_key_less(&entry.key, &heap->entries[parent_of(index)].key)) {
        heap_set(heap, index, &heap->entries[parent_of(index)]);
        index = parent_of(index);
    }
    heap_set(heap, index, &entry);
}

static uint32_t least_child(const struct heap *heap, uint32_t first)
{
    uint32_t least = first;

    for (uint32_t i = 1; i < CHILDREN && i <= heap->count - first; i++)
        if (heap_key_less(&heap->entries[first + i].key, &heap->entries[least].key))
            least = first + i;
    return least;
}

/* Moves the free place at index down to where the entry belongs. */
static void heap_sift_down(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    while (index <= parent_of(heap->count) && first_child_of(index) <= heap->count) {
        const uint32_t child = least_child(heap, first_child_of(index));
        if (!heap_key_less(&heap->entries[child].key, &entry.key))
            break;
        heap_set(heap, index, &heap->entries[child]);
        index = child;
    }
    heap_set(heap, index, &entry);
}

int heap_push(struct heap *heap, struct heap_node *node, struct heap_key key)
{
    assert(!heap_contains(node));
    if (heap_reserve(heap, 1) < 0)
        return -1;
    heap_sift_up(heap, ++heap->count, (struct heap_entry){key, node});
    return 0;
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    const uint32_t index = node->index;

    assert(index > 0 && index <= heap->count && heap->entries[index].node == node);
    const struct heap_entry last = heap->entries[heap->count];
    heap->count--;
    node->index = 0;
    if (last.node == node)
        return;
    if (index > 1 && heap_key_less(&last.key, &heap->entries[parent_of(index)].key))
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

/* SPDX-License-Identifier: MIT */
/*
 * A node of an order of places (places.h): entries by key, at [begin, end).
 *
 * A leaf whose keys are near each other is narrow: it keeps what they are above a base in 32 bits,
 * twelve bytes an entry. Where they are too far apart (other priorities, ids of another age) it is
 * wide, as all inner nodes are: sixteen bytes. A full-sized node is two KiB, whichever it is, so that
 * a leaf becomes the other one where it stands.
 *
 * In a leaf an entry that is taken leaves a hole, its key with no tuple, so that taking moves nothing
 * and entries stay where they were put; a hole is neither first nor last. An entry that belongs before
 * one fills it; a leaf without room at its end is packed.
 */
#ifndef TSD_SPACE_PLACES_NODE_H
#define TSD_SPACE_PLACES_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"

#define NODE_NARROW 168 /* entries of a full-sized narrow node */
#define NODE_WIDE 126   /* and of a wide one */

struct places_entry {
    void *to; /* the tuple or the child */
    uint64_t
        key; /* a leaf's: the tuple's; else a lower bound of all below, but for the first child */
};

struct places_node {
    struct places_node *previous, *next; /* leaves only: in order */
    uint64_t base;                       /* of a narrow one: at most its first key */
    uint8_t begin, end, capacity;
    uint8_t count;  /* of entries without the holes */
    uint8_t stride; /* bytes of an entry: it is wide or narrow */
    bool leaf;
};

struct narrow_entry {
    void *to;
    uint32_t offset; /* of the key, from the base */
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct places_node) + NODE_NARROW * sizeof(struct narrow_entry) ==
                   sizeof(struct places_node) + NODE_WIDE * sizeof(struct places_entry),
               "a full-sized node has one size");

static inline struct narrow_entry *node_narrow(const struct places_node *node)
{
    return (struct narrow_entry *)(uintptr_t)(node + 1);
}

static inline struct places_entry *node_wide(const struct places_node *node)
{
    return (struct places_entry *)(uintptr_t)(node + 1);
}

static inline bool node_is_narrow(const struct places_node *node)
{
    return node->stride == sizeof(struct narrow_entry);
}

static inline uint64_t node_key(const struct places_node *node, int index)
{
    return node_is_narrow(node) ? node->base + node_narrow(node)[index].offset
                                : node_wide(node)[index].key;
}

static inline void *node_to(const struct places_node *node, int index)
{
    const char *entry = (const char *)(node + 1) + (size_t)index * node->stride;
    return ((const struct narrow_entry *)entry)->to; /* they begin alike */
}

static inline bool node_is_hole(const struct places_node *node, int index)
{
    return node_to(node, index) == NULL;
}

/* Full-sized unless it is a leaf of a small capacity. NULL without memory. */
struct places_node *node_new(struct slab *slab, unsigned capacity, bool leaf, bool narrow);
void node_free(struct slab *slab, struct places_node *node);
/* A leaf of a smaller capacity than a full-sized one. */
bool node_is_small(const struct places_node *node);

/* The first entry whose key is at least `key`; end where none is. It has entries; all their keys are
 * below `limit`, which may tell where to look. */
int node_lower_bound(const struct places_node *node, uint64_t key, uint64_t limit);

/* Whether its keys and this one fit a narrow node; and whether an entry of this key can be put. */
bool node_spans(const struct places_node *node, uint64_t key);
bool node_has_room(const struct places_node *node, uint64_t key);

/* Puts an entry at its lower bound `index`, moving what is less to move; there is room. */
void node_put(struct places_node *node, int index, struct places_entry entry);
/* Takes one out. What has become empty is for the caller to free. */
void node_drop(struct places_node *node, int index);

/* Moves the upper part of a node without room to `right`, which is empty, and puts the entry where it
 * belongs. At the end nothing is moved: tuples put in order leave full nodes behind. */
void node_split(struct places_node *node, struct places_node *right, int index,
                struct places_entry entry);

/* Appends all entries of another node of larger keys. It is full-sized, or has room for them. */
void node_append(struct places_node *node, const struct places_node *from);
/* Whether the two, of a kind, make one that is not too full to be useful. */
bool node_can_join(const struct places_node *left, const struct places_node *right);

/* Aborts where an invariant of the node alone does not hold. */
void node_check(const struct places_node *node);

#endif

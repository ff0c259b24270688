/* SPDX-License-Identifier: MIT */
/*
 * What shapes are made of: only shapes.c and shapes_visit.c look in here.
 *
 * A chain stands in its shape's table by the hash of its pattern, where who joins it finds it, and in
 * a group, by the hash of its literals, where tuples find it.
 */
#ifndef TSD_SPACE_SHAPE_H
#define TSD_SPACE_SHAPE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/limits.h"
#include "protocol/pattern.h"
#include "space/chain.h"
#include "space/intervals.h"
#include "space/literals.h"

/* A hash table that needs no memory for one node, which is what most shapes have. */
struct nodes {
    struct table_node *one; /* or NULL; all others are in the table */
    uint32_t hash;          /* of one */
    struct table others;
};

struct shape {
    struct space *space;
    struct shape *next; /* of the same length and rest */
    uint32_t number;    /* from 1 at the end of the list: how many the list has from here on */
    uint32_t fields;
    bool rest;
    int bounded; /* the position; -1: none */
    struct literal_set literals;
    struct nodes groups; /* by their literals; without any there is one */
    struct nodes chains; /* by their patterns */
    uint64_t waits, patterns;
    uint8_t literal_count;
    uint8_t positions[]; /* the literal ones */
};

/* The chains whose literals have one hash: equal ones, but for chance. */
struct group {
    struct table_node node;
    union {
        LIST_HEAD(alike_list, alike) list;
        struct intervals intervals; /* where a position is bounded */
    };
};

/* A chain of waits with one pattern. An empty one, which settle may still look at, has no shape. */
struct alike {
    struct chain chain;
    struct shape *shape;
    struct group *group;
    const struct pattern *pattern; /* that of one of its waits: all have equal ones */
    union {
        LIST_ENTRY(alike) link;
        struct interval interval;
    };
};

static inline struct table_node *nodes_first(const struct nodes *nodes, uint32_t hash)
{
    return nodes->one && nodes->hash == hash ? nodes->one : table_first(&nodes->others, hash);
}

static inline struct table_node *nodes_next(const struct nodes *nodes, struct table_node *node,
                                            uint32_t hash)
{
    return node == nodes->one ? table_first(&nodes->others, hash) : table_next(node, hash);
}

static inline struct group *group_find(const struct shape *shape, uint32_t hash)
{
    struct table_node *node = nodes_first(&shape->groups, hash);
    return node ? container_of(node, struct group, node) : NULL;
}

#endif

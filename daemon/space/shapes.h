/* SPDX-License-Identifier: MIT */
/*
 * Waiting requests by shape: which ones a new tuple may concern, without trying the others.
 *
 * A shape is the length of a pattern, whether it has a rest, and which positions are literal. Under a
 * shape, waits with equal literals make a chain, in the order in which they came. A tuple costs one
 * look-up for each shape of its length, however many requests wait.
 */
#ifndef TSD_SPACE_SHAPES_H
#define TSD_SPACE_SHAPES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/table.h"
#include "protocol/equal.h"
#include "protocol/pattern.h"

struct interest;
struct shape;
struct space;
struct stored;

/* Readers are served before takers (rule S2). */
enum chain_queue { QUEUE_READERS, QUEUE_TAKERS, QUEUES };

/* One alternative of a waiting request, in its chain. Part of the interest. */
struct wait {
    TAILQ_ENTRY(wait) link;
    struct chain *chain;
    struct interest *interest;
};

struct chain {
    struct table_node node; /* of the shape's table, by literals */
    struct shape *shape;
    TAILQ_HEAD(wait_list, wait) queues[QUEUES];
    uint64_t waits;
    /* While new tuples are given out (settle.h): */
    struct heap_node heap_node;
    struct wait *cursor;
    uint32_t fresh, fresh_tail; /* those of this chain, by index; 0: none */
};

/* Joins the wait to the chain for its pattern, made if need be. Returns -1 without memory. */
int shapes_link(struct space *space, const struct hash_key *key, struct wait *wait,
                const struct pattern *pattern, enum chain_queue queue);
void shapes_unlink(struct space *space, struct wait *wait, enum chain_queue queue);

/*
 * Calls `found` with each chain of the space that a tuple may concern. Nothing may be linked or
 * unlinked meanwhile.
 */
void shapes_for_tuple(const struct space *space, const struct hash_key *key,
                      const struct stored *tuple, void (*found)(void *context, struct chain *chain),
                      void *context);

uint64_t shapes_check(const struct space *space); /* returns how many waits there are */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A chain: waiting requests that the same thing may concern, in the order in which they came.
 *
 * What that is depends on its kind: a tuple that matches the pattern that they all have (shapes.h), a
 * pattern that nothing matches any more (absence.h), room in a space (room.h). While settle serves it
 * looks at chains by cursors, which unlinking moves on, and keeps those that it noted until it is done.
 */
#ifndef TSD_SPACE_CHAIN_H
#define TSD_SPACE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/table.h"

struct chain;
struct engine;
struct interest;
struct space;

/* Readers are served before takers (rule S2). Those of an absence are `drained`. */
enum chain_queue { QUEUE_READERS, QUEUE_TAKERS, QUEUE_WATCHERS, QUEUE_LOOKUPS, QUEUES };

/* One place of a waiting request in a chain. Part of the interest. */
struct wait {
    TAILQ_ENTRY(wait) link;
    struct chain *chain; /* NULL: in none */
    struct interest *interest;
    enum chain_queue queue;
    uint32_t seen;        /* the last fresh tuple of the chain that it was tried with, */
    uint64_t seen_serial; /* in that settling */
};

enum chain_kind { CHAIN_SHAPE, CHAIN_ABSENCE, CHAIN_LINE };

struct chain {
    struct table_node node; /* of the shape's table, of that of the absences: by pattern */
    enum chain_kind kind;
    struct space *space; /* CHAIN_LINE */
    TAILQ_HEAD(wait_list, wait) queues[QUEUES];
    struct wait
        *linked; /* the last one that joined, or NULL: those that join together are in order */
    uint64_t waits;
    /* While settle serves: */
    bool noted;                        /* it is in settle's list */
    struct heap_node readers, takers;  /* in settle's heaps, by the age of the cursors */
    struct wait *read_cursor, *cursor; /* who is next, of readers and of takers */
    uint32_t fresh, fresh_tail;        /* CHAIN_SHAPE: new tuples as they came, by index; 0: none */
};

void chain_init(struct chain *chain, enum chain_kind kind);

/* Joins it in the order of the requests' age: mostly at the end. */
void chain_link(struct chain *chain, struct wait *wait, enum chain_queue queue);
/* Leaves its chain, if any; one that is empty then is freed, unless settle looks at it. */
void chain_unlink(struct engine *engine, struct wait *wait);
/* Frees one that is empty, if its kind does that. */
void chain_drop_if_empty(struct engine *engine, struct chain *chain);

/* The oldest request of a queue; NULL where there is none. */
static inline struct interest *chain_oldest(const struct chain *chain, enum chain_queue queue)
{
    const struct wait *wait = TAILQ_FIRST(&chain->queues[queue]);
    return wait ? wait->interest : NULL;
}

/* Any wait of the chain, which has one. */
const struct wait *chain_any(const struct chain *chain);

/* Checks order and links; returns how many waits there are. */
uint64_t chain_check(const struct chain *chain);

#endif

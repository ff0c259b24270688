/* SPDX-License-Identifier: MIT */
/*
 * Giving new tuples to who waits: the order of rule S2 stands here, once.
 *
 * Whatever becomes visible, by a put or by coming back, goes through `offer`, which stores it; at the
 * end of the unit `settle` serves the waiting requests: first every reader that matches, then takers,
 * the oldest that can be served each time, until none can. Only chains that a fresh tuple concerns
 * are looked at, and in them only from the front.
 */
#ifndef TSD_SPACE_SETTLE_H
#define TSD_SPACE_SETTLE_H

#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"

struct chain;
struct engine;
struct interest;
struct space;
struct stored;

struct fresh {
    struct stored *tuple;
    struct space *space;
};

/* One fresh tuple of a chain; `next` by index, 0 ends. */
struct fresh_note {
    struct stored *tuple;
    uint32_t next;
};

struct settle {
    struct fresh *fresh; /* in the order of place within each space */
    uint32_t fresh_count, fresh_capacity;
    struct fresh_note *notes; /* from index 1 */
    uint32_t note_count, note_capacity;
    struct chain **chains; /* with fresh tuples */
    uint32_t chain_count, chain_capacity;
    uint64_t pass;    /* how many there have been */
    struct heap heap; /* chains by the age of their cursor's interest */
    TAILQ_HEAD(served_list, interest) served;
};

void settle_init(struct settle *settle);
void settle_deinit(struct settle *settle);

/* Makes room for so many offers before the next settle. Returns 0, or -1 without memory. */
int settle_reserve(struct engine *engine, uint32_t offers);

/* Stores the tuple. Returns 0, or -1 without memory, nothing being changed. Room was reserved. */
int offer(struct engine *engine, struct space *space, struct stored *tuple);

/* Serves who waits for what was offered since the last time. */
void settle(struct engine *engine);

/* Forgets what was offered, which its caller has taken back. */
void settle_forget(struct engine *engine);

#endif

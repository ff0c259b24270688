/* SPDX-License-Identifier: MIT */
/*
 * Serving those who wait, after a unit: the order of rule S2 stands here, once.
 *
 * While a unit changes things it notes what may concern somebody: tuples that have become visible,
 * witnesses that are gone, room, requests that end. At its end `settle` tells those that end; then
 * serves every reader that matches, then the oldest taker that can be served, itself a unit, and
 * again, until none can; then pulses go. Only chains that something noted concerns are looked at, and
 * in them only from the front. `drained` is told at the end of the step: settle_dry.
 */
#ifndef TSD_SPACE_SETTLE_H
#define TSD_SPACE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "space/chain.h"
#include "space/interest.h"

struct absence;
struct engine;
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
    uint32_t run; /* those of one run came together and are in the order of place */
};

struct settle {
    struct fresh *fresh; /* not yet given to chains */
    uint32_t fresh_count, fresh_capacity;
    struct fresh *pulses; /* that are to go when everybody has been served */
    uint32_t pulse_count, pulse_capacity;
    struct fresh_note *notes; /* from index 1; each holds a reference */
    uint32_t note_count, note_capacity;
    uint32_t run;          /* the last one */
    struct chain **chains; /* noted ones */
    uint32_t chain_count, chain_capacity;
    struct heap readers, takers;              /* chains by the age of their cursors' interests */
    uint64_t pass;                            /* of readers: how many there have been */
    TAILQ_HEAD(ending_list, interest) ending; /* that are to be told so */
    uint32_t ending_count;
    TAILQ_HEAD(stirred_list, absence) stirred; /* whose witness is gone */
    TAILQ_HEAD(roomy_list, space) roomy;       /* in whose lines somebody may fit now */
    bool lined_stirred;    /* guards of some atomics that wait for room may not hold any more */
    bool lined_all;        /* what any of them needs may have changed */
    uint64_t serial;       /* of this settling: what a wait has seen is of one */
    uint64_t round;        /* each time that it begins from the start */
    struct chain roomless; /* those who stood in line and need no room any more */
};

void settle_init(struct settle *settle);
void settle_deinit(struct settle *settle);

/* Makes room for so many fresh tuples before the next settle. Returns 0, or -1 without memory. */
int settle_reserve(struct engine *engine, uint32_t offers);

/* What a unit notes. */
void settle_fresh(struct engine *engine, struct space *space, struct stored *tuple);
void settle_stirred(struct engine *engine, struct absence *absence);
void settle_unstirs(struct engine *engine, struct absence *absence); /* it goes */
void settle_room(struct engine *engine, struct space *space);
void settle_room_not(struct engine *engine, struct space *space); /* it goes */
void settle_late(struct engine *engine, struct interest *interest);
void settle_repeated(struct engine *engine, struct interest *interest, uint64_t first);
void settle_overrun(struct engine *engine, struct interest *interest);
void settle_end(struct engine *engine, struct interest *interest, enum interest_end why);
void settle_ends_not(struct engine *engine, struct interest *interest); /* it goes */
/* A tuple is there, or gone: atomics that wait for room, of whose guards it matters, are looked at. */
void settle_lined(struct engine *engine, const struct space *space, const struct stored *tuple,
                  bool there);
/* A wait leaves its chain: cursors that stand on it move on. */
void settle_unlinks(struct engine *engine, struct chain *chain, struct wait *wait);

/* Serves who waits for what was noted since the last time. */
void settle(struct engine *engine);

/* Tells those who wait for `drained` where nothing matches at the end of the step (rule S20). */
void settle_dry(struct engine *engine);

#endif

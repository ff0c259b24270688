/* SPDX-License-Identifier: MIT */
/*
 * An interest: a request that waits, or whose walk goes on at the next tick.
 *
 * It belongs to its session, and stands in the engine's table (to be cancelled), in the heap of
 * deadlines where it has a timeout, and in one chain for each alternative, or in the queue of work.
 * One that has been answered is unlinked from all of these by interest_free.
 */
#ifndef TSD_SPACE_INTEREST_H
#define TSD_SPACE_INTEREST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/table.h"
#include "protocol/request.h"
#include "space/query.h"
#include "space/shapes.h"

struct engine;
struct session;

struct interest {
    struct table_node node;
    TAILQ_ENTRY(interest) session_link;
    TAILQ_ENTRY(interest) work_link; /* in the engine's work, or in settle's served */
    struct heap_node timer;
    struct session *session;
    uint64_t number;      /* the request's */
    uint64_t since;       /* the position at which it was taken up */
    uint64_t deadline_ns; /* UINT64_MAX: waits for ever */
    enum tsd_operation op;
    bool linked;       /* its waits are in chains */
    bool working;      /* it is in the engine's work */
    bool charged;      /* its expressions are charged to its user */
    bool served;       /* answered, to be freed at the end of the unit */
    uint64_t missing;  /* at least so many matches have to come before it can be served */
    uint64_t pass;     /* the last pass of settle in which it was tried */
    uint64_t counted;  /* count: matches so far */
    uint64_t next_key; /* count: where the walk goes on */
    uint32_t bytes;    /* allocated */
    struct query query;
    struct wait *waits; /* one for each part */
};

/*
 * A copy of the query (patterns, compiled expressions' references taken over) that outlives the
 * request, registered with its session, the table and the timers. NULL without memory; the query
 * then still is the caller's.
 */
struct interest *interest_new(struct engine *engine, struct session *session,
                              const struct request *request, const struct query *query,
                              uint64_t since);

/* Joins its chains: makes the spaces that it names and that are not there. Returns -1 without
 * memory; the interest is then fit only to be freed. */
int interest_link(struct engine *engine, struct interest *interest, const struct request *request);

/* Unlinks it from wherever it is and frees it; spaces may become idle. */
void interest_free(struct engine *engine, struct interest *interest);

/* The session's one of this number, NULL where none waits. */
struct interest *interest_find(const struct engine *engine, const struct session *session,
                               uint64_t number);

const struct query_part *interest_part_of(const struct wait *wait);
enum chain_queue interest_queue(const struct interest *interest);
bool interest_sooner(const struct heap_node *a, const struct heap_node *b); /* heap order */

#endif

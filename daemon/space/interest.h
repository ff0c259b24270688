/* SPDX-License-Identifier: MIT */
/*
 * An interest: a request that waits, or whose walk goes on at the next tick.
 *
 * It belongs to its session, and stands in the engine's table (to be cancelled), among the timers
 * where it has a timeout, and in chains: one for each alternative; an atomic in that of a guard that
 * fails, or in the lines of spaces without room; or in the queue of work. One that has been answered
 * is unlinked from all of these by interest_free.
 */
#ifndef TSD_SPACE_INTEREST_H
#define TSD_SPACE_INTEREST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/request.h"
#include "space/account.h"
#include "space/chain.h"
#include "space/hold.h"
#include "space/query.h"
#include "space/timer.h"
#include "space/work.h"

struct asker;
struct away_page;
struct away_walk;
struct engine;
struct key;
struct lookup;
struct session;
struct unit;

/* Why one ends by what has happened in a unit, in the order in which they are told. */
enum interest_end { END_NOT, END_LATE, END_REPEATED, END_OVERRUN, END_NOMATCH, END_DRAINED };

/* A count that is under way. */
struct count {
    uint64_t next_key;      /* where the walk over those that are stored goes on */
    uint64_t counted;       /* matches so far */
    uint64_t past;          /* of those that are stored, that do not match */
    bool states;            /* those that are away, too */
    struct away_walk *away; /* over those; NULL: it has not come to them */
};

struct interest {
    struct table_node node;
    TAILQ_ENTRY(interest) session_link;
    TAILQ_ENTRY(interest) ending_link;
    LIST_ENTRY(interest) lined_link; /* an atomic that waits for room: */
    bool stirred;                    /* its guards are to be looked at again */
    struct timer timeout;
    struct work work; /* runs while its walk goes on */
    struct session *session;
    uint64_t number; /* the request's */
    uint64_t since;  /* the position at which it was taken up */
    enum tsd_operation op;
    bool pinned;                  /* its spaces count it */
    bool charged;                 /* its expressions are charged to its user */
    struct account_charge charge; /* and itself */
    uint64_t pass;                /* the last pass of readers in which it was tried */
    uint64_t round;               /* the last round of settle in which it was tried from a line */
    uint32_t bytes;               /* allocated */
    struct query query;
    struct wait *waits;     /* one for each part */
    struct key *key;        /* out, finish, atomic: NULL where it has none */
    struct unit *unit;      /* out, finish, atomic */
    struct holding holding; /* hold: how */
    uint64_t missing;       /* in, rd, hold: at least so many matches have to come first */
    struct count count;
    uint64_t past;          /* lookup: tuples that did not match so far */
    uint64_t next_key;      /* watch: where the walk goes on */
    struct away_page *page; /* scan: of those that are away; else NULL */
    uint32_t events;        /* watch: which */
    bool tells;             /* watch: what is stored first is under way */
    bool waits_reading;     /* watch: until its client has read that */
    uint64_t told_bytes;    /* watch: since its client last read */
    bool once;              /* it does not wait (timeout 0): only looked up in pieces */
    struct lookup *lookup;  /* NULL: it waits */
    enum interest_end end;
    uint64_t first; /* END_REPEATED: what the first one was told */
};

/*
 * A copy of the query (patterns, compiled expressions' references taken over) that outlives the
 * request, registered with its session, the table and the timers, and charged to its user with what
 * it may put. NULL with the problem set where that is not to be; the query then still is the caller's.
 */
struct interest *interest_new(struct engine *engine, const struct asker *asker,
                              const struct request *request, const struct query *query,
                              struct problem *problem);

/*
 * The same, and pinned: the spaces that it names are made and count it. One that waits is charged for
 * its expressions. Where that is not to be, it is refused and the query ended, and NULL returned.
 */
struct interest *interest_begin(struct engine *engine, const struct asker *asker,
                                const struct request *request, struct query *query);

/* The same, and every part of it in its shape's chain. */
struct interest *interest_wait(struct engine *engine, const struct asker *asker,
                               const struct request *request, struct query *query);

/* Puts one part of a pinned one into its shape's chain. Returns -1 without memory. */
int interest_link(struct engine *engine, struct interest *interest, uint32_t part);
/* All of its parts. Returns -1 without memory, some being linked. */
int interest_link_all(struct engine *engine, struct interest *interest);
/* Out of all chains and lines. */
void interest_unlink(struct engine *engine, struct interest *interest);

/* Unlinks it from wherever it is and frees it; spaces may become idle. */
void interest_free(struct engine *engine, struct interest *interest);

/* The session's one of this number, NULL where none waits. */
struct interest *interest_find(const struct engine *engine, const struct session *session,
                               uint64_t number);

/* Whether it names the space: it is to end with it. */
bool interest_names(const struct interest *interest, const struct space *space);

/* The order of qsort over pointers to interests: the oldest first. */
int interest_by_age(const void *a, const void *b);

/* Those of the engine for which `which` says so, the oldest first, for the caller to free. The process
 * ends without memory. */
struct interest **interests_collect(struct engine *engine,
                                    bool (*which)(struct engine *engine,
                                                  const struct interest *interest,
                                                  const struct space *space),
                                    const struct space *space, uint32_t *count);

const struct query_part *interest_part_of(const struct wait *wait);
struct asker interest_asker(const struct interest *interest);

/* Whether a request may wait at all: not where its timeout is 0. */
bool interest_may_wait(const struct request *request);

#endif

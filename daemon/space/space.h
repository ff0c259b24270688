/* SPDX-License-Identifier: MIT */
/*
 * A space: its stored tuples, by length and by first field, and the shapes that wait in it.
 *
 * A space made by use is there while it has a tuple, a key, a waiting request or a watch
 * (rule S31). One that has none any more is idle: nobody can tell it from one that is not there; the
 * engine keeps a few for their memory.
 */
#ifndef TSD_SPACE_SPACE_H
#define TSD_SPACE_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/slab.h"
#include "base/table.h"
#include "protocol/equal.h"
#include "protocol/request.h"
#include "space/access.h"
#include "space/account.h"
#include "space/firsts.h"
#include "space/places.h"
#include "space/work.h"

struct absence;
struct attributes;
struct chain;
struct engine;
struct indexes;
struct hold;
struct key;
struct shape;
struct stored;

/* What a space has of one length: all tuples in order, and the shapes that wait for exactly it. */
struct length {
    struct places all;
    struct shape *shapes;
    struct indexes *indexes; /* NULL: no look ever asked for one */
};

/* How looks for stored tuples went. */
#define WALK_LENGTHS 9
struct walk_counts {
    uint64_t looks;
    uint64_t walks;   /* looks that walked past more tuples than is free (engine_options.index) */
    uint64_t walked;  /* past so many tuples together */
    uint64_t longest; /* of these */
    uint64_t
        lengths[WALK_LENGTHS]; /* walks that were past at most 10^i; the last: all longer ones */
    uint64_t oversized;        /* strs too long for an expression to be tried (rule P3) */
    uint64_t overruns;         /* times that an expression ran into its limit */
};

struct space {
    struct table_node node; /* of the engine's table, by name */
    TAILQ_ENTRY(space) idle_link;
    bool idle;
    bool gone;              /* removed: gone.h */
    struct work removal;    /* runs while what was in it goes */
    bool made;              /* on purpose: it stays when there is nothing in it */
    uint64_t tuples, bytes; /* stored */
    uint64_t kept;          /* held, or delivered and not yet acknowledged */
    uint64_t delivered;     /* of them, those that are delivered */
    uint64_t delayed;       /* that cannot be seen yet */
    uint64_t present;       /* all these tuples, but pulses: they use room (rule S30) */
    uint64_t
        waiting; /* requests that wait, once for each of their alternatives, guards, steps here */
    uint64_t named; /* waiting atomics that only name it as what their parts are in by default */
    uint64_t watches;
    uint64_t working; /* requests whose walk goes on */
    uint64_t lookups; /* parts of requests that look on in pieces: lookup.h */
    LIST_HEAD(looking_list, absence) looking; /* of which it is not known yet whether they hold */
    struct walk_counts walks;
    TAILQ_HEAD(hold_list, hold) holds;
    TAILQ_HEAD(delayed_list, attributes) delayed_list;
    TAILQ_HEAD(key_list, key) keys;
    uint64_t capacity;     /* tuples; 0: no bound (rule S30) */
    struct chain *line;    /* who waits for room; NULL where it never had a capacity */
    uint64_t need_serial;  /* of the needs that it stands in last, */
    uint32_t need_at;      /* and where: room.h */
    uint32_t lined_absent; /* guards `absent` here of atomics that wait for room */
    bool roomy;            /* it is in settle's list */
    TAILQ_ENTRY(space) roomy_link;
    struct access access;
    struct account_charge charge; /* to whoever made it, while it is there */
    uint32_t max_returns;         /* UINT32_MAX: no bound (rule S12) */
    struct span dead_letter;      /* its own copy of the name; bytes NULL: none */
    uint32_t dead_letter_owner;   /* whoever set it (rule S32) */
    struct firsts firsts;
    struct length *lengths; /* by number of fields, length_count of them */
    uint32_t length_count;
    struct shape *rest_shapes; /* that wait for any length from theirs on */
    uint64_t priorities[4]; /* those that a tuple had since the space was last empty, a bit each */
    uint32_t name_size;
    uint8_t name[];
};

struct space *space_new(const struct span *name); /* NULL without memory */
void space_free(struct engine *engine, struct space *space);
struct span space_name(const struct space *space);                         /* in the space */
int space_compare_names(const struct span *one, const struct span *other); /* bytewise, as memcmp */
bool space_unused(const struct space *space); /* no tuples, no requests, no watches (rule S31) */
bool space_listed(const struct space *space); /* it is there, for those who may see it */
bool space_empty(const struct space *space);  /* nothing left that keeps it */
/* As if it had been made by use. */
void space_forget_attributes(struct engine *engine, struct space *space);

/* What is stored of this length; NULL where there never was anything. */
const struct length *space_length(const struct space *space, uint32_t fields);
struct length *space_make_length(struct space *space, uint32_t fields); /* NULL without memory */

/*
 * Makes a tuple visible at its place and takes it out of sight again. space_put returns 0, or -1
 * without memory, nothing being changed; the tuple's life is moved to STORED.
 */
int space_put(struct engine *engine, struct space *space, struct stored *tuple);
void space_drop(struct engine *engine, struct space *space, struct stored *tuple);
/* That of the tuple in the index by first field. */
uint32_t space_hash(const struct engine *engine, const struct stored *tuple);

void space_check(const struct engine *engine, const struct space *space);

#endif

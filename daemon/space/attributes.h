/* SPDX-License-Identifier: MIT */
/*
 * What few tuples have: a time to live, a delay, a connection that they are bound to, returns.
 *
 * Found by the tuple's id, so that tuples without any pay nothing (STORED_ATTRIBUTES tells which have
 * some). They belong to the tuple and go when it is gone.
 */
#ifndef TSD_SPACE_ATTRIBUTES_H
#define TSD_SPACE_ATTRIBUTES_H

#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/request.h"
#include "space/timer.h"

struct engine;
struct session;
struct space;
struct stored;

struct attributes {
    struct table_node node;
    struct stored *tuple;
    struct space *space;                  /* that it is in */
    struct timer expiry;                  /* due_ns is 0 where it lives for ever */
    struct timer wake;                    /* runs while it is delayed */
    TAILQ_ENTRY(attributes) delayed_link; /* of its space, while it is delayed */
    struct session *bound;                /* NULL: to nobody, or to one that has ended */
    TAILQ_ENTRY(attributes) bound_link;   /* of the session */
    uint32_t returns;                     /* times it came back (rule S11) */
    uint32_t reason;                      /* of the last time: enum tsd_reason; 0: never */
    uint32_t exit_status;                 /* with it; UINT32_MAX: none was told */
};

/* Some for a tuple that has no id yet, in no table. NULL without memory. */
struct attributes *attributes_new(struct engine *engine);
/* Frees them, out of whatever they are in. */
void attributes_free(struct engine *engine, struct attributes *attributes);

/* Makes sure that so many attributes can be entered and their timers started: 0, or -1. */
int attributes_reserve(struct engine *engine, uint32_t count);
/* Makes them the tuple's, which has its id. Room was reserved. */
void attributes_enter(struct engine *engine, struct attributes *attributes, struct stored *tuple,
                      struct space *space);

/* The tuple's; NULL where it has none. */
struct attributes *attributes_of(const struct engine *engine, const struct stored *tuple);
/* The same, made where there are none; the process ends without memory. */
struct attributes *attributes_make(struct engine *engine, struct stored *tuple,
                                   struct space *space);

/* Binds the tuple to the life of the session (rule S10). */
void attributes_bind(struct attributes *attributes, struct session *session);

#endif

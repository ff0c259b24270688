/* SPDX-License-Identifier: MIT */
/*
 * What becomes due: a timer is part of what it is about, and stands in the engine's heap.
 *
 * At one instant kinds come in the order of this enum, and within a kind in order of id or arrival
 * (rule S5).
 */
#ifndef TSD_SPACE_TIMER_H
#define TSD_SPACE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

struct engine;

enum timer_kind {
    TIMER_WAKE,    /* a delayed tuple can be seen: attributes */
    TIMER_HOLD,    /* a hold ends: hold */
    TIMER_EXPIRY,  /* a tuple's life ends: attributes */
    TIMER_TIMEOUT, /* a request has waited long enough: interest */
    TIMER_KEY,     /* a key is forgotten: key */
};

/* Zeroed, it stands in no heap. Tuples and holds have some: it is small. */
struct timer {
    struct heap_node node;
    enum timer_kind kind;
    uint64_t due_ns;
};

/* In so many microseconds from now; UINT64_MAX where that is beyond counting. */
uint64_t timer_after(const struct engine *engine, uint64_t microseconds);

/* Starts the timer unless due_ns is UINT64_MAX; `order` is an id, a hold's number, or since. Returns
 * 0, or -1 without memory. */
int timer_start(struct engine *engine, struct timer *timer, enum timer_kind kind, uint64_t due_ns,
                uint64_t order);
/* As it was started, of one that runs. */
uint64_t timer_order(const struct engine *engine, const struct timer *timer);
void timer_stop(struct engine *engine, struct timer *timer); /* also one that does not run */

static inline bool timer_runs(const struct timer *timer)
{
    return heap_contains(&timer->node);
}

#endif

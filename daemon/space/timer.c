/* SPDX-License-Identifier: MIT */
#include "space/timer.h"

#include <assert.h>

#include "space/state.h"

/* Bits of what orders timers of a kind; the kind is above them. */
#define ORDER_BITS 61

uint64_t timer_after(const struct engine *engine, uint64_t microseconds)
{
    uint64_t nanoseconds, end;
    if (__builtin_mul_overflow(microseconds, UINT64_C(1000), &nanoseconds) ||
        __builtin_add_overflow(engine->now_ns, nanoseconds, &end))
        return UINT64_MAX;
    return end;
}

int timer_start(struct engine *engine, struct timer *timer, enum timer_kind kind, uint64_t due_ns,
                uint64_t order)
{
    const struct heap_key key = {due_ns, (uint64_t)kind << ORDER_BITS | order};
    assert(order >> ORDER_BITS == 0);
    timer->due_ns = due_ns;
    timer->kind = kind;
    return due_ns == UINT64_MAX ? 0 : heap_push(&engine->timers, &timer->node, key);
}

uint64_t timer_order(const struct engine *engine, const struct timer *timer)
{
    const uint64_t all = (UINT64_C(1) << ORDER_BITS) - 1;
    return heap_key_of(&engine->timers, &timer->node)->second & all;
}

void timer_stop(struct engine *engine, struct timer *timer)
{
    if (timer_runs(timer))
        heap_remove(&engine->timers, &timer->node);
}

/* SPDX-License-Identifier: MIT */
#include "space/timer.h"

#include "space/state.h"

bool timer_sooner(const struct heap_node *a, const struct heap_node *b)
{
    const struct timer *one = container_of(a, struct timer, node);
    const struct timer *other = container_of(b, struct timer, node);
    if (one->due_ns != other->due_ns)
        return one->due_ns < other->due_ns;
    if (one->kind != other->kind)
        return one->kind < other->kind;
    return one->order < other->order;
}

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
    timer->due_ns = due_ns;
    timer->kind = kind;
    timer->order = order;
    return due_ns == UINT64_MAX ? 0 : heap_push(&engine->timers, &timer->node);
}

void timer_stop(struct engine *engine, struct timer *timer)
{
    if (timer_runs(timer))
        heap_remove(&engine->timers, &timer->node);
}

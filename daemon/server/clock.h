/* SPDX-License-Identifier: MIT */
/*
 * The time, monotonic, taken once a loop round: what a round does happens at one instant, unless it
 * must not seem earlier than it is.
 *
 * It is forgotten before the loop blocks, and where something long begins to count, and taken anew by
 * whoever asks first afterwards.
 */
#ifndef TSD_SERVER_CLOCK_H
#define TSD_SERVER_CLOCK_H

#include <stdint.h>

#include <uv.h>

struct clock {
    uint64_t now_ns; /* 0: not known */
};

static inline uint64_t clock_now(struct clock *clock)
{
    if (clock->now_ns == 0)
        clock->now_ns = uv_hrtime();
    return clock->now_ns;
}

static inline void clock_forget(struct clock *clock)
{
    clock->now_ns = 0;
}

#endif

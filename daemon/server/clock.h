/* SPDX-License-Identifier: MIT */
/*
 * The time, monotonic, taken once a loop round: what a round does happens at one instant, unless it
 * must not seem earlier than it is.
 *
 * It is forgotten before the loop blocks, and where something long begins to count, and taken anew by
 * whoever asks first afterwards.
 *
 * Where the loop was to come back at an instant and comes a second later or more (it was stopped, or
 * frozen with its host), the clock stands still for what it missed, from a tenth of a second before that
 * instant: what clients sent meanwhile, such as the renewal of a hold, is read before something ends.
 */
#ifndef TSD_SERVER_CLOCK_H
#define TSD_SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

#include <uv.h>

struct clock {
    uint64_t now_ns;    /* 0: not known */
    uint64_t last_ns;   /* what it was the last time */
    uint64_t due_ns;    /* when the loop was to come back; 0: whenever */
    uint64_t missed_ns; /* for which it stood still, all together */
};

void clock_look(struct clock *clock); /* clock_now's other half */

static inline uint64_t clock_now(struct clock *clock)
{
    if (clock->now_ns == 0)
        clock_look(clock);
    return clock->now_ns;
}

/*
 * A time that costs a few nanoseconds and is some milliseconds behind at most: for how long a client's
 * turn has taken, which is asked after each of its requests.
 */
static inline uint64_t clock_coarse(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline void clock_forget(struct clock *clock)
{
    clock->now_ns = 0;
}

#endif

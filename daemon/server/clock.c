/* SPDX-License-Identifier: MIT */
#include "server/clock.h"

#include <inttypes.h>

#include "base/log.h"

#define STALL_NS 1000000000 /* late by so much, the loop did not run */
#define GRACE_NS 100000000  /* for what came meanwhile */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void clock_look(struct clock *clock)
{
    uint64_t now_ns = uv_hrtime() - clock->missed_ns;

    if (clock->due_ns && now_ns > clock->due_ns + STALL_NS) {
        uint64_t missed_ns = now_ns - later(clock->last_ns, clock->due_ns - GRACE_NS);

        log_warning("the daemon did not run ms=%" PRIu64, (now_ns - clock->due_ns) / 1000000);
        clock->missed_ns += missed_ns;
        now_ns -= missed_ns;
    }
    clock->now_ns = clock->last_ns = now_ns;
}

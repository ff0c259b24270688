/* SPDX-License-Identifier: MIT */
/*
 * A relay between one client and tsd that makes one answer wrong.
 */
#ifndef BENCH_FAULTY_H
#define BENCH_FAULTY_H

#include "contrib/bench/server.h"

enum fault {
    FAULT_NONE,
    FAULT_DROP,    /* an answer does not come */
    FAULT_TWICE,   /* a take gives the tuple that an earlier one gave */
    FAULT_ALTERED, /* a byte of a tuple is another */
    FAULT_NOMATCH, /* a take finds nothing, the tuple is gone */
    FAULT_STRAY,   /* an answer is to a request that was never sent */
    FAULT_GARBAGE, /* what comes is no frame */
    FAULTS
};

extern const char *const fault_names[FAULTS];

/* Starts a process that relays one connection to `behind`; `relay` is then spoken to like a server.
 * Ended by faulty_stop. */
void faulty_start(enum fault fault, const struct server *behind, struct server *relay);
void faulty_stop(struct server *relay);

#endif

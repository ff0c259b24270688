/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: the n-th allocation from now fails, once.
 *
 * A test runs an action with fault_set(1), fault_set(2), ... until it goes through with the fault
 * unspent, and so drives every path that runs out of memory. Off, it costs one predictable branch.
 * The count is the process's: it belongs to one thread.
 */
#ifndef TSD_BASE_FAULT_H
#define TSD_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

extern size_t fault_countdown; /* 0: off; only for fault_hit */
extern unsigned fault_held;    /* how many must() are under way: no fault hits them */
extern bool fault_all;         /* but where all are hit, which a child process survives or not */

/* The n-th call of fault_hit from now (from 1) says yes; 0 switches it off. */
void fault_set(size_t n);

/* The same, those under must() too: it is to end the process. */
void fault_set_all(size_t n);

/* Whether a fault is set and has not been spent. */
bool fault_pending(void);

/* Asked by whatever can fail for want of memory, just before it does it. */
static inline bool fault_hit(void)
{
    return __builtin_expect(fault_countdown != 0, 0) && (fault_held == 0 || fault_all) &&
           --fault_countdown == 0;
}

#endif

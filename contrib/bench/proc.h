/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells of a process, and the clocks.
 */
#ifndef BENCH_PROC_H
#define BENCH_PROC_H

#include <stdint.h>
#include <sys/types.h>

uint64_t clock_ns(void); /* monotonic */

/* CPU time of all threads of the process so far, by its CPU-time clock. */
uint64_t proc_cpu_ns(pid_t pid);
uint64_t proc_own_cpu_ns(void);

uint64_t proc_rss_bytes(pid_t pid);
/* The most that it was since proc_forget_peak. */
uint64_t proc_peak_bytes(pid_t pid);
void proc_forget_peak(pid_t pid);
uint64_t proc_threads(pid_t pid);
/* How often its threads went to sleep: each is one wake-up later. */
uint64_t proc_sleeps(pid_t pid);

#endif

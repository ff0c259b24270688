/* SPDX-License-Identifier: MIT */
/*
 * A crew: processes of the benchmark's own that work at the same time, and what they share.
 *
 * They die with the benchmark; one that fails says why on stderr and ends with a status other than 0,
 * which is a failed check.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CREW_MAX 8

/* In memory that all processes see. */
struct crew {
    unsigned count;
    pid_t pids[CREW_MAX];
    atomic_uint ready; /* how many are */
    atomic_bool go;
};

/* Memory that processes forked later share with this one; zeroed. */
void *crew_share(uint64_t bytes);
void crew_unshare(void *memory, uint64_t bytes);

/* Forks a process that runs work(context, its number) and ends; every one is to say that it is ready. */
void crew_add(struct crew *crew, void (*work)(void *context, unsigned self), void *context);
/* In the process: says so, and waits until all may start. */
void crew_ready(struct crew *crew);
/* Waits until all are ready. False where one failed before. */
bool crew_gather(struct crew *crew);
void crew_go(struct crew *crew); /* lets them start */
/* Waits until all have ended. False where one failed. */
bool crew_end(struct crew *crew);

uint64_t crew_cpu_ns(const struct crew *crew); /* of all processes so far; they have to be there */

#endif

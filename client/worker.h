/* SPDX-License-Identifier: MIT */
/*
 * One worker of ts_eval, as its parent sees it: the process, and the warden that stands for it with
 * the daemon (eval.h).
 */
#ifndef TSCLIENT_WORKER_H
#define TSCLIENT_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <tsclient.h>

struct worker {
    struct worker *next;
    char *name, *space;
    pid_t pid; /* 0: it has ended */
    int pidfd; /* -1 where the kernel has none: it is asked for now and then */
    int trace; /* see backtrace.h */
    ts_client *warden;
    uint64_t run;     /* of the daemon that has the warden's will */
    bool ending;      /* by a signal of ours, which is no failure */
    bool told;        /* the daemon has put the will, or needs not */
    const char *kind; /* of its failure; NULL: it has none */
    int64_t detail;   /* exit status or signal */
};

/* Without process; the warden is there, and its will is left. NULL: *status and the error say why. */
struct worker *worker_new(ts_client *client, const char *name, ts_status *status);

/* Frees it, and ends its warden, if it still has one, without a goodbye. */
struct worker *worker_free(struct worker *worker);

/* Looks whether the process has ended; then `kind` tells how. */
void worker_reap(struct worker *worker);

/* A daemon that has started anew does not have the will: leaves it again. */
void worker_keep_will(struct worker *worker);

/*
 * It has ended: its failure, if any, is told, and the daemon has it when this returns TS_OK. Else
 * there is no daemon that could have it now.
 */
ts_status worker_tell(struct worker *worker);

/* SIGTERM, SIGKILL. */
void worker_signal(struct worker *worker, int signal);

#endif

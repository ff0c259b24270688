/* SPDX-License-Identifier: MIT */
/*
 * A pool of tasks: what `work` runs at a time, over one connection, in one thread.
 *
 *   free -> taken -> running -> settling -> free
 *
 * A task is taken with a hold (work_take.c), CMD is started for it (work_task.c), and when that has
 * ended it is finished or given back (work_settle.c). The loop waits for whatever comes first: an
 * answer, the end of a child, what one writes to standard error, a time, a signal (work_pool.c).
 */
#ifndef TSCTL_WORK_POOL_H
#define TSCTL_WORK_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/work_error.h"
#include "tsctl/work_guard.h"
#include "tsctl/work_progress.h"
#include "tsctl/work_signals.h"
#include "tsctl/work_spool.h"
#include "tsctl/work_stderr.h"

#define WORK_GIVES_BACK 75 /* the exit status for "not now": EX_TEMPFAIL of sysexits.h */

enum task_state {
    TASK_FREE,
    TASK_TAKEN,
    TASK_RUNNING,
    TASK_SETTLING, /* a request about it is under way */
};

struct pool;

struct task {
    struct pool *pool;
    enum task_state state;
    unsigned slot;
    struct buffer tuple;
    ts_token token;
    uint64_t id;
    uint32_t returns;
    struct buffer tag; /* before each line of its output; empty without --tag */
    /* while it runs, and after */
    pid_t pid; /* 0: CMD was not started, or was reaped */
    struct work_spool spool;
    struct work_stderr err;
    struct timespec start; /* of the wall's clock */
    uint64_t begun_us, took_us;
    uint64_t timeout_us, kill_us; /* the moment of the next one; 0: none */
    bool timed_out, stopped;      /* why it was sent a signal */
    bool ended;                   /* CMD has run, and ended with: */
    int status;
    uint64_t peak_kib;
    const char *outcome; /* for the log */
};

struct pool {
    struct call *call;
    const struct work_options *options;
    ts_client *client;
    ts_values pattern;
    char **words;         /* CMD */
    struct buffer worker; /* the same as a text, ended by NUL */
    struct task *tasks;
    unsigned jobs;
    struct work_guard guard;
    struct work_signals signals;
    struct work_progress progress;
    int log; /* -1: none */

    uint64_t left;        /* tasks that it may still take */
    uint64_t asked;       /* the number of the request that waits for some; 0: none does */
    bool stopping;        /* takes no more */
    unsigned stops_seen;  /* signals that it has reacted to */
    bool hurrying;        /* waits for nothing but the end of its children */
    bool will_stale;      /* the last will is not what it should be */
    unsigned errors_told; /* error tuples that are on their way */
    unsigned row;         /* tasks one after the other that did not succeed */
    uint64_t paused_us;   /* it takes none until then */
    uint64_t done, failed;
    int status;  /* what it ends with, but for `failed` */
    bool broken; /* nobody reads its output any more */
};

/* work_pool.c */
int work_pool_run(struct pool *pool);
void work_pool_stop(struct pool *pool);             /* takes no more */
void work_pool_fail(struct pool *pool, int status); /* cannot go on: ends what runs, at once */
/* A request's answer was not as hoped: complains, once, and ends. A lost connection is the loop's. */
void work_pool_refused(struct pool *pool, ts_status status, const ts_result *result);

/* work_take.c */
void work_take(struct pool *pool); /* asks for tasks where there is room for some */
void work_take_cancel(struct pool *pool);
void work_take_until_drained(struct pool *pool);
void work_will(struct pool *pool); /* who runs now is told as lost, were tsctl killed */

/* work_task.c */
void work_task_start(struct task *task);
void work_task_signal(struct task *task); /* SIGTERM; and SIGKILL, if that does not help */
void work_task_kill(struct task *task);   /* SIGKILL */
bool work_task_reap(struct task *task);   /* whether CMD has ended */

/* work_settle.c */
void work_settle(struct task *task);                         /* CMD has ended */
void work_give_back(struct task *task, const char *outcome); /* not counted as a return */
void work_fail(struct task *task, const char *why);          /* NULL: CMD's end says it */
void work_end(struct task *task, const char *outcome);       /* it is settled: room for another */
bool work_is_over_returned(const struct task *task);
void work_give_up(struct task *task, const char *why);

#endif

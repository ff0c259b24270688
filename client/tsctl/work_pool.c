/* SPDX-License-Identifier: MIT */
#include "tsctl/work_pool.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tsctl/clock.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/memory.h"
#include "tsctl/refused.h"
#include "tsctl/work_options.h"

void work_pool_stop(struct pool *pool)
{
    if (!pool->stopping)
        work_take_cancel(pool);
    pool->stopping = true;
}

static void stop_running(struct pool *pool, void (*stop)(struct task *))
{
    for (unsigned i = 0; i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        if (task->state != TASK_RUNNING || task->pid == 0)
            continue;
        task->stopped = true;
        stop(task);
    }
}

void work_pool_fail(struct pool *pool, int status)
{
    if (!pool->hurrying)
        pool->status = status;
    pool->stopping = pool->hurrying = true;
    stop_running(pool, work_task_signal);
}

void work_pool_refused(struct pool *pool, ts_status status, const ts_result *result)
{
    switch (status) {
    case TS_CANCELLED:
    case TS_LOST:
    case TS_NO_DAEMON:
    case TS_PROTOCOL:
        return;
    default:
        break;
    }
    if (pool->hurrying)
        return;
    work_progress_clear(&pool->progress);
    if (result != NULL && result->text != NULL && status != TS_MALFORMED)
        complain("%s", result->text);
    else
        (void)refused_exit(pool->call, pool->client, status);
    work_pool_fail(pool, exit_of(status));
}

/* --- Signals and times ----------------------------------------------------------------------------- */

/* The first that is to end it: finishes what runs; the second: ends that; the third: at once. */
static void react_to_signals(struct pool *pool)
{
    while (pool->stops_seen < pool->signals.stops) {
        switch (++pool->stops_seen) {
        case 1:
            work_pool_stop(pool);
            break;
        case 2:
            work_pool_fail(pool, 0);
            break;
        default:
            stop_running(pool, work_task_kill);
        }
    }
}

static void react_to_time(struct task *task, uint64_t now)
{
    if (task->kill_us != 0 && now >= task->kill_us)
        work_task_kill(task);
    if (task->timeout_us != 0 && now >= task->timeout_us) {
        task->timed_out = true;
        work_task_signal(task);
    }
}

static void keep_earlier(uint64_t *moment, uint64_t other)
{
    if (other != 0 && (*moment == 0 || other < *moment))
        *moment = other;
}

/* How long nothing happens by itself: for poll, in milliseconds. */
static int patience(const struct pool *pool)
{
    if (pool->signals.child || pool->stops_seen < pool->signals.stops)
        return 0; /* noted while output waited for room */
    int wait_ms = ts_client_poll_timeout(pool->client);
    uint64_t moment = pool->stopping ? 0 : pool->paused_us;
    for (unsigned i = 0; i < pool->jobs; i++) {
        if (pool->tasks[i].state != TASK_RUNNING)
            continue;
        keep_earlier(&moment, pool->tasks[i].timeout_us);
        keep_earlier(&moment, pool->tasks[i].kill_us);
    }
    if (moment == 0)
        return wait_ms;
    uint64_t now = clock_now_us();
    uint64_t left_ms = moment > now ? (moment - now + 999) / 1000 : 0;
    int ms = left_ms < 1000000 ? (int)left_ms : 1000000;
    return wait_ms < 0 || ms < wait_ms ? ms : wait_ms;
}

/* --- The loop -------------------------------------------------------------------------------------- */

/* Whether nothing is left to wait for. */
static bool is_over(const struct pool *pool)
{
    bool none_left = pool->stopping || pool->left == 0;
    if (!none_left || (!pool->hurrying && (pool->asked != 0 || pool->errors_told > 0)))
        return false;
    for (unsigned i = 0; i < pool->jobs; i++) {
        enum task_state state = pool->tasks[i].state;
        if (pool->hurrying ? state == TASK_RUNNING : state != TASK_FREE)
            return false;
    }
    return true;
}

static unsigned count_running(const struct pool *pool)
{
    unsigned count = 0;
    for (unsigned i = 0; i < pool->jobs; i++)
        count += pool->tasks[i].state == TASK_RUNNING;
    return count;
}

/* Starts what was taken, after the daemon was sent who is to be told as lost. */
static void start_taken(struct pool *pool)
{
    bool any = false;
    for (unsigned i = 0; i < pool->jobs; i++)
        any = any || pool->tasks[i].state == TASK_TAKEN;
    if (any && !pool->stopping) {
        pool->will_stale = true;
        work_will(pool);
        (void)ts_client_flush(pool->client);
    }
    for (unsigned i = 0; any && i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        if (task->state != TASK_TAKEN)
            continue;
        if (pool->stopping)
            work_give_back(task, "stopped");
        else if (work_is_over_returned(task))
            work_give_up(task, "returned more often than --max-returns allows");
        else
            work_task_start(task);
    }
}

static void wait_for_something(struct pool *pool)
{
    struct pollfd *list = memory_resize(NULL, (2 + pool->jobs) * sizeof(*list));
    list[0] = (struct pollfd){.fd = pool->signals.fd, .events = POLLIN};
    list[1] =
        (struct pollfd){.fd = ts_client_fd(pool->client), .events = ts_client_events(pool->client)};
    for (unsigned i = 0; i < pool->jobs; i++) {
        const struct task *task = &pool->tasks[i];
        list[2 + i] = (struct pollfd){.fd = task->state == TASK_RUNNING ? task->err.fd : -1,
                                      .events = POLLIN};
    }
    (void)poll(list, 2 + pool->jobs, patience(pool));
    for (unsigned i = 0; i < pool->jobs; i++) {
        if (list[2 + i].revents == 0)
            continue;
        work_progress_clear(&pool->progress);
        work_stderr_read(&pool->tasks[i].err);
    }
    free(list);
}

/* Settles those that have ended, and looks at the clock for the others. */
static void look_at_running(struct pool *pool)
{
    bool child = pool->signals.child;
    uint64_t now = clock_now_us();
    pool->signals.child = false;
    for (unsigned i = 0; i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        if (task->state != TASK_RUNNING)
            continue;
        if (child && work_task_reap(task))
            work_settle(task);
        else
            react_to_time(task, now);
    }
}

/* Without the daemon nothing can be settled: what runs is somebody else's now. */
static void lose(struct pool *pool, ts_status status)
{
    if (!pool->hurrying) {
        work_progress_clear(&pool->progress);
        (void)connect_exit(pool->call, pool->client, status);
    }
    pool->status = EXIT_NO_DAEMON;
    pool->stopping = pool->hurrying = true;
    stop_running(pool, work_task_kill);
    for (unsigned i = 0; i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        siginfo_t info;
        if (task->state == TASK_RUNNING && task->pid > 0) {
            while (waitid(P_PID, (id_t)task->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
                ;
            (void)work_task_reap(task);
        }
        if (task->state != TASK_FREE)
            work_end(task, "lost");
    }
}

int work_pool_run(struct pool *pool)
{
    if (pool->options->drain)
        work_take_until_drained(pool);
    while (!is_over(pool)) {
        work_take(pool);
        start_taken(pool);
        work_will(pool);
        (void)ts_client_flush(pool->client);
        if (is_over(pool))
            break;
        work_progress_draw(&pool->progress, pool->done, pool->failed, count_running(pool));
        wait_for_something(pool);
        work_signals_read(&pool->signals);
        react_to_signals(pool);
        look_at_running(pool);
        work_will(pool); /* in one go with what was settled */
        ts_status status = ts_client_dispatch(pool->client);
        if (status != TS_OK) {
            lose(pool, status);
            break;
        }
    }
    if (pool->status == 0 && pool->failed > 0)
        return EXIT_PARTLY;
    return pool->status;
}

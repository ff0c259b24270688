/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a task when CMD has ended: finished, given back, or given up. A failure's error
 * tuple, the new last will and the task's return are sent in one go, so that also where tsctl is
 * killed meanwhile the failure is told once (rule S34).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "protocol/text_write.h"
#include "tsctl/clock.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"
#include "tsctl/work_log.h"
#include "tsctl/work_options.h"
#include "tsctl/work_output.h"
#include "tsctl/work_pool.h"
#include "tsctl/work_results.h"

#define ROW_PATIENCE 4    /* so many without a success between before it pauses */
#define PAUSE_US 50000    /* the first one; each further one is twice as long */
#define PAUSE_DOUBLINGS 7 /* up to 6.4 s */
#define SHOWN_COLUMNS 60

void work_end(struct task *task, const char *outcome)
{
    struct pool *pool = task->pool;
    struct work_log_line line = {
        .start = task->start,
        .took_us = task->took_us,
        .id = task->id,
        .returns = task->returns,
        .outcome = outcome,
        .ended = task->ended,
        .status = task->status,
        .peak_kib = task->peak_kib,
        .tuple = task->tuple.bytes,
    };
    task->state = TASK_FREE;
    work_spool_close(&task->spool);
    work_stderr_deinit(&task->err);
    if (pool->log >= 0 && !work_log_write(pool->log, &line)) {
        pool->log = -1;
        pool->status = EXIT_PARTLY;
        work_pool_stop(pool);
    }
}

/*
 * What comes back at once would be taken at once, again and again. So it takes nothing for a while; a
 * request that waits is cancelled before the task goes back.
 */
static void pause_after(struct pool *pool)
{
    if (++pool->row < ROW_PATIENCE)
        return;
    if (!pool->stopping)
        work_take_cancel(pool);
    unsigned doublings = pool->row - ROW_PATIENCE;
    if (doublings > PAUSE_DOUBLINGS)
        doublings = PAUSE_DOUBLINGS;
    pool->paused_us = clock_now_us() + ((uint64_t)PAUSE_US << doublings);
}

static void settle(struct task *task, const ts_request *request, ts_callback callback)
{
    struct pool *pool = task->pool;
    task->state = TASK_SETTLING;
    pool->will_stale = true;
    ts_status status = ts_submit(pool->client, request, callback, task, NULL);
    if (status == TS_OK)
        return;
    work_pool_refused(pool, status, NULL);
    work_end(task, "lost");
}

/* --- Given back ------------------------------------------------------------------------------------ */

static void came_back(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                      void *arg)
{
    struct task *task = arg;
    (void)client, (void)number;
    if (status != TS_OK && status != TS_LATE)
        work_pool_refused(task->pool, status, result);
    work_end(task, task->outcome);
}

static void release(struct task *task, const char *outcome, bool untried)
{
    ts_request request = {
        .operation = TSD_OP_RELEASE,
        .tokens = &task->token,
        .token_count = 1,
        .untried = untried,
        .has_exit = task->ended,
        .exit_status = task->ended ? work_error_number(task->status) : 0,
    };
    task->outcome = outcome;
    settle(task, &request, came_back);
}

void work_give_back(struct task *task, const char *outcome)
{
    pause_after(task->pool);
    release(task, outcome, true);
}

/* --- Failed ---------------------------------------------------------------------------------------- */

static void pack_error(const struct task *task, const char *why, bool given_up, struct buffer *out)
{
    struct buffer tail = BUFFER_INIT;
    struct work_error error = {
        .worker = (const char *)task->pool->worker.bytes,
        .tuple = task->tuple.bytes,
        .ended = task->ended,
        .status = task->status,
        .took_us = task->took_us,
        .peak_kib = task->peak_kib,
        .returns = task->returns,
        .why = why,
        .tail = &tail,
        .given_up = given_up,
    };
    work_stderr_tail(&task->err, &tail);
    memory_check(!tail.failed);
    work_error_pack(&error, out);
    buffer_deinit(&tail);
}

static void complain_failed(const struct task *task, const char *why, const char *then)
{
    struct buffer text = BUFFER_INIT;
    text_write_value(task->tuple.bytes, &text);
    bool whole = text.size <= SHOWN_COLUMNS;
    struct buffer end = BUFFER_INIT;
    if (task->ended)
        work_error_end(task->status, &end);
    memory_check(!text.failed && !end.failed);
    work_progress_clear(&task->pool->progress);
    complain("work: %.*s%s: %.*s%s%s; %s", whole ? (int)text.size : SHOWN_COLUMNS,
             (const char *)text.bytes, whole ? "" : "...", (int)end.size,
             end.size > 0 ? (const char *)end.bytes : "", end.size > 0 && why != NULL ? ", " : "",
             why != NULL ? why : "", then);
    buffer_deinit(&end);
    buffer_deinit(&text);
}

/* One more failure, which may be one too many. */
static void count_failure(struct pool *pool)
{
    const struct work_options *options = pool->options;
    pool->failed++;
    if (options->halt == WORK_HALT_NEVER || pool->failed < options->halt_failures)
        return;
    work_pool_stop(pool);
    for (unsigned i = 0; options->halt == WORK_HALT_NOW && i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        if (task->state == TASK_RUNNING && task->pid > 0 && !task->stopped) {
            task->stopped = true;
            work_task_signal(task);
        }
    }
}

static void error_is_told(ts_client *client, uint64_t number, ts_status status,
                          const ts_result *result, void *arg)
{
    struct pool *pool = arg;
    (void)client, (void)number;
    pool->errors_told--;
    if (status != TS_OK)
        work_pool_refused(pool, status, result);
}

static void tell_error(struct task *task, const char *why)
{
    struct pool *pool = task->pool;
    struct buffer bytes = BUFFER_INIT;
    pack_error(task, why, false, &bytes);
    ts_status status =
        ts_submit_out(pool->client, ts_encoded(bytes.bytes, bytes.size), error_is_told, pool);
    if (status == TS_OK)
        pool->errors_told++;
    else
        work_pool_refused(pool, status, NULL);
    buffer_deinit(&bytes);
}

bool work_is_over_returned(const struct task *task)
{
    const struct work_options *options = task->pool->options;
    return options->has_returns && task->returns > options->returns;
}

void work_fail(struct task *task, const char *why)
{
    const struct work_options *options = task->pool->options;
    if (options->has_returns && task->returns >= options->returns) {
        work_give_up(task, why);
        return;
    }
    complain_failed(task, why, "given back");
    if (task->returns > 0 && !options->has_returns)
        pause_after(task->pool);
    count_failure(task->pool); /* first: where that ends it, it is not to take this one again */
    tell_error(task, why);
    release(task, "failed", false);
}

static void is_given_up(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    struct task *task = arg;
    (void)client, (void)number;
    if (status == TS_OK || status == TS_LATE) {
        work_end(task, status == TS_OK ? "given-up" : "late");
        return;
    }
    work_pool_refused(task->pool, status, result);
    work_end(task, "lost");
}

void work_give_up(struct task *task, const char *why)
{
    struct buffer bytes = BUFFER_INIT;
    complain_failed(task, why, "given up, see the error tuple");
    pack_error(task, why, true, &bytes);
    ts_values error = ts_encoded(bytes.bytes, bytes.size);
    ts_request request = {
        .operation = TSD_OP_FINISH,
        .tokens = &task->token,
        .token_count = 1,
        .tuples = &error,
        .tuple_count = 1,
    };
    count_failure(task->pool);
    settle(task, &request, is_given_up);
    buffer_deinit(&bytes);
}

/* --- Done ------------------------------------------------------------------------------------------ */

static void is_done(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                    void *arg)
{
    struct task *task = arg;
    struct pool *pool = task->pool;
    (void)client, (void)number;
    switch (status) {
    case TS_OK:
        pool->done++;
        pool->row = 0;
        work_end(task, "done");
        break;
    case TS_LATE:
        pool->failed++;
        complain_failed(task, "but the task was somebody else's by then", "nothing was put");
        work_end(task, "late");
        break;
    case TS_LIMIT:
    case TS_INVALID:
    case TS_MALFORMED:
    case TS_FULL:
        work_fail(task, result->text);
        break;
    default:
        work_pool_refused(pool, status, result);
        work_end(task, "lost");
    }
}

static void finish(struct task *task)
{
    struct work_results results = {0};
    char problem[WORK_PROBLEM_BYTES];
    if (!work_results_read(&results, &task->pool->call->options, task->spool.read_fd,
                           task->tuple.bytes, problem)) {
        work_results_deinit(&results);
        work_fail(task, problem);
        return;
    }
    ts_request request = {
        .operation = TSD_OP_FINISH,
        .tokens = &task->token,
        .token_count = 1,
        .tuples = results.values,
        .tuple_count = results.count,
    };
    settle(task, &request, is_done);
    work_results_deinit(&results);
}

/* What it printed goes on before the task is finished, so that none is finished and not seen. */
static bool write_output(struct task *task)
{
    struct pool *pool = task->pool;
    if (pool->options->put || pool->call->options.quiet ||
        work_results_take_output(&pool->call->options))
        return true;
    work_progress_clear(&pool->progress);
    enum work_written written = work_output_copy(task->spool.read_fd, &task->tag, &pool->signals);
    if (written == WORK_WRITTEN)
        return true;
    pool->broken = written == WORK_WRITE_BROKEN;
    work_give_back(task, "stopped");
    work_pool_fail(pool, EXIT_PARTLY);
    return false;
}

void work_settle(struct task *task)
{
    bool good = WIFEXITED(task->status) && WEXITSTATUS(task->status) == 0;
    bool back = WIFEXITED(task->status) && WEXITSTATUS(task->status) == WORK_GIVES_BACK;
    if (!write_output(task))
        return;
    if (good)
        finish(task);
    else if (task->stopped)
        work_give_back(task, "stopped");
    else if (back)
        work_give_back(task, "back");
    else
        work_fail(task, task->timed_out ? "over its time" : NULL);
}

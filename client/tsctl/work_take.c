/* SPDX-License-Identifier: MIT */
/*
 * Taking tasks: one request at a time waits, for as many as there is room for.
 */
#include <stdlib.h>

#include "protocol/text_write.h"
#include "tsctl/clock.h"
#include "tsctl/memory.h"
#include "tsctl/work_options.h"
#include "tsctl/work_pool.h"

static unsigned count_free(const struct pool *pool)
{
    unsigned count = 0;
    for (unsigned i = 0; i < pool->jobs; i++)
        count += pool->tasks[i].state == TASK_FREE;
    return count;
}

static void set_tag(struct task *task)
{
    buffer_clear(&task->tag);
    if (!task->pool->options->tag)
        return;
    text_write_value(task->tuple.bytes, &task->tag);
    buffer_append_byte(&task->tag, '\t');
    memory_check(!task->tag.failed);
}

static void take(struct pool *pool, const ts_tuple *tuple)
{
    struct task *task = pool->tasks;
    while (task->state != TASK_FREE)
        task++;
    buffer_clear(&task->tuple);
    buffer_append(&task->tuple, tuple->bytes, tuple->size);
    memory_check(!task->tuple.failed);
    task->state = TASK_TAKEN;
    task->token = tuple->token;
    task->id = tuple->id;
    task->returns = tuple->returns;
    task->ended = task->timed_out = task->stopped = false;
    task->peak_kib = task->took_us = 0;
    task->outcome = NULL;
    clock_gettime(CLOCK_REALTIME, &task->start);
    set_tag(task);
    if (pool->left != COUNT_ALL)
        pool->left--;
}

static void took(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                 void *arg)
{
    struct pool *pool = arg;
    (void)client, (void)number;
    pool->asked = 0;
    if (status != TS_OK)
        work_pool_refused(pool, status, result);
    for (size_t i = 0; status == TS_OK && i < result->count; i++)
        take(pool, ts_tuple_at(result, i));
}

void work_take(struct pool *pool)
{
    uint64_t room = count_free(pool);
    if (pool->left < room)
        room = pool->left;
    if (room == 0 || pool->asked != 0 || pool->stopping)
        return;
    if (pool->paused_us != 0 && clock_now_us() < pool->paused_us)
        return;
    pool->paused_us = 0;
    ts_request request = {
        .operation = TSD_OP_HOLD,
        .pattern = pool->pattern,
        .timeout = TS_FOREVER,
        .max = (uint32_t)room,
    };
    ts_status status = ts_submit(pool->client, &request, took, pool, &pool->asked);
    if (status != TS_OK) {
        pool->asked = 0;
        work_pool_refused(pool, status, NULL);
    }
}

void work_take_cancel(struct pool *pool)
{
    ts_request request = {.operation = TSD_OP_CANCEL, .number = pool->asked};
    if (pool->asked != 0) /* its callback tells which it was: cancelled, or just served */
        (void)ts_submit(pool->client, &request, NULL, NULL, NULL);
}

static void drained(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                    void *arg)
{
    struct pool *pool = arg;
    (void)client, (void)number;
    if (status == TS_OK)
        work_pool_stop(pool);
    else
        work_pool_refused(pool, status, result);
}

void work_take_until_drained(struct pool *pool)
{
    ts_request request = {
        .operation = TSD_OP_DRAINED,
        .pattern = pool->pattern,
        .timeout = TS_FOREVER,
    };
    ts_status status = ts_submit(pool->client, &request, drained, pool, NULL);
    if (status != TS_OK)
        work_pool_refused(pool, status, NULL);
}

static void will_is_left(ts_client *client, uint64_t number, ts_status status,
                         const ts_result *result, void *arg)
{
    (void)client, (void)number;
    if (status != TS_OK)
        work_pool_refused(arg, status, result);
}

/* Appends the error tuple of a task that was lost. */
static void pack_lost(const struct task *task, struct buffer *out)
{
    struct work_error error = {
        .worker = (const char *)task->pool->worker.bytes,
        .tuple = task->tuple.bytes,
        .returns = task->returns,
        .why = "tsctl ended before CMD did",
    };
    work_error_pack(&error, out);
}

void work_will(struct pool *pool)
{
    if (!pool->will_stale)
        return;
    struct buffer bytes = BUFFER_INIT;
    size_t *sizes = memory_resize(NULL, pool->jobs * sizeof(*sizes)), count = 0;
    for (unsigned i = 0; i < pool->jobs; i++) {
        if (pool->tasks[i].state != TASK_TAKEN && pool->tasks[i].state != TASK_RUNNING)
            continue;
        size_t before = bytes.size;
        pack_lost(&pool->tasks[i], &bytes);
        sizes[count++] = bytes.size - before;
    }
    ts_values *values = memory_resize(NULL, (count + 1) * sizeof(*values));
    const uint8_t *at = bytes.bytes;
    for (size_t i = 0; i < count; at += sizes[i++])
        values[i] = ts_encoded(at, sizes[i]);
    ts_request request = {.operation = TSD_OP_WILL, .tuples = values, .tuple_count = count};
    ts_status status = ts_submit(pool->client, &request, will_is_left, pool, NULL);
    if (status != TS_OK)
        work_pool_refused(pool, status, NULL);
    pool->will_stale = false;
    free(values);
    free(sizes);
    buffer_deinit(&bytes);
}

/* SPDX-License-Identifier: MIT */
#include "client/sync.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "client/bind.h"
#include "client/dispatch.h"
#include "client/eval.h"
#include "client/send.h"

enum {
    LOOK_NS = 100000, /* how long a call looks for its answer before it sleeps */
    LOOK_PAUSE = 255, /* most calls that do not, after looking was in vain */
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t now_ms(void)
{
    return now_ns() / 1000000;
}

/*
 * Many answers are there before a process that sleeps could be woken: so it looks for a while first,
 * letting whoever wants the processor have it in between. Where that was in vain it looks less often.
 * Returns whether something came, or the connection went, where another one may stand now.
 */
static bool look_before_sleep(struct connection *connection)
{
    const int64_t end = now_ns() + LOOK_NS;
    const uint32_t opened = connection->opened;
    bool all;

    if (connection->look_rest > 0) {
        connection->look_rest--;
        return false;
    }
    do {
        if (connection_receive(connection, false, &all) > 0 || connection->fd < 0 ||
            connection->opened != opened) {
            connection->look_pause = 0;
            return true;
        }
        sched_yield();
    } while (now_ns() < end);
    connection->look_pause =
        connection->look_pause < LOOK_PAUSE ? 2 * connection->look_pause + 1 : LOOK_PAUSE;
    connection->look_rest = connection->look_pause;
    return false;
}

/* Moves bytes both ways, waiting where none can be moved. One send and one receive, as a rule. */
static void move(struct connection *connection, int timeout_ms)
{
    bool sent = connection_send(connection);
    bool all;

    if (sent && look_before_sleep(connection))
        return;
    if (sent && timeout_ms == SYNC_FOREVER && eval_due(connection) == TS_NEVER) {
        connection_receive(connection, true, &all);
        return;
    }
    eval_poll(connection, timeout_ms);
    if (connection->fd >= 0)
        connection_receive(connection, false, &all);
}

void sync_wait(struct connection *connection, struct pending *pending, int timeout_ms)
{
    const int64_t end = timeout_ms == SYNC_FOREVER ? 0 : now_ms() + timeout_ms;
    struct frame frame;
    int64_t left = SYNC_FOREVER;

    connection_send(connection);
    while (!pending->done) {
        if (connection_next_frame(connection, &frame)) {
            dispatch_frame(connection, &frame, false);
            continue;
        }
        if (timeout_ms != SYNC_FOREVER && (left = end - now_ms()) <= 0)
            return;
        if (rejoin_is_trying(connection))
            rejoin_wait(connection, (int)left);
        else if (connection->fd >= 0)
            move(connection, (int)left);
    }
}

void sync_look(struct connection *connection, struct pending *pending)
{
    struct frame frame;
    bool all = false;

    rejoin_work(connection);
    connection_send(connection);
    while (!pending->done) {
        if (connection_next_frame(connection, &frame))
            dispatch_frame(connection, &frame, false);
        else if (connection->fd >= 0 && !all)
            connection_receive(connection, false, &all);
        else if (!pending->done)
            return;
    }
}

int sync_ms(double seconds)
{
    const double ms = seconds * 1e3;

    if (ms >= INT_MAX)
        return ms >= 1e15 ? SYNC_FOREVER : INT_MAX;
    return (double)(int)ms < ms ? (int)ms + 1 : (int)ms;
}

/* The pattern that the tuple matched. */
static const ts_values *pattern_of(const ts_request *request, const ts_tuple *tuple)
{
    if (request->operation == TSD_OP_ATOMIC)
        return tuple->alternative < request->guard_count
                   ? &request->guards[tuple->alternative].pattern
                   : NULL;
    if (tuple->alternative == 0)
        return &request->pattern;
    if (tuple->alternative <= request->alternative_count)
        return &request->alternatives[tuple->alternative - 1].pattern;
    return NULL;
}

/* A tuple that does not fit what it was asked to match goes back: the connection ends. */
static ts_status bind_answer(struct connection *connection, const ts_request *request,
                             const ts_tuple *tuple)
{
    const ts_values *pattern = pattern_of(request, tuple);
    ts_status status = pattern ? bind_tuple(pattern, tuple->bytes, &connection->bound) : TS_INVALID;

    if (status == TS_OK)
        return TS_OK;
    if (status == TS_INVALID)
        status = TS_PROTOCOL;
    connection_lose(connection, status,
                    status == TS_PROTOCOL ? "the daemon's tuple does not match the pattern"
                                          : "out of memory for what the formals are set to");
    return status;
}

/* One tuple has formals to be set; the tuples of an atomic have each their guard's. */
static ts_status bind_answers(struct connection *connection, const ts_request *request)
{
    const enum tsd_operation op = request->operation;
    const ts_tuple *tuple;
    ts_status status = TS_OK;

    if (op != TSD_OP_ATOMIC && (connection->last.shown.count != 1 ||
                                (op != TSD_OP_IN && op != TSD_OP_RD && op != TSD_OP_HOLD)))
        return TS_OK;
    for (size_t i = 0; status == TS_OK && (tuple = ts_tuple_at(&connection->last.shown, i)); i++)
        status = bind_answer(connection, request, tuple);
    return status;
}

/* What the call returns, once its answer is there. */
static ts_status finish(struct connection *connection, const ts_request *request,
                        const struct pending *pending)
{
    const ts_result *last = &connection->last.shown;

    if (pending->failed != TS_OK) {
        result_set(&connection->last, pending->number, pending->failed, connection->why);
    } else if (last->status == TS_OK) {
        if (pending->delivery) /* else what it did not acknowledge is still in hand */
            connection->in_hand = pending->delivery;
        return bind_answers(connection, request);
    }
    return connection_fail(connection, last->status, "%s", last->text);
}

ts_status sync_enter(ts_client *client, struct pending *pending)
{
    struct connection *connection = client->connection;

    pending->number = ++connection->last_number;
    pending->client = client;
    rejoin_enter(connection, pending);
    if (!pending_add(&connection->pending, pending))
        return connection_fail(connection, TS_NO_MEMORY, "out of memory for the request");
    return TS_OK;
}

ts_status sync_sent(ts_client *client, struct pending *pending, ts_status status)
{
    if (status == TS_OK)
        status = rejoin_keep(client->connection, pending);
    if (status != TS_OK)
        pending_take(&client->connection->pending, pending->number);
    return status;
}

/* Enters the request and encodes it; on failure nothing is left of it. */
static ts_status start(ts_client *client, const ts_request *request, struct pending *pending)
{
    ts_status status = rejoin_refuse(client->connection);

    if (status == TS_OK)
        status = sync_enter(client, pending);
    asked_init(&pending->asked, request, client->connection->opened);
    if (status == TS_OK)
        status = sync_sent(client, pending, send_request(client, request, pending->number));
    return status;
}

ts_status ts_call(ts_client *client, const ts_request *request)
{
    struct connection *connection = client ? client->connection : NULL;
    struct pending pending = {.waits = true};
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    status = connection_check(connection);
    eval_look(connection, false);
    if (status == TS_OK)
        status = start(client, request, &pending);
    if (status != TS_OK) {
        result_set(&connection->last, 0, status, connection->error);
        return status;
    }
    arena_clear(&connection->bound); /* only now: it may have been among the arguments */
    connection_enter(connection);
    sync_wait(connection, &pending, SYNC_FOREVER);
    status = finish(connection, request, &pending);
    free(pending.frame);
    connection_leave(connection);
    return status;
}

ts_status ts_submit(ts_client *client, const ts_request *request, ts_callback callback, void *arg,
                    uint64_t *number)
{
    ts_status status = client ? connection_check(client->connection) : TS_NO_MEMORY;
    struct pending *pending;

    if (status != TS_OK)
        return status;
    pending = calloc(1, sizeof(*pending));
    if (!pending)
        return connection_fail(client->connection, TS_NO_MEMORY, "out of memory for the request");
    pending->callback = callback;
    pending->arg = arg;
    status = start(client, request, pending);
    if (status != TS_OK)
        pending_free(pending);
    else if (number)
        *number = pending->number;
    return status;
}

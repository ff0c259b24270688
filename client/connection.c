/* SPDX-License-Identifier: MIT */
#include "client/connection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/eval.h"
#include "client/private.h"

ts_status connection_fail(struct connection *connection, ts_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(connection->error, sizeof(connection->error), format, arguments);
    va_end(arguments);
    return status;
}

ts_status connection_problem(struct connection *connection, const struct problem *problem)
{
    return connection_fail(connection, problem->status, "%s", problem->text);
}

bool connection_is_foreign(const struct connection *connection)
{
    return connection->owner != getpid();
}

ts_status connection_check(struct connection *connection)
{
    if (connection_is_foreign(connection))
        return connection_fail(connection, TS_LOST,
                               "the connection belongs to the process that forked this one: "
                               "connect anew");
    if (connection->status != TS_OK)
        connection_fail(connection, connection->status, "%s", connection->why);
    return connection->status;
}

void connection_settle(struct connection *connection, struct pending *pending)
{
    pending->done = true;
    if (pending->waits)
        return;
    if (pending->dropped)
        pending_free(pending);
    else if (pending->asked.op == TSD_OP_WATCH && !pending->on_event)
        STAILQ_INSERT_TAIL(&connection->ended, pending, ready);
    else
        STAILQ_INSERT_TAIL(&connection->ready, pending, ready);
}

/* A request whose answer will not come. */
static void fail_pending(struct connection *connection, struct pending *pending, ts_status status)
{
    pending->failed = status;
    connection_settle(connection, pending);
}

/*
 * Tuples that were delivered and not read have gone back with the connection: whoever is told of them
 * now would work on what is somebody else's (rule S8).
 */
static void fail_unread(struct connection *connection, ts_status status)
{
    struct pending *pending;

    STAILQ_FOREACH (pending, &connection->unread, unread) {
        pending->failed = status;
        pending->delivery = 0;
    }
    STAILQ_INIT(&connection->unread);
}

void connection_tell(struct connection *connection, int old_fd, int new_fd)
{
    if (connection->descriptor)
        connection->descriptor(connection->first, old_fd, new_fd, connection->descriptor_arg);
}

/* Nothing of what was sent or received holds any more. */
static void reset(struct connection *connection)
{
    buffer_clear(&connection->out);
    connection->sent = 0;
    connection->taken = connection->in.size; /* the last answer may still be looked at */
    connection->welcomed = false;
    connection->received = 0;
    connection->acknowledged = 0;
    connection->in_hand = 0;
}

void connection_end(struct connection *connection, ts_status status)
{
    struct pending *pending;

    connection->status = status;
    fail_unread(connection, status);
    while ((pending = pending_take_first(&connection->pending)))
        fail_pending(connection, pending, status);
}

void connection_lose(struct connection *connection, ts_status status, const char *format, ...)
{
    va_list arguments;
    bool trying;
    int fd = connection->fd;

    if (fd < 0)
        return;
    va_start(arguments, format);
    (void)vsnprintf(connection->why, sizeof(connection->why), format, arguments);
    va_end(arguments);
    connection_fail(connection, status, "%s", connection->why);
    connection->fd = -1;
    trying = rejoin_begin(connection, status);
    reset(connection);
    if (!trying) {
        connection->rejoin.state = REJOIN_NOT;
        connection_end(connection, status);
    }
    connection_tell(connection, fd, -1);
    close(fd);
}

void connection_forget(struct connection *connection)
{
    struct pending *pending;

    while ((pending = pending_take_first(&connection->pending))) {
        if (pending->waits)
            fail_pending(connection, pending, TS_LOST);
        else
            pending_free(pending);
    }
    pending_free_all(&connection->ready);
    pending_free_all(&connection->ended);
    connection->kept_bytes = 0;
    STAILQ_INIT(&connection->unread);
    reset(connection);
    rejoin_forget(connection);
    eval_forget(connection);
    connection->own = private_free(connection->own);
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    connection->status = TS_LOST;
}

static void connection_free(struct connection *connection)
{
    connection_forget(connection);
    pending_deinit(&connection->pending);
    while (connection->handles) {
        ts_client *handle = connection->handles;
        connection->handles = handle->next;
        free(handle);
    }
    result_deinit(&connection->last);
    result_deinit(&connection->answer);
    arena_deinit(&connection->bound);
    buffer_deinit(&connection->scratch);
    buffer_deinit(&connection->out);
    buffer_deinit(&connection->in);
    free(connection->room);
    free(connection->path);
    free(connection->nor);
    free(connection->client_name);
    free(connection);
}

void connection_enter(struct connection *connection)
{
    connection->inside++;
}

void connection_leave(struct connection *connection)
{
    if (--connection->inside == 0 && connection->closing)
        connection_free(connection);
}

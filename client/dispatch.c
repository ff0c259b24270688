/* SPDX-License-Identifier: MIT */
#include "client/dispatch.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/eval.h"
#include "client/send.h"
#include "client/watch.h"
#include "protocol/reply.h"

static void no_tsd(struct connection *connection, const struct problem *problem)
{
    connection_lose(connection, TS_LOST, "what answers at %s is no tsd, or a newer one: %s",
                    connection->path, problem->text);
}

/*
 * The daemon says why it closes. Before its opening it has done nothing, so that its status is the
 * answer to everything; later what was under way is unknown.
 */
static void take_error(struct connection *connection, const struct reply *reply)
{
    struct span text;

    if (reply_result_text(reply, &text) != 0)
        text = (struct span){(const uint8_t *)"no reason given", 15};
    connection_lose(
        connection, connection->welcomed || reply->status == TS_OK ? TS_LOST : reply->status,
        "the daemon closed the connection: %.*s", (int)text.size, (const char *)text.bytes);
}

static void keep_welcome(struct connection *connection, const struct welcome *welcome)
{
    size_t size = welcome->release.size;

    if (size >= sizeof(connection->release))
        size = sizeof(connection->release) - 1;
    if (size > 0)
        memcpy(connection->release, welcome->release.bytes, size);
    connection->release[size] = '\0';
    connection->daemon = (ts_daemon){
        .run = welcome->run,
        .session = welcome->session,
        .tuple_bytes = welcome->tuple_bytes,
        .frame_bytes = welcome->frame_bytes,
        .reply_bytes = welcome->reply_bytes,
        .release = connection->release,
    };
    connection->welcomed = true;
}

/* The first frame. */
static void take_welcome(struct connection *connection, const struct frame *frame)
{
    struct problem problem;
    struct welcome welcome;
    struct reply reply;
    int result = welcome_decode(frame, &welcome, &problem);

    if (result == 0)
        keep_welcome(connection, &welcome);
    else if (result > 0 && reply_decode(frame, &reply, &problem) == 0)
        take_error(connection, &reply);
    else
        no_tsd(connection, &problem);
    if (connection->welcomed)
        rejoin_resume(connection);
}

/* An answer that cannot be read ends the connection: a tuple in it then goes back. */
static ts_status read_answer(struct connection *connection, const struct asked *asked,
                             const struct reply *reply, struct result *result)
{
    struct problem problem;

    if (result_read(result, asked, reply, &problem) != 0)
        connection_lose(connection, problem.status, "%s", problem.text);
    return result->shown.status;
}

/* What callbacks returned from is acknowledged with the next request or at the end (rule S9). */
static void callback_returned(struct connection *connection, const struct running *running)
{
    connection->running.is = false;
    connection->rejoin.callback_in_hand = false;
    if (connection_is_foreign(connection))
        connection_forget(connection); /* the callback has forked, and this is the child */
    if (connection->in_hand != running->in_hand)
        connection->in_hand = 0; /* taken inside the callback, which has returned */
}

static void run_callback(struct connection *connection, const struct pending *pending,
                         ts_status status)
{
    const struct running running = {true, pending->delivery, connection->in_hand};

    if (!pending->callback)
        return;
    connection->running = running;
    pending->callback(pending->client, pending->number, status, &connection->answer.shown,
                      pending->arg);
    callback_returned(connection, &running);
}

void dispatch_event(struct connection *connection, const struct pending *pending, ts_status status,
                    const ts_event *event)
{
    const struct running running = {true, 0, connection->in_hand};

    connection->running = running;
    pending->on_event(pending->client, pending->number, status, event, pending->arg);
    callback_returned(connection, &running);
}

static void keep_answer(struct connection *connection, struct pending *pending,
                        const struct frame *frame)
{
    STAILQ_INSERT_TAIL(&connection->ready, pending, ready);
    if (pending->delivery)
        STAILQ_INSERT_TAIL(&connection->unread, pending, unread);
    pending->body = malloc(frame->size);
    pending->size = frame->size;
    if (pending->body) {
        memcpy(pending->body, frame->body, frame->size);
        return;
    }
    pending->failed = TS_NO_MEMORY;
    connection_lose(connection, TS_NO_MEMORY, "out of memory for the daemon's answers");
}

static void take_answer(struct connection *connection, struct pending *pending,
                        const struct reply *reply, const struct frame *frame, bool run)
{
    pending_take(&connection->pending, pending->number);
    pending->delivery = reply->extras.delivery;
    if (pending->delivery > connection->received)
        connection->received = pending->delivery;
    if (pending->waits) {
        read_answer(connection, &pending->asked, reply, &connection->last);
        pending->done = true;
    } else if (pending->asked.op == TSD_OP_CANCEL && !pending->callback) {
        pending_free(pending); /* nobody is to be told, so it need not wait for a dispatch */
    } else if (run) {
        ts_status status = read_answer(connection, &pending->asked, reply, &connection->answer);
        run_callback(connection, pending, status);
        pending_free(pending);
    } else {
        keep_answer(connection, pending, frame);
    }
}

static void dispatch_reply(struct connection *connection, const struct frame *frame, bool run)
{
    struct pending *pending;
    struct problem problem;
    struct reply reply;

    if (reply_decode(frame, &reply, &problem) != 0) {
        no_tsd(connection, &problem);
        return;
    }
    if (reply.number == 0) {
        take_error(connection, &reply);
        return;
    }
    pending = pending_find(&connection->pending, reply.number);
    if (pending && pending->asked.op == TSD_OP_WATCH)
        watch_take(connection, pending, &reply, frame);
    else if (pending)
        take_answer(connection, pending, &reply, frame, run);
    else
        connection_lose(connection, TS_LOST,
                        "the daemon answered request %llu, which is not under way",
                        (unsigned long long)reply.number);
}

void dispatch_answer(struct connection *connection, const struct frame *frame)
{
    dispatch_reply(connection, frame, false);
}

void dispatch_frame(struct connection *connection, const struct frame *frame, bool run)
{
    if (!connection->welcomed) {
        take_welcome(connection, frame);
        return;
    }
    connection->rejoin.progressed = true;
    dispatch_reply(connection, frame, run);
}

/* The frame that was kept, or the reason why none came. */
static ts_status read_ready(struct connection *connection, const struct pending *pending)
{
    const struct frame frame = {pending->body, pending->size};
    struct problem problem;
    struct reply reply;

    if (pending->failed == TS_OK && reply_decode(&frame, &reply, &problem) == 0)
        return read_answer(connection, &pending->asked, &reply, &connection->answer);
    result_set(&connection->answer, pending->number, pending->failed, connection->why);
    return pending->failed;
}

bool dispatch_ready(struct connection *connection)
{
    struct pending *pending = STAILQ_FIRST(&connection->ready);

    if (!pending)
        return false;
    STAILQ_REMOVE_HEAD(&connection->ready, ready);
    if (pending->delivery)
        STAILQ_REMOVE_HEAD(&connection->unread, unread);
    if (pending->asked.op == TSD_OP_WATCH) {
        watch_tell(connection, pending);
        return true;
    }
    run_callback(connection, pending, read_ready(connection, pending));
    pending_free(pending);
    return true;
}

/* Runs callbacks and reads until there is nothing of either. */
static void work(struct connection *connection)
{
    struct frame frame;
    bool all = false;

    for (;;) {
        if (dispatch_ready(connection))
            continue;
        if (connection_next_frame(connection, &frame))
            dispatch_frame(connection, &frame, true);
        else if (connection->fd >= 0 && !all)
            connection_receive(connection, false, &all);
        else if (STAILQ_EMPTY(&connection->ready))
            return;
    }
}

ts_status ts_client_dispatch(ts_client *client)
{
    struct connection *connection = client ? client->connection : NULL;
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    if (connection->dispatching || connection->closing || connection_is_foreign(connection))
        return connection_check(connection);
    connection_enter(connection);
    connection->dispatching = true;
    arena_clear(&connection->bound);
    eval_look(connection, true);
    rejoin_work(connection);
    connection_send(connection);
    work(connection);
    if (connection->fd >= 0)
        send_ack(connection); /* rule S9 */
    connection_send(connection);
    connection->dispatching = false;
    status = connection_check(connection);
    connection_leave(connection);
    return status;
}

ts_status ts_client_flush(ts_client *client)
{
    ts_status status = client ? connection_check(client->connection) : TS_NO_MEMORY;

    if (status == TS_OK)
        connection_send(client->connection);
    return status;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ts_client_timeout(const ts_client *client)
{
    const struct connection *connection = client ? client->connection : NULL;

    if (!connection || connection->status != TS_OK || connection_is_foreign(connection))
        return 0; /* the dispatch tells why: nothing else would wake a loop without descriptor */
    if (connection->dispatching)
        return TS_NEVER;
    if (!STAILQ_EMPTY(&connection->ready) || connection_has_frame(connection))
        return 0;
    return earlier(rejoin_due(connection), eval_due(connection));
}

int dispatch_poll_timeout(int64_t due_ns, int64_t now_ns)
{
    int64_t ms;

    if (due_ns == TS_NEVER)
        return -1;
    if (due_ns <= now_ns)
        return 0;
    ms = (due_ns - now_ns - 1) / 1000000 + 1; /* rounded up: what is due must be due by then */
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

int ts_client_poll_timeout(const ts_client *client)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return dispatch_poll_timeout(ts_client_timeout(client),
                                 (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

short ts_client_events(const ts_client *client)
{
    const struct connection *connection = client ? client->connection : NULL;

    if (!connection || connection->fd < 0)
        return 0;
    return connection->sent < connection->out.size ? POLLIN | POLLOUT : POLLIN;
}

int ts_client_fd(const ts_client *client)
{
    return client ? client->connection->fd : -1;
}

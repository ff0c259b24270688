/* SPDX-License-Identifier: MIT */
#include "client/watch.h"

#include <stdlib.h>
#include <string.h>

#include "client/dispatch.h"
#include "client/send.h"
#include "client/sync.h"

enum { KEPT_MOST = 4 << 20 }; /* bytes of events that are kept, beside one answer */

static const char too_slow[] = "events came faster than they were asked for, some were lost: "
                               "start the watch again, with `now`";

/* ---- What comes ---- */

/* How many events an answer has, or less than 0; they are not looked at again for errors. */
static int count_events(const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct event event;
    int more, count = 0;

    while ((more = reply_next_event(reply, &p, &event)) > 0)
        count++;
    return more < 0 ? more : count;
}

/* An answer of the watch, copied to be kept; without a body it is a gap. NULL without memory. */
static struct pending *kept_new(const struct pending *watch, const void *body, size_t size)
{
    struct pending *kept = calloc(1, sizeof(*kept));

    if (!kept)
        return NULL;
    kept->number = watch->number;
    kept->client = watch->client;
    kept->asked.op = TSD_OP_WATCH;
    kept->on_event = watch->on_event;
    kept->arg = watch->arg;
    kept->events = true;
    if (size == 0)
        return kept;
    kept->body = malloc(size);
    if (!kept->body) {
        free(kept);
        return NULL;
    }
    memcpy(kept->body, body, size);
    kept->size = size;
    return kept;
}

/* To the end of what waits to be told. */
static void keep(struct connection *connection, struct pending *watch, struct pending *kept)
{
    if (!kept) {
        connection_lose(connection, TS_NO_MEMORY, "out of memory for the events of a watch");
        return;
    }
    connection->kept_bytes += kept->size;
    STAILQ_INSERT_TAIL(watch->on_event ? &connection->ready : &watch->kept, kept, ready);
    watch->done = true;
}

void watch_gap(struct connection *connection, struct pending *watch)
{
    keep(connection, watch, kept_new(watch, NULL, 0));
}

/* What comes from now on is dropped, and the daemon is told to end it. false: the connection ended. */
static bool cut_off(struct connection *connection, struct pending *watch)
{
    struct pending *cancel = calloc(1, sizeof(*cancel));

    watch->cut = true;
    if (cancel) {
        cancel->number = ++connection->last_number;
        cancel->client = watch->client;
        cancel->asked.op = TSD_OP_CANCEL;
    }
    if (!cancel || !pending_add(&connection->pending, cancel)) {
        free(cancel);
        connection_lose(connection, TS_NO_MEMORY, "out of memory for the events of a watch");
        return false;
    }
    if (send_cancel(connection, cancel->number, watch->number) != TS_OK) {
        pending_free(pending_take(&connection->pending, cancel->number));
        connection_lose(connection, TS_NO_MEMORY, "out of memory for the events of a watch");
        return false;
    }
    return true;
}

/* The library's own gap. */
static void cut(struct connection *connection, struct pending *watch)
{
    if (cut_off(connection, watch))
        watch_gap(connection, watch);
}

static void take_events(struct connection *connection, struct pending *watch,
                        const struct frame *frame)
{
    if (watch->cut)
        return;
    if (connection->kept_bytes > 0 && connection->kept_bytes + frame->size > KEPT_MOST) {
        cut(connection, watch);
        return;
    }
    keep(connection, watch, kept_new(watch, frame->body, frame->size));
}

/* The answer that ends it is kept for its text; without memory its status alone is. */
static void take_end(struct connection *connection, struct pending *watch,
                     const struct reply *reply, const struct frame *frame)
{
    pending_take(&connection->pending, watch->number);
    if (watch->dropped) {
        pending_free(watch);
        return;
    }
    watch->failed = watch->cut ? TS_LIMIT : reply->status;
    watch->body = watch->cut ? NULL : malloc(frame->size);
    if (watch->body) {
        memcpy(watch->body, frame->body, frame->size);
        watch->size = frame->size;
    }
    connection_settle(connection, watch);
}

void watch_take(struct connection *connection, struct pending *watch, const struct reply *reply,
                const struct frame *frame)
{
    const int count = reply->status == TS_OK ? count_events(reply) : 0;

    if (reply->status != TS_OK)
        take_end(connection, watch, reply, frame);
    else if (count > 0)
        take_events(connection, watch, frame);
    else if (count < 0)
        connection_lose(connection, TS_PROTOCOL, "the daemon's answer to a watch is no events");
}

/* ---- What is told ---- */

static bool next_of_answer(struct pending *kept, struct event *event)
{
    const struct frame frame = {kept->body, kept->size};
    struct problem problem;
    struct reply reply;

    return reply_decode(&frame, &reply, &problem) == 0 &&
           reply_next_event(&reply, &kept->at, event) > 0;
}

/* The next event of a kept answer, which lives as long as that; NULL where there are no more. */
static const ts_event *next_event(struct connection *connection, struct pending *kept)
{
    struct event event = {.kind = TSD_EVENT_GAP};

    if (kept->body ? !next_of_answer(kept, &event) : kept->told)
        return NULL;
    kept->told = true;
    connection->event_tuple = result_tuple(&event.item);
    connection->event = (ts_event){
        .kind = (enum tsd_event)event.kind,
        .tuple = event.item.tuple.size ? &connection->event_tuple : NULL,
        .at = event.has_at ? event.at : 0,
    };
    return &connection->event;
}

/* What the daemon said at the end, if anything. */
static bool end_text(const struct pending *watch, struct span *text)
{
    const struct frame frame = {watch->body, watch->size};
    struct problem problem;
    struct reply reply;

    return watch->body && reply_decode(&frame, &reply, &problem) == 0 &&
           reply_result_text(&reply, text) == 0 && text->size > 0;
}

/* Says how the watch ended, and returns its status. */
static ts_status say_end(struct connection *connection, const struct pending *watch)
{
    const char *why = ts_status_text(watch->failed);
    struct span text;

    if (end_text(watch, &text))
        return connection_fail(connection, watch->failed, "%.*s", (int)text.size,
                               (const char *)text.bytes);
    if (watch->cut && watch->failed == TS_LIMIT)
        why = too_slow;
    else if (connection->status == watch->failed)
        why = connection->why;
    return connection_fail(connection, watch->failed, "%s", why);
}

/* Until a callback has made an end: has disconnected, which told it, or forked, and this is the child. */
static void tell_events(struct connection *connection, struct pending *kept)
{
    const pid_t owner = connection->owner;
    const ts_event *event;

    while (!connection->closing && connection->owner == owner &&
           !connection_is_foreign(connection) && (event = next_event(connection, kept)))
        dispatch_event(connection, kept, TS_OK, event);
}

void watch_tell(struct connection *connection, struct pending *pending)
{
    if (pending->events) {
        connection->kept_bytes -= pending->size;
        tell_events(connection, pending);
    } else {
        dispatch_event(connection, pending, say_end(connection, pending), NULL);
    }
    pending_free(pending);
}

/* ---- The calls ---- */

ts_status ts_watch(ts_client *client, ts_values pattern, const ts_watch_options *options,
                   ts_watch_callback callback, void *arg, uint64_t *number)
{
    static const ts_watch_options defaults;
    ts_status status = client ? connection_check(client->connection) : TS_NO_MEMORY;
    struct pending *watch;

    if (status != TS_OK)
        return status;
    watch = calloc(1, sizeof(*watch));
    if (!watch)
        return connection_fail(client->connection, TS_NO_MEMORY, "out of memory for the watch");
    watch->asked.op = TSD_OP_WATCH;
    watch->on_event = callback;
    watch->arg = arg;
    STAILQ_INIT(&watch->kept);
    status = sync_enter(client, watch);
    if (status == TS_OK)
        status =
            sync_sent(client, watch,
                      send_watch(client, &pattern, options ? options : &defaults, watch->number));
    if (status != TS_OK)
        pending_free(watch);
    else if (number)
        *number = watch->number;
    return status;
}

/* The watch that may be asked; NULL with the error text set. */
static struct pending *find(struct connection *connection, uint64_t number)
{
    struct pending *watch = pending_find(&connection->pending, number);

    if (!watch) {
        STAILQ_FOREACH (watch, &connection->ended, ready)
            if (watch->number == number)
                break;
    }
    if (watch && watch->asked.op == TSD_OP_WATCH && !watch->on_event && !watch->asking)
        return watch;
    connection_fail(connection, TS_INVALID, "%llu is the number of no watch that can be asked",
                    (unsigned long long)number);
    return NULL;
}

/* The next event that is there. What the one before lay in goes. */
static const ts_event *find_event(struct connection *connection, struct pending *watch)
{
    struct pending *kept;

    while ((kept = STAILQ_FIRST(&watch->kept))) {
        const ts_event *event = next_event(connection, kept);
        if (event)
            return event;
        STAILQ_REMOVE_HEAD(&watch->kept, ready);
        connection->kept_bytes -= kept->size;
        pending_free(kept);
    }
    return NULL;
}

static bool has_ended(const struct connection *connection, const struct pending *watch)
{
    return pending_find(&connection->pending, watch->number) != watch;
}

static void forget_kept(struct connection *connection, struct pending *watch)
{
    struct pending *kept;

    while ((kept = STAILQ_FIRST(&watch->kept))) {
        STAILQ_REMOVE_HEAD(&watch->kept, ready);
        connection->kept_bytes -= kept->size;
        pending_free(kept);
    }
}

void watch_drop(struct connection *connection, uint64_t number)
{
    struct pending *watch = find(connection, number);

    if (!watch)
        return;
    forget_kept(connection, watch);
    if (has_ended(connection, watch)) {
        STAILQ_REMOVE(&connection->ended, watch, pending, ready);
        pending_free(watch);
        return;
    }
    watch->dropped = true;
    if (cut_off(connection, watch))
        connection_send(connection);
}

/* Waits until there is something to tell of the watch, for `ms` at most. */
static void await(struct connection *connection, struct pending *watch, int ms)
{
    watch->done = false;
    watch->asking = true;
    if (ms == 0)
        sync_look(connection, watch);
    else
        sync_wait(connection, watch, ms);
    watch->asking = false;
}

static ts_status end_asked(struct connection *connection, struct pending *watch)
{
    ts_status status = say_end(connection, watch);

    STAILQ_REMOVE(&connection->ended, watch, pending, ready);
    pending_free(watch);
    return status;
}

static ts_status ask(struct connection *connection, struct pending *watch, int ms,
                     const ts_event **event)
{
    *event = find_event(connection, watch);
    if (!*event && !has_ended(connection, watch)) {
        await(connection, watch, ms);
        *event = find_event(connection, watch);
    }
    if (*event)
        return TS_OK;
    if (has_ended(connection, watch))
        return end_asked(connection, watch);
    return ms == 0 ? connection_fail(connection, TS_NOMATCH, "no event yet")
                   : connection_fail(connection, TS_TIMEOUT, "timed out: no event yet");
}

ts_status ts_watch_next(ts_client *client, uint64_t number, double timeout, const ts_event **event)
{
    struct connection *connection = client ? client->connection : NULL;
    struct pending *watch;
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    *event = NULL;
    if (connection_is_foreign(connection))
        return connection_check(connection);
    if (!(timeout >= 0))
        return connection_fail(connection, TS_INVALID,
                               "the timeout is %g seconds: it is 0 or more, or TS_FOREVER",
                               timeout);
    watch = find(connection, number);
    if (!watch)
        return TS_INVALID;
    connection_enter(connection);
    status = ask(connection, watch, sync_ms(timeout), event);
    if (status != TS_OK)
        result_set(&connection->last, number, status, connection->error);
    else
        result_set(&connection->last, number, status, ts_status_text(status));
    connection_leave(connection);
    return status;
}

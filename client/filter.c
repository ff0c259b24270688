/* SPDX-License-Identifier: MIT */
/*
 * ts_in_if: any function as a filter (rule S33).
 */
#include <time.h>

#include "client/connection.h"
#include "client/watch.h"

struct filter {
    ts_client *client;
    ts_values pattern;
    bool (*function)(const ts_tuple *tuple, void *arg);
    void *arg;
    double timeout, begun;
    uint64_t watch;
    bool ready; /* all that was stored has been looked at: from here on it waits */
    bool gap;   /* events were lost */
    bool ended; /* the watch has */
};

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What is stored is looked at whatever the timeout is, as ts_in does. */
static double time_left(const struct filter *filter)
{
    double left;

    if (!filter->ready)
        return TS_FOREVER;
    left = filter->timeout - (seconds_now() - filter->begun);
    return left > 0 ? left : 0;
}

/* Takes it if it is still there: TS_NOMATCH, and it goes on. */
static ts_status claim(const struct filter *filter, uint64_t id)
{
    const ts_request request = {.operation = TSD_OP_IN, .pattern = filter->pattern, .id = id};

    return ts_call(filter->client, &request);
}

/* TS_NOMATCH: it is not this one. */
static ts_status look_at(struct filter *filter, const ts_event *event)
{
    filter->gap = event->kind == TSD_EVENT_GAP;
    if (filter->gap || event->kind == TSD_EVENT_READY)
        filter->ready = !filter->gap; /* after a gap all is told once more */
    if (!event->tuple || !filter->function(event->tuple, filter->arg))
        return TS_NOMATCH;
    return claim(filter, event->tuple->id);
}

/* Follows the watch until a tuple is taken, the time is over, or it ends. */
static ts_status follow(struct filter *filter)
{
    const ts_event *event;
    ts_status status;

    do {
        status = ts_watch_next(filter->client, filter->watch, time_left(filter), &event);
        if (status == TS_OK)
            status = look_at(filter, event);
        else if (status == TS_NOMATCH)
            status = TS_TIMEOUT; /* the time was over before it waited */
        else
            filter->ended = status != TS_TIMEOUT;
    } while (status == TS_NOMATCH);
    return status;
}

/* A watch from the start to its end. */
static ts_status try_once(struct filter *filter)
{
    const ts_watch_options options = {.now = true,
                                      .events = 1u << TSD_EVENT_PUT | 1u << TSD_EVENT_RETURNED};
    ts_status status;

    filter->ready = filter->gap = filter->ended = false;
    status = ts_watch(filter->client, filter->pattern, &options, NULL, NULL, &filter->watch);
    if (status != TS_OK) {
        filter->ended = true;
        return status;
    }
    status = follow(filter);
    if (!filter->ended)
        watch_drop(filter->client->connection, filter->watch);
    return status;
}

static ts_status run_out(struct connection *connection, ts_status status)
{
    connection_fail(connection, status, "%s",
                    status == TS_TIMEOUT ? "timed out: no tuple was accepted"
                                         : "no tuple was accepted");
    result_set(&connection->last, connection->last_number, status, connection->error);
    return status;
}

ts_status ts_in_if(ts_client *client, ts_values pattern,
                   bool (*function)(const ts_tuple *tuple, void *arg), void *arg, double timeout)
{
    struct connection *connection = client ? client->connection : NULL;
    struct filter filter = {.client = client,
                            .pattern = pattern,
                            .function = function,
                            .arg = arg,
                            .timeout = timeout,
                            .begun = seconds_now()};
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    if (!function || !(timeout >= 0))
        return connection_fail(connection, TS_INVALID, "ts_in_if without a %s",
                               function ? "timeout of 0 seconds or more" : "function");
    connection_enter(connection);
    do /* where the watch could not keep up it begins anew: none is skipped */
        status = try_once(&filter);
    while (status == TS_LIMIT && filter.ended && filter.gap);
    if (status == TS_TIMEOUT)
        status = run_out(connection, timeout > 0 ? TS_TIMEOUT : TS_NOMATCH);
    if (status == TS_OK)
        status = connection_check(connection); /* else it went back */
    connection_leave(connection);
    return status;
}

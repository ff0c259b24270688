/* SPDX-License-Identifier: MIT */
#include "client/send.h"

#include "client/draft.h"
#include "protocol/limits.h"

enum { KEEP_BYTES = 256 << 10 }; /* of scratch: more is given back */

/* Deliveries up to this one were read: those whose callback has not begun were not (rule S8). */
static uint64_t read_so_far(const struct connection *connection)
{
    const struct pending *first = STAILQ_FIRST(&connection->unread);

    return first ? first->delivery - 1 : connection->received;
}

/* Encodes into the output, whole or not at all. */
static ts_status append(struct connection *connection, const struct request *wire)
{
    struct buffer *out = &connection->out;
    const size_t before = out->size;
    const size_t limit = connection->welcomed ? connection->daemon.frame_bytes : LIMIT_FRAME_BYTES;
    ts_status status = TS_OK;

    request_encode(wire, out);
    if (out->failed)
        status = connection_fail(connection, TS_NO_MEMORY, "out of memory for the request");
    else if (out->size - before - FRAME_HEAD > limit)
        status = connection_fail(connection, TS_LIMIT,
                                 "a request of %zu bytes, the limit on the bytes of a frame is %zu",
                                 out->size - before - FRAME_HEAD, limit);
    if (status != TS_OK) {
        out->size = before;
        out->failed = false;
        return status;
    }
    connection->acknowledged = wire->ack;
    connection->rejoin.appended += out->size - before;
    if (connection->in_hand <= wire->ack)
        connection->in_hand = 0;
    return TS_OK;
}

/* Who is to release a delivery keeps its number back (rule S8). */
static uint64_t ack_of(const struct draft *d)
{
    const struct connection *connection = d->client->connection;
    uint64_t ack = read_so_far(connection);

    if (d->delivery <= ack)
        ack = d->delivery - 1;
    return ack > connection->acknowledged ? ack : connection->acknowledged;
}

/* Appends what was drafted, if that went well. */
static ts_status send_draft(struct draft *d, int error)
{
    struct connection *connection = d->client->connection;
    ts_status status;

    if (error)
        return connection_problem(connection, &d->problem);
    if (d->scratch->failed || d->scratch->size > UINT32_MAX)
        return connection_fail(connection, TS_NO_MEMORY, "out of memory for the request");
    draft_fix(d);
    d->wire.ack = ack_of(d);
    status = append(connection, &d->wire);
    if (d->scratch->capacity > KEEP_BYTES)
        buffer_deinit(d->scratch);
    return status;
}

ts_status send_request(ts_client *client, const ts_request *request, uint64_t number)
{
    struct draft d;

    draft_init(&d, client, request->operation, number);
    return send_draft(&d, draft_request(&d, request));
}

ts_status send_watch(ts_client *client, const ts_values *pattern, const ts_watch_options *options,
                     uint64_t number)
{
    struct draft d;

    draft_init(&d, client, TSD_OP_WATCH, number);
    d.wire.now = options->now;
    d.wire.events = options->events;
    if (options->now)
        d.wire.has |= TSD_HAS(NOW);
    if (options->events)
        d.wire.has |= TSD_HAS(EVENTS);
    return send_draft(&d, draft_pattern(&d, pattern, NULL));
}

ts_status send_close(struct connection *connection, uint64_t number)
{
    struct request wire = {.number = number, .op = TSD_OP_CLOSE};

    wire.ack = read_so_far(connection);
    return append(connection, &wire);
}

ts_status send_cancel(struct connection *connection, uint64_t number, uint64_t target)
{
    const struct request wire = {
        .number = number, .op = TSD_OP_CANCEL, .target = target, .ack = connection->acknowledged};

    return append(connection, &wire);
}

void send_ack(struct connection *connection)
{
    struct request wire = {.op = TSD_OP_ACK}; /* number 0 wants no answer */

    wire.ack = read_so_far(connection);
    if (connection->in_hand && wire.ack >= connection->in_hand)
        wire.ack = connection->in_hand - 1;
    if (wire.ack > connection->acknowledged)
        append(connection, &wire);
}

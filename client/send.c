/* SPDX-License-Identifier: MIT */
#include "client/send.h"

#include <stdlib.h>
#include <string.h>

#include "client/values.h"
#include "protocol/limits.h"
#include "protocol/request.h"

enum { KEEP_BYTES = 256 << 10 }; /* of scratch: more is given back */

/* A request on its way into the wire's form; its parts lie in the connection's scratch buffer. */
struct draft {
    ts_client *client;
    struct buffer *scratch;
    struct request wire;
    size_t offsets[LIMIT_ALTERNATIVES]; /* of the patterns in scratch */
    struct problem problem;
};

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
    if (connection->in_hand <= wire->ack)
        connection->in_hand = 0;
    return TS_OK;
}

static int add_tuple(struct draft *d, const ts_values *tuple)
{
    const struct connection *connection = d->client->connection;
    const size_t limit = connection->welcomed ? connection->daemon.tuple_bytes : LIMIT_TUPLE_BYTES;
    const size_t before = d->scratch->size;
    int error = values_encode_tuple(tuple, d->scratch, &d->problem);

    if (!error && d->scratch->size - before > limit)
        error = problem_set(&d->problem, TS_LIMIT, 0,
                            "%zu bytes, the limit on the bytes of a tuple is %zu",
                            d->scratch->size - before, limit);
    return error;
}

static int add_tuples(struct draft *d, const ts_request *request)
{
    if (request->tuple_count == 0)
        return problem_set(&d->problem, TS_INVALID, 0, "no tuple to put");
    if (request->tuple_count > LIMIT_UNIT_TUPLES)
        return problem_set(&d->problem, TS_LIMIT, 0,
                           "%zu tuples, the limit on the tuples of one unit is %d",
                           request->tuple_count, LIMIT_UNIT_TUPLES);
    for (size_t i = 0; i < request->tuple_count; i++) {
        int error = add_tuple(d, &request->tuples[i]);
        if (error) {
            if (request->tuple_count > 1)
                problem_within(&d->problem, "tuple %zu", i + 1);
            return error;
        }
    }
    if (request->priority < INT8_MIN || request->priority > INT8_MAX)
        return problem_set(&d->problem, TS_INVALID, 0, "priority %d is not from -128 to 127",
                           request->priority);
    d->wire.tuple_count = (uint32_t)request->tuple_count;
    d->wire.priority = (int8_t)request->priority;
    if (request->priority != 0)
        d->wire.has |= TSD_HAS(PRIORITY);
    return 0;
}

/* Where patterns that are encoded already are checked; NULL without memory. */
static struct pattern_room *room_of(struct connection *connection)
{
    if (!connection->room)
        connection->room = malloc(sizeof(*connection->room));
    return connection->room;
}

static int add_pattern(struct draft *d, const ts_values *pattern, const char *space)
{
    struct connection *connection = d->client->connection;
    struct alternative *alternative = &d->wire.alternatives[d->wire.alternative_count];
    const size_t before = d->scratch->size;
    int error;

    if (pattern->encoded.bytes && !room_of(connection))
        return problem_set(&d->problem, TS_NO_MEMORY, 0, "out of memory for the pattern");
    alternative->space =
        space ? (struct span){(const uint8_t *)space, (uint32_t)strlen(space)} : d->wire.space;
    error = values_encode_pattern(pattern, connection->room, d->scratch, &d->problem);
    d->offsets[d->wire.alternative_count++] = before;
    alternative->pattern.size = (uint32_t)(d->scratch->size - before);
    return error;
}

static int add_patterns(struct draft *d, const ts_request *request)
{
    int error = add_pattern(d, &request->pattern, NULL);

    if (!error && request->alternative_count >= LIMIT_ALTERNATIVES)
        return problem_set(&d->problem, TS_LIMIT, 0, "%zu further alternatives, the limit is %d",
                           request->alternative_count, LIMIT_ALTERNATIVES - 1);
    for (size_t i = 0; !error && i < request->alternative_count; i++) {
        error = add_pattern(d, &request->alternatives[i].pattern, request->alternatives[i].space);
        if (error)
            problem_within(&d->problem, "alternative %zu", i + 1);
    }
    if (request->alternative_count > 0)
        d->wire.has |= TSD_HAS(ALTERNATIVES);
    return error;
}

/*
 * Seconds to microseconds: upwards, so that a little is not nothing; what is beyond counting waits for
 * ever, and NaN is not 0 or more.
 */
static int add_timeout(struct draft *d, double seconds)
{
    const double exact = seconds * 1e6;

    if (!(seconds >= 0))
        return problem_set(&d->problem, TS_INVALID, 0,
                           "the timeout is %g seconds: it is 0 or more, or TS_FOREVER", seconds);
    if (exact >= 1e18)
        return 0;
    d->wire.timeout_us = (uint64_t)exact;
    if ((double)d->wire.timeout_us < exact)
        d->wire.timeout_us++;
    d->wire.has |= TSD_HAS(TIMEOUT);
    return 0;
}

static int add_counts(struct draft *d, const ts_request *request)
{
    if (request->max && request->min > request->max)
        return problem_set(&d->problem, TS_INVALID, 0, "min is %u, more than max, %u", request->min,
                           request->max);
    d->wire.min = request->min;
    d->wire.max = request->max;
    if (request->min)
        d->wire.has |= TSD_HAS(MIN);
    if (request->max)
        d->wire.has |= TSD_HAS(MAX);
    return 0;
}

static int add_matching(struct draft *d, const ts_request *request)
{
    int error = add_patterns(d, request);

    if (!error)
        error = add_timeout(d, request->timeout);
    if (!error)
        error = add_counts(d, request);
    d->wire.id = request->id;
    if (request->id)
        d->wire.has |= TSD_HAS(ID);
    return error;
}

static int add_scan(struct draft *d, const ts_request *request)
{
    d->wire.max = request->max;
    if (request->max)
        d->wire.has |= TSD_HAS(MAX);
    d->wire.reverse = request->reverse;
    if (request->reverse)
        d->wire.has |= TSD_HAS(REVERSE);
    if (request->cursor && request->cursor->started) {
        d->wire.cursor = (struct place){request->cursor->priority, request->cursor->id};
        d->wire.has |= TSD_HAS(CURSOR);
    }
    return add_pattern(d, &request->pattern, NULL);
}

static int add_after(struct draft *d, const char *name)
{
    if (!name)
        return 0;
    d->wire.after = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
    d->wire.has |= TSD_HAS(AFTER);
    return 0;
}

static int add_fields(struct draft *d, const ts_request *request)
{
    switch (request->operation) {
    case TSD_OP_OUT:
        return add_tuples(d, request);
    case TSD_OP_IN:
    case TSD_OP_RD:
        return add_matching(d, request);
    case TSD_OP_COUNT:
        return add_pattern(d, &request->pattern, NULL);
    case TSD_OP_SCAN:
        return add_scan(d, request);
    case TSD_OP_CANCEL:
        d->wire.target = request->number;
        return 0;
    case TSD_OP_SPACES:
        return add_after(d, request->after);
    case TSD_OP_ACK:
    case TSD_OP_PING:
        return 0;
    default:
        return problem_set(&d->problem, TS_INVALID, 0, "no operation has the number %d",
                           (int)request->operation);
    }
}

/* What lies in scratch does not move any more. */
static void fix_pointers(struct draft *d)
{
    for (uint32_t i = 0; i < d->wire.alternative_count; i++)
        d->wire.alternatives[i].pattern.bytes = d->scratch->bytes + d->offsets[i];
    d->wire.tuples = (struct span){d->scratch->bytes, (uint32_t)d->scratch->size};
}

ts_status send_request(ts_client *client, const ts_request *request, uint64_t number)
{
    struct connection *connection = client->connection;
    struct draft d;
    int error;

    /* not the whole draft: most of it is room for alternatives */
    d.client = client;
    d.scratch = &connection->scratch;
    d.wire.number = number;
    d.wire.op = request->operation;
    d.wire.ack = read_so_far(connection);
    d.wire.has = 0;
    d.wire.space = (struct span){(const uint8_t *)client->name, (uint32_t)client->name_size};
    d.wire.alternative_count = 0;
    buffer_clear(d.scratch);
    error = add_fields(&d, request);
    if (error)
        return connection_problem(connection, &d.problem);
    if (d.scratch->failed || d.scratch->size > UINT32_MAX)
        return connection_fail(connection, TS_NO_MEMORY, "out of memory for the request");
    fix_pointers(&d);
    ts_status status = append(connection, &d.wire);
    if (d.scratch->capacity > KEEP_BYTES)
        buffer_deinit(d.scratch);
    return status;
}

ts_status send_close(struct connection *connection, uint64_t number)
{
    struct request wire = {.number = number, .op = TSD_OP_CLOSE};

    wire.ack = read_so_far(connection);
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

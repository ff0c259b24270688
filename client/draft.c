/* SPDX-License-Identifier: MIT */
#include "client/draft.h"

#include <stdlib.h>
#include <string.h>

#include "client/values.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

void draft_init(struct draft *d, ts_client *client, enum tsd_operation op, uint64_t number)
{
    /* not the whole draft: most of it is room for patterns, of which only what is added is read */
    const size_t counted = offsetof(struct request, alternative_count);

    d->client = client;
    d->scratch = &client->connection->scratch;
    buffer_clear(d->scratch);
    memset(&d->wire, 0, offsetof(struct request, alternatives));
    memset((char *)&d->wire + counted, 0, sizeof(d->wire) - counted);
    d->wire.number = number;
    d->wire.op = op;
    d->wire.space = (struct span){(const uint8_t *)client->name, (uint32_t)client->name_size};
    d->tuples = d->tokens = d->body = (struct part){0, 0};
    d->delivery = UINT64_MAX;
}

int draft_tuple(struct draft *d, const ts_values *tuple)
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
    if (request->tuple_count > LIMIT_UNIT_TUPLES)
        return problem_set(&d->problem, TS_LIMIT, 0,
                           "%zu tuples, the limit on the tuples of one unit is %d",
                           request->tuple_count, LIMIT_UNIT_TUPLES);
    d->tuples.at = d->scratch->size;
    for (size_t i = 0; i < request->tuple_count; i++) {
        int error = draft_tuple(d, &request->tuples[i]);
        if (error) {
            if (request->tuple_count > 1)
                problem_within(&d->problem, "tuple %zu", i + 1);
            return error;
        }
    }
    d->tuples.size = d->scratch->size - d->tuples.at;
    d->wire.tuple_count = (uint32_t)request->tuple_count;
    return 0;
}

/* Where patterns that are encoded already are checked; NULL without memory. */
static struct pattern_room *room_of(struct connection *connection)
{
    if (!connection->room)
        connection->room = malloc(sizeof(*connection->room));
    return connection->room;
}

int draft_pattern(struct draft *d, const ts_values *pattern, const char *space)
{
    struct connection *connection = d->client->connection;
    struct alternative *alternative = &d->wire.alternatives[d->wire.alternative_count];
    const size_t before = d->scratch->size;
    int error;

    if (pattern->encoded.bytes && !room_of(connection))
        return problem_set(&d->problem, TS_NO_MEMORY, 0, "out of memory for the pattern");
    alternative->space = space ? span_of(space) : d->wire.space;
    error = values_encode_pattern(pattern, connection->room, d->scratch, &d->problem);
    d->patterns[d->wire.alternative_count++] = before;
    alternative->pattern.size = (uint32_t)(d->scratch->size - before);
    return error;
}

static int add_patterns(struct draft *d, const ts_request *request)
{
    int error = draft_pattern(d, &request->pattern, NULL);

    if (!error && request->alternative_count >= LIMIT_ALTERNATIVES)
        return problem_set(&d->problem, TS_LIMIT, 0, "%zu further alternatives, the limit is %d",
                           request->alternative_count, LIMIT_ALTERNATIVES - 1);
    for (size_t i = 0; !error && i < request->alternative_count; i++) {
        error = draft_pattern(d, &request->alternatives[i].pattern, request->alternatives[i].space);
        if (error)
            problem_within(&d->problem, "alternative %zu", i + 1);
    }
    if (request->alternative_count > 0)
        d->wire.has |= TSD_HAS(ALTERNATIVES);
    return error;
}

int draft_duration(struct draft *d, const char *what, double seconds, uint64_t *us)
{
    const double exact = seconds * 1e6;

    if (!(seconds >= 0))
        return problem_set(&d->problem, TS_INVALID, 0,
                           "the %s is %g seconds: it is 0 or more, or TS_FOREVER", what, seconds);
    if (exact >= 1e18)
        return 1;
    *us = (uint64_t)exact;
    if ((double)*us < exact)
        ++*us;
    return 0;
}

/* What is beyond counting waits for ever. */
static int add_timeout(struct draft *d, double seconds)
{
    int result = draft_duration(d, "timeout", seconds, &d->wire.timeout_us);

    if (result == 0)
        d->wire.has |= TSD_HAS(TIMEOUT);
    return result < 0 ? result : 0;
}

/* Of what waits for nothing but room: 0 waits for ever, as zeroes are the defaults. */
static int add_room_timeout(struct draft *d, const ts_request *request)
{
    if (request->no_wait && request->timeout != 0)
        return problem_set(&d->problem, TS_INVALID, 0,
                           "no_wait, and a timeout of %g seconds: it is one of the two",
                           request->timeout);
    return request->no_wait || request->timeout != 0 ? add_timeout(d, request->timeout) : 0;
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

/* Of operations that go over all that match. */
static int add_walk(struct draft *d, const ts_request *request)
{
    d->wire.max = request->max;
    if (request->max)
        d->wire.has |= TSD_HAS(MAX);
    return draft_pattern(d, &request->pattern, NULL);
}

/* A walk that goes on somewhere. */
static int add_piece(struct draft *d, const ts_request *request)
{
    if (request->cursor && request->cursor->started) {
        d->wire.cursor = (struct place){request->cursor->priority, request->cursor->id};
        d->wire.has |= TSD_HAS(CURSOR);
    }
    return add_walk(d, request);
}

static int add_scan(struct draft *d, const ts_request *request)
{
    d->wire.reverse = request->reverse;
    if (request->reverse)
        d->wire.has |= TSD_HAS(REVERSE);
    return add_piece(d, request);
}

static int add_explain(struct draft *d, const ts_request *request)
{
    int error = add_walk(d, request);

    if (error || request->tuple_count == 0)
        return error;
    if (request->tuple_count > 1)
        return problem_set(&d->problem, TS_INVALID, 0, "%zu tuples, where one is explained",
                           request->tuple_count);
    d->wire.has |= TSD_HAS(TUPLE);
    return add_tuples(d, request);
}

static int add_out(struct draft *d, const ts_request *request)
{
    int error;

    if (request->tuple_count == 0)
        return problem_set(&d->problem, TS_INVALID, 0, "no tuple to put");
    error = add_tuples(d, request);
    return error ? error : add_room_timeout(d, request);
}

static int add_finish(struct draft *d, const ts_request *request)
{
    int error = draft_tokens(d, request->tokens, request->token_count);

    if (!error)
        error = add_tuples(d, request);
    return error ? error : add_room_timeout(d, request);
}

static int add_renew(struct draft *d, const ts_request *request)
{
    int result = draft_duration(d, "hold_time", request->hold_time, &d->wire.duration_us);

    if (result > 0)
        return problem_set(&d->problem, TS_INVALID, 0,
                           "the hold_time of a renewal is for ever: it is to have an end");
    return result ? result : draft_tokens(d, request->tokens, request->token_count);
}

static int add_drained(struct draft *d, const ts_request *request)
{
    int error = draft_pattern(d, &request->pattern, NULL);

    return error ? error : add_timeout(d, request->timeout);
}

static int add_guarded(struct draft *d, const ts_request *request)
{
    int error = draft_atomic(d, request);

    return error ? error : add_timeout(d, request->timeout);
}

static void add_access(struct draft *d, const ts_attributes *attributes)
{
    d->wire.owner = attributes->owner;
    d->wire.group = attributes->group;
    d->wire.mode = attributes->mode;
    d->wire.existing = attributes->existing;
    if (attributes->set_owner)
        d->wire.has |= TSD_HAS(OWNER);
    if (attributes->set_group)
        d->wire.has |= TSD_HAS(GROUP);
    if (attributes->set_mode)
        d->wire.has |= TSD_HAS(MODE);
    if (attributes->existing)
        d->wire.has |= TSD_HAS(EXISTING);
}

static int add_attributes(struct draft *d, const ts_attributes *attributes)
{
    if (!attributes)
        return 0;
    d->wire.capacity = attributes->capacity;
    d->wire.max_returns = attributes->max_returns;
    if (attributes->set_capacity)
        d->wire.has |= TSD_HAS(CAPACITY);
    if (attributes->set_max_returns)
        d->wire.has |= TSD_HAS(MAX_RETURNS);
    if (attributes->dead_letter) {
        d->wire.dead_letter = span_of(attributes->dead_letter);
        d->wire.has |= TSD_HAS(DEAD_LETTER);
    }
    add_access(d, attributes);
    return 0;
}

static int add_beyond(struct draft *d, const uint64_t *number)
{
    if (!number)
        return 0;
    d->wire.beyond = *number;
    d->wire.has |= TSD_HAS(BEYOND);
    return 0;
}

static int add_after(struct draft *d, const char *name)
{
    if (!name)
        return 0;
    d->wire.after = span_of(name);
    d->wire.has |= TSD_HAS(AFTER);
    return 0;
}

static int add_arguments(struct draft *d, const ts_request *request)
{
    switch (request->operation) {
    case TSD_OP_OUT:
        return add_out(d, request);
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        return add_matching(d, request);
    case TSD_OP_COUNT:
        return draft_pattern(d, &request->pattern, NULL);
    case TSD_OP_SCAN:
        return add_scan(d, request);
    case TSD_OP_COLLECT:
        return add_walk(d, request);
    case TSD_OP_COPY:
        return add_piece(d, request);
    case TSD_OP_FINISH:
        return add_finish(d, request);
    case TSD_OP_RELEASE:
        return draft_tokens(d, request->tokens, request->token_count);
    case TSD_OP_RENEW:
        return add_renew(d, request);
    case TSD_OP_ATOMIC:
        return add_guarded(d, request);
    case TSD_OP_DRAINED:
        return add_drained(d, request);
    case TSD_OP_WILL:
        return add_tuples(d, request);
    case TSD_OP_SPACE:
        return add_attributes(d, request->attributes);
    case TSD_OP_CANCEL:
    case TSD_OP_KILL:
        d->wire.target = request->number;
        return 0;
    case TSD_OP_SPACES:
    case TSD_OP_STATS:
        return add_after(d, request->after);
    case TSD_OP_CLIENTS:
    case TSD_OP_USERS:
        return add_beyond(d, request->beyond);
    case TSD_OP_EXPLAIN:
        return add_explain(d, request);
    case TSD_OP_ACK:
    case TSD_OP_PING:
    case TSD_OP_REMOVE:
        return 0;
    case TSD_OP_WATCH:
        return problem_set(&d->problem, TS_INVALID, 0, "a watch has many answers: use ts_watch");
    default:
        return problem_set(&d->problem, TS_INVALID, 0, "no operation has the number %d",
                           (int)request->operation);
    }
}

int draft_request(struct draft *d, const ts_request *request)
{
    int error = add_arguments(d, request);

    return error ? error : draft_options(d, request);
}

static struct span part_span(const struct draft *d, const struct part *part)
{
    return part->size ? (struct span){d->scratch->bytes + part->at, (uint32_t)part->size}
                      : (struct span){NULL, 0};
}

void draft_fix(struct draft *d)
{
    for (uint32_t i = 0; i < d->wire.alternative_count; i++)
        d->wire.alternatives[i].pattern.bytes = d->scratch->bytes + d->patterns[i];
    d->wire.tuples = part_span(d, &d->tuples);
    d->wire.tokens = part_span(d, &d->tokens);
    d->wire.body = part_span(d, &d->body);
}

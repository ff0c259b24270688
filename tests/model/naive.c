/* SPDX-License-Identifier: MIT */
#include "naive.h"

#include <stdlib.h>
#include <string.h>

#include "generate.h"

enum state { STORED, KEPT };

struct tuple {
    uint64_t id;
    int8_t priority;
    int space;
    enum state state;
    uint64_t session, delivery; /* of a kept one */
    uint32_t returns;
    uint32_t bytes; /* as encoded */
    struct naive_tuple is;
};

struct wait {
    uint64_t session, since, deadline;
    struct naive_request request;
};

struct session {
    uint64_t number, delivered;
};

struct naive {
    uint64_t now, position, reply_bytes;
    struct tuple *tuples; /* in the order of place */
    int tuple_count, tuple_room;
    struct wait *waits; /* in the order of since */
    int wait_count, wait_room;
    struct session sessions[64];
    int session_count;
    struct buffer *trace;
};

/* What a request gets. */
struct got {
    int index[NAIVE_UNIT * 8], of[NAIVE_UNIT * 8];
    int count;
    bool more;
};

struct naive *naive_new(uint64_t reply_bytes)
{
    struct naive *naive = calloc(1, sizeof *naive);
    naive->reply_bytes = reply_bytes;
    return naive;
}

void naive_free(struct naive *naive)
{
    free(naive->tuples);
    free(naive->waits);
    free(naive);
}

static bool is_number(const struct naive_value *value)
{
    return value->kind == NAIVE_INT || value->kind == NAIVE_FLOAT;
}

static bool equal(const struct naive_value *a, const struct naive_value *b)
{
    if (is_number(a) && is_number(b))
        return a->number == b->number;
    return a->kind == b->kind && a->number == b->number;
}

static bool at_least(const struct naive_value *value, const struct naive_value *low)
{
    if (is_number(value) && is_number(low))
        return value->number >= low->number;
    return value->kind == NAIVE_STR && low->kind == NAIVE_STR && value->number >= low->number;
}

static bool matcher_matches(const struct naive_matcher *matcher, const struct naive_value *value)
{
    switch (matcher->op) {
    case TSD_M_ANY:
        return true;
    case TSD_M_EQ:
        return equal(value, &matcher->value);
    case TSD_M_NE:
        return !equal(value, &matcher->value);
    case TSD_M_INT:
        return value->kind == NAIVE_INT;
    case TSD_M_STR:
        return value->kind == NAIVE_STR;
    case TSD_M_NUM:
        return is_number(value);
    case TSD_M_GE:
        return at_least(value, &matcher->value);
    case TSD_M_RANGE:
        return at_least(value, &matcher->value) && at_least(&matcher->high, value);
    default:
        abort();
    }
}

static bool pattern_matches(const struct naive_pattern *pattern, const struct naive_tuple *tuple)
{
    if (pattern->rest ? tuple->fields < pattern->fields : tuple->fields != pattern->fields)
        return false;
    for (int i = 0; i < pattern->fields; i++)
        if (!matcher_matches(&pattern->matchers[i], &tuple->values[i]))
            return false;
    return true;
}

/* The first part that the tuple matches, -1: none. */
static int part_matching(const struct naive_request *request, const struct tuple *tuple)
{
    if (tuple->state != STORED || (request->by_id && tuple->id != request->id))
        return -1;
    for (int i = 0; i < request->part_count; i++)
        if (request->parts[i].space == tuple->space &&
            pattern_matches(&request->parts[i].pattern, &tuple->is))
            return i;
    return -1;
}

/* rule S17: whether at least min match; what is got is what fits, oldest first. */
static bool gather(const struct naive *naive, const struct naive_request *request, struct got *got)
{
    uint32_t matched = 0;
    uint64_t bytes = 0;
    *got = (struct got){.count = 0};
    for (int i = 0; i < naive->tuple_count; i++) {
        const struct tuple *tuple = &naive->tuples[i];
        const int of = part_matching(request, tuple);
        if (of < 0)
            continue;
        matched++;
        if (got->count > 0 && (got->more || (uint32_t)got->count == request->max ||
                               bytes + tuple->bytes > naive->reply_bytes)) {
            got->more = true;
            continue;
        }
        got->index[got->count] = i;
        got->of[got->count++] = of;
        bytes += tuple->bytes;
    }
    got->more = got->more && request->counted;
    return matched >= request->min;
}

static void place(struct naive *naive, const struct tuple *tuple)
{
    int at = naive->tuple_count;
    if (naive->tuple_count == naive->tuple_room) {
        naive->tuple_room = naive->tuple_room * 2 + 64;
        naive->tuples = realloc(naive->tuples, (size_t)naive->tuple_room * sizeof *naive->tuples);
    }
    while (at > 0 && (naive->tuples[at - 1].priority < tuple->priority ||
                      (naive->tuples[at - 1].priority == tuple->priority &&
                       naive->tuples[at - 1].id > tuple->id)))
        at--;
    memmove(&naive->tuples[at + 1], &naive->tuples[at],
            (size_t)(naive->tuple_count - at) * sizeof *tuple);
    naive->tuples[at] = *tuple;
    naive->tuple_count++;
}

static void drop(struct naive *naive, int at)
{
    naive->tuple_count--;
    memmove(&naive->tuples[at], &naive->tuples[at + 1],
            (size_t)(naive->tuple_count - at) * sizeof naive->tuples[0]);
}

static struct session *session_of(struct naive *naive, uint64_t number)
{
    for (int i = 0; i < naive->session_count; i++)
        if (naive->sessions[i].number == number)
            return &naive->sessions[i];
    abort();
}

static void say(struct naive *naive, uint64_t session, const struct naive_request *request,
                enum ts_status status, uint64_t since, uint64_t at)
{
    buffer_printf(naive->trace, "%d.%d %s status %d since %d at %d", (int)session,
                  (int)request->number, operation_text(request->op), (int)status, (int)since,
                  (int)at);
}

static void give(struct naive *naive, uint64_t session, const struct naive_request *request,
                 uint64_t since, uint64_t at, const struct got *got)
{
    say(naive, session, request, TS_OK, since, at);
    if (request->op == TSD_OP_IN)
        buffer_printf(naive->trace, " delivery %d", (int)++session_of(naive, session)->delivered);
    for (int i = 0; i < got->count; i++) {
        struct tuple *tuple = &naive->tuples[got->index[i]];
        buffer_printf(naive->trace, " #%d/%d/%d", (int)tuple->id, got->of[i], (int)tuple->returns);
        if (request->op == TSD_OP_IN) {
            tuple->state = KEPT;
            tuple->session = session;
            tuple->delivery = session_of(naive, session)->delivered;
        }
    }
    buffer_printf(naive->trace, "%s\n", got->more ? " more" : "");
}

static void wait_end(struct naive *naive, int at)
{
    naive->wait_count--;
    memmove(&naive->waits[at], &naive->waits[at + 1],
            (size_t)(naive->wait_count - at) * sizeof naive->waits[0]);
}

/* Serves the oldest waiting request of this operation that can be; whether one was. */
static bool serve_one(struct naive *naive, enum tsd_operation op)
{
    struct got got;
    for (int i = 0; i < naive->wait_count; i++) {
        const struct wait wait = naive->waits[i];
        if (wait.request.op != op || !gather(naive, &wait.request, &got))
            continue;
        give(naive, wait.session, &wait.request, wait.since, ++naive->position, &got);
        wait_end(naive, i);
        return true;
    }
    return false;
}

/* rule S2 */
static void settle(struct naive *naive)
{
    do {
        while (serve_one(naive, TSD_OP_RD))
            ;
    } while (serve_one(naive, TSD_OP_IN));
}

static void begin(struct naive *naive, uint64_t now, struct buffer *trace)
{
    naive->now = now;
    naive->trace = trace;
    for (;;) {
        int next = -1;
        for (int i = 0; i < naive->wait_count; i++)
            if (naive->waits[i].deadline <= now &&
                (next < 0 || naive->waits[i].deadline < naive->waits[next].deadline))
                next = i;
        if (next < 0)
            return;
        const struct wait wait = naive->waits[next];
        say(naive, wait.session, &wait.request, TS_TIMEOUT, wait.since, ++naive->position);
        buffer_printf(trace, "\n");
        wait_end(naive, next);
    }
}

static void acknowledge(struct naive *naive, uint64_t session, uint64_t ack)
{
    for (int i = naive->tuple_count - 1; i >= 0; i--)
        if (naive->tuples[i].state == KEPT && naive->tuples[i].session == session &&
            naive->tuples[i].delivery <= ack)
            drop(naive, i);
}

void naive_comes(struct naive *naive, uint64_t now, uint64_t session, struct buffer *trace)
{
    begin(naive, now, trace);
    naive->sessions[naive->session_count++] = (struct session){.number = session};
}

void naive_ends(struct naive *naive, uint64_t now, uint64_t session, uint64_t ack, bool goodbye,
                struct buffer *trace)
{
    begin(naive, now, trace);
    acknowledge(naive, session, ack);
    naive->position++;
    for (int i = naive->wait_count - 1; i >= 0; i--)
        if (naive->waits[i].session == session)
            wait_end(naive, i);
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = &naive->tuples[i];
        if (tuple->state == KEPT && tuple->session == session) {
            tuple->state = STORED;
            tuple->returns += !goodbye;
        }
    }
    *session_of(naive, session) = naive->sessions[naive->session_count - 1];
    naive->session_count--;
    settle(naive);
}

void naive_ack(struct naive *naive, uint64_t now, uint64_t session, uint64_t ack,
               struct buffer *trace)
{
    begin(naive, now, trace);
    acknowledge(naive, session, ack);
}

void naive_tick(struct naive *naive, uint64_t now, struct buffer *trace)
{
    begin(naive, now, trace);
}

static void do_out(struct naive *naive, uint64_t session, const struct naive_request *request)
{
    const uint64_t first = naive->position + 1;
    say(naive, session, request, TS_OK, first, first);
    buffer_printf(naive->trace, " value %d\n", (int)first);
    for (int i = 0; i < request->tuple_count; i++) {
        const struct tuple tuple = {.id = ++naive->position,
                                    .priority = request->priority,
                                    .space = request->space,
                                    .is = request->tuples[i],
                                    .bytes = generate_tuple_bytes(&request->tuples[i])};
        place(naive, &tuple);
    }
    settle(naive);
}

static void do_take(struct naive *naive, uint64_t session, const struct naive_request *request)
{
    struct got got;
    const uint64_t since = ++naive->position;
    if (gather(naive, request, &got)) {
        give(naive, session, request, since, since, &got);
        return;
    }
    if (request->has_timeout && request->timeout_us == 0) {
        say(naive, session, request, TS_NOMATCH, since, since);
        buffer_printf(naive->trace, "\n");
        return;
    }
    if (naive->wait_count == naive->wait_room) {
        naive->wait_room = naive->wait_room * 2 + 16;
        naive->waits = realloc(naive->waits, (size_t)naive->wait_room * sizeof *naive->waits);
    }
    naive->waits[naive->wait_count++] = (struct wait){
        .session = session,
        .since = since,
        .deadline = request->has_timeout ? naive->now + request->timeout_us * 1000 : UINT64_MAX,
        .request = *request};
}

static void do_cancel(struct naive *naive, uint64_t session, const struct naive_request *request)
{
    const uint64_t since = ++naive->position;
    enum ts_status status = TS_NOMATCH;
    for (int i = 0; i < naive->wait_count && status == TS_NOMATCH; i++) {
        const struct wait wait = naive->waits[i];
        if (wait.session != session || wait.request.number != request->target)
            continue;
        say(naive, session, &wait.request, TS_CANCELLED, wait.since, ++naive->position);
        buffer_printf(naive->trace, "\n");
        wait_end(naive, i);
        status = TS_OK;
    }
    say(naive, session, request, status, since, since);
    buffer_printf(naive->trace, "\n");
}

static void do_count(struct naive *naive, uint64_t session, const struct naive_request *request)
{
    int count = 0;
    for (int i = 0; i < naive->tuple_count; i++)
        count += part_matching(request, &naive->tuples[i]) >= 0;
    const uint64_t since = ++naive->position;
    say(naive, session, request, TS_OK, since, since);
    buffer_printf(naive->trace, " value %d\n", count);
}

/* Whether the tuple comes after the cursor. */
static bool after_cursor(const struct naive_request *request, const struct tuple *tuple)
{
    if (!request->has_cursor)
        return true;
    if (tuple->priority != request->cursor_priority)
        return (tuple->priority < request->cursor_priority) != request->reverse;
    if (tuple->id == request->cursor_id)
        return false;
    return (tuple->id > request->cursor_id) != request->reverse;
}

static void do_scan(struct naive *naive, uint64_t session, const struct naive_request *request)
{
    const uint64_t since = ++naive->position;
    uint64_t bytes = 0;
    uint32_t given = 0;
    say(naive, session, request, TS_OK, since, since);
    for (int i = 0; i < naive->tuple_count; i++) {
        const struct tuple *tuple =
            &naive->tuples[request->reverse ? naive->tuple_count - 1 - i : i];
        /* Only stored ones of a fitting space are looked at: the cursor stands on the last of them. */
        if (!after_cursor(request, tuple) || part_matching(request, tuple) < 0)
            continue;
        if (given > 0 && (given == request->max || bytes + tuple->bytes > naive->reply_bytes)) {
            buffer_printf(naive->trace, " next");
            break;
        }
        buffer_printf(naive->trace, " #%d/0/%d", (int)tuple->id, (int)tuple->returns);
        bytes += tuple->bytes;
        given++;
    }
    buffer_printf(naive->trace, "\n");
}

void naive_request(struct naive *naive, uint64_t now, uint64_t session,
                   const struct naive_request *request, struct buffer *trace)
{
    begin(naive, now, trace);
    acknowledge(naive, session, request->ack);
    switch (request->op) {
    case TSD_OP_OUT:
        do_out(naive, session, request);
        break;
    case TSD_OP_IN:
    case TSD_OP_RD:
        do_take(naive, session, request);
        break;
    case TSD_OP_CANCEL:
        do_cancel(naive, session, request);
        break;
    case TSD_OP_COUNT:
        do_count(naive, session, request);
        break;
    case TSD_OP_SCAN:
        do_scan(naive, session, request);
        break;
    default:
        abort();
    }
}

uint64_t naive_delivered(const struct naive *naive, uint64_t session)
{
    return session_of((struct naive *)naive, session)->delivered;
}

uint64_t naive_waiting(const struct naive *naive, uint64_t session, uint64_t nth)
{
    uint64_t found = 0;
    for (int i = 0; i < naive->wait_count; i++)
        if (naive->waits[i].session == session) {
            found = naive->waits[i].request.number;
            if (nth-- == 0)
                break;
        }
    return found;
}

uint64_t naive_some_id(const struct naive *naive, uint64_t nth)
{
    return naive->tuple_count ? naive->tuples[nth % (uint64_t)naive->tuple_count].id : 0;
}

uint64_t naive_stored(const struct naive *naive)
{
    uint64_t stored = 0;
    for (int i = 0; i < naive->tuple_count; i++)
        stored += naive->tuples[i].state == STORED;
    return stored;
}

uint64_t naive_due(const struct naive *naive)
{
    uint64_t due = UINT64_MAX;
    for (int i = 0; i < naive->wait_count; i++)
        if (naive->waits[i].deadline < due)
            due = naive->waits[i].deadline;
    return due;
}

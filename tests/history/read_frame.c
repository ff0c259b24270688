/* SPDX-License-Identifier: MIT */
#include "history/read_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/match.h"
#include "protocol/reply.h"
#include "protocol/value.h"

static struct span copy_span(struct history *history, struct span span)
{
    return history_copy(history, span.bytes, span.size);
}

static int space_of(struct history *history, struct span name)
{
    return name.size ? history_space(history, name.bytes, name.size) : NO_SPACE;
}

static void read_tuples(struct history *history, struct op *op, const struct request *request)
{
    const uint8_t *p = request->tuples.bytes;
    op->tuple_count = request->tuple_count;
    op->tuples = history_alloc(history, (op->tuple_count + 1) * sizeof *op->tuples);
    for (uint32_t i = 0; i < op->tuple_count; i++) {
        const uint8_t *end = value_skip_trusted(p);
        op->tuples[i] = history_copy(history, p, (size_t)(end - p));
        p = end;
    }
}

static void read_tokens(struct history *history, struct op *op, const struct request *request)
{
    const uint8_t *p = request->tokens.bytes;
    op->token_count = request->token_count;
    op->tokens = history_alloc(history, (op->token_count + 1) * sizeof *op->tokens);
    for (uint32_t i = 0; i < op->token_count; i++)
        op->tokens[i] = token_next(&p);
}

static bool read_parts(struct history *history, struct op *op, const struct request *request)
{
    op->part_count = request->alternative_count;
    op->parts = history_alloc(history, (op->part_count + 1) * sizeof *op->parts);
    for (uint32_t i = 0; i < op->part_count; i++) {
        const struct alternative *alternative = &request->alternatives[i];
        const struct guard *guard = &request->guards[i];
        op->parts[i].space = space_of(history, alternative->space);
        op->parts[i].pattern =
            history_copy(history, alternative->pattern.bytes, alternative->pattern.size);
        if (pattern_unknown(op->parts[i].pattern))
            return false;
        if (op->kind == TSD_OP_ATOMIC) {
            op->parts[i].guard = guard->kind;
            op->parts[i].timed = guard->has_hold_time;
            op->parts[i].detached = guard->detached;
            op->parts[i].hold_us = guard->hold_us;
        }
    }
    return true;
}

static void read_steps(struct history *history, struct op *op, const struct request *request)
{
    const uint8_t *p = request->body.bytes;
    op->step_count = request->body_count;
    op->steps = history_alloc(history, (op->step_count + 1) * sizeof *op->steps);
    for (uint32_t i = 0; i < op->step_count; i++) {
        const struct step step = step_next(&p, &request->space);
        op->steps[i].kind = step.kind;
        op->steps[i].token = step.token;
        if (step.kind != TSD_STEP_OUT)
            continue;
        op->steps[i].space = space_of(history, step.space);
        op->steps[i].template = copy_span(history, step.template);
        op->steps[i].fields = step.fields;
        op->steps[i].putting = step.putting;
    }
}

static void read_scalars(struct history *history, struct op *op, const struct request *request)
{
    op->number = request->number;
    op->ack = request->ack;
    op->has = request->has;
    op->space = space_of(history, request->space);
    op->to = space_of(history, request->to);
    op->dead_letter = space_of(history, request->dead_letter);
    op->min = request->min;
    op->max = request->max;
    op->id = request->has & TSD_HAS(ID) ? request->id : 0;
    op->timeout_us = request->timeout_us;
    op->target = request->target;
    op->hold_us = request->hold_us;
    op->detached = request->detached;
    op->untried = request->untried;
    op->putting = request->putting;
    op->delay_us = request->putting.delay_us;
    op->renew_us = request->duration_us;
    op->key = copy_span(history, request->key);
    op->window_us = request->window_us;
    op->capacity = request->capacity;
    op->max_returns = request->max_returns;
    op->events = request->events;
    op->now = request->now;
    op->reverse = request->reverse;
    op->states = request->states;
    op->force = request->force;
    op->cursor = request->cursor;
    if ((op->kind == TSD_OP_COLLECT || op->kind == TSD_OP_COPY) && !(op->has & TSD_HAS(MAX)))
        op->max = LIMIT_UNIT_TUPLES;
}

struct op *history_read_request(struct history *history, int session, const uint8_t *body,
                                size_t size, char why[static 512])
{
    static struct pattern_room room;
    static struct request request;
    const struct frame frame = {body, size};
    struct problem problem;
    room.used = 0;
    if (request_decode(&frame, &room, &request, &problem) < 0) {
        (void)snprintf(why, 512, "a request that is none: %s", problem.text);
        return NULL;
    }
    struct op *op = history_op(history, session, request.op);
    read_scalars(history, op, &request);
    read_tuples(history, op, &request);
    read_tokens(history, op, &request);
    read_steps(history, op, &request);
    if (!read_parts(history, op, &request)) {
        (void)snprintf(why, 512, "a pattern with a matcher that the checker does not know");
        return NULL;
    }
    return op;
}

uint64_t history_answer_number(const uint8_t *body, size_t size)
{
    const struct frame frame = {body, size};
    struct problem problem;
    struct reply reply;
    return reply_decode(&frame, &reply, &problem) < 0 ? 0 : reply.number;
}

static struct told told_of(struct history *history, const struct item *item)
{
    struct told told = {.id = item->id, .tuple = copy_span(history, item->tuple)};
    if (item->has & ITEM_HAS(RETURNS))
        told.returns = item->returns;
    if (item->has & ITEM_HAS(ITEM_PRIORITY))
        told.priority = item->priority;
    if (item->has & ITEM_HAS(OF))
        told.of = item->of;
    if (item->has & ITEM_HAS(REASON))
        told.reason = item->reason;
    if (item->has & ITEM_HAS(STATE))
        told.state = item->state;
    if (item->has & ITEM_HAS(TOKEN)) {
        told.has_token = true;
        told.token = item->token;
    }
    return told;
}

static bool has_items(const struct op *op)
{
    return op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD ||
           op->kind == TSD_OP_SCAN || op->kind == TSD_OP_ATOMIC;
}

/* An atomic that gives one tuple need not tell of which guard: there is but one. */
static uint32_t only_guard(const struct op *op)
{
    for (uint32_t i = 0; i < op->part_count; i++)
        if (op->parts[i].guard != TSD_GUARD_ABSENT)
            return i;
    return 0;
}

static int read_items(struct history *history, struct op *op, const struct reply *reply)
{
    const uint8_t *p = NULL;
    size_t capacity = 0;
    struct told *list = NULL;
    struct item item;
    int more;
    while ((more = reply_next_item(reply, &p, &item)) == 1) {
        list = grow(list, op->item_count, &capacity, sizeof *list);
        list[op->item_count] = told_of(history, &item);
        if (op->kind == TSD_OP_ATOMIC && !(item.has & ITEM_HAS(OF)))
            list[op->item_count].of = only_guard(op);
        op->item_count++;
    }
    op->items =
        (struct told *)(uintptr_t)history_copy(history, list, op->item_count * sizeof *list).bytes;
    free(list);
    return more;
}

static void read_extras(struct op *op, const struct reply *reply)
{
    const struct reply_extras *extras = &reply->extras;
    op->placed = extras->has & REPLY_HAS(SINCE) && extras->has & REPLY_HAS(AT);
    op->since = extras->since;
    op->at = extras->at;
    op->delivery = extras->has & REPLY_HAS(DELIVERY) ? extras->delivery : 0;
    op->repeated = extras->has & REPLY_HAS(REPEATED) && extras->repeated;
    op->more = extras->has & REPLY_HAS(NEXT);
    op->next = extras->next;
    if (op->kind == TSD_OP_ATOMIC && extras->has & REPLY_HAS(FIRST))
        op->value = extras->first;
}

static int read_events(struct history *history, int index, const struct reply *reply,
                       uint64_t time_ns)
{
    const uint8_t *p = NULL;
    struct event event;
    int more;
    while ((more = reply_next_event(reply, &p, &event)) == 1) {
        struct happening *happening = history_event(history);
        happening->watch = index;
        happening->kind = (enum tsd_event)event.kind;
        happening->told = told_of(history, &event.item);
        happening->at = event.has_at ? event.at : 0;
        happening->time_ns = time_ns;
    }
    return more;
}

int history_read_answer(struct history *history, int index, const uint8_t *body, size_t size,
                        uint64_t time_ns, char why[static 512])
{
    const struct frame frame = {body, size};
    struct op *op = &history->ops[index];
    struct problem problem;
    struct reply reply;
    int result = reply_decode(&frame, &reply, &problem);
    (void)snprintf(why, 512, "an answer that is none: %s", result < 0 ? problem.text : "its list");
    if (result < 0)
        return -1;
    if (op->kind == TSD_OP_WATCH && reply.status == TS_OK)
        return read_events(history, index, &reply, time_ns);
    op->answered = true;
    op->answer_ns = time_ns;
    op->status = reply.status;
    read_extras(op, &reply);
    if (op->status != TS_OK)
        return 0;
    if (has_items(op))
        return read_items(history, op, &reply);
    if (op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH || op->kind == TSD_OP_COUNT ||
        op->kind == TSD_OP_COLLECT || op->kind == TSD_OP_COPY)
        return reply_result_uint(&reply, &op->value);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* A simulated history as what the checker reads: the wire's tuples and patterns. */
#include <stdio.h>
#include <string.h>

#include "history/simulate.h"

static struct span tuple_of(struct history *history, uint8_t kind, uint32_t number)
{
    const uint8_t bytes[] = {0x93,
                             kind,
                             7,
                             0xce,
                             (uint8_t)(number >> 24),
                             (uint8_t)(number >> 16),
                             (uint8_t)(number >> 8),
                             (uint8_t)number};
    return history_copy(history, bytes, sizeof bytes);
}

static struct span pattern_of(struct history *history, uint8_t kind)
{
    const uint8_t literal[] = {0x93, 0x92, TSD_M_EQ, kind, 0x91, TSD_M_INT, 0x91, TSD_M_ANY};
    const uint8_t any[] = {0x93, 0x91, TSD_M_ANY, 0x91, TSD_M_INT, 0x91, TSD_M_ANY};
    return kind == ANY_KIND ? history_copy(history, any, sizeof any)
                            : history_copy(history, literal, sizeof literal);
}

static struct told told_of(struct history *history, const struct sim_item *item)
{
    return (struct told){.id = item->id,
                         .tuple = tuple_of(history, item->kind, item->number),
                         .returns = item->returns,
                         .reason = item->reason,
                         .priority = item->priority,
                         .has_token = item->hold != 0,
                         .token.number = item->hold};
}

static void ask(struct history *history, struct op *op, const struct sim_op *from)
{
    const bool matches = from->op == TSD_OP_IN || from->op == TSD_OP_RD ||
                         from->op == TSD_OP_HOLD || from->op == TSD_OP_SCAN;
    op->number = from->number;
    op->ack = from->ack;
    op->call_ns = from->call_ns;
    op->space = from->op == TSD_OP_CANCEL ? NO_SPACE : from->space;
    op->min = from->min;
    op->max = from->max;
    op->has = (from->has_timeout ? TSD_HAS(TIMEOUT) : 0) | (from->hold_us ? TSD_HAS(HOLD_TIME) : 0);
    op->timeout_us = from->timeout_us;
    op->hold_us = from->hold_us;
    op->target = from->target;
    op->putting.priority = from->priority;
    if (matches) {
        op->parts = history_alloc(history, sizeof *op->parts);
        *op->parts =
            (struct part){.space = from->space, .pattern = pattern_of(history, from->kind)};
        op->part_count = 1;
    }
    op->tuple_count = from->put_count;
    op->tuples = history_alloc(history, (from->put_count + 1) * sizeof *op->tuples);
    for (uint32_t i = 0; i < from->put_count; i++)
        op->tuples[i] = tuple_of(history, from->put_kind, from->puts[i]);
    if (from->op == TSD_OP_FINISH || from->op == TSD_OP_RELEASE) {
        op->tokens = history_alloc(history, sizeof *op->tokens);
        op->tokens->number = from->token;
        op->token_count = 1;
    }
    if (from->key) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", from->key);
        op->key = history_copy(history, key, strlen(key));
    }
}

static void tell(struct history *history, struct op *op, const struct sim_op *from)
{
    if (!from->answered)
        return;
    op->answered = op->placed = true;
    op->status = from->status;
    op->answer_ns = from->answer_ns;
    op->since = from->since;
    op->at = from->at;
    op->value = from->value;
    op->repeated = from->repeated;
    op->delivery = from->delivery;
    op->item_count = from->item_count;
    op->more = from->op == TSD_OP_SCAN && from->item_count == 16;
    if (op->more)
        op->next = (struct place){from->items[15].priority, from->items[15].id};
    op->items = history_alloc(history, (from->item_count + 1) * sizeof *op->items);
    for (uint32_t i = 0; i < from->item_count; i++)
        op->items[i] = told_of(history, &from->items[i]);
}

/* The watches of everything, one a space, of a connection of their own. */
static void add_watches(struct history *history)
{
    static const uint8_t everything[] = {0x91, 0x91, TSD_M_REST};
    const int session = history_session(history, (struct session){.client = 99, .number = 999});
    for (int space = 0; space < SIM_SPACES; space++) {
        struct op *op = history_op(history, session, TSD_OP_WATCH);
        op->space = space;
        op->number = (uint64_t)space + 1;
        op->call_ns = 1;
        op->now = true;
        op->events = UINT32_MAX;
        op->parts = history_alloc(history, sizeof *op->parts);
        *op->parts = (struct part){.space = space,
                                   .pattern = history_copy(history, everything, sizeof everything)};
        op->part_count = 1;
    }
}

struct history *sim_to_history(const struct sim_history *made)
{
    struct history *history = history_new();
    history_space(history, "main", 4);
    history_space(history, "other", 5);
    for (size_t i = 0; i < made->session_count; i++)
        history_session(history, (struct session){.client = (uint32_t)i,
                                                  .number = i + 1,
                                                  .end = made->sessions[i].end,
                                                  .end_low_ns = made->sessions[i].end_low_ns,
                                                  .end_ns = made->sessions[i].end_ns});
    for (size_t i = 0; i < made->op_count; i++) {
        struct op *op = history_op(history, made->ops[i].session, made->ops[i].op);
        ask(history, op, &made->ops[i]);
        tell(history, op, &made->ops[i]);
    }
    history->last_scan = (int)made->last_scan;
    add_watches(history);
    for (size_t i = 0; i < made->event_count; i++) {
        const struct sim_event *from = &made->events[i];
        struct happening *event = history_event(history);
        event->watch = (int)made->op_count + from->item.space;
        event->kind = from->kind;
        event->told = told_of(history, &from->item);
        event->told.has_token = false;
        event->at = from->at;
        event->time_ns = from->time_ns;
    }
    return history;
}

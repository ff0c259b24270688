/* SPDX-License-Identifier: MIT */
#include "history/plant.h"

#include <string.h>

static bool got(const struct sim_op *op, enum tsd_operation kind)
{
    return op->answered && op->status == TS_OK && op->op == kind && op->item_count > 0;
}

static bool waited(const struct sim_op *op)
{
    return op->answered && op->since != op->at;
}

/* An op, from a random one on, that `fits`. */
static struct sim_op *any_op(struct sim_history *made, struct dice *dice,
                             bool (*fits)(const struct sim_op *))
{
    const size_t from = dice_below(dice, made->op_count);
    for (size_t i = 0; i < made->op_count; i++) {
        struct sim_op *op = &made->ops[(from + i) % made->op_count];
        if (fits(op))
            return op;
    }
    return NULL;
}

static void drop_event(struct sim_history *made, size_t at)
{
    memmove(made->events + at, made->events + at + 1,
            (--made->event_count - at) * sizeof *made->events);
}

static size_t find_event(const struct sim_history *made, enum tsd_event kind, uint32_t number,
                         size_t from)
{
    while (from < made->event_count &&
           (made->events[from].kind != kind || made->events[from].item.number != number))
        from++;
    return from;
}

static bool took_one(const struct sim_op *op)
{
    return got(op, TSD_OP_IN) && op->item_count == 1;
}

static bool waited_and_took(const struct sim_op *op)
{
    return took_one(op) && waited(op);
}

static bool taken_twice(struct sim_history *made, struct dice *dice)
{
    struct sim_op *one = any_op(made, dice, took_one), *two = any_op(made, dice, took_one);
    if (!one || one->at >= two->at)
        return false;
    two->items[0] = one->items[0];
    return true;
}

static bool lost_at(struct sim_history *made, struct dice *dice, enum ts_status status)
{
    struct sim_op *op = any_op(made, dice, waited_and_took);
    if (!op || find_event(made, TSD_EVENT_RETURNED, op->items[0].number, 0) < made->event_count)
        return false;
    op->status = status;
    op->answer_ns += 1000 * op->timeout_us;
    op->item_count = 0;
    op->delivery = 0;
    return true;
}

static bool lost_at_timeout(struct sim_history *made, struct dice *dice)
{
    return lost_at(made, dice, TS_TIMEOUT);
}

static bool lost_at_cancel(struct sim_history *made, struct dice *dice)
{
    return lost_at(made, dice, TS_CANCELLED);
}

/* Whether it is known that nothing made it final: who took it, and died, told of no such thing. */
static bool surely_kept(const struct sim_history *made, const struct sim_event *returned)
{
    const struct sim_op *took = NULL;
    const struct sim_item *item = NULL;
    for (size_t i = 0; i < made->op_count; i++)
        for (uint32_t n = 0; n < made->ops[i].item_count; n++)
            if (made->ops[i].items[n].number == returned->item.number &&
                (made->ops[i].op == TSD_OP_IN || made->ops[i].op == TSD_OP_HOLD) &&
                made->ops[i].at < returned->at && (!took || took->at < made->ops[i].at)) {
                took = &made->ops[i];
                item = &took->items[n];
            }
    if (!took || !took->answered)
        return took != NULL;
    for (size_t i = 0; i < made->op_count; i++) {
        const struct sim_op *op = &made->ops[i];
        if (op->session == took->session && !op->answered &&
            (item->hold ? op->token == item->hold : op->ack >= took->delivery))
            return false;
    }
    return true;
}

static bool lost_at_kill(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < made->event_count; i++) {
        const struct sim_event *event = &made->events[i];
        const uint32_t number = event->item.number;
        if (event->kind != TSD_EVENT_RETURNED || event->item.reason != TSD_REASON_CONNECTION ||
            find_event(made, TSD_EVENT_TAKEN, number, i) < made->event_count ||
            !surely_kept(made, event))
            continue;
        drop_event(made, i);
        for (size_t k = made->last_scan; k < made->op_count; k++)
            for (uint32_t n = 0; n < made->ops[k].item_count; n++)
                if (made->ops[k].items[n].number == number)
                    made->ops[k].items[n] = made->ops[k].items[--made->ops[k].item_count];
        return true;
    }
    return false;
}

static bool never_put(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, took_one);
    if (!op)
        return false;
    op->items[0].number += 1000000;
    return true;
}

/* Two that took from what was stored, of the same pattern, one right after the other. */
static bool swap_takers(struct sim_history *made, bool returned)
{
    for (size_t i = 0; i < made->op_count; i++) {
        struct sim_op *one = &made->ops[i], *two;
        if (!took_one(one) || waited(one) || (one->items[0].returns > 0) != returned)
            continue;
        for (size_t k = 0; k < made->op_count; k++) {
            two = &made->ops[k];
            if (!took_one(two) || waited(two) || two->at <= one->at || two->at > one->at + 5 ||
                two->kind != one->kind || two->space != one->space || two->items[0].id >= one->at ||
                two->items[0].priority != one->items[0].priority || two->items[0].returns > 0)
                continue;
            const struct sim_item item = one->items[0];
            one->items[0] = two->items[0];
            two->items[0] = item;
            return true;
        }
    }
    return false;
}

static bool younger(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    return swap_takers(made, false);
}

static bool wrong_place(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    return swap_takers(made, true);
}

static bool passed_over(struct sim_history *made, struct dice *dice)
{
    struct sim_op *one = any_op(made, dice, waited_and_took);
    for (size_t k = 0; one && k < made->op_count; k++) {
        struct sim_op *two = &made->ops[k];
        if (!waited_and_took(two) || two->space != one->space || two->kind != one->kind ||
            two->since <= one->since || two->since > one->at || two->at < one->at ||
            two->min != one->min || two->min > 1)
            continue;
        struct sim_item item = one->items[0];
        const uint64_t at = one->at;
        one->items[0] = two->items[0];
        one->at = two->at;
        two->items[0] = item;
        two->at = at;
        return true;
    }
    return false;
}

static bool took_at_once(const struct sim_op *op)
{
    return took_one(op) && !waited(op) && op->min == 1;
}

static bool no_match(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, took_at_once);
    if (!op)
        return false;
    drop_event(made, find_event(made, TSD_EVENT_TAKEN, op->items[0].number, 0));
    op->status = TS_NOMATCH;
    op->has_timeout = true;
    op->timeout_us = op->delivery = op->item_count = 0;
    return true;
}

static bool stale_read(struct sim_history *made, struct dice *dice)
{
    const struct sim_op *taken = any_op(made, dice, took_one);
    for (size_t i = 0; taken && i < made->op_count; i++) {
        struct sim_op *op = &made->ops[i];
        if (op->op != TSD_OP_RD || !op->answered || op->status != TS_NOMATCH ||
            op->space != taken->space || op->min > 1 ||
            (op->kind != ANY_KIND && op->kind != taken->items[0].kind) || op->at < taken->at)
            continue;
        op->status = TS_OK;
        op->item_count = 1;
        op->items[0] = taken->items[0];
        return true;
    }
    return false;
}

static bool half_a_unit(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < made->op_count; i++) {
        struct sim_op *op = &made->ops[i];
        if (got(op, TSD_OP_RD) && op->item_count == 2 && op->min == 1 && op->max == 2 &&
            op->items[0].id + 1 == op->items[1].id && !waited(op)) {
            for (size_t k = 0; k < made->op_count; k++)
                if (made->ops[k].at == op->items[0].id && made->ops[k].put_count == 2) {
                    op->item_count = 1;
                    return true;
                }
        }
    }
    return false;
}

static bool interleaved(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < made->op_count; i++) {
        const struct sim_op *unit = &made->ops[i];
        if (!unit->answered || unit->op != TSD_OP_OUT || unit->put_count < 2 || unit->repeated)
            continue;
        for (size_t k = 0; k < made->op_count; k++) {
            struct sim_op *op = &made->ops[k];
            if (op->answered && op->at == unit->at + unit->put_count && !waited(op) &&
                op->status == TS_NOMATCH) {
                op->since = op->at = unit->at + 1;
                return true;
            }
        }
    }
    return false;
}

static bool after_final(struct sim_history *made, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < made->op_count; i++) {
        const struct sim_op *took = &made->ops[i];
        if (!took_one(took))
            continue;
        for (size_t k = i + 1; k < made->op_count; k++) {
            const struct sim_op *op = &made->ops[k];
            if (op->session != took->session || !op->answered || op->ack < took->delivery)
                continue;
            for (size_t e = 0; e < made->event_count; e++) { /* at an end that gives back others */
                if (made->events[e].item.reason != TSD_REASON_CONNECTION ||
                    made->events[e].kind != TSD_EVENT_RETURNED || made->events[e].at < op->since)
                    continue;
                struct sim_event more = made->events[e];
                made->events = grow(made->events, made->event_count, &made->event_capacity,
                                    sizeof *made->events);
                more.item = took->items[0];
                more.item.returns++;
                more.item.reason = TSD_REASON_CONNECTION;
                memmove(made->events + e + 1, made->events + e,
                        (made->event_count++ - e) * sizeof *made->events);
                made->events[e] = more;
                return true;
            }
            break;
        }
    }
    return false;
}

static bool return_count(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, took_one);
    if (!op)
        return false;
    op->items[0].returns += dice_below(dice, 2) && op->items[0].returns ? -1u : 1u;
    return true;
}

static bool was_late(const struct sim_op *op)
{
    return op->answered && op->op == TSD_OP_FINISH && op->status == TS_LATE && op->put_count == 0;
}

static bool late_finish(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, was_late);
    if (op)
        op->status = TS_OK;
    return op != NULL;
}

static bool timed_out(const struct sim_op *op)
{
    return op->answered && op->status == TS_TIMEOUT;
}

static bool early_timeout(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, timed_out);
    if (op)
        op->timeout_us += 1000000;
    return op != NULL;
}

static bool was_repeated(const struct sim_op *op)
{
    return op->answered && op->repeated;
}

static bool key_twice(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = any_op(made, dice, was_repeated);
    if (!op)
        return false;
    op->repeated = false;
    op->value = op->at;
    return true;
}

static bool watch_gap(struct sim_history *made, struct dice *dice)
{
    const struct sim_op *op = any_op(made, dice, took_one);
    if (!op)
        return false;
    drop_event(made, find_event(made, TSD_EVENT_TAKEN, op->items[0].number, 0));
    return true;
}

static bool watch_duplicate(struct sim_history *made, struct dice *dice)
{
    made->events =
        grow(made->events, made->event_count, &made->event_capacity, sizeof *made->events);
    const size_t at = dice_below(dice, made->event_count);
    memmove(made->events + at + 1, made->events + at,
            (made->event_count++ - at) * sizeof *made->events);
    return true;
}

const struct plant plants[] = {
    {FOUND_TAKEN_TWICE, taken_twice},
    {FOUND_LOST_AT_TIMEOUT, lost_at_timeout},
    {FOUND_LOST_AT_CANCEL, lost_at_cancel},
    {FOUND_LOST_AT_KILL, lost_at_kill},
    {FOUND_NEVER_PUT, never_put},
    {FOUND_YOUNGER, younger},
    {FOUND_PASSED_OVER, passed_over},
    {FOUND_NO_MATCH, no_match},
    {FOUND_STALE_READ, stale_read},
    {FOUND_HALF_UNIT, half_a_unit},
    {FOUND_INTERLEAVED, interleaved},
    {FOUND_WRONG_PLACE, wrong_place},
    {FOUND_AFTER_FINAL, after_final},
    {FOUND_RETURN_COUNT, return_count},
    {FOUND_LATE_FINISH, late_finish},
    {FOUND_EARLY_TIMEOUT, early_timeout},
    {FOUND_KEY_TWICE, key_twice},
    {FOUND_WATCH_GAP, watch_gap},
    {FOUND_WATCH_DUPLICATE, watch_duplicate},
};
const size_t plant_count = sizeof plants / sizeof plants[0];

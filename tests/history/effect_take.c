/* SPDX-License-Identifier: MIT */
/* Answers with tuples, and those that say that there was none. */
#include "history/model.h"

#include <stdlib.h>
#include <string.h>

bool same_tuple(struct span a, struct span b)
{
    return a.size == b.size && (a.bytes == b.bytes || memcmp(a.bytes, b.bytes, a.size) == 0);
}

uint64_t token_key(int session, const struct token *token)
{
    if (token->delivery)
        return mix_words((uint64_t)session, token->number, token->secret);
    return token->number;
}

static void keep_unsure(struct model *model, struct tup *tup, const struct token *token)
{
    const uint64_t key = token_key(tup->keeper, token);
    if (table_find(&model->unsure_renews, key)) { /* it may have a time now, and a shorter one */
        tup->timed = true;
        tup->hold_low = 0;
    }
    if (table_find(&model->unsure_tokens, key))
        tup_maybe(model, tup);
}

void keep(struct model *model, struct tup *tup, int index, const struct told *told)
{
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    tup->kept_by = index;
    tup->keeper = op->session;
    tup->delivery = op->delivery;
    tup->held = told->has_token;
    tup->timed = tup->held && (op->has & TSD_HAS(HOLD_TIME));
    tup->detached = tup->held && op->detached;
    tup->hold_low = op->call_ns + 1000 * op->hold_us;
    tup->gone_at = model->position;
    tup_set(model, tup, LIFE_KEPT);
    if (tup->held) {
        tup->hold = told->token.number;
        *table_slot(&model->holds, tup->hold) = tup;
        list_add(&seat->held, tup);
        keep_unsure(model, tup, &told->token);
    } else {
        seat->kept_numbers = grow(seat->kept_numbers, seat->kept.count, &seat->number_capacity,
                                  sizeof *seat->kept_numbers);
        seat->kept_numbers[seat->kept.count] = tup->delivery;
        list_add(&seat->kept, tup);
        if (tup->delivery <= seat->maybe_ack || tup->delivery <= seat->final_ack)
            tup_maybe(model, tup);
    }
}

/* The finding for an answer's tuple that is not stored. */
static enum finding_kind not_stored(const struct op *op, const struct tup *tup)
{
    if (tup->life == LIFE_DELAYED)
        return FOUND_TOO_EARLY;
    if (op->kind == TSD_OP_RD || op->kind == TSD_OP_SCAN)
        return FOUND_STALE_READ;
    return tup->life == LIFE_KEPT || tup->life == LIFE_CONSUMED ? FOUND_TAKEN_TWICE
                                                                : FOUND_REAPPEARED;
}

static bool any_part_matches(const struct op *op, const struct tup *tup)
{
    for (uint32_t i = 0; i < op->part_count; i++)
        if (op->parts[i].space == tup->space && pattern_matches(op->parts[i].pattern, tup->bytes))
            return true;
    return false;
}

static enum finding_kind wrong_choice(const struct op *op, const struct tup *tup,
                                      const struct tup *should)
{
    if (tup->life != LIFE_STORED)
        return not_stored(op, tup);
    if (!any_part_matches(op, tup) || !should)
        return FOUND_MISMATCH;
    return should->returns > 0 || tup->returns > 0 ? FOUND_WRONG_PLACE : FOUND_YOUNGER;
}

/* Its release was not answered, but may have been done: it is told as one that has come back. */
static bool may_be_released(const struct model *model, const struct tup *tup,
                            const struct told *told)
{
    if (told->returns != tup->returns + 1)
        return false;
    return tup->unsure_return || (tup->life == LIFE_KEPT && unsure_release(model, tup) != NULL);
}

struct tup *check_item(struct model *model, int index, const struct told *told, struct tup *should)
{
    const struct op *op = &model->history->ops[index];
    struct tup *tup = tup_find(model, told->id);
    if (!tup || !same_tuple(tup->bytes, told->tuple)) {
        verdict_add(model->verdict, FOUND_NEVER_PUT, index, tup ? tup->put_by : NO_OP,
                    "tuple %llu was not put before", (unsigned long long)told->id);
        return NULL;
    }
    if (tup != should)
        verdict_add(model->verdict, wrong_choice(op, tup, should), index, tup->kept_by,
                    "tuple %llu, where %s%llu was to come", (unsigned long long)tup->id,
                    should ? "" : "none, not ", (unsigned long long)(should ? should->id : 0));
    if (told->returns != tup->returns && !may_be_released(model, tup, told))
        verdict_add(model->verdict, FOUND_RETURN_COUNT, index, tup->kept_by,
                    "tuple %llu came back %u times, not %u", (unsigned long long)tup->id,
                    tup->returns, told->returns);
    return tup;
}

/* Fewer than there were: where the rest of a unit is missing, half a unit. */
static void too_few(struct model *model, int index, const struct tup *missing)
{
    const struct op *op = &model->history->ops[index];
    enum finding_kind kind = FOUND_WRONG_ANSWER;
    for (uint32_t i = 0; i < op->item_count; i++)
        if (op->items[i].id >= missing->unit &&
            op->items[i].id < missing->unit + missing->unit_count)
            kind = FOUND_HALF_UNIT;
    verdict_add(model->verdict, kind, index, missing->put_by,
                "%u tuples were given, but tuple %llu matched too", op->item_count,
                (unsigned long long)missing->id);
}

static size_t bytes_of(const struct op *op)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < op->item_count; i++)
        bytes += op->items[i].tuple.size;
    return bytes;
}

void check_delivery(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    if (op->delivery != seat->deliveries + 1)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                    "delivery %llu comes after %llu", (unsigned long long)op->delivery,
                    (unsigned long long)seat->deliveries);
    seat->deliveries = op->delivery;
}

void effect_take(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (op->kind == TSD_OP_IN)
        check_delivery(model, index);
    const struct query query = {.parts = op->parts, .part_count = op->part_count, .id = op->id};
    struct found few[16], *list = few;
    if (op->item_count + 1 > 16)
        list = array_new(op->item_count, sizeof *list);
    const size_t count = gather(model, &query, list, (size_t)op->item_count + 1);
    if (op->item_count < op->min || op->item_count > op->max)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                    "%u tuples, where %u to %u were asked for", op->item_count, op->min, op->max);
    else if (count > op->item_count && op->item_count < op->max && bytes_of(op) < 1000000)
        too_few(model, index, list[op->item_count].tup);
    for (uint32_t i = 0; i < op->item_count; i++) {
        struct tup *tup = check_item(model, index, &op->items[i], i < count ? list[i].tup : NULL);
        if (tup && op->kind != TSD_OP_RD && tup->life == LIFE_STORED) {
            keep(model, tup, index, &op->items[i]);
            expect(model, TSD_EVENT_TAKEN, tup);
        }
    }
    if (list != few)
        free(list);
}

/* --- Nothing was done --- */

static void none_matched(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const struct query query = {.parts = op->parts, .part_count = op->part_count, .id = op->id};
    struct found found;
    if (!can_serve(model, index) || gather(model, &query, &found, 1) == 0)
        return;
    verdict_add(model->verdict, FOUND_NO_MATCH, index, found.tup->put_by, "tuple %llu matches",
                (unsigned long long)found.tup->id);
}

static void atomic_refused(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct tup *list[LIMIT_GUARDS];
    const bool hold = guards_solve(model, index, list) == GUARDS_YES;
    if (model->waiter_of[index] && may_be_late(model, model->waiter_of[index]))
        return;
    if (op->status == TS_NOMATCH ? hold : can_serve(model, index))
        verdict_add(model->verdict, FOUND_REFUSED, index, NO_OP, "its guards held");
}

static void late_told(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (uint32_t i = 0; i < op->token_count; i++) {
        const struct tup *tup = settled_by(model, op, &op->tokens[i]);
        if (!tup || tup->maybe)
            return;
        for (uint32_t k = 0; k < i; k++)
            if (settled_by(model, op, &op->tokens[k]) == tup)
                return;
    }
    if (op->token_count > 0)
        verdict_add(model->verdict, FOUND_REFUSED, index, NO_OP, "late, but all is still kept");
}

static void full_told(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (op->kind == TSD_OP_COLLECT || op->kind == TSD_OP_COPY)
        return;
    if (can_serve(model, index))
        verdict_add(model->verdict, FOUND_REFUSED, index, NO_OP, "full, but there was room");
}

static void not_drained(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (!model->rooms[op->space].ghosts && !gather_there(model, &op->parts[0], false))
        verdict_add(model->verdict, FOUND_REFUSED, index, NO_OP, "nothing was there");
}

static void check_early(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (op->answer_ns - op->call_ns < 1000 * op->timeout_us)
        verdict_add(model->verdict, FOUND_EARLY_TIMEOUT, index, NO_OP, "after %llu us, not %llu",
                    (unsigned long long)(op->answer_ns - op->call_ns) / 1000,
                    (unsigned long long)op->timeout_us);
}

/* The cancel that ended the request (rule S15). */
static bool was_cancelled(const struct model *model, int index)
{
    const struct history *history = model->history;
    const struct op *op = &history->ops[index];
    for (size_t i = (size_t)index + 1; i < history->op_count; i++) {
        const struct op *cancel = &history->ops[i];
        if (cancel->session == op->session && cancel->kind == TSD_OP_CANCEL &&
            cancel->target == op->number)
            return !cancel->answered || (cancel->status == TS_OK && cancel->at + 1 == op->at);
    }
    return false;
}

bool op_is_looked_up(const struct op *op)
{
    switch ((int)op->kind) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_ATOMIC:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        return true;
    default:
        return false;
    }
}

/* Whether the request can be answered so at all. */
static bool may_be_told(const struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const bool takes = op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD;
    const bool puts = op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH;
    const bool walks = op->kind == TSD_OP_COUNT || op->kind == TSD_OP_SCAN;
    const bool waits = takes || puts || op->kind == TSD_OP_ATOMIC || op->kind == TSD_OP_DRAINED;
    const bool timed = op->has & TSD_HAS(TIMEOUT);
    switch ((int)op->status) {
    case TS_NOMATCH:
        return op->kind == TSD_OP_REMOVE || (waits && !puts && timed && op->timeout_us == 0);
    case TS_TIMEOUT:
        return waits && timed && op->timeout_us > 0 && (op->since != op->at || op_is_looked_up(op));
    case TS_CANCELLED:
        return (waits || walks || op_is_looked_up(op) || op->kind == TSD_OP_WATCH) &&
               was_cancelled(model, index);
    case TS_LATE:
        return op->kind == TSD_OP_ATOMIC || op->token_count > 0;
    case TS_FULL:
        return puts || op->kind == TSD_OP_ATOMIC || op->kind == TSD_OP_COLLECT ||
               op->kind == TSD_OP_COPY;
    default:
        return true;
    }
}

void effect_refused(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const bool takes = op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD;
    if (!may_be_told(model, index))
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                    "status %d is none that it can have", (int)op->status);
    if (op->status == TS_TIMEOUT)
        check_early(model, index);
    if ((op->status == TS_TIMEOUT || op->status == TS_CANCELLED) && op->since == op->at)
        return; /* it was still being looked up */
    if (op->status == TS_LATE)
        late_told(model, index);
    else if (op->status == TS_FULL)
        full_told(model, index);
    else if (op->status != TS_NOMATCH && op->status != TS_TIMEOUT && op->status != TS_CANCELLED)
        return;
    else if (takes)
        none_matched(model, index);
    else if (op->kind == TSD_OP_ATOMIC)
        atomic_refused(model, index);
    else if (op->status !=
             TS_CANCELLED) /* what its cancel acknowledges makes room in the same unit */
        full_told(model, index);
    else if (op->kind == TSD_OP_DRAINED && op->status == TS_NOMATCH)
        not_drained(model, index);
}

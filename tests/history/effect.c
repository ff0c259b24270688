/* SPDX-License-Identifier: MIT */
/* What an answered request did, by its kind; what every one that puts has in common. */
#include "history/model.h"

#include <string.h>

void expect(struct model *model, enum tsd_event kind, struct tup *tup)
{
    model->expected = grow(model->expected, model->expected_count, &model->expected_capacity,
                           sizeof *model->expected);
    model->expected[model->expected_count++] = (struct expected){tup->space, kind, tup};
}

void acknowledge(struct model *model, int session, uint64_t ack)
{
    struct seat *seat = &model->seats[session];
    struct list *kept = &seat->kept;
    for (; kept->head < kept->count && seat->kept_numbers[kept->head] <= ack; kept->head++) {
        struct tup *tup = kept->list[kept->head];
        if (tup->life == LIFE_KEPT && tup->keeper == session && !tup->held &&
            tup->delivery == seat->kept_numbers[kept->head] && !may_be_delayed(model, tup))
            tup_set(model, tup, LIFE_CONSUMED);
    }
}

/* --- Keys (rule S28) --- */

static uint64_t key_number(const struct op *op)
{
    return mix_words((uint64_t)op->space, mix_bytes(op->key.bytes, op->key.size), 5);
}

/* The op that set the key last; NULL where none did. */
static const struct op *key_owner(const struct model *model, const struct op *op)
{
    const int *owner = table_find(&model->keys, key_number(op));
    return owner ? &model->history->ops[*owner] : NULL;
}

static void check_key(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const struct op *owner = key_owner(model, op);
    if (owner && owner->call_ns + 1000 * owner->window_us > model->high_ns)
        verdict_add(model->verdict, FOUND_KEY_TWICE, index, (int)(owner - model->history->ops),
                    "the key \"%.*s\" was known", (int)op->key.size, (const char *)op->key.bytes);
}

static void set_key(struct model *model, int index)
{
    *table_slot(&model->keys, key_number(&model->history->ops[index])) = &model->numbers[index];
}

static void effect_repeated(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const struct op *owner = key_owner(model, op);
    if (!owner || owner->value != op->value)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                    "repeated is told with %llu, but its key did %llu",
                    (unsigned long long)op->value, (unsigned long long)(owner ? owner->value : 0));
}

/* --- Putting --- */

void check_put(struct model *model, int index, bool waited)
{
    if (!op_has_room(model, index, false))
        verdict_add(model->verdict, FOUND_OVERFULL, index, NO_OP, "there was no room");
    else if (!model->guessed[index] && !waited && line_has_older(model, index))
        verdict_add(model->verdict, FOUND_PASSED_OVER, index, NO_OP,
                    "it went before others that wait for room");
}

struct tup *put(struct model *model, int index, uint64_t first, int space, struct span bytes,
                const struct putting *putting, uint32_t n, uint32_t count)
{
    const struct op *op = &model->history->ops[index];
    struct tup *tup = tup_find(model, first + n);
    if (tup) {
        verdict_add(model->verdict, FOUND_POSITIONS, index, tup->put_by, "id %llu is used twice",
                    (unsigned long long)tup->id);
        return tup;
    }
    tup = tup_new(model, first + n, space, bytes);
    tup->unit = first;
    tup->unit_count = count;
    tup->put_by = index;
    tup->priority = putting->priority;
    tup->pulse = putting->pulse;
    tup->put_low = op->call_ns;
    tup->put_high = op->answered ? op->answer_ns : model->high_ns;
    tup->ttl_ns = 1000 * putting->ttl_us;
    tup->delay_ns = 1000 * putting->delay_us;
    tup->visible_low = op->call_ns + tup->delay_ns;
    if (putting->bound) {
        tup->bound = op->session;
        list_add(&model->seats[op->session].bound, tup);
    }
    if (model->rooms[space].dead_letter != NO_SPACE)
        *table_slot(&model->contents, mix_bytes(bytes.bytes, bytes.size)) = tup;
    tup_set(model, tup, tup->delay_ns ? LIFE_DELAYED : LIFE_STORED);
    if (!tup->delay_ns)
        expect(model, TSD_EVENT_PUT, tup);
    return tup;
}

static void effect_out(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (op->value != op->at)
        verdict_add(model->verdict, FOUND_POSITIONS, index, NO_OP,
                    "the first id is %llu, not its position", (unsigned long long)op->value);
    for (uint32_t i = 0; i < op->tuple_count; i++)
        put(model, index, op->value, op->space, op->tuples[i], &op->putting, i, op->tuple_count);
}

/* --- Other requests --- */

static void effect_cancel(struct model *model, int index)
{
    const struct history *history = model->history;
    const struct op *op = &history->ops[index];
    for (int i = index - 1; i >= 0; i--) {
        const struct op *target = &history->ops[i];
        if (target->session != op->session || target->number != op->target)
            continue;
        if (op->status == TS_OK ? target->answered && target->status != TS_CANCELLED
                                : model->waiter_of[i] != NULL)
            verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, i,
                        "the cancel says %s, the request %d",
                        op->status == TS_OK ? "done" : "nothing waits", (int)target->status);
        return;
    }
}

static void effect_will(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    if (!seat->wills) {
        seat->wills = array_new(model->history->space_count, sizeof *seat->wills);
        for (size_t i = 0; i < model->history->space_count; i++)
            seat->wills[i] = NO_OP;
    }
    seat->wills[op->space] = op->tuple_count > 0 ? index : NO_OP;
}

static void effect_space(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct room *room = &model->rooms[op->space];
    if (op->has & TSD_HAS(CAPACITY))
        room->capacity = op->capacity;
    if (op->has & TSD_HAS(MAX_RETURNS))
        room->max_returns = op->max_returns;
    if (op->has & TSD_HAS(DEAD_LETTER))
        room->dead_letter = op->dead_letter;
    wake_line(model, op->space);
}

static void effect_remove(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (size_t i = 0; i < model->all_count; i++) {
        struct tup *tup = model->all[i];
        if (tup->space != op->space || !tup_is_there(tup))
            continue;
        if (!op->force && !tup->maybe)
            verdict_add(model->verdict, FOUND_LOST, index, tup->put_by,
                        "a space was removed that had tuple %llu", (unsigned long long)tup->id);
        tup_set(model, tup, LIFE_MOVED);
    }
}

static void effect_drained(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    const struct tup *tup = gather_there(model, &op->parts[0], true);
    if (tup)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, tup->put_by,
                    "drained, but tuple %llu is there or may come back",
                    (unsigned long long)tup->id);
}

static void effect_close(struct model *model, int index)
{
    end_session(model, model->history->ops[index].session, true);
}

static void done(struct model *model, int index)
{
    switch ((int)model->history->ops[index].kind) {
    case TSD_OP_OUT:
        effect_out(model, index);
        break;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        effect_take(model, index);
        break;
    case TSD_OP_FINISH:
    case TSD_OP_RELEASE:
    case TSD_OP_RENEW:
        effect_settle(model, index);
        break;
    case TSD_OP_ATOMIC:
        effect_atomic(model, index);
        break;
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        effect_move(model, index);
        break;
    case TSD_OP_COUNT:
    case TSD_OP_SCAN:
        effect_look(model, index);
        break;
    case TSD_OP_DRAINED:
        effect_drained(model, index);
        break;
    case TSD_OP_CANCEL:
        effect_cancel(model, index);
        break;
    case TSD_OP_WILL:
        effect_will(model, index);
        break;
    case TSD_OP_SPACE:
        effect_space(model, index);
        break;
    case TSD_OP_REMOVE:
        effect_remove(model, index);
        break;
    case TSD_OP_CLOSE:
        effect_close(model, index);
        break;
    default: /* ack, ping, spaces, the end of a watch */
        break;
    }
}

static bool may_put(const struct op *op)
{
    return op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH || op->kind == TSD_OP_ATOMIC;
}

static bool gives_tuples(const struct op *op)
{
    return op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD ||
           op->kind == TSD_OP_SCAN || op->kind == TSD_OP_ATOMIC;
}

void effect(struct model *model, int index, bool waited)
{
    const struct op *op = &model->history->ops[index];
    if (op->item_count > 0 && (op->status != TS_OK || op->repeated || !gives_tuples(op)))
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP, "it has no tuples to give");
    if (op->status == TS_OK && op->repeated) {
        effect_repeated(model, index);
        return;
    }
    if (op->status != TS_OK) {
        if (op->kind == TSD_OP_CANCEL && op->status == TS_NOMATCH)
            effect_cancel(model, index);
        else
            effect_refused(model, index);
        return;
    }
    if (may_put(op)) {
        if (op->key.size)
            check_key(model, index);
        check_put(model, index, waited);
    }
    done(model, index);
    if (may_put(op) && op->key.size)
        set_key(model, index);
}

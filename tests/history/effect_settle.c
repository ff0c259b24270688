/* SPDX-License-Identifier: MIT */
/* finish, release, renew (rules S7, S11, S14), and what atomics take and put (S22, S23). */
#include "history/model.h"

#include <string.h>

struct tup *settled_by(const struct model *model, const struct op *op, const struct token *token)
{
    struct tup *tup =
        token->delivery ? tup_find(model, token->secret) : table_find(&model->holds, token->number);
    if (!tup || tup->life != LIFE_KEPT || tup->held == token->delivery)
        return NULL;
    if ((token->delivery ? tup->delivery : tup->hold) != token->number)
        return NULL;
    return tup->keeper == op->session || tup->detached ? tup : NULL;
}

/* The tuple that an answered op settled; NULL, and a finding, where it was over. */
static struct tup *settle(struct model *model, int index, const struct token *token)
{
    const struct op *op = &model->history->ops[index];
    struct tup *tup = settled_by(model, op, token);
    if (!tup && model->guessed[index])
        return NULL; /* nobody knows its order to what else is unknown */
    if (!tup)
        verdict_add(model->verdict, FOUND_LATE_FINISH, index, NO_OP, "%s %llu was over",
                    token->delivery ? "delivery" : "hold", (unsigned long long)token->number);
    return tup;
}

static void release(struct model *model, int index, struct tup *tup)
{
    const struct op *op = &model->history->ops[index];
    const struct room *room = &model->rooms[tup->space];
    const bool letter =
        room->dead_letter != NO_SPACE && tup->returns + !op->untried > room->max_returns;
    if (op->delay_us == 0 || letter) { /* a dead letter is not delayed */
        give_back(model, tup, !op->untried);
        return;
    }
    if (!op->untried)
        tup->returns++;
    tup->returning = true;
    tup->visible_low = op->call_ns + 1000 * op->delay_us;
    tup_set(model, tup, LIFE_DELAYED);
}

static void settle_one(struct model *model, int index, const struct token *token)
{
    const struct op *op = &model->history->ops[index];
    struct tup *tup = settle(model, index, token);
    if (!tup)
        return;
    if (op->kind == TSD_OP_FINISH)
        tup_set(model, tup, LIFE_CONSUMED);
    else if (op->kind == TSD_OP_RELEASE)
        release(model, index, tup);
    else {
        tup->hold_low = op->call_ns + 1000 * op->renew_us;
        tup->timed = true;
    }
}

void effect_settle(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (uint32_t i = 0; i < op->token_count; i++)
        settle_one(model, index, &op->tokens[i]);
    if (op->kind != TSD_OP_FINISH)
        return;
    if (op->tuple_count > 0 && op->value != op->at)
        verdict_add(model->verdict, FOUND_POSITIONS, index, NO_OP,
                    "the first id is %llu, not its position", (unsigned long long)op->value);
    for (uint32_t i = 0; i < op->tuple_count; i++)
        put(model, index, op->value, op->space, op->tuples[i], &op->putting, i, op->tuple_count);
}

/* --- atomic --- */

static const struct told *item_of_guard(const struct op *op, uint32_t guard)
{
    for (uint32_t i = 0; i < op->item_count; i++)
        if (op->items[i].of == guard)
            return &op->items[i];
    return NULL;
}

/* The tuple of each guard, as the answer says; it has to be the one that the rules assign. */
static void check_guards(struct model *model, int index, struct tup **list)
{
    const struct op *op = &model->history->ops[index];
    struct tup *should[LIMIT_GUARDS] = {0};
    if (guards_solve(model, index, should) == GUARDS_NO)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP, "its guards do not hold");
    for (uint32_t i = 0; i < op->part_count; i++) {
        const struct told *told = item_of_guard(op, i);
        list[i] = model->guessed[index] ? should[i] : NULL;
        if (op->parts[i].guard == TSD_GUARD_ABSENT || model->guessed[index])
            continue;
        if (told)
            list[i] = check_item(model, index, told, should[i]);
        else
            verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                        "it has no tuple of guard %u", i);
    }
}

static void take_guard(struct model *model, int index, uint32_t guard, struct tup *tup)
{
    const struct op *op = &model->history->ops[index];
    const struct told *told = item_of_guard(op, guard);
    const bool final = op->parts[guard].guard == TSD_GUARD_IN && op->step_count > 0;
    const struct told nothing = {0};
    if (op->parts[guard].guard == TSD_GUARD_RD || op->parts[guard].guard == TSD_GUARD_ABSENT ||
        !tup || tup->life != LIFE_STORED)
        return;
    keep(model, tup, index, told ? told : &nothing);
    if (op->parts[guard].guard == TSD_GUARD_HOLD && op->parts[guard].timed) {
        tup->timed = true;
        tup->detached = op->parts[guard].detached;
        tup->hold_low = op->call_ns + 1000 * op->parts[guard].hold_us;
    }
    expect(model, TSD_EVENT_TAKEN, tup);
    if (final)
        tup_set(model, tup, LIFE_CONSUMED);
}

/* What the step's template makes; NULL bytes where it cannot be known. */
static struct span make(struct model *model, int index, const struct body_step *step,
                        struct tup *const *list)
{
    const struct op *op = &model->history->ops[index];
    struct span guards[LIMIT_GUARDS] = {{0}};
    struct buffer out = BUFFER_INIT;
    struct span made = {NULL, 0};
    for (uint32_t i = 0; i < op->part_count; i++)
        if (list[i])
            guards[i] = list[i]->bytes;
    if (template_make(step->template, step->fields, guards, op->part_count, &out)) {
        uint8_t *bytes = array_new(out.size, 1);
        memcpy(bytes, out.bytes, out.size);
        made = (struct span){bytes, (uint32_t)out.size};
        model_own(model, bytes);
    }
    buffer_deinit(&out);
    return made;
}

static void put_step(struct model *model, int index, const struct body_step *step,
                     struct tup *const *list, uint32_t n, uint32_t count)
{
    const struct op *op = &model->history->ops[index];
    const struct span bytes = make(model, index, step, list);
    if (bytes.bytes)
        put(model, index, op->value, step->space, bytes, &step->putting, n, count);
    else
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                    "step %u of its body cannot be done", n);
}

void effect_atomic(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct tup *list[LIMIT_GUARDS] = {0};
    uint32_t puts = 0, n = 0;
    check_guards(model, index, list);
    if (op->delivery)
        check_delivery(model, index);
    for (uint32_t i = 0; i < op->part_count; i++)
        take_guard(model, index, i, list[i]);
    for (uint32_t i = 0; i < op->step_count; i++)
        puts += op->steps[i].kind == TSD_STEP_OUT;
    for (uint32_t i = 0; i < op->step_count; i++) {
        const struct body_step *step = &op->steps[i];
        if (step->kind == TSD_STEP_OUT) {
            put_step(model, index, step, list, n++, puts);
            continue;
        }
        struct tup *tup = settle(model, index, &step->token);
        if (tup)
            tup_set(model, tup, LIFE_CONSUMED);
    }
}

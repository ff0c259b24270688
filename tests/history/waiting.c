/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait, and whose turn it is (rules S2, S4): after each change those whom it may
 * concern are noted as hungry, and before the next unit none of them may be servable, but the one
 * that the unit serves, and that has to be the first.
 */
#include "history/model.h"

#include <stdlib.h>
#include <string.h>

static void waiters_add(struct waiters *waiters, struct waiter *waiter)
{
    waiters->list = grow(waiters->list, waiters->count, &waiters->capacity, sizeof *waiters->list);
    waiters->list[waiters->count++] = waiter;
}

static void waiters_remove(struct waiters *waiters, const struct waiter *waiter)
{
    size_t at = 0;
    while (at < waiters->count && waiters->list[at] != waiter)
        at++;
    if (at == waiters->count)
        return;
    waiters->count--;
    memmove(waiters->list + at, waiters->list + at + 1,
            (waiters->count - at) * sizeof *waiters->list);
}

static void each_line(struct model *model, const struct waiter *waiter,
                      void (*act)(struct waiters *, struct waiter *), struct waiter *same)
{
    for (size_t space = 0; space < model->history->space_count; space++)
        if (model->rooms[space].capacity > 0 && op_needs(model, waiter->op, (int)space) > 0)
            act(&model->rooms[space].line, same);
}

static void remove_from(struct waiters *waiters, struct waiter *waiter)
{
    waiters_remove(waiters, waiter);
}

void waiter_add(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct waiter *waiter = calloc(1, sizeof *waiter);
    if (!waiter)
        exit(2);
    waiter->op = index;
    waiter->room = op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH || op->kind == TSD_OP_ATOMIC;
    model->waiter_of[index] = waiter;
    for (uint32_t i = 0; i < op->part_count; i++) {
        const struct shape shape = pattern_shape(op->parts[i].pattern);
        waiters_add(&bucket_make(model, op->parts[i].space, &shape)->waiting, waiter);
        waiter->absent |= op->kind == TSD_OP_ATOMIC && op->parts[i].guard == TSD_GUARD_ABSENT;
    }
    if (waiter->room)
        each_line(model, waiter, waiters_add, waiter);
    if (op->kind == TSD_OP_DRAINED)
        waiters_add(&model->drains, waiter);
}

void waiter_remove(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct waiter *waiter = model->waiter_of[index];
    if (!waiter)
        return;
    waiter->gone = true;
    for (uint32_t i = 0; i < op->part_count; i++) {
        const struct shape shape = pattern_shape(op->parts[i].pattern);
        waiters_remove(&bucket_make(model, op->parts[i].space, &shape)->waiting, waiter);
    }
    for (size_t i = 0; waiter->room && i < model->history->space_count; i++)
        remove_from(&model->rooms[i].line, waiter);
    waiters_remove(&model->hungry, waiter);
    waiters_remove(&model->drains, waiter);
    if (waiter->room) /* who stood behind it may go now */
        for (size_t i = 0; i < model->history->space_count; i++)
            if (model->rooms[i].line.count > 0)
                wake_line(model, (int)i);
    free(waiter);
    model->waiter_of[index] = NULL;
}

static void queue(struct model *model, struct waiter *waiter)
{
    if (waiter->queued)
        return;
    waiter->queued = true;
    waiters_add(&model->hungry, waiter);
}

void wake_line(struct model *model, int space)
{
    const struct waiters *line = &model->rooms[space].line;
    for (size_t i = 0; i < line->count; i++)
        queue(model, line->list[i]);
}

void wake_for(struct model *model, const struct tup *tup, bool gone)
{
    struct shape shape = tuple_shape(tup->bytes);
    for (int i = 0; i < 3; i++) {
        const struct bucket *bucket = bucket_find(model, tup->space, &shape);
        for (size_t k = 0; bucket && k < bucket->waiting.count; k++) {
            struct waiter *waiter = bucket->waiting.list[k];
            if (model->history->ops[waiter->op].kind == TSD_OP_DRAINED)
                waiter->quiet = 0;
            else if (!gone || waiter->absent)
                queue(model, waiter);
        }
        if (i == 0)
            shape.first = false;
        else
            shape.length = 0;
    }
}

static bool can_take(struct model *model, const struct op *op)
{
    enum { ENOUGH = 64 };
    struct found few[ENOUGH];
    const struct query query = {.parts = op->parts, .part_count = op->part_count, .id = op->id};
    if (op->min <= ENOUGH)
        return gather(model, &query, few, op->min) >= op->min;
    struct found *many = calloc(op->min, sizeof *many);
    const bool enough = many && gather(model, &query, many, op->min) >= op->min;
    free(many);
    return enough;
}

bool can_serve(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct tup *list[LIMIT_GUARDS];
    switch ((int)op->kind) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        return can_take(model, op);
    case TSD_OP_ATOMIC:
        return guards_solve(model, index, list) == GUARDS_YES && op_has_room(model, index, true) &&
               line_is_clear(model, index);
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        return op_has_room(model, index, true) && line_is_clear(model, index);
    default:
        return false;
    }
}

bool may_be_late(const struct model *model, const struct waiter *waiter)
{
    return waiter->absent && model->position < model->history->calm_at;
}

/* The first of the hungry, readers or others, that can be served; those that cannot go. */
static struct waiter *first_servable(struct model *model, int served, bool reader)
{
    struct waiter *first = NULL;
    for (size_t i = 0; i < model->hungry.count;) {
        struct waiter *waiter = model->hungry.list[i];
        const struct op *op = &model->history->ops[waiter->op];
        if ((op->kind == TSD_OP_RD) != reader ||
            (first && model->history->ops[first->op].since < op->since) ||
            (waiter->op != served && may_be_late(model, waiter))) {
            i++;
        } else if (can_serve(model, waiter->op)) {
            first = waiter;
            i++;
        } else {
            waiter->queued = false;
            model->hungry.list[i] = model->hungry.list[--model->hungry.count];
        }
    }
    return first;
}

/*
 * Whether what is served is the older one, of which it was not sure that it could be: it is looked
 * at by itself.
 */
static bool may_go_first(const struct model *model, int served, const struct op *first)
{
    if (served == NO_OP)
        return false;
    const struct op *op = &model->history->ops[served];
    const bool refused = op->status == TS_INVALID || op->status == TS_LIMIT; /* by its turn */
    return (op->status == TS_OK || refused) && op->since < first->since &&
           (op->kind == TSD_OP_RD || first->kind != TSD_OP_RD);
}

void check_turn(struct model *model, int served)
{
    if (model->hungry.count == 0)
        return;
    struct waiter *first = first_servable(model, served, true);
    if (!first)
        first = first_servable(model, served, false);
    if (!first || first->op == served)
        return;
    const struct op *op = &model->history->ops[first->op];
    if (may_go_first(model, served, op))
        return;
    if (op->status == TS_LATE || op->repeated) /* comes before, and is looked at by itself */
        return;
    verdict_add(model->verdict, FOUND_PASSED_OVER, first->op, served,
                "position %llu comes before a waiting request that could be served",
                (unsigned long long)model->position);
    first->queued = false;
    waiters_remove(&model->hungry, first);
}

/* Rule S20: looked at when a step ends; by the second arrival after, a step has ended. */
void check_drained(struct model *model)
{
    enum { STEPS = 3 };
    if (model->position < model->history->calm_at)
        return;
    for (size_t i = 0; i < model->drains.count; i++) {
        struct waiter *waiter = model->drains.list[i];
        const struct op *op = &model->history->ops[waiter->op];
        if (model->rooms[op->space].ghosts || gather_there(model, &op->parts[0], false)) {
            waiter->quiet = 0;
            continue;
        }
        if (++waiter->quiet == STEPS)
            verdict_add(model->verdict, FOUND_PASSED_OVER, waiter->op, NO_OP,
                        "nothing matches, and it still waits at position %llu",
                        (unsigned long long)model->position);
    }
}

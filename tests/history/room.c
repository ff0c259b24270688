/* SPDX-License-Identifier: MIT */
/* Room in spaces with a capacity, and the line of those who wait for it (rule S30). */
#include "history/model.h"

/* A connection's end is seen by the daemon at once; this is for the most loaded machine. */
#define END_SEEN_NS UINT64_C(20000000000)

bool room_surely(const struct model *model, int space, int64_t need)
{
    const struct room *room = &model->rooms[space];
    return room->capacity == 0 || need <= 0 || room->used + (uint64_t)need <= room->capacity;
}

bool room_maybe(const struct model *model, int space, int64_t need)
{
    const struct room *room = &model->rooms[space];
    return room->capacity == 0 || need <= 0 ||
           room->used - room->maybe + (uint64_t)need <= room->capacity;
}

static int64_t freed_by(const struct model *model, const struct token *token, int space)
{
    const struct tup *tup = table_find(&model->holds, token->number);
    return tup && tup->life == LIFE_KEPT && tup->hold == token->number && tup->held &&
           tup->space == space && !tup->pulse;
}

/* What the `in` guards of a body free: not where they take a pulse, which uses no room. */
static int64_t freed_by_guards(const struct model *model, int index, int space)
{
    const struct op *op = &model->history->ops[index];
    struct tup *list[LIMIT_GUARDS] = {0};
    int64_t freed = 0;
    if (op->step_count == 0)
        return 0;
    const bool hold = guards_solve(model, index, list) != GUARDS_NO;
    for (uint32_t i = 0; i < op->part_count; i++)
        freed += op->parts[i].guard == TSD_GUARD_IN && op->parts[i].space == space &&
                 !(hold && list[i] && list[i]->pulse);
    return freed;
}

static int64_t atomic_needs(const struct model *model, int index, int space)
{
    const struct op *op = &model->history->ops[index];
    int64_t need = 0;
    for (uint32_t i = 0; i < op->step_count; i++) {
        const struct body_step *step = &op->steps[i];
        if (step->kind == TSD_STEP_OUT && step->space == space && !step->putting.pulse)
            need++;
        else if (step->kind == TSD_STEP_FINISH)
            need -= freed_by(model, &step->token, space);
    }
    return need > 0 ? need - freed_by_guards(model, index, space) : need;
}

int64_t op_needs(const struct model *model, int index, int space)
{
    const struct op *op = &model->history->ops[index];
    int64_t need = 0;
    if (op->kind == TSD_OP_ATOMIC)
        return atomic_needs(model, index, space);
    if (op->space == space && !op->putting.pulse)
        need = op->tuple_count;
    if (op->kind == TSD_OP_FINISH)
        for (uint32_t i = 0; i < op->token_count; i++)
            need -= freed_by(model, &op->tokens[i], space);
    return need;
}

bool op_has_room(const struct model *model, int op, bool surely)
{
    for (int space = 0; space < (int)model->history->space_count; space++) {
        if (model->rooms[space].capacity == 0)
            continue;
        const int64_t need = op_needs(model, op, space);
        if (surely ? !room_surely(model, space, need) : !room_maybe(model, space, need))
            return false;
    }
    return true;
}

bool op_can_ever_fit(const struct model *model, int op)
{
    for (int space = 0; space < (int)model->history->space_count; space++)
        if (model->rooms[space].capacity > 0 &&
            op_needs(model, op, space) > (int64_t)model->rooms[space].capacity)
            return false;
    return true;
}

bool session_is_over(const struct model *model, int session)
{
    const struct session *told = &model->history->sessions[session];
    return model->seats[session].ended ||
           (told->end != SESSION_OPEN && told->end_ns + END_SEEN_NS < model->low_ns);
}

/* Whether a request that has no answer, or is not taken up yet, may stand in the line now. */
static bool somebody_lurks(const struct model *model, const struct room *room)
{
    for (size_t i = 0; i < room->lurker_count; i++) {
        const struct op *op = &model->history->ops[room->lurkers[i]];
        if (model->guessed[room->lurkers[i]] && op->at <= model->position)
            continue;
        if (op->answered && op->since <= model->position)
            continue;
        if (op->call_ns <= model->high_ns && !session_is_over(model, op->session))
            return true;
    }
    return false;
}

static bool stands_in_line(const struct model *model, const struct waiter *waiter, int space,
                           bool surely)
{
    struct tup *list[LIMIT_GUARDS];
    if (op_needs(model, waiter->op, space) <= 0)
        return false;
    if (model->history->ops[waiter->op].kind != TSD_OP_ATOMIC)
        return true;
    const enum guards_answer hold = guards_solve(model, waiter->op, list);
    return surely ? hold == GUARDS_YES && !may_be_late(model, waiter) : hold != GUARDS_NO;
}

/* Whether the op has to let somebody go first in the space. */
static bool has_older(const struct model *model, int op, int space, bool surely)
{
    const struct waiters *line = &model->rooms[space].line;
    for (size_t i = 0; i < line->count && line->list[i]->op != op; i++)
        if (!line->list[i]->gone && stands_in_line(model, line->list[i], space, surely))
            return true;
    return false;
}

static bool any_line_has_older(const struct model *model, int op, bool surely)
{
    for (int space = 0; space < (int)model->history->space_count; space++)
        if (model->rooms[space].capacity > 0 && op_needs(model, op, space) > 0 &&
            has_older(model, op, space, surely))
            return true;
    return false;
}

bool line_has_older(const struct model *model, int op)
{
    return any_line_has_older(model, op, true);
}

bool line_is_clear(const struct model *model, int op)
{
    for (int space = 0; space < (int)model->history->space_count; space++)
        if (model->rooms[space].capacity > 0 && op_needs(model, op, space) > 0 &&
            somebody_lurks(model, &model->rooms[space]))
            return false;
    return !any_line_has_older(model, op, false);
}

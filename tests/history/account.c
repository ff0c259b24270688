/* SPDX-License-Identifier: MIT */
/* What became of every tuple, and whose fault it is where that is not known. */
#include "history/model.h"

static bool would_match(const struct op *op, const struct tup *tup)
{
    for (uint32_t i = 0; i < op->part_count; i++)
        if (op->parts[i].space == tup->space && pattern_matches(op->parts[i].pattern, tup->bytes))
            return true;
    return false;
}

/* A request that was told that nothing was taken, and whose end lies nearest to the loss. */
static int nearest_end(const struct model *model, const struct tup *tup)
{
    const struct history *history = model->history;
    uint64_t least = UINT64_MAX;
    int nearest = NO_OP;
    for (size_t i = 0; i < history->op_count; i++) {
        const struct op *op = &history->ops[i];
        if (!op->placed || (op->status != TS_TIMEOUT && op->status != TS_CANCELLED) ||
            op->kind == TSD_OP_RD || op->at < tup->id || !would_match(op, tup))
            continue;
        const uint64_t gone = tup->gone_at ? tup->gone_at : model->position;
        const uint64_t away = op->at > gone ? op->at - gone : gone - op->at;
        if (away < least) {
            least = away;
            nearest = (int)i;
        }
    }
    return nearest;
}

enum finding_kind blame(const struct model *model, const struct tup *tup, int *op)
{
    if (tup->life == LIFE_KEPT && tup->keeper != UNKNOWN_SESSION) {
        *op = tup->kept_by;
        return FOUND_LOST_AT_KILL;
    }
    *op = nearest_end(model, tup);
    if (*op != NO_OP && tup->life == LIFE_KEPT && model->history->ops[*op].at != tup->gone_at)
        *op = NO_OP; /* rather one of those who died */
    if (*op != NO_OP)
        return model->history->ops[*op].status == TS_TIMEOUT ? FOUND_LOST_AT_TIMEOUT
                                                             : FOUND_LOST_AT_CANCEL;
    for (size_t i = 0; i < model->takers.count; i++) {
        *op = model->takers.list[i];
        if (would_match(&model->history->ops[*op], tup))
            return FOUND_LOST_AT_KILL;
    }
    *op = NO_OP;
    return FOUND_LOST;
}

/* What the last scans told, by id. */
static void note_left(const struct history *history, struct table *left)
{
    for (size_t i = (size_t)history->last_scan; i < history->op_count; i++)
        for (uint32_t k = 0; k < history->ops[i].item_count; k++)
            *table_slot(left, history->ops[i].items[k].id) = &history->ops[i].items[k];
}

static bool connection_is_gone(const struct model *model, const struct tup *tup)
{
    return tup->keeper == UNKNOWN_SESSION ||
           model->history->sessions[tup->keeper].end != SESSION_OPEN;
}

/*
 * All connections have ended, and what is left was told by the last scans, which the replay has
 * checked against the model. This finds what these cannot tell: what was kept, and is not left.
 */
void account(struct model *model)
{
    struct table left = {0};
    if (model->history->last_scan == NO_OP)
        return;
    note_left(model->history, &left);
    for (size_t i = 0; i < model->all_count; i++) {
        const struct tup *tup = model->all[i];
        int op = NO_OP;
        if (tup->life == LIFE_STORED && tup->bound != UNKNOWN_SESSION &&
            model->seats[tup->bound].ended)
            verdict_add(model->verdict, FOUND_LEFT_OVER, tup->put_by, NO_OP,
                        "tuple %llu is there, and its connection has ended",
                        (unsigned long long)tup->id);
        if (tup->life == LIFE_KEPT && !tup->maybe && connection_is_gone(model, tup) &&
            !table_find(&left, tup->id)) {
            const enum finding_kind kind = blame(model, tup, &op);
            verdict_add(model->verdict, kind == FOUND_LOST ? FOUND_LOST_AT_KILL : kind, op,
                        tup->put_by, "tuple %llu never came back", (unsigned long long)tup->id);
        }
    }
    table_clear(&left);
}

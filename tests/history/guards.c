/* SPDX-License-Identifier: MIT */
/*
 * The guards of an atomic (rule S22): guard by guard the best-placed that leaves the later ones
 * satisfiable, found by trying. As many candidates of each guard are looked at as there are guards:
 * no more can be in use.
 */
#include "history/model.h"

struct trial {
    const struct model *model;
    const struct op *op;
    struct tup **list;
    bool unsure;
};

static bool is_finished_by(const struct trial *trial, const struct tup *tup)
{
    for (uint32_t i = 0; i < trial->op->step_count; i++) {
        const struct body_step *step = &trial->op->steps[i];
        if (step->kind == TSD_STEP_FINISH && tup->held && tup->life == LIFE_KEPT &&
            step->token.number == tup->hold)
            return true;
    }
    return false;
}

static bool absence_holds(struct trial *trial, const struct part *part)
{
    struct found found[LIMIT_GUARDS];
    struct query query = {.parts = part, .part_count = 1};
    if (trial->model->rooms[part->space].ghosts)
        trial->unsure = true;
    if (gather(trial->model, &query, found, 1) > 0)
        return false;
    query.hidden = true;
    const size_t count = gather(trial->model, &query, found, LIMIT_GUARDS);
    for (size_t i = 0; i < count; i++) {
        if (found[i].tup->maybe)
            trial->unsure = true;
        else if (!is_finished_by(trial, found[i].tup))
            return false;
    }
    return true;
}

static bool is_taken(const struct trial *trial, uint32_t guards, const struct tup *tup)
{
    for (uint32_t i = 0; i < guards; i++)
        if (trial->list[i] == tup && trial->op->parts[i].guard != TSD_GUARD_RD)
            return true;
    return false;
}

static bool try_guards(struct trial *trial, uint32_t from)
{
    struct found found[LIMIT_GUARDS];
    if (from == trial->op->part_count)
        return true;
    const struct part *part = &trial->op->parts[from];
    const struct query query = {.parts = part, .part_count = 1};
    const bool reads = part->guard == TSD_GUARD_RD;
    trial->list[from] = NULL;
    if (part->guard == TSD_GUARD_ABSENT)
        return absence_holds(trial, part) && try_guards(trial, from + 1);
    const size_t count = gather(trial->model, &query, found, reads ? 1 : LIMIT_GUARDS);
    for (size_t i = 0; i < count; i++) {
        if (!reads && is_taken(trial, from, found[i].tup))
            continue;
        trial->list[from] = found[i].tup;
        if (try_guards(trial, from + 1))
            return true;
    }
    return false;
}

enum guards_answer guards_solve(const struct model *model, int op, struct tup **list)
{
    struct trial trial = {.model = model, .op = &model->history->ops[op], .list = list};
    if (!try_guards(&trial, 0))
        return GUARDS_NO;
    return trial.unsure ? GUARDS_UNSURE : GUARDS_YES;
}

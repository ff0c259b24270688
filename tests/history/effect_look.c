/* SPDX-License-Identifier: MIT */
/* count and scan; collect and copy, which walk alike (rules S16, S17, S29). */
#include "history/model.h"

#include <stdlib.h>

static size_t gather_many(struct model *model, const struct op *op, bool hidden,
                          struct found **list)
{
    const struct query query = {.parts = op->parts, .part_count = op->part_count, .hidden = hidden};
    size_t room = 4 * (model->rooms[op->space].used + 64);
    *list = array_new(room, sizeof **list);
    return gather(model, &query, *list, room);
}

/* What a scan says is in the space that is not, and what it does not say. */
static void missing(struct model *model, int index, const struct tup *tup)
{
    int other = tup->kept_by;
    enum finding_kind kind = FOUND_STALE_READ;
    if (tup->maybe)
        return;
    if (index >= model->history->last_scan && model->history->last_scan != NO_OP)
        kind = blame(model, tup, &other);
    verdict_add(model->verdict, kind, index, other, "tuple %llu is missing",
                (unsigned long long)tup->id);
}

static bool after_cursor(const struct op *op, const struct tup *tup)
{
    if (!(op->has & TSD_HAS(CURSOR)))
        return true;
    return tup->priority != op->cursor.priority ? tup->priority < op->cursor.priority
                                                : tup->id > op->cursor.id;
}

static const struct told *item_with(const struct op *op, uint64_t id)
{
    for (uint32_t i = 0; i < op->item_count; i++)
        if (op->items[i].id == id)
            return &op->items[i];
    return NULL;
}

static bool kept_alike(const struct tup *tup, const struct told *told)
{
    static const enum life lives[] = {[0] = LIFE_STORED,
                                      [TSD_STATE_STORED] = LIFE_STORED,
                                      [TSD_STATE_DELAYED] = LIFE_DELAYED,
                                      [TSD_STATE_DELIVERED] = LIFE_KEPT,
                                      [TSD_STATE_HELD] = LIFE_KEPT};
    return told->state <= TSD_STATE_HELD && lives[told->state] == tup->life;
}

static void scan_item(struct model *model, int index, const struct told *told, bool states)
{
    struct tup *tup = tup_find(model, told->id);
    const struct part *part = &model->history->ops[index].parts[0];
    const bool there = tup && tup_is_there(tup) && (states || tup->life == LIFE_STORED) &&
                       tup->space == part->space && pattern_matches(part->pattern, tup->bytes);
    struct tup *same = check_item(model, index, told, there ? tup : NULL);
    if (same && there && states && !kept_alike(same, told))
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, same->kept_by,
                    "tuple %llu is told as in state %u", (unsigned long long)same->id, told->state);
}

/* Where the answer is a piece, only what stands before its end is to be in it. */
static bool within_piece(const struct op *op, const struct tup *tup)
{
    if (!op->more)
        return true;
    return tup->priority != op->next.priority ? tup->priority > op->next.priority
                                              : tup->id <= op->next.id;
}

static void look_for(struct model *model, int index, bool hidden)
{
    const struct op *op = &model->history->ops[index];
    struct found *list;
    const size_t count = gather_many(model, op, hidden, &list);
    for (size_t i = 0; i < count; i++)
        if (after_cursor(op, list[i].tup) && within_piece(op, list[i].tup) &&
            !item_with(op, list[i].tup->id))
            missing(model, index, list[i].tup);
    free(list);
}

static bool in_order(const struct model *model, const struct op *op, const struct told *a,
                     const struct told *b)
{
    const struct tup *one = tup_find(model, a->id), *other = tup_find(model, b->id);
    if (!one || !other)
        return true; /* said elsewhere */
    if (one->priority != other->priority)
        return (one->priority > other->priority) != op->reverse;
    return op->reverse ? one->id > other->id : one->id < other->id;
}

static void effect_scan(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (uint32_t i = 0; i < op->item_count; i++) {
        scan_item(model, index, &op->items[i], op->states);
        if (i > 0 && !in_order(model, op, &op->items[i - 1], &op->items[i]))
            verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP,
                        "tuple %llu is told out of order", (unsigned long long)op->items[i].id);
    }
    if (op->reverse)
        return;
    look_for(model, index, false);
    if (op->states)
        look_for(model, index, true);
}

static void effect_count(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct found *list;
    size_t count = gather_many(model, op, false, &list), unsure = 0;
    free(list);
    if (op->states) {
        const size_t hidden = gather_many(model, op, true, &list);
        for (size_t i = 0; i < hidden; i++)
            unsure += list[i].tup->maybe;
        count += hidden;
        free(list);
    }
    if (op->value > count || op->value + unsure < count)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP, "%llu are told, %zu match",
                    (unsigned long long)op->value, count);
}

void effect_look(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (op->since != op->at)
        return; /* not a unit (rule S17): what it saw is of several positions */
    if (op->kind == TSD_OP_COUNT)
        effect_count(model, index);
    else
        effect_scan(model, index);
}

/* --- collect and copy --- */

static void move_one(struct model *model, int index, struct tup *tup, uint32_t n, uint32_t count)
{
    const struct op *op = &model->history->ops[index];
    const struct putting putting = {.priority = tup->priority};
    if (op->kind == TSD_OP_COLLECT) {
        expect(model, TSD_EVENT_TAKEN, tup);
        tup_set(model, tup, op->to == NO_SPACE ? LIFE_CONSUMED : LIFE_MOVED);
        tup->kept_by = index;
    }
    if (op->to == NO_SPACE)
        return;
    struct tup *moved = put(model, index, op->at, op->to, tup->bytes, &putting, n, count);
    moved->put_low = tup->put_low; /* life, owner and bound go with it */
    moved->put_high = tup->put_high;
    moved->ttl_ns = tup->ttl_ns;
    moved->unsure_life = tup->unsure_life;
    moved->bound = tup->bound;
    if (moved->bound != UNKNOWN_SESSION)
        list_add(&model->seats[moved->bound].bound, moved);
}

void effect_move(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct found *list;
    size_t count = gather_many(model, op, false, &list);
    if (count > op->max)
        count = op->max;
    if (op->value != count)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, index, NO_OP, "%llu are told, not %zu",
                    (unsigned long long)op->value, count);
    if (count > op->value)
        count = op->value;
    for (size_t i = 0; i < count; i++)
        move_one(model, index, list[i].tup, (uint32_t)i, (uint32_t)count);
    free(list);
}

/* SPDX-License-Identifier: MIT */
/*
 * Requests without an answer: which of them were done. One that puts was, if one of its tuples is
 * seen anywhere; then its position is that tuple's id less its number in the unit. Of what the
 * others may have done the model is told what is possible.
 */
#define _GNU_SOURCE /* qsort_r */

#include "history/model.h"

#include <stdlib.h>
#include <string.h>

/* A tuple that a request without an answer would put. */
struct entry {
    int op;
    uint32_t nth;
    struct entry *next;
};

/* The ids that answered requests gave to what they put, in order. */
struct range {
    uint64_t first, count;
};

struct resolver {
    struct model *model;
    struct table contents;
    struct range *ranges;
    size_t range_count, range_capacity;
    int *atomics; /* without an answer, that put */
    size_t atomic_count, atomic_capacity;
};

static uint32_t puts_of(const struct op *op)
{
    uint32_t puts = op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH ? op->tuple_count : 0;
    for (uint32_t i = 0; i < op->step_count; i++)
        puts += op->steps[i].kind == TSD_STEP_OUT;
    return puts;
}

static void note_range(struct resolver *resolver, const struct op *op)
{
    struct range range = {op->value, puts_of(op)};
    if (op->status != TS_OK || op->repeated)
        return;
    if ((op->kind == TSD_OP_COLLECT && op->to != NO_SPACE) || op->kind == TSD_OP_COPY)
        range = (struct range){op->at, op->value};
    if (range.count == 0)
        return;
    resolver->ranges = grow(resolver->ranges, resolver->range_count, &resolver->range_capacity,
                            sizeof *resolver->ranges);
    resolver->ranges[resolver->range_count++] = range;
}

static int by_first(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static bool is_owned(const struct resolver *resolver, uint64_t id)
{
    size_t low = 0, high = resolver->range_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (resolver->ranges[middle].first <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && id - resolver->ranges[low - 1].first < resolver->ranges[low - 1].count;
}

static void note_contents(struct resolver *resolver, int index)
{
    const struct op *op = &resolver->model->history->ops[index];
    if (op->kind != TSD_OP_OUT && op->kind != TSD_OP_FINISH)
        return;
    for (uint32_t i = 0; i < op->tuple_count; i++) {
        struct entry *entry = calloc(1, sizeof *entry);
        void **slot =
            table_slot(&resolver->contents, mix_bytes(op->tuples[i].bytes, op->tuples[i].size));
        if (!entry)
            exit(2);
        *entry = (struct entry){index, i, *slot};
        model_own(resolver->model, entry);
        *slot = entry;
    }
}

static void note_tokens(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct table *table = op->kind == TSD_OP_RELEASE ? &model->unsure_releases
                          : op->kind == TSD_OP_RENEW ? &model->unsure_renews
                                                     : &model->unsure_tokens;
    for (uint32_t i = 0; i < op->token_count; i++)
        *table_slot(table, token_key(op->session, &op->tokens[i])) = &model->numbers[index];
    for (uint32_t i = 0; i < op->step_count; i++)
        if (op->steps[i].kind == TSD_STEP_FINISH)
            *table_slot(&model->unsure_tokens, op->steps[i].token.number) = &model->numbers[index];
}

static void note_int(int **list, size_t *count, size_t *capacity, int number)
{
    *list = grow(*list, *count, capacity, sizeof **list);
    (*list)[(*count)++] = number;
}

static void note_lurker(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (size_t space = 0; space < model->history->space_count; space++) {
        struct room *room = &model->rooms[space];
        bool puts = op->tuple_count > 0 && op->space == (int)space;
        for (uint32_t i = 0; i < op->step_count; i++)
            puts |= op->steps[i].kind == TSD_STEP_OUT && op->steps[i].space == (int)space;
        if (puts)
            note_int(&room->lurkers, &room->lurker_count, &room->lurker_capacity, index);
    }
}

static void note_unanswered(struct resolver *resolver, int index)
{
    struct model *model = resolver->model;
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    note_tokens(model, index);
    switch ((int)op->kind) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        note_contents(resolver, index);
        note_lurker(model, index);
        break;
    case TSD_OP_ATOMIC:
        note_int(&model->takers.list, &model->takers.count, &model->takers.capacity, index);
        if (puts_of(op) > 0) {
            note_int(&resolver->atomics, &resolver->atomic_count, &resolver->atomic_capacity,
                     index);
            note_lurker(model, index);
        }
        break;
    case TSD_OP_IN:
    case TSD_OP_HOLD:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        note_int(&model->takers.list, &model->takers.count, &model->takers.capacity, index);
        break;
    case TSD_OP_WILL:
        seat->unsure_will = true;
        break;
    default:
        break;
    }
}

static void note_op(struct resolver *resolver, int index)
{
    struct model *model = resolver->model;
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    uint64_t *ack = op->answered ? &seat->final_ack : &seat->maybe_ack;
    if (!op->placed && op->ack > *ack)
        *ack = op->ack;
    if (op->kind == TSD_OP_WILL)
        note_int(&model->wills, &model->will_count, &model->will_capacity, index);
    if (op->kind == TSD_OP_CLOSE) {
        seat->said_goodbye = true;
        seat->unsure_goodbye = !op->answered;
    }
    if (!op->answered)
        note_unanswered(resolver, index);
    else
        note_range(resolver, op);
    /* One that was looked up anew has waited before that, unseen. */
    if (op->answered && op->kind == TSD_OP_ATOMIC && model->history->calm_at > 0)
        note_lurker(model, index);
}

/* --- Seen --- */

static void was_done(struct resolver *resolver, int index, uint64_t at)
{
    struct model *model = resolver->model;
    struct op *op = &model->history->ops[index];
    model->guessed[index] = true;
    op->status = TS_OK;
    op->since = op->at = op->value = at;
}

static void seen_template(struct resolver *resolver, const struct told *told)
{
    struct model *model = resolver->model;
    for (size_t i = 0; i < resolver->atomic_count; i++) {
        const struct op *op = &model->history->ops[resolver->atomics[i]];
        uint32_t n = 0;
        if (model->guessed[resolver->atomics[i]])
            continue;
        for (uint32_t k = 0; k < op->step_count; k++) {
            if (op->steps[k].kind != TSD_STEP_OUT)
                continue;
            if (template_may_make(op->steps[k].template, op->steps[k].fields, told->tuple)) {
                was_done(resolver, resolver->atomics[i], told->id - n);
                return;
            }
            n++;
        }
    }
}

static void seen(struct resolver *resolver, const struct told *told, int space, bool put)
{
    if (told->tuple.size == 0 || is_owned(resolver, told->id))
        return;
    const struct entry *first = NULL,
                       *entry = table_find(&resolver->contents,
                                           mix_bytes(told->tuple.bytes, told->tuple.size));
    for (; entry; entry = entry->next) {
        const struct op *op = &resolver->model->history->ops[entry->op];
        if (op->space != space || !same_tuple(op->tuples[entry->nth], told->tuple))
            continue;
        if (resolver->model->guessed[entry->op]) {
            if (op->at + entry->nth == told->id)
                return; /* known already */
        } else if (!first || op->call_ns < resolver->model->history->ops[first->op].call_ns) {
            first = entry; /* of one that was tried again the first attempt */
        }
    }
    if (first) {
        was_done(resolver, first->op, told->id - first->nth);
        return;
    }
    if (put && resolver->atomic_count > 0)
        seen_template(resolver, told);
}

/* A repeated answer tells what the first one did, which may have had no answer. */
static void seen_by_key(struct resolver *resolver, const struct op *op)
{
    const struct told told = {.id = op->value,
                              .tuple = op->tuple_count > 0 ? op->tuples[0] : (struct span){0}};
    seen(resolver, &told, op->space, false);
}

static void look_at_all(struct resolver *resolver)
{
    const struct history *history = resolver->model->history;
    for (size_t i = 0; i < history->event_count; i++) {
        const struct happening *event = &history->events[i];
        if (event->kind == TSD_EVENT_PUT)
            seen(resolver, &event->told, history->ops[event->watch].space, true);
    }
    for (size_t i = 0; i < history->op_count; i++) {
        const struct op *op = &history->ops[i];
        for (uint32_t k = 0; k < op->item_count; k++)
            if (op->items[k].of < op->part_count)
                seen(resolver, &op->items[k], op->parts[op->items[k].of].space, false);
        if (op->answered && op->repeated && op->status == TS_OK)
            seen_by_key(resolver, op);
    }
}

/* Delayed tuples that nobody will ever know of. */
static void note_ghosts(struct model *model)
{
    for (size_t i = 0; i < model->history->op_count; i++) {
        const struct op *op = &model->history->ops[i];
        if (op->answered || model->guessed[i])
            continue;
        if (op->tuple_count > 0 && op->putting.delay_us > 0)
            model->rooms[op->space].ghosts = true;
        for (uint32_t k = 0; k < op->step_count; k++)
            if (op->steps[k].kind == TSD_STEP_OUT && op->steps[k].putting.delay_us > 0)
                model->rooms[op->steps[k].space].ghosts = true;
    }
}

static void note_in_bucket(struct model *model, int index, uint32_t part)
{
    const struct op *op = &model->history->ops[index];
    const enum tsd_guard guard = op->parts[part].guard;
    const struct shape shape = pattern_shape(op->parts[part].pattern);
    struct bucket *bucket = bucket_make(model, op->parts[part].space, &shape);
    const bool gone = op->kind == TSD_OP_COLLECT ||
                      (op->kind == TSD_OP_ATOMIC && op->step_count > 0 && guard == TSD_GUARD_IN);
    struct takers *takers = gone ? &bucket->consumers : &bucket->keepers;
    if (op->kind != TSD_OP_COPY &&
        (op->kind != TSD_OP_ATOMIC || guard == TSD_GUARD_IN || guard == TSD_GUARD_HOLD))
        note_int(&takers->list, &takers->count, &takers->capacity, index);
}

static int by_call(const void *a, const void *b, void *context)
{
    const struct op *ops = context;
    const uint64_t x = ops[*(const int *)a].call_ns, y = ops[*(const int *)b].call_ns;
    return (x > y) - (x < y);
}

static void sort_takers(struct model *model)
{
    struct takers *takers = &model->takers;
    if (takers->count)
        qsort_r(takers->list, takers->count, sizeof(int), by_call, model->history->ops);
    for (size_t i = 0; i < takers->count; i++)
        for (uint32_t k = 0; k < model->history->ops[takers->list[i]].part_count; k++)
            note_in_bucket(model, takers->list[i], k);
}

void resolve(struct model *model)
{
    struct resolver resolver = {.model = model};
    for (size_t i = 0; i < model->history->op_count; i++)
        note_op(&resolver, (int)i);
    if (resolver.range_count)
        qsort(resolver.ranges, resolver.range_count, sizeof *resolver.ranges, by_first);
    if (resolver.contents.used > 0 || resolver.atomic_count > 0)
        look_at_all(&resolver);
    sort_takers(model);
    note_ghosts(model);
    table_clear(&resolver.contents);
    free(resolver.ranges);
    free(resolver.atomics);
}

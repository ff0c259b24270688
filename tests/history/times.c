/* SPDX-License-Identifier: MIT */
/*
 * Mode 2: what times alone can tell; positions are not looked at, so that a position that is only
 * decoration is seen through. Necessary conditions: what is rejected has no legal order.
 *
 * A tuple is surely there from the answer to its put to the first call of anybody who may have taken
 * it. Of tuples that may go or come by themselves nothing is said.
 */
#include "history/times.h"

#include <stdlib.h>
#include <string.h>

/* A connection's end is seen by the daemon within this; what it asked may be done until then. */
#define END_SEEN_NS UINT64_C(10000000000)

static bool takes(const struct op *op)
{
    return op->kind == TSD_OP_IN || op->kind == TSD_OP_HOLD || op->kind == TSD_OP_ATOMIC ||
           op->kind == TSD_OP_COLLECT;
}

/* When the request was surely not yet done, and surely over. */
static struct span_ns span_of(const struct history *history, const struct op *op)
{
    const struct session *session = &history->sessions[op->session];
    if (op->answered)
        return (struct span_ns){op->call_ns, op->answer_ns};
    if (session->end == SESSION_OPEN || session->end_ns > UINT64_MAX / 2)
        return (struct span_ns){op->call_ns, UINT64_MAX};
    return (struct span_ns){op->call_ns, session->end_ns + END_SEEN_NS};
}

static void add_lives(struct times *times, int index)
{
    const struct op *op = &times->history->ops[index];
    if ((op->kind != TSD_OP_OUT && op->kind != TSD_OP_FINISH) || !op->answered ||
        op->status != TS_OK || op->repeated)
        return;
    for (uint32_t i = 0; i < op->tuple_count; i++) {
        struct lived *lived = &times->lives[times->count++];
        *lived = (struct lived){.id = op->value + i,
                                .space = op->space,
                                .put_by = index,
                                .final_by = NO_OP,
                                .bytes = op->tuples[i],
                                .priority = op->putting.priority,
                                .put_ns = op->call_ns,
                                .there = {op->answer_ns, UINT64_MAX},
                                .final_ns = UINT64_MAX,
                                .plain = !op->putting.ttl_us && !op->putting.delay_us &&
                                         !op->putting.bound && !op->putting.pulse};
        if (!lived->plain)
            lived->there.high = 0;
        *table_slot(&times->by_id, lived->id) = lived;
    }
}

static void may_be_taken(struct lived *lived, uint64_t call_ns)
{
    if (call_ns < lived->there.high)
        lived->there.high = call_ns;
}

/* Who took or read it: what that says of when it was there. */
static void note_items(struct times *times, int index)
{
    const struct op *op = &times->history->ops[index];
    for (uint32_t i = 0; op->answered && i < op->item_count; i++) {
        struct lived *lived = table_find(&times->by_id, op->items[i].id);
        if (!lived)
            continue;
        if (op->answer_ns < times->history->ops[lived->put_by].call_ns)
            verdict_add(times->verdict, FOUND_NEVER_PUT, index, lived->put_by,
                        "tuple %llu was told before it was put", (unsigned long long)lived->id);
        if (takes(op))
            may_be_taken(lived, op->call_ns);
    }
}

static void add_unknown(struct times *times, const struct op *op)
{
    const bool tells = op->answered && op->kind != TSD_OP_COLLECT;
    for (uint32_t i = 0; takes(op) && !tells && i < op->part_count; i++)
        times->unknown[times->unknown_count++] =
            (struct unknown){op->parts[i].space, span_of(times->history, op), op->parts[i].pattern};
}

static int by_low(const void *a, const void *b)
{
    const struct unknown *x = a, *y = b;
    return (x->when.low > y->when.low) - (x->when.low < y->when.low);
}

static void apply_unknown(struct times *times, struct lived *lived, size_t *from)
{
    while (*from < times->unknown_count && times->unknown[*from].when.high < lived->put_ns)
        (*from)++;
    for (size_t i = *from; i < times->unknown_count; i++) {
        const struct unknown *unknown = &times->unknown[i];
        if (unknown->when.low >= lived->there.high)
            break; /* in order of their calls */
        if (unknown->space == lived->space && unknown->when.high >= lived->put_ns &&
            pattern_matches(unknown->pattern, lived->bytes))
            may_be_taken(lived, unknown->when.low);
    }
}

static int by_put(const void *a, const void *b)
{
    const struct lived *x = *(struct lived *const *)a, *y = *(struct lived *const *)b;
    return (x->put_ns > y->put_ns) - (x->put_ns < y->put_ns);
}

static void apply_all_unknown(struct times *times)
{
    struct lived **order = array_new(times->count, sizeof *order);
    size_t from = 0;
    for (size_t i = 0; i < times->count; i++)
        order[i] = &times->lives[i];
    if (times->count)
        qsort(order, times->count, sizeof *order, by_put);
    if (times->unknown_count)
        qsort(times->unknown, times->unknown_count, sizeof *times->unknown, by_low);
    for (size_t i = 0; i < times->count; i++)
        if (order[i]->there.low < order[i]->there.high)
            apply_unknown(times, order[i], &from);
    free(order);
}

/* --- Gone for good (rule S8): who asked again after that cannot be given it --- */

/* The earliest answer to a later request of the session that acknowledges the delivery. */
static uint64_t acknowledged_ns(const struct history *history, size_t index)
{
    enum { FAR = 2000 }; /* requests looked at: further away says no more */
    const struct op *op = &history->ops[index];
    for (size_t i = index + 1; i < history->op_count && i < index + FAR; i++) {
        const struct op *later = &history->ops[i];
        if (later->session == op->session && later->answered && later->ack >= op->delivery)
            return later->answer_ns;
        if (later->kind == TSD_OP_RELEASE && later->session == op->session)
            return UINT64_MAX;
    }
    return UINT64_MAX;
}

static void note_final(struct times *times, size_t index)
{
    const struct op *op = &times->history->ops[index];
    if (op->kind != TSD_OP_IN || !op->answered || op->status != TS_OK || !op->delivery)
        return;
    const uint64_t at = acknowledged_ns(times->history, index);
    for (uint32_t i = 0; at < UINT64_MAX && i < op->item_count; i++) {
        struct lived *lived = table_find(&times->by_id, op->items[i].id);
        if (!lived)
            continue;
        if (lived->final_by != NO_OP)
            verdict_add(times->verdict, FOUND_TAKEN_TWICE, (int)index, lived->final_by,
                        "tuple %llu was taken for good by two", (unsigned long long)lived->id);
        lived->final_by = (int)index;
        if (at < lived->final_ns)
            lived->final_ns = at;
    }
}

static void check_gone(struct times *times, int index)
{
    const struct op *op = &times->history->ops[index];
    for (uint32_t i = 0; op->answered && i < op->item_count; i++) {
        const struct lived *lived = table_find(&times->by_id, op->items[i].id);
        if (lived && lived->final_by != index && op->call_ns > lived->final_ns)
            verdict_add(times->verdict, takes(op) ? FOUND_TAKEN_TWICE : FOUND_STALE_READ, index,
                        lived->final_by, "tuple %llu was gone for good",
                        (unsigned long long)lived->id);
    }
}

void times_lives(struct times *times)
{
    const int count = (int)times->history->op_count;
    size_t lives = 0, parts = 0;
    for (int i = 0; i < count; i++) {
        lives += times->history->ops[i].tuple_count;
        parts += times->history->ops[i].part_count;
    }
    times->lives = array_new(lives, sizeof *times->lives);
    times->unknown = array_new(parts, sizeof *times->unknown);
    for (int i = 0; i < count; i++)
        add_lives(times, i);
    for (int i = 0; i < count; i++) {
        note_items(times, i);
        add_unknown(times, &times->history->ops[i]);
    }
    apply_all_unknown(times);
    for (int i = 0; i < count; i++)
        note_final(times, (size_t)i);
    for (int i = 0; i < count; i++)
        check_gone(times, i);
}

void check_by_times(const struct history *history, struct verdict *verdict)
{
    struct times times = {.history = history, .verdict = verdict};
    verdict->history = history;
    times_lives(&times);
    times_covers(&times);
    for (size_t i = 0; i < times.cover_count; i++) {
        free(times.list[i]->list);
        free(times.list[i]->lives);
        free(times.list[i]);
    }
    free(times.list);
    free(times.lives);
    free(times.unknown);
    table_clear(&times.by_id);
    table_clear(&times.covers);
}

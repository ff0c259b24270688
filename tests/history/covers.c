/* SPDX-License-Identifier: MIT */
/* Answers against what was surely there: no match, a timeout, a younger tuple, a loss. */
#include <stdlib.h>

#include "history/times.h"

static bool is_simple(const struct op *op)
{
    return op->answered && op->part_count == 1 && op->min == 1 && !(op->has & TSD_HAS(ID)) &&
           (op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD);
}

static int by_low(const void *a, const void *b)
{
    const struct lived *x = *(struct lived *const *)a, *y = *(struct lived *const *)b;
    return (x->there.low > y->there.low) - (x->there.low < y->there.low);
}

static void add_stretch(struct cover *cover, struct span_ns stretch)
{
    struct span_ns *last = cover->count ? &cover->list[cover->count - 1] : NULL;
    if (last && stretch.low <= last->high) {
        if (stretch.high > last->high)
            last->high = stretch.high;
        return;
    }
    cover->list = grow(cover->list, cover->count, &cover->capacity, sizeof *cover->list);
    cover->list[cover->count++] = stretch;
}

static void fill(const struct times *times, struct cover *cover)
{
    for (size_t i = 0; i < times->count; i++) {
        struct lived *lived = &times->lives[i];
        if (lived->space != cover->space || lived->there.low >= lived->there.high ||
            !pattern_matches(cover->pattern, lived->bytes))
            continue;
        cover->lives =
            grow(cover->lives, cover->life_count, &cover->life_capacity, sizeof *cover->lives);
        cover->lives[cover->life_count++] = lived;
    }
    if (cover->life_count)
        qsort(cover->lives, cover->life_count, sizeof *cover->lives, by_low);
    for (size_t i = 0; i < cover->life_count; i++)
        add_stretch(cover, cover->lives[i]->there);
}

static struct cover *cover_of(struct times *times, const struct part *part)
{
    const uint64_t key =
        mix_words((uint64_t)part->space, mix_bytes(part->pattern.bytes, part->pattern.size), 17);
    void **slot = table_slot(&times->covers, key);
    if (!*slot) {
        struct cover *cover = array_new(1, sizeof *cover);
        cover->space = part->space;
        cover->pattern = part->pattern;
        fill(times, cover);
        times->list =
            grow(times->list, times->cover_count, &times->cover_capacity, sizeof *times->list);
        times->list[times->cover_count++] = cover;
        *slot = cover;
    }
    return *slot;
}

/* The last stretch that begins before the time; NULL where none does. */
static const struct span_ns *stretch_before(const struct cover *cover, uint64_t time_ns)
{
    size_t low = 0, high = cover->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (cover->list[middle].low < time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &cover->list[low - 1] : NULL;
}

static void check_no_match(struct times *times, int index, const struct cover *cover)
{
    const struct op *op = &times->history->ops[index];
    const struct span_ns *stretch = stretch_before(cover, op->call_ns);
    if (stretch && stretch->high > op->answer_ns)
        verdict_add(times->verdict, FOUND_NO_MATCH, index, NO_OP, "a match was there all the time");
}

/* When the request was surely waiting: the answer of a later one of its connection is there. */
static uint64_t registered_ns(const struct history *history, int index)
{
    enum { FAR = 400 };
    const struct op *op = &history->ops[index];
    uint64_t least = UINT64_MAX;
    for (size_t i = (size_t)index + 1; i < history->op_count && i < (size_t)index + FAR; i++) {
        const struct op *later = &history->ops[i];
        if (later->session == op->session && later->answered && later->answer_ns < least)
            least = later->answer_ns;
    }
    return least;
}

static void check_timeout(struct times *times, int index, const struct cover *cover)
{
    const struct op *op = &times->history->ops[index];
    const uint64_t from = registered_ns(times->history, index);
    const uint64_t until = op->call_ns + 1000 * op->timeout_us;
    if (op->answer_ns < until)
        verdict_add(times->verdict, FOUND_EARLY_TIMEOUT, index, NO_OP, "after %llu us",
                    (unsigned long long)(op->answer_ns - op->call_ns) / 1000);
    const struct span_ns *stretch = from < until ? stretch_before(cover, until) : NULL;
    if (stretch && stretch->high > from)
        verdict_add(times->verdict, FOUND_PASSED_OVER, index, NO_OP,
                    "it waited while a match was there");
}

/* Taken or read, while an older one was there all the time. */
static void check_oldest(struct times *times, int index, const struct cover *cover)
{
    enum { LOOKED_AT = 64 };
    const struct op *op = &times->history->ops[index];
    const struct lived *got = table_find(&times->by_id, op->items[0].id);
    size_t low = 0, high = cover->life_count;
    if (!got || got->space != cover->space)
        return;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (cover->lives[middle]->there.low < op->call_ns)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i-- > 0 && low - i <= LOOKED_AT;) {
        const struct lived *other = cover->lives[i];
        if (other->there.high > op->answer_ns &&
            (other->priority > got->priority ||
             (other->priority == got->priority && other->id < got->id))) {
            verdict_add(times->verdict, FOUND_YOUNGER, index, other->put_by,
                        "tuple %llu was given, and %llu was there all the time",
                        (unsigned long long)got->id, (unsigned long long)other->id);
            return;
        }
    }
}

/* Whether the last scans have it. */
static void check_lost(struct times *times)
{
    const struct history *history = times->history;
    struct table left = {0};
    if (history->last_scan == NO_OP)
        return;
    for (size_t i = (size_t)history->last_scan; i < history->op_count; i++) {
        if (history->ops[i].more && history->ops[i].item_count < 1000) {
            table_clear(&left); /* a scan in part only: nothing can be said */
            return;
        }
        for (uint32_t k = 0; k < history->ops[i].item_count; k++)
            *table_slot(&left, history->ops[i].items[k].id) = &history->ops[i].items[k];
    }
    const uint64_t until = history->ops[history->last_scan].call_ns;
    for (size_t i = 0; i < times->count; i++) {
        const struct lived *lived = &times->lives[i];
        if (lived->there.low < until && lived->there.high == UINT64_MAX &&
            !table_find(&left, lived->id))
            verdict_add(times->verdict, FOUND_LOST, lived->put_by, NO_OP,
                        "nobody took tuple %llu, and it is not left",
                        (unsigned long long)lived->id);
    }
    table_clear(&left);
}

void times_covers(struct times *times)
{
    for (int i = 0; i < (int)times->history->op_count; i++) {
        const struct op *op = &times->history->ops[i];
        if (!is_simple(op))
            continue;
        const struct cover *cover = cover_of(times, &op->parts[0]);
        if (op->status == TS_NOMATCH)
            check_no_match(times, i, cover);
        else if (op->status == TS_TIMEOUT)
            check_timeout(times, i, cover);
        else if (op->status == TS_OK && op->item_count > 0)
            check_oldest(times, i, cover);
    }
    check_lost(times);
}

/* SPDX-License-Identifier: MIT */
/*
 * The other watches (rule S19), against the watch of everything in the same space: each has to be
 * told the same, as far as it asked for it.
 */
#include "history/model.h"

#include <stdlib.h>

/* A watch's events stand in the history in order, with those of others between them. */
struct stream {
    const struct happening **list;
    size_t count, capacity;
};

static bool is_live(const struct happening *event)
{
    return event->told.tuple.size > 0;
}

static bool wants(const struct op *watch, const struct happening *event)
{
    return watch->events >> event->kind & 1 &&
           pattern_matches(watch->parts[0].pattern, event->told.tuple);
}

static bool same_event(const struct happening *a, const struct happening *b)
{
    return a->kind == b->kind && a->at == b->at && a->told.id == b->told.id &&
           same_tuple(a->told.tuple, b->told.tuple);
}

/* Whether the event stands in the stream at or before `end`. */
static bool told_before(const struct stream *stream, size_t end, const struct happening *event)
{
    for (size_t i = 0; i < end; i++)
        if (stream->list[i]->kind == event->kind && stream->list[i]->at == event->at &&
            stream->list[i]->told.id == event->told.id)
            return true;
    return false;
}

/*
 * A watch as it is checked: what it was told before `ready` is of its first part, which is told in
 * pieces. `from` is the position of the last of it: `ready` is then or later, and carries none.
 */
struct followed {
    int op;
    const struct stream *stream;
    size_t ready;  /* index of the event */
    uint64_t from; /* position */
};

static bool wants_all_kinds(const struct op *op)
{
    const uint32_t all = 1u << TSD_EVENT_PUT | 1u << TSD_EVENT_TAKEN | 1u << TSD_EVENT_RETURNED |
                         1u << TSD_EVENT_EXPIRED;
    return (op->events & all) == all;
}

static bool is_gain(const struct happening *event)
{
    return event->kind == TSD_EVENT_PUT || event->kind == TSD_EVENT_RETURNED;
}

static void found(struct model *model, const struct followed *watch, enum finding_kind kind,
                  const struct happening *event, const char *what)
{
    verdict_add(model->verdict, kind, watch->op, NO_OP, "event %d of tuple %llu at %llu %s",
                (int)event->kind, (unsigned long long)event->told.id, (unsigned long long)event->at,
                what);
}

/* Whether a tuple is there by what the first part told of it. */
static bool told_as_stored(const struct followed *watch, uint64_t id)
{
    int there = 0;
    for (size_t i = 0; i < watch->ready; i++)
        if (is_live(watch->stream->list[i]) && watch->stream->list[i]->told.id == id)
            there += is_gain(watch->stream->list[i]) ? 1 : -1;
    return there > 0;
}

/* Whether the tuple leaves the space among these events. */
static bool leaves(const struct stream *all, size_t at, size_t end, uint64_t id)
{
    for (; at < end; at++)
        if (all->list[at]->told.id == id && !is_gain(all->list[at]))
            return true;
    return false;
}

/*
 * What was not told between the last of the first part and `end`: only what came and went, or
 * went, before the first part had reached it.
 */
static bool check_passed_over(struct model *model, const struct followed *watch,
                              const struct stream *all, size_t at, size_t end)
{
    const struct op *op = &model->history->ops[watch->op];
    for (; at < end; at++) {
        const struct happening *event = all->list[at];
        if (!wants(op, event))
            continue;
        const bool fine = op->now && (is_gain(event) ? leaves(all, at + 1, end, event->told.id)
                                                     : !told_as_stored(watch, event->told.id));
        if (fine || (op->now && !wants_all_kinds(op)))
            continue;
        found(model, watch, FOUND_WATCH_GAP, event, "was not told");
        return false;
    }
    return true;
}

/* The first wanted event from `at` on that is this one; all->count where there is none. */
static size_t find_same(const struct stream *all, size_t at, const struct happening *event)
{
    while (at < all->count && all->list[at]->at <= event->at && !same_event(all->list[at], event))
        at++;
    return at < all->count && same_event(all->list[at], event) ? at : all->count;
}

/* From `ready` on: event by event. A watch whose client died tells a beginning of it. */
static void check_live(struct model *model, const struct followed *watch, const struct stream *all,
                       size_t at)
{
    const struct op *op = &model->history->ops[watch->op];
    const struct stream *stream = watch->stream;
    bool first = true;
    for (size_t k = watch->ready + 1; k < stream->count; k++) {
        const struct happening *event = stream->list[k];
        if (!is_live(event))
            continue; /* gap */
        const size_t here = find_same(all, at, event);
        if (here == all->count) {
            const bool twice = told_before(stream, k, event);
            found(model, watch, twice ? FOUND_WATCH_DUPLICATE : FOUND_UNEXPLAINED, event,
                  twice ? "was told before" : "was told to no other watch");
            return;
        }
        for (; !first && at < here; at++)
            if (wants(op, all->list[at])) {
                found(model, watch, FOUND_WATCH_GAP, all->list[at], "was not told");
                return;
            }
        if (first && !check_passed_over(model, watch, all, at, here))
            return;
        first = false;
        at = here + 1;
    }
    if (!op->answered || !op->placed || op->status != TS_CANCELLED)
        return;
    size_t end = at;
    while (end < all->count && all->list[end]->at < op->at)
        end++;
    for (; !first && at < end; at++)
        if (wants(op, all->list[at])) {
            found(model, watch, FOUND_WATCH_GAP, all->list[at], "was not told");
            return;
        }
    if (first)
        check_passed_over(model, watch, all, at, end);
}

/* What is stored at some position, as the watch of everything tells it. */
struct stored_now {
    const struct happening **list;
    size_t count, capacity, at; /* at: events of the stream that are in it */
    struct table slots;         /* index + 1 in the list, by id; 1 + SIZE_MAX / 2: gone */
};

static void stored_step(struct stored_now *now, const struct happening *event)
{
    void **slot = table_slot(&now->slots, event->told.id);
    const size_t index = (size_t)(uintptr_t)*slot;
    const size_t gone = SIZE_MAX / 2;
    if (is_gain(event) && (index == 0 || index == gone)) {
        now->list = grow(now->list, now->count, &now->capacity, sizeof(void *));
        now->list[now->count++] = event;
        *slot = (void *)(uintptr_t)now->count;
    } else if (!is_gain(event) && index != 0 && index != gone) {
        const struct happening *last = now->list[--now->count];
        now->list[index - 1] = last;
        *slot = (void *)(uintptr_t)gone;
        if (index - 1 < now->count)
            *table_slot(&now->slots, last->told.id) = (void *)(uintptr_t)index;
    } else if (!*slot) {
        *slot = (void *)(uintptr_t)gone;
    }
}

/* At the end of the first part what it told leaves just what is stored then. */
static void check_first_part(struct model *model, const struct followed *watch,
                             const struct stream *all, const struct stored_now *now)
{
    const struct op *op = &model->history->ops[watch->op];
    struct table counts = {0};
    int *numbers = array_new(watch->ready, sizeof *numbers);
    size_t end = now->at;
    for (size_t i = 0; i < watch->ready; i++) {
        const struct happening *event = watch->stream->list[i];
        void **slot = table_slot(&counts, event->told.id);
        if (!*slot)
            *slot = &numbers[i];
        *(int *)*slot += is_gain(event) ? 1 : -1;
        if (*(int *)*slot > 1)
            found(model, watch, FOUND_WATCH_DUPLICATE, event, "is told twice");
    }
    while (end < all->count && (!op->placed || all->list[end]->at <= op->at))
        end++;
    for (size_t i = 0; i < now->count; i++) {
        const int *told = table_find(&counts, now->list[i]->told.id);
        if (wants(op, now->list[i]) && (!told || *told < 1) &&
            !leaves(all, now->at, end, now->list[i]->told.id))
            found(model, watch, FOUND_WATCH_GAP, now->list[i], "left a tuple that was not told");
    }
    for (size_t i = 0; i < watch->ready; i++) {
        const struct happening *event = watch->stream->list[i];
        const int *told = table_find(&counts, event->told.id);
        const size_t slot = (size_t)(uintptr_t)table_find(&now->slots, event->told.id);
        if (*told > 0 && (slot == 0 || slot == SIZE_MAX / 2))
            found(model, watch, FOUND_WATCH_DUPLICATE, event, "is told, and not stored at ready");
    }
    table_clear(&counts);
    free(numbers);
}

static int by_position(const void *a, const void *b)
{
    const struct followed *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void check_followed(struct model *model, struct followed *list, size_t count,
                           const struct stream *all)
{
    struct stored_now now = {0};
    qsort(list, count, sizeof *list, by_position);
    for (size_t i = 0; i < count; i++) {
        const struct op *op = &model->history->ops[list[i].op];
        while (now.at < all->count && all->list[now.at]->at <= list[i].from)
            stored_step(&now, all->list[now.at++]);
        if (op->now && wants_all_kinds(op))
            check_first_part(model, &list[i], all, &now);
        check_live(model, &list[i], all, now.at);
    }
    free(now.list);
    table_clear(&now.slots);
}

/* How far the first part came; false where nothing can be said of the watch. */
static bool find_ready(const struct history *history, struct followed *watch)
{
    const struct op *op = &history->ops[watch->op];
    watch->from = op->placed ? op->since : 0;
    for (watch->ready = 0; watch->ready < watch->stream->count; watch->ready++) {
        const struct happening *event = watch->stream->list[watch->ready];
        if (event->kind == TSD_EVENT_READY)
            return watch->from > 0;
        if (event->at > watch->from)
            watch->from = event->at;
    }
    return false; /* its client died before */
}

static void add_to_streams(struct model *model, struct table *streams,
                           const struct happening *event)
{
    void **slot = table_slot(streams, (uint64_t)event->watch + 1);
    if (!*slot) {
        *slot = array_new(1, sizeof(struct stream));
        model_own(model, *slot);
    }
    struct stream *stream = *slot;
    stream->list = grow(stream->list, stream->count, &stream->capacity, sizeof(void *));
    stream->list[stream->count++] = event;
}

static void check_space(struct model *model, const struct table *streams, int space, int backbone)
{
    const struct history *history = model->history;
    const struct stream none = {0}, *all = table_find(streams, (uint64_t)backbone + 1);
    struct stream live = {0};
    struct followed *list = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; all && i < all->count; i++) {
        if (!is_live(all->list[i]))
            continue;
        live.list = grow(live.list, live.count, &live.capacity, sizeof(void *));
        live.list[live.count++] = all->list[i];
    }
    for (size_t i = 0; i < streams->size; i++) {
        struct followed watch = {.op = (int)streams->slots[i].key - 1,
                                 .stream = streams->slots[i].value};
        if (!watch.stream || watch.op == backbone || history->ops[watch.op].space != space ||
            !find_ready(history, &watch))
            continue;
        list = grow(list, count, &capacity, sizeof *list);
        list[count++] = watch;
    }
    if (count > 0)
        check_followed(model, list, count, live.list ? &live : &none);
    free(live.list);
    free(list);
}

void check_watches(struct model *model, const int *backbone)
{
    const struct history *history = model->history;
    struct table streams = {0};
    for (size_t i = 0; i < history->event_count; i++)
        add_to_streams(model, &streams, &history->events[i]);
    for (size_t space = 0; space < history->space_count; space++)
        if (backbone[space] != NO_OP)
            check_space(model, &streams, (int)space, backbone[space]);
    for (size_t i = 0; i < streams.size; i++)
        if (streams.slots[i].value)
            free(((struct stream *)streams.slots[i].value)->list);
    table_clear(&streams);
}

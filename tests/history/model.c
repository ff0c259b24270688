/* SPDX-License-Identifier: MIT */
/* Tuples in the naive model: found by number and by bucket, their states. */
#include "history/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void model_init(struct model *model, const struct history *history, struct verdict *verdict)
{
    *model = (struct model){.verdict = verdict};
    model->history = array_new(1, sizeof *model->history);
    *model->history = *history;
    model->history->ops = array_new(history->op_count, sizeof *history->ops);
    if (history->op_count)
        memcpy(model->history->ops, history->ops, history->op_count * sizeof *history->ops);
    model->waiter_of = calloc(history->op_count + 1, sizeof *model->waiter_of);
    model->guessed = calloc(history->op_count + 1, sizeof *model->guessed);
    model->seats = calloc(history->session_count + 1, sizeof *model->seats);
    model->rooms = calloc(history->space_count + 1, sizeof *model->rooms);
    model->numbers = calloc(history->op_count + 1, sizeof *model->numbers);
    if (!model->numbers || !model->waiter_of || !model->guessed || !model->seats || !model->rooms)
        exit(2);
    for (size_t i = 0; i < history->op_count; i++)
        model->numbers[i] = (int)i;
    for (size_t i = 0; i < history->space_count; i++) {
        model->rooms[i].dead_letter = NO_SPACE;
        model->rooms[i].max_returns = UINT32_MAX;
    }
}

static void free_buckets(struct model *model)
{
    for (size_t i = 0; i < model->bucket_count; i++) {
        struct bucket *bucket = model->bucket_list[i];
        free(bucket->stored.list);
        free(bucket->hidden.list);
        free(bucket->waiting.list);
        free(bucket->keepers.list);
        free(bucket->consumers.list);
        free(bucket);
    }
    free(model->bucket_list);
}

void model_deinit(struct model *model)
{
    for (size_t i = 0; i < model->history->op_count; i++) {
        free(model->waiter_of[i]);
    }
    for (size_t i = 0; i < model->history->session_count; i++) {
        free(model->seats[i].kept.list);
        free(model->seats[i].kept_numbers);
        free(model->seats[i].held.list);
        free(model->seats[i].bound.list);
        free(model->seats[i].wills);
    }
    for (size_t i = 0; i < model->history->space_count; i++) {
        free(model->rooms[i].line.list);
        free(model->rooms[i].lurkers);
    }
    for (size_t i = 0; i < model->all_count; i++)
        free(model->all[i]);
    free_buckets(model);
    table_clear(&model->tups);
    table_clear(&model->buckets);
    table_clear(&model->holds);
    table_clear(&model->keys);
    table_clear(&model->contents);
    free(model->all);
    free(model->waiter_of);
    free(model->hungry.list);
    free(model->drains.list);
    free(model->seats);
    free(model->rooms);
    free(model->dying.list);
    free(model->takers.list);
    free(model->wills);
    table_clear(&model->unsure_tokens);
    table_clear(&model->unsure_releases);
    table_clear(&model->unsure_renews);
    free(model->expected);
    free(model->numbers);
    free(model->guessed);
    free(model->history->ops);
    free(model->history);
    for (size_t i = 0; i < model->owned_count; i++)
        free(model->owned[i]);
    free(model->owned);
}

void model_own(struct model *model, void *memory)
{
    model->owned =
        grow(model->owned, model->owned_count, &model->owned_capacity, sizeof *model->owned);
    model->owned[model->owned_count++] = memory;
}

struct tup *tup_find(const struct model *model, uint64_t id)
{
    return table_find(&model->tups, id);
}

struct tup *tup_new(struct model *model, uint64_t id, int space, struct span bytes)
{
    struct tup *tup = calloc(1, sizeof *tup);
    if (!tup)
        exit(2);
    *tup = (struct tup){.id = id,
                        .unit = id,
                        .unit_count = 1,
                        .space = space,
                        .put_by = NO_OP,
                        .bytes = bytes,
                        .bound = UNKNOWN_SESSION,
                        .keeper = UNKNOWN_SESSION,
                        .kept_by = NO_OP,
                        .life = LIFE_MOVED};
    *table_slot(&model->tups, id) = tup;
    model->all = grow(model->all, model->all_count, &model->all_capacity, sizeof *model->all);
    model->all[model->all_count++] = tup;
    return tup;
}

void list_add(struct list *list, struct tup *tup)
{
    list->list = grow(list->list, list->count, &list->capacity, sizeof *list->list);
    list->list[list->count++] = tup;
}

bool tup_is_there(const struct tup *tup)
{
    return tup->life <= LIFE_KEPT;
}

static uint64_t bucket_key(int space, const struct shape *shape)
{
    return mix_words((uint64_t)space, shape->length, shape->first ? shape->hash | 1 : 0);
}

struct bucket *bucket_find(const struct model *model, int space, const struct shape *shape)
{
    return table_find(&model->buckets, bucket_key(space, shape));
}

struct bucket *bucket_make(struct model *model, int space, const struct shape *shape)
{
    void **slot = table_slot(&model->buckets, bucket_key(space, shape));
    if (!*slot) {
        *slot = calloc(1, sizeof(struct bucket));
        if (!*slot)
            exit(2);
        model->bucket_list = grow(model->bucket_list, model->bucket_count, &model->bucket_capacity,
                                  sizeof *model->bucket_list);
        model->bucket_list[model->bucket_count++] = *slot;
    }
    return *slot;
}

/* Whether a is placed before b. */
static bool before(const struct tup *a, const struct tup *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->id < b->id;
}

/* Where the tuple stands or would stand, counted from the head. */
static size_t find_place(const struct places *places, const struct tup *tup)
{
    size_t low = 0, high = places->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (before(places->list[places->head + middle], tup))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void places_add(struct places *places, struct tup *tup)
{
    const size_t at = find_place(places, tup);
    if (at == 0 && places->head > 0) {
        places->head--;
    } else {
        places->list = grow(places->list, places->head + places->count, &places->capacity,
                            sizeof *places->list);
        struct tup **here = places->list + places->head + at;
        memmove(here + 1, here, (places->count - at) * sizeof *here);
    }
    places->list[places->head + at] = tup;
    places->count++;
}

static void places_remove(struct places *places, const struct tup *tup)
{
    assert(places->count > 0);
    const size_t at = find_place(places, tup);
    struct tup **here = places->list + places->head + at;
    places->count--;
    if (at == 0)
        places->head++;
    else
        memmove(here, here + 1, (places->count - at) * sizeof *here);
    if (places->count == 0)
        places->head = 0;
}

/* The three buckets of a tuple. */
static void each_bucket(struct model *model, struct tup *tup,
                        void (*act)(struct places *, struct tup *), bool hidden)
{
    struct shape shape = tuple_shape(tup->bytes);
    for (int i = 0; i < 3; i++) {
        struct bucket *bucket = bucket_make(model, tup->space, &shape);
        act(hidden ? &bucket->hidden : &bucket->stored, tup);
        if (i == 0)
            shape.first = false;
        else
            shape.length = 0;
    }
}

static void remove_one(struct places *places, struct tup *tup)
{
    places_remove(places, tup);
}

static void use_room(struct model *model, const struct tup *tup, int64_t used, int64_t maybe)
{
    struct room *room = &model->rooms[tup->space];
    if (tup->pulse)
        return;
    room->used = (uint64_t)((int64_t)room->used + used);
    room->maybe = (uint64_t)((int64_t)room->maybe + maybe);
    if (used < 0 && room->line.count > 0)
        wake_line(model, tup->space);
}

void tup_set(struct model *model, struct tup *tup, enum life life)
{
    const bool was = tup_is_there(tup), is = life <= LIFE_KEPT;
    if (was)
        each_bucket(model, tup, remove_one, tup->hidden);
    tup->life = life;
    tup->hidden = life == LIFE_DELAYED || life == LIFE_KEPT;
    if (is)
        each_bucket(model, tup, places_add, tup->hidden);
    else
        tup->gone_at = model->position;
    if (was && tup->maybe) {
        use_room(model, tup, 0, -1);
        tup->maybe = false;
    }
    if (was != is)
        use_room(model, tup, is ? 1 : -1, 0);
    /* it may go without a word, when its hold, its delay or its connection ends (rule S13) */
    if (tup->hidden &&
        (tup->ttl_ns || tup->bound != UNKNOWN_SESSION || tup->pulse || tup->unsure_life))
        tup_maybe(model, tup);
    if (life == LIFE_STORED || (was && !is))
        wake_for(model, tup, !is);
}

void tup_maybe(struct model *model, struct tup *tup)
{
    if (tup->maybe || !tup->hidden)
        return;
    tup->maybe = true;
    use_room(model, tup, 0, 1);
}

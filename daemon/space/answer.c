/* SPDX-License-Identifier: MIT */
#include "space/answer.h"

#include <string.h>

#include "base/must.h"
#include "space/away.h"
#include "space/lookup.h"
#include "space/state.h"
#include "space/stored.h"

/* Room for so many items is kept for the next step; what one great step needed goes. */
#define ITEMS_KEPT (2 * LIMIT_UNIT_TUPLES)
#define TEXT_KEPT (1 << 16)

void effects_clear(struct engine *engine, struct effects *effects)
{
    for (uint32_t i = 0; i < effects->item_count; i++)
        stored_unref(&engine->slab, effects->items[i].tuple);
    if (effects->item_capacity > ITEMS_KEPT) {
        mem_free(effects->items);
        effects->items = NULL;
        effects->item_capacity = 0;
    }
    effects->count = 0;
    effects->item_count = 0;
    effects->detail_count = 0;
    effects->row_count = 0;
    if (effects->text.capacity > TEXT_KEPT)
        buffer_deinit(&effects->text);
    buffer_clear(&effects->text);
}

void effects_deinit(struct engine *engine, struct effects *effects)
{
    effects_clear(engine, effects);
    mem_free(effects->list);
    mem_free(effects->items);
    mem_free(effects->details);
    mem_free(effects->rows);
    buffer_deinit(&effects->text);
    *effects = (struct effects){0};
}

struct effect *answer(struct engine *engine, const struct asker *asker, uint64_t at,
                      enum ts_status status)
{
    struct effects *effects = engine->effects;
    if (effects->count == effects->capacity)
        effects->list = must_grow(effects->list, &effects->capacity, sizeof *effects->list);
    struct effect *effect = &effects->list[effects->count++];
    /* Member by member: the compiler would clear the whole with a string instruction, which is slow. */
    effect->kind = EFFECT_ANSWER;
    effect->op = (uint8_t)asker->op;
    effect->status = (uint8_t)status;
    effect->event = 0;
    effect->more = effect->has_next = effect->repeated = false;
    effect->alternative = 0;
    effect->session = asker->session->number;
    effect->number = asker->number;
    effect->since = asker->since;
    effect->at = at;
    effect->value = effect->delivery = 0;
    effect->items = effects->item_count;
    effect->rows = effects->row_count;
    effect->item_count = effect->row_count = effect->text = effect->text_size = 0;
    return effect;
}

void answer_refused_at(struct engine *engine, const struct asker *asker, uint64_t at,
                       const struct problem *problem)
{
    struct effect *effect = answer(engine, asker, at, problem->status);
    struct buffer *text = &engine->effects->text;
    effect->kind = EFFECT_REFUSED;
    effect->text = (uint32_t)text->size;
    buffer_append(text, problem->text, strlen(problem->text) + 1);
    must(text->failed ? -1 : 0);
}

void answer_refused(struct engine *engine, const struct asker *asker, const struct problem *problem)
{
    answer_refused_at(engine, asker, asker->since, problem);
}

void answer_overrun(struct engine *engine, const struct asker *asker, uint64_t at)
{
    struct problem problem;
    problem_set(&problem, TS_LIMIT, 0,
                "the pattern's regular expressions ran into their limit of %d steps %d times",
                LIMIT_REGEX_STEPS, LIMIT_REGEX_OVERRUNS);
    answer_refused_at(engine, asker, at, &problem);
}

void answer_no_memory(struct engine *engine, const struct asker *asker)
{
    struct problem problem;
    problem_set(&problem, TS_NO_MEMORY, 0, "the daemon is out of memory: nothing was done");
    answer_refused(engine, asker, &problem);
}

void answer_repeated(struct engine *engine, const struct asker *asker, uint64_t at, uint64_t first)
{
    struct effect *effect = answer(engine, asker, at, TS_OK);
    effect->repeated = true;
    effect->value = first;
}

/* Appends the program's name to the effects' text; returns where it is there. */
static uint32_t tell_program(struct engine *engine, const struct owner *owner)
{
    struct buffer *text = &engine->effects->text;
    const uint32_t at = (uint32_t)text->size;
    buffer_append(text, owner->program, owner->program_size);
    must(text->failed ? -1 : 0);
    return at;
}

static void tell_owner(struct engine *engine, const struct stored *tuple,
                       struct effect_detail *detail)
{
    const struct owner *owner = &engine->owners.list[tuple->owner];
    const uint32_t now_ds = (uint32_t)(engine->now_ns / 100000000);
    detail->has |=
        1u << TSD_EXTRA_UID | 1u << TSD_EXTRA_PID | 1u << TSD_EXTRA_PROGRAM | 1u << TSD_EXTRA_AGE;
    detail->uid = owner->user;
    detail->pid = owner->pid;
    detail->program = tell_program(engine, owner);
    detail->program_size = owner->program_size;
    detail->age_us = (uint64_t)(now_ds - tuple->put_ds) * 100000;
}

static void tell_returns(const struct attributes *attributes, struct effect_detail *detail)
{
    if (!attributes || attributes->reason == 0)
        return;
    if (attributes->returns > 0) {
        detail->has |= 1u << TSD_EXTRA_RETURNS;
        detail->returns = attributes->returns;
    }
    detail->has |= 1u << TSD_EXTRA_REASON;
    detail->reason = attributes->reason;
    if (attributes->exit_status != UINT32_MAX) {
        detail->has |= 1u << TSD_EXTRA_EXIT_STATUS;
        detail->exit_status = attributes->exit_status;
    }
}

/* Who keeps it; of a detached hold's connection that has ended there is only the number. */
static void tell_holder(struct engine *engine, uint64_t number, struct effect_detail *detail)
{
    const struct session *session = session_find(engine, number);
    detail->has |= 1u << TSD_EXTRA_HOLDER;
    detail->holder = number;
    if (!session)
        return;
    const struct owner *owner = &engine->owners.list[session->owner];
    detail->has |= 1u << TSD_EXTRA_HOLDER_PID | 1u << TSD_EXTRA_HOLDER_PROGRAM;
    detail->holder_pid = owner->pid;
    detail->holder_program = tell_program(engine, owner);
    detail->holder_program_size = owner->program_size;
}

static void tell_state(struct engine *engine, const struct away *away, struct effect_detail *detail)
{
    detail->has |= 1u << TSD_EXTRA_STATE;
    detail->state = away->state;
    if (away->holder)
        tell_holder(engine, away->holder, detail);
    if (away->until_ns != UINT64_MAX) {
        detail->has |= 1u << TSD_EXTRA_LEFT;
        detail->left_us = (away->until_ns - engine->now_ns) / 1000;
    }
}

uint32_t answer_detail(struct engine *engine, const struct stored *tuple,
                       const struct detail_wanted *wanted)
{
    struct effects *effects = engine->effects;
    struct effect_detail detail = {.has = 0};
    tell_returns(attributes_of(engine, tuple), &detail);
    if (wanted->who)
        tell_owner(engine, tuple, &detail);
    if (wanted->token) {
        detail.has |= 1u << TSD_EXTRA_TOKEN;
        detail.token = *wanted->token;
    }
    if (wanted->away)
        tell_state(engine, wanted->away, &detail);
    if (detail.has == 0)
        return 0;
    if (effects->detail_count == effects->detail_capacity)
        effects->details =
            must_grow(effects->details, &effects->detail_capacity, sizeof *effects->details);
    effects->details[effects->detail_count++] = detail;
    return effects->detail_count;
}

static inline void add_item(struct engine *engine, struct effect *effect, struct stored *tuple,
                            uint32_t of, uint32_t detail)
{
    struct effects *effects = engine->effects;
    if (effects->item_count == effects->item_capacity)
        effects->items = must_grow(effects->items, &effects->item_capacity, sizeof *effects->items);
    (void)stored_ref(tuple);
    effects->items[effects->item_count++] = (struct effect_item){tuple, of, detail};
    effect->item_count++;
}

void answer_detailed(struct engine *engine, struct effect *effect, struct stored *tuple,
                     uint32_t of, uint32_t detail)
{
    add_item(engine, effect, tuple, of, detail);
}

void answer_item(struct engine *engine, struct effect *effect, struct stored *tuple, uint32_t of)
{
    uint32_t detail = 0;
    if (tuple->flags & STORED_ATTRIBUTES)
        detail = answer_detail(engine, tuple, &(struct detail_wanted){.who = false});
    add_item(engine, effect, tuple, of, detail);
}

void answer_withdraw(struct engine *engine)
{
    struct effects *effects = engine->effects;
    const struct effect *last = &effects->list[--effects->count];
    while (effects->item_count > last->items)
        stored_unref(&engine->slab, effects->items[--effects->item_count].tuple);
}

/* The items of an answer of which more is told than usual. */
static void detailed_items(struct engine *engine, struct effect *effect, const struct query *query,
                           const struct gather *gather, uint64_t first_hold,
                           const struct holding *holding)
{
    for (uint32_t i = 0; i < gather->count; i++) {
        struct stored *tuple = gather->list[i].tuple;
        struct token token;
        if (first_hold > 0)
            token = hold_token(first_hold + i, holding);
        const struct detail_wanted wanted = {.who = query->who,
                                             .token = first_hold > 0 ? &token : NULL};
        answer_detailed(engine, effect, tuple, gather->list[i].of,
                        answer_detail(engine, tuple, &wanted));
    }
}

int answer_tuples(struct engine *engine, const struct asker *asker, uint64_t at,
                  const struct query *query, const struct gather *gather,
                  const struct holding *holding)
{
    uint64_t delivered = 0, first_hold = 0;
    if (asker->op == TSD_OP_IN) {
        delivered = session_deliver(engine, asker->session, gather);
        if (delivered == 0)
            return -1;
    } else if (asker->op == TSD_OP_HOLD) {
        first_hold = session_hold(engine, asker->session, gather, holding);
        if (first_hold == 0)
            return -1;
    }
    struct effect *effect = answer(engine, asker, at, TS_OK);
    effect->delivery = delivered;
    effect->more = gather->more && query->counted;
    effect->alternative = gather->list[0].of;
    if (first_hold > 0 || query->who) {
        detailed_items(engine, effect, query, gather, first_hold, holding);
        return 0;
    }
    for (uint32_t i = 0; i < gather->count; i++)
        answer_item(engine, effect, gather->list[i].tuple, gather->list[i].of);
    return 0;
}

void answer_wait_refused(struct engine *engine, struct interest *interest,
                         const struct problem *problem)
{
    lookup_abandon(engine, interest);
    const struct asker asker = interest_asker(interest);
    answer_refused_at(engine, &asker, engine->unit_at, problem);
}

void answer_ended(struct engine *engine, struct interest *interest, enum ts_status status)
{
    unit_begin(engine);
    lookup_abandon(engine, interest);
    const struct asker asker = interest_asker(interest);
    answer(engine, &asker, engine->unit_at, status);
}

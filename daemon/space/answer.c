/* SPDX-License-Identifier: MIT */
#include "space/answer.h"

#include <string.h>

#include "base/must.h"
#include "space/state.h"
#include "space/stored.h"

/* Room for so many items is kept for the next step; what one great step needed goes. */
#define ITEMS_KEPT (2 * LIMIT_UNIT_TUPLES)

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
    effects->row_count = 0;
    buffer_clear(&effects->text);
}

void effects_deinit(struct engine *engine, struct effects *effects)
{
    effects_clear(engine, effects);
    mem_free(effects->list);
    mem_free(effects->items);
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
    effect->more = effect->has_next = false;
    effect->alternative = 0;
    effect->session = asker->session->number;
    effect->number = asker->number;
    effect->since = asker->since;
    effect->at = at;
    effect->value = effect->delivery = 0;
    effect->items = effects->item_count;
    effect->rows = effects->row_count;
    effect->item_count = effect->row_count = effect->text = 0;
    return effect;
}

static void refuse(struct engine *engine, const struct asker *asker, uint64_t at,
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
    refuse(engine, asker, asker->since, problem);
}

void answer_overrun(struct engine *engine, const struct asker *asker, uint64_t at)
{
    struct problem problem;
    problem_set(&problem, TS_LIMIT, 0,
                "the pattern's regular expressions ran into their limit of %d steps %d times",
                LIMIT_REGEX_STEPS, LIMIT_REGEX_OVERRUNS);
    refuse(engine, asker, at, &problem);
}

void answer_no_memory(struct engine *engine, const struct asker *asker)
{
    struct problem problem;
    problem_set(&problem, TS_NO_MEMORY, 0, "the daemon is out of memory: nothing was done");
    answer_refused(engine, asker, &problem);
}

void answer_item(struct engine *engine, struct effect *effect, struct stored *tuple, uint32_t of)
{
    struct effects *effects = engine->effects;
    if (effects->item_count == effects->item_capacity)
        effects->items = must_grow(effects->items, &effects->item_capacity, sizeof *effects->items);
    tuple->refs++;
    effects->items[effects->item_count++] = (struct effect_item){tuple, of};
    effect->item_count++;
}

void answer_withdraw(struct engine *engine)
{
    struct effects *effects = engine->effects;
    const struct effect *last = &effects->list[--effects->count];
    while (effects->item_count > last->items)
        stored_unref(&engine->slab, effects->items[--effects->item_count].tuple);
}

int answer_tuples(struct engine *engine, const struct asker *asker, uint64_t at,
                  const struct query *query, const struct gather *gather)
{
    uint64_t delivered = 0;
    if (asker->op == TSD_OP_IN) {
        delivered = session_deliver(engine, asker->session, gather);
        if (delivered == 0)
            return -1;
    }
    struct effect *effect = answer(engine, asker, at, TS_OK);
    effect->delivery = delivered;
    effect->more = gather->more && query->counted;
    effect->alternative = gather->list[0].of;
    for (uint32_t i = 0; i < gather->count; i++)
        answer_item(engine, effect, gather->list[i].tuple, gather->list[i].of);
    return 0;
}

static struct asker asker_of(const struct interest *interest)
{
    return (struct asker){interest->session, interest->number, interest->op, interest->since};
}

void answer_gathered(struct engine *engine, struct interest *interest)
{
    const struct asker asker = asker_of(interest);
    must(
        answer_tuples(engine, &asker, position_take(engine, 1), &interest->query, &engine->gather));
}

void answer_wait_overrun(struct engine *engine, struct interest *interest)
{
    const struct asker asker = asker_of(interest);
    answer_overrun(engine, &asker, position_take(engine, 1));
}

void answer_ended(struct engine *engine, struct interest *interest, enum ts_status status)
{
    const struct asker asker = asker_of(interest);
    answer(engine, &asker, position_take(engine, 1), status);
}

/* SPDX-License-Identifier: MIT */
#include "space/space.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "space/attributes.h"
#include "space/hold.h"
#include "space/index.h"
#include "space/key.h"
#include "space/shapes.h"
#include "space/state.h"
#include "space/stored.h"

struct space *space_new(const struct span *name)
{
    struct space *space = mem_zalloc(sizeof *space + name->size);
    if (!space)
        return NULL;
    firsts_init(&space->firsts);
    TAILQ_INIT(&space->holds);
    LIST_INIT(&space->looking);
    TAILQ_INIT(&space->delayed_list);
    TAILQ_INIT(&space->keys);
    space->max_returns = UINT32_MAX;
    space->name_size = name->size;
    if (name->size > 0)
        memcpy(space->name, name->bytes, name->size);
    return space;
}

void space_free(struct engine *engine, struct space *space)
{
    for (uint32_t i = 0; i < space->length_count; i++) {
        assert(!space->lengths[i].shapes);
        indexes_free(engine, &space->lengths[i]);
        places_deinit(&space->lengths[i].all, &engine->slab);
    }
    firsts_deinit(&space->firsts, &engine->slab);
    space_forget_attributes(engine, space);
    assert(!space->line || space->line->waits == 0);
    mem_free(space->line);
    mem_free(space->lengths);
    mem_free(space);
}

struct span space_name(const struct space *space)
{
    return (struct span){space->name, space->name_size};
}

int space_compare_names(const struct span *one, const struct span *other)
{
    const uint32_t common = one->size < other->size ? one->size : other->size;
    const int order = memcmp(one->bytes, other->bytes, common);
    return order ? order : (one->size > other->size) - (one->size < other->size);
}

bool space_listed(const struct space *space)
{
    return space->tuples > 0 || space->made || !space_unused(space) || !TAILQ_EMPTY(&space->keys);
}

bool space_empty(const struct space *space)
{
    return !space_listed(space) && space->working == 0;
}

bool space_unused(const struct space *space)
{
    return space->tuples == 0 && space->kept == 0 && space->delayed == 0 && space->waiting == 0 &&
           space->named == 0 && space->watches == 0;
}

void space_forget_attributes(struct engine *engine, struct space *space)
{
    if (space->dead_letter.bytes)
        owner_unref(engine, space->dead_letter_owner);
    space->made = false;
    space->capacity = 0;
    space->max_returns = UINT32_MAX;
    mem_free((void *)space->dead_letter.bytes);
    space->dead_letter = (struct span){NULL, 0};
}

const struct length *space_length(const struct space *space, uint32_t fields)
{
    return fields < space->length_count ? &space->lengths[fields] : NULL;
}

struct length *space_make_length(struct space *space, uint32_t fields)
{
    if (fields >= space->length_count) {
        const uint32_t count = fields + 1;
        struct length *lengths = mem_realloc_array(space->lengths, count, sizeof *lengths);
        if (!lengths)
            return NULL;
        memset(&lengths[space->length_count], 0, (count - space->length_count) * sizeof *lengths);
        space->lengths = lengths;
        space->length_count = count;
    }
    return &space->lengths[fields];
}

uint32_t space_hash(const struct engine *engine, const struct stored *tuple)
{
    return firsts_hash(value_hash(&engine->options.key, tuple_first(tuple->bytes)),
                       stored_fields(tuple));
}

int space_put(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct slab *slab = &engine->slab;
    const uint32_t fields = stored_fields(tuple);
    struct length *length = space_make_length(space, fields);
    if (!length || places_insert(&length->all, slab, tuple) < 0)
        return -1;
    if (firsts_insert(&space->firsts, slab, tuple, space_hash(engine, tuple)) < 0) {
        places_remove(&length->all, slab, tuple);
        return -1;
    }
    if (length->indexes)
        indexes_put(engine, length, tuple);
    stored_move(tuple, LIFE_STORED);
    if (space->tuples++ == 0)
        memset(space->priorities, 0, sizeof space->priorities);
    space->bytes += stored_size(tuple);
    const unsigned bit = (unsigned)(tuple->key >> PLACE_ID_BITS);
    space->priorities[bit / 64] |= UINT64_C(1) << bit % 64;
    return 0;
}

void space_drop(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct length *length = &space->lengths[stored_fields(tuple)];
    assert(tuple->life == LIFE_STORED);
    if (length->indexes)
        indexes_drop(engine, length, tuple);
    places_remove(&length->all, &engine->slab, tuple);
    firsts_remove(&space->firsts, &engine->slab, tuple);
    space->tuples--;
    space->bytes -= stored_size(tuple);
}

static void check_away(const struct space *space)
{
    const struct hold *hold;
    const struct attributes *attributes;
    uint64_t held = 0, delayed = 0;
    TAILQ_FOREACH (hold, &space->holds, space_link) {
        assert(hold->space == space && hold->tuple->life == LIFE_HELD);
        held++;
    }
    TAILQ_FOREACH (attributes, &space->delayed_list, delayed_link) {
        assert(attributes->space == space && attributes->tuple->life == LIFE_DELAYED);
        delayed++;
    }
    assert(held + space->delivered == space->kept && delayed == space->delayed);
}

/* Pulses are stored within a unit only; those that are kept use no room. */
static void check_present(const struct space *space)
{
    const uint64_t all = space->tuples + space->kept + space->delayed;
    assert(space->present <= all && space->present + space->kept >= all);
}

void space_check(const struct engine *engine, const struct space *space)
{
    uint64_t tuples = 0;
    for (uint32_t i = 0; i < space->length_count; i++) {
        places_check(&space->lengths[i].all);
        indexes_check(engine, &space->lengths[i]);
        tuples += space->lengths[i].all.count;
    }
    assert(tuples == space->tuples);
    firsts_check(&space->firsts, space->tuples);
    (void)shapes_check(space);
    check_away(space);
    check_present(space);
    assert(!space->roomy && (!space->line || chain_check(space->line) <= space->waiting));
}

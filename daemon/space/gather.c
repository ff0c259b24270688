/* SPDX-License-Identifier: MIT */
#include "space/gather.h"

#include "base/must.h"
#include "space/query.h"
#include "space/space.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/walk.h"

void gather_clear(struct gather *gather)
{
    gather->count = 0;
    gather->matched = 0;
    gather->bytes = 0;
    gather->more = gather->cut = false;
}

void gather_deinit(struct gather *gather)
{
    mem_free(gather->list);
    *gather = (struct gather){0};
}

/* rule S17: as many as fit an answer, even where that is fewer than min; one always fits */
static bool has_room(const struct engine *engine, const struct query *query,
                     const struct gather *gather, const struct stored *tuple)
{
    if (gather->count == 0)
        return true;
    return gather->count < query->max && !gather->more &&
           gather->bytes + stored_size(tuple) <= engine->options.reply_bytes;
}

void gather_add(const struct engine *engine, const struct query *query, struct gather *gather,
                const struct found *found)
{
    gather->matched++;
    if (!has_room(engine, query, gather, found->tuple)) {
        gather->more = true;
        return;
    }
    if (gather->count == gather->capacity)
        gather->list = must_grow(gather->list, &gather->capacity, sizeof *gather->list);
    gather->list[gather->count++] = *found;
    gather->bytes += stored_size(found->tuple);
}

bool gather_complete(const struct query *query, const struct gather *gather)
{
    if (gather->matched < query->min)
        return false;
    return gather->more || (!query->counted && gather->count == query->max);
}

static void gather_one_part(struct engine *engine, struct query *query, struct gather *gather)
{
    const struct query_part *part = query->parts;
    struct look *look = &engine->looks[0];
    struct stored *tuple;
    look_begin(engine, look, query, part);
    while (!gather_complete(query, gather) && (tuple = look_next(engine, look)))
        gather_add(engine, query, gather, &(struct found){tuple, part->space, 0});
    gather->cut = look->cut;
    look_end(engine, look);
}

void gather_merge(const struct engine *engine, struct query *query, struct gather *gather,
                  struct gather_source *source)
{
    struct stored *heads[LIMIT_ALTERNATIVES] = {NULL};
    for (uint32_t i = 0; i < query->part_count; i++)
        heads[i] = source->next(source, i);
    while (!gather_complete(query, gather)) {
        struct found best = {NULL, NULL, 0};
        for (uint32_t i = 0; i < query->part_count; i++)
            if (heads[i] && (!best.tuple || stored_key(heads[i]) < stored_key(best.tuple)))
                best = (struct found){heads[i], query->parts[i].space, i};
        if (!best.tuple)
            return;
        gather_add(engine, query, gather, &best);
        for (uint32_t i = 0; i < query->part_count; i++)
            if (heads[i] == best.tuple)
                heads[i] = source->next(source, i);
    }
}

/* The parts' looks at what is stored. */
struct looks_source {
    struct gather_source source;
    struct engine *engine;
    bool cut;
};

static struct stored *looks_next(struct gather_source *source, uint32_t part)
{
    struct looks_source *looks = container_of(source, struct looks_source, source);
    struct look *look = &looks->engine->looks[part];
    struct stored *tuple = look_next(looks->engine, look);
    looks->cut |= look->cut;
    return looks->cut ? NULL : tuple;
}

static void gather_parts(struct engine *engine, struct query *query, struct gather *gather)
{
    struct looks_source looks = {{looks_next}, engine, false};
    for (uint32_t i = 0; i < query->part_count; i++)
        look_begin(engine, &engine->looks[i], query, &query->parts[i]);
    gather_merge(engine, query, gather, &looks.source);
    gather->cut = looks.cut;
    for (uint32_t i = 0; i < query->part_count; i++)
        look_end(engine, &engine->looks[i]);
}

static void gather_by_id(const struct engine *engine, struct query *query, struct gather *gather)
{
    for (uint32_t i = 0; i < query->part_count; i++) {
        const struct query_part *part = &query->parts[i];
        struct stored *tuple = walk_find_id(part->space, &part->pattern, query->id);
        if (tuple && query_matches(query, part, tuple)) {
            gather_add(engine, query, gather, &(struct found){tuple, part->space, i});
            return;
        }
    }
}

bool gather_stored(struct engine *engine, struct query *query, struct gather *gather)
{
    gather_clear(gather);
    if (query->by_id)
        gather_by_id(engine, query, gather);
    else if (query->part_count == 1)
        gather_one_part(engine, query, gather);
    else
        gather_parts(engine, query, gather);
    return gather->matched >= query->min && !gather->cut && !query_overrun(query);
}

/* SPDX-License-Identifier: MIT */
#include "space/look.h"

#include "space/index.h"
#include "space/query.h"
#include "space/space.h"
#include "space/state.h"
#include "space/stored.h"

/* What a look may cost also when the budget is used up: one that an index serves is never cut. */
#define LOOK_FREE 16

void look_begin(struct engine *engine, struct look *look, struct query *query,
                const struct query_part *part)
{
    look->query = query;
    look->part = part;
    look->cost = 0;
    look->placed = look->cut = false;
    walk_begin(&look->walk, engine, part->space, &part->pattern);
}

void look_begin_at(struct engine *engine, struct look *look, struct query *query,
                   const struct query_part *part, uint64_t from, bool reverse)
{
    look->query = query;
    look->part = part;
    look->cost = 0;
    look->placed = true;
    look->cut = false;
    walk_begin_at(&look->walk, engine, part->space, &part->pattern, from, reverse);
}

static void charge(struct engine *engine, struct look *look, const struct stored *tuple)
{
    const uint64_t cost = query_cost(look->part, tuple, look->query->work);
    look->cost += cost;
    engine->budget -= engine->budget > cost ? cost : engine->budget;
}

static bool is_used_up(const struct engine *engine, const struct look *look)
{
    const uint64_t piece = engine->options.piece;
    return engine->budget == 0 && look->cost >= (piece < LOOK_FREE ? piece : LOOK_FREE);
}

struct stored *look_next(struct engine *engine, struct look *look)
{
    struct stored *tuple;
    while ((tuple = walk_next(&look->walk))) {
        look->last_key = stored_key(tuple);
        const bool matches = query_matches(look->query, look->part, tuple);
        if (!matches)
            walk_past(&look->walk);
        if (!matches || look->part->pattern.expressions > 0)
            charge(engine, look, tuple);
        if (query_overrun(look->query))
            return NULL;
        if (matches)
            return tuple;
        if (is_used_up(engine, look)) {
            look->cut = true;
            return NULL;
        }
    }
    return NULL;
}

/* What was walked past is not nothing: each length's asks for an index of its own. */
static void ask(struct engine *engine, const struct look *look)
{
    const struct walk *walk = &look->walk;
    struct space *space = look->part->space;
    for (unsigned i = 0; i < walk->all; i++) {
        const struct walk_source *source = &walk->sources[i];
        if (source->past > engine->options.index.free)
            index_walked(engine, space, &space->lengths[source->fields], &look->part->pattern,
                         look->placed, source->past);
    }
}

uint64_t look_end_piece(struct engine *engine, struct look *look)
{
    if (look->walk.past > engine->options.index.free)
        ask(engine, look);
    return look->walk.past;
}

/* One that was long. */
static void count(struct walk_counts *counts, uint64_t past)
{
    uint64_t most = 1;
    unsigned i = 0;
    for (; i < WALK_LENGTHS - 1 && past > most; i++)
        most *= 10;
    counts->walks++;
    counts->walked += past;
    counts->lengths[i]++;
    if (past > counts->longest)
        counts->longest = past;
}

void look_count(const struct engine *engine, struct space *space, uint64_t past)
{
    if (!space)
        return;
    space->walks.looks++;
    if (past > engine->options.index.free)
        count(&space->walks, past);
}

void look_end(struct engine *engine, struct look *look)
{
    look_count(engine, look->part->space, look_end_piece(engine, look));
}

/* SPDX-License-Identifier: MIT */
#include "space/room.h"

#include <stdlib.h>

#include "base/must.h"
#include "space/state.h"
#include "space/unit.h"

void needs_clear(struct needs *needs)
{
    needs->count = 0;
    needs->serial++;
}

int needs_add(struct needs *needs, struct space *space, int64_t tuples)
{
    if (space->capacity == 0)
        return 0;
    if (space->need_serial == needs->serial) {
        needs->list[space->need_at].tuples += tuples;
        return 0;
    }
    if (needs->count == needs->capacity) {
        const uint32_t capacity = needs->capacity ? 2 * needs->capacity : 16;
        struct need *list = mem_realloc_array(needs->list, capacity, sizeof *list);
        if (!list)
            return -1;
        needs->list = list;
        needs->capacity = capacity;
    }
    space->need_serial = needs->serial;
    space->need_at = needs->count;
    needs->list[needs->count++] = (struct need){space, tuples};
    return 0;
}

const struct space *needs_never_fit(const struct needs *needs)
{
    for (uint32_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (need->tuples > 0 && (uint64_t)need->tuples > need->space->capacity)
            return need->space;
    }
    return NULL;
}

bool needs_fit(const struct needs *needs, uint64_t since)
{
    for (uint32_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        const struct interest *first;
        if (need->tuples <= 0)
            continue;
        if (need->space->present + (uint64_t)need->tuples > need->space->capacity)
            return false;
        first = chain_oldest(need->space->line, QUEUE_TAKERS);
        if (first && first->since < since)
            return false;
    }
    return true;
}

static uint32_t lines_needed(const struct needs *needs)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < needs->count; i++)
        count += needs->list[i].tuples > 0;
    return count;
}

bool needs_any(const struct needs *needs)
{
    return lines_needed(needs) > 0;
}

/* Spaces know whether a put may make a guard of one in line fail. */
static void count_absent(const struct interest *interest, int by)
{
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        if (interest->unit->guards[i].kind == TSD_GUARD_ABSENT)
            interest->query.parts[i].space->lined_absent += (uint32_t)by;
}

static void stand(struct wait *wait, struct interest *interest, struct chain *line)
{
    *wait = (struct wait){.interest = interest};
    chain_link(line, wait, QUEUE_TAKERS);
}

int room_wait(struct engine *engine, struct interest *interest, const struct needs *needs)
{
    struct unit *unit = interest->unit;
    const uint32_t count = needs_any(needs) ? lines_needed(needs) : 1;
    unit->lines = slab_alloc(&engine->slab, count * sizeof *unit->lines);
    if (!unit->lines)
        return -1;
    unit->line_count = count;
    struct wait *wait = unit->lines;
    if (!needs_any(needs))
        stand(wait, interest, &engine->settle.roomless);
    for (uint32_t i = 0; i < needs->count; i++)
        if (needs->list[i].tuples > 0)
            stand(wait++, interest, needs->list[i].space->line);
    if (interest->op == TSD_OP_ATOMIC) {
        LIST_INSERT_HEAD(&engine->lined, interest, lined_link);
        count_absent(interest, 1);
    }
    return 0;
}

void room_leave(struct engine *engine, struct interest *interest)
{
    struct unit *unit = interest->unit;
    if (!unit || !unit->lines)
        return;
    if (interest->op == TSD_OP_ATOMIC) {
        LIST_REMOVE(interest, lined_link);
        count_absent(interest, -1);
    }
    for (uint32_t i = 0; i < unit->line_count; i++)
        chain_unlink(engine, &unit->lines[i]);
    slab_free(&engine->slab, unit->lines, unit->line_count * sizeof *unit->lines);
    unit->lines = NULL;
    unit->line_count = 0;
}

/* It may fit now. */
static void look_again(struct engine *engine, const struct interest *interest)
{
    for (uint32_t i = 0; i < interest->unit->line_count; i++)
        if (interest->unit->lines[i].chain->space)
            settle_room(engine, interest->unit->lines[i].chain->space);
}

void room_needs_change(struct engine *engine)
{
    const struct interest *interest;
    LIST_FOREACH (interest, &engine->lined, lined_link)
        look_again(engine, interest);
}

static bool stands_in_line(struct engine *engine, const struct interest *interest,
                           const struct space *space)
{
    (void)engine;
    (void)space;
    return interest->unit && interest->unit->lines;
}

/* All that stand in any line, the oldest first, so that each joins at the end. */
static void all_line_up_anew(struct engine *engine)
{
    uint32_t count;
    struct interest **list = interests_collect(engine, stands_in_line, NULL, &count);
    for (uint32_t i = 0; i < count; i++)
        room_leave(engine, list[i]);
    for (uint32_t i = 0; i < count; i++) {
        must(unit_needs(engine, list[i]->unit, &list[i]->query));
        must(room_wait(engine, list[i], &engine->needs));
        look_again(engine, list[i]);
    }
    mem_free(list);
}

int room_set_capacity(struct engine *engine, struct space *space, uint64_t capacity)
{
    if (!space->line) {
        space->line = mem_alloc(sizeof *space->line);
        if (!space->line)
            return -1;
        chain_init(space->line, CHAIN_LINE);
        space->line->space = space;
    }
    space->capacity = capacity;
    all_line_up_anew(engine);
    settle_room(engine, space);
    return 0;
}

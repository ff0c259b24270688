/* SPDX-License-Identifier: MIT */
/*
 * What a unit notes for settle while it changes things.
 */
#include <assert.h>

#include "base/cold.h"
#include "base/must.h"
#include "space/absence.h"
#include "space/settle.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

int settle_reserve(struct engine *engine, uint32_t offers)
{
    struct settle *settle = &engine->settle;
    const uint32_t need = settle->fresh_count + offers;
    if (need <= settle->fresh_capacity)
        return 0;
    const uint32_t capacity = need < 16                           ? 16
                              : need > 2 * settle->fresh_capacity ? need
                                                                  : 2 * settle->fresh_capacity;
    struct fresh *fresh = mem_realloc_array(settle->fresh, capacity, sizeof *fresh);
    if (!fresh)
        return -1;
    settle->fresh = fresh;
    settle->fresh_capacity = capacity;
    return 0;
}

void settle_fresh(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct settle *settle = &engine->settle;
    if (tuple->flags & STORED_PULSE) {
        if (settle->pulse_count == settle->pulse_capacity)
            settle->pulses =
                must_grow(settle->pulses, &settle->pulse_capacity, sizeof *settle->pulses);
        settle->pulses[settle->pulse_count++] = (struct fresh){tuple, space};
        (void)stored_ref(tuple);
    }
    if (space->waiting == 0)
        return;
    assert(settle->fresh_count < settle->fresh_capacity);
    settle->fresh[settle->fresh_count++] = (struct fresh){tuple, space};
    (void)stored_ref(tuple); /* it may be gone before it is looked at */
}

void settle_stirred(struct engine *engine, struct absence *absence)
{
    if (absence->stirred)
        return;
    absence->stirred = true;
    TAILQ_INSERT_TAIL(&engine->settle.stirred, absence, stirred_link);
}

void settle_unstirs(struct engine *engine, struct absence *absence)
{
    if (!absence->stirred)
        return;
    absence->stirred = false;
    TAILQ_REMOVE(&engine->settle.stirred, absence, stirred_link);
}

void settle_room(struct engine *engine, struct space *space)
{
    if (space->roomy || space->line->waits == 0)
        return;
    space->roomy = true;
    TAILQ_INSERT_TAIL(&engine->settle.roomy, space, roomy_link);
}

void settle_room_not(struct engine *engine, struct space *space)
{
    if (!space->roomy)
        return;
    space->roomy = false;
    TAILQ_REMOVE(&engine->settle.roomy, space, roomy_link);
}

void settle_end(struct engine *engine, struct interest *interest, enum interest_end why)
{
    if (interest->end != END_NOT)
        return;
    interest->end = why;
    TAILQ_INSERT_TAIL(&engine->settle.ending, interest, ending_link);
    engine->settle.ending_count++;
}

void settle_late(struct engine *engine, struct interest *interest)
{
    settle_end(engine, interest, END_LATE);
}

void settle_repeated(struct engine *engine, struct interest *interest, uint64_t first)
{
    interest->first = first;
    settle_end(engine, interest, END_REPEATED);
}

void settle_overrun(struct engine *engine, struct interest *interest)
{
    settle_end(engine, interest, END_OVERRUN);
}

void settle_ends_not(struct engine *engine, struct interest *interest)
{
    TAILQ_REMOVE(&engine->settle.ending, interest, ending_link);
    engine->settle.ending_count--;
    interest->end = END_NOT;
}

/* Whether a guard of that space is one that the tuple's coming, or its going, may make fail. */
static bool guard_minds(struct query *query, const struct unit *unit, uint32_t guard,
                        const struct space *space, const struct stored *tuple, bool there)
{
    return query->parts[guard].space == space &&
           (unit->guards[guard].kind == TSD_GUARD_ABSENT) == there &&
           query_matches(query, &query->parts[guard], tuple);
}

COLD void settle_lined(struct engine *engine, const struct space *space, const struct stored *tuple,
                       bool there)
{
    struct interest *interest;
    LIST_FOREACH (interest, &engine->lined, lined_link) {
        struct query *query = &interest->query;
        for (uint32_t i = 0; i < query->part_count && !interest->stirred; i++)
            interest->stirred =
                guard_minds(query, interest->unit, i, space, tuple, there) || query_overrun(query);
        engine->settle.lined_stirred |= interest->stirred;
    }
}

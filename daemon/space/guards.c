/* SPDX-License-Identifier: MIT */
/*
 * Whether an atomic's guards hold, and which tuples they get (rule S22).
 */
#include <string.h>

#include "space/absence.h"
#include "space/atomic.h"
#include "space/lookup.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/*
 * The best-placed tuples that a taking guard matches: as many as there are taking guards. More are
 * never needed: of so many one is always left by the others, and a better-placed one.
 */
struct candidates {
    struct stored *list[LIMIT_GUARDS];
    uint32_t count;
};

struct assignment {
    struct candidates of[LIMIT_GUARDS]; /* of the taking guards, in their order */
    uint32_t guard[LIMIT_GUARDS];       /* which guards these are */
    uint32_t count;
    struct stored *taken[LIMIT_GUARDS]; /* by each of them */
};

static bool takes(const struct guard *guard)
{
    return guard->kind == TSD_GUARD_IN || guard->kind == TSD_GUARD_HOLD;
}

/* The best-placed matches of a guard. Returns whether they are known: false where it was cut. */
static bool find_candidates(struct engine *engine, struct query *query, uint32_t guard,
                            const struct lookup *lookup, uint32_t most,
                            struct candidates *candidates)
{
    struct look *look = &engine->looks[0];
    struct stored *tuple;
    candidates->count = 0;
    if (lookup) {
        const struct lookup_part *part = &lookup->parts[guard];
        for (; candidates->count < most && candidates->count < part->count; candidates->count++)
            candidates->list[candidates->count] = part->list[candidates->count];
        return true;
    }
    look_begin(engine, look, query, &query->parts[guard]);
    while (candidates->count < most && (tuple = look_next(engine, look)))
        candidates->list[candidates->count++] = tuple;
    look_end(engine, look);
    return !look->cut;
}

static bool is_taken(const struct assignment *assignment, const struct stored *tuple, uint32_t *by)
{
    for (*by = 0; *by < assignment->count; ++*by)
        if (assignment->taken[*by] == tuple)
            return true;
    return false;
}

/* An augmenting path from this guard, not over those visited, nor over the first `fixed` guards. */
static bool augment(struct assignment *assignment, uint32_t guard, uint32_t fixed,
                    uint32_t *visited)
{
    const struct candidates *candidates = &assignment->of[guard];
    *visited |= 1u << guard;
    for (uint32_t i = 0; i < candidates->count; i++) {
        uint32_t by;
        if (is_taken(assignment, candidates->list[i], &by) &&
            (by < fixed || *visited & 1u << by || !augment(assignment, by, fixed, visited)))
            continue;
        assignment->taken[guard] = candidates->list[i];
        return true;
    }
    return false;
}

/* Gives every guard some tuple. Returns 0, or the guards (a bit each) that are too many for theirs. */
static uint32_t assign_some(struct assignment *assignment)
{
    for (uint32_t i = 0; i < assignment->count; i++) {
        uint32_t visited = 0;
        if (!augment(assignment, i, 0, &visited))
            return visited;
    }
    return 0;
}

/* Whether this guard can have the tuple, those before it keeping theirs; then it has. */
static bool can_have(struct assignment *assignment, uint32_t guard, struct stored *tuple)
{
    const struct assignment before = *assignment;
    uint32_t by, visited = 1u << guard;
    const bool taken = is_taken(assignment, tuple, &by);
    if (taken && by == guard)
        return true;
    if (taken && by < guard)
        return false;
    assignment->taken[guard] = tuple;
    if (!taken)
        return true;
    assignment->taken[by] = NULL;
    if (augment(assignment, by, guard + 1, &visited))
        return true;
    *assignment = before;
    return false;
}

/* Guard by guard the best-placed that leaves the later ones satisfiable. */
static void assign_best(struct assignment *assignment)
{
    for (uint32_t guard = 0; guard < assignment->count; guard++) {
        const struct candidates *candidates = &assignment->of[guard];
        uint32_t i = 0;
        while (i < candidates->count && !can_have(assignment, guard, candidates->list[i]))
            i++;
    }
}

static enum guards_result fails(struct engine *engine, uint32_t guard, struct stored *witness)
{
    engine->guards.failing = 1u << guard;
    engine->guards.witness = witness;
    return GUARDS_FAIL;
}

/* What is looked at. */
struct looking {
    struct engine *engine;
    struct query *query;
    const struct unit *unit;
    const struct lookup *lookup;
    uint32_t most; /* guards that take */
};

static enum guards_result look_at_absent(const struct looking *looking, uint32_t guard)
{
    struct engine *engine = looking->engine;
    const struct query_part *part = &looking->query->parts[guard];
    struct stored *witness = NULL;
    bool known = true;
    engine->guards.chosen[guard] = (struct chosen){NULL, NULL};
    if (!looking->lookup)
        witness = absence_look_stored(engine, looking->query, part, &known);
    else if (looking->lookup->parts[guard].count > 0)
        witness = looking->lookup->parts[guard].list[0];
    if (known && !witness && !query_overrun(looking->query))
        witness = absence_look_away(engine, looking->query, part);
    if (query_overrun(looking->query))
        return GUARDS_OVERRUN;
    if (!known)
        return GUARDS_CUT;
    return witness ? fails(engine, guard, witness) : GUARDS_HOLD;
}

/* One guard for itself. A taking one's candidates go into the assignment. */
static enum guards_result look_at(const struct looking *looking, uint32_t guard,
                                  struct assignment *assignment)
{
    struct engine *engine = looking->engine;
    const struct guard *what = &looking->unit->guards[guard];
    struct candidates one, *candidates = &one;
    if (what->kind == TSD_GUARD_ABSENT)
        return look_at_absent(looking, guard);
    if (takes(what)) {
        candidates = &assignment->of[assignment->count];
        assignment->guard[assignment->count++] = guard;
    }
    const bool known = find_candidates(engine, looking->query, guard, looking->lookup,
                                       takes(what) ? looking->most : 1, candidates);
    if (query_overrun(looking->query))
        return GUARDS_OVERRUN;
    if (!known)
        return GUARDS_CUT;
    if (candidates->count == 0)
        return fails(engine, guard, NULL);
    engine->guards.chosen[guard] =
        (struct chosen){candidates->list[0], looking->query->parts[guard].space};
    return GUARDS_HOLD;
}

static enum guards_result assign(struct engine *engine, const struct query *query,
                                 struct assignment *assignment)
{
    const uint32_t short_of = assign_some(assignment);
    if (short_of != 0) {
        engine->guards.failing = 0;
        for (uint32_t i = 0; i < assignment->count; i++)
            if (short_of & 1u << i)
                engine->guards.failing |= 1u << assignment->guard[i];
        return GUARDS_FAIL;
    }
    assign_best(assignment);
    for (uint32_t i = 0; i < assignment->count; i++)
        engine->guards.chosen[assignment->guard[i]] =
            (struct chosen){assignment->taken[i], query->parts[assignment->guard[i]].space};
    return GUARDS_HOLD;
}

enum guards_result guards_look(struct engine *engine, struct query *query, const struct unit *unit,
                               const struct lookup *lookup)
{
    struct looking looking = {engine, query, unit, lookup, 0};
    struct assignment assignment;
    enum guards_result result = GUARDS_HOLD;
    assignment.count = 0;
    memset(assignment.taken, 0, sizeof assignment.taken);
    engine->guards.witness = NULL;
    for (uint32_t i = 0; i < query->part_count; i++)
        looking.most += takes(&unit->guards[i]);
    unit_name(unit, true);
    for (uint32_t i = 0; i < query->part_count && result == GUARDS_HOLD; i++)
        result = look_at(&looking, i, &assignment);
    unit_name(unit, false);
    return result == GUARDS_HOLD ? assign(engine, query, &assignment) : result;
}

/* SPDX-License-Identifier: MIT */
#include "space/atomic_do.h"

#include <string.h>

#include "base/must.h"
#include "space/absence.h"
#include "space/answer.h"
#include "space/body.h"
#include "space/key.h"
#include "space/life.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* Whether its guards' tuples fit an answer. */
static bool fits_answer(const struct engine *engine, const struct query *query)
{
    uint64_t bytes = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < query->part_count; i++) {
        const struct stored *tuple = engine->guards.chosen[i].tuple;
        bytes += tuple ? stored_size(tuple) : 0;
        count += tuple != NULL;
    }
    return count <= 1 || bytes <= engine->options.reply_bytes;
}

static uint32_t guards_of(const struct atomic *atomic, enum tsd_guard kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        count += atomic->unit->guards[i].kind == kind;
    return count;
}

/* What is told of each guard's tuple; taken down before it may be gone. */
struct told {
    uint32_t detail[LIMIT_GUARDS];
    struct hold *holds[LIMIT_GUARDS];
};

/* All that can fail for want of memory, before anything changes. */
static int reserve(struct engine *engine, const struct atomic *atomic, struct told *told)
{
    const uint32_t holds = guards_of(atomic, TSD_GUARD_HOLD);
    memset(told, 0, sizeof *told);
    if (session_reserve(atomic->asker->session, guards_of(atomic, TSD_GUARD_IN)) < 0 ||
        (holds > 0 && hold_reserve(engine, holds) < 0))
        return -1;
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        if (atomic->unit->guards[i].kind == TSD_GUARD_HOLD && !(told->holds[i] = hold_new(engine)))
            return -1;
    return puts_place(engine, &atomic->unit->puts);
}

static void unreserve(struct engine *engine, const struct told *told)
{
    for (int i = 0; i < LIMIT_GUARDS; i++)
        if (told->holds[i])
            hold_discard(engine, told->holds[i]);
}

static struct holding holding_of(const struct atomic *atomic, uint32_t i)
{
    const struct guard *guard = &atomic->unit->guards[i];
    return (struct holding){.timed = guard->has_hold_time,
                            .detached = guard->detached,
                            .hold_us = guard->hold_us,
                            .random = {atomic->unit->random[0], atomic->unit->random[1]}};
}

/* Takes down what is told of the guards' tuples: a taken one may be gone after. */
static void take_down(struct engine *engine, const struct atomic *atomic, struct told *told)
{
    uint64_t hold = engine->hold_count;
    for (uint32_t i = 0; i < atomic->query->part_count; i++) {
        struct stored *tuple = engine->guards.chosen[i].tuple;
        struct detail_wanted wanted = {.who = false};
        struct token token;
        if (!tuple)
            continue;
        if (atomic->unit->guards[i].kind == TSD_GUARD_HOLD) {
            const struct holding holding = holding_of(atomic, i);
            token = hold_token(++hold, &holding);
            wanted.token = &token;
        }
        told->detail[i] = answer_detail(engine, tuple, &wanted);
        (void)stored_ref(tuple); /* until it is in the answer */
    }
}

/* The guard's tuple is taken, held, or left where it is. */
static void take(struct engine *engine, const struct atomic *atomic, uint32_t i,
                 const struct told *told)
{
    const struct chosen *chosen = &engine->guards.chosen[i];
    struct session *session = atomic->asker->session;
    const enum tsd_guard kind = atomic->unit->guards[i].kind;
    if (kind == TSD_GUARD_HOLD) {
        const struct holding holding = holding_of(atomic, i);
        hold_enter(engine, told->holds[i], session, chosen->space, chosen->tuple, &holding);
    } else if (kind == TSD_GUARD_IN && atomic->unit->body_count > 0) { /* rule S23 */
        life_take(engine, chosen->space, chosen->tuple, LIFE_GONE);
    } else if (kind == TSD_GUARD_IN) {
        session_keep(engine, session, chosen->space, chosen->tuple);
    }
}

static void tell(struct engine *engine, const struct atomic *atomic, uint64_t first,
                 const struct told *told)
{
    const bool delivers = atomic->unit->body_count == 0 && guards_of(atomic, TSD_GUARD_IN) > 0;
    struct effect *effect = answer(engine, atomic->asker, engine->unit_at, TS_OK);
    effect->value = first;
    effect->delivery = delivers ? atomic->asker->session->delivered : 0;
    for (uint32_t i = 0; i < atomic->query->part_count; i++) {
        struct stored *tuple = engine->guards.chosen[i].tuple;
        if (!tuple)
            continue;
        answer_detailed(engine, effect, tuple, i, told->detail[i]);
        stored_unref(&engine->slab, tuple);
    }
}

/* Guards hold, tuples are made, there is room. Returns 0, or -1 without memory, unchanged. */
int atomic_carry_out(struct engine *engine, const struct atomic *atomic)
{
    const bool puts = atomic->unit->puts.count > 0;
    struct told told;
    if (reserve(engine, atomic, &told) < 0) {
        unreserve(engine, &told);
        return -1;
    }
    if (atomic->unit->body_count == 0 && guards_of(atomic, TSD_GUARD_IN) > 0)
        atomic->asker->session->delivered++;
    take_down(engine, atomic, &told);
    for (uint32_t i = 0; i < atomic->query->part_count; i++)
        take(engine, atomic, i, &told);
    unit_finish_holds(engine, atomic->unit);
    puts_show(engine, &atomic->unit->puts);
    tell(engine, atomic, puts ? engine->unit_at : 0, &told);
    if (atomic->key)
        key_done(engine, atomic->key, puts ? engine->unit_at : 0);
    return 0;
}

/* Room for what it puts, less what it finishes and takes; a pulse that it takes used none. */
int atomic_needs(struct engine *engine, const struct atomic *atomic)
{
    int result = unit_needs(engine, atomic->unit, atomic->query);
    for (uint32_t i = 0; atomic->unit->body_count > 0 && i < atomic->query->part_count; i++) {
        const struct chosen *chosen = &engine->guards.chosen[i];
        if (atomic->unit->guards[i].kind == TSD_GUARD_IN && chosen->tuple->flags & STORED_PULSE)
            result |= needs_add(&engine->needs, chosen->space, 1);
    }
    return result;
}

int atomic_make_ready(struct engine *engine, const struct atomic *atomic, struct problem *problem)
{
    if (atomic_needs(engine, atomic) < 0)
        return problem_set(problem, TS_NO_MEMORY, 0,
                           "the daemon is out of memory: nothing was done");
    if (atomic->unit->lines && !needs_fit(&engine->needs, atomic->asker->since))
        return 1; /* in line its body is looked at when there is room for it */
    if (!fits_answer(engine, atomic->query))
        return problem_set(problem, TS_LIMIT, 0,
                           "the guards' tuples are larger than an answer may be (%zu bytes)",
                           LIMIT_REPLY_BYTES);
    if (body_make(engine, atomic->asker->session, atomic->unit, problem) < 0)
        return -1;
    if (needs_fit(&engine->needs, atomic->asker->since))
        return 0;
    puts_drop(engine, &atomic->unit->puts);
    return 1;
}

void atomic_full(struct problem *problem)
{
    problem_set(problem, TS_FULL, 0, "its guards hold, but a space is full, and the timeout is 0");
}

/* SPDX-License-Identifier: MIT */
#include "space/atomic.h"

#include <assert.h>
#include <string.h>

#include "base/must.h"
#include "space/absence.h"
#include "space/answer.h"
#include "space/atomic_do.h"
#include "space/key.h"
#include "space/life.h"
#include "space/lookup.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

void atomic_name_holds(const struct interest *interest, bool named)
{
    unit_name(interest->unit, named);
}

/* ---- One that waits ---- */

void atomic_mark_chosen(struct engine *engine, const struct query *query)
{
    for (uint32_t i = 0; i < query->part_count; i++)
        if (engine->guards.chosen[i].tuple)
            engine->guards.chosen[i].tuple->flags |= STORED_CHOSEN;
}

int atomic_register(struct engine *engine, struct interest *interest)
{
    const struct guards guards = engine->guards;
    struct query *query = &interest->query;
    for (uint32_t i = 0; i < query->part_count; i++) {
        int result = 0;
        if (!(guards.failing & 1u << i))
            continue;
        if (interest->unit->guards[i].kind == TSD_GUARD_ABSENT)
            result =
                absence_link(engine, &interest->waits[i], QUEUE_TAKERS, &query->parts[i],
                             interest->unit->claim_count > 0 ? interest : NULL, guards.witness);
        else
            result = interest_link(engine, interest, i);
        if (result < 0)
            return -1;
    }
    return 0;
}

static void end_refused(struct engine *engine, struct interest *interest,
                        const struct problem *problem)
{
    unit_begin(engine);
    answer_wait_refused(engine, interest, problem);
    interest_free(engine, interest);
}

/* Guards hold: does it if there is room, and makes it wait for that if there is not. */
static bool serve_now(struct engine *engine, struct interest *interest, const struct atomic *atomic)
{
    struct problem problem;
    const int result = atomic_make_ready(engine, atomic, &problem);
    if (result > 0) {
        if (!interest->unit->lines) {
            interest_unlink(engine, interest);
            atomic_mark_chosen(engine, &interest->query);
            must(room_wait(engine, interest, &engine->needs));
        }
        return false;
    }
    if (result < 0) {
        end_refused(engine, interest, &problem);
        return true;
    }
    unit_begin(engine);
    must(atomic_carry_out(engine, atomic));
    interest_free(engine, interest);
    return true;
}

bool atomic_serve(struct engine *engine, struct interest *interest)
{
    const struct asker asker = interest_asker(interest);
    struct atomic atomic = {&asker, &interest->query, interest->unit, interest->key};
    if (interest->unit->lines && interest->round == engine->settle.round)
        return false; /* from another line in this round already */
    interest->round = engine->settle.round;
    switch (guards_look(engine, atomic.query, atomic.unit, NULL)) {
    case GUARDS_HOLD:
        return serve_now(engine, interest, &atomic);
    case GUARDS_FAIL:
        interest_unlink(engine, interest);
        must(atomic_register(engine, interest));
        return false;
    case GUARDS_CUT:
        lookup_again(engine, interest);
        return false;
    default:
        settle_overrun(engine, interest);
        return false;
    }
}

void atomic_leave_line(struct engine *engine, struct interest *interest)
{
    const struct atomic atomic = {NULL, &interest->query, interest->unit, NULL};
    enum guards_result result;
    if (interest->end != END_NOT)
        return;
    result = guards_look(engine, &interest->query, interest->unit, NULL);
    if (result == GUARDS_OVERRUN) {
        settle_overrun(engine, interest);
    } else if (result == GUARDS_FAIL) {
        interest_unlink(engine, interest);
        must(atomic_register(engine, interest));
    } else if (result == GUARDS_CUT) {
        lookup_again(engine, interest);
    } else {
        /* One that now takes a tuple instead of a pulse may need no room. */
        must(atomic_needs(engine, &atomic));
        atomic_mark_chosen(engine, &interest->query);
        if (!needs_any(&engine->needs)) {
            room_leave(engine, interest);
            must(room_wait(engine, interest, &engine->needs));
        }
    }
}

/* ---- One that was looked up in pieces ---- */

static void looked_up_fails(struct engine *engine, struct interest *interest,
                            const struct asker *asker)
{
    if (!interest->once && atomic_register(engine, interest) == 0)
        return;
    if (interest->once)
        answer(engine, asker, asker->since, TS_NOMATCH);
    else
        answer_no_memory(engine, asker);
    interest_free(engine, interest);
}

static void looked_up_holds(struct engine *engine, struct interest *interest,
                            const struct atomic *atomic)
{
    struct problem problem;
    const int result = atomic_make_ready(engine, atomic, &problem);
    if (result == 0) {
        must(atomic_carry_out(engine, atomic));
        interest_free(engine, interest);
        return;
    }
    if (result > 0 && !interest->once) {
        atomic_mark_chosen(engine, &interest->query);
        must(room_wait(engine, interest, &engine->needs));
        return;
    }
    if (result > 0)
        atomic_full(&problem);
    answer_refused(engine, atomic->asker, &problem);
    interest_free(engine, interest);
}

void atomic_looked_up(struct engine *engine, struct interest *interest)
{
    struct asker asker;
    const struct atomic atomic = {&asker, &interest->query, interest->unit, interest->key};
    const enum guards_result result =
        guards_look(engine, &interest->query, interest->unit, interest->lookup);
    assert(result != GUARDS_CUT);
    lookup_end(engine, interest);
    asker = interest_asker(interest);
    if (result == GUARDS_HOLD)
        looked_up_holds(engine, interest, &atomic);
    else if (result == GUARDS_FAIL)
        looked_up_fails(engine, interest, &asker);
    else
        settle_overrun(engine, interest);
}

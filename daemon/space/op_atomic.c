/* SPDX-License-Identifier: MIT */
#include "space/answer.h"
#include "space/atomic.h"
#include "space/atomic_do.h"
#include "space/key.h"
#include "space/lookup.h"
#include "space/operation.h"
#include "space/room.h"
#include "space/state.h"
#include "space/unit.h"

static int claim_finishes(struct engine *engine, const struct asker *asker, struct unit *unit)
{
    const uint8_t *at = unit->body.bytes;
    int result = 0;
    for (uint32_t i = 0; i < unit->body_count && result == 0; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind == TSD_STEP_FINISH)
            result = unit_claim_one(engine, asker->session, unit, &step.token);
    }
    unit_name(unit, false);
    return result;
}

/* Makes an interest of it, with the unit and the key. NULL where it was refused. */
static struct interest *keep(struct engine *engine, struct interest *interest,
                             const struct atomic *atomic)
{
    if (!interest) {
        key_free(engine, atomic->key);
        return NULL;
    }
    interest->key = atomic->key;
    interest->unit = unit_keep(engine, interest, atomic->unit);
    if (!interest->unit) {
        interest_free(engine, interest);
        answer_no_memory(engine, atomic->asker);
        return NULL;
    }
    if (interest->key)
        key_wait(engine, interest->key, interest);
    return interest;
}

/* Makes it wait: `room` for room, else under the guards that fail. */
static void wait(struct engine *engine, const struct request *request, const struct atomic *atomic,
                 bool room)
{
    const struct guards guards = engine->guards;
    struct interest *interest =
        keep(engine, interest_begin(engine, atomic->asker, request, atomic->query), atomic);
    if (!interest)
        return;
    engine->guards = guards;
    if (room)
        atomic_mark_chosen(engine, &interest->query);
    if ((room ? room_wait(engine, interest, &engine->needs) : atomic_register(engine, interest)) <
        0) {
        interest_free(engine, interest);
        answer_no_memory(engine, atomic->asker);
    }
}

/* It goes on as an interest, which waits or is refused. */
static void look_up(struct engine *engine, const struct request *request,
                    const struct atomic *atomic)
{
    keep(engine, lookup_begin(engine, atomic->asker, request, atomic->query), atomic);
}

/* What ends it here. */
static void refuse(struct engine *engine, struct atomic *atomic, const struct problem *problem)
{
    query_end(engine, atomic->query);
    key_free(engine, atomic->key);
    answer_refused(engine, atomic->asker, problem);
}

static void set_no_memory(struct problem *problem)
{
    problem_set(problem, TS_NO_MEMORY, 0, "the daemon is out of memory: nothing was done");
}

static void no_room(struct engine *engine, struct atomic *atomic)
{
    struct problem problem;
    atomic_full(&problem);
    refuse(engine, atomic, &problem);
}

static void no_match(struct engine *engine, struct atomic *atomic)
{
    query_end(engine, atomic->query);
    key_free(engine, atomic->key);
    answer(engine, atomic->asker, atomic->asker->since, TS_NOMATCH);
}

static void holds_now(struct engine *engine, const struct request *request, struct atomic *atomic)
{
    struct problem problem;
    const int result = atomic_make_ready(engine, atomic, &problem);
    if (result > 0 && interest_may_wait(request)) {
        wait(engine, request, atomic, true);
    } else if (result > 0) {
        no_room(engine, atomic);
    } else if (result < 0) {
        refuse(engine, atomic, &problem);
    } else if (atomic_carry_out(engine, atomic) < 0) {
        puts_drop(engine, &atomic->unit->puts);
        set_no_memory(&problem);
        refuse(engine, atomic, &problem);
    } else {
        query_end(engine, atomic->query);
    }
}

/* Whether the body may find room one day; else, or without memory to tell, it is refused. */
static bool may_fit(struct engine *engine, struct atomic *atomic)
{
    struct problem problem;
    const struct space *full = NULL;
    if (unit_needs(engine, atomic->unit, atomic->query) < 0)
        set_no_memory(&problem);
    else if ((full = needs_never_fit(&engine->needs)))
        op_never_fits(&problem, full);
    else
        return true;
    refuse(engine, atomic, &problem);
    return false;
}

static void look(struct engine *engine, const struct request *request, struct atomic *atomic)
{
    if (!may_fit(engine, atomic))
        return;
    switch (guards_look(engine, atomic->query, atomic->unit, NULL)) {
    case GUARDS_HOLD:
        holds_now(engine, request, atomic);
        break;
    case GUARDS_FAIL:
        if (interest_may_wait(request))
            wait(engine, request, atomic, false);
        else
            no_match(engine, atomic);
        break;
    case GUARDS_CUT:
        look_up(engine, request, atomic);
        break;
    default:
        query_end(engine, atomic->query);
        key_free(engine, atomic->key);
        answer_overrun(engine, atomic->asker, atomic->asker->since);
    }
}

void op_atomic(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct unit unit = {.guards = request->guards,
                        .space = request->space,
                        .body = request->body,
                        .body_count = request->body_count,
                        .puts = engine->puts,
                        .random = {command->random[0], command->random[1]}};
    struct query query;
    struct atomic atomic = {asker, &query, &unit, NULL};
    if (op_repeated(engine, asker, request))
        return;
    const int claimed = claim_finishes(engine, asker, &unit);
    if (claimed != 0) {
        op_not_claimed(engine, asker, claimed);
        return;
    }
    if (op_key(engine, asker, request, &atomic.key) < 0)
        return;
    if (query_begin(engine, asker, request, &query) < 0) {
        key_free(engine, atomic.key);
        return;
    }
    look(engine, request, &atomic);
    engine->puts = unit.puts;
}

/* SPDX-License-Identifier: MIT */
/*
 * What out, finish and atomic have in common: keys, claims, and waiting for room.
 */
#include "space/key.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/unit.h"

bool op_repeated(struct engine *engine, const struct asker *asker, const struct request *request)
{
    const struct key *key = key_find(engine, asker->session, request);
    if (key)
        answer_repeated(engine, asker, asker->since, key->first);
    return key != NULL;
}

int op_key(struct engine *engine, const struct asker *asker, const struct request *request,
           struct key **key)
{
    struct problem problem;
    *key = NULL;
    if (!(request->has & TSD_HAS(KEY)))
        return 0;
    *key = key_new(engine, asker->session, request, &problem);
    if (!*key)
        answer_refused(engine, asker, &problem);
    return *key ? 0 : -1;
}

void op_not_claimed(struct engine *engine, const struct asker *asker, int claimed)
{
    struct problem problem;
    if (claimed < 0) {
        answer_no_memory(engine, asker);
        return;
    }
    problem_set(&problem, TS_LATE, 0,
                "a token names nothing that this connection keeps: the hold is over, or another's");
    answer_refused(engine, asker, &problem);
}

void op_never_fits(struct problem *problem, const struct space *space)
{
    const struct span name = space_name(space);
    problem_set(problem, TS_FULL, 0, "more tuples than the capacity of the space %.*s, %llu",
                (int)(name.size < 64 ? name.size : 64), (const char *)name.bytes,
                (unsigned long long)space->capacity);
}

static void refuse(struct engine *engine, const struct asker *asker, struct key *key,
                   const struct problem *problem)
{
    key_free(engine, key);
    answer_refused(engine, asker, problem);
}

static void wait_for_room(struct engine *engine, const struct asker *asker,
                          const struct request *request, struct unit *unit, struct key *key)
{
    struct query none = {.parts = engine->parts};
    struct problem problem;
    struct interest *interest = interest_new(engine, asker, request, &none, &problem);
    if (!interest) {
        key_free(engine, key);
        answer_refused(engine, asker, &problem);
        return;
    }
    interest->key = key;
    interest->unit = unit_keep(engine, interest, unit);
    if (interest->unit) {
        if (key)
            key_wait(engine, key, interest);
        if (room_wait(engine, interest, &engine->needs) == 0)
            return;
    }
    interest_free(engine, interest);
    answer_no_memory(engine, asker);
}

/* Why there is no room for it, and what comes of it. */
static void no_room(struct engine *engine, const struct asker *asker, const struct request *request,
                    struct unit *unit, struct key *key)
{
    struct problem problem;
    const struct space *full = needs_never_fit(&engine->needs);
    if (full) {
        op_never_fits(&problem, full);
        refuse(engine, asker, key, &problem);
    } else if (interest_may_wait(request)) {
        wait_for_room(engine, asker, request, unit, key);
    } else {
        problem_set(&problem, TS_FULL, 0, "the space is full, and the timeout is 0");
        refuse(engine, asker, key, &problem);
    }
}

void op_unit(struct engine *engine, const struct asker *asker, const struct request *request,
             struct unit *unit, struct key *key)
{
    if (unit_needs(engine, unit, NULL) < 0) {
        key_free(engine, key);
        answer_no_memory(engine, asker);
    } else if (!needs_fit(&engine->needs, asker->since)) {
        no_room(engine, asker, request, unit, key);
    } else if (unit_do(engine, asker, unit, key) < 0) {
        key_free(engine, key);
        answer_no_memory(engine, asker);
    }
}

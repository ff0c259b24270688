/* SPDX-License-Identifier: MIT */
/*
 * `collect`, `copy`, and `collect` without a target, which deletes: one bounded unit each (rules S17,
 * S29).
 */

#include "space/life.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* All that match, up to max; what is in engine->gather then goes. Returns -1 where it was refused. */
static int gather_all(struct engine *engine, const struct asker *asker,
                      const struct request *request, struct query *query)
{
    struct gather *gather = &engine->gather;
    if (query_begin(engine, asker, request, query) < 0)
        return -1;
    query->min = 1;
    query->max = request->has & TSD_HAS(MAX) ? request->max : LIMIT_UNIT_TUPLES;
    query->counted = query->unbounded = true;
    gather_stored(engine, query, gather);
    const bool overrun = query_overrun(query);
    query_end(engine, query);
    if (overrun)
        answer_overrun(engine, asker, asker->since);
    return overrun ? -1 : 0;
}

/* The target, with room for what was gathered; NULL where the request was refused. */
static struct space *target(struct engine *engine, const struct asker *asker,
                            const struct request *request)
{
    struct problem problem;
    struct space *to = engine_make_space(engine, &request->to);
    if (!to || settle_reserve(engine, engine->gather.count) < 0) {
        answer_no_memory(engine, asker);
    } else if (to->capacity && to->present + engine->gather.count > to->capacity) {
        problem_set(&problem, TS_FULL, 0, "the space has no room for the %u tuples that match",
                    engine->gather.count); /* rule S29: it does not wait */
        answer_refused(engine, asker, &problem);
    } else {
        return to;
    }
    if (to)
        engine_space_left(engine, to);
    return NULL;
}

static void carry_out(struct engine *engine, const struct asker *asker, struct space *to)
{
    const struct gather *gather = &engine->gather;
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct found *found = &gather->list[i];
        if (!to)
            life_take(engine, found->space, found->tuple, LIFE_GONE);
        else if (asker->op == TSD_OP_COLLECT)
            life_move(engine, found->space, found->tuple, to);
        else
            life_copy(engine, found->tuple, to);
    }
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    effect->value = gather->count;
    effect->more = gather->more;
}

static bool same_space(const struct request *request)
{
    return request->has & TSD_HAS(TO) && span_equal(&request->to, &request->space);
}

void op_collect(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct query query;
    struct problem problem;
    struct space *to = NULL;
    if (same_space(request)) {
        problem_set(&problem, TS_INVALID, 0, "option to: it is the space that they are in");
        answer_refused(engine, asker, &problem);
        return;
    }
    if (gather_all(engine, asker, request, &query) < 0)
        return;
    if (engine->gather.count > 0 && request->has & TSD_HAS(TO) &&
        !(to = target(engine, asker, request)))
        return;
    carry_out(engine, asker, to);
}

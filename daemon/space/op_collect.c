/* SPDX-License-Identifier: MIT */
/*
 * `collect`, `copy`, and `collect` without a target, which deletes: one bounded unit each (rules S17,
 * S29).
 */

#include <string.h>

#include "space/ahead.h"
#include "space/life.h"
#include "space/lookup.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* Of a copy that goes on: those that come after its cursor. */
static void gather_on(struct engine *engine, const struct request *request, struct query *query)
{
    const uint64_t from = place_key(request->cursor.priority, request->cursor.id);
    const struct query_part *part = query->parts;
    struct gather *gather = &engine->gather;
    struct look *look = &engine->looks[0];
    struct stored *tuple;
    gather_clear(gather);
    look_begin_at(engine, look, query, part, from < UINT64_MAX ? from + 1 : from, false);
    while (!gather_complete(query, gather) && (tuple = look_next(engine, look)))
        gather_add(engine, query, gather, &(struct found){tuple, part->space, 0});
    gather->cut = look->cut;
    look_end(engine, look);
}

/*
 * All that match, up to max and to the bytes of an answer; what is in engine->gather then goes. Returns
 * -1 where it was refused, 1 where it goes on in pieces.
 */
static int gather_all(struct engine *engine, const struct asker *asker,
                      const struct request *request, struct query *query)
{
    if (query_begin(engine, asker, request, query) < 0)
        return -1;
    query->min = 1;
    query->max = request->has & TSD_HAS(MAX) ? request->max : LIMIT_UNIT_TUPLES;
    query->counted = true;
    if (request->has & TSD_HAS(CURSOR))
        gather_on(engine, request, query);
    else
        gather_stored(engine, query, &engine->gather);
    if (engine->gather.cut) {
        lookup_begin(engine, asker, request, query);
        return 1;
    }
    const bool overrun = query_overrun(query);
    query_end(engine, query);
    if (overrun)
        answer_overrun(engine, asker, asker->since);
    return overrun ? -1 : 0;
}

/* Rights may have changed while it was looked up; copies are charged to whoever makes them. */
static int check_target(struct engine *engine, const struct asker *asker, const struct span *name,
                        struct problem *problem)
{
    const struct session *session = asker->session;
    const struct gather *gather = &engine->gather;
    uint64_t bytes = 0;
    if (!access_may_write(engine, owner_at(&engine->owners, session->owner), name))
        return problem_set(problem, TS_DENIED, 0,
                           "permission denied for the space that they go to");
    if (asker->op == TSD_OP_COLLECT)
        return 0;
    for (uint32_t i = 0; i < gather->count; i++)
        bytes += stored_size(gather->list[i].tuple);
    return account_check_put(engine, session_account(engine, session), gather->count, bytes,
                             problem);
}

/* The target, with room for what was gathered; NULL where the request was refused. */
static struct space *target(struct engine *engine, const struct asker *asker,
                            const struct span *name)
{
    struct problem problem;
    if (check_target(engine, asker, name, &problem) < 0) {
        answer_refused(engine, asker, &problem);
        return NULL;
    }
    struct space *to = engine_make_space(engine, name, asker->session->owner);
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

static void move_all(struct engine *engine, const struct asker *asker, struct space *to)
{
    const struct gather *gather = &engine->gather;
    uint64_t last = 0, skipped = 0;
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct found *found = &gather->list[i];
        if (asker->op == TSD_OP_COLLECT)
            ahead_taken(gather, i);
        if (to)
            ahead_brought(gather, i, to);
        last = stored_key(found->tuple);
        if (!to)
            life_take(engine, found->space, found->tuple, LIFE_GONE);
        else if (asker->op == TSD_OP_COLLECT)
            life_move(engine, found->space, found->tuple, to);
        else
            skipped += !life_copy(engine, found->tuple, to, asker->session);
    }
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    effect->value = gather->count - skipped;
    effect->more = gather->more;
    if (to)
        engine_space_left(engine, to); /* where none could be copied */
    if (gather->more && asker->op == TSD_OP_COPY) {
        effect->has_next = true;
        effect->next = place_of_key(last);
    }
}

/* `name`: where they go; no bytes: they are deleted. */
static void carry_out(struct engine *engine, const struct asker *asker, const struct span *name)
{
    struct space *to = NULL;
    if (engine->gather.count > 0 && name->bytes && !(to = target(engine, asker, name)))
        return;
    move_all(engine, asker, to);
}

static bool same_space(const struct request *request)
{
    return request->has & TSD_HAS(TO) && span_equal(&request->to, &request->space);
}

void op_collect(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    const struct span nowhere = {NULL, 0};
    struct query query;
    struct problem problem;
    if (same_space(request)) {
        problem_set(&problem, TS_INVALID, 0, "option to: it is the space that they are in");
        answer_refused(engine, asker, &problem);
        return;
    }
    if (gather_all(engine, asker, request, &query) == 0)
        carry_out(engine, asker, request->has & TSD_HAS(TO) ? &request->to : &nowhere);
}

void collect_looked_up(struct engine *engine, struct interest *interest)
{
    uint8_t name[LIMIT_NAME_BYTES];
    struct span to = interest->lookup->to;
    if (to.bytes)
        to.bytes =
            memcpy(name, to.bytes, to.size); /* the lookup goes, and with it its references */
    lookup_end(engine, interest);
    const struct asker asker = interest_asker(interest);
    carry_out(engine, &asker, &to);
    interest_free(engine, interest);
}

/* SPDX-License-Identifier: MIT */
#include "space/key.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* Makes the request's tuples, of which nothing is seen yet. */
static int make_all(struct engine *engine, const struct asker *asker, const struct request *request,
                    struct space *space, struct puts *puts)
{
    const uint8_t *at = request->tuples.bytes;
    for (uint32_t i = 0; i < request->tuple_count; i++) {
        const struct tuple_view view = tuple_at(at);
        if (puts_add(engine, puts, asker->session, space, &view, &request->putting) < 0)
            return -1;
        at += view.size;
    }
    return 0;
}

/* The puts are made in the engine's room, which they leave only to wait. */
static void put(struct engine *engine, const struct asker *asker, const struct request *request,
                struct unit *unit, struct key *key)
{
    struct space *space = engine_make_space(engine, &request->space, asker->session->owner);
    unit->puts = engine->puts;
    if (!space || make_all(engine, asker, request, space, &unit->puts) < 0) {
        key_free(engine, key);
        answer_no_memory(engine, asker);
    } else {
        op_unit(engine, asker, request, unit, key);
    }
    puts_drop(engine, &unit->puts); /* what was refused */
    engine->puts = unit->puts;
    if (space)
        engine_space_left(engine, space);
}

/* Whether it is the usual put: one tuple, which has nothing but its priority. */
static bool is_plain(const struct request *request)
{
    return request->tuple_count == 1 && !(request->has & TSD_HAS(KEY)) &&
           !(request->putting.has & ~TSD_HAS(PRIORITY));
}

/*
 * Puts that one into a space without a bound: no list of puts is made, no needs are looked at. In one
 * piece with all that it calls, as session_keep and session_acknowledge are: the three are what a tuple
 * costs that is put, taken and acknowledged.
 */
static __attribute__((flatten)) int put_plain(struct engine *engine, const struct asker *asker,
                                              const struct request *request, struct space *space)
{
    const struct tuple_view view = tuple_at(request->tuples.bytes);
    struct stored *tuple = stored_new(&engine->slab, &view);
    if (!tuple)
        return -1;
    tuple->owner = asker->session->owner;
    stored_set_priority(tuple, request->putting.priority);
    tuple->put_ds = (uint32_t)(engine->now_ns / 100000000);
    stored_set_id(tuple, unit_id(engine));
    if (settle_reserve(engine, 1) < 0 || life_place(engine, space, tuple) < 0) {
        unit_forget_ids(engine, 0);
        stored_unref(&engine->slab, tuple);
        return -1;
    }
    life_show(engine, space, tuple, TSD_EVENT_PUT);
    answer(engine, asker, engine->unit_at, TS_OK)->value = engine->unit_at;
    return 0;
}

/* Whether it has been done, or refused. */
static bool is_put_plainly(struct engine *engine, const struct asker *asker,
                           const struct request *request)
{
    struct space *space = engine_make_space(engine, &request->space, asker->session->owner);
    if (space && space->capacity > 0)
        return false;
    if (!space || put_plain(engine, asker, request, space) < 0) {
        answer_no_memory(engine, asker);
        if (space)
            engine_space_left(engine, space);
    }
    return true;
}

void op_out(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    if (is_plain(request) && is_put_plainly(engine, asker, request))
        return;
    struct unit unit = {.space = request->space};
    struct key *key = NULL;
    if (request->has & TSD_HAS(KEY) &&
        (op_repeated(engine, asker, request) || op_key(engine, asker, request, &key) < 0))
        return;
    put(engine, asker, request, &unit, key);
}

void op_finish(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct unit unit = {.space = request->space};
    struct key *key;
    if (op_repeated(engine, asker, request))
        return;
    const int claimed =
        unit_claim(engine, asker->session, &unit, &request->tokens, request->token_count);
    unit_name(&unit, false);
    if (claimed != 0)
        op_not_claimed(engine, asker, claimed);
    else if (op_key(engine, asker, request, &key) == 0)
        put(engine, asker, request, &unit, key);
}

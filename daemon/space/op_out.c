/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* Takes back what a unit has put so far, the tuples from `first` id on. */
static void take_back(struct engine *engine, struct space *space, struct stored **tuples,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        space_drop(space, &engine->slab, tuples[i]);
        stored_move(tuples[i], LIFE_GONE);
        stored_unref(&engine->slab, tuples[i]);
    }
    settle_forget(engine);
}

/* Makes and stores the tuples of the unit; on failure nothing has changed. */
static int put_all(struct engine *engine, const struct asker *asker, const struct request *request,
                   struct space *space, struct stored **tuples)
{
    const uint8_t *at = request->tuples.bytes;
    if (settle_reserve(engine, request->tuple_count) < 0)
        return -1;
    for (uint32_t i = 0; i < request->tuple_count; i++) {
        const struct tuple_view view = tuple_at(at);
        struct stored *tuple = stored_new(&engine->slab, &view);
        if (tuple) {
            tuple->id = asker->since + i; /* rule S35 */
            tuple->priority = request->priority;
            tuple->user = asker->session->user;
        }
        if (!tuple || offer(engine, space, tuple) < 0) {
            if (tuple)
                stored_unref(&engine->slab, tuple);
            take_back(engine, space, tuples, i);
            return -1;
        }
        tuples[i] = tuple;
        at += view.size;
    }
    return 0;
}

void op_out(struct engine *engine, const struct asker *asker, const struct request *request)
{
    struct stored *few[16];
    struct stored **tuples = few;
    if (request->tuple_count > sizeof few / sizeof few[0])
        tuples = mem_alloc(request->tuple_count * sizeof *tuples);
    struct space *space = tuples ? engine_make_space(engine, &request->space) : NULL;
    if (!space) {
        answer_no_memory(engine, asker);
    } else if (put_all(engine, asker, request, space, tuples) < 0) {
        engine_space_left(engine, space);
        answer_no_memory(engine, asker);
    } else {
        answer(engine, asker, asker->since, TS_OK)->value = asker->since;
        settle(engine);
    }
    if (tuples != few)
        mem_free(tuples);
}

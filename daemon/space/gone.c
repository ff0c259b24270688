/* SPDX-License-Identifier: MIT */
#include "space/gone.h"

#include <assert.h>

#include "space/hold.h"
#include "space/key.h"
#include "space/life.h"
#include "space/state.h"

/* Frees stored tuples. Returns how many more may go. */
static uint32_t free_stored(struct engine *engine, struct space *space, uint32_t most)
{
    for (uint32_t i = 0; i < space->length_count; i++) {
        struct stored *tuple;
        for (; most > 0 && (tuple = places_first(&space->lengths[i].all)); most--)
            life_expire(engine, space, tuple);
    }
    return most;
}

static uint32_t free_delayed(struct engine *engine, struct space *space, uint32_t most)
{
    const struct attributes *attributes;
    for (; most > 0 && (attributes = TAILQ_FIRST(&space->delayed_list)); most--)
        life_expire(engine, space, attributes->tuple);
    return most;
}

static uint32_t free_held(struct engine *engine, struct space *space, uint32_t most)
{
    struct hold *hold;
    for (; most > 0 && (hold = TAILQ_FIRST(&space->holds)); most--)
        hold_finish(engine, hold);
    return most;
}

/* Tuples of a piece: they take a few milliseconds. */
#define PIECE 4096

static void piece(struct engine *engine, struct work *work)
{
    struct space *space = container_of(work, struct space, removal);
    uint32_t most = engine->options.unit < PIECE ? engine->options.unit : PIECE;
    most = free_stored(engine, space, most);
    most = free_delayed(engine, space, most);
    if (free_held(engine, space, most) > 0)
        work_end(engine, work);
}

void gone_left(struct engine *engine, struct space *space)
{
    if (space->idle || !space_unused(space))
        return;
    work_end(engine, &space->removal);
    space->idle = true;
    TAILQ_REMOVE(&engine->gone, space, idle_link);
    TAILQ_INSERT_TAIL(&engine->gone_idle, space, idle_link);
}

void gone_begin(struct engine *engine, struct space *space)
{
    const struct span name = space_name(space);
    engine_forget_space(engine, space);
    space->gone = true;
    TAILQ_INSERT_TAIL(&engine->gone, space, idle_link);
    if (!TAILQ_EMPTY(&space->keys))
        keys_move(engine, space, &name);
    work_begin_own(engine, &space->removal, piece);
    do
        piece(engine, &space->removal);
    while (engine->options.piece == 0 && work_runs(&space->removal));
    gone_left(engine, space);
}

void gone_free(struct engine *engine)
{
    struct space *space;
    while ((space = TAILQ_FIRST(&engine->gone_idle))) {
        TAILQ_REMOVE(&engine->gone_idle, space, idle_link);
        space_free(engine, space);
    }
}

void gone_finish(struct engine *engine)
{
    struct space *space;
    while ((space = TAILQ_FIRST(&engine->gone))) {
        assert(space->delivered == 0);
        piece(engine, &space->removal);
    }
    gone_free(engine);
}

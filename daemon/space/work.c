/* SPDX-License-Identifier: MIT */
#include "space/work.h"

#include <stddef.h>

#include "space/state.h"

static struct work_list *queue_of(struct engine *engine, const struct work *work)
{
    return work->own ? &engine->own_work : &engine->work;
}

static void begin(struct engine *engine, struct work *work, work_piece *piece, bool own)
{
    work->piece = piece;
    work->own = own;
    TAILQ_INSERT_TAIL(queue_of(engine, work), work, link);
}

void work_begin(struct engine *engine, struct work *work, work_piece *piece)
{
    begin(engine, work, piece, false);
}

void work_begin_own(struct engine *engine, struct work *work, work_piece *piece)
{
    begin(engine, work, piece, true);
}

void work_end(struct engine *engine, struct work *work)
{
    if (!work_runs(work))
        return;
    TAILQ_REMOVE(queue_of(engine, work), work, link);
    work->piece = NULL;
}

static void next_piece(struct engine *engine, struct work_list *queue)
{
    struct work *work = TAILQ_FIRST(queue);
    if (!work)
        return;
    TAILQ_REMOVE(queue, work, link);
    TAILQ_INSERT_TAIL(queue, work, link);
    work->piece(engine, work);
}

void work_on(struct engine *engine)
{
    next_piece(engine, &engine->work);
    next_piece(engine, &engine->own_work);
}

bool work_is_due(const struct engine *engine)
{
    return !TAILQ_EMPTY(&engine->work) || !TAILQ_EMPTY(&engine->own_work);
}

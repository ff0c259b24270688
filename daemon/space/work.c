/* SPDX-License-Identifier: MIT */
#include "space/work.h"

#include <stddef.h>

#include "space/state.h"

void work_begin(struct engine *engine, struct work *work, work_piece *piece)
{
    work->piece = piece;
    TAILQ_INSERT_TAIL(&engine->work, work, link);
}

void work_end(struct engine *engine, struct work *work)
{
    if (!work_runs(work))
        return;
    TAILQ_REMOVE(&engine->work, work, link);
    work->piece = NULL;
}

void work_on(struct engine *engine)
{
    struct work *work = TAILQ_FIRST(&engine->work);
    if (!work)
        return;
    TAILQ_REMOVE(&engine->work, work, link);
    TAILQ_INSERT_TAIL(&engine->work, work, link);
    work->piece(engine, work);
}

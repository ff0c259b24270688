/* SPDX-License-Identifier: MIT */
/*
 * Long work, cut into pieces: walks, the end of a session that keeps much, indexes that come and go.
 *
 * Each stands in one of the engine's queues: what requests ask for, and what the engine sees to itself.
 * A tick takes the first of each, puts it at the end and calls it for a piece, whose size is counted
 * (engine_options.piece), never timed. While there is any, a tick is due at once.
 */
#ifndef TSD_SPACE_WORK_H
#define TSD_SPACE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct engine;
struct work;

/* Does the next piece; ends the work when it was the last. It may be freed then. */
typedef void work_piece(struct engine *engine, struct work *work);

/* Part of what it is about. Zeroed, it stands in no queue. */
struct work {
    TAILQ_ENTRY(work) link;
    work_piece *piece; /* NULL: it stands in no queue */
    bool own;          /* in the engine's own queue */
};

void work_begin(struct engine *engine, struct work *work, work_piece *piece);
void work_begin_own(struct engine *engine, struct work *work, work_piece *piece);
void work_end(struct engine *engine, struct work *work); /* also one that is in no queue */

/* A tick: a piece of the first of each. */
void work_on(struct engine *engine);
bool work_is_due(const struct engine *engine); /* whether there is any */

static inline bool work_runs(const struct work *work)
{
    return work->piece != NULL;
}

#endif

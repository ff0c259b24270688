/* SPDX-License-Identifier: MIT */
/*
 * What an engine is made of. Only the files of daemon/space look in here.
 *
 *   engine -> spaces    -> stored tuples, shapes -> chains -> waits
 *          -> sessions  -> interests (waiting requests), deliveries (kept tuples)
 */
#ifndef TSD_SPACE_STATE_H
#define TSD_SPACE_STATE_H

#include <sys/queue.h>

#include "base/heap.h"
#include "base/slab.h"
#include "base/table.h"
#include "protocol/limits.h"
#include "space/engine.h"
#include "space/expressions.h"
#include "space/gather.h"
#include "space/interest.h"
#include "space/query.h"
#include "space/session.h"
#include "space/settle.h"
#include "space/space.h"
#include "space/walk.h"

struct engine {
    struct engine_options options;
    struct slab slab;
    uint64_t now_ns;
    uint64_t position; /* the last one given out (rule S35) */

    struct table sessions;        /* by number */
    struct session *last_session; /* the one found last, or NULL */
    struct table interests;       /* by session and number of the request */
    struct table spaces;          /* by name */
    struct space *last_space;     /* the one found last, or NULL */
    TAILQ_HEAD(space_list, space) idle_spaces;
    uint32_t idle_count;

    struct heap deadlines;                /* interests with a timeout */
    TAILQ_HEAD(work_list, interest) work; /* interests whose walk goes on, the next piece first */

    struct settle settle;           /* what has become visible in this unit */
    struct expressions expressions; /* compiled ones, and who waits with which */

    /* Room that requests work in, one at a time. */
    struct gather gather;
    struct query_part parts[LIMIT_ALTERNATIVES];
    struct walk walks[LIMIT_ALTERNATIVES];
    struct effects *effects; /* of the step under way */
};

/* The next position; a unit of n tuples takes n. */
static inline uint64_t position_take(struct engine *engine, uint64_t count)
{
    const uint64_t first = engine->position + 1;
    engine->position += count;
    return first;
}

/* The space of this name: NULL where there is none; _make: made, NULL only without memory. */
struct space *engine_find_space(struct engine *engine, const struct span *name);
struct space *engine_make_space(struct engine *engine, const struct span *name);

/* To be called after anything left a space: it may be idle now (rule S31). */
void engine_space_left(struct engine *engine, struct space *space);

#endif

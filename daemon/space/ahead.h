/* SPDX-License-Identifier: MIT */
/*
 * Going over many tuples: what putting or taking the later ones will look at is asked for ahead.
 *
 * Each of them is somewhere else in memory, and so are its entry's neighbours in the index by first
 * field: one after the other, a unit of many would mostly wait for memory. A tuple is asked for in
 * stages, each of which follows a link further. A hint only: nothing depends on it.
 */
#ifndef TSD_SPACE_AHEAD_H
#define TSD_SPACE_AHEAD_H

#include "space/firsts.h"
#include "space/gather.h"
#include "space/space.h"
#include "space/stored.h"

#define AHEAD_STAGES (FIRSTS_STAGES + 1)
#define AHEAD_STEP 6 /* tuples between two stages */
#define AHEAD_MOST (AHEAD_STAGES * AHEAD_STEP)

/* The place in a list at which a stage, from 0, is while the loop is at this one. */
static inline uint32_t ahead_at(uint32_t index, unsigned stage)
{
    return index + (AHEAD_STAGES - stage) * AHEAD_STEP;
}

static inline void ahead_ask(const struct space *space, const struct stored *tuple, unsigned stage)
{
    if (stage == 0)
        __builtin_prefetch(tuple, 1);
    else
        firsts_ask(&space->firsts, tuple->node.hash, stage - 1);
}

/* Those after this one of what was gathered and is taken from its spaces. */
static inline void ahead_taken(const struct gather *gather, uint32_t index)
{
    for (unsigned stage = AHEAD_STAGES; stage-- > 0 && ahead_at(index, stage) < gather->count;) {
        const struct found *found = &gather->list[ahead_at(index, stage)];
        ahead_ask(found->space, found->tuple, stage);
    }
}

/* The same of what comes into a space. */
static inline void ahead_brought(const struct gather *gather, uint32_t index,
                                 const struct space *to)
{
    for (unsigned stage = AHEAD_STAGES; stage-- > 0 && ahead_at(index, stage) < gather->count;)
        ahead_ask(to, gather->list[ahead_at(index, stage)].tuple, stage);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "space/chain.h"

#include <assert.h>

#include "space/absence.h"
#include "space/settle.h"
#include "space/shapes.h"
#include "space/state.h"

void chain_init(struct chain *chain, enum chain_kind kind)
{
    *chain = (struct chain){.kind = kind};
    for (int queue = 0; queue < QUEUES; queue++)
        TAILQ_INIT(&chain->queues[queue]);
}

void chain_link(struct chain *chain, struct wait *wait, enum chain_queue queue)
{
    struct wait *before = TAILQ_LAST(&chain->queues[queue], wait_list), *linked = chain->linked;
    if (linked && linked->queue == queue && linked->interest->since < wait->interest->since &&
        TAILQ_NEXT(linked, link) &&
        TAILQ_NEXT(linked, link)->interest->since > wait->interest->since)
        before = linked;
    while (before && before->interest->since > wait->interest->since)
        before = TAILQ_PREV(before, wait_list, link);
    if (before)
        TAILQ_INSERT_AFTER(&chain->queues[queue], before, wait, link);
    else
        TAILQ_INSERT_HEAD(&chain->queues[queue], wait, link);
    wait->chain = chain;
    wait->queue = queue;
    chain->linked = wait;
    chain->waits++;
}

void chain_unlink(struct engine *engine, struct wait *wait)
{
    struct chain *chain = wait->chain;
    if (!chain)
        return;
    settle_unlinks(engine, chain, wait);
    if (chain->linked == wait)
        chain->linked = NULL;
    TAILQ_REMOVE(&chain->queues[wait->queue], wait, link);
    wait->chain = NULL;
    chain->waits--;
    if (chain->kind == CHAIN_SHAPE)
        shapes_left(chain, &engine->slab);
    chain_drop_if_empty(engine, chain);
}

void chain_drop_if_empty(struct engine *engine, struct chain *chain)
{
    if (chain->waits > 0 || chain->noted)
        return;
    assert(!heap_contains(&chain->takers) && !heap_contains(&chain->readers) && chain->fresh == 0);
    if (chain->kind == CHAIN_SHAPE)
        shapes_free_chain(chain, &engine->slab);
    else if (chain->kind == CHAIN_ABSENCE)
        absence_drop(engine, chain);
}

const struct wait *chain_any(const struct chain *chain)
{
    for (int queue = 0; queue < QUEUES; queue++)
        if (!TAILQ_EMPTY(&chain->queues[queue]))
            return TAILQ_FIRST(&chain->queues[queue]);
    return NULL;
}

uint64_t chain_check(const struct chain *chain)
{
    uint64_t count = 0;
    assert(!chain->noted && chain->fresh == 0);
    for (int queue = 0; queue < QUEUES; queue++) {
        uint64_t since = 0;
        const struct wait *wait;
        TAILQ_FOREACH (wait, &chain->queues[queue], link) {
            assert(wait->chain == chain && (int)wait->queue == queue);
            assert(wait->interest->since >= since);
            since = wait->interest->since;
            count++;
        }
    }
    assert(count == chain->waits);
    return count;
}

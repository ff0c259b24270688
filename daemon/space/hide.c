/* SPDX-License-Identifier: MIT */
#include "space/hide.h"

#include "base/must.h"
#include "space/away_page.h"
#include "space/lookup.h"
#include "space/state.h"

/* One of a lookup: what was found there is forgotten, too. */
static void hide_lookup(struct engine *engine, struct interest *interest, uint32_t part)
{
    chain_unlink(engine, &interest->waits[part]);
    interest->query.parts[part].space->lookups--;
    interest->query.parts[part].space = engine->nowhere;
    engine->nowhere->lookups++;
    lookup_forget(engine, interest, part);
    must(interest_link(engine, interest, part));
}

/* One of a count, or of a scan of what is away. */
static void hide_walk(struct engine *engine, struct interest *interest)
{
    struct away_walk *walk = interest->page ? &interest->page->walk : interest->count.away;
    interest->query.parts->space = engine->nowhere;
    if (walk)
        away_go_elsewhere(engine, walk, engine->nowhere);
}

/* That of a `drained`. */
static void hide_absence(struct engine *engine, struct interest *interest)
{
    chain_unlink(engine, interest->waits);
    interest->query.parts->space = engine->nowhere;
    must(absence_link(engine, interest->waits, QUEUE_READERS, interest->query.parts, NULL, NULL));
}

static void hide(struct engine *engine, struct interest *interest, uint32_t part)
{
    interest->query.parts[part].space->working--;
    engine->nowhere->working++;
    if (interest->op == TSD_OP_DRAINED)
        hide_absence(engine, interest);
    else if (interest->lookup)
        hide_lookup(engine, interest, part);
    else
        hide_walk(engine, interest);
}

void interests_hide(struct engine *engine, struct space *space)
{
    struct table_node *node = NULL;
    while (space->working > 0 && (node = table_walk(&engine->interests, node))) {
        struct interest *interest = container_of(node, struct interest, node);
        for (uint32_t i = 0; i < interest->query.part_count; i++)
            if (interest->query.parts[i].space == space && !access_may_look(engine, interest, i))
                hide(engine, interest, i);
    }
}

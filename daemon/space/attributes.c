/* SPDX-License-Identifier: MIT */
#include "space/attributes.h"

#include <assert.h>

#include "base/must.h"
#include "space/state.h"
#include "space/stored.h"

struct attributes *attributes_new(struct engine *engine)
{
    struct attributes *attributes = slab_alloc(&engine->slab, sizeof *attributes);
    if (attributes)
        *attributes = (struct attributes){.exit_status = UINT32_MAX};
    return attributes;
}

void attributes_free(struct engine *engine, struct attributes *attributes)
{
    if (!attributes)
        return;
    if (attributes->bound)
        TAILQ_REMOVE(&attributes->bound->bound, attributes, bound_link);
    timer_stop(engine, &attributes->expiry);
    timer_stop(engine, &attributes->wake);
    if (attributes->tuple) {
        table_remove(&engine->attributes, &attributes->node);
        attributes->tuple->flags &= (uint32_t)~STORED_ATTRIBUTES;
    }
    slab_free(&engine->slab, attributes, sizeof *attributes);
}

int attributes_reserve(struct engine *engine, uint32_t count)
{
    if (count == 0)
        return 0;
    if (table_reserve(&engine->attributes) < 0)
        return -1;
    return heap_reserve(&engine->timers, 2 * (size_t)count);
}

void attributes_enter(struct engine *engine, struct attributes *attributes, struct stored *tuple,
                      struct space *space)
{
    must(table_insert(&engine->attributes, &attributes->node, table_number_hash(stored_id(tuple))));
    attributes->tuple = tuple;
    attributes->space = space;
    tuple->flags |= STORED_ATTRIBUTES;
}

struct attributes *attributes_of(const struct engine *engine, const struct stored *tuple)
{
    if (!(tuple->flags & STORED_ATTRIBUTES))
        return NULL;
    const uint32_t hash = table_number_hash(stored_id(tuple));
    struct table_node *node = table_first(&engine->attributes, hash);
    for (;; node = table_next(node, hash)) {
        assert(node);
        struct attributes *attributes = container_of(node, struct attributes, node);
        if (attributes->tuple == tuple)
            return attributes;
    }
}

struct attributes *attributes_make(struct engine *engine, struct stored *tuple, struct space *space)
{
    struct attributes *attributes = attributes_of(engine, tuple);
    if (attributes)
        return attributes;
    attributes = must_have(attributes_new(engine));
    attributes_enter(engine, attributes, tuple, space);
    return attributes;
}

void attributes_bind(struct attributes *attributes, struct session *session)
{
    attributes->bound = session;
    TAILQ_INSERT_TAIL(&session->bound, attributes, bound_link);
}

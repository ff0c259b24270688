/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/operation.h"
#include "space/state.h"

static int by_name(const void *a, const void *b)
{
    const struct span *one = &((const struct space_row *)a)->name;
    const struct span *other = &((const struct space_row *)b)->name;
    const uint32_t common = one->size < other->size ? one->size : other->size;
    const int order = memcmp(one->bytes, other->bytes, common);
    return order ? order : (one->size > other->size) - (one->size < other->size);
}

static void add_row(struct effects *effects, const struct space *space)
{
    if (effects->row_count == effects->row_capacity)
        effects->rows = must_grow(effects->rows, &effects->row_capacity, sizeof *effects->rows);
    effects->rows[effects->row_count++] =
        (struct space_row){.name = {space->name, space->name_size},
                           .tuples = space->tuples,
                           .bytes = space->bytes,
                           .waiting = space->waiting,
                           .kept = space->kept};
}

/* Sorted by name, so that no hash shows. */
void op_spaces(struct engine *engine, const struct asker *asker, const struct request *request)
{
    (void)request;
    struct effects *effects = engine->effects;
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        if (!space_empty(space))
            add_row(effects, space);
    }
    effect->row_count = effects->row_count - effect->rows;
    if (effect->row_count > 0)
        qsort(&effects->rows[effect->rows], effect->row_count, sizeof *effects->rows, by_name);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/operation.h"
#include "space/state.h"

#define ROW_BYTES 64 /* of an answer, beside the name: as a rule more than it has */

static int by_name(const void *a, const void *b)
{
    return space_compare_names(&((const struct space_row *)a)->name,
                               &((const struct space_row *)b)->name);
}

static void add_row(struct effects *effects, const struct space *space)
{
    if (effects->row_count == effects->row_capacity)
        effects->rows = must_grow(effects->rows, &effects->row_capacity, sizeof *effects->rows);
    effects->rows[effects->row_count++] = (struct space_row){.name = space_name(space),
                                                             .tuples = space->tuples,
                                                             .bytes = space->bytes,
                                                             .waiting = space->waiting,
                                                             .kept = space->kept,
                                                             .delayed = space->delayed,
                                                             .watches = space->watches,
                                                             .capacity = space->capacity,
                                                             .max_returns = space->max_returns,
                                                             .dead_letter = space->dead_letter};
}

/* Adds the spaces after that name, those that are of any use to somebody. */
static void add_rows(const struct engine *engine, const struct request *request)
{
    const bool all = !(request->has & TSD_HAS(AFTER));
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        const struct span name = space_name(space);
        if (!space_empty(space) && (all || space_compare_names(&name, &request->after) > 0))
            add_row(engine->effects, space);
    }
}

/* How many of the rows fit an answer; the first does. */
static uint32_t rows_that_fit(const struct space_row *rows, uint32_t count, uint32_t most_bytes)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += rows[i].name.size + rows[i].dead_letter.size + ROW_BYTES;
        if (bytes > most_bytes && i > 0)
            return i;
    }
    return count;
}

/* Sorted by name, so that no hash shows, and so that the next page can go on after the last name. */
void op_spaces(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct effects *effects = engine->effects;
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    add_rows(engine, request);
    const uint32_t count = effects->row_count - effect->rows;
    if (count == 0)
        return;
    struct space_row *rows = &effects->rows[effect->rows];
    qsort(rows, count, sizeof *rows, by_name);
    effect->row_count = rows_that_fit(rows, count, engine->options.reply_bytes);
    effect->more = effect->row_count < count;
    effects->row_count = effect->rows + effect->row_count;
}

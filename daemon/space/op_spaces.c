/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/operation.h"
#include "space/state.h"

#define ROW_BYTES 64   /* of an answer, beside the name: as a rule more than it has */
#define PAGE_ROWS 1024 /* of an answer: an answer costs a look at each space and a sort of these */

/*
 * Those that come first of the spaces seen so far, by name, and some more: from time to time they are
 * sorted, and what is beyond the page goes.
 */
struct page {
    const struct space *list[2 * PAGE_ROWS];
    uint32_t count;
    bool more; /* others come after them */
};

static int by_name(const void *a, const void *b)
{
    const struct span one = space_name(*(const struct space *const *)a);
    const struct span other = space_name(*(const struct space *const *)b);
    return space_compare_names(&one, &other);
}

static void sort(struct page *page)
{
    qsort(page->list, page->count, sizeof(struct space *), by_name);
    if (page->count <= PAGE_ROWS)
        return;
    page->count = PAGE_ROWS;
    page->more = true;
}

static void add(struct page *page, const struct space *space)
{
    /* once there was more than a page the last of the page is a bound */
    if (page->more && by_name(&space, &page->list[PAGE_ROWS - 1]) > 0)
        return;
    page->list[page->count++] = space;
    if (page->count == 2 * PAGE_ROWS)
        sort(page);
}

/* The spaces after that name, those that are of any use to somebody. */
static void collect(const struct engine *engine, const struct asker *asker,
                    const struct request *request, struct page *page)
{
    const bool all = !(request->has & TSD_HAS(AFTER));
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        const struct span name = space_name(space);
        if (space_listed(space) && access_sees(engine, asker, space) &&
            (all || space_compare_names(&name, &request->after) > 0))
            add(page, space);
    }
    sort(page);
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
                                                             .dead_letter = space->dead_letter,
                                                             .owner = space->access.owner,
                                                             .group = space->access.group,
                                                             .mode = space->access.mode};
}

/* Sorted by name, so that no hash shows, and so that the next page can go on after the last name. */
void op_spaces(struct engine *engine, const struct asker *asker, const struct command *command)
{
    struct effect *effect = answer(engine, asker, asker->since, TS_OK);
    struct page page;
    uint64_t bytes = 0;
    page.count = 0;
    page.more = false;
    collect(engine, asker, command->request, &page);
    for (uint32_t i = 0; i < page.count; i++) {
        const struct space *space = page.list[i];
        bytes += space->name_size + space->dead_letter.size + ROW_BYTES;
        if (bytes > engine->options.reply_bytes && i > 0) /* the first one fits */
            break;
        add_row(engine->effects, space);
        effect->row_count++;
    }
    effect->more = page.more || effect->row_count < page.count;
}

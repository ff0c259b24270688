/* SPDX-License-Identifier: MIT */
#include "space/away_page.h"

#include <stdlib.h>

#include "base/must.h"
#include "space/hold.h"
#include "space/query.h"
#include "space/state.h"
#include "space/stored.h"

/* A place that is passed costs so much less than a tuple that is tried. */
#define PASSED_FOR_ONE 16

struct away_page *away_page_new(struct engine *engine, const struct space *space, uint64_t from,
                                bool reverse, uint32_t max)
{
    struct away_page *page = must_have(mem_alloc(sizeof *page));
    *page = (struct away_page){.from = from, .reverse = reverse, .max = max};
    away_begin(engine, &page->walk, space);
    return page;
}

void away_page_free(struct engine *engine, struct away_page *page)
{
    if (!page)
        return;
    away_end(&page->walk);
    for (uint32_t i = 0; i < page->count; i++)
        stored_unref(&engine->slab, page->list[i].away.tuple);
    mem_free(page->list);
    mem_free(page);
}

static int by_place(const void *a, const void *b)
{
    const struct away_entry *one = a, *other = b;
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    return (one->serial < other->serial) - (one->serial > other->serial);
}

static int by_place_back(const void *a, const void *b)
{
    const struct away_entry *one = a, *other = b;
    return one->key == other->key ? by_place(a, b) : by_place(b, a);
}

/* Puts them in order and drops what is beyond the page, or was met twice. */
static void sort(struct engine *engine, struct away_page *page)
{
    uint32_t kept = 0;
    if (page->count > 1)
        qsort(page->list, page->count, sizeof *page->list,
              page->reverse ? by_place_back : by_place);
    for (uint32_t i = 0; i < page->count; i++) {
        const bool twice = kept > 0 && page->list[kept - 1].key == page->list[i].key;
        if (!twice && kept < page->max) {
            page->list[kept++] = page->list[i];
            continue;
        }
        page->full |= !twice;
        stored_unref(&engine->slab, page->list[i].away.tuple);
    }
    page->count = kept;
    if (page->full)
        page->bound_key = page->list[kept - 1].key;
}

static void add(struct engine *engine, struct away_page *page, const struct away *away)
{
    if (page->count == page->capacity)
        page->list = must_grow(page->list, &page->capacity, sizeof *page->list);
    page->list[page->count++] = (struct away_entry){.away = *away,
                                                    .key = stored_key(away->tuple),
                                                    .hold = away->hold ? away->hold->number : 0,
                                                    .serial = page->serial++};
    (void)stored_ref(away->tuple);
    if (page->count == 2 * page->max)
        sort(engine, page);
}

struct visiting {
    struct engine *engine;
    struct away_page *page;
    struct query *query;
    uint64_t cost, most;
};

static bool visit(void *context, const struct away *away)
{
    struct visiting *visiting = context;
    struct away_page *page = visiting->page;
    struct query *query = visiting->query;
    const uint64_t key = stored_key(away->tuple);
    visiting->cost++;
    if (!away_page_after(page, page->from, key) &&
        !(page->full && away_page_after(page, key, page->bound_key))) {
        visiting->cost += PASSED_FOR_ONE * query_cost(query->parts, away->tuple, query->work);
        if (query_matches(query, query->parts, away->tuple))
            add(visiting->engine, page, away);
    }
    return query_overrun(query) || visiting->cost >= visiting->most;
}

bool away_page_go_on(struct engine *engine, struct away_page *page, struct query *query)
{
    const uint64_t piece = engine->options.piece;
    const uint64_t most = piece ? piece * PASSED_FOR_ONE : UINT64_MAX;
    struct visiting visiting = {engine, page, query, 0, most};
    return away_go_on(&page->walk, most, visit, &visiting) || query_overrun(query);
}

/* Whether it is where it was met; tells until when. */
static bool is_still(const struct engine *engine, struct away_entry *entry)
{
    const struct stored *tuple = entry->away.tuple;
    const struct hold *hold;
    switch (entry->away.state) {
    case TSD_STATE_DELAYED:
        if (tuple->life != LIFE_DELAYED)
            return false;
        entry->away.until_ns = attributes_of(engine, tuple)->wake.due_ns;
        return true;
    case TSD_STATE_HELD:
        hold = hold_of_number(engine, entry->hold);
        if (!hold || hold->tuple != tuple)
            return false;
        entry->away.hold = hold;
        entry->away.until_ns = timer_runs(&hold->end) ? hold->end.due_ns : UINT64_MAX;
        return true;
    default:
        return tuple->life == LIFE_DELIVERED;
    }
}

void away_page_close(struct engine *engine, struct away_page *page)
{
    uint32_t kept = 0;
    sort(engine, page);
    for (uint32_t i = 0; i < page->count; i++)
        if (is_still(engine, &page->list[i]))
            page->list[kept++] = page->list[i];
        else
            stored_unref(&engine->slab, page->list[i].away.tuple);
    page->count = kept;
}

/* SPDX-License-Identifier: MIT */
#include "space/away_page.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * A scan is not a unit (rule S17): the client goes on with the cursor, a place. An answer ends when it
 * is full, or when so many tuples were looked at that others should have their turn. With states, those
 * that are away are gone over before (away_page.h), in pieces, while the request is under way.
 */

static uint64_t start_key(const struct request *request)
{
    if (!(request->has & TSD_HAS(CURSOR)))
        return request->reverse ? UINT64_MAX : 0;
    const uint64_t key = place_key(request->cursor.priority, request->cursor.id);
    if (request->reverse)
        return key > 0 ? key - 1 : 0; /* ids start at 1: no tuple has the key 0 */
    return key < UINT64_MAX ? key + 1 : key;
}

/* An answer being made: what is next, of the stored ones and of those that are away. */
struct scanning {
    struct query *query;
    struct effect *effect;
    bool reverse;
    uint32_t max;
    struct away_page *page; /* NULL: without states */
    uint32_t next_away;
    uint64_t bytes, last, cost;
};

/* Whether another tuple fits the answer. */
static bool fits(const struct engine *engine, const struct scanning *scanning,
                 const struct stored *tuple)
{
    const uint32_t count = scanning->effect->item_count;
    return count == 0 || (count < scanning->max &&
                          scanning->bytes + stored_size(tuple) <= engine->options.reply_bytes);
}

static void add(struct engine *engine, struct scanning *scanning, struct stored *tuple,
                const struct away *away)
{
    const struct detail_wanted wanted = {.who = scanning->query->who, .away = away};
    answer_detailed(engine, scanning->effect, tuple, 0, answer_detail(engine, tuple, &wanted));
    scanning->bytes += stored_size(tuple);
}

/* The next one that is away, if it comes before the stored one. */
static const struct away *away_before(const struct scanning *scanning, const struct stored *tuple)
{
    const struct away_page *page = scanning->page;
    if (!page || scanning->next_away == page->count)
        return NULL;
    const struct away *away = &page->list[scanning->next_away].away;
    if (!tuple || away_page_after(page, stored_key(tuple), stored_key(away->tuple)))
        return away;
    return NULL;
}

/* Whether others that are away, which the page has not, come before what is next; NULL: the end. */
static bool is_beyond(const struct scanning *scanning, const struct stored *now)
{
    const struct away_page *page = scanning->page;
    return page && page->full && (!now || away_page_after(page, stored_key(now), page->bound_key));
}

static void go_on_after(struct scanning *scanning, uint64_t key)
{
    scanning->effect->has_next = true;
    scanning->effect->next = place_of_key(key);
}

static void scan_piece(struct engine *engine, struct scanning *scanning)
{
    struct query *query = scanning->query;
    struct look *look = &engine->looks[0];
    struct walk *walk = &look->walk;
    look_begin_at(engine, look, query, query->parts, scanning->last, scanning->reverse);
    struct stored *tuple = walk_next(walk);
    const struct away *away;
    while (((away = away_before(scanning, tuple)) || tuple) && !query_overrun(query)) {
        struct stored *now = away ? away->tuple : tuple;
        if (is_beyond(scanning, now))
            break;
        const bool matches = away || query_matches(query, query->parts, now);
        if (!matches)
            walk_past(walk);
        if ((matches && !fits(engine, scanning, now)) || scanning->cost >= engine_piece(engine)) {
            go_on_after(scanning, scanning->last);
            return;
        }
        if (matches)
            add(engine, scanning, now, away);
        scanning->last = stored_key(now);
        if (away)
            scanning->next_away++; /* it was looked at before */
        else
            scanning->cost += query_cost(query->parts, now, query->work);
        if (!away)
            tuple = walk_next(walk);
    }
    if (is_beyond(scanning, NULL))
        go_on_after(scanning, scanning->page->bound_key);
}

static void finish(struct engine *engine, const struct asker *asker, uint64_t at,
                   struct scanning *scanning)
{
    scanning->effect = answer(engine, asker, at, TS_OK);
    if (scanning->page)
        away_page_close(engine, scanning->page);
    scan_piece(engine, scanning);
    look_end(engine, &engine->looks[0]);
    if (query_overrun(scanning->query)) {
        answer_withdraw(engine);
        answer_overrun(engine, asker, at);
    }
}

static void go_on(struct engine *engine, struct work *work)
{
    struct interest *interest = container_of(work, struct interest, work);
    struct away_page *page = interest->page;
    if (!away_page_go_on(engine, page, &interest->query))
        return;
    const struct asker asker = interest_asker(interest);
    unit_begin(engine);
    struct scanning scanning = {.query = &interest->query,
                                .reverse = page->reverse,
                                .max = page->max,
                                .page = page,
                                .last = page->from};
    finish(engine, &asker, engine->unit_at, &scanning);
    interest_free(engine, interest);
}

/* Those that are away were not gone over in one step. */
static void wait_for_page(struct engine *engine, const struct asker *asker,
                          const struct request *request, struct query *query,
                          struct away_page *page)
{
    struct problem problem;
    struct interest *interest = interest_new(engine, asker, request, query, &problem);
    if (!interest) {
        away_page_free(engine, page);
        query_end(engine, query);
        answer_refused(engine, asker, &problem);
        return;
    }
    interest->page = page;
    interest->query.parts->space->working++;
    asker->session->working++;
    work_begin(engine, &interest->work, go_on);
}

void op_scan(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    const bool states = request->has & TSD_HAS(STATES) && request->states;
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    struct scanning scanning = {.query = &query,
                                .reverse = request->reverse,
                                .max =
                                    request->has & TSD_HAS(MAX) ? request->max : LIMIT_UNIT_TUPLES,
                                .last = start_key(request)};
    if (states && query.parts->space) {
        scanning.page = away_page_new(engine, query.parts->space, scanning.last, request->reverse,
                                      scanning.max);
        if (!away_page_go_on(engine, scanning.page, &query)) {
            wait_for_page(engine, asker, request, &query, scanning.page);
            return;
        }
    }
    finish(engine, asker, asker->since, &scanning);
    away_page_free(engine, scanning.page);
    query_end(engine, &query);
}

/* SPDX-License-Identifier: MIT */
#include "space/watch.h"

#include <stdlib.h>

#include "base/cold.h"
#include "base/must.h"
#include "space/answer.h"
#include "space/operation.h"
#include "space/shapes.h"
#include "space/state.h"
#include "space/stored.h"

/* Bytes that are told first before the client has to have read them; of an event beside its tuple. */
#define UNREAD_BYTES KIB(64)
#define EVENT_BYTES 24

static void tell(struct engine *engine, const struct interest *interest, enum tsd_event event,
                 struct stored *tuple)
{
    const struct asker asker = {interest->session, interest->number, interest->op, interest->since};
    struct effect *effect = answer(engine, &asker, engine->unit_at, TS_OK);
    effect->kind = EFFECT_EVENT;
    effect->event = (uint8_t)event;
    if (tuple)
        answer_item(engine, effect, tuple, 0);
}

/*
 * Whether the session can be told of one event more in this step: what could not be queued for it is
 * not made (rule S19). Else its watches end at the step's end, each with a gap.
 */
static bool has_room(struct engine *engine, struct session *session, const struct stored *tuple)
{
    if (session->told_step != engine->steps) {
        session->told_step = engine->steps;
        session->told_bytes = 0;
    }
    if (session->told_bytes < LIMIT_STEP_EVENTS) {
        session->told_bytes += stored_size(tuple) + EVENT_BYTES;
        return true;
    }
    if (!session->gap) {
        session->gap = true;
        SLIST_INSERT_HEAD(&engine->gaps, session, gap_link);
    }
    return false;
}

/* The watches that an event may concern. */
struct watchers {
    struct engine *engine;
    enum tsd_event event;
    uint32_t count;
};

/* Whether this watch is told of it. */
static bool concerns(struct interest *interest, const struct stored *tuple)
{
    if (interest->tells && stored_key(tuple) >= interest->next_key)
        return false; /* not reached yet */
    return query_matches(&interest->query, interest->query.parts, tuple);
}

/* The same; one whose expressions have overrun ends (rule P3). */
static bool is_told(struct engine *engine, struct interest *interest, const struct stored *tuple)
{
    const bool told = interest->end == END_NOT && concerns(interest, tuple);
    if (query_overrun(&interest->query))
        settle_overrun(engine, interest);
    return told;
}

static void collect(void *context, struct chain *chain)
{
    struct watchers *watchers = context;
    struct engine *engine = watchers->engine;
    const struct wait *wait;
    TAILQ_FOREACH (wait, &chain->queues[QUEUE_WATCHERS], link) {
        if (!(wait->interest->events & 1u << watchers->event))
            continue;
        if (watchers->count == engine->watchers_capacity)
            engine->watchers =
                must_grow(engine->watchers, &engine->watchers_capacity, sizeof *engine->watchers);
        engine->watchers[watchers->count++] = wait->interest;
    }
}

COLD void watch_event(struct engine *engine, struct space *space, struct stored *tuple,
                      enum tsd_event event)
{
    struct watchers watchers = {engine, event, 0};
    shapes_for_tuple(space, &engine->options.key, tuple, collect, &watchers);
    if (watchers.count > 1)
        qsort(engine->watchers, watchers.count, sizeof(struct interest *), interest_by_age);
    /* In the order of age also where an expression overruns: the first that tries it is charged. */
    for (uint32_t i = 0; i < watchers.count; i++)
        if (is_told(engine, engine->watchers[i], tuple) &&
            has_room(engine, engine->watchers[i]->session, tuple))
            tell(engine, engine->watchers[i], event, tuple);
}

static void ready(struct engine *engine, struct interest *interest)
{
    interest->tells = false;
    tell(engine, interest, TSD_EVENT_READY, NULL);
}

/* Tells on until the piece is used up. Returns whether that was all. */
static bool tell_piece(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    struct walk *walk = &engine->looks[0].walk;
    struct stored *tuple;
    uint64_t cost = 0;
    walk_begin_at(walk, engine, query->parts->space, &query->parts->pattern, interest->next_key,
                  false);
    while ((tuple = walk_next(walk))) {
        if (interest->told_bytes >= UNREAD_BYTES && engine->options.piece) {
            interest->waits_reading = true;
            interest->session->tells++;
            return false;
        }
        if (cost >= engine_piece(engine))
            return false;
        const bool matches = query_matches(query, query->parts, tuple);
        if (query_overrun(query)) {
            settle_overrun(engine, interest);
            return false;
        }
        if (matches) {
            tell(engine, interest, TSD_EVENT_PUT, tuple);
            interest->told_bytes += stored_size(tuple) + EVENT_BYTES;
        }
        interest->next_key = stored_key(tuple) + 1;
        cost += query_cost(query->parts, tuple, query->work);
    }
    return true;
}

static void next_piece(struct engine *engine, struct work *work);

static void go_on(struct engine *engine, struct interest *interest)
{
    work_end(engine, &interest->work);
    if (tell_piece(engine, interest))
        ready(engine, interest);
    else if (!interest->waits_reading && interest->end == END_NOT)
        work_begin(engine, &interest->work, next_piece);
}

static void next_piece(struct engine *engine, struct work *work)
{
    go_on(engine, container_of(work, struct interest, work));
}

/* One watch at a time: what all of them tell at once would be more than is to be unread. */
void watch_reads(struct engine *engine, struct session *session)
{
    struct interest *interest, *next = NULL;
    TAILQ_FOREACH (interest, &session->interests, session_link) {
        if (work_runs(&interest->work) && interest->op == TSD_OP_WATCH)
            return;
        if (interest->waits_reading && !next)
            next = interest;
    }
    if (!next)
        return;
    next->waits_reading = false;
    next->told_bytes = 0;
    session->tells--;
    work_begin(engine, &next->work, next_piece);
}

void watch_gap(struct engine *engine, struct session *session)
{
    struct problem problem;
    struct interest *interest, *next;
    problem_set(&problem, TS_LIMIT, 0,
                "event-bytes: more events than the limit were unread, so the watch has ended; "
                "start it again");
    for (interest = TAILQ_FIRST(&session->interests); interest; interest = next) {
        next = TAILQ_NEXT(interest, session_link);
        if (interest->op != TSD_OP_WATCH)
            continue;
        unit_begin(engine);
        tell(engine, interest, TSD_EVENT_GAP, NULL);
        answer_wait_refused(engine, interest, &problem);
        interest_free(engine, interest);
    }
}

void watch_gaps(struct engine *engine)
{
    struct session *session;
    while ((session = SLIST_FIRST(&engine->gaps))) {
        SLIST_REMOVE_HEAD(&engine->gaps, gap_link);
        session->gap = false;
        watch_gap(engine, session);
    }
}

void op_watch(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct problem problem;
    struct query query;
    if (asker->session->watches >= LIMIT_WATCHES) {
        problem_set(&problem, TS_LIMIT, 0, "the limit on the watches of a connection is %d",
                    LIMIT_WATCHES);
        answer_refused(engine, asker, &problem);
        return;
    }
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    struct interest *interest = interest_wait(engine, asker, request, &query);
    if (!interest)
        return;
    interest->events = request->events;
    interest->tells = request->now;
    if (request->now)
        go_on(engine, interest);
    else
        ready(engine, interest);
}

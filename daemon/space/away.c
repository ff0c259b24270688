/* SPDX-License-Identifier: MIT */
#include "space/away.h"

#include <assert.h>

#include "base/alloc.h"
#include "space/hold.h"
#include "space/state.h"
#include "space/stored.h"

static struct away_walk walk_of(const struct engine *engine, const struct space *space)
{
    const bool delivered = space->delivered > 0;
    return (struct away_walk){.space = space,
                              .delayed = TAILQ_FIRST(&space->delayed_list),
                              .hold = TAILQ_FIRST(&space->holds),
                              .session = delivered ? TAILQ_FIRST(&engine->all_sessions) : NULL};
}

static void next_delayed(struct away_walk *walk)
{
    walk->delayed = TAILQ_NEXT(walk->delayed, delayed_link);
}

static void next_hold(struct away_walk *walk)
{
    walk->hold = TAILQ_NEXT(walk->hold, space_link);
}

static void next_session(struct away_walk *walk)
{
    walk->session = TAILQ_NEXT(walk->session, all_link);
    walk->delivery = walk->within = 0;
}

static bool go_on_delayed(struct away_walk *walk, away_visit *visit, void *context)
{
    while (walk->delayed) {
        const struct away away = {walk->delayed->tuple, TSD_STATE_DELAYED, NULL, 0,
                                  walk->delayed->wake.due_ns};
        next_delayed(walk);
        if (visit(context, &away))
            return false;
    }
    return true;
}

static bool go_on_held(struct away_walk *walk, away_visit *visit, void *context)
{
    while (walk->hold) {
        const struct hold *hold = walk->hold;
        const struct away away = {hold->tuple, TSD_STATE_HELD, hold, hold->holder,
                                  timer_runs(&hold->end) ? hold->end.due_ns : UINT64_MAX};
        next_hold(walk);
        if (visit(context, &away))
            return false;
    }
    return true;
}

/* Where it stands in its session's ring: what was acknowledged meanwhile is no more. */
static uint32_t ring_index(const struct away_walk *walk)
{
    const struct session *session = walk->session;
    const uint32_t index = session_first_of(session, walk->delivery);
    const bool there =
        index < session->kept_count && session_kept(session, index)->delivery == walk->delivery;
    return there ? index + walk->within : index;
}

static bool go_on_delivered(struct away_walk *walk, uint64_t passed, away_visit *visit,
                            void *context)
{
    while (walk->session) {
        const struct session *session = walk->session;
        for (uint32_t index = ring_index(walk); index < session->kept_count; index++) {
            const struct kept *kept = session_kept(session, index);
            const struct away away = {kept->tuple, TSD_STATE_DELIVERED, NULL, session->number,
                                      UINT64_MAX};
            walk->within = kept->delivery == walk->delivery ? walk->within + 1 : 1;
            walk->delivery = kept->delivery;
            const bool here = kept->tuple && kept->space == walk->space;
            if (here ? visit(context, &away) : passed-- == 0)
                return false;
        }
        next_session(walk);
    }
    return true;
}

bool away_go_on(struct away_walk *walk, uint64_t passed, away_visit *visit, void *context)
{
    return go_on_delayed(walk, visit, context) && go_on_held(walk, visit, context) &&
           go_on_delivered(walk, passed, visit, context);
}

void away_each(const struct engine *engine, const struct space *space, away_visit *visit,
               void *context)
{
    struct away_walk walk = walk_of(engine, space);
    (void)away_go_on(&walk, UINT64_MAX, visit, context);
}

void away_begin(struct engine *engine, struct away_walk *walk, const struct space *space)
{
    *walk = walk_of(engine, space);
    LIST_INSERT_HEAD(&engine->away_walks, walk, link);
}

void away_end(struct away_walk *walk)
{
    LIST_REMOVE(walk, link);
}

void away_go_elsewhere(struct engine *engine, struct away_walk *walk, const struct space *space)
{
    away_end(walk);
    away_begin(engine, walk, space);
}

void away_free(struct away_walk *walk)
{
    if (walk)
        away_end(walk);
    mem_free(walk);
}

void away_hold_goes(struct engine *engine, const struct hold *hold)
{
    struct away_walk *walk;
    LIST_FOREACH (walk, &engine->away_walks, link)
        if (walk->hold == hold)
            next_hold(walk);
}

void away_delayed_goes(struct engine *engine, const struct attributes *attributes)
{
    struct away_walk *walk;
    LIST_FOREACH (walk, &engine->away_walks, link)
        if (walk->delayed == attributes)
            next_delayed(walk);
}

void away_session_goes(struct engine *engine, const struct session *session)
{
    struct away_walk *walk;
    LIST_FOREACH (walk, &engine->away_walks, link)
        if (walk->session == session)
            next_session(walk);
}

static void check_walk(const struct engine *engine, const struct away_walk *walk)
{
    const struct attributes *delayed =
        walk->delayed ? TAILQ_FIRST(&walk->space->delayed_list) : NULL;
    const struct hold *hold = walk->hold ? TAILQ_FIRST(&walk->space->holds) : NULL;
    const struct session *session = walk->session ? TAILQ_FIRST(&engine->all_sessions) : NULL;
    while (delayed && delayed != walk->delayed)
        delayed = TAILQ_NEXT(delayed, delayed_link);
    while (hold && hold != walk->hold)
        hold = TAILQ_NEXT(hold, space_link);
    while (session && session != walk->session)
        session = TAILQ_NEXT(session, all_link);
    assert(delayed == walk->delayed && hold == walk->hold && session == walk->session);
}

void away_check(const struct engine *engine)
{
    const struct away_walk *walk;
    LIST_FOREACH (walk, &engine->away_walks, link)
        check_walk(engine, walk);
}

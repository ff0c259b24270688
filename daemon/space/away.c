/* SPDX-License-Identifier: MIT */
#include "space/away.h"

#include "space/hold.h"
#include "space/state.h"
#include "space/stored.h"

static bool each_delayed(const struct space *space, away_visit *visit, void *context)
{
    const struct attributes *attributes;
    TAILQ_FOREACH (attributes, &space->delayed_list, delayed_link) {
        const struct away away = {attributes->tuple, TSD_STATE_DELAYED, NULL, 0,
                                  attributes->wake.due_ns};
        if (visit(context, &away))
            return true;
    }
    return false;
}

static bool each_held(const struct space *space, away_visit *visit, void *context)
{
    const struct hold *hold;
    TAILQ_FOREACH (hold, &space->holds, space_link) {
        const struct away away = {hold->tuple, TSD_STATE_HELD, hold, hold->holder,
                                  timer_runs(&hold->end) ? hold->end.due_ns : UINT64_MAX};
        if (visit(context, &away))
            return true;
    }
    return false;
}

static bool each_of_session(const struct session *session, const struct space *space,
                            away_visit *visit, void *context)
{
    for (uint32_t i = 0; i < session->kept_count; i++) {
        const struct kept *kept = session_kept(session, i);
        const struct away away = {kept->tuple, TSD_STATE_DELIVERED, NULL, session->number,
                                  UINT64_MAX};
        if (kept->tuple && kept->space == space && visit(context, &away))
            return true;
    }
    return false;
}

void away_each(const struct engine *engine, const struct space *space, away_visit *visit,
               void *context)
{
    if (each_delayed(space, visit, context) || each_held(space, visit, context) ||
        space->delivered == 0)
        return;
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->sessions, node)))
        if (each_of_session(container_of(node, struct session, node), space, visit, context))
            return;
}

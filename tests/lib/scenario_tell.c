/* SPDX-License-Identifier: MIT */
/*
 * The right side of a scenario's line: what came, in its order.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/scenario_print.h"
#include "lib/scenario_read.h"

/* rule S35: a unit's position is the first id that it put; done at once, it is where it was taken
 * up. */
static void check_positions(const struct telling *telling, const struct scenario_came *came)
{
    const enum tsd_operation op = telling_asked(telling, came)->op;
    const bool puts = op == TSD_OP_OUT || op == TSD_OP_FINISH || op == TSD_OP_ATOMIC;
    if (came->event || came->status != TS_OK)
        return;
    if (came->at < came->since)
        scenario_bad(telling->scenario, "it took effect before it was taken up",
                     telling->step->text);
    if (puts && !came->repeated && came->value && came->value != came->at)
        scenario_bad(telling->scenario, "the first id is not the unit's position",
                     telling->step->text);
    if (puts && telling_own(telling, came) && came->at != came->since)
        scenario_bad(telling->scenario, "done at once, and not where it was taken up",
                     telling->step->text);
}

static int compare(uint64_t one, uint64_t other)
{
    return (one > other) - (one < other);
}

/* In the order of positions, and in a unit by rank, watch by watch. */
static int by_position(const void *a, const void *b)
{
    const struct scenario_came *one = a, *other = b;
    int order = compare(one->at, other->at);
    if (!order)
        order = one->rank - other->rank;
    if (!order)
        order = one->party - other->party;
    if (!order)
        order = compare(one->number, other->number);
    return order ? order : one->order - other->order;
}

static bool answered_at(const struct scenario_state *state, uint64_t at)
{
    for (int i = 0; i < state->came_count; i++)
        if (!state->came[i].event && state->came[i].at == at)
            return true;
    return false;
}

/*
 * In a unit its events come before its answer. What expires where somebody was answered is a pulse,
 * which goes when all have been served (rule S27).
 */
static void sort_by_position(struct scenario_state *state)
{
    for (int i = 0; i < state->came_count; i++) {
        struct scenario_came *came = &state->came[i];
        came->rank = !came->event;
        if (came->event == TSD_EVENT_EXPIRED && answered_at(state, came->at))
            came->rank = 2;
    }
    qsort(state->came, (size_t)state->came_count, sizeof state->came[0], by_position);
}

/* rule S15: the answer to a cancel comes after that of the request that it names. */
static void check_cancel(const struct telling *telling, const struct scenario_came *own)
{
    const struct scenario_state *state = telling->state;
    for (int i = 0; i < state->came_count; i++)
        if (state->came[i].party == own->party && state->came[i].order > own->order)
            scenario_bad(telling->scenario, "a cancel was answered too early", telling->step->text);
}

static int tell_own(const struct telling *telling, bool cancel)
{
    int told = 0;
    for (int i = 0; i < telling->state->came_count; i++) {
        const struct scenario_came *came = &telling->state->came[i];
        if (!telling_own(telling, came))
            continue;
        if (cancel)
            check_cancel(telling, came);
        telling_print(telling, came);
        told++;
    }
    return told;
}

void scenario_tell(const struct scenario *scenario, struct scenario_state *state,
                   const struct scenario_step *step, struct buffer *out)
{
    const struct telling telling = {scenario, state, step, out};
    const bool cancel = step->kind == STEP_REQUEST && step->request.op == TSD_OP_CANCEL;
    buffer_clear(out);
    sort_by_position(state);
    for (int i = 0; i < state->came_count; i++)
        check_positions(&telling, &state->came[i]);
    if (step->kind == STEP_REQUEST && !cancel && tell_own(&telling, false) == 0)
        buffer_printf(out, " waits");
    for (int i = 0; i < state->came_count; i++)
        if (!telling_own(&telling, &state->came[i]))
            telling_print(&telling, &state->came[i]);
    if (cancel)
        tell_own(&telling, true);
    if (out->size > 0 && out->bytes[0] == ' ') {
        out->size--;
        memmove(out->bytes, out->bytes + 1, out->size);
    }
    scenario_forget_what_came(state);
}

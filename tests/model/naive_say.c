/* SPDX-License-Identifier: MIT */
/* Lines of the trace: answers and events. */
#include "naive_state.h"

void naive_say(struct naive *naive, const struct wait *wait, enum ts_status status)
{
    trace_head(naive->trace, &(struct trace_head){.session = wait->session,
                                                  .number = wait->request.number,
                                                  .op = wait->request.op,
                                                  .status = status,
                                                  .since = wait->since,
                                                  .at = naive->at});
}

void naive_say_end(struct naive *naive, const struct wait *wait, enum ts_status status)
{
    naive_say(naive, wait, status);
    trace_text(naive->trace, "\n");
}

static void tell_where(const struct naive *naive, const struct tuple *tuple,
                       struct trace_item *item)
{
    item->state = tuple->state;
    if (naive_is_kept(tuple))
        item->holder = tuple->session;
    const uint64_t end = tuple->state == TSD_STATE_DELAYED ? tuple->wake
                         : tuple->state == TSD_STATE_HELD  ? tuple->hold_end
                                                           : NEVER;
    item->has_left = end != NEVER;
    item->left_us = item->has_left ? (end - naive->now) / 1000 : 0;
}

/* rule S21: the age to a tenth of a second */
static void tell_who(const struct naive *naive, const struct tuple *tuple, struct trace_item *item)
{
    const uint64_t tenth = 100000000;
    item->who = true;
    item->uid = tuple->uid;
    item->pid = tuple->pid;
    item->program = tuple->program;
    item->program_size = (uint32_t)strlen(tuple->program);
    item->age_us = (naive->now / tenth - tuple->put_at / tenth) * tenth / 1000;
}

struct trace_item naive_item_of(const struct naive *naive, const struct tuple *tuple, int of,
                                const struct naive_request *request)
{
    struct trace_item item = {.id = tuple->id,
                              .of = (uint32_t)of,
                              .priority = tuple->priority,
                              .returns = tuple->returns,
                              .reason = tuple->reason,
                              .has_exit = tuple->has_exit,
                              .exit_status = tuple->exit_status};
    if (request->states && tuple->state != TSD_STATE_STORED)
        tell_where(naive, tuple, &item);
    if (request->who)
        tell_who(naive, tuple, &item);
    return item;
}

void naive_say_event(struct naive *naive, const struct wait *watch, enum tsd_event event,
                     const struct tuple *tuple)
{
    trace_head(naive->trace, &(struct trace_head){.session = watch->session,
                                                  .number = watch->request.number,
                                                  .op = TSD_OP_WATCH,
                                                  .event = event,
                                                  .since = watch->since,
                                                  .at = naive->at});
    if (tuple) {
        const struct trace_item item = naive_item_of(naive, tuple, 0, &watch->request);
        trace_item(naive->trace, &item);
    }
    trace_text(naive->trace, "\n");
}

/* rule S19 */
void naive_tell_watches(struct naive *naive, enum tsd_event event, const struct tuple *tuple)
{
    for (int i = 0; i < naive->wait_count; i++) {
        const struct wait *wait = naive->waits[i];
        if (wait->request.op == TSD_OP_WATCH && wait->request.events >> event & 1 &&
            naive_part_matches(&wait->request.parts[0], tuple))
            naive_say_event(naive, wait, event, tuple);
    }
}

/* SPDX-License-Identifier: MIT */
/* in, rd, hold (rules S17, S18). */
#include "naive_state.h"

/* The first part whose space and pattern the tuple is of, -1: none. */
int naive_first_part(const struct naive_request *request, const struct tuple *tuple)
{
    for (int i = 0; i < request->part_count; i++)
        if (naive_part_matches(&request->parts[i], tuple))
            return i;
    return -1;
}

/* Whether at least min match; what is got is what fits, oldest first. */
bool naive_gather(const struct naive *naive, const struct naive_request *request, struct got *got)
{
    uint32_t matched = 0;
    uint64_t bytes = 0;
    got->count = 0;
    got->more = false;
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = naive->tuples[i];
        if (tuple->state != TSD_STATE_STORED || (request->by_id && tuple->id != request->id))
            continue;
        const int of = naive_first_part(request, tuple);
        if (of < 0)
            continue;
        matched++;
        if (got->count > 0 && (got->more || (uint32_t)got->count == request->max ||
                               bytes + tuple->bytes > naive->reply_bytes)) {
            got->more = true;
            continue;
        }
        got->tuples[got->count] = tuple;
        got->of[got->count++] = of;
        bytes += tuple->bytes;
    }
    got->more = got->more && request->counted;
    return matched >= request->min;
}

/* Takes what was got, and answers. */
void naive_give(struct naive *naive, const struct wait *wait, const struct got *got)
{
    const struct naive_request *request = &wait->request;
    struct session *session = naive_session_find(naive, wait->session);
    if (request->op == TSD_OP_IN)
        session->delivered++;
    for (int i = 0; i < got->count; i++)
        if (request->op == TSD_OP_IN)
            naive_tuple_deliver(naive, got->tuples[i], session);
        else if (request->op == TSD_OP_HOLD)
            naive_tuple_hold(naive, got->tuples[i], session, request->has_hold_time,
                             request->hold_us, request->detached);
    naive_say(naive, wait, TS_OK);
    if (request->op == TSD_OP_IN)
        trace_word(naive->trace, " delivery ", session->delivered);
    for (int i = 0; i < got->count; i++) {
        struct trace_item item = naive_item_of(naive, got->tuples[i], got->of[i], request);
        item.token = request->op == TSD_OP_HOLD ? got->tuples[i]->hold : 0;
        trace_item(naive->trace, &item);
    }
    trace_text(naive->trace, got->more ? " more\n" : "\n");
}

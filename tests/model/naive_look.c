/* SPDX-License-Identifier: MIT */
/* Operations that look or move many: count, scan, collect, copy, watch; and what the test asks. */
#include "naive_state.h"

/* What count and scan look at: stored ones, or all. */
static bool sees(const struct naive_request *request, const struct tuple *tuple)
{
    return (request->states || tuple->state == TSD_STATE_STORED) &&
           naive_first_part(request, tuple) >= 0;
}

void naive_do_count(struct naive *naive, const struct wait *wait)
{
    uint64_t count = 0;
    for (int i = 0; i < naive->tuple_count; i++)
        count += sees(&wait->request, naive->tuples[i]);
    naive_say(naive, wait, TS_OK);
    trace_word(naive->trace, " value ", count);
    trace_text(naive->trace, "\n");
}

static bool after_cursor(const struct naive_request *request, const struct tuple *tuple)
{
    if (!request->has_cursor)
        return true;
    if (tuple->priority != request->cursor_priority)
        return (tuple->priority < request->cursor_priority) != request->reverse;
    if (tuple->id == request->cursor_id)
        return false;
    return (tuple->id > request->cursor_id) != request->reverse;
}

void naive_do_scan(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    uint64_t bytes = 0;
    uint32_t given = 0;
    naive_say(naive, wait, TS_OK);
    for (int i = 0; i < naive->tuple_count; i++) {
        const struct tuple *tuple =
            naive->tuples[request->reverse ? naive->tuple_count - 1 - i : i];
        if (!after_cursor(request, tuple) || !sees(request, tuple))
            continue;
        if (given > 0 && (given == request->max || bytes + tuple->bytes > naive->reply_bytes)) {
            trace_text(naive->trace, " next");
            break;
        }
        const struct trace_item item = naive_item_of(naive, tuple, 0, request);
        trace_item(naive->trace, &item);
        bytes += tuple->bytes;
        given++;
    }
    trace_text(naive->trace, "\n");
}

static void move(struct naive *naive, const struct wait *wait, struct tuple *tuple)
{
    const struct naive_request *request = &wait->request;
    if (request->op == TSD_OP_COPY) {
        naive_tuple_copy(naive, tuple, request->to, naive_session_find(naive, wait->session));
        return;
    }
    naive_tell_watches(naive, TSD_EVENT_TAKEN, tuple);
    if (request->to < 0)
        naive_tuple_gone(naive, tuple);
    else
        naive_tuple_move(naive, tuple, request->to);
}

/* rule S29: collect, copy, discard */
void naive_do_collect(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    struct tuple *found[naive->tuple_count + 1];
    uint32_t count = 0;
    uint64_t bytes = 0;
    bool more = false;
    if (request->to == request->space) {
        naive_say_end(naive, wait, TS_INVALID);
        return;
    }
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = naive->tuples[i];
        if (tuple->state != TSD_STATE_STORED || naive_first_part(request, tuple) < 0 ||
            !after_cursor(request, tuple))
            continue;
        more |= count == request->max || (count > 0 && bytes + tuple->bytes > naive->reply_bytes);
        bytes += tuple->bytes;
        if (!more)
            found[count++] = tuple;
    }
    if (count > 0 && request->op == TSD_OP_COPY && !naive_quota_tuples(naive, wait, count)) {
        naive_say_end(naive, wait, TS_LIMIT);
        return;
    }
    const uint64_t capacity = request->to < 0 ? 0 : naive->spaces[request->to].capacity;
    if (count > 0 && capacity > 0 && naive_room_used(naive, request->to) + count > capacity) {
        naive_say_end(naive, wait, TS_FULL);
        return;
    }
    if (count > 0 && request->to >= 0)
        naive_make(naive, &naive_session_find(naive, wait->session)->user, request->to);
    for (uint32_t i = 0; i < count; i++)
        move(naive, wait, found[i]);
    naive_say(naive, wait, TS_OK);
    trace_word(naive->trace, " value ", count);
    trace_text(naive->trace, more ? " more\n" : "\n");
}

/* rule S19: what is stored if asked, then `ready` */
void naive_do_watch(struct naive *naive, const struct wait *wait)
{
    for (int i = 0; wait->request.now && i < naive->tuple_count; i++)
        if (naive->tuples[i]->state == TSD_STATE_STORED &&
            naive_first_part(&wait->request, naive->tuples[i]) >= 0)
            naive_say_event(naive, wait, TSD_EVENT_PUT, naive->tuples[i]);
    naive_say_event(naive, wait, TSD_EVENT_READY, NULL);
}

/* --- For the generator --- */

uint64_t naive_delivered(const struct naive *naive, uint64_t session)
{
    return naive_session_find(naive, session)->delivered;
}

uint64_t naive_waiting(const struct naive *naive, uint64_t session, uint64_t nth)
{
    uint64_t found = 0;
    for (int i = 0; i < naive->wait_count; i++)
        if (naive->waits[i]->session == session) {
            found = naive->waits[i]->request.number;
            if (nth-- == 0)
                break;
        }
    return found;
}

uint64_t naive_waiting_count(const struct naive *naive, uint64_t session)
{
    uint64_t count = 0;
    for (int i = 0; i < naive->wait_count; i++)
        count += naive->waits[i]->session == session;
    return count;
}

uint64_t naive_some_id(const struct naive *naive, uint64_t nth)
{
    return naive->tuple_count ? naive->tuples[nth % (uint64_t)naive->tuple_count]->id : 0;
}

bool naive_some_token(const struct naive *naive, uint64_t session, bool holds, uint64_t nth,
                      struct naive_token *token)
{
    const struct tuple *found = NULL;
    for (int i = 0; i < naive->tuple_count; i++) {
        const struct tuple *tuple = naive->tuples[i];
        const bool held = tuple->state == TSD_STATE_HELD;
        if (!naive_is_kept(tuple) || (holds && !held) ||
            (tuple->session != session && !tuple->detached))
            continue;
        found = tuple;
        if (nth-- == 0)
            break;
    }
    if (!found)
        return false;
    *token = (struct naive_token){.delivery = found->state == TSD_STATE_DELIVERED};
    token->number = token->delivery ? found->delivery : found->hold;
    token->id = found->id;
    return true;
}

uint64_t naive_tuples(const struct naive *naive)
{
    return (uint64_t)naive->tuple_count;
}

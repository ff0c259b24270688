/* SPDX-License-Identifier: MIT */
/* cancel, will, space, remove. */
#include <stdlib.h>

#include "naive_state.h"

/* rule S15 */
void naive_do_cancel(struct naive *naive, const struct wait *wait)
{
    enum ts_status status = TS_NOMATCH;
    for (int i = 0; i < naive->wait_count; i++) {
        struct wait *other = naive->waits[i];
        if (other->session != wait->session || other->request.number != wait->request.target)
            continue;
        naive_unit_begin(naive);
        naive_say_end(naive, other, TS_CANCELLED);
        naive_wait_end(naive, other);
        status = TS_OK;
        break;
    }
    naive->at = wait->since;
    naive_say_end(naive, wait, status);
}

/* The will for a space: replaced where it stands in the order, taken back by none. */
void naive_do_will(struct naive *naive, const struct wait *wait)
{
    struct session *session = naive_session_find(naive, wait->session);
    int at = 0;
    if (!naive_quota_will(naive, wait)) {
        naive_say_end(naive, wait, TS_LIMIT);
        return;
    }
    while (at < session->will_count && session->wills[at]->space != wait->request.space)
        at++;
    if (at < session->will_count)
        free(session->wills[at]);
    if (wait->request.tuple_count > 0) {
        session->wills[at] = malloc(sizeof wait->request);
        *session->wills[at] = wait->request;
        if (at == session->will_count)
            session->will_count++;
    } else if (at < session->will_count) {
        session->will_count--;
        memmove(&session->wills[at], &session->wills[at + 1],
                (size_t)(session->will_count - at) * sizeof session->wills[0]);
    }
    naive_say_end(naive, wait, TS_OK);
}

/* rule S30: also where it was the capacity that became less */
static void refuse_never_fitting(struct naive *naive)
{
    int need[NAIVE_SPACES];
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        if (!naive_may_put(wait))
            continue;
        naive_room_needed(naive, wait, NULL, need);
        if (naive_room_never(naive, need)) {
            naive_unit_begin(naive);
            naive_say_end(naive, wait, TS_FULL);
            naive_wait_end(naive, wait);
            i--;
        }
    }
}

static void set_dead_letter(struct space *space, int to, const struct naive_user *by)
{
    space->dead_letter = to;
    space->dead_letter_user = *by;
}

static void set_access(struct space *space, const struct naive_request *request)
{
    if (request->has_owner)
        space->owner = request->owner;
    if (request->has_group)
        space->group = request->group;
    if (request->has_mode)
        space->mode = request->mode;
}

void naive_do_space(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    struct space *space = &naive->spaces[request->space];
    if (request->has_dead_letter && request->dead_letter == request->space) {
        naive_say_end(naive, wait, TS_INVALID);
        return;
    }
    const struct naive_user *user = &naive_session_find(naive, wait->session)->user;
    if (request->existing && !naive_sees(naive, user, request->space)) {
        naive_say_end(naive, wait, TS_NOMATCH);
        return;
    }
    naive_make(naive, user, request->space);
    space->explicit = true;
    if (request->has_capacity)
        space->capacity = request->capacity;
    if (request->has_max_returns)
        space->max_returns = request->max_returns;
    if (request->has_dead_letter)
        set_dead_letter(space, request->dead_letter, user);
    set_access(space, request);
    naive_say_end(naive, wait, TS_OK);
    refuse_never_fitting(naive);
    naive_end_denied(naive, request->space);
}

/* Whether a waiting request has to do with the space. */
bool naive_names(const struct naive_request *request, int space)
{
    if (request->space == space)
        return true;
    for (int i = 0; i < request->part_count; i++)
        if (request->parts[i].space == space)
            return true;
    for (int i = 0; i < request->step_count; i++)
        if (!request->steps[i].finishes && request->steps[i].space == space)
            return true;
    return false;
}

/* What keeps a space from being removed, and a key, which does not but is in it too (rule S31). */
bool naive_in_use(const struct naive *naive, int space, bool keys)
{
    for (int i = 0; i < naive->tuple_count; i++)
        if (naive->tuples[i]->space == space)
            return true;
    for (int i = 0; i < naive->wait_count; i++)
        if (naive_names(&naive->waits[i]->request, space))
            return true;
    for (int i = 0; keys && i < naive->key_count; i++)
        if (naive->keys[i].space == space)
            return true;
    return false;
}

static void empty(struct naive *naive, int space)
{
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        if (!naive_names(&wait->request, space))
            continue;
        naive_unit_begin(naive);
        naive_say_end(naive, wait, TS_REMOVED);
        naive_wait_end(naive, wait);
        i--;
    }
    for (int i = naive->tuple_count - 1; i >= 0; i--)
        if (naive->tuples[i]->space == space)
            naive_tuple_removed(naive, naive->tuples[i]);
}

/* Keys keep it, as it is, and it is charged to whoever left the first of them. */
static void charge_to_keys(struct naive *naive, int space)
{
    uint64_t first = UINT64_MAX;
    for (int i = 0; i < naive->key_count; i++)
        if (naive->keys[i].space == space && naive->keys[i].since < first) {
            first = naive->keys[i].since;
            naive->spaces[space].maker = naive->keys[i].user;
        }
}

void naive_do_remove(struct naive *naive, const struct wait *wait)
{
    const int space = wait->request.space;
    struct space *removed = &naive->spaces[space];
    enum ts_status status = TS_OK;
    if (!naive_sees(naive, &naive_session_find(naive, wait->session)->user, space))
        status = TS_NOMATCH;
    else if (!wait->request.force && naive_in_use(naive, space, false))
        status = TS_INVALID;
    else {
        empty(naive, space);
        removed->explicit = false;
        charge_to_keys(naive, space);
        removed->capacity = 0;
        removed->max_returns = UINT32_MAX;
        removed->dead_letter = -1;
    }
    naive->at = wait->since;
    naive_say_end(naive, wait, status);
}

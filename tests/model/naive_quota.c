/* SPDX-License-Identifier: MIT */
/* What a user has of what it may have: counted anew each time that it matters. */
#include "naive_state.h"

static uint32_t user_of(const struct naive *naive, const struct wait *wait)
{
    return naive_session_find(naive, wait->session)->user.uid;
}

static bool fits(uint64_t limit, uint64_t has, uint64_t more)
{
    return limit == 0 || more == 0 || has + more <= limit;
}

static uint64_t puts_of(const struct naive_request *request)
{
    uint64_t puts = 0;
    if (request->op == TSD_OP_OUT || request->op == TSD_OP_FINISH)
        return (uint64_t)request->tuple_count;
    for (int i = 0; i < request->step_count; i++)
        puts += !request->steps[i].finishes;
    return puts;
}

/* --- Tuples: also what those who wait, and wills, may put --- */

static uint64_t tuples_in_spaces(const struct naive *naive, uint32_t user)
{
    uint64_t has = 0;
    for (int i = 0; i < naive->tuple_count; i++)
        has += naive->tuples[i]->uid == user;
    for (int i = 0; i < naive->unread_count; i++)
        has += naive->unread[i].user == user;
    return has;
}

static uint64_t tuples_to_come(const struct naive *naive, uint32_t user)
{
    uint64_t has = 0;
    for (int i = 0; i < naive->wait_count; i++)
        if (user_of(naive, naive->waits[i]) == user)
            has += puts_of(&naive->waits[i]->request);
    for (int i = 0; i < naive->session_count; i++)
        for (int k = 0; k < naive->sessions[i].will_count; k++)
            if (naive->sessions[i].user.uid == user)
                has += (uint64_t)naive->sessions[i].wills[k]->tuple_count;
    return has;
}

bool naive_quota_tuples(const struct naive *naive, const struct wait *wait, uint64_t more)
{
    const uint32_t user = user_of(naive, wait);
    return naive->quotas.tuples == 0 ||
           fits(naive->quotas.tuples, tuples_in_spaces(naive, user) + tuples_to_come(naive, user),
                more);
}

bool naive_quota_puts(const struct naive *naive, const struct wait *wait)
{
    return !naive_may_put(wait) || naive_quota_tuples(naive, wait, puts_of(&wait->request));
}

/* It has those of the will that it replaces. */
bool naive_quota_will(const struct naive *naive, const struct wait *wait)
{
    const struct session *session = naive_session_find(naive, wait->session);
    uint64_t more = (uint64_t)wait->request.tuple_count, old = 0;
    for (int i = 0; i < session->will_count; i++)
        if (session->wills[i]->space == wait->request.space)
            old = (uint64_t)session->wills[i]->tuple_count;
    return naive_quota_tuples(naive, wait, more > old ? more - old : 0);
}

/* --- Requests, keys, spaces --- */

bool naive_quota_waits(const struct naive *naive, const struct wait *wait)
{
    const uint32_t user = user_of(naive, wait);
    uint64_t has = 0;
    for (int i = 0; i < naive->wait_count; i++)
        has += user_of(naive, naive->waits[i]) == user;
    return fits(naive->quotas.requests, has, 1);
}

/* Those that are known, and those of requests that wait. */
bool naive_quota_key(const struct naive *naive, const struct wait *wait)
{
    const uint32_t user = user_of(naive, wait);
    uint64_t has = 0;
    for (int i = 0; i < naive->key_count; i++)
        has += naive->keys[i].user == user;
    for (int i = 0; i < naive->wait_count; i++)
        has += naive->waits[i]->request.key && user_of(naive, naive->waits[i]) == user;
    return fits(naive->quotas.keys, has, wait->request.key ? 1 : 0);
}

bool naive_quota_space(const struct naive *naive, uint32_t user)
{
    uint64_t has = 0;
    for (int i = 0; naive->quotas.spaces && i < NAIVE_SPACES; i++)
        has += naive->spaces[i].maker == user && naive_is_there(naive, i);
    return fits(naive->quotas.spaces, has, 1);
}

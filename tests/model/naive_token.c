/* SPDX-License-Identifier: MIT */
/* Tokens: finding what they name; release and renew. */
#include "naive_state.h"

/* rule S7: what is kept is settled by the session that keeps it; where detached, by its user. */
struct tuple *naive_token_find(const struct naive *naive, uint64_t session,
                               const struct naive_token *token)
{
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = naive->tuples[i];
        const bool mine = tuple->session == session;
        if (token->delivery && tuple->state == TSD_STATE_DELIVERED && mine &&
            tuple->delivery == token->number && tuple->id == token->id)
            return tuple;
        if (!token->delivery && tuple->state == TSD_STATE_HELD && tuple->hold == token->number)
            return !token->wrong &&
                           (tuple->detached
                                ? naive_session_find(naive, session)->user.uid == tuple->hold_user
                                : mine)
                       ? tuple
                       : NULL;
    }
    return NULL;
}

bool naive_tokens_hold(const struct naive *naive, uint64_t session,
                       const struct naive_token *tokens, int count)
{
    for (int i = 0; i < count; i++) {
        const struct tuple *tuple = naive_token_find(naive, session, &tokens[i]);
        if (!tuple)
            return false;
        for (int k = 0; k < i; k++)
            if (naive_token_find(naive, session, &tokens[k]) == tuple)
                return false;
    }
    return true;
}

/* Whether what a finish, or the body of an atomic, is to consume is held. */
bool naive_wait_tokens_hold(const struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    struct naive_token tokens[NAIVE_STEPS];
    int count = 0;
    if (request->op != TSD_OP_ATOMIC)
        return naive_tokens_hold(naive, wait->session, request->tokens, request->token_count);
    for (int i = 0; i < request->step_count; i++)
        if (request->steps[i].finishes)
            tokens[count++] = request->steps[i].token;
    return naive_tokens_hold(naive, wait->session, tokens, count);
}

void naive_do_release(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    struct tuple *found[NAIVE_TOKENS];
    if (!naive_wait_tokens_hold(naive, wait)) {
        naive_say_end(naive, wait, TS_LATE);
        return;
    }
    for (int i = 0; i < request->token_count; i++)
        found[i] = naive_token_find(naive, wait->session, &request->tokens[i]);
    for (int i = 0; i < request->token_count; i++)
        naive_tuple_back(naive, found[i],
                         &(struct comes_back){.reason = TSD_REASON_RELEASED,
                                              .uncounted = request->untried,
                                              .has_exit = request->has_exit,
                                              .exit_status = request->exit_status,
                                              .delay_us = request->delay_us});
    naive_say_end(naive, wait, TS_OK);
}

void naive_do_renew(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    const bool hold = naive_wait_tokens_hold(naive, wait);
    for (int i = 0; hold && i < request->token_count; i++)
        naive_token_find(naive, wait->session, &request->tokens[i])->hold_end =
            naive->now + request->duration_us * 1000;
    naive_say_end(naive, wait, hold ? TS_OK : TS_LATE);
}

/* SPDX-License-Identifier: MIT */
/* Room (rule S30) and keys (rule S28). */
#include <stdlib.h>

#include "naive_state.h"

uint64_t naive_room_used(const struct naive *naive, int space)
{
    uint64_t used = 0;
    for (int i = 0; i < naive->tuple_count; i++)
        used += naive->tuples[i]->space == space && !naive->tuples[i]->pulse;
    return used;
}

bool naive_may_put(const struct wait *wait)
{
    return wait->request.op == TSD_OP_OUT || wait->request.op == TSD_OP_FINISH ||
           wait->request.op == TSD_OP_ATOMIC;
}

static void frees(const struct naive *naive, const struct wait *wait,
                  const struct naive_token *token, int need[NAIVE_SPACES])
{
    const struct tuple *tuple = naive_token_find(naive, wait->session, token);
    need[tuple->space] -= !tuple->pulse;
}

/* What the guards of an atomic with a body take for good; not yet known which, they use room. */
static void guards_free(const struct wait *wait, struct tuple *const *got, int need[NAIVE_SPACES])
{
    const struct naive_request *request = &wait->request;
    for (int i = 0; request->step_count > 0 && i < request->part_count; i++)
        if (request->parts[i].guard == TSD_GUARD_IN && request->parts[i].space >= 0)
            need[request->parts[i].space] -= !got || !got[i]->pulse;
}

/* What a unit puts less what it finishes or finally takes. `got`: of its guards; NULL: not yet. */
void naive_room_needed(const struct naive *naive, const struct wait *wait, struct tuple *const *got,
                       int need[NAIVE_SPACES])
{
    const struct naive_request *request = &wait->request;
    memset(need, 0, NAIVE_SPACES * sizeof *need);
    if (request->op != TSD_OP_ATOMIC) {
        need[request->space] += request->putting.pulse ? 0 : request->tuple_count;
        for (int i = 0; i < request->token_count; i++)
            frees(naive, wait, &request->tokens[i], need);
        return;
    }
    guards_free(wait, got, need);
    for (int i = 0; i < request->step_count; i++)
        if (request->steps[i].finishes)
            frees(naive, wait, &request->steps[i].token, need);
        else
            need[request->steps[i].space] += !request->steps[i].putting.pulse;
}

/* Only a space with a capacity has room to wait for, and only who needs some waits for it. */
static bool matters(const struct naive *naive, const int need[NAIVE_SPACES], int space)
{
    return need[space] > 0 && naive->spaces[space].capacity > 0;
}

bool naive_room_never(const struct naive *naive, const int need[NAIVE_SPACES])
{
    for (int i = 0; i < NAIVE_SPACES; i++)
        if (matters(naive, need, i) && (uint64_t)need[i] > naive->spaces[i].capacity)
            return true;
    return false;
}

bool naive_room_fits(const struct naive *naive, const int need[NAIVE_SPACES],
                     const bool blocked[NAIVE_SPACES])
{
    for (int i = 0; i < NAIVE_SPACES; i++)
        if (matters(naive, need, i) &&
            (blocked[i] ||
             naive_room_used(naive, i) + (uint64_t)need[i] > naive->spaces[i].capacity))
            return false;
    return true;
}

/* One that waits for room holds back later ones in each space in which it needs some. */
void naive_room_block(const struct naive *naive, const int need[NAIVE_SPACES],
                      bool blocked[NAIVE_SPACES])
{
    for (int i = 0; i < NAIVE_SPACES; i++)
        blocked[i] |= matters(naive, need, i);
}

const struct key *naive_key_find(const struct naive *naive, const struct wait *wait)
{
    const uint32_t user = naive_session_find(naive, wait->session)->user.uid;
    for (int i = 0; wait->request.key && i < naive->key_count; i++)
        if (naive->keys[i].user == user && naive->keys[i].space == wait->request.space &&
            naive->keys[i].key == wait->request.key)
            return &naive->keys[i];
    return NULL;
}

void naive_key_remember(struct naive *naive, const struct wait *wait, uint64_t value)
{
    if (!wait->request.key)
        return;
    if (naive->key_count == naive->key_room) {
        naive->key_room = naive->key_room * 2 + 16;
        naive->keys = realloc(naive->keys, (size_t)naive->key_room * sizeof *naive->keys);
    }
    naive->keys[naive->key_count++] =
        (struct key){.user = naive_session_find(naive, wait->session)->user.uid,
                     .space = wait->request.space,
                     .key = wait->request.key,
                     .end = naive->now + wait->request.window_us * 1000,
                     .value = value,
                     .since = wait->since};
}

void naive_say_repeated(struct naive *naive, const struct wait *wait, uint64_t value)
{
    naive_say(naive, wait, TS_OK);
    trace_word(naive->trace, " value ", value);
    trace_text(naive->trace, " repeated\n");
}

/* SPDX-License-Identifier: MIT */
/* What a run does next, by chance. */
#include <stddef.h>
#include <string.h>

#include "run.h"
#include "users.h"

static bool one_in(struct run *run, uint64_t n)
{
    return random_one_in(&run->random, n);
}

static uint64_t below(struct run *run, uint64_t bound)
{
    return random_below(&run->random, bound);
}

/* Two times of three all that was delivered. */
static uint64_t some_ack(struct run *run, int which)
{
    if (!one_in(run, 3))
        run->acked[which] = run_delivered(run, which);
    return run->acked[which];
}

/* Mostly one that is good: what it names is kept by the session, or detached. */
static bool some_token(struct run *run, uint64_t session, bool holds, struct naive_token *token)
{
    if (!one_in(run, 20) && naive_some_token(run->naive, session, holds, below(run, 4), token)) {
        token->wrong = !token->delivery && one_in(run, 30);
        return true;
    }
    /* One that was told: the secret of another is not known. */
    if (run->holds_made == 0)
        return false;
    *token = (struct naive_token){.number = 1 + below(run, run->holds_made)};
    return one_in(run, 40);
}

static bool some_tokens(struct run *run, uint64_t session, struct naive_request *request)
{
    const bool holds = request->op != TSD_OP_RELEASE;
    const int count = one_in(run, 4) ? 1 + (int)below(run, 3) : 1;
    for (int i = 0; i < count; i++) {
        struct naive_token *token = &request->tokens[request->token_count];
        if (some_token(run, session, holds, token))
            request->token_count++;
    }
    return request->token_count > 0;
}

static void complete_steps(struct run *run, uint64_t session, struct naive_request *request)
{
    for (int i = 0; i < request->step_count; i++) {
        struct naive_step *step = &request->steps[i];
        step->finishes = step->finishes && some_token(run, session, true, &step->token);
    }
}

static void complete_query(struct run *run, struct naive_request *request)
{
    const bool takes =
        request->op == TSD_OP_IN || request->op == TSD_OP_RD || request->op == TSD_OP_HOLD;
    if (takes && one_in(run, 10)) {
        request->by_id = true;
        request->id = one_in(run, 4) ? naive_some_id(run->naive, 0) + 1000
                                     : naive_some_id(run->naive, random_next(&run->random));
    }
    if ((request->op == TSD_OP_SCAN || request->op == TSD_OP_COPY) && one_in(run, 2)) {
        request->has_cursor = true;
        request->cursor_id = naive_some_id(run->naive, random_next(&run->random));
        request->cursor_priority = (int8_t)(one_in(run, 4) ? 1 : 0);
    }
}

/* What depends on what there is; false where that is not enough. */
static bool complete(struct run *run, int which, struct naive_request *request)
{
    const uint64_t session = run->sessions[which];
    /* What a session gives back it may not acknowledge just before. */
    request->ack =
        request->op == TSD_OP_RELEASE && !one_in(run, 4) ? run->acked[which] : some_ack(run, which);
    if (request->op == TSD_OP_CANCEL) {
        request->target = naive_waiting(run->naive, session, below(run, 4));
        if (request->target == 0)
            request->target = 1 + below(run, run->numbers_made + 1);
    }
    complete_query(run, request);
    complete_steps(run, session, request);
    return (request->op != TSD_OP_FINISH && request->op != TSD_OP_RELEASE &&
            request->op != TSD_OP_RENEW) ||
           some_tokens(run, session, request);
}

/* Neither the tuples nor those who wait become many, so that all that may happen happens often. */
static void choose_operation(struct run *run, int which, struct naive_request *request)
{
    const uint64_t tuples = naive_tuples(run->naive);
    if (tuples > 2 * run->settings.most && one_in(run, 3)) {
        generate_discard(&run->random, request);
        return;
    }
    if (run->settings.rights && one_in(run, 14)) {
        users_choose_access(&run->random, request);
        return;
    }
    if (run->settings.rights && one_in(run, 40)) {
        *request = (struct naive_request){
            .op = TSD_OP_SPACES, .events = UINT32_MAX, .to = -1, .dead_letter = -1};
        return;
    }
    do
        generate_request(&run->random, run->settings.mix, request);
    while ((request->op == TSD_OP_OUT || request->op == TSD_OP_COPY) &&
           tuples > run->settings.most);
    if (naive_waiting_count(run->naive, run->sessions[which]) > 6)
        request->op = TSD_OP_CANCEL;
}

static void choose_request(struct run *run, int which, struct action *action)
{
    struct naive_request *request = &action->request;
    action->kind = COMMAND_REQUEST;
    action->session = run->sessions[which];
    do
        choose_operation(run, which, request);
    while (!complete(run, which, request));
    if (request->op == TSD_OP_CANCEL) {
        const struct naive_request cancel = {.ack = request->ack,
                                             .op = TSD_OP_CANCEL,
                                             .target = request->target,
                                             .events = UINT32_MAX,
                                             .to = -1,
                                             .dead_letter = -1};
        *request = cancel;
    }
    request->number = ++run->numbers_made;
    action->ack = request->ack;
    action->random[0] = random_next(&run->random);
    action->random[1] = random_next(&run->random);
}

/* To just before something is due, or right to it, or further, seldom by hours. */
static void choose_tick(struct run *run, struct action *action)
{
    const uint64_t due = naive_due(run->naive);
    action->kind = COMMAND_TICK;
    if (due != UINT64_MAX && due > run->now_ns && one_in(run, 2))
        action->now_ns = due - (one_in(run, 2) ? 1000 : 0);
    else if (one_in(run, 200))
        action->now_ns += UINT64_C(3600000000000) * (1 + below(run, 30));
    else if (one_in(run, 40))
        action->now_ns += 100000 * below(run, 10000);
    else
        action->now_ns += 100000 * below(run, 20);
    if (action->now_ns < run->now_ns)
        action->now_ns = run->now_ns;
}

static void choose_end(struct run *run, int which, struct action *action)
{
    action->kind = COMMAND_ENDS;
    action->session = run->sessions[which];
    action->ack = some_ack(run, which);
    action->end = one_in(run, 2) ? NAIVE_DIES : one_in(run, 3) ? NAIVE_STOP : NAIVE_GOODBYE;
}

static void choose_of_session(struct run *run, uint64_t choice, struct action *action)
{
    const int which = (int)below(run, (uint64_t)run->session_count);
    action->session = run->sessions[which];
    if (choice < 6) {
        choose_end(run, which, action);
    } else if (choice < 9) {
        action->kind = COMMAND_ACK;
        action->ack = some_ack(run, which);
    } else if (choice == 9) {
        action->kind = one_in(run, 2) ? COMMAND_GAP : COMMAND_READS;
    } else {
        choose_request(run, which, action);
    }
}

void run_choose(struct run *run, struct action *action)
{
    const uint64_t choice = below(run, 100);
    memset(action, 0, offsetof(struct action, request));
    /* Often at the same time, so that several things are due at once. */
    action->now_ns = run->now_ns + (one_in(run, 4) ? 100000 * below(run, 3) : 0);
    if (run->settings.faults && one_in(run, 6))
        action->fault = 1 + below(run, 8);
    if (run->session_count < 2 || (choice < 3 && run->session_count < RUN_SESSIONS)) {
        action->kind = COMMAND_COMES;
        action->session = run->sessions_made + 1;
    } else if (choice >= 93) {
        choose_tick(run, action);
    } else {
        choose_of_session(run, choice, action);
    }
}

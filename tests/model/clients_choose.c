/* SPDX-License-Identifier: MIT */
/* What the clients do next, by chance. */
#include <stddef.h>
#include <string.h>

#include "clients.h"

static bool one_in(struct clients *clients, uint64_t n)
{
    return random_one_in(&clients->random, n);
}

static uint64_t below(struct clients *clients, uint64_t bound)
{
    return random_below(&clients->random, bound);
}

/* --- Tokens --- */

/* One that the client keeps, of these; sometimes it goes on naming it. */
static bool some_token(struct clients *clients, struct client *client, bool holds,
                       struct naive_token *token)
{
    uint32_t list[CLIENTS_TOKENS], count = 0;
    if (holds && one_in(clients, 6)) /* what another one has detached, or only believes it has */
        client = &clients->list[below(clients, clients->count)];
    for (uint32_t i = 0; i < client->kept_count; i++)
        if (!holds || !client->kept[i].token.delivery)
            list[count++] = i;
    if (count == 0)
        return false;
    const uint32_t which = list[below(clients, count)];
    *token = client->kept[which].token;
    if (!one_in(clients, 6))
        client->kept[which] = client->kept[--client->kept_count];
    return true;
}

static bool some_tokens(struct clients *clients, struct client *client,
                        struct naive_request *request)
{
    const int count = one_in(clients, 4) ? 2 : 1;
    for (int i = 0; i < count; i++)
        request->token_count += some_token(clients, client, request->op != TSD_OP_RELEASE,
                                           &request->tokens[request->token_count]);
    return request->token_count > 0;
}

/* --- Requests --- */

/* Not what the checker cannot judge where tuples are alike, or spaces change. */
static bool is_judged(const struct naive_request *request)
{
    return request->op != TSD_OP_WILL && request->op != TSD_OP_SPACE &&
           request->op != TSD_OP_REMOVE;
}

static void complete_query(struct clients *clients, struct naive_request *request)
{
    const bool takes =
        request->op == TSD_OP_IN || request->op == TSD_OP_RD || request->op == TSD_OP_HOLD;
    if (takes && clients->ids_seen > CLIENTS_IDS && one_in(clients, 20)) {
        request->by_id = true;
        request->id = clients->ids[below(clients, CLIENTS_IDS)];
    }
}

static bool complete(struct clients *clients, struct client *client, struct naive_request *request)
{
    complete_query(clients, request);
    for (int i = 0; i < request->step_count; i++) {
        struct naive_step *step = &request->steps[i];
        step->finishes = step->finishes && some_token(clients, client, true, &step->token);
    }
    if (request->op == TSD_OP_CANCEL && client->waiting_count > 0)
        request->target = client->waiting[below(clients, client->waiting_count)].number;
    else if (request->op == TSD_OP_CANCEL)
        return false;
    return (request->op != TSD_OP_FINISH && request->op != TSD_OP_RELEASE &&
            request->op != TSD_OP_RENEW) ||
           some_tokens(clients, client, request);
}

/* There is to be what a look has to walk past, and not more and more of it. */
static bool is_wanted(const struct clients *clients, const struct naive_request *request)
{
    const bool puts = request->op == TSD_OP_OUT || request->op == TSD_OP_COPY;
    return is_judged(request) && !(puts && clients->stored > clients->settings.most);
}

/* Beside what is asked for by chance; TSD_OP_END: nothing. */
static enum tsd_operation some_more(struct clients *clients)
{
    if (clients->stored < clients->settings.most / 2 && one_in(clients, 2))
        return TSD_OP_OUT;
    switch (below(clients, 32)) {
    case 0:
        return TSD_OP_COLLECT;
    case 1:
        return clients->stored <= clients->settings.most ? TSD_OP_COPY : TSD_OP_COLLECT;
    default:
        return TSD_OP_END;
    }
}

/* What few tuples match has to be looked for, and may come meanwhile. */
static void wait_until_drained(struct naive_request *request)
{
    request->op = TSD_OP_DRAINED;
    request->part_count = 1;
    request->counted = request->who = false;
    request->min = request->max = 1;
}

static void choose_operation(struct clients *clients, struct client *client,
                             struct naive_request *request)
{
    const enum tsd_operation more = some_more(clients);
    if (clients->stored > 2 * clients->settings.most && one_in(clients, 3)) {
        generate_discard(&clients->random, request);
        return;
    }
    do
        generate_request(&clients->random, one_in(clients, 2) ? GENERATE_PLAIN : GENERATE_ALL,
                         request);
    while (!is_wanted(clients, request) || (more != TSD_OP_END && request->op != more));
    if (client->waiting_count > 6)
        request->op = TSD_OP_CANCEL;
    else if (request->op == TSD_OP_RD && one_in(clients, 2))
        wait_until_drained(request);
}

static void only_cancel(struct naive_request *request, uint64_t target)
{
    *request = (struct naive_request){
        .op = TSD_OP_CANCEL, .target = target, .events = UINT32_MAX, .to = -1, .dead_letter = -1};
}

static void choose_request(struct clients *clients, struct client *client, struct action *action)
{
    struct naive_request *request = &action->request;
    do
        choose_operation(clients, client, request);
    while (!complete(clients, client, request));
    if (request->op == TSD_OP_CANCEL)
        only_cancel(request, request->target);
}

static void forget_acknowledged(struct client *client)
{
    for (uint32_t i = 0; i < client->kept_count; i++)
        if (client->kept[i].token.delivery && client->kept[i].token.number <= client->acked)
            client->kept[i--] = client->kept[--client->kept_count];
}

/* By a request that is taken up at once: so it is known where it has its place. */
static void choose_ack(struct clients *clients, struct client *client, struct action *action)
{
    only_cancel(&action->request, UINT32_MAX);
    client->acked += below(clients, client->delivered - client->acked + 1);
    forget_acknowledged(client);
}

static void ask(struct clients *clients, struct client *client, struct action *action)
{
    action->kind = COMMAND_REQUEST;
    if (action->request.op == TSD_OP_CANCEL)
        ; /* chosen */
    else if (one_in(clients, 10))
        choose_ack(clients, client, action);
    else
        choose_request(clients, client, action);
    action->request.number = ++clients->numbers_made;
    action->ack = action->request.ack = client->acked;
    action->random[0] = random_next(&clients->random);
    action->random[1] = random_next(&clients->random);
    client->waiting[client->waiting_count].number = action->request.number;
    client->waiting[client->waiting_count++].puts =
        action->request.tuple_count > 0 || action->request.step_count > 0;
}

/* --- Others --- */

/* What is due, or to right then, or further. */
static void choose_tick(struct clients *clients, struct action *action)
{
    const uint64_t due = engine_due(clients->engine);
    action->kind = COMMAND_TICK;
    if (due != UINT64_MAX && due > clients->now_ns && one_in(clients, 2))
        action->now_ns = due;
    else
        action->now_ns += 100000 * below(clients, 20);
}

/* A line in which somebody stands of whom no answer tells cannot be judged: they are cancelled first. */
static void choose_end(struct clients *clients, struct client *client, struct action *action)
{
    for (uint32_t i = 0; i < client->waiting_count; i++) {
        if (!client->waiting[i].puts)
            continue;
        only_cancel(&action->request, client->waiting[i].number);
        ask(clients, client, action);
        return;
    }
    action->kind = COMMAND_ENDS;
    action->end = one_in(clients, 2) ? NAIVE_DIES : NAIVE_GOODBYE;
    action->ack = client->acked;
    *client = clients->list[--clients->count];
}

static void comes(struct clients *clients, struct action *action)
{
    action->kind = COMMAND_COMES;
    action->session = ++clients->sessions_made;
    clients->list[clients->count++] = (struct client){.session = action->session};
}

/* Each at a time of its own, so that what was asked later is known to be later. */
void clients_choose(struct clients *clients, struct action *action)
{
    const uint64_t choice = below(clients, 100);
    memset(action, 0, sizeof *action);
    action->now_ns = clients->now_ns + 1;
    if (one_in(clients, 4))
        action->now_ns += 100000 * below(clients, 3);
    if (clients->count < 2 || (choice < 3 && clients->count < CLIENTS_MOST)) {
        comes(clients, action);
        return;
    }
    struct client *client = &clients->list[below(clients, clients->count)];
    action->session = client->session;
    if (choice < 40 && clients_work_is_due(clients)) {
        *action = (struct action){.kind = COMMAND_TICK, .now_ns = clients->now_ns + 1};
    } else if (choice < 6) {
        choose_end(clients, client, action);
    } else if (choice < 13) {
        choose_tick(clients, action);
    } else if (choice < 16) {
        action->kind = COMMAND_READS;
    } else {
        ask(clients, client, action);
    }
}

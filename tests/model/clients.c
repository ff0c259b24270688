/* SPDX-License-Identifier: MIT */
#include "clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"

enum { WATCHER = 1 }; /* the session that watches everything */

/* --- What a client learns --- */

static struct client *client_of(struct clients *clients, uint64_t session)
{
    for (uint32_t i = 0; i < clients->count; i++)
        if (clients->list[i].session == session)
            return &clients->list[i];
    return NULL;
}

static void no_longer_waits(struct client *client, uint64_t number)
{
    for (uint32_t i = 0; i < client->waiting_count; i++)
        if (client->waiting[i].number == number)
            client->waiting[i--] = client->waiting[--client->waiting_count];
}

static void keeps(struct clients *clients, struct client *client, const struct effect *effect,
                  const struct effect_item *item)
{
    const struct effect_detail *detail =
        item->detail ? &clients->effects.details[item->detail - 1] : NULL;
    struct kept_token kept = {0};
    if (detail && detail->has & ITEM_HAS(TOKEN)) {
        kept.token.number = detail->token.number;
        kept.detached = detail->token.secret != 0;
        clients->secrets[detail->token.number % RUN_SECRETS] = detail->token.secret;
    } else if (effect->delivery) { /* an atomic reads too: what it names then is not kept */
        kept.token = (struct naive_token){true, false, effect->delivery, stored_id(item->tuple)};
    } else {
        return;
    }
    if (client->kept_count == CLIENTS_TOKENS)
        client->kept[0] = client->kept[--client->kept_count];
    client->kept[client->kept_count++] = kept;
}

static void learns(struct clients *clients, const struct effect *effect)
{
    struct client *client = client_of(clients, effect->session);
    clients->position = effect->at;
    clients->next[0] = effect->has_next ? effect->next.id : 0;
    clients->next[1] = (uint64_t)effect->next.priority;
    if (!client)
        return;
    no_longer_waits(client, effect->number);
    if (effect->delivery)
        client->delivered = effect->delivery;
    for (uint32_t i = 0; i < effect->item_count && effect->op != TSD_OP_SCAN; i++)
        keeps(clients, client, effect, &clients->effects.items[effect->items + i]);
}

static void sees(struct clients *clients, const struct effect *effect)
{
    if (effect->session != WATCHER || effect->item_count == 0)
        return;
    const bool comes = effect->event == TSD_EVENT_PUT || effect->event == TSD_EVENT_RETURNED;
    clients->stored += comes ? 1 : -(uint64_t)1;
    if (comes)
        clients->ids[clients->ids_seen++ % CLIENTS_IDS] =
            stored_id(clients->effects.items[effect->items].tuple);
}

/* --- Doing --- */

static void trace(const struct clients *clients, const struct action *action)
{
    struct buffer text = BUFFER_INIT;
    action_describe(action, &text);
    fprintf(stderr, "%.*s", (int)text.size, (const char *)text.bytes);
    buffer_deinit(&text);
    for (uint32_t i = 0; i < clients->effects.count; i++) {
        const struct effect *effect = &clients->effects.list[i];
        fprintf(stderr,
                "  %llu.%llu %s %d since %llu at %llu:", (unsigned long long)effect->session,
                (unsigned long long)effect->number,
                effect->kind == EFFECT_EVENT ? "event" : operation_name(effect->op),
                effect->kind == EFFECT_EVENT ? effect->event : effect->status,
                (unsigned long long)effect->since, (unsigned long long)effect->at);
        for (uint32_t k = 0; k < effect->item_count; k++)
            fprintf(stderr, " %llu",
                    (unsigned long long)stored_id(clients->effects.items[effect->items + k].tuple));
        fprintf(stderr, "\n");
    }
}

static uint64_t secret_of_hold(void *context, uint64_t hold)
{
    const struct clients *clients = context;
    return clients->secrets[hold % RUN_SECRETS];
}

static struct frame encode(struct clients *clients, const struct action *action,
                           struct request *request)
{
    struct problem problem;
    struct frame frame;
    size_t want;
    buffer_clear(&clients->frame);
    generate_encode(&action->request, secret_of_hold, clients, &clients->frame);
    clients->room.used = 0;
    if (frame_next(clients->frame.bytes, clients->frame.size, 1 << 20, &frame, &want, &problem) <
            0 ||
        request_decode(&frame, &clients->room, request, &problem) < 0) {
        fprintf(stderr, "a request is not decoded: %s\n", problem.text);
        abort();
    }
    return frame;
}

static void write_down(struct clients *clients, const struct action *action,
                       const struct frame *frame)
{
    clients->recording.now_ns = action->now_ns;
    if (action->kind == COMMAND_COMES)
        recording_comes(&clients->recording, action->session);
    else if (action->kind == COMMAND_ENDS)
        recording_ends(&clients->recording, action->session, action->end == NAIVE_GOODBYE);
    else if (action->kind == COMMAND_REQUEST)
        recording_asks(&clients->recording, action->session, frame);
}

static void learn(struct clients *clients)
{
    const struct effects *effects = &clients->effects;
    for (uint32_t i = 0; i < effects->count; i++) {
        if (effects->list[i].kind == EFFECT_EVENT)
            sees(clients, &effects->list[i]);
        else
            learns(clients, &effects->list[i]);
    }
}

void clients_do(struct clients *clients, const struct action *action)
{
    struct request request;
    struct frame frame = {NULL, 0};
    if (action->kind == COMMAND_REQUEST)
        frame = encode(clients, action, &request);
    const struct command command = {.kind = action->kind,
                                    .session = action->session,
                                    .ack = action->ack,
                                    .user = 7,
                                    .goodbye = action->end == NAIVE_GOODBYE,
                                    .random = {action->random[0], action->random[1]},
                                    .request = action->kind == COMMAND_REQUEST ? &request : NULL};
    uint64_t now_ns = action->now_ns;
    if (action->kind == COMMAND_ENDS) /* what was due before has a time before */
        clients_do(clients, &(struct action){.kind = COMMAND_TICK, .now_ns = --now_ns});
    clients->now_ns = action->now_ns;
    write_down(clients, action, &frame);
    const bool works = engine_working(clients->engine, action->session);
    engine_step(clients->engine, now_ns, &command, &clients->effects);
    if (action->kind == COMMAND_REQUEST && !works)
        clients->looked_up[action->request.op] += engine_working(clients->engine, action->session);
    recording_told(&clients->recording, &clients->effects);
    learn(clients);
    if (clients->settings.trace)
        trace(clients, action);
    effects_clear(clients->engine, &clients->effects);
    engine_check(clients->engine);
}

/* --- Beginning and end --- */

static struct action request_of(struct clients *clients, uint64_t session, enum tsd_operation op)
{
    struct action action = {.kind = COMMAND_REQUEST, .session = session};
    action.now_ns = clients->now_ns + 1;
    action.request = (struct naive_request){.number = ++clients->numbers_made,
                                            .op = op,
                                            .min = 1,
                                            .max = 1,
                                            .events = UINT32_MAX,
                                            .to = -1,
                                            .dead_letter = -1};
    return action;
}

static void watch_everything(struct clients *clients)
{
    clients_do(clients, &(struct action){.kind = COMMAND_COMES, .session = WATCHER, .now_ns = 1});
    for (int space = 0; space < NAIVE_SPACES; space++) {
        struct action action = request_of(clients, WATCHER, TSD_OP_WATCH);
        action.request.space = action.request.parts[0].space = space;
        action.request.parts[0].pattern.rest = true;
        action.request.part_count = 1;
        clients_do(clients, &action);
    }
}

/* In every other run two spaces have a bound. */
static void bound_spaces(struct clients *clients)
{
    for (int space = 0; space < 2 && clients->settings.seed % 2; space++) {
        struct action action = request_of(clients, WATCHER, TSD_OP_SPACE);
        action.request.space = space;
        action.request.has_capacity = true;
        action.request.capacity = clients->settings.most * 3 / 4;
        clients_do(clients, &action);
    }
}

struct clients *clients_new(const struct clients_settings *settings)
{
    struct clients *clients = calloc(1, sizeof *clients);
    clients->settings = *settings;
    clients->random.state = settings->seed;
    clients->sessions_made = WATCHER;
    clients->engine = engine_new(
        &(struct engine_options){.key = {settings->seed, 1},
                                 .piece = settings->piece,
                                 .index = {.off = !settings->indexes,
                                           .free = UINT32_MAX,
                                           .walk = 1,
                                           .idle = 1 + (uint32_t)(settings->seed % 61)}});
    recording_init(&clients->recording);
    watch_everything(clients);
    bound_spaces(clients);
    return clients;
}

void clients_free(struct clients *clients)
{
    effects_deinit(clients->engine, &clients->effects);
    engine_free(clients->engine);
    recording_deinit(&clients->recording);
    buffer_deinit(&clients->frame);
    free(clients);
}

bool clients_work_is_due(const struct clients *clients)
{
    return engine_due(clients->engine) <= clients->now_ns;
}

/* Until no long work is under way. */
static void do_work(struct clients *clients)
{
    enum { MOST = 100000 };
    for (int i = 0; clients_work_is_due(clients); i++) {
        if (i == MOST) {
            fprintf(stderr, "long work does not end\n");
            abort();
        }
        clients_do(clients, &(struct action){.kind = COMMAND_TICK, .now_ns = clients->now_ns + 1});
    }
}

static void cancel(struct clients *clients, uint64_t session, uint64_t number)
{
    struct action action = request_of(clients, session, TSD_OP_CANCEL);
    action.request.target = number;
    clients_do(clients, &action);
}

/* All that is stored and kept, as the history's last word. */
static void scan_all(struct clients *clients)
{
    clients->recording.history->last_scan = (int)clients->recording.history->op_count;
    for (int space = 0; space < NAIVE_SPACES; space++) {
        clients->next[0] = clients->next[1] = 0;
        do {
            struct action action = request_of(clients, WATCHER, TSD_OP_SCAN);
            action.request.space = action.request.parts[0].space = space;
            action.request.parts[0].pattern.rest = true;
            action.request.part_count = 1;
            action.request.counted = action.request.states = true;
            action.request.max = 1000;
            action.request.has_cursor = clients->next[0] != 0;
            action.request.cursor_id = clients->next[0];
            action.request.cursor_priority = (int8_t)clients->next[1];
            clients->next[0] = 0;
            clients_do(clients, &action);
            do_work(clients);
        } while (clients->next[0] != 0);
    }
}

/* Whatever waits now is served by now, if it can be; then it is cancelled, and all sessions end. */
static void finish(struct clients *clients)
{
    do_work(clients);
    cancel(clients, WATCHER, UINT32_MAX);
    recording_calm(&clients->recording, clients->position);
    for (int i = 0; i < 4; i++)
        cancel(clients, WATCHER, UINT32_MAX);
    for (uint32_t i = 0; i < clients->count; i++)
        while (clients->list[i].waiting_count > 0)
            cancel(clients, clients->list[i].session, clients->list[i].waiting[0].number);
    for (uint32_t i = 0; i < clients->count; i++)
        clients_do(clients, &(struct action){.kind = COMMAND_ENDS,
                                             .session = clients->list[i].session,
                                             .now_ns = clients->now_ns + 1});
    do_work(clients);
    scan_all(clients);
    recording_close(&clients->recording);
}

void clients_run(struct clients *clients)
{
    struct action *action = calloc(1, sizeof *action);
    for (uint64_t i = 0; i < clients->settings.steps; i++) {
        clients_choose(clients, action);
        clients_do(clients, action);
    }
    free(action);
    finish(clients);
}

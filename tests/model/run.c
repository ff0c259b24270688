/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "protocol/frame.h"
#include "trace.h"
#include "users.h"

static const char *const programs[] = {"w", "worker", ""};

/* Indexes come and go all the time in one engine, in the other there are none, or as by default. */
static struct index_options indexes_of(const struct settings *settings, int which)
{
    if (which == 0 && !settings->piece && !settings->faults)
        return (struct index_options){.off = settings->seed % 2};
    return (struct index_options){
        .free = UINT32_MAX, .walk = 1, .idle = 1 + (uint32_t)(settings->seed % 61)};
}

static void set_rules(struct run *run)
{
    struct users_rules rules;
    struct naive_quotas quotas;
    users_choose_rules(&run->random, &rules);
    users_choose_quotas(&run->random, &quotas);
    const struct engine_settings set = {.rules = rules.list,
                                        .rule_count = rules.count,
                                        .quotas.user = {[QUOTA_TUPLES] = quotas.tuples,
                                                        [QUOTA_REQUESTS] = quotas.requests,
                                                        [QUOTA_KEYS] = quotas.keys,
                                                        [QUOTA_SPACES] = quotas.spaces}};
    for (int i = 0; i < 2 && run->engines[i]; i++)
        engine_step(run->engines[i], 0,
                    &(struct command){.kind = COMMAND_SETTINGS, .settings = &set}, &run->effects);
    naive_set_rules(run->naive, rules.of, &quotas);
}

struct run *run_new(const struct settings *settings, struct seen *seen)
{
    struct run *run = calloc(1, sizeof *run);
    run->settings = *settings;
    run->seen = seen;
    run->random.state = settings->seed;
    run->naive = naive_new(settings->reply_bytes);
    for (int i = 0; i < (settings->faults ? 1 : 2); i++)
        run->engines[i] = engine_new(&(struct engine_options){
            .key = {settings->seed, (uint64_t)i},
            .piece = settings->piece         ? settings->piece
                     : i || settings->faults ? 0
                                             : 1 << 20,
            .index = indexes_of(settings, i),
            .unit = settings->piece ? 1 + (uint32_t)(settings->seed % 7) : 0,
            .reply_bytes = settings->reply_bytes});
    if (settings->rights)
        set_rules(run);
    return run;
}

void run_free(struct run *run)
{
    const struct engine *last = run->engines[run->engines[1] ? 1 : 0];
    run->seen->indexes_made += engine_indexes_made(last);
    run->seen->indexes_gone += engine_indexes_gone(last);
    for (int i = 0; i < 2; i++) {
        if (run->engines[i])
            effects_deinit(run->engines[i], &run->effects);
        if (run->engines[i])
            engine_free(run->engines[i]);
        buffer_deinit(&run->traces[i]);
    }
    naive_free(run->naive);
    buffer_deinit(&run->frame);
    buffer_deinit(&run->expected);
    free(run);
}

/* --- Effects as text --- */

static int session_of(const struct run *run, uint64_t session)
{
    for (int i = 0; i < run->session_count; i++)
        if (run->sessions[i] == session)
            return i;
    return -1;
}

static uint64_t secret_of_hold(void *context, uint64_t hold)
{
    const struct run *run = context;
    return run->secrets[hold % RUN_SECRETS];
}

static struct trace_item item_of_effect(struct run *run, const struct effect_item *from)
{
    static const struct effect_detail none;
    const struct effects *effects = &run->effects;
    const struct effect_detail *detail = from->detail ? &effects->details[from->detail - 1] : &none;
    struct trace_item item = {.id = stored_id(from->tuple),
                              .of = from->of,
                              .priority = stored_priority(from->tuple),
                              .has_exit = detail->has & ITEM_HAS(EXIT_STATUS),
                              .exit_status = detail->exit_status,
                              .holder = detail->holder,
                              .has_left = detail->has & ITEM_HAS(LEFT),
                              .left_us = detail->left_us,
                              .who = detail->has & ITEM_HAS(UID),
                              .uid = detail->uid,
                              .pid = detail->pid,
                              .program_size = detail->program_size,
                              .age_us = detail->age_us};
    if (detail->has & ITEM_HAS(RETURNS))
        item.returns = detail->returns;
    if (detail->has & ITEM_HAS(REASON))
        item.reason = detail->reason;
    if (detail->has & ITEM_HAS(STATE))
        item.state = detail->state;
    run->seen->reasons[item.reason]++;
    run->seen->states[item.state]++;
    if (item.who && item.program_size)
        item.program = (const char *)effects->text.bytes + detail->program;
    if (detail->has & ITEM_HAS(TOKEN)) {
        item.token = detail->token.number;
        run->secrets[item.token % RUN_SECRETS] = detail->token.secret;
        run->holds_made = item.token > run->holds_made ? item.token : run->holds_made;
    }
    return item;
}

static void notice(struct run *run, const struct effect *effect)
{
    struct seen *seen = run->seen;
    if (effect->kind == EFFECT_EVENT)
        seen->events[effect->event]++;
    else
        seen->statuses[effect->op][effect->status]++;
    seen->denied_later[effect->op] +=
        effect->kind != EFFECT_EVENT && effect->status == TS_DENIED && effect->at != effect->since;
    const int session = session_of(run, effect->session);
    if (effect->delivery && session >= 0)
        run->delivered[session] = effect->delivery;
    seen->repeated += effect->repeated;
    seen->more += effect->more;
    seen->next += effect->has_next;
}

static bool has_value(const struct effect *effect)
{
    switch (effect->op) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
    case TSD_OP_ATOMIC:
    case TSD_OP_COUNT:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        return effect->status == TS_OK;
    default:
        return false;
    }
}

static void print_row(const struct space_row *row, struct buffer *trace)
{
    char name[32], dead_letter[32];
    (void)snprintf(name, sizeof name, "%.*s", (int)row->name.size, (const char *)row->name.bytes);
    (void)snprintf(dead_letter, sizeof dead_letter, "%.*s", (int)row->dead_letter.size,
                   (const char *)row->dead_letter.bytes);
    trace_space(trace, &(struct trace_space){.name = name,
                                             .dead_letter = dead_letter,
                                             .tuples = row->tuples,
                                             .kept = row->kept,
                                             .delayed = row->delayed,
                                             .watches = row->watches,
                                             .capacity = row->capacity,
                                             .max_returns = row->max_returns,
                                             .owner = row->owner,
                                             .group = row->group,
                                             .mode = row->mode});
}

static void print_effect(struct run *run, const struct effect *effect, struct buffer *trace)
{
    trace_head(trace, &(struct trace_head){
                          .session = effect->session,
                          .number = effect->number,
                          .op = (enum tsd_operation)effect->op,
                          .status = (enum ts_status)effect->status,
                          .event = effect->kind == EFFECT_EVENT ? (enum tsd_event)effect->event : 0,
                          .since = effect->since,
                          .at = effect->at});
    if (has_value(effect))
        trace_word(trace, " value ", effect->value);
    if (effect->delivery)
        trace_word(trace, " delivery ", effect->delivery);
    for (uint32_t i = 0; i < effect->item_count; i++) {
        const struct trace_item item = item_of_effect(run, &run->effects.items[effect->items + i]);
        trace_item(trace, &item);
    }
    for (uint32_t i = 0; i < effect->row_count; i++)
        print_row(&run->effects.rows[effect->rows + i], trace);
    if (effect->repeated)
        trace_text(trace, " repeated");
    trace_text(trace, effect->more ? " more\n" : effect->has_next ? " next\n" : "\n");
}

/* --- Doing it --- */

uint64_t run_delivered(const struct run *run, int which)
{
    return run->settings.piece ? run->delivered[which]
                               : naive_delivered(run->naive, run->sessions[which]);
}

/* Nobody names a hold that was not told yet: its secret is not known. */
static bool tokens_told(const struct run *run, const struct naive_request *request)
{
    for (int i = 0; i < request->token_count; i++)
        if (!request->tokens[i].delivery && request->tokens[i].number > run->holds_made)
            return false;
    for (int i = 0; i < request->step_count; i++)
        if (request->steps[i].finishes && request->steps[i].token.number > run->holds_made)
            return false;
    return true;
}

/* Sessions come once, and nobody acknowledges what was not delivered. */
bool run_possible(const struct run *run, const struct action *action)
{
    if (action->kind == COMMAND_TICK)
        return true;
    if (action->kind == COMMAND_COMES)
        return session_of(run, action->session) < 0 && run->session_count < RUN_SESSIONS;
    if (action->kind == COMMAND_REQUEST && !tokens_told(run, &action->request))
        return false;
    return session_of(run, action->session) >= 0 &&
           action->ack <= run_delivered(run, session_of(run, action->session));
}

static void notice_sessions(struct run *run, const struct action *action)
{
    if (action->kind == COMMAND_COMES) {
        run->sessions_made = action->session;
        run->sessions[run->session_count] = action->session;
        run->delivered[run->session_count] = 0;
        run->acked[run->session_count++] = 0;
    } else if (action->kind == COMMAND_ENDS) {
        const int which = session_of(run, action->session);
        run->session_count--;
        run->sessions[which] = run->sessions[run->session_count];
        run->acked[which] = run->acked[run->session_count];
        run->delivered[which] = run->delivered[run->session_count];
    } else if (action->kind != COMMAND_TICK) {
        const int which = session_of(run, action->session);
        if (action->ack > run->acked[which])
            run->acked[which] = action->ack;
    }
}

static void naive_do(struct run *run, const struct action *action)
{
    struct naive *naive = run->naive;
    const uint64_t now = action->now_ns, session = action->session;
    switch (action->kind) {
    case COMMAND_COMES:
        naive_comes(naive, now, session, users_of(session, run->settings.rights),
                    (uint32_t)session + 100, programs[session % 3], &run->expected);
        break;
    case COMMAND_ENDS:
        naive_ends(naive, now, session, action->ack, action->end, &run->expected);
        break;
    case COMMAND_ACK:
        naive_ack(naive, now, session, action->ack, &run->expected);
        break;
    case COMMAND_GAP:
        naive_gap(naive, now, session, &run->expected);
        break;
    case COMMAND_SETTINGS: /* only at the start */
    case COMMAND_TICK:
    case COMMAND_READS: /* small as they are, watches have told all that they tell first */
        naive_tick(naive, now, &run->expected);
        break;
    case COMMAND_REQUEST:
        naive_request(naive, now, session, &action->request, &run->expected);
        break;
    }
}

static struct command command_of(const struct run *run, const struct action *action,
                                 const struct request *request)
{
    const struct naive_user *user = users_of(action->session, run->settings.rights);
    const char *program = programs[action->session % 3];
    return (struct command){.kind = action->kind,
                            .session = action->session,
                            .ack = action->ack,
                            .user = user->uid,
                            .groups = user->groups,
                            .group_count = (uint32_t)user->group_count,
                            .administrator = user->administrator,
                            .pid = (uint32_t)action->session + 100,
                            .program = {(const uint8_t *)program, (uint32_t)strlen(program)},
                            .goodbye = action->end == NAIVE_GOODBYE,
                            .stop = action->end == NAIVE_STOP,
                            .random = {action->random[0], action->random[1]},
                            .request = request};
}

/* One that the failed allocation made refuse: the reference is told, it is to do the same. */
static void notice_no_memory(struct run *run, const struct effect *effect, size_t told)
{
    if (effect->kind == EFFECT_EVENT || effect->status != TS_NO_MEMORY)
        return;
    run->seen->no_memory++;
    run->refused = effect->number;
    naive_no_memory(run->naive, effect->session, effect->number, effect->at, told);
}

static void engine_do(struct run *run, int which, const struct action *action,
                      const struct command *command)
{
    buffer_clear(&run->traces[which]);
    naive_no_memory(run->naive, 0, 0, 0, 0);
    run->refused = 0;
    (run->settings.deadly ? fault_set_all : fault_set)(action->fault);
    engine_step(run->engines[which], action->now_ns, command, &run->effects);
    run->fault_left = fault_pending();
    fault_set(0);
    for (uint32_t i = 0; i < run->effects.count; i++) {
        const struct effect *effect = &run->effects.list[i];
        const size_t told = run->traces[which].size;
        notice(run, effect);
        print_effect(run, effect, &run->traces[which]);
        if (action->fault)
            notice_no_memory(run, effect, told);
    }
    effects_clear(run->engines[which], &run->effects);
}

static bool decode(struct run *run, const struct action *action, struct request *request)
{
    struct problem problem;
    struct frame frame;
    size_t want;
    buffer_clear(&run->frame);
    generate_encode(&action->request, secret_of_hold, run, &run->frame);
    run->room.used = 0;
    if (frame_next(run->frame.bytes, run->frame.size, 1 << 20, &frame, &want, &problem) ==
            (long)run->frame.size &&
        request_decode(&frame, &run->room, request, &problem) == 0)
        return true;
    fprintf(stderr, "a request is not decoded: %s\n", problem.text);
    run->failure = "a request is not decoded";
    return false;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static const char *compare_to_naive(const struct run *run, const struct action *action)
{
    if (!same(&run->expected, &run->traces[0]))
        return "the engine differs from the naive reference";
    /* what the engine sees to itself, an index that is built, is due at once */
    const uint64_t due = engine_due(run->engines[0]);
    if (due != naive_due(run->naive) && due > run->now_ns)
        return "the engine is due at another time than the naive reference";
    if (action->session && session_of(run, action->session) >= 0 &&
        engine_waiting(run->engines[0], action->session) !=
            naive_waiting_count(run->naive, action->session))
        return "other requests wait than in the naive reference";
    return NULL;
}

static const char *compare(const struct run *run, const struct action *action)
{
    const char *failure = run->settings.piece ? NULL : compare_to_naive(run, action);
    if (failure)
        return failure;
    if (run->engines[1] && !same(&run->traces[0], &run->traces[1]))
        return "two engines with different hash keys differ";
    if (run->steps_done % run->settings.check_every != 0)
        return NULL;
    engine_check(run->engines[0]);
    if (run->engines[1] && engine_state_hash(run->engines[0]) != engine_state_hash(run->engines[1]))
        return "the states of two engines with different hash keys differ";
    return NULL;
}

bool run_do(struct run *run, const struct action *action)
{
    struct request request;
    if (action->kind == COMMAND_REQUEST && !decode(run, action, &request))
        return false;
    const struct command command =
        command_of(run, action, action->kind == COMMAND_REQUEST ? &request : NULL);
    run->now_ns = action->now_ns;
    for (int i = 0; i < 2 && run->engines[i]; i++)
        engine_do(run, i, action, &command);
    buffer_clear(&run->expected);
    naive_do(run, action);
    notice_sessions(run, action);
    run->failure = compare(run, action);
    run->steps_done++;
    return !run->failure;
}

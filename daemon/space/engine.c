/* SPDX-License-Identifier: MIT */
#include "space/engine.h"

#include <assert.h>

#include "base/must.h"
#include "space/gone.h"
#include "space/hold.h"
#include "space/key.h"
#include "space/lookup.h"
#include "space/operation.h"
#include "space/session.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/watch.h"

static operation *const operations[TSD_OP_END] = {
    [TSD_OP_ACK] = op_ping,     [TSD_OP_PING] = op_ping,       [TSD_OP_CANCEL] = op_cancel,
    [TSD_OP_OUT] = op_out,      [TSD_OP_IN] = op_take,         [TSD_OP_RD] = op_take,
    [TSD_OP_COUNT] = op_count,  [TSD_OP_SCAN] = op_scan,       [TSD_OP_SPACES] = op_spaces,
    [TSD_OP_HOLD] = op_take,    [TSD_OP_FINISH] = op_finish,   [TSD_OP_RELEASE] = op_release,
    [TSD_OP_RENEW] = op_renew,  [TSD_OP_ATOMIC] = op_atomic,   [TSD_OP_COLLECT] = op_collect,
    [TSD_OP_COPY] = op_collect, [TSD_OP_WATCH] = op_watch,     [TSD_OP_DRAINED] = op_drained,
    [TSD_OP_WILL] = op_will,    [TSD_OP_SPACE] = op_space,     [TSD_OP_REMOVE] = op_remove,
    [TSD_OP_STATS] = op_stats,  [TSD_OP_EXPLAIN] = op_explain,
};

static void set_defaults(struct index_options *options)
{
    if (options->free == 0)
        options->free = 16;
    if (options->walk == 0)
        options->walk = 1024;
    if (options->idle == 0)
        options->idle = 65536;
    if (options->free == UINT32_MAX)
        options->free = 0;
}

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *engine = mem_zalloc(sizeof *engine);
    if (!engine)
        return NULL;
    engine->options = *options;
    if (engine->options.reply_bytes == 0)
        engine->options.reply_bytes = LIMIT_REPLY_BYTES;
    if (engine->options.unit == 0)
        engine->options.unit = LIMIT_UNIT_TUPLES;
    set_defaults(&engine->options.index);
    engine->owners.free = UINT32_MAX;
    slab_init(&engine->slab);
    heap_init(&engine->timers);
    TAILQ_INIT(&engine->idle_spaces);
    TAILQ_INIT(&engine->gone);
    TAILQ_INIT(&engine->gone_idle);
    TAILQ_INIT(&engine->work);
    TAILQ_INIT(&engine->own_work);
    TAILQ_INIT(&engine->leaving);
    TAILQ_INIT(&engine->all_sessions);
    LIST_INIT(&engine->away_walks);
    LIST_INIT(&engine->lined);
    settle_init(&engine->settle);
    engine->quotas.user[QUOTA_KEYS] = LIMIT_KEYS;
    engine->nowhere = space_new(&(struct span){(const uint8_t *)"", 0});
    if (!engine->nowhere || expressions_init(&engine->expressions, &options->key) < 0)
        return engine_free(engine);
    engine->nowhere->made = true;
    return engine;
}

static void end_requests(struct engine *engine, struct session *session)
{
    struct interest *interest;
    while ((interest = TAILQ_FIRST(&session->interests)))
        interest_free(engine, interest);
}

/* rule S10: its waits end, then what it has in spaces, then others are served */
static void end(struct engine *engine, const struct command *command)
{
    struct session *session = session_find(engine, command->session);
    assert(session);
    session_acknowledge(engine, session, command->ack);
    unit_begin(engine);
    end_requests(engine, session);
    const bool wills = !command->goodbye && !command->stop;
    if (session->gap)
        SLIST_REMOVE(&engine->gaps, session, session, gap_link);
    leave_begin(engine, session, wills, wills);
}

/* Ends one of the sessions. Returns whether there was one. */
static bool forget_session(struct engine *engine)
{
    const struct table_node *node = table_walk(&engine->sessions, NULL);
    if (!node)
        return leave_finish(engine);
    const uint64_t number = container_of(node, struct session, node)->number;
    end(engine, &(struct command){.session = number, .goodbye = true});
    return true;
}

/* What is left in the spaces and with the sessions goes without a trace. */
static void forget_all(struct engine *engine)
{
    struct effects effects = {.count = 0};
    struct table_node *node;
    /* cppcheck-suppress autoVariables ; as long as this function runs */
    engine->effects = &effects;
    while (forget_session(engine)) {
        settle(engine);
        settle_dry(engine);
        effects_clear(engine, &effects);
    }
    while ((node = table_walk(&engine->spaces, NULL))) {
        struct space *space = container_of(node, struct space, node);
        keys_forget(engine, space);
        gone_begin(engine, space);
    }
    gone_finish(engine);
    effects_deinit(engine, &effects);
    engine->effects = NULL;
}

struct engine *engine_free(struct engine *engine)
{
    if (!engine)
        return NULL;
    forget_all(engine);
    while (work_is_due(engine)) /* what goes in pieces */
        work_on(engine);
    for (int i = 0; i < LIMIT_ALTERNATIVES; i++)
        walk_deinit(&engine->looks[i].walk);
    settle_deinit(&engine->settle);
    gather_deinit(&engine->gather);
    expressions_deinit(&engine->expressions);
    puts_deinit(engine, &engine->puts);
    if (engine->nowhere)
        space_free(engine, engine->nowhere);
    owners_deinit(&engine->owners);
    assert(engine->charged_bytes == 0);
    access_forget_rules(engine);
    heap_deinit(&engine->timers);
    struct table *const tables[] = {&engine->sessions,    &engine->interests, &engine->spaces,
                                    &engine->attributes,  &engine->holds,     &engine->absences,
                                    &engine->witnesses,   &engine->keys,      &engine->accounts,
                                    &engine->waiting_keys};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        table_deinit(tables[i]);
    mem_free(engine->needs.list);
    mem_free(engine->claims);
    mem_free(engine->watchers);
    buffer_deinit(&engine->template);
    slab_deinit(&engine->slab);
    mem_free(engine);
    return NULL;
}

static void hold_is_over(struct engine *engine, struct hold *hold)
{
    const struct coming_back why = {
        .reason = TSD_REASON_HOLD_OVER, .exit_status = UINT32_MAX, .counted = true};
    hold_give_back(engine, hold, &why);
}

static void request_is_over(struct engine *engine, struct interest *interest)
{
    lookup_abandon(engine, interest);
    const struct asker asker = interest_asker(interest);
    answer(engine, &asker, engine->unit_at, TS_TIMEOUT);
    interest_free(engine, interest);
}

/* What a timer is about, by its kind (rule S5). */
static void becomes_due(struct engine *engine, struct timer *timer)
{
    switch (timer->kind) {
    case TIMER_WAKE:
        life_wake(engine, container_of(timer, struct attributes, wake));
        break;
    case TIMER_HOLD:
        hold_is_over(engine, container_of(timer, struct hold, end));
        break;
    case TIMER_EXPIRY: {
        const struct attributes *attributes = container_of(timer, struct attributes, expiry);
        life_expire(engine, attributes->space, attributes->tuple);
        break;
    }
    case TIMER_TIMEOUT:
        request_is_over(engine, container_of(timer, struct interest, timeout));
        break;
    case TIMER_KEY:
        key_free(engine, container_of(timer, struct key, end));
        break;
    }
}

/* Does all that is due by now, each a unit. A key that is forgotten is none: nobody sees it. */
static void do_due(struct engine *engine)
{
    struct heap_node *node;
    while ((node = heap_peek(&engine->timers))) {
        struct timer *timer = container_of(node, struct timer, node);
        if (timer->due_ns > engine->now_ns)
            return;
        heap_pop(&engine->timers);
        if (timer->kind != TIMER_KEY)
            unit_begin(engine);
        becomes_due(engine, timer);
        settle(engine);
    }
}

/* Requests mostly come several from one session. */
static struct session *find_session(struct engine *engine, uint64_t number)
{
    if (!engine->last_session || engine->last_session->number != number)
        engine->last_session = session_find(engine, number);
    return engine->last_session;
}

static void take_up(struct engine *engine, const struct command *command)
{
    const struct request *request = command->request;
    struct session *session = find_session(engine, command->session);
    assert(session && request->op < TSD_OP_END && operations[request->op]);
    session_acknowledge(engine, session, command->ack); /* rule S8: before the rest */
    unit_begin(engine);
    const struct asker asker = {
        .session = session, .number = request->number, .op = request->op, .since = engine->unit_at};
    struct problem problem;
    if (access_check(engine, &asker, request, &problem) < 0 ||
        (!key_find(engine, session, request) && /* rule S28: what was done puts nothing more */
         account_check_request(engine, session_account(engine, session), request, &problem) < 0))
        answer_refused(engine, &asker, &problem);
    else
        operations[request->op](engine, &asker, command);
    engine->asked.space = NULL; /* the name goes with the request */
}

static void come(struct engine *engine, const struct command *command)
{
    assert(!session_find(engine, command->session));
    fault_held++;
    const uint32_t owner = owner_new(engine, command);
    must_result(owner == UINT32_MAX ? -1 : 0);
    must_have(session_new(engine, command->session, command->user, owner));
}

static void acknowledge(struct engine *engine, const struct command *command)
{
    struct session *session = session_find(engine, command->session);
    assert(session);
    session_acknowledge(engine, session, command->ack);
}

/* They hold for what comes from now on: nothing that is there is given back. */
static void set(struct engine *engine, const struct engine_settings *settings)
{
    must(access_set_rules(engine, settings));
    engine->quotas = settings->quotas;
    if (settings->piece > 0)
        engine->options.piece = settings->piece;
}

static void carry_out(struct engine *engine, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_COMES:
        come(engine, command);
        break;
    case COMMAND_REQUEST:
        take_up(engine, command);
        break;
    case COMMAND_ACK:
        acknowledge(engine, command);
        break;
    case COMMAND_ENDS:
        end(engine, command);
        break;
    case COMMAND_READS:
        watch_reads(engine, find_session(engine, command->session));
        break;
    case COMMAND_GAP:
        watch_gap(engine, find_session(engine, command->session));
        break;
    case COMMAND_SETTINGS:
        set(engine, command->settings);
        break;
    case COMMAND_TICK:
        work_on(engine);
        break;
    }
}

void engine_step(struct engine *engine, uint64_t now_ns, const struct command *command,
                 struct effects *effects)
{
    assert(now_ns >= engine->now_ns);
    engine->now_ns = now_ns;
    engine->steps++;
    engine->budget = engine_piece(engine);
    engine->effects = effects;
    do_due(engine);
    carry_out(engine, command);
    settle(engine);
    settle_dry(engine);
    watch_gaps(engine);
    engine_forget_idle(engine);
    engine->effects = NULL;
}

uint64_t engine_due(const struct engine *engine)
{
    if (work_is_due(engine))
        return engine->now_ns;
    const struct heap_node *node = heap_peek(&engine->timers);
    return node ? container_of(node, struct timer, node)->due_ns : UINT64_MAX;
}

bool engine_waits(const struct engine *engine, uint64_t session, uint64_t number)
{
    const struct session *found = session_find(engine, session);
    return found && interest_find(engine, found, number);
}

bool engine_tells(const struct engine *engine, uint64_t session)
{
    const struct session *found = session_find(engine, session);
    return found && found->tells > 0;
}

bool engine_working(const struct engine *engine, uint64_t session)
{
    const struct session *found = session_find(engine, session);
    return found && found->working > 0;
}

uint64_t engine_waiting(const struct engine *engine, uint64_t session)
{
    const struct session *found = session_find(engine, session);
    return found ? found->waiting : 0;
}

void engine_ref(struct engine *engine, struct stored *tuple)
{
    (void)engine;
    (void)stored_ref(tuple);
}

void engine_unref(struct engine *engine, struct stored *tuple)
{
    stored_unref(&engine->slab, tuple);
}

/* SPDX-License-Identifier: MIT */
#include "space/engine.h"

#include <assert.h>

#include "base/must.h"
#include "space/operation.h"
#include "space/session.h"
#include "space/state.h"
#include "space/stored.h"

static void (*const operations[TSD_OP_END])(struct engine *, const struct asker *,
                                            const struct request *) = {
    [TSD_OP_ACK] = op_ping,    [TSD_OP_PING] = op_ping, [TSD_OP_CANCEL] = op_cancel,
    [TSD_OP_OUT] = op_out,     [TSD_OP_IN] = op_take,   [TSD_OP_RD] = op_take,
    [TSD_OP_COUNT] = op_count, [TSD_OP_SCAN] = op_scan, [TSD_OP_SPACES] = op_spaces,
};

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *engine = mem_zalloc(sizeof *engine);
    if (!engine)
        return NULL;
    engine->options = *options;
    if (engine->options.reply_bytes == 0)
        engine->options.reply_bytes = LIMIT_REPLY_BYTES;
    slab_init(&engine->slab);
    table_init(&engine->sessions);
    table_init(&engine->interests);
    table_init(&engine->spaces);
    heap_init(&engine->deadlines, interest_sooner);
    TAILQ_INIT(&engine->idle_spaces);
    TAILQ_INIT(&engine->work);
    settle_init(&engine->settle);
    if (expressions_init(&engine->expressions, &options->key) < 0)
        return engine_free(engine);
    return engine;
}

static void end_session(struct engine *engine, struct session *session)
{
    struct interest *interest;
    while ((interest = TAILQ_FIRST(&session->interests)))
        interest_free(engine, interest);
}

/* What is left in the spaces and with the sessions goes without a trace. */
static void forget_all(struct engine *engine)
{
    struct table_node *node;
    while ((node = table_walk(&engine->sessions, NULL))) {
        struct session *session = container_of(node, struct session, node);
        end_session(engine, session);
        session_acknowledge(engine, session, session->delivered);
        session_free(engine, session);
    }
    while ((node = table_walk(&engine->spaces, NULL))) {
        struct space *space = container_of(node, struct space, node);
        space_forget(space, &engine->slab);
        table_remove(&engine->spaces, node);
        space_free(space, &engine->slab);
    }
}

struct engine *engine_free(struct engine *engine)
{
    if (!engine)
        return NULL;
    forget_all(engine);
    settle_deinit(&engine->settle);
    gather_deinit(&engine->gather);
    expressions_deinit(&engine->expressions);
    heap_deinit(&engine->deadlines);
    table_deinit(&engine->sessions);
    table_deinit(&engine->interests);
    table_deinit(&engine->spaces);
    slab_deinit(&engine->slab);
    mem_free(engine);
    return NULL;
}

/* The requests whose time has come, each a unit (rule S5). */
static void time_out(struct engine *engine)
{
    struct heap_node *node;
    while ((node = heap_peek(&engine->deadlines))) {
        struct interest *interest = container_of(node, struct interest, timer);
        if (interest->deadline_ns > engine->now_ns)
            return;
        answer_ended(engine, interest, TS_TIMEOUT);
        interest_free(engine, interest);
    }
}

static void work_on(struct engine *engine)
{
    struct interest *interest = TAILQ_FIRST(&engine->work);
    if (interest)
        count_go_on(engine, interest);
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
    const struct asker asker = {
        .session = session,
        .number = request->number,
        .op = request->op,
        .since = position_take(engine, request->op == TSD_OP_OUT ? request->tuple_count : 1)};
    operations[request->op](engine, &asker, request);
}

/* rule S10: its waits end, then what it kept goes back, then others are served */
static void end(struct engine *engine, const struct command *command)
{
    struct session *session = session_find(engine, command->session);
    assert(session);
    session_acknowledge(engine, session, command->ack);
    position_take(engine, 1);
    end_session(engine, session);
    session_give_back(engine, session, command->goodbye);
    session_free(engine, session);
}

static void acknowledge(struct engine *engine, const struct command *command)
{
    struct session *session = session_find(engine, command->session);
    assert(session);
    session_acknowledge(engine, session, command->ack);
}

void engine_step(struct engine *engine, uint64_t now_ns, const struct command *command,
                 struct effects *effects)
{
    assert(now_ns >= engine->now_ns);
    engine->now_ns = now_ns;
    engine->effects = effects;
    time_out(engine);
    switch (command->kind) {
    case COMMAND_COMES:
        assert(!session_find(engine, command->session));
        must(session_new(engine, command->session, command->user) ? 0 : -1);
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
    case COMMAND_TICK:
        work_on(engine);
        break;
    }
    engine->effects = NULL;
}

uint64_t engine_due(const struct engine *engine)
{
    if (!TAILQ_EMPTY(&engine->work))
        return engine->now_ns;
    const struct heap_node *node = heap_peek(&engine->deadlines);
    return node ? container_of(node, struct interest, timer)->deadline_ns : UINT64_MAX;
}

bool engine_waits(const struct engine *engine, uint64_t session, uint64_t number)
{
    const struct session *found = session_find(engine, session);
    return found && interest_find(engine, found, number);
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
    tuple->refs++;
}

void engine_unref(struct engine *engine, struct stored *tuple)
{
    stored_unref(&engine->slab, tuple);
}

/* SPDX-License-Identifier: MIT */
#include "server/handler.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "server/answer.h"
#include "server/events.h"
#include "server/inspect.h"
#include "server/output.h"

/* Objects of an engine that are freed one by one at the end; millions would take seconds. */
#define OBJECTS_FREED 100000

static void handler_apply(void *context, uint64_t entry, uint64_t now_ns,
                          const struct command *commands, size_t count)
{
    struct handler *handler = context;

    (void)entry;
    for (size_t i = 0; i < count; i++)
        engine_step(handler->engine, now_ns, &commands[i], &handler->effects);
}

/* The connection's own number of a delivery: its deliveries count over all stores (rule S8). With
 * one store the store's numbers are the same. */
static uint64_t handler_delivered(struct connection *connection, const struct effect *effect)
{
    if (effect->delivery == 0)
        return 0;
    connection->deliveries++;
    assert(connection->deliveries == effect->delivery);
    return connection->deliveries;
}

/* Most answers are to whoever's request it is. */
static struct connection *handler_find(const struct handler *handler, uint64_t session)
{
    if (handler->current && handler->current->id == session)
        return handler->current;
    return connections_find(handler->connections, session);
}

static size_t less(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

/*
 * Whether an answer is too much for a client that does not read: with it, more answers would wait
 * behind the one under way than may. But what takes no memory of its own, a large tuple, is let in
 * once more, and so is any to who has read nearly all. Events have their own bound.
 */
static bool handler_overflows(const struct handler *handler, struct connection *connection,
                              const struct effect *effect)
{
    const struct limits *limits = handler->connections->limits;
    const struct outbox *outbox = &connection->outbox;
    size_t unread = outbox_unread(outbox), behind;

    if (unread <= limits->unread_soft_bytes && unread <= limits->unread_bytes)
        return false;
    if (!connection->blocked)
        output_write(connection); /* it may be reading */
    behind = less(outbox_behind(outbox), events_behind(connection));
    if (behind > limits->unread_soft_bytes)
        behind += answer_size(effect, &handler->effects).copied;
    return behind > limits->unread_bytes;
}

/* The answer to a request, not an event; a watch's last one. */
static void handler_answer(struct handler *handler, struct connection *connection,
                           struct answer *answer)
{
    const struct effect *effect = answer->effect;

    if (effect->op == TSD_OP_WATCH) {
        events_end(connection, answer); /* and is itself no reason to hang up */
    } else if (handler_overflows(handler, connection, effect)) {
        if (connection->end == END_GONE)
            return;
        log_info("client does not read session=%" PRIu64 " uid=%u pid=%d limit=unread-bytes",
                 connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid);
        connection_end(connection, END_GONE);
        return;
    }
    answer->delivery = handler_delivered(connection, effect);
    answer_write(&connection->outbox, handler->engine, answer);
    connection_dirty(connection);
    if (outbox_unread(&connection->outbox) >= connection->unread.amount + OUTPUT_UNCHARGED)
        (void)output_charge(connection);
}

static void handler_effect(struct handler *handler, const struct effect *effect)
{
    struct connection *connection = handler_find(handler, effect->session);
    struct answer answer = {.effect = effect, .effects = &handler->effects};

    /* what is not told goes back when the engine hears of the end */
    if (!connection || !connection->known || connection->end >= END_ERROR)
        return;
    answer.positions = connection->positions;
    if (effect->kind == EFFECT_EVENT)
        events_tell(connection, handler->engine, &answer);
    else
        handler_answer(handler, connection, &answer);
}

void handler_tell(struct handler *handler)
{
    for (size_t i = 0; i < handler->effects.count; i++)
        handler_effect(handler, &handler->effects.list[i]);
    effects_clear(handler->engine, &handler->effects);
}

/* The entry may be told: one entry is not durable before the next is applied, with one store in
 * memory. */
static void handler_durable(void *context, uint64_t entry)
{
    (void)entry;
    handler_tell(context);
}

int handler_init(struct handler *handler, struct connections *connections)
{
    const struct sequencer_calls calls = {.apply = handler_apply, .durable = handler_durable};
    struct engine_options options = {.piece = (uint32_t)connections->limits->piece_tuples};

    memset(&handler->effects, 0, sizeof(handler->effects));
    handler->engine = NULL;
    handler->sequencer = NULL;
    handler->connections = connections;
    handler->current = NULL;
    handler->stopping = false;
    handler->room.used = 0;
    if (getrandom(&options.key, sizeof(options.key), 0) != sizeof(options.key) ||
        getrandom(&handler->run, sizeof(handler->run), 0) != sizeof(handler->run))
        return -EIO;
    handler->engine = engine_new(&options);
    handler->sequencer = sequencer_memory_new(&calls, handler);
    return handler->engine && handler->sequencer ? 0 : -ENOMEM;
}

/* Whether freeing it would keep a daemon that has stopped from ending. */
static bool handler_goes_with_process(const struct handler *handler)
{
#ifdef __SANITIZE_ADDRESS__
    (void)handler;
    return false; /* leaks are looked for */
#else
    return engine_objects(handler->engine) > OBJECTS_FREED;
#endif
}

void handler_deinit(struct handler *handler)
{
    handler->sequencer = sequencer_free(handler->sequencer);
    if (handler->engine)
        effects_deinit(handler->engine, &handler->effects);
    if (handler->engine && !handler_goes_with_process(handler))
        handler->engine = engine_free(handler->engine);
}

void handler_release(void *context, void *tuple)
{
    struct handler *handler = context;

    engine_unref(handler->engine, tuple);
}

static void handler_submit(struct handler *handler, const struct command *command)
{
    sequencer_submit(handler->sequencer, clock_now(handler->connections->clock), command);
}

static void handler_open(struct handler *handler, struct connection *connection,
                         const struct frame *frame)
{
    struct welcome welcome = {
        .version = TSD_PROTOCOL_VERSION,
        .run = handler->run,
        .session = connection->id,
        .tuple_bytes = LIMIT_TUPLE_BYTES,
        .frame_bytes = LIMIT_FRAME_BYTES,
        .reply_bytes = LIMIT_REPLY_BYTES,
        .release = {(const uint8_t *)TSD_RELEASE, sizeof(TSD_RELEASE) - 1},
    };
    struct problem problem;
    struct hello hello;

    if (hello_decode(frame, &hello, &problem) < 0) {
        connection_fail(connection, &problem);
        return;
    }
    connection->state = CONNECTION_OPEN;
    connection->known = true;
    connection->positions = hello.positions;
    deadline_clear(&connection->deadline);
    welcome_encode(&welcome, &connection->outbox.copied);
    connection_dirty(connection);
    handler_submit(handler, &(struct command){.kind = COMMAND_COMES,
                                              .session = connection->id,
                                              .user = connection->peer.uid,
                                              .pid = (uint32_t)connection->peer.pid,
                                              .groups = connection->peer.groups,
                                              .group_count = connection->peer.group_count,
                                              .administrator = connection->administrator,
                                              .reserve = user_has_reserve(connection->peer.uid),
                                              .program = hello.name});
    peer_deinit(&connection->peer); /* the engine has a copy */
}

/* The acknowledgement of this store's deliveries: with one store the connection's own. */
static uint64_t handler_ack(const struct request *request)
{
    return request->ack;
}

static void handler_acknowledge(struct handler *handler, struct connection *connection)
{
    if (handler->request.ack == 0)
        return;
    handler_submit(handler, &(struct command){.kind = COMMAND_ACK,
                                              .session = connection->id,
                                              .ack = handler_ack(&handler->request)});
}

/* A refused request is answered, and its acknowledgement holds all the same (rule S8). */
static void handler_refuse(struct handler *handler, struct connection *connection,
                           const struct problem *problem)
{
    handler_acknowledge(handler, connection);
    answer_plain(&connection->outbox, handler->request.number, problem->status, problem->text);
    connection_dirty(connection);
}

/* The goodbye: one unit with its acknowledgement (rule S10), answered, then closed. */
static void handler_close(struct handler *handler, struct connection *connection)
{
    handler_submit(handler, &(struct command){.kind = COMMAND_ENDS,
                                              .session = connection->id,
                                              .ack = handler_ack(&handler->request),
                                              .goodbye = true});
    connection->known = false;
    answer_plain(&connection->outbox, handler->request.number, TS_OK, NULL);
    connection_dirty(connection);
    connection_end(connection, END_GOODBYE);
}

/* What is a protocol error whatever the operation (rule S8). */
static int handler_check(struct handler *handler, struct connection *connection,
                         struct problem *problem)
{
    const struct request *request = &handler->request;

    if (request->ack > connection->deliveries)
        return problem_set(problem, TS_PROTOCOL, 0,
                           "acknowledgement %" PRIu64 " is beyond the last delivery, %" PRIu64,
                           request->ack, connection->deliveries);
    if (request->number > connection->highest)
        connection->highest = request->number; /* as is usual: it need not be looked for */
    else if (engine_waits(handler->engine, connection->id, request->number))
        return problem_set(problem, TS_PROTOCOL, 0, "request number %" PRIu64 " is still in use",
                           request->number);
    return 0;
}

/* Whether it may make a hold that survives its connection, and has a token that cannot be guessed. */
static bool handler_may_detach(const struct request *request)
{
    if (request->op == TSD_OP_HOLD)
        return request->detached;
    if (request->op != TSD_OP_ATOMIC)
        return false;
    for (uint32_t i = 0; i < request->alternative_count; i++)
        if (request->guards[i].kind == TSD_GUARD_HOLD && request->guards[i].detached)
            return true;
    return false;
}

/* Whether a time begins that is not to end early. Guards and steps have theirs in their arguments. */
static bool handler_has_time(const struct request *request)
{
    return request->has & (TSD_HAS(HOLD_TIME) | TSD_HAS(DELAY) | TSD_HAS(TTL)) ||
           (request->has & TSD_HAS(TIMEOUT) && request->timeout_us > 0) ||
           request->op == TSD_OP_RENEW || request->op == TSD_OP_ATOMIC;
}

/* A time counts from now: the round's time may be older by many clients' turns. */
static void handler_take_up(struct handler *handler, struct connection *connection,
                            const struct frame *frame)
{
    const struct request *request = &handler->request;
    struct command command = {.kind = COMMAND_REQUEST,
                              .session = connection->id,
                              .ack = handler_ack(request),
                              .request = request,
                              .frame = *frame};

    if (handler_has_time(request))
        clock_forget(handler->connections->clock);
    if (handler_may_detach(request)) { /* rule S7 */
        ssize_t drawn = getrandom(command.random, sizeof(command.random), 0);

        assert(drawn == sizeof(command.random)); /* as it did at the start: so few always come */
        (void)drawn;
    }
    handler_submit(handler, &command);
    if (request->op == TSD_OP_WATCH && request->now) {
        connection->telling = true;
        connection_dirty(connection); /* once all is written it is told more */
    }
}

/* Disconnects a client, at once: what it keeps is back before this is answered (rule S10). */
static void handler_kill(struct handler *handler, struct connection *connection)
{
    uint64_t number = handler->request.number;
    struct connection *victim = inspect_find(connection, handler->request.target);
    struct engine_session session = {0};
    struct problem problem;

    if (!victim) {
        answer_plain(&connection->outbox, number, TS_NOMATCH, NULL);
    } else if (victim == connection) {
        answer_plain(&connection->outbox, number, TS_INVALID,
                     "that is the connection that asks: close ends it");
    } else {
        if (victim->known)
            engine_session(handler->engine, victim->id, &session);
        handler_end(handler, victim);
        problem_set(&problem, TS_LOST, 0, "disconnected by user %u",
                    (unsigned)connection->peer.uid);
        connection_fail(victim, &problem);
        answer_uint(&connection->outbox, number, session.kept);
    }
    connection_dirty(connection);
}

/* What the server answers itself. */
static bool handler_is_own(enum tsd_operation op)
{
    return op == TSD_OP_CLIENTS || op == TSD_OP_USERS || op == TSD_OP_KILL;
}

static void handler_inspect(struct handler *handler, struct connection *connection)
{
    handler_acknowledge(handler, connection);
    if (handler->request.op == TSD_OP_CLIENTS)
        inspect_clients(connection, handler->engine, &handler->request);
    else if (handler->request.op == TSD_OP_USERS)
        inspect_users(connection, handler->engine, &handler->request);
    else
        handler_kill(handler, connection);
}

static void handler_request(struct handler *handler, struct connection *connection,
                            const struct frame *frame)
{
    struct request *request = &handler->request;
    struct problem problem;
    int error;

    error = request_decode(frame, &handler->room, request, &problem);
    if (error == -TS_PROTOCOL || handler_check(handler, connection, &problem) < 0)
        connection_fail(connection, &problem);
    else if (error < 0)
        handler_refuse(handler, connection, &problem);
    else if (request->op == TSD_OP_CLOSE)
        handler_close(handler, connection);
    else if (handler_is_own(request->op))
        handler_inspect(handler, connection);
    else if (request->op == TSD_OP_ACK && request->number == 0) /* wants no answer */
        handler_acknowledge(handler, connection);
    else
        handler_take_up(handler, connection, frame);
}

void handler_frame(struct handler *handler, struct connection *connection,
                   const struct frame *frame)
{
    handler->current = connection;
    if (connection->state == CONNECTION_OPENING)
        handler_open(handler, connection, frame);
    else
        handler_request(handler, connection, frame);
    connection->heard_ns = clock_now(handler->connections->clock);
    handler->current = NULL;
}

void handler_end(struct handler *handler, struct connection *connection)
{
    if (!connection->known)
        return;
    connection->known = false;
    handler_submit(handler, &(struct command){.kind = COMMAND_ENDS,
                                              .session = connection->id,
                                              .stop = handler->stopping});
}

/* Whether there is room for another piece of what is stored, so that events have theirs. */
static bool handler_has_read(const struct connection *connection)
{
    const struct limits *limits = connection->connections->limits;
    size_t unread = outbox_unread(&connection->outbox);

    return unread <= limits->unread_soft_bytes && unread <= limits->event_bytes / 4;
}

void handler_reads(struct handler *handler, struct connection *connection)
{
    const struct connections *connections = handler->connections;
    bool waits = connection->known && engine_tells(handler->engine, connection->id);

    if (!connection->known || connections->stopping)
        return;
    if (waits && !handler_has_read(connection))
        return; /* writing what is unread brings it back */
    if (waits)
        handler_submit(handler,
                       &(struct command){.kind = COMMAND_READS, .session = connection->id});
    /* while the engine is at work, it may be on what this one is to be told */
    connection->telling =
        waits || engine_due(handler->engine) <= clock_now(handler->connections->clock);
    if (connection->telling)
        connection_dirty(connection); /* also if this piece told nothing: it comes back */
}

void handler_gap(struct handler *handler, struct connection *connection)
{
    if (connection->known)
        handler_submit(handler, &(struct command){.kind = COMMAND_GAP, .session = connection->id});
    connection_gap_over(connection); /* only now: what else that step told was missed, too */
}

void handler_set(struct handler *handler, const struct engine_settings *settings)
{
    handler_submit(handler, &(struct command){.kind = COMMAND_SETTINGS, .settings = settings});
}

void handler_tick(struct handler *handler)
{
    handler_submit(handler, &(struct command){.kind = COMMAND_TICK});
}

void handler_flush(struct handler *handler)
{
    sequencer_flush(handler->sequencer);
}

uint64_t handler_due(const struct handler *handler)
{
    return engine_due(handler->engine);
}

bool handler_works(const struct handler *handler, const struct connection *connection)
{
    return connection->known && engine_working(handler->engine, connection->id);
}

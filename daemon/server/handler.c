/* SPDX-License-Identifier: MIT */
#include "server/handler.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "server/answer.h"
#include "server/output.h"

/* Tuples that a piece of long work looks at: well below a millisecond, but for the worst of regular
 * expressions. */
#define PIECE 256

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

static void handler_answer(struct handler *handler, const struct effect *effect)
{
    struct connection *connection = handler_find(handler, effect->session);
    struct answer answer = {.effect = effect, .effects = &handler->effects};
    const struct limits *limits = handler->connections->limits;

    /* what is not told goes back when the engine hears of the end */
    if (!connection || !connection->known || connection->end >= END_ERROR)
        return;
    if (outbox_unread(&connection->outbox) > limits->unread_bytes &&
        outbox_behind(&connection->outbox) > limits->unread_bytes) {
        log_info("client does not read session=%" PRIu64 " uid=%u pid=%d limit=unread-bytes",
                 connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid);
        connection_end(connection, END_GONE);
        return;
    }
    answer.delivery = handler_delivered(connection, effect);
    answer.positions = connection->positions;
    answer_write(&connection->outbox, handler->engine, &answer);
    connection_dirty(connection);
    if (outbox_unread(&connection->outbox) >= connection->unread.amount + OUTPUT_UNCHARGED)
        (void)output_charge(connection);
}

/* The entry may be told: one entry is not durable before the next is applied, with one store in
 * memory. */
static void handler_durable(void *context, uint64_t entry)
{
    struct handler *handler = context;

    (void)entry;
    for (size_t i = 0; i < handler->effects.count; i++)
        handler_answer(handler, &handler->effects.list[i]);
    effects_clear(handler->engine, &handler->effects);
}

int handler_init(struct handler *handler, struct connections *connections)
{
    const struct sequencer_calls calls = {.apply = handler_apply, .durable = handler_durable};
    struct engine_options options = {.piece = PIECE};

    memset(&handler->effects, 0, sizeof(handler->effects));
    handler->engine = NULL;
    handler->sequencer = NULL;
    handler->connections = connections;
    handler->current = NULL;
    handler->room.used = 0;
    if (getrandom(&options.key, sizeof(options.key), 0) != sizeof(options.key) ||
        getrandom(&handler->run, sizeof(handler->run), 0) != sizeof(handler->run))
        return -EIO;
    handler->engine = engine_new(&options);
    handler->sequencer = sequencer_memory_new(&calls, handler);
    return handler->engine && handler->sequencer ? 0 : -ENOMEM;
}

void handler_deinit(struct handler *handler)
{
    handler->sequencer = sequencer_free(handler->sequencer);
    if (handler->engine)
        effects_deinit(handler->engine, &handler->effects);
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
                                              .user = connection->peer.uid});
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

/* A timeout counts from now: the round's time may be older by many clients' turns. */
static void handler_take_up(struct handler *handler, const struct connection *connection,
                            const struct frame *frame)
{
    const struct request *request = &handler->request;

    if (request->has & TSD_HAS(TIMEOUT) && request->timeout_us > 0)
        clock_forget(handler->connections->clock);
    handler_submit(handler, &(struct command){.kind = COMMAND_REQUEST,
                                              .session = connection->id,
                                              .ack = handler_ack(request),
                                              .request = request,
                                              .frame = *frame});
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
    handler->current = NULL;
}

void handler_end(struct handler *handler, struct connection *connection)
{
    if (!connection->known)
        return;
    connection->known = false;
    handler_submit(handler, &(struct command){.kind = COMMAND_ENDS, .session = connection->id});
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

/* SPDX-License-Identifier: MIT */
#include "client/rejoin.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/connection.h"
#include "client/dispatch.h"
#include "client/eval.h"
#include "client/rejoin_verdict.h"
#include "client/sync.h"
#include "client/watch.h"

#define MS 1000000
#define FIRST_PAUSE_NS (1 * (int64_t)MS)
#define MOST_PAUSE_NS (500 * (int64_t)MS)

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t later(int64_t ns, int64_t more)
{
    return more < TS_NEVER - ns ? ns + more : TS_NEVER;
}

bool rejoin_init(struct rejoin *rejoin, double seconds)
{
    if (!(seconds >= 0))
        return false;
    rejoin->for_ns = seconds >= 9e9 ? TS_NEVER : (int64_t)(seconds * 1e9);
    rejoin->progressed = true;
    return true;
}

bool rejoin_is_trying(const struct connection *connection)
{
    return connection->rejoin.state != REJOIN_NOT;
}

/* ---- What is kept of a request ---- */

void rejoin_enter(const struct connection *connection, struct pending *pending)
{
    pending->frame_at = connection->out.size;
    pending->acked_before = connection->acknowledged;
}

/* Until when it may be answered "timed out" without asking the daemon. */
static void note_end(struct connection *connection, struct pending *pending)
{
    struct request *request = verdict_request(connection, pending, NULL);

    pending->expires_ns = TS_NEVER;
    if (request && verdict_may_time_out(request))
        pending->expires_ns = later(pending->began_ns, (int64_t)request->timeout_us * 1000);
    free(request);
}

ts_status rejoin_keep(struct connection *connection, struct pending *pending)
{
    const size_t size = connection->out.size - pending->frame_at;
    const bool trying = rejoin_is_trying(connection);

    if (connection->rejoin.for_ns == 0)
        return TS_OK;
    pending->began_ns = now_ns();
    pending->acks = connection->acknowledged > pending->acked_before;
    pending->frame_end = connection->rejoin.appended;
    pending->frame = malloc(size);
    pending->frame_size = size;
    if (pending->frame)
        memcpy(pending->frame, connection->out.bytes + pending->frame_at, size);
    if (!trying)
        return TS_OK;
    connection->out.size = pending->frame_at;
    connection->rejoin.appended -= size;
    if (!pending->frame)
        return connection_fail(connection, TS_NO_MEMORY, "out of memory for the request");
    note_end(connection, pending);
    return TS_OK;
}

/* ---- The loss ---- */

/* A daemon that does not want us now may want us later. */
static bool may_pass(ts_status status)
{
    return status == TS_LOST || status == TS_NO_DAEMON || status == TS_LIMIT ||
           status == TS_STOPPING;
}

static void note_sent(struct connection *connection)
{
    const struct rejoin *r = &connection->rejoin;
    const uint64_t missing = r->unsent + (connection->out.size - connection->sent);
    struct pending *pending;

    TAILQ_FOREACH (pending, &connection->pending.all, all) {
        pending->sent = pending->sent || pending->frame_end + missing <= r->appended;
        note_end(connection, pending);
    }
}

/* Whose tuples were in hand: of the callback that is running, or of calls outside (rule S8). */
static void note_hand(struct connection *connection)
{
    const struct running *running = &connection->running;
    struct rejoin *r = &connection->rejoin;

    if (!running->is) {
        r->in_hand = r->in_hand || connection->in_hand;
        return;
    }
    if (connection->in_hand && connection->in_hand == running->in_hand)
        r->in_hand = true;
    if (running->delivery > connection->acknowledged ||
        (connection->in_hand && connection->in_hand != running->in_hand))
        r->callback_in_hand = true;
}

/* Back into the table, at its place in the order of submission. */
static bool enter_again(struct connection *connection, struct pending *pending)
{
    struct pending_table *table = &connection->pending;
    struct pending *next;

    if (!pending_add(table, pending))
        return false;
    next = TAILQ_FIRST(&table->all);
    while (next && next->number <= pending->number)
        next = TAILQ_NEXT(next, all);
    if (next) {
        TAILQ_REMOVE(&table->all, pending, all);
        TAILQ_INSERT_BEFORE(next, pending, all);
    }
    free(pending->body);
    pending->body = NULL;
    pending->size = 0;
    pending->delivery = 0;
    pending->done = false;
    pending->sent = true;
    note_end(connection, pending);
    return true;
}

/*
 * Answers that were not told, of tuples that have gone back since: as if they had not come. Where
 * that cannot be, they are told as lost.
 */
static void take_back(struct connection *connection)
{
    struct pending_queue all = STAILQ_HEAD_INITIALIZER(all);
    struct pending *pending;

    STAILQ_INIT(&connection->unread);
    STAILQ_CONCAT(&all, &connection->ready);
    while ((pending = STAILQ_FIRST(&all))) {
        STAILQ_REMOVE_HEAD(&all, ready);
        if (verdict_went_back(connection, pending) && enter_again(connection, pending))
            continue;
        if (pending->delivery)
            pending->failed = TS_LOST;
        pending->delivery = 0;
        STAILQ_INSERT_TAIL(&connection->ready, pending, ready);
    }
}

static void set_times(struct rejoin *r)
{
    const int64_t now = now_ns();

    if (r->progressed) {
        r->until_ns = later(now, r->for_ns);
        r->pause_ns = FIRST_PAUSE_NS;
        r->next_ns = now;
    } else {
        r->next_ns = later(now, r->pause_ns);
        r->pause_ns = r->pause_ns < MOST_PAUSE_NS / 2 ? r->pause_ns * 2 : MOST_PAUSE_NS;
    }
    if (r->next_ns > r->until_ns)
        r->next_ns = r->until_ns;
    r->progressed = false;
}

bool rejoin_begin(struct connection *connection, ts_status status)
{
    struct rejoin *r = &connection->rejoin;

    if (r->for_ns == 0 || r->off || connection->closing || !may_pass(status))
        return false;
    if (!r->progressed && now_ns() >= r->until_ns)
        return false;
    if (connection->welcomed) {
        r->run = connection->daemon.run;
        r->knows_run = true;
    }
    note_sent(connection);
    note_hand(connection);
    take_back(connection);
    set_times(r);
    r->appended = r->unsent = 0;
    r->state = REJOIN_WAITING;
    connection->opened++; /* tokens of the one that was lost are void */
    return true;
}

void rejoin_from_start(struct connection *connection)
{
    if (connection->fd >= 0 || !rejoin_begin(connection, connection->status))
        return;
    connection->status = TS_OK;
    connection->error[0] = '\0';
}

/* ---- The end of trying ---- */

void rejoin_stop(struct connection *connection, ts_status status)
{
    struct rejoin *r = &connection->rejoin;
    const bool waiting = r->state == REJOIN_WAITING;

    r->off = true;
    r->state = REJOIN_NOT;
    r->in_hand = r->callback_in_hand = false;
    if (waiting)
        connection_end(connection, status);
}

void rejoin_allow(struct connection *connection)
{
    connection->rejoin.off = false;
    connection->rejoin.progressed = true;
    connection->rejoin.appended = connection->rejoin.unsent = 0;
}

void rejoin_forget(struct connection *connection)
{
    const int64_t for_ns = connection->rejoin.for_ns;

    connection->rejoin = (struct rejoin){.for_ns = for_ns, .progressed = true};
}

/* It was tried long enough: what every call returns from now on, and all that waits is told. */
static void give_up(struct connection *connection, ts_status status)
{
    struct rejoin *r = &connection->rejoin;
    char last[sizeof(connection->why)];

    memcpy(last, connection->why, sizeof(last));
    if (r->knows_run) {
        status = status == TS_NO_DAEMON ? TS_LOST : status;
        connection_fail(connection, status, "the connection was lost, and none came about anew: %s",
                        last);
        memcpy(connection->why, connection->error, sizeof(connection->why));
    }
    r->state = REJOIN_NOT;
    r->progressed = true;
    connection_end(connection, status);
}

/* ---- Trying ---- */

static void try_again(struct connection *connection, int64_t now)
{
    struct rejoin *r = &connection->rejoin;
    ts_status status;

    connection_open(connection);
    status = connection->status;
    connection->status = TS_OK;
    if (connection->fd >= 0) {
        r->state = REJOIN_OPENING;
        connection_tell(connection, -1, connection->fd);
    } else if (!may_pass(status) || now >= r->until_ns) {
        give_up(connection, status);
    } else {
        set_times(r);
    }
}

/* An answer of the library's own, as if the daemon had sent it. */
static void answer(struct connection *connection, uint64_t number, ts_status status,
                   const char *text)
{
    struct buffer out = BUFFER_INIT;
    struct problem problem;
    struct frame frame;
    const size_t begun = frame_begin(&out);
    size_t want;

    reply_begin(&out, number, status, false);
    if (text)
        reply_text(&out, text);
    else
        reply_nil(&out);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    if (out.failed || frame_next(out.bytes, out.size, out.size, &frame, &want, &problem) <= 0)
        connection_lose(connection, TS_NO_MEMORY, "out of memory for an answer");
    else
        dispatch_answer(connection, &frame);
    buffer_deinit(&out);
}

/* Requests whose time is over while there is no daemon: they have taken nothing. */
static void time_out(struct connection *connection, int64_t now)
{
    struct pending *next;

    for (struct pending *p = TAILQ_FIRST(&connection->pending.all); p; p = next) {
        next = TAILQ_NEXT(p, all);
        if (p->expires_ns <= now)
            answer(connection, p->number, TS_TIMEOUT, NULL);
    }
}

void rejoin_work(struct connection *connection)
{
    struct rejoin *r = &connection->rejoin;
    const int64_t now = r->state == REJOIN_NOT ? 0 : now_ns();

    if (r->state == REJOIN_NOT)
        return;
    time_out(connection, now);
    if (r->state == REJOIN_WAITING && now >= r->next_ns) {
        try_again(connection, now);
    } else if (r->state == REJOIN_OPENING && now >= r->until_ns) {
        r->off = true;
        connection_lose(connection, TS_LOST, "the daemon at %s does not answer", connection->path);
        r->off = false;
    }
}

int64_t rejoin_due(const struct connection *connection)
{
    const struct rejoin *r = &connection->rejoin;
    int64_t due = r->state == REJOIN_WAITING ? r->next_ns : r->until_ns;
    struct pending *pending;

    if (r->state == REJOIN_NOT)
        return TS_NEVER;
    TAILQ_FOREACH (pending, &connection->pending.all, all)
        if (pending->expires_ns < due)
            due = pending->expires_ns;
    return due;
}

void rejoin_wait(struct connection *connection, int most_ms)
{
    int ms;
    bool all;

    rejoin_work(connection);
    if (!rejoin_is_trying(connection))
        return;
    ms = dispatch_poll_timeout(rejoin_due(connection), now_ns());
    if (ms < 0 || (most_ms != SYNC_FOREVER && most_ms < ms))
        ms = most_ms;
    if (connection->fd >= 0)
        connection_send(connection);
    eval_poll(connection, ms);
    if (connection->fd >= 0)
        connection_receive(connection, false, &all);
}

/* ---- Connected anew ---- */

static void send_again(struct connection *connection, struct pending *pending,
                       struct request *request, int64_t now)
{
    const size_t before = connection->out.size;
    const uint64_t gone_us = (uint64_t)(now - pending->began_ns) / 1000;

    request->ack = 0; /* of the deliveries of this connection, of which there are none yet */
    if (request->has & TSD_HAS(TIMEOUT) && request->timeout_us > 0)
        request->timeout_us = request->timeout_us > gone_us ? request->timeout_us - gone_us : 1;
    request_encode(request, &connection->out);
    if (connection->out.failed) {
        connection_lose(connection, TS_NO_MEMORY, "out of memory for the requests under way");
        return;
    }
    connection->rejoin.appended += connection->out.size - before;
    pending->frame_end = connection->rejoin.appended;
    if (request->op == TSD_OP_WATCH && pending->sent)
        watch_gap(connection, pending);
}

static void resume(struct connection *connection, struct pending *pending, int64_t now)
{
    const struct rejoin *r = &connection->rejoin;
    struct problem problem = {.status = TS_UNKNOWN};
    struct request *request = verdict_request(connection, pending, &problem);
    struct verdict verdict = {problem.status, problem.text};

    pending->asked.connection = connection->opened;
    pending->expires_ns = TS_NEVER;
    if (request)
        verdict = verdict_of(connection, pending, request,
                             r->knows_run && r->run == connection->daemon.run, now);
    if (request && verdict.status == TS_OK)
        send_again(connection, pending, request, now);
    else
        answer(connection, pending->number, verdict.status, verdict.text);
    free(request);
}

void rejoin_resume(struct connection *connection)
{
    struct pending *next;
    const int64_t now = now_ns();

    if (connection->rejoin.state != REJOIN_OPENING)
        return;
    connection->rejoin.state = REJOIN_NOT;
    eval_look(connection, true); /* a new daemon has the workers' wills before it has a request */
    for (struct pending *p = TAILQ_FIRST(&connection->pending.all); p && connection->fd >= 0;
         p = next) {
        next = TAILQ_NEXT(p, all);
        resume(connection, p, now);
    }
}

ts_status rejoin_refuse(struct connection *connection)
{
    struct rejoin *r = &connection->rejoin;
    bool *in_hand = connection->running.is ? &r->callback_in_hand : &r->in_hand;

    if (!*in_hand)
        return TS_OK;
    *in_hand = false;
    return connection_fail(connection, TS_LOST,
                           "the connection was lost, and what was in hand went back to its place: "
                           "this was not sent");
}

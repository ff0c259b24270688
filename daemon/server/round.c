/* SPDX-License-Identifier: MIT */
#include "server/round.h"

#include <inttypes.h>

#include "base/log.h"
#include "server/output.h"

static void round_write(struct round *round)
{
    struct connection_queue *dirty = &round->connections->dirty;
    struct connection *connection;

    while ((connection = TAILQ_FIRST(dirty))) {
        TAILQ_REMOVE(dirty, connection, dirty);
        connection->in_dirty = false;
        output_write(connection);
    }
}

/* Watches that have missed events end. */
static void round_gaps(struct round *round)
{
    struct connection *connection;

    while ((connection = TAILQ_FIRST(&round->connections->gaps)))
        handler_gap(round->handler, connection);
}

static void round_end_one(struct round *round, struct connection *connection)
{
    handler_end(round->handler, connection);
    connection->state = CONNECTION_LEAVING;
    if (connection->end == END_GONE) {
        connection_close(connection);
        return;
    }
    connection_set_deadline(connection, &round->connections->behind);
    connection_dirty(connection); /* closed once all is written */
}

static void round_end(struct round *round)
{
    struct connection_queue *ending = &round->connections->ending;
    struct connection *connection;

    while ((connection = TAILQ_FIRST(ending))) {
        TAILQ_REMOVE(ending, connection, ending);
        connection->in_ending = false;
        round_end_one(round, connection);
    }
}

void round_work_off(struct round *round)
{
    const struct connections *connections = round->connections;

    while (!TAILQ_EMPTY(&connections->dirty) || !TAILQ_EMPTY(&connections->ending) ||
           !TAILQ_EMPTY(&connections->gaps)) {
        round_gaps(round);
        round_write(round);
        round_end(round);
    }
}

/* The turn of those that had more than one turn's work, or are told what is stored as they read. */
static void round_backlog(struct round *round)
{
    struct connection_queue *backlog = &round->connections->backlog;
    struct connection *last = TAILQ_LAST(backlog, connection_queue), *connection;

    while ((connection = TAILQ_FIRST(backlog))) {
        TAILQ_REMOVE(backlog, connection, backlog);
        connection->in_backlog = false;
        input_continue(round->input, connection); /* and may put it at the end again */
        if (connection == last)
            break;
    }
}

static void round_late_opening(struct connection *connection)
{
    struct problem problem;

    problem_set(&problem, TS_LIMIT, 0, "opening-ms: no opening came within %" PRIu64 " ms",
                connection->connections->limits->opening_ms);
    connection_fail(connection, &problem);
}

static void round_deadlines(struct round *round)
{
    struct connections *connections = round->connections;
    uint64_t now_ns = clock_now(round->clock);
    struct deadline *deadline;

    while ((deadline = deadlines_pop(&connections->opening, now_ns)))
        round_late_opening(container_of(deadline, struct connection, deadline));
    while ((deadline = deadlines_pop(&connections->behind, now_ns))) {
        struct connection *connection = container_of(deadline, struct connection, deadline);

        log_info("client does not read session=%" PRIu64 " uid=%u pid=%d limit=unread-ms",
                 connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid);
        connection_end(connection, END_GONE);
    }
}

bool round_is_busy(const struct round *round)
{
    return !TAILQ_EMPTY(&round->connections->backlog) ||
           handler_due(round->handler) <= clock_now(round->clock);
}

static void round_timer(uv_timer_t *timer)
{
    struct round *round = timer->data;

    round->timer_ns = UINT64_MAX; /* the round that follows does what is due */
}

static void round_set_timer(struct round *round, uint64_t due_ns)
{
    uint64_t due_ms = (due_ns + round->clock->missed_ns) / 1000000 + 1;
    uint64_t now_ms = uv_now(round->timer.loop);

    if (due_ns == UINT64_MAX) {
        uv_timer_stop(&round->timer);
        round->timer_ns = UINT64_MAX;
    } else if (due_ns < round->timer_ns) {
        uv_timer_start(&round->timer, round_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
        round->timer_ns = due_ns;
    }
}

static void round_again(uv_idle_t *at_once)
{
    (void)at_once; /* that it is active is enough */
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sees to it that the loop comes back in time. */
static void round_arm(struct round *round)
{
    uint64_t due_ns = handler_due(round->handler);

    if (round_is_busy(round)) {
        round->clock->due_ns = clock_now(round->clock);
        uv_idle_start(&round->at_once, round_again);
        return;
    }
    uv_idle_stop(&round->at_once);
    due_ns = sooner(due_ns, deadlines_next(&round->connections->opening));
    due_ns = sooner(due_ns, deadlines_next(&round->connections->behind));
    round->clock->due_ns = due_ns == UINT64_MAX ? 0 : due_ns;
    round_set_timer(round, due_ns);
}

static void round_run(uv_prepare_t *prepare)
{
    struct round *round = prepare->data;

    if (round_is_busy(round)) { /* who was served since is not to wait for that */
        handler_flush(round->handler);
        round_work_off(round);
    }
    if (handler_due(round->handler) <= clock_now(round->clock))
        handler_tick(round->handler);
    round_backlog(round);
    round_deadlines(round);
    handler_flush(round->handler);
    round_work_off(round);
    if (round->at_end(round->context))
        return;
    round_arm(round);
    clock_forget(round->clock);
}

int round_start(struct round *round, uv_loop_t *loop)
{
    uv_prepare_init(loop, &round->prepare);
    uv_idle_init(loop, &round->at_once);
    uv_timer_init(loop, &round->timer);
    round->prepare.data = round->timer.data = round;
    round->timer_ns = UINT64_MAX;
    return uv_prepare_start(&round->prepare, round_run);
}

/* SPDX-License-Identifier: MIT */
#include "server/connection.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "protocol/reply.h"

void connections_init(struct connections *connections)
{
    table_init(&connections->by_id);
    TAILQ_INIT(&connections->dirty);
    TAILQ_INIT(&connections->ending);
    TAILQ_INIT(&connections->backlog);
    TAILQ_INIT(&connections->gaps);
    deadlines_init(&connections->opening, connections->limits->opening_ms * 1000000);
    deadlines_init(&connections->behind, connections->limits->unread_ms * 1000000);
}

void connections_deinit(struct connections *connections)
{
    assert(connections_count(connections) == 0);
    table_deinit(&connections->by_id);
}

/* Numbers follow one another, so that their low bits are as good as a hash. */
struct connection *connections_find(const struct connections *connections, uint64_t id)
{
    struct table_node *node = table_first(&connections->by_id, (uint32_t)id);

    for (; node; node = table_next(node, (uint32_t)id)) {
        struct connection *connection = container_of(node, struct connection, by_id);

        if (connection->id == id)
            return connection;
    }
    return NULL;
}

size_t connections_count(const struct connections *connections)
{
    return table_count(&connections->by_id);
}

static void connection_free(struct connection *connection)
{
    charge_release(&connection->connection);
    charge_release(&connection->unread);
    inbox_deinit(&connection->inbox);
    outbox_deinit(&connection->outbox);
    peer_deinit(&connection->peer);
    user_unref(connection->user);
    mem_free(connection);
}
CLEANUP_DEFINE(connection_free, struct connection *)

static int connection_charge(struct connection *connection, struct users *users,
                             struct problem *problem)
{
    connection->user = user_ref(users, connection->peer.uid);
    if (!connection->user)
        return problem_set(problem, TS_NO_MEMORY, 0, "no memory for another connection");
    if (!charge_set(&connection->connection, connection->user, SLOT_CONNECTIONS, 1))
        return problem_set(problem, TS_LIMIT, 0,
                           "user-connections: user %u has %" PRIu64 " connections, as many as are "
                           "allowed",
                           (unsigned)connection->peer.uid, users->limits[SLOT_CONNECTIONS]);
    return 0;
}

/* Root, the daemon's own user, and whoever is in the group for it. */
static bool connections_administers(const struct connections *connections, const struct peer *peer)
{
    return peer->uid == 0 || peer->uid == geteuid() ||
           (connections->has_admin_group && peer_is_member(peer, connections->admin_group));
}

struct connection *connection_new(struct connections *connections, int fd, struct peer *peer,
                                  struct users *users, struct problem *problem)
{
    CLEANUP(connection_free) struct connection *connection = mem_zalloc(sizeof(*connection));

    problem_set(problem, TS_NO_MEMORY, 0, "no memory for another connection");
    if (!connection)
        return NULL;
    connection->peer = *peer;
    connection->peer.groups = NULL; /* taken over when nothing can fail any more */
    if (connection_charge(connection, users, problem) < 0)
        return NULL;
    connection->connections = connections;
    connection->fd = fd;
    inbox_init(&connection->inbox, connection->user);
    outbox_init(&connection->outbox, connections->release, connections->context);
    if (table_reserve(&connections->by_id) < 0)
        return NULL;
    if (uv_poll_init(connections->loop, &connection->poll, fd) < 0) {
        problem_set(problem, TS_LIMIT, 0, "the daemon cannot watch another connection");
        return NULL;
    }
    connection->poll.data = connection;
    connection->administrator = connections_administers(connections, peer);
    connection->peer.groups = peer->groups;
    peer->groups = NULL;
    connection->id = ++connections->last_id;
    (void)table_insert(&connections->by_id, &connection->by_id, (uint32_t)connection->id);
    connection_set_deadline(connection, &connections->opening);
    connection->came_ns = connection->heard_ns = clock_now(connections->clock);
    connection_watch(connection);
    return STEAL(connection);
}

static void connection_unqueue(struct connection *connection)
{
    struct connections *connections = connection->connections;

    if (connection->in_dirty)
        TAILQ_REMOVE(&connections->dirty, connection, dirty);
    if (connection->in_ending)
        TAILQ_REMOVE(&connections->ending, connection, ending);
    if (connection->in_backlog)
        TAILQ_REMOVE(&connections->backlog, connection, backlog);
    connection->in_dirty = connection->in_ending = connection->in_backlog = false;
    connection_gap_over(connection);
    deadline_clear(&connection->deadline);
}

static void connection_released(uv_handle_t *handle)
{
    connection_free(handle->data);
}

void connection_close(struct connection *connection)
{
    assert(connection->state != CONNECTION_CLOSED && !connection->known);
    connection->state = CONNECTION_CLOSED;
    connection_unqueue(connection);
    table_remove(&connection->connections->by_id, &connection->by_id);
    uv_close((uv_handle_t *)&connection->poll, connection_released);
    close(connection->fd);
    connection->connections->closed = true;
    charge_release(&connection->connection);
    log_info("client gone session=%" PRIu64 " uid=%u pid=%d", connection->id,
             (unsigned)connection->peer.uid, (int)connection->peer.pid);
}

void connection_end(struct connection *connection, enum connection_end end)
{
    if (connection->state == CONNECTION_CLOSED || end <= connection->end)
        return;
    connection->end = end;
    if (!connection->in_ending) {
        connection->in_ending = true;
        TAILQ_INSERT_TAIL(&connection->connections->ending, connection, ending);
    }
}

void connection_fail(struct connection *connection, const struct problem *problem)
{
    char quoted[LOG_QUOTED];

    if (connection->end >= END_ERROR)
        return;
    log_info("client refused session=%" PRIu64 " uid=%u pid=%d status=%d problem=%s",
             connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid,
             (int)problem->status, log_quote(quoted, problem->text));
    error_frame(&connection->outbox.copied, problem);
    connection_dirty(connection);
    connection_end(connection, END_ERROR);
}

void connection_dirty(struct connection *connection)
{
    if (connection->in_dirty || connection->state == CONNECTION_CLOSED)
        return;
    connection->in_dirty = true;
    TAILQ_INSERT_TAIL(&connection->connections->dirty, connection, dirty);
}

void connection_backlog(struct connection *connection)
{
    if (connection->in_backlog || connection->state == CONNECTION_CLOSED)
        return;
    connection->in_backlog = true;
    TAILQ_INSERT_TAIL(&connection->connections->backlog, connection, backlog);
}

void connection_gap(struct connection *connection)
{
    if (connection->gap || connection->state == CONNECTION_CLOSED)
        return;
    connection->gap = true;
    TAILQ_INSERT_TAIL(&connection->connections->gaps, connection, gaps);
}

void connection_gap_over(struct connection *connection)
{
    if (!connection->gap)
        return;
    connection->gap = false;
    TAILQ_REMOVE(&connection->connections->gaps, connection, gaps);
}

/* The round's time may be older by many clients' turns. */
void connection_set_deadline(struct connection *connection, struct deadlines *deadlines)
{
    struct clock *clock = connection->connections->clock;

    clock_forget(clock);
    deadline_set(&connection->deadline, deadlines, clock_now(clock));
}

void connection_watch_anew(struct connection *connection, int events)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    connection->watched = events;
    if (events)
        uv_poll_start(&connection->poll, events, connection->connections->ready);
    else
        uv_poll_stop(&connection->poll);
}

void error_frame(struct buffer *out, const struct problem *problem)
{
    size_t begun = frame_begin(out);

    reply_begin(out, 0, problem->status, false);
    reply_text(out, problem->text);
    reply_end(out, NULL);
    frame_end(out, begun);
}

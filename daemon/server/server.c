/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/listener.h"
#include "server/output.h"
#include "server/reloader.h"
#include "server/round.h"
#include "server/status.h"
#include "server/stopper.h"
#include "server/systemd.h"

struct server {
    uv_loop_t loop;
    struct server_options options;
    struct clock clock;
    struct users users;
    struct connections connections;
    struct handler handler;
    struct input input;
    struct round round;
    struct listener listener;
    struct stopper stopper;
    struct reloader reloader;
    struct status status;
    uv_timer_t watchdog;
    bool told; /* that the daemon stops */
};

/* A client that cannot be served is told so; it is not worth waiting for it to read that. */
static void server_refuse(int fd, const struct peer *peer, const struct problem *problem)
{
    char quoted[LOG_QUOTED];
    struct buffer out = BUFFER_INIT;

    log_info("client refused uid=%u pid=%d status=%d problem=%s", (unsigned)peer->uid,
             (int)peer->pid, (int)problem->status, log_quote(quoted, problem->text));
    error_frame(&out, problem);
    if (!out.failed)
        (void)send(fd, out.bytes, out.size, MSG_NOSIGNAL);
    buffer_deinit(&out);
    close(fd);
}

/* The last connections are for root and our own user. */
static uint64_t server_connections_for(const struct server *server, const struct peer *peer)
{
    uint64_t all = server->options.connections, reserve = all / 8;

    if (user_has_reserve(peer->uid))
        return all;
    return all - (reserve < LIMIT_RESERVED ? reserve : LIMIT_RESERVED);
}

static void server_accepted(void *context, int fd)
{
    struct server *server = context;
    struct connection *connection = NULL;
    struct peer peer = {0};
    struct problem problem;

    if (peer_read(&peer, fd) < 0)
        problem_set(&problem, TS_DENIED, 0, "the client's credentials cannot be told");
    else if (connections_count(&server->connections) >= server_connections_for(server, &peer))
        problem_set(&problem, TS_LIMIT, 0,
                    "connections: there are %zu, as many as descriptors allow",
                    connections_count(&server->connections));
    else
        connection = connection_new(&server->connections, fd, &peer, &server->users, &problem);
    if (!connection) {
        server_refuse(fd, &peer, &problem);
        peer_deinit(&peer);
        return;
    }
    log_info("client came session=%" PRIu64 " uid=%u pid=%d", connection->id, (unsigned)peer.uid,
             (int)peer.pid);
    input_read(&server->input, connection); /* most clients have sent something by now */
}

static void server_ready(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;
    struct server *server = connection->connections->context;

    if (status < 0) { /* libuv has stopped polling, and reading tells why */
        connection->watched = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if (events & UV_READABLE)
        input_read(&server->input, connection);
    if ((events & UV_WRITABLE) && connection->blocked)
        output_write(connection);
    if (status < 0)
        connection_watch(connection);
}

static void server_release(void *context, void *owner)
{
    struct server *server = context;

    handler_release(&server->handler, owner);
}

static void server_watchdog(uv_timer_t *timer)
{
    (void)timer;
    systemd_notify("WATCHDOG=1");
}

/* Nobody is accepted or read from now on. */
static void server_stop(void *context, const char *why)
{
    struct server *server = context;
    struct connections *connections = &server->connections;
    struct table_node *node = NULL;

    log_notice("stopping reason=%s connections=%zu", why, connections_count(connections));
    systemd_notify("STOPPING=1");
    listener_stop(&server->listener);
    connections->stopping = true;
    while ((node = table_walk(&connections->by_id, node)))
        connection_watch(container_of(node, struct connection, by_id));
}

/*
 * All that was read has been answered: tells everybody. That is not an end that counts for the engine
 * (rule S10), and what goes back in it is given to nobody who has been told.
 */
static void server_say_goodbye(struct server *server)
{
    struct table_node *node = NULL;
    struct problem problem;

    server->handler.stopping = true;
    problem_set(&problem, TS_STOPPING, 0, "the daemon is stopping");
    while ((node = table_walk(&server->connections.by_id, node))) {
        struct connection *connection = container_of(node, struct connection, by_id);

        if (connection->state <= CONNECTION_OPEN)
            connection_fail(connection, &problem);
    }
    round_work_off(&server->round);
}

static void server_hang_up(struct server *server)
{
    struct table_node *node = NULL;

    while ((node = table_walk(&server->connections.by_id, node)))
        connection_end(container_of(node, struct connection, by_id), END_GONE);
    round_work_off(&server->round);
}

static void server_close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* The steps of a stop, each at the end of a round. Returns whether it was the last. */
static bool server_round_end(void *context)
{
    struct server *server = context;
    struct connections *connections = &server->connections;

    if (status_may_tell(&server->status))
        status_tell(&server->status, engine_tuples(server->handler.engine),
                    connections_count(connections));
    if (connections->closed) {
        connections->closed = false;
        listener_retry(&server->listener);
    }
    if (!connections->stopping)
        return false;
    if (!server->told && (server->stopper.urgent || !round_is_busy(&server->round))) {
        server->told = true;
        server_say_goodbye(server);
    }
    if (server->stopper.urgent)
        server_hang_up(server);
    if (connections_count(connections) > 0)
        return false;
    stopper_done();
    uv_walk(&server->loop, server_close_handle, NULL);
    return true;
}

/* What may change while it runs is taken over: it holds for what comes from now on. */
static void server_set(struct server *server, const struct server_options *options)
{
    struct limits *limits = &server->options.limits;

    *limits = options->limits;
    limits_resolve(limits);

    const struct engine_settings settings = {
        .quotas = {.user = {[QUOTA_REQUESTS] = limits->user_requests,
                            [QUOTA_INTERESTS] = limits->user_interests,
                            [QUOTA_WAITING] = limits->user_waiting_bytes,
                            [QUOTA_WATCHES] = limits->user_watches,
                            [QUOTA_KEYS] = limits->user_keys,
                            [QUOTA_TUPLES] = limits->user_tuples,
                            [QUOTA_BYTES] = limits->user_bytes,
                            [QUOTA_WILLS] = limits->user_will_bytes,
                            [QUOTA_SPACES] = limits->user_spaces},
                   .all_bytes = limits->all_bytes},
        .piece = (uint32_t)(limits->piece_tuples < UINT32_MAX ? limits->piece_tuples : UINT32_MAX),
        .rules = options->rules,
        .rule_count = options->rule_count,
    };

    server->users.limits[SLOT_CONNECTIONS] = limits->user_connections;
    server->users.limits[SLOT_UNFINISHED] = limits->unfinished_bytes;
    server->users.limits[SLOT_UNREAD] = limits->user_unread_bytes;
    server->connections.has_admin_group = options->has_admin_group;
    server->connections.admin_group = options->admin_group;
    handler_set(&server->handler, &settings);
}

static void server_reload(void *context)
{
    struct server *server = context;
    struct server_options changed = server->options;

    if (!server->options.reload || server->connections.stopping)
        return;
    systemd_reloading();
    if (server->options.reload(server->options.reload_context, &changed)) {
        server_set(server, &changed);
        deadlines_set_length(&server->connections.opening, changed.limits.opening_ms * 1000000);
        deadlines_set_length(&server->connections.behind, changed.limits.unread_ms * 1000000);
        log_notice("reloaded");
    }
    systemd_notify("READY=1");
}

static void server_init(struct server *server, const struct server_options *options)
{
    server->options = *options;
    users_init(&server->users);

    server->connections.loop = &server->loop;
    server->connections.ready = server_ready;
    server->connections.clock = &server->clock;
    server->connections.limits = &server->options.limits;
    server->connections.release = server_release;
    server->connections.context = server;
    connections_init(&server->connections);

    server->input.handler = &server->handler;
    server->input.limits = &server->options.limits;
    server->round.clock = &server->clock;
    server->round.connections = &server->connections;
    server->round.handler = &server->handler;
    server->round.input = &server->input;
    server->round.at_end = server_round_end;
    server->round.context = server;
    server->listener.accepted = server_accepted;
    server->listener.context = server;
    server->stopper.stop = server_stop;
    server->stopper.context = server;
    server->reloader.reload = server_reload;
    server->reloader.context = server;
}

static int server_start(struct server *server)
{
    const struct server_options *options = &server->options;
    uint64_t watchdog_ms = options->watchdog_us / 2000;
    int error = handler_init(&server->handler, &server->connections);

    if (error == 0) {
        server_set(server, options);
        server->options.rules = NULL; /* the caller's */
        server->options.rule_count = 0;
        status_start(&server->status, &server->loop);
        error = round_start(&server->round, &server->loop);
    }
    if (error == 0)
        error = reloader_start(&server->reloader, &server->loop);
    if (error == 0)
        error = listener_start(&server->listener, &server->loop, options->listen_fd);
    if (error == 0)
        error = stopper_start(&server->stopper, &server->loop, options->lifeline_fd);
    if (error == 0 && watchdog_ms > 0) {
        uv_timer_init(&server->loop, &server->watchdog);
        error = uv_timer_start(&server->watchdog, server_watchdog, watchdog_ms, watchdog_ms);
    }
    return error;
}

struct server *server_new(const struct server_options *options)
{
    struct server *server = mem_zalloc(sizeof(*server));
    int error = server ? uv_loop_init(&server->loop) : UV_ENOMEM;

    if (error == 0) {
        server_init(server, options);
        error = server_start(server);
        if (error == 0)
            return server;
        server_free(server);
    } else {
        mem_free(server);
    }
    log_err("cannot start error=\"%s\"", uv_strerror(error));
    return NULL;
}

struct server *server_free(struct server *server)
{
    int error;

    if (!server)
        return NULL;
    uv_walk(&server->loop, server_close_handle, NULL);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    error = uv_loop_close(&server->loop);
    assert(error == 0);
    (void)error;
    connections_deinit(&server->connections);
    users_deinit(&server->users);
    handler_deinit(&server->handler);
    mem_free(server);
    return NULL;
}

void server_run(struct server *server)
{
    uv_run(&server->loop, UV_RUN_DEFAULT);
}

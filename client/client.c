/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* program_invocation_short_name */
/*
 * Clients: connecting, handles for spaces, what they tell.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/address.h"
#include "client/connection.h"
#include "protocol/name_check.h"

static ts_client *handle_new(struct connection *connection, const char *name)
{
    const size_t size = strlen(name);
    ts_client *handle = malloc(sizeof(*handle) + size + 1);

    if (!handle)
        return NULL;
    handle->connection = connection;
    handle->name_size = size;
    memcpy(handle->name, name, size + 1);
    handle->next = connection->handles;
    connection->handles = handle;
    return handle;
}

static bool name_is_good(struct connection *connection, const char *name, const char *what)
{
    struct problem problem;

    if (name_check((const uint8_t *)name, strlen(name), what, &problem) == 0)
        return true;
    connection_fail(connection, TS_INVALID, "%s", problem.text);
    return false;
}

/* A program's name that is no good as a client's is left out: nobody chose it as such. */
static void choose_name(struct connection *connection, const ts_options *options)
{
    const char *name = options->name ? options->name : program_invocation_short_name;

    if (name && *name && (options->name || name_is_good(connection, name, "client")))
        connection->client_name = strdup(name);
}

/* Options that are no good leave a client whose every call says so. */
static void open_checked(struct connection *connection, const ts_options *options)
{
    const char *space = options->space ? options->space : "main";

    if (!rejoin_init(&connection->rejoin, options->reconnect))
        connection_fail(connection, TS_INVALID,
                        "reconnect is %g seconds: it is 0 or more, or TS_FOREVER",
                        options->reconnect);
    if (connection->error[0] ||
        (options->name && *options->name && !name_is_good(connection, options->name, "client")) ||
        !name_is_good(connection, space, "space")) {
        connection->status = TS_INVALID;
        memcpy(connection->why, connection->error, sizeof(connection->why));
    } else {
        connection_open(connection);
        rejoin_from_start(connection);
    }
}

ts_client *ts_connect(const char *path, const ts_options *options)
{
    static const ts_options defaults;
    struct connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return NULL;
    if (!options)
        options = &defaults;
    connection->fd = -1;
    connection->owner = getpid();
    pending_init(&connection->pending);
    STAILQ_INIT(&connection->ready);
    STAILQ_INIT(&connection->unread);
    STAILQ_INIT(&connection->ended);
    connection->positions = options->positions;
    connection->descriptor = options->descriptor;
    connection->descriptor_arg = options->descriptor_arg;
    connection->path = address_find(path, &connection->nor);
    connection->first = handle_new(connection, options->space ? options->space : "main");
    choose_name(connection, options);
    if (!connection->path || !connection->first) {
        connection_enter(connection);
        connection->closing = true;
        connection_leave(connection);
        return NULL;
    }
    connection->error[0] = '\0';
    open_checked(connection, options);
    return connection->first;
}

ts_status ts_reconnect(ts_client *client)
{
    struct connection *connection = client ? client->connection : NULL;
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    if (connection->closing)
        return connection_check(connection);
    connection_enter(connection);
    if (connection_is_foreign(connection))
        connection_forget(connection);
    rejoin_stop(connection, TS_LOST);
    connection_lose(connection, TS_LOST, "the connection was given up for another one");
    rejoin_allow(connection);
    if (!connection->closing)
        connection_open(connection);
    if (connection->fd >= 0)
        connection_tell(connection, -1, connection->fd);
    status = connection_check(connection);
    connection_leave(connection);
    return status;
}

ts_client *ts_space(ts_client *client, const char *name)
{
    ts_client *handle;

    if (!client)
        return NULL;
    for (handle = client->connection->handles; handle; handle = handle->next)
        if (strcmp(handle->name, name) == 0)
            return handle;
    if (!name_is_good(client->connection, name, "space"))
        return NULL;
    handle = handle_new(client->connection, name);
    if (!handle)
        connection_fail(client->connection, TS_NO_MEMORY, "out of memory for the space");
    return handle;
}

ts_status ts_client_status(ts_client *client)
{
    return client ? connection_check(client->connection) : TS_NO_MEMORY;
}

const char *ts_client_path(const ts_client *client)
{
    return client ? client->connection->path : "";
}

const char *ts_client_space_name(const ts_client *client)
{
    return client ? client->name : "";
}

const ts_daemon *ts_client_daemon(const ts_client *client)
{
    return client && client->connection->welcomed ? &client->connection->daemon : NULL;
}

const char *ts_error_text(const ts_client *client)
{
    return client ? client->connection->error : "out of memory";
}

const ts_result *ts_last(const ts_client *client)
{
    return client ? &client->connection->last.shown : NULL;
}

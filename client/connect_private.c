/* SPDX-License-Identifier: MIT */
/*
 * ts_connect_private: a daemon for this program alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/connection.h"
#include "client/private.h"

/* Where a program that is not installed in $PATH's way would have it. */
#define OTHER_PROGRAM "/usr/sbin/tsd"

static struct private_daemon *start(char *why, size_t size)
{
    const struct private_options options = {.prefix = "tsclient", .orphan = true};
    char *program = private_program();
    struct private_daemon *daemon =
        private_start(program ? program : OTHER_PROGRAM, &options, why, size);

    if (!daemon && !program)
        (void)snprintf(why, size,
                       "no tsd beside the program nor in $PATH: say where it is in $TSD_DAEMON");
    free(program);
    return daemon;
}

/* A client that says why there is no daemon. It never looks for another one. */
static ts_client *without_daemon(const ts_options *options, const char *why)
{
    ts_options never = options ? *options : (ts_options){0};
    ts_client *client;

    never.reconnect = 0;
    client = ts_connect("/dev/null/no-private-daemon", &never);
    if (client && ts_client_status(client) != TS_INVALID) {
        struct connection *connection = client->connection;
        connection->status = TS_NO_DAEMON;
        connection_fail(connection, TS_NO_DAEMON, "%s", why);
        memcpy(connection->why, connection->error, sizeof(connection->why));
    }
    return client;
}

ts_client *ts_connect_private(const ts_options *options)
{
    char why[256];
    struct private_daemon *daemon = start(why, sizeof(why));
    ts_client *client;

    if (!daemon)
        return without_daemon(options, why);
    client = ts_connect(daemon->socket, options);
    if (client) {
        client->connection->own = daemon;
        return client;
    }
    private_end(daemon);
    private_free(daemon);
    return NULL;
}

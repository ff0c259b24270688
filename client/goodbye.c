/* SPDX-License-Identifier: MIT */
/*
 * The end of a client.
 */
#include "client/connection.h"
#include "client/dispatch.h"
#include "client/eval.h"
#include "client/private.h"
#include "client/send.h"
#include "client/sync.h"

enum { GOODBYE_MS = 5000 }; /* that a daemon may take to answer a goodbye, if it stands still */

/* Waits for the answer, so that nothing unread makes the kernel cut the daemon off. */
static void say_goodbye(struct connection *connection)
{
    struct pending pending = {
        .number = ++connection->last_number, .asked.op = TSD_OP_CLOSE, .waits = true};

    if (!pending_add(&connection->pending, &pending))
        return;
    if (send_close(connection, pending.number) == TS_OK)
        sync_wait(connection, &pending, GOODBYE_MS);
    if (!pending.done)
        pending_take(&connection->pending, pending.number);
}

static void end(ts_client *client, bool goodbye)
{
    struct connection *connection = client ? client->connection : NULL;

    if (!connection || connection->closing)
        return;
    connection_enter(connection);
    if (connection_is_foreign(connection)) {
        connection_forget(connection); /* all of it is the parent's */
    } else {
        eval_end(connection, goodbye);
        connection->own = private_leave(connection->own); /* it ends with this process */
        rejoin_stop(connection, TS_CANCELLED);
        if (goodbye && connection->fd >= 0)
            say_goodbye(connection);
    }
    connection->closing = true;
    connection_lose(connection, TS_CANCELLED, "the client was disconnected");
    connection->status = TS_CANCELLED;
    while (dispatch_ready(connection))
        ;
    connection_leave(connection);
}

void ts_disconnect(ts_client *client)
{
    end(client, true);
}

void ts_abandon(ts_client *client)
{
    end(client, false);
}

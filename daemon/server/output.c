/* SPDX-License-Identifier: MIT */
#include "server/output.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

/* A client that is behind has a deadline, set anew with each progress. */
static void output_bound(struct connection *connection, size_t before)
{
    struct connections *connections = connection->connections;
    size_t unread = outbox_unread(&connection->outbox);
    bool leaving = connection->state == CONNECTION_LEAVING;
    bool behind = unread > connections->limits->unread_soft_bytes;

    if (connection->state != CONNECTION_OPENING) {
        if (!behind && !(leaving && unread > 0))
            deadline_clear(&connection->deadline);
        else if (unread < before || !connection->deadline.list)
            deadline_set(&connection->deadline, &connections->behind,
                         clock_now(connections->clock));
    }
    if (connection->paused && !behind)
        connection_backlog(connection); /* what was left in its inbox */
    connection->paused = behind;
}

void output_write(struct connection *connection)
{
    size_t before = outbox_unread(&connection->outbox);
    int result;

    if (connection->state == CONNECTION_CLOSED || connection->end == END_GONE)
        return;
    if (connection->outbox.copied.failed) {
        log_warning("no memory for an answer session=%" PRIu64, connection->id);
        connection_end(connection, END_GONE);
        return;
    }
    result = outbox_write(&connection->outbox, connection->fd);
    if (result < 0) {
        log_debug("client does not listen session=%" PRIu64 " error=\"%s\"", connection->id,
                  strerror(-result));
        connection_end(connection, END_GONE);
        return;
    }
    connection->blocked = result > 0;
    output_bound(connection, before);
    connection_watch(connection);
    if (connection->state == CONNECTION_LEAVING && !connection->blocked)
        connection_end(connection, END_GONE); /* all is written: nothing more to wait for */
}

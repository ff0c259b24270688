/* SPDX-License-Identifier: MIT */
#include "server/output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"

bool output_charge(struct connection *connection)
{
    size_t unread = outbox_unread(&connection->outbox);

    if (unread == 0 && connection->unread.amount == 0)
        return true;
    if (charge_set(&connection->unread, connection->user, SLOT_UNREAD, unread))
        return true;
    log_info("client does not read session=%" PRIu64 " uid=%u pid=%d limit=user-unread-bytes",
             connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid);
    connection_end(connection, END_GONE);
    return false;
}

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
            connection_set_deadline(connection, &connections->behind);
    }
    if (connection->paused && !behind)
        connection_backlog(connection); /* what was left in its inbox */
    connection->paused = behind;
}

/* Whether earlier writes left something that is to be looked at now. As a rule they did not. */
static bool output_was_behind(const struct connection *connection)
{
    return connection->blocked || connection->paused || connection->unread.amount > 0 ||
           (connection->deadline.list && connection->state != CONNECTION_OPENING);
}

/* A client that has hung up may have sent more than one turn's requests before: they are done, and what
 * they are answered goes nowhere. */
static bool output_is_unheard(const struct connection *connection, int error)
{
    return (error == -EPIPE || error == -ECONNRESET) && connection->in_backlog &&
           inbox_size(&connection->inbox) > 0;
}

static void output_drop(struct outbox *outbox)
{
    const uint64_t end = outbox_end(outbox);
    const struct outbox before = *outbox;

    outbox_deinit(outbox);
    outbox_init(outbox, before.release, before.context);
    outbox->gone = end;
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
    if (output_is_unheard(connection, result)) {
        output_drop(&connection->outbox);
        return;
    }
    if (result < 0) {
        log_debug("client does not listen session=%" PRIu64 " error=\"%s\"", connection->id,
                  strerror(-result));
        connection_end(connection, END_GONE);
        return;
    }
    if (result > 0 || output_was_behind(connection)) {
        connection->blocked = result > 0;
        if (!output_charge(connection))
            return;
        output_bound(connection, before);
    }
    if (connection->telling && !connection->paused)
        connection_backlog(connection); /* it has read: its watches are told more */
    connection_watch(connection);
    if (connection->state == CONNECTION_LEAVING && !connection->blocked)
        connection_end(connection, END_GONE); /* all is written: nothing more to wait for */
}

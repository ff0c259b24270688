/* SPDX-License-Identifier: MIT */
#include "server/events.h"

#include <inttypes.h>

#include "base/log.h"
#include "server/output.h"

#define EVENT_HEAD 64 /* bytes of an event beside its tuple, but for what tells who put it */

/* The user's share of what is unread: for want of it a client misses events, and is not ended. */
static bool events_charge(struct connection *connection, size_t more)
{
    size_t unread = outbox_unread(&connection->outbox) + more;

    return unread <= connection->unread.amount ||
           charge_set(&connection->unread, connection->user, SLOT_UNREAD, unread);
}

/* Whether one event may go beyond the bound: none that has is left unread, or little of it. */
static bool events_may_go_beyond(const struct connection *connection)
{
    return connection->outbox.gone >= connection->beyond.end ||
           outbox_unread(&connection->outbox) <= connection->connections->limits->event_bytes / 2;
}

/* Sets whether it goes beyond the bound. */
static bool events_fit(struct connection *connection, size_t more, bool *beyond)
{
    const struct limits *limits = connection->connections->limits;
    const struct outbox *outbox = &connection->outbox;

    if (outbox_unread(outbox) > limits->unread_bytes &&
        outbox_behind(outbox) > limits->unread_bytes)
        return false;
    *beyond = tally_unread(&connection->tally, outbox->gone) + more > limits->event_bytes;
    if (*beyond && !events_may_go_beyond(connection))
        return false;
    return events_charge(connection, more);
}

static void events_missed(struct connection *connection)
{
    log_info("client does not read its events session=%" PRIu64 " uid=%u pid=%d limit=event-bytes",
             connection->id, (unsigned)connection->peer.uid, (int)connection->peer.pid);
    connection_gap(connection);
}

/* Whether it may be told; else the connection is marked, or at its end. */
static bool events_admit(struct connection *connection, const struct answer *answer, bool *beyond)
{
    struct answer_size size = answer_size(answer->effect, answer->effects);
    size_t more = EVENT_HEAD + size.copied + size.shared;

    if (connection->gap)
        return false;
    if (events_fit(connection, more, beyond))
        return true;
    output_write(connection); /* it may be reading */
    if (connection->end >= END_ERROR)
        return false;
    if (events_fit(connection, more, beyond))
        return true;
    events_missed(connection);
    return false;
}

void events_tell(struct connection *connection, struct engine *engine, const struct answer *answer)
{
    uint64_t begin, end;
    bool beyond = false;

    if (answer->effect->event != TSD_EVENT_GAP && !events_admit(connection, answer, &beyond))
        return;
    begin = outbox_end(&connection->outbox);
    answer_event(&connection->outbox, engine, answer);
    end = outbox_end(&connection->outbox);
    if (beyond) {
        connection->beyond.begin = begin;
        connection->beyond.end = end;
    } else {
        tally_add(&connection->tally, end, end - begin);
    }
    connection_dirty(connection);
}

size_t events_behind(struct connection *connection)
{
    uint64_t front = connection->outbox.gone;
    size_t bytes = tally_unread(&connection->tally, front);

    if (front < connection->beyond.begin)
        bytes += connection->beyond.end - connection->beyond.begin;
    return bytes;
}

void events_end(struct connection *connection, const struct answer *answer)
{
    enum ts_status status = answer->effect->status;

    if (connection->gap && (status == TS_CANCELLED || status == TS_REMOVED))
        answer_gap(&connection->outbox, answer);
}

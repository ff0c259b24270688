/* SPDX-License-Identifier: MIT */
/*
 * A connection of a client: what the engine knows as the session of that number.
 *
 * Numbers are never used again, and whatever comes out of the engine finds its connection by
 * number. A connection is never closed where its end is noticed, which may be deep in another
 * client's request: it is marked by connection_end, and the round works the marks off (round.h). So
 * one that somebody looks at stays until the round's end.
 *
 *     OPENING -> OPEN -> LEAVING -> CLOSED
 *
 * From LEAVING on the engine does not know it: what is left to write is written, then it is closed.
 * CLOSED, only libuv still knows its handle; in the next loop round it is freed.
 */
#ifndef TSD_SERVER_CONNECTION_H
#define TSD_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <uv.h>

#include "base/table.h"
#include "protocol/problem.h"
#include "server/clock.h"
#include "server/deadline.h"
#include "server/inbox.h"
#include "server/limits.h"
#include "server/outbox.h"
#include "server/peer.h"
#include "server/tally.h"
#include "server/user.h"

enum connection_state {
    CONNECTION_OPENING,
    CONNECTION_OPEN,
    CONNECTION_LEAVING,
    CONNECTION_CLOSED,
};

/* Why it ends; a later one counts where it is more urgent. */
enum connection_end {
    END_NOT,
    END_GOODBYE, /* `close`: the engine has been told */
    END_EOF,     /* the client sends no more */
    END_ERROR,   /* an error frame is the last to be written */
    END_GONE,    /* nothing more can be written, or is to be */
};

struct connection {
    uint64_t id;
    struct table_node by_id;
    struct connections *connections;
    enum connection_state state;
    enum connection_end end;
    bool known;                           /* the engine knows it */
    bool positions;                       /* answers carry since and at */
    bool eof;                             /* the client has shut its direction */
    bool paused;                          /* read and handled no more until it has read */
    bool blocked;                         /* the socket takes no more output now */
    bool telling;                         /* a watch is told what is stored, as the client reads */
    bool gap;                             /* its watches have missed events: in a queue, too */
    bool in_dirty, in_ending, in_backlog; /* which queues it is in */
    TAILQ_ENTRY(connection) dirty, ending, backlog, gaps;
    struct deadline deadline; /* for its opening, or for progress in reading */

    int fd;
    int watched; /* events polled for */
    uv_poll_t poll;
    struct peer peer;
    struct user *user;
    struct charge connection;
    struct charge unread;       /* of the outbox, at least what was unread after the last write */
    bool administrator;         /* rights do not bind it, and it may ask about others */
    uint64_t came_ns, heard_ns; /* when it connected, and sent a frame last */
    uint64_t deliveries;        /* sent to it: the connection's own count (rule S8) */
    uint64_t highest;           /* number of a request of it: a higher one cannot be in use */
    struct inbox inbox;
    struct outbox outbox;
    struct tally tally; /* of events in the outbox */
    struct {
        uint64_t begin, end;
    } beyond; /* where in the stream the last event is that went beyond their bound */
};

TAILQ_HEAD(connection_queue, connection);

/* All connections, and the queues that the round works off. */
struct connections {
    uv_loop_t *loop;
    uv_poll_cb ready; /* called with the connection as the handle's data */
    struct clock *clock;
    const struct limits *limits;
    bool has_admin_group;
    gid_t admin_group;                           /* whose members are administrators */
    void (*release)(void *context, void *owner); /* of what outboxes share */
    void *context;

    struct table by_id;
    uint64_t last_id;
    struct connection_queue dirty;   /* something was put in the outbox */
    struct connection_queue ending;  /* to be ended, or to be closed */
    struct connection_queue backlog; /* has input that can be handled at once, or is being told */
    struct connection_queue gaps;    /* the engine is to end its watches */
    struct deadlines opening, behind;
    bool stopping; /* nobody is read any more */
    bool closed;   /* a descriptor was closed; set here, cleared by whoever waits for that */
};

void connections_init(struct connections *connections);
void connections_deinit(struct connections *connections); /* all have been closed and freed */

/* The connection of that number, or NULL. */
struct connection *connections_find(const struct connections *connections, uint64_t id);
size_t connections_count(const struct connections *connections); /* of those not CLOSED */

/* Takes over the descriptor and the peer's groups, but not where it fails: NULL with the problem set. */
struct connection *connection_new(struct connections *connections, int fd, struct peer *peer,
                                  struct users *users, struct problem *problem);

/* At the round's end only. Gives back all that it has; freed once libuv lets go. */
void connection_close(struct connection *connection);

/* Marks. connection_fail ends it with an error frame. */
void connection_end(struct connection *connection, enum connection_end end);
void connection_fail(struct connection *connection, const struct problem *problem);
void connection_dirty(struct connection *connection);
void connection_backlog(struct connection *connection);
void connection_gap(struct connection *connection);

/* The engine has been told: it may miss events again. */
void connection_gap_over(struct connection *connection);

/* Sets its deadline anew, to a list's length from now on. */
void connection_set_deadline(struct connection *connection, struct deadlines *deadlines);

void connection_watch_anew(struct connection *connection, int events); /* connection_watch's half */

/* Whether frames of it may be handled now. */
static inline bool connection_is_served(const struct connection *connection)
{
    return connection->state <= CONNECTION_OPEN && connection->end == END_NOT &&
           !connection->paused;
}

/* Polls for what it needs: input unless it is not to be read, room for output while that is wanted. */
static inline void connection_watch(struct connection *connection)
{
    int events = connection->blocked ? UV_WRITABLE : 0;

    if (connection_is_served(connection) && !connection->eof && !connection->connections->stopping)
        events |= UV_READABLE;
    if (events != connection->watched)
        connection_watch_anew(connection, events);
}

/* Appends an error frame: an answer to request 0. */
void error_frame(struct buffer *out, const struct problem *problem);

#endif

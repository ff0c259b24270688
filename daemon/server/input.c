/* SPDX-License-Identifier: MIT */
#include "server/input.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "server/output.h"

static size_t input_limit(const struct input *input, const struct connection *connection)
{
    uint64_t opening_bytes = input->limits->opening_bytes;

    if (connection->state == CONNECTION_OPENING)
        return opening_bytes > FRAME_HEAD ? opening_bytes - FRAME_HEAD : 0;
    return LIMIT_FRAME_BYTES;
}

static void input_malformed(struct connection *connection, struct problem *problem)
{
    if (problem->status == TS_LIMIT && connection->state == CONNECTION_OPENING)
        problem_within(problem, "opening-bytes");
    connection_fail(connection, problem);
}

/* One client's requests until others have a turn. */
struct turn {
    uint64_t begun_ns, coarse_ns;
    unsigned frames;
};

/*
 * Whether it has taken its time. To look at the clock costs as much as a tenth of a small request, so it
 * is done now and then; a large request is noticed by the coarse clock, whose steps are milliseconds.
 */
static bool turn_is_over(const struct turn *turn)
{
    const unsigned frames = turn->frames;

    if (clock_coarse() != turn->coarse_ns)
        return true;
    return (frames % 16 == 0 || (frames & (frames - 1)) == 0) &&
           uv_hrtime() - turn->begun_ns > LIMIT_TURN_NS;
}

/*
 * Handles one frame. Returns whether more is there, and has then set when the turn began. The usual
 * turn, of one frame, does not look at the clock.
 */
static bool input_frame(struct input *input, struct connection *connection, struct turn *turn)
{
    struct problem problem;
    struct frame frame;
    long size = inbox_next(&connection->inbox, input_limit(input, connection), &frame, &problem);

    if (size < 0)
        input_malformed(connection, &problem);
    if (size <= 0)
        return false;
    if (turn->frames++ == 0 && inbox_size(&connection->inbox) > 0)
        *turn = (struct turn){uv_hrtime(), clock_coarse(), 1};
    handler_frame(input->handler, connection, &frame);
    /* rather write now than pause a client that may be reading */
    if (outbox_unread(&connection->outbox) > input->limits->unread_soft_bytes)
        output_write(connection);
    return inbox_size(&connection->inbox) > 0;
}

/* All that came before the client shut its direction has been handled. */
static void input_end(struct input *input, struct connection *connection)
{
    struct problem problem;

    if (inbox_size(&connection->inbox) > 0) {
        problem_set(&problem, TS_PROTOCOL, 0, "the connection ends within a frame, %zu bytes of it",
                    inbox_size(&connection->inbox));
        connection_fail(connection, &problem);
    } else if (handler_works(input->handler, connection)) {
        connection_backlog(connection);
    } else if (!connection->telling) { /* what its watches tell first is told to the end */
        connection_end(connection, END_EOF);
    }
}

static void input_handle(struct input *input, struct connection *connection)
{
    struct problem problem;
    struct turn turn = {0};
    bool more = true;

    while (more && connection_is_served(connection)) {
        more = input_frame(input, connection, &turn);
        if (more && turn_is_over(&turn)) {
            connection_backlog(connection);
            break;
        }
    }
    if (!inbox_settle(&connection->inbox, &problem)) {
        connection_fail(connection, &problem);
        return;
    }
    if (connection->eof && !more && connection_is_served(connection))
        input_end(input, connection);
}

void input_continue(struct input *input, struct connection *connection)
{
    if (!connection_is_served(connection))
        return;
    if (connection->telling)
        handler_reads(input->handler, connection);
    input_handle(input, connection);
    connection_watch(connection);
}

void input_read(struct input *input, struct connection *connection)
{
    struct problem problem;
    uint8_t *room;
    ssize_t came;
    size_t size;

    if (!connection_is_served(connection) || connection->eof || connection->connections->stopping)
        return;
    if (connection->in_backlog && inbox_size(&connection->inbox) > 0)
        return; /* what came before is handled first, in its turn */
    room = inbox_room(&connection->inbox, input->shared, &size, &problem);
    if (!room) {
        connection_fail(connection, &problem);
        return;
    }
    do {
        came = recv(connection->fd, room, size, 0);
    } while (came < 0 && errno == EINTR);
    if (came < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        log_debug("client lost session=%" PRIu64 " error=\"%s\"", connection->id, strerror(errno));
        connection_end(connection, END_GONE);
        return;
    }
    connection->eof = came == 0;
    if (came > 0)
        inbox_came(&connection->inbox, (size_t)came);
    if (came >= 0)
        input_handle(input, connection);
    connection_watch(connection);
}

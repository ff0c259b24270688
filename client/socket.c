/* SPDX-License-Identifier: MIT */
/*
 * The socket of a connection: connecting, sending, receiving.
 *
 * The descriptor blocks, and what must not block says so call by call: so a call that waits for its
 * answer is one send and one receive.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/connection.h"
#include "protocol/limits.h"
#include "protocol/request.h"

enum {
    READ_BYTES = 16 << 10,  /* room for a receive, at least */
    KEEP_BYTES = 256 << 10, /* an empty buffer of more is given back */
};

/* Why no connection came about. */
static void set_why(struct connection *connection, ts_status status, int error)
{
    const char *hint = status == TS_NO_DAEMON ? "; start tsd, or run under: tsctl run -- CMD" : "";

    connection->status = status;
    if (connection->nor)
        connection_fail(connection, status, "no daemon at %s, nor at %s: %s%s", connection->nor,
                        connection->path, strerror(error), hint);
    else
        connection_fail(connection, status, "no daemon at %s: %s%s", connection->path,
                        strerror(error), hint);
    memcpy(connection->why, connection->error, sizeof(connection->why));
}

static ts_status status_of(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return TS_DENIED;
    case EMFILE:
    case ENFILE:
        return TS_LIMIT;
    case ENOMEM:
    case ENOBUFS:
        return TS_NO_MEMORY;
    case ENAMETOOLONG:
        return TS_INVALID;
    default:
        return TS_NO_DAEMON;
    }
}

/* Returns 0 or an errno. An interrupted connect is tried again: nothing came of it. */
static int connect_to(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(path);

    if (length >= sizeof(address.sun_path))
        return ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static void encode_hello(struct connection *connection)
{
    struct hello hello = {.version = TSD_PROTOCOL_VERSION, .positions = connection->positions};
    const char *name = connection->client_name;

    if (name)
        hello.name = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
    hello_encode(&hello, &connection->out);
}

/* Where a dispatch may be what tries, a full backlog must not block it. */
static int connect_for(const struct connection *connection, int fd)
{
    const bool trying = rejoin_is_trying(connection);
    int error;

    if (trying)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    error = connect_to(fd, connection->path);
    if (trying)
        fcntl(fd, F_SETFL, 0);
    return error;
}

void connection_open(struct connection *connection)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 ? errno : connect_for(connection, fd);

    connection->owner = getpid();
    buffer_clear(&connection->out);
    encode_hello(connection);
    if (!error && connection->out.failed)
        error = ENOMEM;
    if (error) {
        set_why(connection, status_of(error), error);
        if (fd >= 0)
            close(fd);
        return;
    }
    connection->fd = fd;
    connection->status = TS_OK;
    connection->opened++;
}

/* A buffer of which all is done with; one that has been very large is given back. */
static void buffer_done(struct buffer *buffer, size_t *from)
{
    *from = 0;
    if (buffer->capacity > KEEP_BYTES)
        buffer_deinit(buffer);
    else
        buffer_clear(buffer);
}

bool connection_send(struct connection *connection)
{
    struct buffer *out = &connection->out;

    if (connection->fd < 0)
        return true;
    while (connection->sent < out->size) {
        ssize_t n = send(connection->fd, out->bytes + connection->sent,
                         out->size - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            connection->sent += (size_t)n;
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            connection->rejoin.unsent += out->size - connection->sent;
            break; /* the daemon has gone: reading tells why, if it said so */
        }
    }
    buffer_done(out, &connection->sent);
    return true;
}

/* Makes room at the end for what is missing of the frame under way, in growing steps. */
static bool make_room(struct connection *connection)
{
    struct buffer *in = &connection->in;
    size_t have = in->size - connection->taken;

    if (have == 0) {
        buffer_done(in, &connection->taken);
    } else if (in->capacity - in->size < READ_BYTES) {
        memmove(in->bytes, in->bytes + connection->taken, have);
        in->size = have;
        connection->taken = 0;
    }
    return buffer_reserve(in, have > READ_BYTES ? have : READ_BYTES) != NULL;
}

size_t connection_receive(struct connection *connection, bool wait, bool *all)
{
    struct buffer *in = &connection->in;
    size_t room;
    ssize_t n;

    *all = true;
    if (!make_room(connection)) {
        in->failed = false;
        connection_lose(connection, TS_NO_MEMORY, "out of memory for the daemon's answers");
        return 0;
    }
    room = in->capacity - in->size;
    do
        n = recv(connection->fd, in->bytes + in->size, room, wait ? 0 : MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        in->size += (size_t)n;
        *all = (size_t)n < room;
        return (size_t)n;
    }
    if (n == 0)
        connection_lose(connection, TS_LOST, "the daemon at %s closed the connection",
                        connection->path);
    else if (errno != EAGAIN)
        connection_lose(connection, TS_LOST, "the connection to %s was lost: %s", connection->path,
                        strerror(errno));
    return 0;
}

void connection_poll(struct connection *connection, int timeout_ms)
{
    struct pollfd p = {.fd = connection->fd, .events = POLLIN};

    if (connection->sent < connection->out.size)
        p.events |= POLLOUT;
    poll(&p, 1, timeout_ms); /* whoever was interrupted looks again */
}

static size_t frame_limit(const struct connection *connection)
{
    return connection->welcomed && connection->daemon.frame_bytes > LIMIT_FRAME_BYTES
               ? (size_t)connection->daemon.frame_bytes
               : LIMIT_FRAME_BYTES;
}

/* As frame_next, of what was received and not looked at. */
static long look(const struct connection *connection, struct frame *frame, struct problem *problem)
{
    size_t size = connection->in.size - connection->taken;
    size_t want;

    if (connection->fd < 0 || size == 0)
        return 0;
    return frame_next(connection->in.bytes + connection->taken, size, frame_limit(connection),
                      frame, &want, problem);
}

bool connection_next_frame(struct connection *connection, struct frame *frame)
{
    struct problem problem;
    long size = look(connection, frame, &problem);

    if (size < 0)
        connection_lose(connection, TS_LOST, "what answers at %s is no tsd: %s", connection->path,
                        problem.text);
    if (size <= 0)
        return false;
    connection->taken += (size_t)size;
    return true;
}

bool connection_has_frame(const struct connection *connection)
{
    struct problem problem;
    struct frame frame;

    return look(connection, &frame, &problem) != 0;
}

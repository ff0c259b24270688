/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "torture/torture.h"

const char *const torture_spaces[TORTURE_SPACES] = {"main", "other", "small",
                                                    "jobs", "dead",  "copies"};

struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

uint64_t dice_below(struct dice *dice, uint64_t bound)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

bool dice_one_in(struct dice *dice, uint64_t n)
{
    return dice_below(dice, n) == 0;
}

static int send_all(int fd, const uint8_t *p, size_t size)
{
    while (size > 0) {
        const ssize_t sent = send(fd, p, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        p += sent;
        size -= (size_t)sent;
    }
    return 0;
}

/* More bytes: 1; none within the time: 0; -1 at the end of the connection. */
static int fill(struct link *link, int wait_ms)
{
    struct pollfd ready = {.fd = link->fd, .events = POLLIN};
    const int polled = poll(&ready, 1, wait_ms);
    if (polled <= 0)
        return polled < 0 && errno != EINTR ? -1 : 0;
    uint8_t *to = buffer_reserve(&link->in, KIB(64));
    const ssize_t size = recv(link->fd, to, KIB(64), 0);
    if (size <= 0)
        return -1;
    link->in.size += (size_t)size;
    return 1;
}

static long next_frame(const struct link *link, size_t at, struct frame *frame)
{
    struct problem problem;
    size_t want;
    return frame_next(link->in.bytes + at, link->in.size - at, LIMIT_FRAME_BYTES, frame, &want,
                      &problem);
}

static void forget(struct link *link, size_t size)
{
    link->in.size -= size;
    memmove(link->in.bytes, link->in.bytes + size, link->in.size);
}

static int say_hello(struct link *link)
{
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION, .positions = true};
    struct welcome welcome;
    struct problem problem;
    struct frame frame;
    long size = 0;
    hello_encode(&hello, &link->out);
    if (send_all(link->fd, link->out.bytes, link->out.size) < 0)
        return -1;
    while (link->in.size == 0 || (size = next_frame(link, 0, &frame)) == 0)
        if (fill(link, -1) < 0)
            return -1;
    if (size < 0 || welcome_decode(&frame, &welcome, &problem) != 0)
        return -1;
    record(link->recorder, RECORD_OPENED, link->connection, &welcome.session,
           sizeof welcome.session);
    forget(link, (size_t)size);
    return 0;
}

int link_open(struct link *link, const char *socket_path, const struct recorder *recorder,
              uint64_t connection)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    *link = (struct link){.connection = connection, .recorder = recorder};
    link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(name.sun_path, socket_path, strlen(socket_path));
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&name, sizeof name) < 0)
        return -1;
    return say_hello(link);
}

void link_close(struct link *link)
{
    record(link->recorder, RECORD_ENDED, link->connection, NULL, 0);
    close(link->fd);
    buffer_deinit(&link->in);
    buffer_deinit(&link->out);
    link->fd = -1;
}

int link_ask(struct link *link, struct request *request)
{
    request->number = ++link->numbers;
    buffer_clear(&link->out);
    request_encode(request, &link->out);
    record(link->recorder, RECORD_ASKED, link->connection, link->out.bytes + FRAME_HEAD,
           link->out.size - FRAME_HEAD);
    return send_all(link->fd, link->out.bytes, link->out.size);
}

int link_read(struct link *link, int wait_ms,
              void (*answered)(void *context, struct link *link, const struct reply *reply),
              void *context)
{
    struct problem problem;
    struct reply reply;
    struct frame frame;
    size_t at = 0;
    long size;
    const int filled = fill(link, wait_ms);
    while (at < link->in.size && (size = next_frame(link, at, &frame)) > 0) {
        record(link->recorder, RECORD_TOLD, link->connection, frame.body, frame.size);
        if (reply_decode(&frame, &reply, &problem) < 0 || reply.number == 0)
            return -1;
        answered(context, link, &reply);
        at += (size_t)size;
    }
    forget(link, at);
    return filled;
}

enum ts_status link_call(struct link *link, struct request *request, struct reply *reply)
{
    reply->number = 0;
    if (link_ask(link, request) < 0)
        return TS_LOST;
    while (reply->number != request->number) {
        struct problem problem;
        struct frame frame;
        long size = link->in.size ? next_frame(link, 0, &frame) : 0;
        if (size <= 0) {
            if (fill(link, -1) < 0)
                return TS_LOST;
            continue;
        }
        record(link->recorder, RECORD_TOLD, link->connection, frame.body, frame.size);
        buffer_clear(&link->out); /* the frame, until the next call */
        buffer_append(&link->out, frame.body, frame.size);
        frame.body = link->out.bytes;
        if (reply_decode(&frame, reply, &problem) < 0)
            return TS_LOST;
        forget(link, (size_t)size);
    }
    return reply->status;
}

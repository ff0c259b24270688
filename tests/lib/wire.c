/* SPDX-License-Identifier: MIT */
#include "lib/wire.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"

#define TOO_LONG_MS 30000 /* only ever reached by a daemon that does not answer */

void wire_connect(struct wire *wire, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    *wire = (struct wire){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ck_assert_int_ge(wire->fd, 0);
    ck_assert_uint_lt(strlen(path), sizeof(name.sun_path));
    memcpy(name.sun_path, path, strlen(path));
    if (connect(wire->fd, (struct sockaddr *)&name, sizeof(name)) < 0)
        ck_abort_msg("cannot connect to %s: %s", path, strerror(errno));
}

void wire_open(struct wire *wire, const char *path)
{
    struct buffer out = BUFFER_INIT;
    struct welcome welcome;
    struct problem problem;
    struct frame frame;

    wire_connect(wire, path);
    wire_add_hello(&out);
    wire_flush(wire, &out);
    buffer_deinit(&out);
    ck_assert(wire_read(wire, &frame));
    ck_assert_int_eq(welcome_decode(&frame, &welcome, &problem), 0);
    ck_assert_uint_eq(welcome.version, TSD_PROTOCOL_VERSION);
}

void wire_close(struct wire *wire)
{
    close(wire->fd);
    buffer_deinit(&wire->in);
    buffer_deinit(&wire->frame);
    wire->fd = -1;
}

bool wire_try_send(struct wire *wire, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;

    while (size > 0) {
        ssize_t sent = send(wire->fd, p, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        p += sent;
        size -= (size_t)sent;
    }
    return true;
}

void wire_send(struct wire *wire, const void *bytes, size_t size)
{
    if (!wire_try_send(wire, bytes, size))
        ck_abort_msg("cannot send: %s", strerror(errno));
}

void wire_add_hello(struct buffer *out)
{
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION};

    hello_encode(&hello, out);
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

void wire_add_out(struct buffer *out, uint64_t number, const char *space, const char *tuple)
{
    struct request request = {.number = number, .op = TSD_OP_OUT, .space = span_of(space)};
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;

    if (text_read_tuple(tuple, strlen(tuple), NULL, &encoded, &problem) < 0)
        ck_abort_msg("%s: %s", tuple, problem.text);
    request.tuples = (struct span){encoded.bytes, (uint32_t)encoded.size};
    request.tuple_count = 1;
    request_encode(&request, out);
    buffer_deinit(&encoded);
}

void wire_add_match(struct buffer *out, enum tsd_operation op, uint64_t number, const char *space,
                    const char *pattern, uint64_t timeout_us)
{
    struct request request = {.number = number, .op = op, .space = span_of(space)};
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;

    if (text_read_pattern(pattern, strlen(pattern), NULL, &encoded, &problem) < 0)
        ck_abort_msg("%s: %s", pattern, problem.text);
    request.alternatives[0].pattern.bytes = encoded.bytes;
    request.alternatives[0].pattern.size = (uint32_t)encoded.size;
    request.alternative_count = 1;
    if (timeout_us != UINT64_MAX) {
        request.has |= TSD_HAS(TIMEOUT);
        request.timeout_us = timeout_us;
    }
    request_encode(&request, out);
    buffer_deinit(&encoded);
}

void wire_add_plain(struct buffer *out, enum tsd_operation op, uint64_t number, uint64_t ack)
{
    struct request request = {.number = number, .op = op, .ack = ack};

    request_encode(&request, out);
}

void wire_flush(struct wire *wire, struct buffer *out)
{
    ck_assert(!out->failed);
    wire_send(wire, out->bytes, out->size);
    buffer_clear(out);
}

/* More bytes; false at the end of file. */
static bool wire_fill(struct wire *wire)
{
    struct pollfd ready = {.fd = wire->fd, .events = POLLIN};
    uint8_t *to = buffer_reserve(&wire->in, KIB(64));
    ssize_t size;

    if (poll(&ready, 1, TOO_LONG_MS) != 1)
        ck_abort_msg("the daemon does not answer");
    size = recv(wire->fd, to, KIB(64), 0);
    if (size > 0)
        wire->in.size += (size_t)size;
    /* a daemon that hangs up with bytes of ours unread resets the connection */
    ck_assert_msg(size >= 0 || errno == ECONNRESET, "cannot read: %s", strerror(errno));
    return size > 0;
}

bool wire_read(struct wire *wire, struct frame *frame)
{
    struct problem problem;
    size_t want;
    long size;

    while ((size = frame_next(wire->in.bytes, wire->in.size, LIMIT_FRAME_BYTES, frame, &want,
                              &problem)) == 0) {
        if (!wire_fill(wire)) {
            ck_assert_msg(wire->in.size == 0, "the daemon hung up within a frame");
            return false;
        }
    }
    ck_assert_msg(size > 0, "not a frame: %s", problem.text);
    buffer_clear(&wire->frame);
    buffer_append(&wire->frame, frame->body, frame->size);
    wire->in.size -= (size_t)size;
    memmove(wire->in.bytes, wire->in.bytes + size, wire->in.size);
    frame->body = wire->frame.bytes;
    return true;
}

static void wire_read_reply(struct wire *wire)
{
    struct problem problem;
    struct frame frame;

    ck_assert_msg(wire_read(wire, &frame), "the daemon hung up without an answer");
    if (reply_decode(&frame, &wire->reply, &problem) < 0)
        ck_abort_msg("not an answer: %s", problem.text);
}

/* What an answer other than OK says. */
static void wire_text(const struct wire *wire, char text[static 512])
{
    struct span span = {NULL, 0};

    if (reply_result_text(&wire->reply, &span) < 0)
        span.size = 0;
    if (span.size > 511)
        span.size = 511;
    if (span.size)
        memcpy(text, span.bytes, span.size);
    text[span.size] = '\0';
}

void wire_expect(struct wire *wire, uint64_t number, enum ts_status status)
{
    char text[512];

    wire_read_reply(wire);
    wire_text(wire, text);
    ck_assert_msg(wire->reply.number == number && wire->reply.status == status,
                  "request %llu was answered %d, not request %llu %d: %s",
                  (unsigned long long)wire->reply.number, (int)wire->reply.status,
                  (unsigned long long)number, (int)status, text);
}

void wire_expect_end(struct wire *wire)
{
    struct frame frame;

    ck_assert_msg(!wire_read(wire, &frame), "a frame after the last");
}

void wire_expect_error(struct wire *wire, enum ts_status status, const char *text)
{
    char told[512];

    wire_expect(wire, 0, status);
    wire_text(wire, told);
    ck_assert_msg(strstr(told, text) != NULL, "\"%s\" does not say \"%s\"", told, text);
    wire_expect_end(wire);
}

void wire_out(struct wire *wire, uint64_t number, const char *tuple)
{
    struct buffer out = BUFFER_INIT;

    wire_add_out(&out, number, "main", tuple);
    wire_flush(wire, &out);
    buffer_deinit(&out);
    wire_expect(wire, number, TS_OK);
}

void wire_ping(struct wire *wire, uint64_t number)
{
    struct buffer out = BUFFER_INIT;

    wire_add_plain(&out, TSD_OP_PING, number, 0);
    wire_flush(wire, &out);
    buffer_deinit(&out);
    wire_expect(wire, number, TS_OK);
}

uint64_t wire_count(const char *path, const char *pattern)
{
    struct buffer out = BUFFER_INIT;
    struct wire wire;
    uint64_t count = 0;

    wire_open(&wire, path);
    wire_add_match(&out, TSD_OP_COUNT, 1, "main", pattern, UINT64_MAX);
    wire_flush(&wire, &out);
    buffer_deinit(&out);
    wire_expect(&wire, 1, TS_OK);
    ck_assert_int_eq(reply_result_uint(&wire.reply, &count), 0);
    wire_close(&wire);
    return count;
}

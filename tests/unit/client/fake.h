/* SPDX-License-Identifier: MIT */
/*
 * A daemon that is no process: a listening socket and the other end of one client's connection.
 *
 * A test writes the daemon's answers before the client asks, since numbers are foreseeable (requests
 * count from 1), and looks at what the client sent afterwards. So one thread is enough.
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <tsclient.h>

#include "protocol/reply.h"
#include "protocol/request.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"

#define UNUSED __attribute__((unused))

/* Not ck_assert, which would show the expansion of TS. */
#define is(got, expected) is_status(got, expected, __LINE__)
static UNUSED void is_status(ts_status got, ts_status expected, int line)
{
    ck_assert_msg(got == expected, "line %d: %s, not %s", line, ts_status_name(got),
                  ts_status_name(expected));
}

struct fake {
    char directory[80], path[100];
    int listener;
    int fd; /* the connection, once accepted */
    ts_client *client;
    struct buffer in; /* what the client sent, from `taken` on not looked at */
    size_t taken;
    struct hello hello;
    struct pattern_room room;
};

static UNUSED void fake_listen(struct fake *fake)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memset(fake, 0, sizeof(*fake));
    (void)snprintf(fake->directory, sizeof(fake->directory), "%s/fake.XXXXXX",
                   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(fake->directory));
    (void)snprintf(fake->path, sizeof(fake->path), "%s/socket", fake->directory);
    memcpy(address.sun_path, fake->path, sizeof(fake->path));
    fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fake->listener, 8), 0);
    fake->fd = -1;
}

static UNUSED void fake_write(struct fake *fake, struct buffer *out)
{
    ck_assert_int_eq(write(fake->fd, out->bytes, out->size), (ssize_t)out->size);
    buffer_deinit(out);
}

static UNUSED void fake_welcome(struct fake *fake)
{
    const struct welcome welcome = {TSD_PROTOCOL_VERSION,         77, 5, 1000, 2000, 500,
                                    {(const uint8_t *)"1.2.3", 5}};
    struct buffer out = BUFFER_INIT;

    welcome_encode(&welcome, &out);
    fake_write(fake, &out);
}

static UNUSED void fake_accept(struct fake *fake)
{
    fake->fd = accept(fake->listener, NULL, NULL);
    ck_assert_int_ge(fake->fd, 0);
    buffer_clear(&fake->in);
    fake->taken = 0;
}

/* A connected client; the daemon's opening is written. */
static UNUSED ts_client *fake_start(struct fake *fake, const ts_options *options)
{
    fake_listen(fake);
    fake->client = ts_connect(fake->path, options);
    fake_accept(fake);
    fake_welcome(fake);
    return fake->client;
}

static UNUSED void fake_hang_up(struct fake *fake)
{
    if (fake->fd >= 0)
        close(fake->fd);
    fake->fd = -1;
}

/* Ends everything; the goodbye finds nobody. */
static UNUSED void fake_end(struct fake *fake)
{
    fake_hang_up(fake);
    ts_disconnect(fake->client);
    close(fake->listener);
    unlink(fake->path);
    rmdir(fake->directory);
    buffer_deinit(&fake->in);
}

/* ---- Answers ---- */

static UNUSED void answer_text(struct fake *fake, uint64_t number, ts_status status,
                               const char *text)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, status, false);
    if (text)
        reply_text(&out, text);
    else
        reply_nil(&out);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

static UNUSED void answer_nil(struct fake *fake, uint64_t number, ts_status status)
{
    answer_text(fake, number, status, NULL);
}

static UNUSED void answer_uint(struct fake *fake, uint64_t number, uint64_t value)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, false);
    reply_uint(&out, value);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

static UNUSED struct buffer tuple_of(const char *text)
{
    struct buffer tuple = BUFFER_INIT;
    struct problem problem;

    ck_assert_msg(text_read_tuple(text, strlen(text), NULL, &tuple, &problem) == 0, "%s",
                  problem.text);
    return tuple;
}

static UNUSED void answer_items(struct fake *fake, uint64_t number, const char *const *tuples,
                                uint32_t count, const struct reply_extras *extras)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, extras != NULL);
    reply_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct buffer tuple = tuple_of(tuples[i]);
        struct item item = {.id = 100 + i, .tuple = {tuple.bytes, (uint32_t)tuple.size}};
        reply_item(&out, &item);
        buffer_deinit(&tuple);
    }
    reply_end(&out, extras);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

/* One item, whole. */
static UNUSED void answer_item(struct fake *fake, uint64_t number, const char *text,
                               struct item item, const struct reply_extras *extras)
{
    struct buffer out = BUFFER_INIT, tuple = tuple_of(text);
    size_t begun = frame_begin(&out);

    item.tuple = (struct span){tuple.bytes, (uint32_t)tuple.size};
    reply_begin(&out, number, TS_OK, extras != NULL);
    reply_array(&out, 1);
    reply_item(&out, &item);
    reply_end(&out, extras);
    frame_end(&out, begun);
    buffer_deinit(&tuple);
    fake_write(fake, &out);
}

/* An item that is held under this number and secret. */
static UNUSED void answer_hold(struct fake *fake, uint64_t number, const char *text, uint64_t hold,
                               uint64_t secret)
{
    const struct item item = {
        .id = 100, .has = ITEM_HAS(TOKEN), .token = {.number = hold, .secret = secret}};

    answer_item(fake, number, text, item, NULL);
}

/* An answer to a watch: a kind and a tuple (NULL where there is none) for each event. */
struct fake_event {
    enum tsd_event kind;
    const char *tuple;
};
static UNUSED void answer_events(struct fake *fake, uint64_t number,
                                 const struct fake_event *events, uint32_t count)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, false);
    reply_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct buffer tuple = events[i].tuple ? tuple_of(events[i].tuple) : BUFFER_INIT;
        struct event event = {.kind = events[i].kind, .has_at = true, .at = 50 + i};
        event.item.id = 100 + i;
        event.item.tuple = (struct span){tuple.bytes, (uint32_t)tuple.size};
        reply_event(&out, &event);
        buffer_deinit(&tuple);
    }
    reply_end(&out, NULL);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

static UNUSED void answer_event(struct fake *fake, uint64_t number, enum tsd_event kind,
                                const char *tuple)
{
    answer_events(fake, number, &(struct fake_event){kind, tuple}, 1);
}

static UNUSED void answer_rd(struct fake *fake, uint64_t number, const char *tuple)
{
    answer_items(fake, number, &tuple, 1, NULL);
}

static UNUSED void answer_in(struct fake *fake, uint64_t number, const char *tuple,
                             uint64_t delivery)
{
    const struct reply_extras extras = {.has = REPLY_HAS(DELIVERY), .delivery = delivery};

    answer_items(fake, number, &tuple, 1, &extras);
}

/* ---- What the client sent ---- */

/* Reads what is there; false where the client has closed its end, or sent nothing. */
static UNUSED bool fake_read(struct fake *fake)
{
    uint8_t *room = buffer_reserve(&fake->in, 65536);
    ssize_t n = recv(fake->fd, room, 65536, MSG_DONTWAIT);

    if (n > 0)
        fake->in.size += (size_t)n;
    return n > 0;
}

static UNUSED bool fake_frame(struct fake *fake, struct frame *frame)
{
    struct problem problem;
    size_t want;
    long size;

    do {
        size = fake->in.size == fake->taken
                   ? 0
                   : frame_next(fake->in.bytes + fake->taken, fake->in.size - fake->taken,
                                LIMIT_FRAME_BYTES, frame, &want, &problem);
        ck_assert_int_ge(size, 0);
    } while (size == 0 && fake_read(fake));
    fake->taken += (size_t)size;
    return size > 0;
}

/* The next request; false where there is none. The first time, the opening is read before it. */
static UNUSED bool fake_next(struct fake *fake, struct request *request)
{
    struct problem problem = {.text = ""};
    struct frame frame;

    if (fake->taken == 0) {
        ck_assert(fake_frame(fake, &frame));
        ck_assert_int_eq(hello_decode(&frame, &fake->hello, &problem), 0);
    }
    if (!fake_frame(fake, &frame))
        return false;
    ck_assert_msg(request_decode(&frame, &fake->room, request, &problem) == 0, "%s", problem.text);
    return true;
}

static UNUSED struct request fake_request(struct fake *fake)
{
    struct request request;

    ck_assert_msg(fake_next(fake, &request), "the client sent no request");
    return request;
}

/* ---- A main for Check ---- */

static UNUSED int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner;
    int failed;

    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#define RUN_TESTS(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return run_tests(name, tests, sizeof(tests) / sizeof(tests[0]));                           \
    }

#endif

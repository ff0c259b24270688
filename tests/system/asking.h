/* SPDX-License-Identifier: MIT */
/*
 * What tests ask a real daemon by hand beyond lib/wire.h: holds and what settles them, watches.
 */
#ifndef TESTS_ASKING_H
#define TESTS_ASKING_H

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/wire.h"
#include "protocol/limits.h"
#include "protocol/text_read.h"

#define UNUSED __attribute__((unused))

static struct buffer asked; /* frames to be sent */

static UNUSED struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

/* Sends a request in `main`: with that pattern, and that tuple, where they are not NULL. */
static UNUSED void ask(struct wire *wire, struct request *request, const char *pattern,
                       const char *tuple)
{
    struct buffer encoded[2] = {BUFFER_INIT, BUFFER_INIT};
    struct problem problem;

    request->space = text_span("main");
    if (pattern) {
        ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &encoded[0], &problem),
                         0);
        request->alternatives[0].pattern.bytes = encoded[0].bytes;
        request->alternatives[0].pattern.size = (uint32_t)encoded[0].size;
        request->alternative_count = 1;
    }
    if (tuple) {
        ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &encoded[1], &problem), 0);
        request->tuples = (struct span){encoded[1].bytes, (uint32_t)encoded[1].size};
        request->tuple_count = 1;
    }
    request_encode(request, &asked);
    wire_flush(wire, &asked);
    buffer_deinit(&encoded[0]);
    buffer_deinit(&encoded[1]);
}

/* The one item of the last answer. */
static UNUSED struct item only_item(const struct wire *wire)
{
    struct item item = {0};
    const uint8_t *p = NULL;

    ck_assert_int_eq(reply_next_item(&wire->reply, &p, &item), 1);
    return item;
}

/* Holds the tuple that matches, for so long (0: for ever), and returns its token. */
static UNUSED struct token take_hold(struct wire *wire, uint64_t number, const char *pattern,
                                     uint64_t hold_us, bool detached)
{
    struct request request = {.number = number, .op = TSD_OP_HOLD};
    struct item item;

    if (hold_us) {
        request.has |= TSD_HAS(HOLD_TIME);
        request.hold_us = hold_us;
    }
    if (detached) {
        request.has |= TSD_HAS(DETACHED);
        request.detached = true;
    }
    ask(wire, &request, pattern, NULL);
    wire_expect(wire, number, TS_OK);
    ck_assert(!(wire->reply.extras.has & REPLY_HAS(DELIVERY))); /* rule S8 */
    item = only_item(wire);
    ck_assert(item.has & ITEM_HAS(TOKEN));
    return item.token;
}

/* finish (with that result, or NULL), release, renew of one token. */
static UNUSED void settle(struct wire *wire, struct request *request, const struct token *token,
                          const char *tuple)
{
    struct buffer encoded = BUFFER_INIT;

    token_encode(token, &encoded);
    request->tokens = (struct span){encoded.bytes, (uint32_t)encoded.size};
    request->token_count = 1;
    ask(wire, request, NULL, tuple);
    buffer_deinit(&encoded);
}

static UNUSED void finish(struct wire *wire, uint64_t number, const struct token *token,
                          const char *tuple, enum ts_status status)
{
    struct request request = {.number = number, .op = TSD_OP_FINISH};

    settle(wire, &request, token, tuple);
    wire_expect(wire, number, status);
}

static UNUSED void watch(struct wire *wire, uint64_t number, const char *pattern, bool now)
{
    struct request request = {.number = number, .op = TSD_OP_WATCH};

    if (now) {
        request.has = TSD_HAS(NOW);
        request.now = true;
    }
    ask(wire, &request, pattern, NULL);
}

/* Reads one frame, which is an event of that watch. */
static UNUSED struct event next_event(struct wire *wire, uint64_t number)
{
    const uint8_t *p = NULL;
    struct event event = {0};

    wire_expect(wire, number, TS_OK);
    ck_assert_int_eq(reply_next_event(&wire->reply, &p, &event), 1);
    return event;
}

static UNUSED void expect_event(struct wire *wire, uint64_t number, enum tsd_event kind)
{
    ck_assert_uint_eq(next_event(wire, number).kind, kind);
}

/*
 * A client that is a process of its own: `run` does what it is to do with a connection and writes what
 * the test is to know to the pipe; then it stands still until it is killed.
 */
struct client {
    pid_t pid;
    int pipe;
};

static UNUSED struct client client_start(const char *socket, void (*run)(struct wire *, int))
{
    struct client client;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    client.pid = fork();
    ck_assert_int_ge(client.pid, 0);
    if (client.pid == 0) {
        struct wire wire;

        wire_open(&wire, socket);
        run(&wire, ends[1]);
        for (;;)
            pause();
    }
    close(ends[1]);
    client.pipe = ends[0];
    return client;
}

/* What it has written; it has come so far. */
static UNUSED void client_tells(const struct client *client, void *bytes, size_t size)
{
    ck_assert_int_eq(read(client->pipe, bytes, size), (ssize_t)size);
}

static UNUSED void client_kill(struct client *client)
{
    int status;

    close(client->pipe);
    ck_assert_int_eq(kill(client->pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(client->pid, &status, 0), client->pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

#endif

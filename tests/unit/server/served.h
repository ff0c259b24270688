/* SPDX-License-Identifier: MIT */
/*
 * A handler with its engine and a client, without a loop that runs: frames are given to it by hand.
 */
#ifndef TESTS_SERVED_H
#define TESTS_SERVED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/reply.h"
#include "protocol/text_read.h"
#include "server/handler.h"

#define UNUSED __attribute__((unused))

static uv_loop_t loop;
static struct clock clock_;
static struct limits limits;
static struct users users;
static struct connections connections;
static struct handler handler;
static struct connection *connection;
static int ends[2];
static struct buffer out;

static UNUSED void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
}

static UNUSED struct connection *make(int pair[2])
{
    struct peer peer = {.uid = 1000};
    struct problem problem;
    struct connection *made;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    made = connection_new(&connections, pair[0], &peer, &users, &problem);
    ck_assert_ptr_nonnull(made);
    return made;
}

/* The frame in `out` is what came. */
static UNUSED void arrives(struct connection *from)
{
    struct problem problem;
    struct frame frame;
    size_t want;

    ck_assert_int_gt(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     0);
    handler_frame(&handler, from, &frame);
    buffer_clear(&out);
}

static UNUSED void says_hello(struct connection *from)
{
    hello_encode(&(struct hello){.version = TSD_PROTOCOL_VERSION}, &out);
    arrives(from);
}

static UNUSED void setup(void)
{
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    limits_init(&limits);
    users_init(&users);
    connections = (struct connections){.loop = &loop,
                                       .ready = on_ready,
                                       .clock = &clock_,
                                       .limits = &limits,
                                       .release = handler_release,
                                       .context = &handler};
    connections_init(&connections);
    ck_assert_int_eq(handler_init(&handler, &connections), 0);
    connection = make(ends);
    says_hello(connection);
}

static UNUSED void drop(struct connection *gone, int end)
{
    handler_end(&handler, gone);
    connection_close(gone);
    close(end);
}

static UNUSED void teardown(void)
{
    drop(connection, ends[1]);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    handler_deinit(&handler);
    connections_deinit(&connections);
    users_deinit(&users); /* asserts that nobody is charged any more */
    buffer_deinit(&out);
}

/* `in` or `rd` of the pattern; timeout_us 0: none. */
static UNUSED void asks(struct connection *from, uint64_t number, const char *pattern,
                        uint64_t timeout_us)
{
    struct request request = {.number = number,
                              .op = TSD_OP_RD,
                              .has = timeout_us ? TSD_HAS(TIMEOUT) : 0,
                              .timeout_us = timeout_us,
                              .space = {(const uint8_t *)"main", 4},
                              .alternative_count = 1};
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;

    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &encoded, &problem), 0);
    request.alternatives[0].pattern.bytes = encoded.bytes;
    request.alternatives[0].pattern.size = (uint32_t)encoded.size;
    request_encode(&request, &out);
    buffer_deinit(&encoded);
    arrives(from);
}

/* Puts [bin of that size]. */
static UNUSED void puts_blob(struct connection *from, uint64_t number, uint32_t size)
{
    struct request request = {.number = number,
                              .op = TSD_OP_OUT,
                              .space = {(const uint8_t *)"main", 4},
                              .tuple_count = 1};
    struct buffer tuple = BUFFER_INIT;
    msgpack_packer packer = buffer_packer(&tuple);
    uint8_t *blob = calloc(1, size);

    msgpack_pack_array(&packer, 1);
    buffer_pack_bin(&tuple, blob, size);
    free(blob);
    request.tuples = (struct span){tuple.bytes, (uint32_t)tuple.size};
    request_encode(&request, &out);
    buffer_deinit(&tuple);
    arrives(from);
}

#endif

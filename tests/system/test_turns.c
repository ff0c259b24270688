/* SPDX-License-Identifier: MIT */
/*
 * A real daemon at whose clients one has much to do: the others' turns come all the same.
 */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"
#include "protocol/limits.h"

#define MANY 320000 /* tuples, [1, 2], all of which a request for [?, 7] walks past */
#define ALL_OF_THEM "[?int, 7]"

static struct daemon daemon_;
static struct wire busy, other;
static struct buffer out;

/* Connects; answers tell their positions. */
static void open_with_positions(struct wire *wire)
{
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION, .positions = true};
    struct frame frame;

    wire_connect(wire, daemon_.socket);
    hello_encode(&hello, &out);
    wire_flush(wire, &out);
    ck_assert(wire_read(wire, &frame));
}

static void put_many(struct wire *wire)
{
    enum { UNIT = 16000, SIZE = 3 };
    static uint8_t tuples[UNIT * SIZE];
    struct request request = {.op = TSD_OP_OUT,
                              .space = {(const uint8_t *)"main", 4},
                              .tuples = {tuples, sizeof(tuples)},
                              .tuple_count = UNIT};

    for (size_t i = 0; i < UNIT; i++)
        memcpy(tuples + SIZE * i, "\x92\x01\x02", SIZE);
    for (request.number = 1; request.number <= MANY / UNIT; request.number++) {
        request_encode(&request, &out);
        wire_flush(wire, &out);
        wire_expect(wire, request.number, TS_OK);
    }
}

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    open_with_positions(&busy);
    open_with_positions(&other);
    put_many(&busy);
}

static void teardown(void)
{
    wire_close(&busy);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

static void add_count(uint64_t number)
{
    wire_add_match(&out, TSD_OP_COUNT, number, "main", ALL_OF_THEM, UINT64_MAX);
}

static bool has_come(const struct wire *wire)
{
    struct pollfd ready = {.fd = wire->fd, .events = POLLIN};

    return wire->in.size > 0 || poll(&ready, 1, 0) == 1;
}

/* One more count is answered; one that finds an index overtakes those that walk (rule S1). */
static void expect_a_count(void)
{
    struct problem problem;
    struct frame frame;

    ck_assert(wire_read(&busy, &frame));
    ck_assert_int_eq(reply_decode(&frame, &busy.reply, &problem), 0);
    ck_assert_int_eq((int)busy.reply.status, TS_OK);
}

START_TEST(what_a_dead_client_had_comes_back_while_others_count)
{
    enum { AT_ONCE = 4, APART = 100, MOST = 200 }; /* counts; rounds; numbers */
    uint64_t number = 100, left = 0;
    struct wire worker;

    wire_out(&other, 1, "[\"job\", 5]");
    wire_open(&worker, daemon_.socket);
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"job\", ?int]", 0);
    wire_flush(&worker, &out);
    wire_expect(&worker, 1, TS_OK);
    for (int i = 0; i < AT_ONCE; i++) {
        add_count(++number);
        left++;
        wire_flush(&busy, &out);
        for (uint64_t round = 0; round < APART; round++)
            wire_ping(&other, 10 + round);
    }
    wire_close(&worker);
    wire_add_match(&out, TSD_OP_IN, 2, "main", "[\"job\", ?int]", UINT64_MAX);
    wire_flush(&other, &out);
    while (!has_come(&other)) { /* so that some count is always under way */
        expect_a_count();
        ck_assert_uint_lt(number, MOST);
        add_count(++number);
        wire_flush(&busy, &out);
    }
    wire_expect(&other, 2, TS_OK);
    while (left-- > 0)
        expect_a_count();
}
END_TEST

START_TEST(who_leaves_gets_the_answer_to_its_own_count_first)
{
    uint64_t count = 1;

    add_count(100);
    wire_flush(&busy, &out);
    ck_assert_int_eq(shutdown(busy.fd, SHUT_WR), 0);
    wire_expect(&busy, 100, TS_OK);
    ck_assert_int_eq(reply_result_uint(&busy.reply, &count), 0);
    ck_assert_uint_eq(count, 0);
    wire_expect_end(&busy);
}
END_TEST

/* Stops the daemon, so that what follows is there for it all at once. */
static void hold_daemon(void)
{
    int status;

    ck_assert_int_eq(kill(daemon_.pid, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(daemon_.pid, &status, WUNTRACED), daemon_.pid);
    ck_assert(WIFSTOPPED(status));
}

START_TEST(long_walks_hold_nobody_up)
{
    enum { WALKS = 7 };
    uint64_t first = UINT64_MAX;
    struct problem problem;
    struct frame frame;

    hold_daemon();
    for (uint64_t i = 0; i < WALKS; i++)
        wire_add_match(&out, TSD_OP_RD, 100 + i, "main", ALL_OF_THEM, 0);
    wire_flush(&busy, &out);
    wire_add_out(&out, 1, "main", "[\"mine\"]");
    wire_flush(&other, &out);
    ck_assert_int_eq(kill(daemon_.pid, SIGCONT), 0);
    for (uint64_t i = 0; i < WALKS; i++) { /* in whichever order: each goes on in pieces */
        ck_assert(wire_read(&busy, &frame));
        ck_assert_int_eq(reply_decode(&frame, &busy.reply, &problem), 0);
        ck_assert_int_eq((int)busy.reply.status, TS_NOMATCH);
        if (busy.reply.extras.at < first)
            first = busy.reply.extras.at;
    }
    wire_expect(&other, 1, TS_OK);
    ck_assert_uint_lt(other.reply.extras.at, first);
    tried("long_walks_hold_nobody_up", WALKS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/turns");
    TCase *tcase = tcase_create("turns");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_a_dead_client_had_comes_back_while_others_count);
    tcase_add_test(tcase, who_leaves_gets_the_answer_to_its_own_count_first);
    tcase_add_test(tcase, long_walks_hold_nobody_up);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Last wills at a real daemon: what a client leaves when it ends without a goodbye (rule S10).
 */
#include <stdlib.h>

#include "lib/daemon.h"
#include "system/asking.h"

static struct daemon daemon_;
static struct wire other; /* looks */
static struct wire wire;  /* leaves a will */

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
    wire_open(&wire, daemon_.socket);
}

static void teardown(void)
{
    wire_ping(&other, 1000);
    wire_close(&other);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

static void leave(struct wire *from, uint64_t number, const char *tuple)
{
    struct request request = {.number = number, .op = TSD_OP_WILL};

    ask(from, &request, NULL, tuple);
    wire_expect(from, number, TS_OK);
}

/* Waits for one tuple. */
static struct item take(uint64_t number, const char *pattern)
{
    struct request request = {.number = number, .op = TSD_OP_IN};

    ask(&other, &request, pattern, NULL);
    wire_expect(&other, number, TS_OK);
    return only_item(&other);
}

static void say_goodbye(struct wire *from)
{
    wire_add_plain(&asked, TSD_OP_CLOSE, 99, 0);
    wire_flush(from, &asked);
    wire_expect(from, 99, TS_OK);
    wire_expect_end(from);
}

static void run_with_will(struct wire *from, int pipe)
{
    leave(from, 1, "[\"error\", 7, \"lost\"]");
    take_hold(from, 2, "[\"job\"]", 0, false);
    ck_assert_int_eq(write(pipe, "x", 1), 1);
}

START_TEST(the_will_of_a_killed_client_is_put_after_what_it_kept)
{
    struct client client;
    struct event event;
    char byte;

    wire_out(&wire, 1, "[\"job\"]");
    client = client_start(daemon_.socket, run_with_will);
    client_tells(&client, &byte, 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 0);
    watch(&wire, 2, "[...]", false);
    expect_event(&wire, 2, TSD_EVENT_READY);
    client_kill(&client);
    expect_event(&wire, 2, TSD_EVENT_RETURNED);
    event = next_event(&wire, 2);
    ck_assert_uint_eq(event.kind, TSD_EVENT_PUT);
    ck_assert_uint_eq(event.item.tuple.bytes[0], 0x93);
    take(1, "[\"error\", 7, \"lost\"]");
    wire_close(&wire);
}
END_TEST

START_TEST(after_a_goodbye_there_is_none)
{
    leave(&wire, 1, "[\"will\"]");
    say_goodbye(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 0);
    wire_close(&wire);
}
END_TEST

START_TEST(who_just_hangs_up_leaves_it)
{
    leave(&wire, 1, "[\"will\"]");
    wire_close(&wire);
    take(1, "[\"will\"]");
}
END_TEST

START_TEST(a_protocol_error_is_an_end_like_another)
{
    leave(&wire, 1, "[\"will\"]");
    wire_send(&wire, "\xce\x00\x00\x00\x01\xc0", 6);
    wire_expect_error(&wire, TS_PROTOCOL, "");
    take(1, "[\"will\"]");
    wire_close(&wire);
}
END_TEST

START_TEST(the_later_one_counts)
{
    leave(&wire, 1, "[\"will\", 1]");
    leave(&wire, 2, "[\"will\", 2]");
    wire_close(&wire);
    take(1, "[\"will\", 2]");
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 0);
}
END_TEST

START_TEST(without_tuples_it_is_taken_back)
{
    leave(&wire, 1, "[\"will\"]");
    leave(&wire, 2, NULL);
    watch(&other, 1, "[...]", false);
    expect_event(&other, 1, TSD_EVENT_READY);
    wire_out(&wire, 3, "[\"bound to nobody\"]");
    expect_event(&other, 1, TSD_EVENT_PUT);
    wire_close(&wire);
    wire_ping(&other, 2);
    wire_ping(&other, 3); /* the daemon has seen that it left */
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 1);
}
END_TEST

START_TEST(what_was_bound_goes_with_its_connection)
{
    struct request request = {.number = 1, .op = TSD_OP_OUT, .has = TSD_HAS(BOUND)};

    request.putting.has = TSD_HAS(BOUND);
    request.putting.bound = true;
    ask(&wire, &request, NULL, "[\"here\", 1]");
    wire_expect(&wire, 1, TS_OK);
    watch(&other, 1, "[\"here\", ?]", true);
    expect_event(&other, 1, TSD_EVENT_PUT);
    expect_event(&other, 1, TSD_EVENT_READY);
    wire_close(&wire);
    expect_event(&other, 1, TSD_EVENT_EXPIRED);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/will");
    TCase *tcase = tcase_create("will");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_will_of_a_killed_client_is_put_after_what_it_kept);
    tcase_add_test(tcase, after_a_goodbye_there_is_none);
    tcase_add_test(tcase, who_just_hangs_up_leaves_it);
    tcase_add_test(tcase, a_protocol_error_is_an_end_like_another);
    tcase_add_test(tcase, the_later_one_counts);
    tcase_add_test(tcase, without_tuples_it_is_taken_back);
    tcase_add_test(tcase, what_was_bound_goes_with_its_connection);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

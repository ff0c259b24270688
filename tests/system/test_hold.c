/* SPDX-License-Identifier: MIT */
/*
 * Holds at a real daemon, whose holders are processes that get killed: rules S7, S8, S11, S14.
 */
#include <stdlib.h>

#include "lib/daemon.h"
#include "system/asking.h"

#define HOUR_US 3600000000u

static struct daemon daemon_;
static struct wire other; /* puts, and looks */

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
    wire_out(&other, 1, "[\"job\", 1]");
}

static void teardown(void)
{
    wire_ping(&other, 1000);
    wire_close(&other);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

/* Waits until the job is back, and takes it. */
static struct item take_job(uint64_t number)
{
    struct request request = {.number = number, .op = TSD_OP_IN};

    ask(&other, &request, "[\"job\", ?]", NULL);
    wire_expect(&other, number, TS_OK);
    return only_item(&other);
}

static void came_back(const struct item *item, uint32_t returns, enum tsd_reason reason)
{
    ck_assert(item->has & ITEM_HAS(RETURNS));
    ck_assert_uint_eq(item->returns, returns);
    ck_assert(item->has & ITEM_HAS(REASON));
    ck_assert_uint_eq(item->reason, reason);
}

static void run_hold(struct wire *wire, int pipe)
{
    take_hold(wire, 1, "[\"job\", ?]", 0, false);
    ck_assert_int_eq(write(pipe, "x", 1), 1);
}

static void run_in(struct wire *wire, int pipe)
{
    struct request request = {.number = 1, .op = TSD_OP_IN};

    ask(wire, &request, "[\"job\", ?]", NULL);
    wire_expect(wire, 1, TS_OK);
    ck_assert_int_eq(write(pipe, "x", 1), 1);
}

static void run_detached(struct wire *wire, int pipe)
{
    struct token token = take_hold(wire, 1, "[\"job\", ?]", HOUR_US, true);

    ck_assert_int_eq(write(pipe, &token, sizeof(token)), sizeof(token));
}

/* 0: held; 1: delivered, and not acknowledged */
START_TEST(what_a_killed_client_kept_comes_back_and_says_so)
{
    struct client client = client_start(daemon_.socket, _i ? run_in : run_hold);
    struct item item;
    char byte;

    client_tells(&client, &byte, 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"job\", ?]"), 0);
    client_kill(&client);
    item = take_job(2);
    came_back(&item, 1, TSD_REASON_CONNECTION);
}
END_TEST

START_TEST(each_worker_that_is_killed_counts)
{
    struct item item;
    char byte;

    for (int i = 0; i < 5; i++) {
        struct client client =
            client_start(daemon_.socket, run_hold); /* waits for the last one's */

        client_tells(&client, &byte, 1);
        client_kill(&client);
    }
    item = take_job(2);
    came_back(&item, 5, TSD_REASON_CONNECTION);
}
END_TEST

START_TEST(a_detached_hold_survives_and_who_has_its_token_settles_it)
{
    struct client client = client_start(daemon_.socket, run_detached);
    struct token token, wrong;

    client_tells(&client, &token, sizeof(token));
    client_kill(&client);
    wire_ping(&other, 2);
    wire_ping(&other, 3); /* the daemon has seen that it is gone */
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"job\", ?]"), 0);
    ck_assert_uint_ne(token.secret, 0);
    wrong = token;
    wrong.secret ^= 1;
    finish(&other, 4, &wrong, "[\"wrong\"]", TS_LATE);
    finish(&other, 5, &token, "[\"done\", 1]", TS_OK);
    finish(&other, 6, &token, "[\"done\", 2]", TS_LATE);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"done\", 1]"), 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 1); /* and nothing else */
}
END_TEST

START_TEST(secrets_differ)
{
    struct token first, second;

    wire_out(&other, 2, "[\"job\", 2]");
    first = take_hold(&other, 3, "[\"job\", 1]", HOUR_US, true);
    second = take_hold(&other, 4, "[\"job\", 2]", HOUR_US, true);
    ck_assert_uint_ne(first.secret, second.secret);
}
END_TEST

START_TEST(only_who_holds_may_settle)
{
    struct token token = take_hold(&other, 2, "[\"job\", ?]", 0, false);
    struct wire thief;

    ck_assert_uint_eq(token.secret, 0);
    wire_open(&thief, daemon_.socket);
    finish(&thief, 1, &token, "[\"stolen\"]", TS_LATE);
    wire_close(&thief);
    finish(&other, 3, &token, NULL, TS_OK);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[...]"), 0);
}
END_TEST

START_TEST(a_finish_after_the_hold_time_is_late_and_puts_nothing)
{
    struct token token = take_hold(&other, 2, "[\"job\", ?]", 1000, false);
    struct item item = take_job(3);

    came_back(&item, 1, TSD_REASON_HOLD_OVER);
    finish(&other, 4, &token, "[\"done\"]", TS_LATE);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"done\"]"), 0);
}
END_TEST

START_TEST(a_renewal_after_the_hold_time_is_late)
{
    struct request request = {.number = 4, .op = TSD_OP_RENEW, .duration_us = HOUR_US};
    struct token token = take_hold(&other, 2, "[\"job\", ?]", 1000, false);

    take_job(3);
    settle(&other, &request, &token, NULL);
    wire_expect(&other, 4, TS_LATE);
}
END_TEST

START_TEST(a_renewed_hold_lasts)
{
    struct request request = {.number = 3, .op = TSD_OP_RENEW, .duration_us = 1000};
    struct token token = take_hold(&other, 2, "[\"job\", ?]", HOUR_US, false);
    struct item item;

    settle(&other, &request, &token, NULL); /* also to an earlier end */
    wire_expect(&other, 3, TS_OK);
    item = take_job(4);
    came_back(&item, 1, TSD_REASON_HOLD_OVER);
}
END_TEST

START_TEST(a_release_says_what_the_worker_ended_with)
{
    struct request request = {
        .number = 3, .op = TSD_OP_RELEASE, .has = TSD_HAS(EXIT), .exit_status = 256 + SIGSEGV};
    struct token token = take_hold(&other, 2, "[\"job\", ?]", 0, false);
    struct item item;

    settle(&other, &request, &token, NULL);
    wire_expect(&other, 3, TS_OK);
    item = take_job(4);
    came_back(&item, 1, TSD_REASON_RELEASED);
    ck_assert(item.has & ITEM_HAS(EXIT_STATUS));
    ck_assert_uint_eq(item.exit_status, 256 + SIGSEGV);
}
END_TEST

/* 0: a hold; 1: a delivery, whose token is its number and the tuple's id */
START_TEST(what_was_not_tried_comes_back_uncounted)
{
    struct request request = {
        .number = 3, .op = TSD_OP_RELEASE, .has = TSD_HAS(UNTRIED), .untried = true};
    struct token token = {.delivery = true};
    struct item item;

    if (_i) {
        item = take_job(2);
        token.number = other.reply.extras.delivery;
        token.secret = item.id;
    } else {
        token = take_hold(&other, 2, "[\"job\", ?]", 0, false);
    }
    settle(&other, &request, &token, NULL);
    wire_expect(&other, 3, TS_OK);
    item = take_job(4);
    ck_assert_uint_eq(item.has & ITEM_HAS(RETURNS) ? item.returns : 0, 0);
}
END_TEST

START_TEST(who_put_a_tuple_is_told_where_it_is_asked_for) /* rule S21 */
{
    struct request request = {.number = 2, .op = TSD_OP_RD, .has = TSD_HAS(WHO), .who = true};
    struct item item;

    ask(&other, &request, "[\"job\", ?]", NULL);
    wire_expect(&other, 2, TS_OK);
    item = only_item(&other);
    ck_assert(item.has & ITEM_HAS(UID));
    ck_assert_uint_eq(item.uid, getuid());
    ck_assert(item.has & ITEM_HAS(PID));
    ck_assert_uint_eq(item.pid, (uint32_t)getpid());
    ck_assert(item.has & ITEM_HAS(AGE));
}
END_TEST

START_TEST(what_goes_back_in_a_stop_is_given_to_nobody) /* rule S10 */
{
    struct request request = {.number = 1, .op = TSD_OP_IN};
    struct wire waiting[8];

    setup();
    take_hold(&other, 2, "[\"job\", ?]", 0, false);
    for (int i = 0; i < 8; i++) {
        wire_open(&waiting[i], daemon_.socket);
        ask(&waiting[i], &request, "[\"job\", ?]", NULL);
        wire_ping(&waiting[i], 2);
    }
    ck_assert_int_eq(kill(daemon_.pid, SIGTERM), 0);
    for (int i = 0; i < 8; i++) {
        wire_expect_error(&waiting[i], TS_STOPPING, "stopping"); /* and no answer before it */
        wire_close(&waiting[i]);
    }
    wire_expect_error(&other, TS_STOPPING, "stopping");
    wire_close(&other);
    buffer_deinit(&asked);
    daemon_stopped(&daemon_);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/hold");
    TCase *tcase = tcase_create("hold");
    TCase *stop = tcase_create("stop");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, what_a_killed_client_kept_comes_back_and_says_so, 0, 2);
    tcase_add_test(tcase, each_worker_that_is_killed_counts);
    tcase_add_test(tcase, a_detached_hold_survives_and_who_has_its_token_settles_it);
    tcase_add_test(tcase, secrets_differ);
    tcase_add_test(tcase, only_who_holds_may_settle);
    tcase_add_test(tcase, a_finish_after_the_hold_time_is_late_and_puts_nothing);
    tcase_add_test(tcase, a_renewal_after_the_hold_time_is_late);
    tcase_add_test(tcase, a_renewed_hold_lasts);
    tcase_add_test(tcase, a_release_says_what_the_worker_ended_with);
    tcase_add_loop_test(tcase, what_was_not_tried_comes_back_uncounted, 0, 2);
    tcase_add_test(tcase, who_put_a_tuple_is_told_where_it_is_asked_for);
    suite_add_tcase(suite, tcase);
    tcase_add_test(stop, what_goes_back_in_a_stop_is_given_to_nobody);
    suite_add_tcase(suite, stop);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

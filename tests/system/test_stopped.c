/* SPDX-License-Identifier: MIT */
/*
 * Processes that are stopped for a while, as by SIGSTOP or with their host: clients in the middle of
 * something, and the daemon itself, for which the time that it did not run does not count (rule S5).
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "system/asking.h"

#define HOLD_US 200000 /* that holds last */
#define STALL_MS 1600  /* for which the daemon is stopped: over the second from which it counts */

static struct daemon daemon_;
static struct wire other; /* puts, and looks */
static struct wire wire;

static void setup(void)
{
    const char *const options[] = {"--limit", "unread-ms=200", "--log-level", "err", NULL};

    daemon_start(&daemon_, options);
    wire_open(&other, daemon_.socket);
    wire_open(&wire, daemon_.socket);
    wire_out(&other, 1, "[\"job\"]");
}

static void teardown(void)
{
    wire_ping(&other, 1000);
    wire_close(&other);
    wire_close(&wire);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

static void stop_process(pid_t pid)
{
    int status;

    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
    ck_assert(WIFSTOPPED(status));
}

static struct item take(uint64_t number, const char *pattern)
{
    struct request request = {.number = number, .op = TSD_OP_IN};

    ask(&other, &request, pattern, NULL);
    wire_expect(&other, number, TS_OK);
    return only_item(&other);
}

START_TEST(a_renewal_that_came_while_the_daemon_was_stopped_is_in_time)
{
    struct request renew = {.number = 3, .op = TSD_OP_RENEW, .duration_us = 3600000000u};
    struct token token = take_hold(&wire, 2, "[\"job\"]", HOLD_US, false);

    stop_process(daemon_.pid);
    settle(&wire, &renew, &token, NULL);
    poll(NULL, 0, STALL_MS); /* the hold would be over by then */
    ck_assert_int_eq(kill(daemon_.pid, SIGCONT), 0);
    wire_expect(&wire, 3, TS_OK);
    finish(&wire, 4, &token, "[\"done\"]", TS_OK);
    take(2, "[\"done\"]");
    tried("a_renewal_that_came_while_the_daemon_was_stopped_is_in_time", 1);
}
END_TEST

START_TEST(what_nobody_renews_ends_all_the_same)
{
    struct request in = {
        .number = 5, .op = TSD_OP_IN, .has = TSD_HAS(TIMEOUT), .timeout_us = HOLD_US};
    struct token token = take_hold(&wire, 2, "[\"job\"]", HOLD_US, false);

    ask(&other, &in, "[\"never\"]", NULL);
    stop_process(daemon_.pid);
    poll(NULL, 0, STALL_MS);
    ck_assert_int_eq(kill(daemon_.pid, SIGCONT), 0);
    wire_expect(&other, 5, TS_TIMEOUT);
    ck_assert_uint_eq(take(6, "[\"job\"]").returns, 1);
    finish(&wire, 3, &token, NULL, TS_LATE);
    /* and what comes later is timed as ever */
    ask(&other, &in, "[\"never\"]", NULL);
    wire_expect(&other, 5, TS_TIMEOUT);
    tried("what_nobody_renews_ends_all_the_same", 1);
}
END_TEST

/* Takes the job and stands in the middle of a request. */
static void run_in_mid_frame(struct wire *client, int pipe)
{
    struct request in = {.number = 1, .op = TSD_OP_IN};
    struct buffer out = BUFFER_INIT;
    char go;

    ask(client, &in, "[\"job\"]", NULL);
    wire_expect(client, 1, TS_OK);
    wire_add_out(&out, 2, "main", "[\"result\"]");
    wire_send(client, out.bytes, out.size / 2);
    ck_assert_int_eq(write(pipe, "x", 1), 1);
    ck_assert_int_eq(recv(client->fd, &go, 1, MSG_PEEK), 1); /* nothing comes: it waits here */
}

START_TEST(a_client_stopped_in_mid_frame_keeps_what_it_has_until_it_is_killed)
{
    struct client client = client_start(daemon_.socket, run_in_mid_frame);
    char byte;

    client_tells(&client, &byte, 1);
    stop_process(client.pid);
    for (uint64_t number = 2; number < 102; number += 2) {
        wire_out(&wire, number, "[\"mine\"]");
        take(number, "[\"mine\"]");
    }
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"job\"]"), 0);
    client_kill(&client);
    ck_assert_uint_eq(take(200, "[\"job\"]").returns, 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"result\"]"), 0);
    tried("a_client_stopped_in_mid_frame_keeps_what_it_has_until_it_is_killed", 1);
}
END_TEST

/* Takes the job and asks for more answers than it reads: one of a thousand. */
static void run_behind(struct wire *client, int pipe)
{
    struct request in = {.number = 1, .op = TSD_OP_IN};
    struct buffer out = BUFFER_INIT;

    ask(client, &in, "[\"job\"]", NULL);
    wire_expect(client, 1, TS_OK);
    for (uint64_t number = 2; number < 1002; number++)
        wire_add_match(&out, TSD_OP_RD, number, "main", "[\"large\", ?]", 0);
    wire_flush(client, &out);
    ck_assert_int_eq(write(pipe, "x", 1), 1);
}

START_TEST(a_stopped_client_that_is_behind_is_disconnected)
{
    char tuple[8192] = "[\"large\", \"";
    struct client client;
    char byte;

    memset(tuple + 11, 'x', sizeof tuple - 14);
    memcpy(tuple + sizeof tuple - 3, "\"]", 3);
    wire_out(&other, 2, tuple);
    client = client_start(daemon_.socket, run_behind);
    client_tells(&client, &byte, 1);
    stop_process(client.pid);
    ck_assert_uint_eq(take(3, "[\"job\"]").returns, 1); /* waits until it is back */
    client_kill(&client);
    tried("a_stopped_client_that_is_behind_is_disconnected", 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/stopped");
    TCase *tcase = tcase_create("stopped");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_renewal_that_came_while_the_daemon_was_stopped_is_in_time);
    tcase_add_test(tcase, what_nobody_renews_ends_all_the_same);
    tcase_add_test(tcase, a_client_stopped_in_mid_frame_keeps_what_it_has_until_it_is_killed);
    tcase_add_test(tcase, a_stopped_client_that_is_behind_is_disconnected);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

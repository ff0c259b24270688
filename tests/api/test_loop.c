/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous core in somebody else's event loop, with a real daemon.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/api.h"

enum { MANY = 500 };

static int answered, cancelled;

/* That of the manual, to its end. */
static void manual_loop(ts_client *client)
{
    for (;;) {
        struct pollfd p = {ts_client_fd(client), ts_client_events(client), 0};
        poll(&p, 1, ts_client_poll_timeout(client));
        if (ts_client_dispatch(client) != TS_OK)
            break;
    }
}

/* The same, until `count` callbacks have run. */
static void loop(ts_client *client, const int *count, int until)
{
    while (*count < until) {
        struct pollfd p = {ts_client_fd(client), ts_client_events(client), 0};
        ck_assert_int_ge(poll(&p, 1, ts_client_poll_timeout(client)), 0);
        is(ts_client_dispatch(client), TS_OK);
    }
}

static void count_answer(ts_client *client, uint64_t number, ts_status status,
                         const ts_result *result, void *arg)
{
    int64_t field = -1;

    (void)client, (void)number;
    cancelled += status == TS_CANCELLED;
    if (status == TS_OK && arg)
        ck_assert(ts_field_int(ts_tuple_at(result, 0), 1, &field) && field == *(int *)arg);
    answered++;
}

START_TEST(any_number_waits_on_one_connection)
{
    static int values[MANY];
    ts_client *putter = ts_connect(server.socket, NULL);

    for (int i = 0; i < MANY; i++) {
        values[i] = i;
        is(ts_submit_in(ts, TS("t", i), TS_FOREVER, count_answer, &values[i], NULL), TS_OK);
    }
    is(ts_client_flush(ts), TS_OK);
    is(ts_ping(ts), TS_OK); /* none of them holds it up */
    for (int i = MANY; i-- > 0;)
        is(ts_out(putter, TS("t", i)), TS_OK);
    loop(ts, &answered, MANY);
    is(ts_inp(putter, TS("t", TS_ANY)), TS_NOMATCH);
    ts_disconnect(putter);
}
END_TEST

START_TEST(timeouts_run_at_the_daemon)
{
    for (int i = 0; i < 20; i++)
        is(ts_submit_in(ts, TS("never"), 0.001 * i, count_answer, NULL, NULL), TS_OK);
    loop(ts, &answered, 20);
}
END_TEST

START_TEST(a_cancel_is_definite)
{
    uint64_t waits = 0, served = 0;

    is(ts_submit_in(ts, TS("c", 1), TS_FOREVER, count_answer, NULL, &waits), TS_OK);
    is(ts_submit_in(ts, TS("c", 2), TS_FOREVER, count_answer, NULL, &served), TS_OK);
    is(ts_out(ts, TS("c", 2)), TS_OK);
    is(ts_cancel(ts, waits), TS_OK);
    is(ts_cancel(ts, served), TS_NOMATCH);
    loop(ts, &answered, 2);
    ck_assert_int_eq(cancelled, 1);
    is(ts_out(ts, TS("c", 1)), TS_OK);
    is(ts_inp(ts, TS("c", 1)), TS_OK); /* the cancelled one took nothing */
}
END_TEST

/* A worker without a call that waits: takes, puts the result, waits for the next. */
static void work(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                 void *arg)
{
    int64_t n;

    (void)number;
    if (status != TS_OK)
        return;
    ck_assert(ts_field_int(ts_tuple_at(result, 0), 1, &n));
    is(ts_submit_out(client, TS("done", n * n), NULL, NULL), TS_OK);
    is(ts_submit_in(client, TS("todo", TS_ANY_INT), TS_FOREVER, work, arg, NULL), TS_OK);
    answered++;
}

START_TEST(a_worker_of_callbacks)
{
    ts_client *putter = ts_connect(server.socket, NULL);
    uint64_t count = 0;

    is(ts_submit_in(ts, TS("todo", TS_ANY_INT), TS_FOREVER, work, NULL, NULL), TS_OK);
    for (int i = 0; i < 100; i++)
        is(ts_out(putter, TS("todo", i)), TS_OK);
    loop(ts, &answered, 100);
    is(ts_ping(ts), TS_OK);
    is(ts_count(putter, TS("done", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 100);
    is(ts_rdp(putter, TS("done", 99 * 99)), TS_OK);
    ts_disconnect(putter);
}
END_TEST

START_TEST(large_requests_and_answers_go_both_ways_at_once)
{
    static char zeros[200000];
    ts_client *other = ts_connect(server.socket, NULL);

    for (int i = 0; i < 20; i++) {
        is(ts_submit_out(ts, TS("big", TS_BIN(zeros, sizeof(zeros))), count_answer, NULL), TS_OK);
        is(ts_submit_in(ts, TS("big", TS_ANY), TS_FOREVER, count_answer, NULL, NULL), TS_OK);
    }
    loop(ts, &answered, 40);
    is(ts_inp(other, TS("big", TS_ANY)), TS_NOMATCH);
    ts_disconnect(other);
}
END_TEST

START_TEST(the_loop_ends_without_a_daemon)
{
    ts_client *client = ts_connect("/nowhere/socket", NULL);

    ck_assert_int_eq(ts_client_fd(client), -1);
    manual_loop(client);
    is(ts_client_status(client), TS_NO_DAEMON);
    ck_assert_ptr_nonnull(strstr(ts_error_text(client), "/nowhere/socket"));
    ts_disconnect(client);
}
END_TEST

START_TEST(the_loop_ends_with_the_daemon)
{
    struct daemon other;
    ts_client *client;

    daemon_start(&other, NULL);
    client = ts_connect(other.socket, NULL);
    is(ts_submit_in(client, TS(1), TS_FOREVER, count_answer, NULL, NULL), TS_OK);
    is(ts_ping(client), TS_OK);
    daemon_kill(&other);
    manual_loop(client);
    is(ts_client_status(client), TS_LOST);
    ck_assert_int_eq(answered, 1);
    daemon_clean(&other);
    ts_disconnect(client);
}
END_TEST

/* Nothing is under way any more that would have an answer. */
START_TEST(the_loop_ends_after_a_call_that_found_the_daemon_gone)
{
    struct daemon other;
    ts_client *client;

    daemon_start(&other, NULL);
    client = ts_connect(other.socket, NULL);
    is(ts_ping(client), TS_OK);
    daemon_kill(&other);
    is(ts_ping(client), TS_LOST);
    manual_loop(client);
    is(ts_client_status(client), TS_LOST);
    daemon_clean(&other);
    ts_disconnect(client);
}
END_TEST

static int polled = -1;

static void follow(ts_client *client, int old_fd, int new_fd, void *arg)
{
    (void)client, (void)old_fd, (void)arg;
    polled = new_fd;
}

START_TEST(the_descriptor_is_followed_over_a_restart)
{
    const ts_options options = {.descriptor = follow};
    struct daemon other;
    ts_client *client;

    daemon_start(&other, NULL);
    client = ts_connect(other.socket, &options);
    is(ts_submit_in(client, TS(1), TS_FOREVER, count_answer, NULL, NULL), TS_OK);
    is(ts_client_flush(client), TS_OK);
    daemon_kill(&other);
    while (ts_client_dispatch(client) == TS_OK)
        ;
    ck_assert_int_eq(answered, 1);
    ck_assert_int_eq(polled, -1);
    daemon_clean(&other);
    ts_disconnect(client);
}
END_TEST

RUN_TESTS("api/loop", any_number_waits_on_one_connection, timeouts_run_at_the_daemon,
          a_cancel_is_definite, a_worker_of_callbacks,
          large_requests_and_answers_go_both_ways_at_once, the_loop_ends_without_a_daemon,
          the_loop_ends_with_the_daemon, the_loop_ends_after_a_call_that_found_the_daemon_gone,
          the_descriptor_is_followed_over_a_restart)

/* SPDX-License-Identifier: MIT */
/*
 * Connecting anew to a daemon that was killed and started again: no tuple is lost or doubled by the
 * library, and what it cannot know it says.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/api.h"

static ts_client *own; /* one that connects anew */

static void connect_own(void)
{
    own = ts_connect(server.socket, &(ts_options){.reconnect = TS_FOREVER});
}

static void restart(void)
{
    int status;

    daemon_kill(&server);
    ck_assert(daemon_try(&server, NULL, &status));
    is(ts_reconnect(ts), TS_OK);
}

static ts_status told;
static int64_t told_n;
static int told_count;
static bool told_repeated;

static void tell(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                 void *arg)
{
    (void)client;
    (void)number;
    (void)arg;
    told = status;
    told_count++;
    told_repeated = result->repeated;
    ts_field_int(ts_tuple_at(result, 0), 1, &told_n);
}

/* Dispatches until so many callbacks have run. */
static void await_told(int count)
{
    while (told_count < count) {
        struct pollfd p = {ts_client_fd(own), ts_client_events(own), 0};

        poll(&p, 1, ts_client_poll_timeout(own));
        is(ts_client_dispatch(own), TS_OK);
    }
}

START_TEST(a_wait_goes_on_after_a_restart)
{
    connect_own();
    is(ts_submit_in(own, TS("n", TS_ANY), TS_FOREVER, tell, NULL, NULL), TS_OK);
    is(ts_client_dispatch(own), TS_OK);
    restart();
    is(ts_out(ts, TS("n", 7)), TS_OK);
    await_told(1);
    is(told, TS_OK);
    ck_assert_int_eq(told_n, 7);
    ts_disconnect(own);
}
END_TEST

static int wait_and_say(void)
{
    int n = 0;

    connect_own();
    (void)ts_out(own, TS("waits")); /* unknown, where the daemon is killed before it has answered */
    if (ts_in(own, TS("n", &n), TS_FOREVER) != TS_OK)
        return 1;
    if (ts_out(own, TS("got", n)) != TS_OK)
        return 2;
    ts_disconnect(own);
    return 0;
}

START_TEST(a_call_that_waits_goes_on_too)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(wait_and_say());
    is(ts_in(ts, TS("waits"), 60), TS_OK);
    restart();
    is(ts_out(ts, TS("n", 8)), TS_OK);
    is(ts_in(ts, TS("got", 8), 60), TS_OK);
    ck_assert_int_eq(wait_for(pid), 0);
}
END_TEST

START_TEST(a_result_of_what_went_back_is_not_put)
{
    int n = 0;

    connect_own();
    is(ts_out(ts, TS("n", 1)), TS_OK);
    is(ts_in(own, TS("n", &n), 60), TS_OK);
    restart();
    is(ts_out(own, TS("result", n)), TS_LOST);
    is(ts_rdp(ts, TS("result", n)), TS_NOMATCH);
    is(ts_out(own, TS("result", n)), TS_OK); /* who insists may */
    ts_disconnect(own);
}
END_TEST

START_TEST(without_a_daemon_calls_wait_for_it)
{
    connect_own();
    is(ts_ping(own), TS_OK);
    daemon_kill(&server);
    is(ts_submit_out(own, TS("queued"), tell, NULL), TS_OK);
    is(ts_client_dispatch(own), TS_OK);
    is(ts_rd(own, TS("queued"), 0.01), TS_TIMEOUT); /* of its own */
    daemon_clean(&server);
    daemon_start(&server, NULL);
    is(ts_reconnect(own), TS_NO_DAEMON); /* it has another path */
    is(ts_rdp(own, TS("queued")), TS_NO_DAEMON);
    ts_disconnect(own);
}
END_TEST

START_TEST(a_detached_hold_is_late_in_another_run)
{
    const ts_request hold = {
        .operation = TSD_OP_HOLD, .pattern = TS("n", TS_ANY), .hold_time = 100, .detached = true};
    ts_token token;

    connect_own();
    is(ts_out(own, TS("n", 1)), TS_OK);
    is(ts_call(own, &hold), TS_OK);
    token = ts_tuple_at(ts_last(own), 0)->token;
    restart();
    is(ts_renew(own, token, 100), TS_LATE);
    ts_disconnect(own);
}
END_TEST

/* The connection ends, with all that was on its way to us; the daemon goes on. */
static void cut_off(ts_client *client)
{
    int dead[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, dead), 0);
    close(dead[1]);
    ck_assert_int_ge(dup2(dead[0], ts_client_fd(client)), 0);
    close(dead[0]);
}

START_TEST(a_keyed_put_whose_answer_was_lost_is_done_once)
{
    const ts_values tuple = TS("once");
    const ts_request out = {
        .operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1, .key = "once"};
    const ts_request plain = {.operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1};
    uint64_t count = 0;

    connect_own();
    is(ts_ping(own), TS_OK);
    is(ts_submit(own, &out, tell, NULL, NULL), TS_OK);
    is(ts_client_flush(own), TS_OK);
    is(ts_rd(ts, TS("once"), 60), TS_OK); /* it is done */
    cut_off(own);
    await_told(1);
    is(told, TS_OK);
    ck_assert(told_repeated);
    is(ts_submit(own, &plain, tell, NULL, NULL), TS_OK);
    is(ts_client_flush(own), TS_OK);
    cut_off(own);
    await_told(2);
    is(told, TS_UNKNOWN); /* without a key it is not tried again */
    is(ts_count(ts, TS("once"), &count), TS_OK);
    ck_assert(count == 1 || count == 2);
    ts_disconnect(own);
}
END_TEST

START_TEST(the_same_run_knows_a_detached_hold)
{
    const ts_request hold = {
        .operation = TSD_OP_HOLD, .pattern = TS("n", TS_ANY), .hold_time = 100, .detached = true};
    ts_token detached, held;

    connect_own();
    is(ts_out(own, TS("n", 1)), TS_OK);
    is(ts_out(own, TS("n", 2)), TS_OK);
    is(ts_call(own, &hold), TS_OK);
    detached = ts_tuple_at(ts_last(own), 0)->token;
    is(ts_hold(own, TS("n", TS_ANY), 0, 0), TS_OK);
    held = ts_tuple_at(ts_last(own), 0)->token;
    cut_off(own);
    is(ts_ping(own), TS_OK);
    is(ts_finish(own, &held, 1, NULL, 0), TS_LATE);
    is(ts_finish(own, &detached, 1, NULL, 0), TS_OK);
    is(ts_in(ts, TS("n", 2), 60), TS_OK); /* the other went back */
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->returns, 1);
    is(ts_drained(ts, TS("n", 1), 0), TS_OK);
    ts_disconnect(own);
}
END_TEST

static int fail_when_told(ts_client *client, void *arg)
{
    (void)arg;
    if (ts_out(client, TS("up")) != TS_OK)
        return 1;
    return ts_in(client, TS("fail"), TS_FOREVER) == TS_OK ? 3 : 2;
}

/* The daemon that had its will is gone: the new one is told. */
START_TEST(a_workers_failure_is_told_to_the_new_daemon)
{
    connect_own();
    is(ts_eval(own, "worker", fail_when_told, NULL), TS_OK);
    is(ts_in(ts, TS("up"), 60), TS_OK);
    restart();
    is(ts_out(ts, TS("fail")), TS_OK); /* the worker has connected anew, as its parent does */
    is(ts_shutdown(own, TS_FOREVER), TS_OK);
    is(ts_inp(ts, TS("error", "worker", "exit", 3, "")), TS_OK);
    is(ts_rdp(ts, TS("error", TS_REST)), TS_NOMATCH);
    ts_disconnect(own);
}
END_TEST

static void start_one(void)
{
    connect_own();
    ts_eval(own, "worker", fail_when_told, NULL);
    ts_rd(own, TS("again"), TS_FOREVER); /* looks after it meanwhile, in the new run, too */
    ts_out(own, TS("looked"));
    ts_rd(own, TS("never"), TS_FOREVER);
    _exit(1);
}

START_TEST(a_will_is_left_again_with_the_new_daemon)
{
    pid_t pid = fork();

    if (pid == 0)
        start_one();
    is(ts_in(ts, TS("up"), 60), TS_OK);
    restart();
    is(ts_out(ts, TS("again")), TS_OK);
    is(ts_in(ts, TS("looked"), 60), TS_OK);
    kill(pid, SIGKILL);
    wait_for(pid);
    is(ts_in(ts, TS("error", "worker", "lost", TS_NIL, ""), 60), TS_OK);
}
END_TEST

/* Keyed puts while the daemon comes and goes: each is there once, or is said to be unknown. */
START_TEST(what_is_known_is_true)
{
    enum { ROUNDS = 6, EACH = 40 };
    char key[32];

    connect_own();
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t count = 0, done = 0, unknown = 0;

        for (int i = 0; i < EACH; i++) {
            ts_status status;
            (void)snprintf(key, sizeof(key), "%d.%d", round, i);
            if (i == EACH / 2)
                restart();
            status = ts_out_keyed(own, TS("k", round, i), key);
            ck_assert(status == TS_OK || status == TS_UNKNOWN);
            done += i >= EACH / 2 && status == TS_OK; /* before, it went with the daemon */
            unknown += status == TS_UNKNOWN;
        }
        is(ts_count(ts, TS("k", round, TS_ANY), &count), TS_OK);
        ck_assert(count >= done && count <= done + unknown);
    }
    ts_disconnect(own);
}
END_TEST

RUN_TESTS("api/rejoin", a_wait_goes_on_after_a_restart, a_call_that_waits_goes_on_too,
          a_result_of_what_went_back_is_not_put, without_a_daemon_calls_wait_for_it,
          a_detached_hold_is_late_in_another_run, a_keyed_put_whose_answer_was_lost_is_done_once,
          the_same_run_knows_a_detached_hold, a_workers_failure_is_told_to_the_new_daemon,
          a_will_is_left_again_with_the_new_daemon, what_is_known_is_true)

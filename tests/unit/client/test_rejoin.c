/* SPDX-License-Identifier: MIT */
/*
 * Connecting anew: what is sent again, what is not, and what each request is told.
 */
#include <math.h>
#include <poll.h>

#include "unit/client/told.h"

enum { RUN = 77, OTHER_RUN = 78 };

static struct fake fake;
static ts_client *ts;
static int lost_fds, new_fds;

static void count_fds(ts_client *client, int old_fd, int new_fd, void *arg)
{
    ck_assert(client == ts || !ts);
    (void)arg;
    lost_fds += new_fd < 0;
    new_fds += old_fd < 0;
}

static void start(void)
{
    const ts_options options = {.reconnect = TS_FOREVER, .descriptor = count_fds};

    told_count = 0;
    lost_fds = new_fds = 0;
    ts = fake_start(&fake, &options);
    is(ts_client_dispatch(ts), TS_OK);
}

static void stop(void)
{
    fake_end(&fake);
}

/* The daemon closes the connection, and the client comes again, to this run. */
static void come_again(uint64_t run)
{
    const struct welcome welcome = {TSD_PROTOCOL_VERSION,         run, 6, 1000, 2000, 500,
                                    {(const uint8_t *)"1.2.3", 5}};
    struct buffer out = BUFFER_INIT;

    fake_hang_up(&fake);
    do {
        poll(NULL, 0, ts_client_fd(ts) < 0 ? ts_client_poll_timeout(ts) : 0);
        is(ts_client_dispatch(ts), TS_OK);
    } while (ts_client_fd(ts) < 0);
    fake_accept(&fake);
    welcome_encode(&welcome, &out);
    fake_write(&fake, &out);
    is(ts_client_dispatch(ts), TS_OK);
}

static uint64_t submit(ts_request request)
{
    uint64_t number = 0;

    is(ts_submit(ts, &request, tell, NULL, &number), TS_OK);
    return number;
}

static uint64_t submit_out_of(ts_request request)
{
    const ts_values tuple = TS("t");

    request.operation = TSD_OP_OUT;
    request.tuples = &tuple;
    request.tuple_count = 1;
    return submit(request);
}

static void send_all(void)
{
    is(ts_client_dispatch(ts), TS_OK);
}

static void expect_sent(uint64_t number, enum tsd_operation op)
{
    struct request request = fake_request(&fake);

    ck_assert_uint_eq(request.number, number);
    ck_assert_int_eq(request.op, op);
    ck_assert_uint_eq(request.ack, 0);
}

static void expect_nothing_sent(void)
{
    struct request request;

    ck_assert(!fake_next(&fake, &request));
}

/* ---- Sent again ---- */

START_TEST(what_waits_is_sent_again_in_order)
{
    uint64_t in = submit_in(ts, tell, NULL);
    uint64_t rd =
        submit((ts_request){.operation = TSD_OP_RD, .pattern = TS(TS_ANY), .timeout = 100});
    struct request request;

    send_all();
    come_again(RUN);
    expect_sent(in, TSD_OP_IN);
    request = fake_request(&fake);
    ck_assert(request.number == rd && request.op == TSD_OP_RD);
    ck_assert(request.timeout_us < 100000000 && request.timeout_us > 50000000);
    expect_nothing_sent();
    ck_assert_uint_eq(told_count, 0);
    answer_in(&fake, in, "[5]", 1);
    send_all();
    ck_assert(was_told(0, in, TS_OK) && told[0].first_field == 5);
}
END_TEST

START_TEST(what_had_not_been_sent_is_sent)
{
    uint64_t in, out;

    fake_hang_up(&fake);
    in = submit_in(ts, tell, NULL);
    out = submit_out_of((ts_request){.ttl = 5});
    come_again(OTHER_RUN);
    expect_sent(in, TSD_OP_IN);
    expect_sent(out, TSD_OP_OUT);
}
END_TEST

START_TEST(what_is_submitted_meanwhile_is_held_back)
{
    uint64_t out;

    fake_hang_up(&fake);
    send_all();
    ck_assert_int_eq(ts_client_fd(ts), -1);
    is(ts_client_status(ts), TS_OK);
    out = submit_out_of((ts_request){0});
    come_again(OTHER_RUN);
    expect_sent(out, TSD_OP_OUT);
    ck_assert(lost_fds == 1 && new_fds == 1);
}
END_TEST

START_TEST(several_losses_in_a_row)
{
    uint64_t in = submit_in(ts, tell, NULL);

    send_all();
    for (int i = 0; i < 3; i++) {
        come_again(RUN + (uint64_t)i);
        expect_sent(in, TSD_OP_IN);
        answer_nil(&fake, submit((ts_request){.operation = TSD_OP_PING}), TS_OK);
        send_all();
    }
    ck_assert(lost_fds == 3 && new_fds == 3);
}
END_TEST

/* An answer that was not told, of a tuple that went back, has not come. */
START_TEST(what_was_not_told_is_asked_for_again)
{
    uint64_t in = submit_in(ts, tell, NULL), rd, watch = 0;
    const ts_event *event;

    rd = submit((ts_request){.operation = TSD_OP_RD, .pattern = TS(TS_ANY)});
    is(ts_watch(ts, TS(TS_ANY), &(ts_watch_options){.now = true}, NULL, NULL, &watch), TS_OK);
    answer_in(&fake, in, "[5]", 1);
    answer_rd(&fake, rd, "[6]");
    is(ts_watch_next(ts, watch, 0, &event), TS_NOMATCH); /* meets both */
    fake_hang_up(&fake);
    is(ts_watch_next(ts, watch, 0, &event), TS_NOMATCH); /* finds it lost */
    ck_assert_int_eq(ts_client_fd(ts), -1);
    come_again(RUN);
    ck_assert(told_count == 1 && was_told(0, rd, TS_OK));
    expect_sent(in, TSD_OP_IN);
    expect_sent(watch, TSD_OP_WATCH);
    answer_in(&fake, in, "[7]", 1);
    send_all();
    ck_assert(was_told(1, in, TS_OK) && told[1].first_field == 7);
}
END_TEST

/* ---- Not sent again ---- */

START_TEST(what_may_have_been_done_is_unknown)
{
    uint64_t out = submit_out_of((ts_request){0});
    uint64_t will = submit((ts_request){.operation = TSD_OP_WILL});
    uint64_t collect = submit((ts_request){.operation = TSD_OP_COLLECT, .pattern = TS(TS_ANY)});

    send_all();
    come_again(RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_UNKNOWN) && was_told(1, will, TS_UNKNOWN));
    ck_assert(was_told(2, collect, TS_UNKNOWN));
}
END_TEST

START_TEST(a_key_makes_it_safe_to_repeat_to_the_same_run)
{
    uint64_t out = submit_out_of((ts_request){.key = "k"});

    send_all();
    come_again(RUN);
    expect_sent(out, TSD_OP_OUT);
    come_again(OTHER_RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_UNKNOWN));
}
END_TEST

START_TEST(a_key_is_not_trusted_past_half_its_window)
{
    uint64_t out = submit_out_of((ts_request){.key = "k", .window = 1e-6});

    send_all();
    come_again(RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_UNKNOWN));
}
END_TEST

/* It acknowledged a tuple that may have gone back: whether the result is wanted is not known. */
START_TEST(a_key_does_not_help_where_it_acknowledged)
{
    uint64_t out;

    answer_in(&fake, 1, "[5]", 1);
    is(ts_in(ts, TS(TS_ANY), TS_FOREVER), TS_OK);
    out = submit_out_of((ts_request){.key = "k"});
    send_all();
    come_again(RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_UNKNOWN));
}
END_TEST

START_TEST(ids_are_of_a_run)
{
    uint64_t rd = submit((ts_request){
        .operation = TSD_OP_RD, .pattern = TS(TS_ANY), .id = 9, .timeout = TS_FOREVER});

    send_all();
    come_again(RUN);
    expect_sent(rd, TSD_OP_RD);
    come_again(OTHER_RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, rd, TS_NOMATCH));
}
END_TEST

START_TEST(tokens_are_of_a_connection)
{
    const ts_token token = {.number = 3, .connection = 1};
    const ts_token detached = {.number = 3, .secret = 8, .connection = 1};
    const ts_request finish = {.operation = TSD_OP_FINISH, .tokens = &token, .token_count = 1};
    const ts_request renew = {
        .operation = TSD_OP_RENEW, .tokens = &detached, .token_count = 1, .hold_time = 5};
    uint64_t late, fine;

    fake_hang_up(&fake);
    late = submit(finish);
    fine = submit(renew);
    come_again(RUN);
    expect_sent(fine, TSD_OP_RENEW);
    ck_assert(was_told(0, late, TS_LATE));
    is(ts_finish(ts, &token, 1, NULL, 0), TS_LATE); /* and what follows */
}
END_TEST

START_TEST(a_cancel_follows_its_request)
{
    uint64_t in = submit_in(ts, tell, NULL), out = submit_out_of((ts_request){0});
    uint64_t first = submit((ts_request){.operation = TSD_OP_CANCEL, .number = in});
    uint64_t second = submit((ts_request){.operation = TSD_OP_CANCEL, .number = out});

    send_all();
    come_again(RUN);
    expect_sent(in, TSD_OP_IN);
    expect_sent(first, TSD_OP_CANCEL);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_UNKNOWN) && was_told(1, second, TS_NOMATCH));
}
END_TEST

/* ---- Watches ---- */

static enum tsd_event events[16];
static size_t event_count;
static ts_status watch_end;

static void see(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                void *arg)
{
    (void)client;
    (void)number;
    (void)arg;
    if (event)
        events[event_count++] = event->kind;
    else
        watch_end = status;
}

static uint64_t watch(bool now)
{
    const ts_watch_options options = {.now = now};
    uint64_t number = 0;

    event_count = 0;
    watch_end = TS_OK;
    is(ts_watch(ts, TS(TS_ANY), &options, see, NULL, &number), TS_OK);
    send_all();
    answer_event(&fake, number, TSD_EVENT_READY, NULL);
    send_all();
    return number;
}

START_TEST(a_watch_begins_anew_after_a_gap)
{
    uint64_t number = watch(true);

    come_again(OTHER_RUN);
    expect_sent(number, TSD_OP_WATCH);
    send_all();
    answer_event(&fake, number, TSD_EVENT_PUT, "[1]");
    send_all();
    ck_assert_uint_eq(event_count, 3);
    ck_assert(events[0] == TSD_EVENT_READY && events[1] == TSD_EVENT_GAP &&
              events[2] == TSD_EVENT_PUT);
    is(watch_end, TS_OK);
}
END_TEST

START_TEST(a_watch_of_what_happens_from_now_on_is_lost)
{
    watch(false);
    come_again(RUN);
    send_all();
    expect_nothing_sent();
    is(watch_end, TS_LOST);
}
END_TEST

/* ---- Tuples in hand ---- */

START_TEST(what_follows_tuples_in_hand_is_not_sent)
{
    uint64_t out;
    int n = 0;

    answer_in(&fake, 1, "[5]", 1);
    is(ts_in(ts, TS(&n), TS_FOREVER), TS_OK);
    come_again(RUN);
    is(ts_out(ts, TS("result")), TS_LOST); /* once */
    out = submit_out_of((ts_request){0});
    send_all();
    expect_sent(out, TSD_OP_OUT);
}
END_TEST

/* The loss is found by the call itself. */
START_TEST(a_result_that_was_not_sent_is_lost)
{
    uint64_t out;

    answer_in(&fake, 1, "[5]", 1);
    is(ts_in(ts, TS(TS_ANY), TS_FOREVER), TS_OK);
    fake_hang_up(&fake);
    out = submit_out_of((ts_request){.key = "k"});
    come_again(RUN);
    expect_nothing_sent();
    ck_assert(was_told(0, out, TS_LOST));
}
END_TEST

static void lose_and_out(ts_client *client, uint64_t number, ts_status status,
                         const ts_result *result, void *arg)
{
    ts_request ping = {.operation = TSD_OP_PING};

    (void)result;
    (void)number;
    is(status, TS_OK);
    fake_hang_up(&fake);
    *(ts_status *)arg = ts_watch_next(client, 1, 0, &(const ts_event *){NULL}); /* finds it lost */
    is(ts_submit(client, &ping, NULL, NULL, NULL), TS_LOST);
    is(ts_submit(client, &ping, NULL, NULL, NULL), TS_OK);
}

START_TEST(a_callback_whose_tuple_went_back_is_refused_once)
{
    ts_status status = TS_OK;
    uint64_t number = 0, in;

    is(ts_watch(ts, TS(TS_ANY), &(ts_watch_options){.now = true}, NULL, NULL, &number), TS_OK);
    in = submit_in(ts, lose_and_out, &status);
    send_all();
    answer_in(&fake, in, "[5]", 1);
    send_all();
    is(status, TS_NOMATCH);
    come_again(RUN);
    expect_sent(number, TSD_OP_WATCH);
    expect_sent(in + 1, TSD_OP_PING);
}
END_TEST

/* ---- The end of trying ---- */

START_TEST(in_the_end_all_is_lost)
{
    const ts_options options = {.reconnect = 0.01};
    ts_client *other = ts_connect(fake.path, &options);
    ts_status status;

    close(fake.fd);
    fake_accept(&fake);
    is(ts_submit_in(other, TS(TS_ANY), TS_FOREVER, tell, NULL, NULL), TS_OK);
    is(ts_client_dispatch(other), TS_OK);
    fake_hang_up(&fake);
    close(fake.listener);
    unlink(fake.path);
    while ((status = ts_client_dispatch(other)) == TS_OK)
        poll(NULL, 0, ts_client_poll_timeout(other));
    is(status, TS_NO_DAEMON); /* it never was connected */
    ck_assert(was_told(0, 1, TS_NO_DAEMON));
    is(ts_ping(other), TS_NO_DAEMON);
    ts_disconnect(other);
}
END_TEST

START_TEST(a_wait_may_time_out_without_a_daemon)
{
    uint64_t rd =
        submit((ts_request){.operation = TSD_OP_RD, .pattern = TS(TS_ANY), .timeout = 0.01});

    send_all();
    fake_hang_up(&fake);
    close(fake.listener);
    unlink(fake.path);
    while (told_count == 0) {
        send_all();
        poll(NULL, 0, told_count ? 0 : ts_client_poll_timeout(ts));
    }
    ck_assert(was_told(0, rd, TS_TIMEOUT));
    is(ts_rd(ts, TS(TS_ANY), 0.01), TS_TIMEOUT); /* a call, too */
}
END_TEST

START_TEST(reconnect_and_disconnect_send_nothing_again)
{
    uint64_t in = submit_in(ts, tell, NULL);

    send_all();
    fake_hang_up(&fake);
    send_all();
    is(ts_reconnect(ts), TS_OK);
    fake_accept(&fake);
    fake_welcome(&fake);
    send_all();
    ck_assert(was_told(0, in, TS_LOST));
    expect_nothing_sent();
}
END_TEST

START_TEST(no_daemon_at_first)
{
    const ts_options options = {.reconnect = TS_FOREVER};
    char path[120];
    ts_client *other;
    uint64_t number = 0;

    (void)snprintf(path, sizeof(path), "%s.later", fake.path);
    other = ts_connect(path, &options);
    is(ts_client_status(other), TS_OK);
    is(ts_submit_in(other, TS(TS_ANY), TS_FOREVER, tell, NULL, &number), TS_OK);
    ck_assert_int_eq(rename(fake.path, path), 0);
    is(ts_client_dispatch(other), TS_OK);
    close(fake.fd);
    fake_accept(&fake);
    fake_welcome(&fake);
    is(ts_client_dispatch(other), TS_OK);
    expect_sent(number, TSD_OP_IN);
    ts_abandon(other);
    ck_assert(was_told(0, number, TS_CANCELLED));
    ck_assert_int_eq(rename(path, fake.path), 0);
}
END_TEST

START_TEST(times_that_are_none_are_refused)
{
    const double bad[] = {-1, NAN};

    for (int i = 0; i < 2; i++) {
        ts_client *other = ts_connect(fake.path, &(ts_options){.reconnect = bad[i]});
        is(ts_ping(other), TS_INVALID);
        ts_disconnect(other);
    }
}
END_TEST

static int run_rejoin(const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create("client/rejoin");
    TCase *tcase = tcase_create("rejoin");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, start, stop);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

int main(void)
{
    const TTest *const tests[] = {what_waits_is_sent_again_in_order,
                                  what_had_not_been_sent_is_sent,
                                  what_is_submitted_meanwhile_is_held_back,
                                  several_losses_in_a_row,
                                  what_was_not_told_is_asked_for_again,
                                  what_may_have_been_done_is_unknown,
                                  a_key_makes_it_safe_to_repeat_to_the_same_run,
                                  a_key_is_not_trusted_past_half_its_window,
                                  a_key_does_not_help_where_it_acknowledged,
                                  ids_are_of_a_run,
                                  tokens_are_of_a_connection,
                                  a_cancel_follows_its_request,
                                  a_watch_begins_anew_after_a_gap,
                                  a_watch_of_what_happens_from_now_on_is_lost,
                                  what_follows_tuples_in_hand_is_not_sent,
                                  a_result_that_was_not_sent_is_lost,
                                  a_callback_whose_tuple_went_back_is_refused_once,
                                  in_the_end_all_is_lost,
                                  a_wait_may_time_out_without_a_daemon,
                                  reconnect_and_disconnect_send_nothing_again,
                                  no_daemon_at_first,
                                  times_that_are_none_are_refused};

    return run_rejoin(tests, sizeof(tests) / sizeof(tests[0]));
}

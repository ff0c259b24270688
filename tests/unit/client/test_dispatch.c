/* SPDX-License-Identifier: MIT */
/*
 * The contract, clauses 2 and 3: descriptor, events, timeout, dispatch; each callback once.
 */
#include <limits.h>
#include <poll.h>

#include "client/dispatch.h"
#include "unit/client/fake.h"
#include "unit/client/told.h"

START_TEST(a_submitted_request_is_sent_by_the_next_dispatch)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    ck_assert_int_eq(ts_client_events(ts), POLLIN | POLLOUT); /* the opening */
    submit_in(ts, tell, NULL);
    ck_assert(!fake_read(&fake));
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_IN);
    ck_assert_int_eq(ts_client_events(ts), POLLIN);
    ck_assert(ts_client_timeout(ts) == TS_NEVER);
    is(ts_client_dispatch(ts), TS_OK); /* nothing to do: it does not block */
    submit_in(ts, tell, NULL);
    is(ts_client_flush(ts), TS_OK);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_IN);
    fake_end(&fake);
}
END_TEST

START_TEST(a_full_socket_is_waited_for_by_the_event_loop)
{
    static char zeros[100000];
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct frame frame;
    int sent = 0, received = 0;

    while (ts_client_flush(ts) == TS_OK && (sent == 0 || ts_client_events(ts) == POLLIN)) {
        is(ts_submit_out(ts, TS(TS_BIN(zeros, sizeof(zeros))), tell, NULL), TS_OK);
        sent++;
        ck_assert_int_lt(sent, 1000);
    }
    ck_assert_int_eq(ts_client_events(ts), POLLIN | POLLOUT);
    ck_assert(fake_frame(&fake, &frame)); /* the opening */
    while (received < sent) {
        ck_assert(fake_frame(&fake, &frame) || ts_client_events(ts) & POLLOUT);
        received += frame.size > 100000;
        frame.size = 0;
        is(ts_client_flush(ts), TS_OK);
    }
    ck_assert_int_eq(ts_client_events(ts), POLLIN);
    fake_end(&fake);
}
END_TEST

START_TEST(an_answer_read_by_a_call_makes_the_timeout_now)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[5]", 1);
    answer_nil(&fake, 2, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_uint_eq(told_count, 0); /* clause 3: from the dispatch only */
    ck_assert(ts_client_timeout(ts) == 0);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(was_told(0, 1, TS_OK) && told[0].first_field == 5);
    ck_assert(ts_client_timeout(ts) == TS_NEVER);
    fake_end(&fake);
}
END_TEST

START_TEST(an_answer_behind_that_of_a_call_makes_the_timeout_now)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    submit_in(ts, tell, NULL);
    answer_rd(&fake, 2, "[3]");
    answer_in(&fake, 1, "[5]", 1);
    is(ts_rdp(ts, TS(TS_ANY)), TS_OK);
    ck_assert(ts_client_timeout(ts) == 0);
    ck_assert_mem_eq(ts_tuple_at(ts_last(ts), 0)->bytes, "\x91\x03", 2);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(was_told(0, 1, TS_OK));
    fake_end(&fake);
}
END_TEST

START_TEST(without_a_connection_the_timeout_is_now)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    ck_assert_int_eq(ts_client_poll_timeout(ts), -1);
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST);
    ck_assert(ts_client_timeout(ts) == 0);
    ck_assert_int_eq(ts_client_poll_timeout(ts), 0);
    is(ts_client_dispatch(ts), TS_LOST);
    ck_assert(ts_client_timeout(ts) == 0); /* as long as it is so */
    is(ts_reconnect(ts), TS_OK);
    ck_assert(ts_client_timeout(ts) == TS_NEVER);
    ts_abandon(ts); /* nobody would answer its goodbye */
    fake.client = NULL;
    fake_end(&fake);
    ck_assert(ts_client_timeout(NULL) == 0);
}
END_TEST

START_TEST(poll_gets_milliseconds_rounded_up)
{
    const int64_t now = 5000000000;

    ck_assert_int_eq(dispatch_poll_timeout(TS_NEVER, now), -1);
    ck_assert_int_eq(dispatch_poll_timeout(0, now), 0);
    ck_assert_int_eq(dispatch_poll_timeout(now - 1, now), 0);
    ck_assert_int_eq(dispatch_poll_timeout(now, now), 0);
    ck_assert_int_eq(dispatch_poll_timeout(now + 1, now), 1);
    ck_assert_int_eq(dispatch_poll_timeout(now + 1000000, now), 1);
    ck_assert_int_eq(dispatch_poll_timeout(now + 1000001, now), 2);
    ck_assert_int_eq(dispatch_poll_timeout(TS_NEVER - 1, now), INT_MAX);
}
END_TEST

/* ---- Each callback once ---- */

START_TEST(answers_come_in_any_order_each_once)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    for (int i = 0; i < 4; i++)
        submit_in(ts, tell, NULL);
    answer_in(&fake, 3, "[3]", 1);
    answer_nil(&fake, 1, TS_TIMEOUT);
    answer_text(&fake, 4, TS_REMOVED, "the space was removed");
    ck_assert_uint_eq(told_count, 0);
    is(ts_client_dispatch(ts), TS_OK);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_uint_eq(told_count, 3);
    ck_assert(was_told(0, 3, TS_OK) && was_told(1, 1, TS_TIMEOUT) && was_told(2, 4, TS_REMOVED));
    fake_end(&fake);
    ck_assert_uint_eq(told_count, 4);
}
END_TEST

START_TEST(a_request_that_was_not_taken_has_no_callback)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    is(ts_submit_in(ts, TS(TS_REST, 1), 1, tell, NULL, NULL), TS_INVALID);
    is(ts_submit_out(ts, TS(TS_ANY), tell, NULL), TS_INVALID);
    fake_end(&fake);
    ck_assert_uint_eq(told_count, 0);
}
END_TEST

START_TEST(loss_tells_every_callback_from_the_dispatch)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    submit_in(ts, tell, NULL);
    submit_in(ts, tell, NULL);
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST);
    ck_assert_uint_eq(told_count, 0);
    ck_assert_int_eq(ts_client_fd(ts), -1);
    ck_assert(ts_client_timeout(ts) == 0);
    is(ts_submit_in(ts, TS(1), 1, tell, NULL, NULL), TS_LOST);
    is(ts_client_dispatch(ts), TS_LOST);
    ck_assert_uint_eq(told_count, 2);
    ck_assert(was_told(0, 1, TS_LOST) && was_told(1, 2, TS_LOST));
    is(ts_client_dispatch(ts), TS_LOST);
    fake_end(&fake);
    ck_assert_uint_eq(told_count, 2);
}
END_TEST

/* A tuple that came and was not read goes back with the connection (rule S8): nobody is told of it. */
START_TEST(a_delivery_not_read_before_the_loss_is_lost)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    submit_in(ts, tell, NULL);
    is(ts_submit_rd(ts, TS(TS_ANY), 1, tell, NULL, NULL), TS_OK);
    answer_in(&fake, 1, "[5]", 1);
    answer_rd(&fake, 2, "[6]");
    answer_nil(&fake, 3, TS_OK);
    is(ts_ping(ts), TS_OK);
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST);
    is(ts_client_dispatch(ts), TS_LOST);
    ck_assert(was_told(0, 1, TS_LOST) && was_told(1, 2, TS_OK));
    fake_end(&fake);
}
END_TEST

START_TEST(disconnect_cancels_what_waits)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    told_count = 0;
    submit_in(ts, tell, NULL);
    submit_in(ts, tell, NULL);
    is(ts_submit_out(ts, TS(1), tell, NULL), TS_OK);
    answer_in(&fake, 2, "[5]", 1); /* comes, but nobody reads it: it goes back */
    answer_uint(&fake, 3, 9);
    answer_nil(&fake, 4, TS_OK);
    ts_disconnect(ts);
    fake.client = NULL;
    ck_assert_uint_eq(told_count, 3);
    ck_assert(was_told(0, 2, TS_CANCELLED) && was_told(1, 3, TS_OK) &&
              was_told(2, 1, TS_CANCELLED));
    for (int i = 0; i < 4; i++)
        request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_CLOSE);
    ck_assert_uint_eq(request.ack, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(abandon_says_nothing)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    told_count = 0;
    answer_in(&fake, 1, "[5]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    submit_in(ts, tell, NULL);
    ts_abandon(ts);
    fake.client = NULL;
    ck_assert(was_told(0, 2, TS_CANCELLED));
    ck_assert(!fake_read(&fake));
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/dispatch", a_submitted_request_is_sent_by_the_next_dispatch,
          a_full_socket_is_waited_for_by_the_event_loop,
          an_answer_read_by_a_call_makes_the_timeout_now,
          an_answer_behind_that_of_a_call_makes_the_timeout_now,
          without_a_connection_the_timeout_is_now, poll_gets_milliseconds_rounded_up,
          answers_come_in_any_order_each_once, a_request_that_was_not_taken_has_no_callback,
          loss_tells_every_callback_from_the_dispatch, a_delivery_not_read_before_the_loss_is_lost,
          disconnect_cancels_what_waits, abandon_says_nothing)

/* SPDX-License-Identifier: MIT */
/*
 * Rules S8 and S9: what is acknowledged when.
 */
#include "unit/client/fake.h"
#include "unit/client/told.h"

START_TEST(the_next_request_acknowledges)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_in(&fake, 1, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).ack, 0);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_msg(!fake_read(&fake), "a dispatch acknowledged what the program has in hand");
    answer_uint(&fake, 2, 7);
    is(ts_out(ts, TS(2)), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).ack, 1);
    answer_in(&fake, 3, "[1]", 2);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    answer_nil(&fake, 4, TS_OK);
    is(ts_client_ack(ts), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).ack, 1);
    struct request ack = fake_request(&fake);
    ck_assert_int_eq(ack.op, TSD_OP_ACK);
    ck_assert_uint_eq(ack.ack, 2);
    fake_end(&fake);
}
END_TEST

START_TEST(a_request_that_is_refused_here_acknowledges_nothing)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_in(&fake, 1, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    is(ts_out(ts, TS(TS_ANY)), TS_INVALID);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(!fake_read(&fake));
    fake_end(&fake);
}
END_TEST

START_TEST(dispatch_acknowledges_what_callbacks_returned_from)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    submit_in(ts, tell, NULL);
    submit_in(ts, NULL, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_in(&fake, 2, "[2]", 2);
    told_count = 0;
    is(ts_client_dispatch(ts), TS_OK);
    fake_request(&fake);
    fake_request(&fake);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_ACK);
    ck_assert_uint_eq(request.number, 0); /* wants no answer */
    ck_assert_uint_eq(request.ack, 2);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_msg(!fake_read(&fake), "acknowledged twice");
    fake_end(&fake);
}
END_TEST

START_TEST(what_waits_for_its_callback_is_not_acknowledged)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_in(&fake, 2, "[2]", 2);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    fake_request(&fake);
    answer_nil(&fake, 3, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).ack, 0); /* the first has not been read */
    told_count = 0;
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_uint_eq(told_count, 1);
    fake_end(&fake);
}
END_TEST

static void put_result(ts_client *client, uint64_t number, ts_status status,
                       const ts_result *result, void *arg)
{
    (void)number, (void)status, (void)result, (void)arg;
    is(ts_submit_out(client, TS("done"), NULL, NULL), TS_OK);
}

START_TEST(a_request_in_a_callback_acknowledges_its_tuple)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    submit_in(ts, put_result, NULL);
    answer_in(&fake, 1, "[1]", 1);
    is(ts_client_dispatch(ts), TS_OK);
    fake_request(&fake);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_OUT);
    ck_assert_uint_eq(request.ack, 1);
    ck_assert(!fake_read(&fake));
    fake_end(&fake);
}
END_TEST

START_TEST(disconnect_acknowledges_all_that_was_read)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_in(&fake, 1, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    answer_nil(&fake, 2, TS_OK);
    ts_disconnect(ts);
    fake.client = NULL;
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_CLOSE);
    ck_assert_uint_eq(request.ack, 1);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/ack", the_next_request_acknowledges,
          a_request_that_is_refused_here_acknowledges_nothing,
          dispatch_acknowledges_what_callbacks_returned_from,
          what_waits_for_its_callback_is_not_acknowledged,
          a_request_in_a_callback_acknowledges_its_tuple, disconnect_acknowledges_all_that_was_read)

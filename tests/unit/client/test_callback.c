/* SPDX-License-Identifier: MIT */
/*
 * The contract, clause 4: every function may be called from every callback.
 */
#include "unit/client/fake.h"
#include "unit/client/told.h"

static int runs;

static void resubmit(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                     void *arg)
{
    (void)number, (void)result;
    if (status == TS_OK && ++runs < 3)
        submit_in(client, resubmit, arg);
}

START_TEST(a_callback_may_submit)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    runs = 0;
    submit_in(ts, resubmit, NULL);
    for (uint64_t i = 1; i <= 3; i++)
        answer_in(&fake, i, "[1]", i);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_int_eq(runs, 3);
    fake_end(&fake);
}
END_TEST

static void call_inside(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    int got = 0;

    (void)number, (void)status, (void)result, (void)arg;
    is(ts_rd(client, TS(&got), 1), TS_OK);
    ck_assert_int_eq(got, 8);
    is(ts_client_dispatch(client), TS_OK); /* does nothing here */
    runs++;
}

START_TEST(a_callback_may_make_calls_that_wait)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    runs = 0;
    told_count = 0;
    submit_in(ts, call_inside, NULL);
    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_in(&fake, 2, "[2]", 2); /* before the answer that the callback waits for */
    answer_rd(&fake, 3, "[8]");
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_int_eq(runs, 1);
    ck_assert(was_told(0, 2, TS_OK) && told[0].first_field == 2);
    fake_end(&fake);
}
END_TEST

static void disconnect_inside(ts_client *client, uint64_t number, ts_status status,
                              const ts_result *result, void *arg)
{
    (void)number, (void)status, (void)result, (void)arg;
    ts_disconnect(client);
    ts_disconnect(client); /* again: nothing */
    is(ts_submit_out(client, TS(1), tell, NULL), TS_CANCELLED);
    is(ts_ping(client), TS_CANCELLED);
    runs++;
}

START_TEST(a_callback_may_disconnect)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    runs = 0;
    told_count = 0;
    submit_in(ts, disconnect_inside, NULL);
    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_nil(&fake, 3, TS_OK); /* the goodbye */
    is(ts_client_dispatch(ts), TS_CANCELLED);
    fake.client = NULL;
    ck_assert_int_eq(runs, 1);
    ck_assert_uint_eq(told_count, 1);
    ck_assert(was_told(0, 2, TS_CANCELLED));
    fake_request(&fake);
    fake_request(&fake);
    ck_assert_uint_eq(fake_request(&fake).ack, 1); /* it was read: its callback had begun */
    fake_end(&fake);
}
END_TEST

static void bind_inside(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    const char *text;
    int n = 0;

    (void)number, (void)status, (void)arg;
    ck_assert(ts_bind(client, ts_tuple_at(result, 0), TS(&n, &text)));
    ck_assert_int_eq(n, 4);
    ck_assert_str_eq(text, "four");
    ck_assert(!ts_bind(client, ts_tuple_at(result, 0), TS(&text, TS_ANY)));
    runs++;
}

START_TEST(a_callback_binds_formals)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    runs = 0;
    submit_in(ts, bind_inside, NULL);
    answer_in(&fake, 1, "[4, \"four\"]", 1);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_int_eq(runs, 1);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/callback", a_callback_may_submit, a_callback_may_make_calls_that_wait,
          a_callback_may_disconnect, a_callback_binds_formals)

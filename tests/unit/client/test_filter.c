/* SPDX-License-Identifier: MIT */
/*
 * ts_in_if on the wire: a watch, claims by id, a silent end (rule S33).
 */
#include "unit/client/told.h"

static struct fake fake;

/* Accepts what is more than *arg. */
static bool is_more(const ts_tuple *tuple, void *arg)
{
    int64_t n = 0;

    ck_assert(ts_field_int(tuple, 0, &n));
    return n > *(int *)arg;
}

static void start(ts_client **ts)
{
    *ts = fake_start(&fake, NULL);
}

static void expect_watch(uint64_t number)
{
    struct request request = fake_request(&fake);

    ck_assert(request.number == number && request.op == TSD_OP_WATCH && request.now);
    ck_assert_uint_eq(request.events, 1u << TSD_EVENT_PUT | 1u << TSD_EVENT_RETURNED);
}

static void expect_claim(uint64_t number, uint64_t id)
{
    struct request request = fake_request(&fake);

    ck_assert(request.number == number && request.op == TSD_OP_IN && request.id == id);
    ck_assert(!(request.has & TSD_HAS(TIMEOUT)) || request.timeout_us == 0);
}

/* It must not acknowledge what was just taken. */
static void expect_cancel(uint64_t target)
{
    struct request request = fake_request(&fake);

    ck_assert(request.op == TSD_OP_CANCEL && request.target == target);
    ck_assert_uint_eq(request.ack, 0);
}

START_TEST(the_accepted_one_is_claimed_by_its_id)
{
    const struct fake_event events[] = {
        {TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_PUT, "[7]"}, {TSD_EVENT_READY, NULL}};
    ts_client *ts;
    int least = 5, n = 0;

    start(&ts);
    answer_events(&fake, 1, events, 3);
    answer_in(&fake, 2, "[7]", 1);
    is(ts_in_if(ts, TS(&n), is_more, &least, 0), TS_OK);
    ck_assert_int_eq(n, 7);
    expect_watch(1);
    expect_claim(2, 101);
    expect_cancel(1);
    fake_end(&fake);
}
END_TEST

/* What the watch says from then on, and its end, are nobody's. */
START_TEST(nothing_is_left_of_the_watch)
{
    ts_client *ts;
    int least = 5;

    start(&ts);
    answer_event(&fake, 1, TSD_EVENT_PUT, "[7]");
    answer_in(&fake, 2, "[7]", 1);
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_OK);
    answer_event(&fake, 1, TSD_EVENT_PUT, "[8]");
    answer_nil(&fake, 1, TS_CANCELLED);
    answer_nil(&fake, 3, TS_OK);
    answer_nil(&fake, 4, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_int_eq(ts_client_poll_timeout(ts), -1);
    fake_end(&fake);
}
END_TEST

START_TEST(who_was_slower_goes_on)
{
    const struct fake_event events[] = {{TSD_EVENT_PUT, "[7]"}, {TSD_EVENT_RETURNED, "[7]"}};
    ts_client *ts;
    int least = 5;

    start(&ts);
    answer_events(&fake, 1, events, 2);
    answer_nil(&fake, 2, TS_NOMATCH);
    answer_in(&fake, 3, "[7]", 1);
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_OK);
    expect_watch(1);
    expect_claim(2, 100);
    expect_claim(3, 101);
    fake_end(&fake);
}
END_TEST

START_TEST(after_a_gap_it_begins_anew)
{
    const struct fake_event events[] = {{TSD_EVENT_READY, NULL}, {TSD_EVENT_GAP, NULL}};
    ts_client *ts;
    int least = 5;

    start(&ts);
    answer_events(&fake, 1, events, 2);
    answer_text(&fake, 1, TS_LIMIT, "too slow");
    answer_event(&fake, 2, TSD_EVENT_PUT, "[7]");
    answer_in(&fake, 3, "[7]", 1);
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_OK);
    expect_watch(1);
    expect_watch(2);
    expect_claim(3, 100);
    fake_end(&fake);
}
END_TEST

START_TEST(another_end_is_its_own)
{
    ts_client *ts;
    int least = 5;

    start(&ts);
    answer_text(&fake, 1, TS_LIMIT, "too many watches"); /* without a gap */
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_LIMIT);
    ck_assert_str_eq(ts_error_text(ts), "too many watches");
    answer_text(&fake, 2, TS_REMOVED, "gone");
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_REMOVED);
    fake_hang_up(&fake);
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, TS_FOREVER), TS_LOST);
    fake_end(&fake);
}
END_TEST

START_TEST(all_that_is_stored_is_looked_at_first)
{
    ts_client *ts;
    int least = 5;

    start(&ts);
    answer_event(&fake, 1, TSD_EVENT_PUT, "[1]");
    answer_event(&fake, 1, TSD_EVENT_READY, NULL);
    is(ts_in_if(ts, TS(TS_ANY), is_more, &least, 0), TS_NOMATCH);
    is(ts_last(ts)->status, TS_NOMATCH);
    expect_watch(1);
    expect_cancel(1);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/filter", the_accepted_one_is_claimed_by_its_id, nothing_is_left_of_the_watch,
          who_was_slower_goes_on, after_a_gap_it_begins_anew, another_end_is_its_own,
          all_that_is_stored_is_looked_at_first)

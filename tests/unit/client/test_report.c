/* SPDX-License-Identifier: MIT */
/*
 * stats, explain, clients, users: what goes over the wire, and the report as it came.
 */
#include "unit/client/fake.h"

/* A result that is written in the notation. */
static void answer_value(struct fake *fake, uint64_t number, const char *text, bool more)
{
    const struct reply_extras extras = {.has = REPLY_HAS(MORE), .more = true};
    struct buffer out = BUFFER_INIT;
    struct problem problem;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, more);
    ck_assert_int_eq(text_read_value(text, strlen(text), &out, &problem), 0);
    reply_end(&out, more ? &extras : NULL);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

START_TEST(stats_come_a_page_a_call)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_value(&fake, 1, "[[\"a\", {1: 2}], [\"b\", {}]]", true);
    is(ts_stats(ts, NULL), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 2);
    ck_assert(ts_last(ts)->more);
    ck_assert_uint_eq(ts_last(ts)->report.size, 11);
    ck_assert_mem_eq(ts_last(ts)->report.bytes, "\x92\x92\xa1\x61\x81\x01\x02\x92\xa1\x62\x80", 11);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_STATS);
    ck_assert_uint_eq(request.has, 0);
    answer_value(&fake, 2, "[]", false);
    is(ts_stats(ts, "b"), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    ck_assert(!ts_last(ts)->more);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has, TSD_HAS(AFTER));
    ck_assert_mem_eq(request.after.bytes, "b", 1);
    fake_end(&fake);
}
END_TEST

START_TEST(clients_and_users_come_a_page_a_call)
{
    const uint64_t beyond = 0, last = UINT64_MAX;
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_value(&fake, 1, "[[7, {1: 1000}]]", true);
    is(ts_clients(ts, NULL), TS_OK);
    ck_assert(ts_last(ts)->count == 1 && ts_last(ts)->more);
    ck_assert_uint_eq(ts_last(ts)->report.size, 8);
    ck_assert_mem_eq(ts_last(ts)->report.bytes, "\x91\x92\x07\x81\x01\xcd\x03\xe8", 8);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_CLIENTS && request.has == 0);
    answer_value(&fake, 2, "[]", false);
    is(ts_clients(ts, &last), TS_OK);
    ck_assert(ts_last(ts)->count == 0 && !ts_last(ts)->more);
    request = fake_request(&fake);
    ck_assert(request.has == TSD_HAS(BEYOND) && request.beyond == UINT64_MAX);

    answer_value(&fake, 3, "[[1000, {7: [3, 0]}]]", false);
    is(ts_users(ts, &beyond), TS_OK); /* beyond root, which is 0 */
    ck_assert_uint_eq(ts_last(ts)->report.size, 10);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_USERS && request.has == TSD_HAS(BEYOND) && request.beyond == 0);
    answer_value(&fake, 4, "[]", false);
    is(ts_users(ts, NULL), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).has, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(what_is_explained_is_a_report_and_its_tuples)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;
    int number = 7;

    answer_value(&fake, 1, "[[[5, [\"a\", 1]]], {1: true}]", false);
    is(ts_explain(ts, TS("a", &number), NULL), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_uint_eq(ts_last(ts)->report.size, 3);
    ck_assert_mem_eq(ts_last(ts)->report.bytes, "\x81\x01\xc3", 3);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->id, 5);
    ck_assert_int_eq(number, 7); /* no formal is set */
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_EXPLAIN);
    ck_assert_uint_eq(request.has, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(a_tuple_to_be_explained_goes_as_an_option)
{
    const ts_values tuple = TS("a", 1), two[] = {TS(1), TS(2)};
    const ts_request near = {.operation = TSD_OP_EXPLAIN, .pattern = TS(TS_ANY), .max = 9};
    const ts_request many = {
        .operation = TSD_OP_EXPLAIN, .pattern = TS(TS_ANY), .tuples = two, .tuple_count = 2};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_value(&fake, 1, "[[], {1: false}]", false);
    is(ts_explain(ts, TS("b"), &tuple), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has, TSD_HAS(TUPLE));
    ck_assert_uint_eq(request.tuples.size, 4);
    ck_assert_mem_eq(request.tuples.bytes, "\x92\xa1\x61\x01", 4);
    answer_value(&fake, 2, "[[], {}]", false);
    is(ts_call(ts, &near), TS_OK);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has, TSD_HAS(MAX));
    ck_assert_uint_eq(request.max, 9);
    is(ts_call(ts, &many), TS_INVALID);
    fake_end(&fake);
}
END_TEST

START_TEST(the_next_result_has_no_report)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_value(&fake, 1, "[[\"a\", {}]]", false);
    is(ts_stats(ts, NULL), TS_OK);
    answer_nil(&fake, 2, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_ptr_null(ts_last(ts)->report.bytes);
    ck_assert_uint_eq(ts_last(ts)->report.size, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(what_is_no_report_ends_the_connection)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_value(&fake, 1, "{}", false);
    is(ts_stats(ts, NULL), TS_PROTOCOL);
    fake_end(&fake);
    ts = fake_start(&fake, NULL);
    answer_value(&fake, 1, "7", false);
    is(ts_clients(ts, NULL), TS_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "answer to clients"));
    fake_end(&fake);
    ts = fake_start(&fake, NULL);
    answer_value(&fake, 1, "[[], []]", false);
    is(ts_explain(ts, TS(1), NULL), TS_PROTOCOL);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/report", stats_come_a_page_a_call, clients_and_users_come_a_page_a_call,
          what_is_explained_is_a_report_and_its_tuples, a_tuple_to_be_explained_goes_as_an_option,
          the_next_result_has_no_report, what_is_no_report_ends_the_connection)

/* SPDX-License-Identifier: MIT */
/*
 * libtsclient with a real daemon: what section 1 of the manual shows, and each call once.
 */
#include "lib/api.h"

START_TEST(the_first_page)
{
    int id = 0;
    double x = 0;

    is(ts_out(ts, TS("task", 42, 3.14)), TS_OK);
    is(ts_in(ts, TS("task", &id, &x), TS_FOREVER), TS_OK);
    ck_assert(id == 42 && x == 3.14);
    is(ts_out(ts, TS("done", id, x * 2)), TS_OK);
    is(ts_rd(ts, TS("config", "limit", &id), 0.01), TS_TIMEOUT);
    is(ts_inp(ts, TS("task", TS_ANY, ts_ge(0.5))), TS_NOMATCH);
    is(ts_rdp(ts, TS("done", 42, ts_gt(6))), TS_OK);
}
END_TEST

/* rule P10: what does not fit stays */
START_TEST(a_value_that_does_not_fit_is_not_taken)
{
    int small = 0;
    int64_t large = 0;
    const char *text;
    ts_bytes bytes;

    is(ts_out(ts, TS("n", INT64_C(3000000000))), TS_OK);
    is(ts_inp(ts, TS("n", &small)), TS_NOMATCH);
    is(ts_inp(ts, TS("n", &large)), TS_OK);
    ck_assert(large == INT64_C(3000000000));
    is(ts_out(ts, TS("s", TS_STR("a\0b", 3))), TS_OK);
    is(ts_inp(ts, TS("s", &text)), TS_NOMATCH);
    is(ts_inp(ts, TS("s", &bytes)), TS_OK);
    ck_assert_uint_eq(bytes.size, 3);
}
END_TEST

START_TEST(matchers_of_every_kind)
{
    int n = 0;

    is(ts_out(ts, TS("file.png", 7, TS_ARRAY(1, 2, 3), TS_MAP("w", 640, "h", 480))), TS_OK);
    is(ts_rdp(ts, TS(ts_suffix(".png"), ts_range(1, 9), ts_length(3), TS_ANY_MAP)), TS_OK);
    is(ts_rdp(ts, TS(ts_suffix(".gif"), TS_REST)), TS_NOMATCH);
    is(ts_rdp(ts, TS(ts_regex_i("^FILE"), TS_REST)), TS_OK);
    is(ts_rdp(ts, TS(ts_regex("^FILE"), TS_REST)), TS_NOMATCH);
    is(ts_rdp(ts, TS(ts_or("x", ts_prefix("file")), ts_not(8), TS_REST)), TS_OK);
    is(ts_rdp(ts, TS(TS_ANY, TS_ANY, TS_ARRAY(1, &n, TS_REST), TS_ANY)), TS_OK);
    ck_assert_int_eq(n, 2);
    is(ts_rdp(ts, TS(TS_ANY, TS_ANY, TS_ANY, TS_MAP("h", ts_and(&n, ts_gt(400)), TS_REST))), TS_OK);
    ck_assert_int_eq(n, 480);
    is(ts_rdp(ts, TS(TS_ANY, TS_ANY, TS_ANY, TS_MAP("h", 480))), TS_NOMATCH);
}
END_TEST

START_TEST(a_unit_has_ids_one_after_the_other)
{
    const ts_values three[] = {TS("u", 1), TS("u", 2), TS("u", 3)};
    const ts_request r = {.operation = TSD_OP_IN, .pattern = TS("u", TS_ANY), .max = 10};
    uint64_t id, count = 0;

    is(ts_out_many(ts, three, 3), TS_OK);
    id = ts_last(ts)->id;
    is(ts_count(ts, TS("u", TS_REST), &count), TS_OK);
    ck_assert_uint_eq(count, 3);
    is(ts_call(ts, &r), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(ts_tuple_at(ts_last(ts), i)->id, id + i);
    ck_assert_uint_gt(ts_last(ts)->at, id);
}
END_TEST

START_TEST(alternatives_over_spaces)
{
    ts_client *other = ts_space(ts, "other");
    int first = 0, second = 0;
    const ts_alternative alternative = {.space = "other", .pattern = TS("b", &second)};
    const ts_request r = {.operation = TSD_OP_IN,
                          .pattern = TS("a", &first),
                          .alternatives = &alternative,
                          .alternative_count = 1};

    is(ts_out(other, TS("b", 5)), TS_OK);
    is(ts_rdp(ts, TS("b", TS_ANY)), TS_NOMATCH);
    is(ts_call(ts, &r), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->alternative, 1);
    ck_assert(first == 0 && second == 5);
    is(ts_call(ts, &r), TS_NOMATCH);
}
END_TEST

START_TEST(by_id_and_by_priority)
{
    const ts_values tuple = TS("p", 1);
    ts_request in = {.operation = TSD_OP_IN, .pattern = TS("p", TS_ANY)};

    is(ts_out(ts, TS("p", 2)), TS_OK);
    is(ts_call(ts,
               &(ts_request){
                   .operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1, .priority = 5}),
       TS_OK);
    in.id = ts_last(ts)->id;
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_RD, .pattern = TS("p", TS_ANY)}), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->id, in.id); /* the later one is better placed */
    is(ts_call(ts, &in), TS_OK);
    is(ts_call(ts, &in), TS_NOMATCH);
    is(ts_inp(ts, TS("p", 2)), TS_OK);
}
END_TEST

START_TEST(a_scan_gives_each_tuple_once)
{
    ts_cursor forward = {.max = 7}, backward = {.reverse = true};
    int64_t expected = 0, n;
    const ts_tuple *t;

    for (int i = 0; i < 30; i++)
        is(ts_out(ts, TS("s", i)), TS_OK);
    while (ts_scan(ts, TS("s", TS_ANY), &forward) == TS_OK)
        for (size_t i = 0; (t = ts_tuple_at(ts_last(ts), i)); i++)
            ck_assert(ts_field_int(t, 1, &n) && n == expected++);
    ck_assert_int_eq(expected, 30);
    is(ts_scan(ts, TS("s", TS_ANY), &backward), TS_OK);
    ck_assert(ts_field_int(ts_tuple_at(ts_last(ts), 0), 1, &n) && n == 29);
    is(ts_scan(ts, TS("none"), &(ts_cursor){0}), TS_NOMATCH);
}
END_TEST

START_TEST(ping_and_spaces)
{
    is(ts_ping(ts), TS_OK);
    ck_assert_str_ne(ts_client_daemon(ts)->release, "");
    is(ts_out(ts_space(ts, "jobs"), TS(1)), TS_OK);
    is(ts_spaces(ts), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_str_eq(ts_space_at(ts_last(ts), 0)->name, "jobs");
    ck_assert_uint_eq(ts_space_at(ts_last(ts), 0)->tuples, 1);
}
END_TEST

START_TEST(how_matching_goes)
{
    const ts_values seven = TS("explain", 7);

    is(ts_out(ts, TS("explain", 1)), TS_OK);
    is(ts_out(ts, TS("explain", 5)), TS_OK);
    is(ts_stats(ts, NULL), TS_OK);
    ck_assert_uint_ge(ts_last(ts)->count, 1);
    ck_assert_uint_gt(ts_last(ts)->report.size, 0);
    ck_assert(!ts_last(ts)->more);
    is(ts_stats(ts, "zzz"), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    is(ts_explain(ts, TS("explain", ts_ge(3)), NULL), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 2); /* the one that matches, the one that nearly does */
    ck_assert_mem_eq(ts_tuple_at(ts_last(ts), 0)->bytes,
                     "\x92\xa7"
                     "explain\x05",
                     10);
    ck_assert_mem_eq(ts_tuple_at(ts_last(ts), 1)->bytes,
                     "\x92\xa7"
                     "explain\x01",
                     10);
    is(ts_explain(ts, TS("explain", ts_ge(8)), &seven), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    ck_assert_uint_gt(ts_last(ts)->report.size, 0);
    is(ts_explain(ts, TS(ts_regex("(")), NULL), TS_MALFORMED);
}
END_TEST

START_TEST(a_refusal_leaves_the_connection)
{
    is(ts_out(ts, TS("\xff")), TS_MALFORMED);
    ck_assert_str_ne(ts_error_text(ts), "");
    is(ts_rdp(ts, TS(ts_regex("("))), TS_MALFORMED);
    is(ts_out(ts, TS(TS_MAP(1, 2, 1, 3))), TS_MALFORMED);
    is(ts_ping(ts), TS_OK);
}
END_TEST

START_TEST(notation_and_bytes)
{
    void *tuple, *pattern;
    size_t tuple_size, pattern_size;
    ts_problem problem;
    char *text;

    is(ts_parse_tuple("[\"t\", 1.5]", 10, NULL, &tuple, &tuple_size, NULL), TS_OK);
    is(ts_parse_pattern("[\"t\", >1]", 9, NULL, &pattern, &pattern_size, &problem), TS_OK);
    is(ts_out(ts, ts_encoded(tuple, tuple_size)), TS_OK);
    is(ts_inp(ts, ts_encoded(pattern, pattern_size)), TS_OK);
    text = ts_print(ts_tuple_at(ts_last(ts), 0)->bytes, ts_tuple_at(ts_last(ts), 0)->size);
    ck_assert_str_eq(text, "[\"t\",1.5]");
    free(text);
    text = ts_print_pattern(pattern, pattern_size);
    ck_assert_ptr_nonnull(text);
    free(text);
    ck_assert_ptr_null(ts_print(tuple, tuple_size - 1));
    free(tuple);
    free(pattern);
    is(ts_parse_tuple("[1, oops]", 9, NULL, &tuple, &tuple_size, &problem), TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 4);
    ck_assert_str_ne(problem.text, "");
}
END_TEST

START_TEST(the_daemons_end_is_a_loss)
{
    struct daemon other;
    ts_client *client;

    daemon_start(&other, NULL);
    client = ts_connect(other.socket, NULL);
    is(ts_ping(client), TS_OK);
    daemon_kill(&other);
    is(ts_ping(client), TS_LOST);
    is(ts_reconnect(client), TS_NO_DAEMON);
    is(ts_ping(client), TS_NO_DAEMON);
    ts_disconnect(client);
    daemon_clean(&other);
}
END_TEST

RUN_TESTS("api/calls", the_first_page, a_value_that_does_not_fit_is_not_taken,
          matchers_of_every_kind, a_unit_has_ids_one_after_the_other, alternatives_over_spaces,
          by_id_and_by_priority, a_scan_gives_each_tuple_once, ping_and_spaces, how_matching_goes,
          a_refusal_leaves_the_connection, notation_and_bytes, the_daemons_end_is_a_loss)

/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait: what goes over the wire for each, and what becomes of the answer.
 */
#include <math.h>

#include "unit/client/fake.h"

START_TEST(the_opening_goes_with_the_first_request)
{
    const ts_options options = {.name = "tester", .positions = true};
    struct fake fake;
    ts_client *ts = fake_start(&fake, &options);

    is(ts_client_status(ts), TS_OK);
    ck_assert_msg(!fake_read(&fake), "something was sent before the first request");
    ck_assert_ptr_null(ts_client_daemon(ts));
    answer_nil(&fake, 1, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_PING);
    ck_assert_uint_eq(fake.hello.version, TSD_PROTOCOL_VERSION);
    ck_assert_mem_eq(fake.hello.name.bytes, "tester", 6);
    ck_assert(fake.hello.positions);
    ck_assert_uint_eq(ts_client_daemon(ts)->run, 77);
    ck_assert_uint_eq(ts_client_daemon(ts)->session, 5);
    ck_assert_str_eq(ts_client_daemon(ts)->release, "1.2.3");
    fake_end(&fake);
}
END_TEST

START_TEST(out_puts_tuples_as_one_unit)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_values two[] = {TS("a", 1), TS("b")};
    struct request request;

    answer_uint(&fake, 1, 41);
    is(ts_out(ts, TS("task", 42)), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->id, 41);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_OUT);
    ck_assert_mem_eq(request.space.bytes, "main", 4);
    ck_assert_mem_eq(request.tuples.bytes, "\x92\xa4task\x2a", request.tuples.size);
    ck_assert_uint_eq(request.has, 0);

    answer_uint(&fake, 2, 42);
    is(ts_out_many(ts, two, 2), TS_OK);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.tuple_count, 2);
    ck_assert_mem_eq(request.tuples.bytes, "\x92\xa1\x61\x01\x91\xa1\x62", request.tuples.size);
    fake_end(&fake);
}
END_TEST

START_TEST(in_and_rd_bind_formals)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const char *text;
    int id = 0;

    answer_in(&fake, 1, "[\"task\", 7, \"x\"]", 1);
    is(ts_in(ts, TS("task", &id, &text), TS_FOREVER), TS_OK);
    ck_assert_int_eq(id, 7);
    ck_assert_str_eq(text, "x");
    ck_assert_uint_eq(ts_last(ts)->id, 100);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_IN);

    answer_rd(&fake, 2, "[\"task\", 8, \"y\"]");
    is(ts_rd(ts, TS("task", &id, &text), 1), TS_OK);
    ck_assert_int_eq(id, 8);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_RD);
    fake_end(&fake);
}
END_TEST

static struct request sent_with_timeout(struct fake *fake, uint64_t number, double timeout)
{
    answer_nil(fake, number, TS_TIMEOUT);
    is(ts_in(fake->client, TS("x"), timeout), TS_TIMEOUT);
    return fake_request(fake);
}

START_TEST(timeouts_are_microseconds_rounded_upwards)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    ck_assert_uint_eq(sent_with_timeout(&fake, 1, 2.5).timeout_us, 2500000);
    ck_assert_uint_eq(sent_with_timeout(&fake, 2, 1e-9).timeout_us, 1);
    ck_assert_uint_eq(sent_with_timeout(&fake, 3, 0).timeout_us, 0);
    ck_assert(sent_with_timeout(&fake, 4, 0).has & TSD_HAS(TIMEOUT));
    ck_assert(!(sent_with_timeout(&fake, 5, TS_FOREVER).has & TSD_HAS(TIMEOUT)));
    ck_assert(!(sent_with_timeout(&fake, 6, 1e308).has & TSD_HAS(TIMEOUT)));
    is(ts_in(ts, TS("x"), -0.5), TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "timeout is -0.5"));
    is(ts_in(ts, TS("x"), NAN), TS_INVALID);
    is(ts_in(ts, TS("x"), -INFINITY), TS_INVALID);
    ck_assert_msg(!fake_read(&fake), "an invalid request was sent");
    fake_end(&fake);
}
END_TEST

START_TEST(a_general_request_has_all_options)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const char *const tuples[] = {"[1]", "[2]", "[3]"};
    const struct reply_extras extras = {.has = REPLY_HAS(MORE), .more = true};
    const ts_alternative other = {.space = "other", .pattern = TS(TS_ANY, 2)};
    const ts_request r = {.operation = TSD_OP_IN,
                          .pattern = TS(TS_ANY),
                          .timeout = TS_FOREVER,
                          .min = 3,
                          .max = 5,
                          .alternatives = &other,
                          .alternative_count = 1,
                          .id = 99};
    struct request request;

    answer_items(&fake, 1, tuples, 3, &extras);
    is(ts_call(ts, &r), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 3);
    ck_assert(ts_last(ts)->more);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 2)->id, 102);
    ck_assert_mem_eq(ts_tuple_at(ts_last(ts), 2)->bytes, "\x91\x03", 2);
    ck_assert_ptr_null(ts_tuple_at(ts_last(ts), 3));
    request = fake_request(&fake);
    ck_assert_uint_eq(request.min, 3);
    ck_assert_uint_eq(request.max, 5);
    ck_assert_uint_eq(request.id, 99);
    ck_assert_uint_eq(request.alternative_count, 2);
    ck_assert_mem_eq(request.alternatives[1].space.bytes, "other", 5);
    ck_assert_uint_eq(request.alternatives[1].pattern.fields, 2);
    fake_end(&fake);
}
END_TEST

START_TEST(the_alternative_that_matched_binds)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    int first = -1, second = -1;
    const ts_alternative other = {.pattern = TS("b", &second)};
    const ts_request r = {.operation = TSD_OP_RD,
                          .pattern = TS("a", &first),
                          .alternatives = &other,
                          .alternative_count = 1};
    const struct reply_extras extras = {.has = REPLY_HAS(ALTERNATIVE), .alternative = 1};
    const char *const tuple = "[\"b\", 5]";

    answer_items(&fake, 1, &tuple, 1, &extras);
    is(ts_call(ts, &r), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->alternative, 1);
    ck_assert_int_eq(first, -1);
    ck_assert_int_eq(second, 5);
    fake_end(&fake);
}
END_TEST

START_TEST(count_and_positions)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const struct reply_extras extras = {
        .has = REPLY_HAS(SINCE) | REPLY_HAS(AT), .since = 7, .at = 9};
    const char *const tuple = "[1]";
    uint64_t count = 0;

    answer_uint(&fake, 1, 12);
    is(ts_count(ts, TS(TS_REST), &count), TS_OK);
    ck_assert_uint_eq(count, 12);
    answer_items(&fake, 2, &tuple, 1, &extras);
    is(ts_rdp(ts, TS(TS_ANY)), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->since, 7);
    ck_assert_uint_eq(ts_last(ts)->at, 9);
    fake_end(&fake);
}
END_TEST

START_TEST(a_scan_goes_on_at_its_cursor)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const char *const tuples[] = {"[1]", "[2]"};
    const struct reply_extras next = {.has = REPLY_HAS(NEXT), .next = {-3, 101}};
    ts_cursor cursor = {.max = 2};
    struct request request;

    answer_items(&fake, 1, tuples, 2, &next);
    is(ts_scan(ts, TS(TS_ANY), &cursor), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 2);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has, TSD_HAS(MAX));

    answer_items(&fake, 2, tuples, 0, &next); /* a piece may be empty: it goes on by itself */
    answer_items(&fake, 3, tuples, 1, NULL);
    is(ts_scan(ts, TS(TS_ANY), &cursor), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    request = fake_request(&fake);
    ck_assert_int_eq(request.cursor.priority, -3);
    ck_assert_uint_eq(request.cursor.id, 101);
    is(ts_scan(ts, TS(TS_ANY), &cursor), TS_NOMATCH);
    fake_end(&fake);
}
END_TEST

START_TEST(spaces_lists_rows)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct buffer out = BUFFER_INIT;
    const struct space_row row = {.name = {(const uint8_t *)"jobs", 4},
                                  .tuples = 3,
                                  .bytes = 30,
                                  .waiting = 1,
                                  .kept = 2,
                                  .delayed = 5,
                                  .watches = 6,
                                  .capacity = 100,
                                  .max_returns = 7,
                                  .owner = 1000,
                                  .group = 50,
                                  .mode = 0751,
                                  .dead_letter = {(const uint8_t *)"dead", 4}};
    const ts_space_row *got;
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, false);
    reply_array(&out, 1);
    reply_space_row(&out, &row);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    fake_write(&fake, &out);
    is(ts_spaces(ts), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    got = ts_space_at(ts_last(ts), 0);
    ck_assert_str_eq(got->name, "jobs");
    ck_assert_uint_eq(got->kept, 2);
    ck_assert(got->delayed == 5 && got->watches == 6);
    ck_assert(got->capacity == 100 && got->max_returns == 7);
    ck_assert_str_eq(got->dead_letter, "dead");
    ck_assert(got->owner == 1000 && got->group == 50 && got->mode == 0751);
    ck_assert_ptr_null(ts_space_at(ts_last(ts), 1));
    fake_end(&fake);
}
END_TEST

/* An answer to `spaces` with these names, which end with NULL. */
static void answer_spaces(struct fake *fake, uint64_t number, const char *const *names, bool more)
{
    const struct reply_extras extras = {.has = more ? REPLY_HAS(MORE) : 0, .more = more};
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);
    uint32_t count = 0;

    while (names[count])
        count++;
    reply_begin(&out, number, TS_OK, more);
    reply_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct span name = {(const uint8_t *)names[i], (uint32_t)strlen(names[i])};
        reply_space_row(&out, &(struct space_row){.name = name, .tuples = number});
    }
    reply_end(&out, more ? &extras : NULL);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

START_TEST(spaces_goes_on_until_all_are_there)
{
    const char *const first[] = {"a", "b", NULL}, *const second[] = {"c", NULL};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_spaces(&fake, 1, first, true);
    answer_spaces(&fake, 2, second, true);
    answer_spaces(&fake, 3, second + 1, false);
    is(ts_spaces(ts), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 3);
    ck_assert(!ts_last(ts)->more);
    ck_assert_str_eq(ts_space_at(ts_last(ts), 0)->name, "a");
    ck_assert_str_eq(ts_space_at(ts_last(ts), 1)->name, "b");
    ck_assert_uint_eq(ts_space_at(ts_last(ts), 1)->tuples, 1);
    ck_assert_str_eq(ts_space_at(ts_last(ts), 2)->name, "c");
    ck_assert_uint_eq(ts_space_at(ts_last(ts), 2)->tuples, 2);

    ck_assert_uint_eq(fake_request(&fake).has, 0);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has, TSD_HAS(AFTER));
    ck_assert_uint_eq(request.after.size, 1);
    ck_assert_mem_eq(request.after.bytes, "b", 1);
    ck_assert_mem_eq(fake_request(&fake).after.bytes, "c", 1);

    answer_spaces(&fake, 4, second, false); /* the next time it begins anew */
    is(ts_spaces(ts), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    fake_end(&fake);
}
END_TEST

START_TEST(spaces_are_all_or_none)
{
    const char *const first[] = {"a", NULL};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_spaces(&fake, 1, first, true);
    answer_text(&fake, 2, TS_DENIED, "no");
    is(ts_spaces(ts), TS_DENIED);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    ck_assert_ptr_null(ts_space_at(ts_last(ts), 0));
    fake_end(&fake);
}
END_TEST

START_TEST(more_spaces_and_none_is_no_answer)
{
    const char *const first[] = {"a", NULL};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_spaces(&fake, 1, first, true);
    answer_spaces(&fake, 2, first + 1, true);
    is(ts_spaces(ts), TS_PROTOCOL);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(a_page_of_spaces_may_be_asked_for)
{
    const char *const names[] = {"b", NULL};
    const ts_request page = {.operation = TSD_OP_SPACES, .after = "a"};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_spaces(&fake, 1, names, true);
    is(ts_call(ts, &page), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert(ts_last(ts)->more);
    ck_assert_mem_eq(fake_request(&fake).after.bytes, "a", 1);
    fake_end(&fake);
}
END_TEST

START_TEST(a_handle_for_each_space)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_client *jobs = ts_space(ts, "jobs");

    ck_assert_ptr_nonnull(jobs);
    ck_assert_ptr_eq(ts_space(ts, "jobs"), jobs);
    ck_assert_ptr_eq(ts_space(jobs, "main"), ts);
    ck_assert_str_eq(ts_client_space_name(jobs), "jobs");
    answer_uint(&fake, 1, 1);
    is(ts_out(jobs, TS(1)), TS_OK);
    ck_assert_mem_eq(fake_request(&fake).space.bytes, "jobs", 4);
    ck_assert_ptr_null(ts_space(ts, ""));
    ck_assert_ptr_null(ts_space(ts, "a\nb"));
    ck_assert_str_ne(ts_error_text(ts), "");
    fake_end(&fake);
}
END_TEST

START_TEST(fields_one_at_a_time)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_tuple *tuple;
    int64_t number = 0;
    uint64_t positive;
    double real;
    bool boolean;
    ts_bytes bytes;

    answer_rd(&fake, 1, "[-1, 2, 0.5, true, \"s\", b\"aGk=\", [1]]");
    is(ts_rdp(ts, TS(TS_REST)), TS_OK);
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert_uint_eq(tuple->fields, 7);
    ck_assert(ts_field_int(tuple, 0, &number) && number == -1);
    ck_assert(!ts_field_uint(tuple, 0, &positive));
    ck_assert(ts_field_uint(tuple, 1, &positive) && positive == 2);
    ck_assert(ts_field_double(tuple, 2, &real) && real == 0.5);
    ck_assert(ts_field_bool(tuple, 3, &boolean) && boolean);
    ck_assert(ts_field_str(tuple, 4, &bytes) && bytes.size == 1);
    ck_assert(!ts_field_str(tuple, 5, &bytes));
    ck_assert(ts_field_bin(tuple, 5, &bytes) && bytes.size == 2);
    ck_assert(ts_field_raw(tuple, 6, &bytes) && bytes.size == 2);
    ck_assert(!ts_field_raw(tuple, 7, &bytes));
    ck_assert(!ts_field_int(NULL, 0, &number));
    fake_end(&fake);
}
END_TEST

START_TEST(a_refusal_is_told_in_the_daemons_words)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_text(&fake, 1, TS_MALFORMED, "field 1: a str that is not valid UTF-8 (use bin)");
    is(ts_out(ts, TS("\xff")), TS_MALFORMED);
    ck_assert_str_eq(ts_error_text(ts), "field 1: a str that is not valid UTF-8 (use bin)");
    ck_assert_str_eq(ts_last(ts)->text, ts_error_text(ts));
    answer_nil(&fake, 2, TS_NOMATCH);
    is(ts_inp(ts, TS(1)), TS_NOMATCH);
    ck_assert_str_eq(ts_error_text(ts), "no tuple matches");
    fake_end(&fake);
}
END_TEST

/* The daemon said in its opening: 1,000 bytes a tuple, 2,000 a frame. */
START_TEST(limits_are_known_before_anything_is_sent)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    static const char zeros[1000];
    const ts_values three[] = {TS(TS_BIN(zeros, 990)), TS(TS_BIN(zeros, 990)),
                               TS(TS_BIN(zeros, 990))};

    answer_nil(&fake, 1, TS_OK);
    is(ts_ping(ts), TS_OK);
    fake_request(&fake);
    is(ts_out(ts, TS(TS_BIN(zeros, 997))), TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "limit on the bytes of a tuple is 1000"));
    is(ts_out_many(ts, three, 3), TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "limit on the bytes of a frame is 2000"));
    is(ts_out_many(ts, three, 0), TS_INVALID);
    is(ts_out_many(ts, three, 16385), TS_LIMIT);
    ck_assert(!fake_read(&fake));
    answer_uint(&fake, 6, 1);
    is(ts_out(ts, TS(TS_BIN(zeros, 996))), TS_OK);
    fake_end(&fake);
}
END_TEST

START_TEST(arguments_out_of_range_are_invalid)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_values tuple = TS(1);
    const ts_alternative many[8] = {{.pattern = TS(1)}};

    is(ts_call(ts,
               &(ts_request){
                   .operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1, .priority = 128}),
       TS_INVALID);
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_IN, .pattern = TS(1), .min = 3, .max = 2}),
       TS_INVALID);
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_IN,
                                 .pattern = TS(1),
                                 .alternatives = many,
                                 .alternative_count = 8}),
       TS_LIMIT);
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_CLOSE}), TS_INVALID);
    is(ts_call(ts, &(ts_request){0}), TS_INVALID);
    ck_assert(!fake_read(&fake));
    fake_end(&fake);
}
END_TEST

START_TEST(what_was_bound_may_be_put_at_once)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const char *text;
    ts_bytes bytes;

    answer_in(&fake, 1, "[\"abc\", \"defg\"]", 1);
    is(ts_in(ts, TS(&text, &bytes), 0), TS_OK);
    fake_request(&fake);
    answer_uint(&fake, 2, 1);
    is(ts_out(ts, TS(bytes, text)), TS_OK);
    ck_assert_mem_eq(fake_request(&fake).tuples.bytes, "\x92\xa4\x64\x65\x66g\xa3\x61\x62\x63", 10);
    fake_end(&fake);
}
END_TEST

START_TEST(large_answers_come_in_pieces)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct buffer out = BUFFER_INIT, tuple = BUFFER_INIT;
    const size_t size = 60000;
    ts_bytes bin;

    buffer_append(&tuple, "\x91\xc5\xea\x60", 4);
    memset(buffer_reserve(&tuple, size), 'z', size);
    tuple.size += size;
    for (uint64_t number = 1; number <= 3; number++) {
        const struct item item = {.id = number, .tuple = {tuple.bytes, (uint32_t)tuple.size}};
        size_t begun = frame_begin(&out);
        reply_begin(&out, number, TS_OK, false);
        reply_array(&out, 1);
        reply_item(&out, &item);
        reply_end(&out, NULL);
        frame_end(&out, begun);
    }
    fake_write(&fake, &out);
    for (int i = 0; i < 3; i++) {
        is(ts_rdp(ts, TS(ts_bin(&bin))), TS_OK);
        ck_assert_uint_eq(bin.size, size);
        ck_assert_int_eq(((const char *)bin.bytes)[size - 1], 'z');
    }
    buffer_deinit(&tuple);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/calls", the_opening_goes_with_the_first_request, out_puts_tuples_as_one_unit,
          in_and_rd_bind_formals, timeouts_are_microseconds_rounded_upwards,
          a_general_request_has_all_options, the_alternative_that_matched_binds,
          count_and_positions, a_scan_goes_on_at_its_cursor, spaces_lists_rows,
          spaces_goes_on_until_all_are_there, spaces_are_all_or_none,
          more_spaces_and_none_is_no_answer, a_page_of_spaces_may_be_asked_for,
          a_handle_for_each_space, fields_one_at_a_time, a_refusal_is_told_in_the_daemons_words,
          limits_are_known_before_anything_is_sent, arguments_out_of_range_are_invalid,
          what_was_bound_may_be_put_at_once, large_answers_come_in_pieces)

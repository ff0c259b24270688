/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/reply.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"

static struct problem problem;
static struct buffer body, out;

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static bool span_is(const struct span *span, const char *bytes)
{
    return span->size == strlen(bytes) &&
           (span->size == 0 || memcmp(span->bytes, bytes, span->size) == 0);
}

static struct frame frame_of_text(const char *text)
{
    buffer_clear(&body);
    int error = text_read_value(text, strlen(text), &body, &problem);
    ck_assert_msg(!error, "%s: %s", text, problem.text);
    return (struct frame){body.bytes, body.size};
}

/* What was written to `out`. */
static struct frame written(void)
{
    struct frame frame = {0};
    size_t want;

    ck_assert_int_eq(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     (long)out.size);
    return frame;
}

/* --- The client's opening ------------------------------------------------------------------------ */

static struct hello hello;

static int decode_hello(const char *text)
{
    struct frame frame = frame_of_text(text);

    return hello_decode(&frame, &hello, &problem);
}

START_TEST(an_opening_tells_version_and_options)
{
    ck_assert_int_eq(decode_hello("[\"tsd\", 1]"), 0);
    ck_assert_uint_eq(hello.version, 1);
    ck_assert(!hello.positions && hello.name.size == 0);
    ck_assert_int_eq(decode_hello("[\"tsd\", 1, {1: true, 2: \"me\"}]"), 0);
    ck_assert(hello.positions && span_is(&hello.name, "me"));
}
END_TEST

static const struct {
    const char *text;
    enum ts_status status;
    const char *says; /* part of the problem's text */
} bad_hellos[] = {
    {"[1, 3, 0]", TS_PROTOCOL, "opening's first value: not \"tsd\", but int"},
    {"[\"redis\", 1]", TS_PROTOCOL, "the opening begins with \"tsd\""},
    {"[\"tsd\"]", TS_PROTOCOL, "opening's version: the frame ends before it"},
    {"[\"tsd\", 2]", TS_PROTOCOL,
     "the client speaks version 2 of the protocol, this side version 1"},
    {"[\"tsd\", 2, 3, 4]", TS_PROTOCOL, "the client speaks version 2 of the protocol"},
    {"[\"tsd\", 1, {3: 1}]", TS_PROTOCOL, "the opening has no option 3"},
    {"[\"tsd\", 1, {1: 1}]", TS_PROTOCOL, "option positions: not bool, but int"},
    {"[\"tsd\", 1, {2: 1}]", TS_PROTOCOL, "option name: not str, but int"},
    {"[\"tsd\", 1, {2: \"a\\u0000\"}]", TS_MALFORMED, "the name of a client has a control"},
    {"[\"tsd\", 1, []]", TS_PROTOCOL, "opening's options: not map, but array"},
    {"[\"tsd\", 1, {}, 1]", TS_PROTOCOL, "the opening has 2 or 3 values, not 4"},
    {"{}", TS_PROTOCOL, "opening: not array, but map"},
};

START_TEST(bad_openings_are_told)
{
    int error = decode_hello(bad_hellos[_i].text);

    ck_assert_msg(error == -(int)bad_hellos[_i].status, "%s: %d %s", bad_hellos[_i].text, error,
                  problem.text);
    ck_assert_msg(strstr(problem.text, bad_hellos[_i].says) != NULL, "%s: %s", bad_hellos[_i].text,
                  problem.text);
}
END_TEST

START_TEST(a_client_s_opening_comes_back)
{
    for (unsigned i = 0; i < 4; i++) {
        struct hello sent = {.version = TSD_PROTOCOL_VERSION, .positions = i & 1};
        if (i & 2)
            sent.name = text_span("me");
        buffer_clear(&out);
        hello_encode(&sent, &out);
        struct frame frame = written();
        ck_assert_int_eq(hello_decode(&frame, &hello, &problem), 0);
        ck_assert_int_eq(hello.positions, sent.positions);
        ck_assert(span_is(&hello.name, i & 2 ? "me" : ""));
        while (frame.size-- > 0)
            ck_assert_int_eq(hello_decode(&frame, &hello, &problem), -TS_PROTOCOL);
    }
}
END_TEST

/* --- The daemon's opening ------------------------------------------------------------------------ */

static struct welcome welcome;

static int decode_welcome(const char *text)
{
    struct frame frame = frame_of_text(text);

    return welcome_decode(&frame, &welcome, &problem);
}

START_TEST(a_daemon_s_opening_comes_back)
{
    const struct welcome sent = {TSD_PROTOCOL_VERSION, UINT64_MAX, 7, 16777216, 17825792, 4194304,
                                 text_span("0.1.0")};

    welcome_encode(&sent, &out);
    struct frame frame = written();
    struct buffer text = BUFFER_INIT;
    text_write_value(frame.body, &text);
    ck_assert(span_is(&(struct span){text.bytes, (uint32_t)text.size},
                      "[\"tsd\",1,{1:18446744073709551615,2:7,3:16777216,4:17825792,5:4194304,"
                      "6:\"0.1.0\"}]"));
    buffer_deinit(&text);
    ck_assert_int_eq(welcome_decode(&frame, &welcome, &problem), 0);
    ck_assert_uint_eq(welcome.version, TSD_PROTOCOL_VERSION);
    ck_assert_uint_eq(welcome.run, UINT64_MAX);
    ck_assert_uint_eq(welcome.session, 7);
    ck_assert_uint_eq(welcome.tuple_bytes, 16777216);
    ck_assert_uint_eq(welcome.frame_bytes, 17825792);
    ck_assert_uint_eq(welcome.reply_bytes, 4194304);
    ck_assert(span_is(&welcome.release, "0.1.0"));
    while (frame.size-- > 0)
        ck_assert_int_eq(welcome_decode(&frame, &welcome, &problem), -TS_PROTOCOL);
}
END_TEST

START_TEST(an_error_frame_instead_of_an_opening_is_told_from_it)
{
    ck_assert_int_eq(decode_welcome("[0, 6, \"too many connections\"]"), 1);
    ck_assert_int_eq(decode_welcome("[\"tsd\", 1, {}]"), 0);
}
END_TEST

START_TEST(an_opening_of_a_newer_daemon_is_read_as_far_as_it_is_known)
{
    ck_assert_int_eq(decode_welcome("[\"tsd\", 1, {50: [1], 2: 9}]"), 0);
    ck_assert_uint_eq(welcome.session, 9);
}
END_TEST

START_TEST(another_version_is_told_with_both)
{
    ck_assert_int_eq(decode_welcome("[\"tsd\", 3, {}]"), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text,
                     "the daemon speaks version 3 of the protocol, this side version 1");
}
END_TEST

START_TEST(what_is_no_opening_is_malformed)
{
    static const char *const texts[] = {"[]",
                                        "null",
                                        "[\"http\", 1, {}]",
                                        "[\"tsd\", 1, {1: -1}]",
                                        "[\"tsd\", 1, {6: 1}]",
                                        "[\"tsd\", 1, {\"a\": 1}]"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_int_eq(decode_welcome(texts[i]), -TS_PROTOCOL);
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("hello");
    TCase *tests = tcase_create("hello");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, an_opening_tells_version_and_options);
    tcase_add_loop_test(tests, bad_openings_are_told, 0, COUNT_OF(bad_hellos));
    tcase_add_test(tests, a_client_s_opening_comes_back);
    tcase_add_test(tests, a_daemon_s_opening_comes_back);
    tcase_add_test(tests, an_error_frame_instead_of_an_opening_is_told_from_it);
    tcase_add_test(tests, an_opening_of_a_newer_daemon_is_read_as_far_as_it_is_known);
    tcase_add_test(tests, another_version_is_told_with_both);
    tcase_add_test(tests, what_is_no_opening_is_malformed);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

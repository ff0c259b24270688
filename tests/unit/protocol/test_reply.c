/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "protocol/reply.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "random_patterns.h"

static struct problem problem;
static struct buffer body, out;
static struct reply reply;

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

static int decode_text(const char *text)
{
    struct frame frame = frame_of_text(text);

    return reply_decode(&frame, &reply, &problem);
}

/* What was written to `out`, as text. */
static const char *written(void)
{
    static struct buffer text;
    struct frame frame;
    size_t want;

    ck_assert_int_eq(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     (long)out.size);
    buffer_clear(&text);
    text_write_value(frame.body, &text);
    buffer_append_byte(&text, 0);
    return (const char *)text.bytes;
}

/* --- Written ------------------------------------------------------------------------------------- */

START_TEST(an_answer_is_number_status_and_result)
{
    size_t begun = frame_begin(&out);

    reply_begin(&out, 300, TS_TIMEOUT, false);
    reply_nil(&out);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[300,2,null]");
}
END_TEST

START_TEST(a_result_is_a_number_or_a_text)
{
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, false);
    reply_uint(&out, UINT64_MAX);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[1,0,18446744073709551615]");

    buffer_clear(&out);
    begun = frame_begin(&out);
    reply_begin(&out, 0, TS_PROTOCOL, false);
    reply_text(&out, "why");
    reply_end(&out, NULL);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[0,5,\"why\"]");
}
END_TEST

START_TEST(extras_stand_in_a_map_at_the_end)
{
    const struct reply_extras extras = {
        .has = REPLY_HAS(SINCE) | REPLY_HAS(AT) | REPLY_HAS(DELIVERY) | REPLY_HAS(MORE) |
               REPLY_HAS(ALTERNATIVE) | REPLY_HAS(NEXT) | REPLY_HAS(REPEATED) | REPLY_HAS(FIRST),
        .since = 10,
        .at = UINT64_MAX,
        .delivery = 12,
        .more = true,
        .alternative = 7,
        .next = {-128, 99},
        .repeated = true,
        .first = 300,
    };
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, true);
    reply_array(&out, 0);
    reply_end(&out, &extras);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[1,0,[],{1:10,2:18446744073709551615,3:12,5:7,4:true,7:true,8:300,"
                                "6:[-128,99]}]");
    struct frame frame = {out.bytes + FRAME_HEAD, out.size - FRAME_HEAD};
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_uint_eq(reply.extras.has, extras.has);
    ck_assert_uint_eq(reply.extras.since, 10);
    ck_assert_uint_eq(reply.extras.at, UINT64_MAX);
    ck_assert_uint_eq(reply.extras.delivery, 12);
    ck_assert(reply.extras.more);
    ck_assert_uint_eq(reply.extras.alternative, 7);
    ck_assert_int_eq(reply.extras.next.priority, -128);
    ck_assert_uint_eq(reply.extras.next.id, 99);
    ck_assert(reply.extras.repeated);
    ck_assert_uint_eq(reply.extras.first, 300);
}
END_TEST

START_TEST(a_row_tells_of_a_space)
{
    const struct space_row row = {text_span("main"), 1, 2, 3, 4, 5, 6, UINT64_MAX, 8, 20, 21, 0750,
                                  text_span("dead")};
    struct space_row read;
    const uint8_t *p = NULL;
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, false);
    reply_array(&out, 1);
    reply_space_row(&out, &row);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[1,0,[[\"main\",{1:1,2:2,3:3,4:4,5:5,6:6,7:18446744073709551615,"
                                "8:8,10:20,11:21,12:488,9:\"dead\"}]]]");
    struct frame frame = {out.bytes + FRAME_HEAD, out.size - FRAME_HEAD};
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &read), 1);
    ck_assert(span_is(&read.name, "main"));
    ck_assert_uint_eq(read.tuples, 1);
    ck_assert_uint_eq(read.bytes, 2);
    ck_assert_uint_eq(read.waiting, 3);
    ck_assert_uint_eq(read.kept, 4);
    ck_assert_uint_eq(read.delayed, 5);
    ck_assert_uint_eq(read.watches, 6);
    ck_assert_uint_eq(read.capacity, UINT64_MAX);
    ck_assert(read.owner == 20 && read.group == 21 && read.mode == 0750);
    ck_assert_uint_eq(read.max_returns, 8);
    ck_assert(span_is(&read.dead_letter, "dead"));
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &read), 0);
}
END_TEST

/* --- Read ---------------------------------------------------------------------------------------- */

START_TEST(an_answer_is_read)
{
    uint64_t value = 0;
    struct span text;

    ck_assert_int_eq(decode_text("[300, 0, 42]"), 0);
    ck_assert_uint_eq(reply.number, 300);
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_uint_eq(reply.extras.has, 0);
    ck_assert_int_eq(reply_result_uint(&reply, &value), 0);
    ck_assert_uint_eq(value, 42);
    ck_assert_int_eq(reply_result_text(&reply, &text), -TS_PROTOCOL);

    ck_assert_int_eq(decode_text("[1, 6, \"too many\"]"), 0);
    ck_assert_int_eq(reply.status, TS_LIMIT);
    ck_assert_int_eq(reply_result_text(&reply, &text), 0);
    ck_assert(span_is(&text, "too many"));
    ck_assert_int_eq(reply_result_uint(&reply, &value), -TS_PROTOCOL);
}
END_TEST

START_TEST(what_a_newer_daemon_adds_is_passed_over)
{
    const uint8_t *p = NULL;
    struct item item;
    struct space_row row;

    ck_assert_int_eq(decode_text("[1, 0, [[5, [1], {99: [1, 2], 1: 3}]], {40: {}, 3: 7}]"), 0);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(DELIVERY));
    ck_assert_uint_eq(reply.extras.delivery, 7);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.has, ITEM_HAS(RETURNS));
    ck_assert_uint_eq(item.returns, 3);

    p = NULL;
    ck_assert_int_eq(decode_text("[1, 0, [[\"s\", {99: null, 1: 8}]]]"), 0);
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), 1);
    ck_assert_uint_eq(row.tuples, 8);
}
END_TEST

static const char *const bad_rows[] = {"[1, 0, 1]",
                                       "[1, 0, [1]]",
                                       "[1, 0, [[1, {}]]]",
                                       "[1, 0, [[\"s\"]]]",
                                       "[1, 0, [[\"s\", 1]]]",
                                       "[1, 0, [[\"s\", {1: -1}]]]",
                                       "[1, 0, [[\"s\", {9: 1}]]]"};

START_TEST(what_is_no_row_is_malformed)
{
    const uint8_t *p = NULL;
    struct space_row row;

    ck_assert_int_eq(decode_text(bad_rows[_i]), 0);
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), -TS_PROTOCOL);
}
END_TEST

static const struct {
    const char *text, *says;
} bad_replies[] = {
    {"1", "answer: not array, but int"},
    {"[1, 0]", "an answer has 3 or 4 values, not 2"},
    {"[1, 0, 1, {}, 1]", "an answer has 3 or 4 values, not 5"},
    {"[\"1\", 0, 1]", "answer's number: not uint, but str"},
    {"[1, -1, 1]", "answer's status: not uint, but a negative int"},
    {"[1, 18, 1]", "unknown status 18"},
    {"[1, 4294967296, 1]", "unknown status 4294967296"},
    {"[1, 0, 1, 1]", "extras: not map, but int"},
    {"[1, 0, 1, {\"a\": 1}]", "number of an extra: not uint, but str"},
    {"[1, 0, 1, {4: 1}]", "extra: not what its number says, but int"},
    {"[1, 0, 1, {6: [1]}]", "extra: not what its number says, but array"},
    {"[1, 0, 1, {7: 1}]", "extra: not what its number says, but int"},
    {"[1, 0, 1, {8: -1}]", "extra: not what its number says, but a negative int"},
};

START_TEST(bad_answers_are_told)
{
    ck_assert_int_eq(decode_text(bad_replies[_i].text), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, bad_replies[_i].says);
}
END_TEST

START_TEST(what_is_explained_is_items_and_a_map)
{
    struct frame frame = frame_of_text("[1, 0, [[[7, [\"a\"]]], {1: true}]]");
    const uint8_t *p = NULL;
    struct item item;
    struct span map;

    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_int_eq(reply_split_explained(&reply, &map), 0);
    ck_assert_uint_eq(map.size, 3);
    ck_assert_mem_eq(map.bytes, "\x81\x01\xc3", 3);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.id, 7);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

static const char *const not_explained[] = {
    "[1, 0, []]",       "[1, 0, null]", "[1, 0, {}]",
    "[1, 0, [[], []]]", "[1, 0, [[]]]", "[1, 0, [[], {}, 1]]",
};

START_TEST(what_is_not_explained_so_is_malformed)
{
    struct frame frame = frame_of_text(not_explained[_i]);
    struct span map;

    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_int_eq(reply_split_explained(&reply, &map), -TS_PROTOCOL);
}
END_TEST

START_TEST(every_cut_of_an_answer_is_malformed)
{
    struct frame frame = frame_of_text("[1, 0, [[7, [\"a\", 2]], [8, [null], {2: 3}]], {3: 300}]");

    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    while (frame.size-- > 0)
        ck_assert_int_eq(reply_decode(&frame, &reply, &problem), -TS_PROTOCOL);
}
END_TEST

START_TEST(nothing_follows_an_answer)
{
    struct frame frame = frame_of_text("[1, 0, null]");

    buffer_append_byte(&body, 0xc0);
    frame = (struct frame){body.bytes, body.size};
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, "bytes after the end of the answer");
}
END_TEST

START_TEST(a_changed_byte_never_makes_it_read_past_the_end)
{
    static const char text[] =
        "[1, 0, [[7, [\"a\", 2]], [8, [null], {2: 3}]], {3: 300, 6: [1, 2]}]";
    struct random random = random_seeded("test_reply");

    for (unsigned i = 0; i < 20000; i++) {
        struct frame frame = frame_of_text(text);
        const uint8_t *p = NULL;
        struct item item;
        uint8_t *block = malloc(frame.size); /* of its size, so that reading past it shows */
        ck_assert_ptr_nonnull(block);
        memcpy(block, frame.body, frame.size);
        for (unsigned n = 1 + random_below(&random, 3); n > 0; n--)
            block[random_below(&random, (uint32_t)frame.size)] = (uint8_t)random_next(&random);
        frame.body = block;
        if (reply_decode(&frame, &reply, &problem) == 0)
            while (reply_next_item(&reply, &p, &item) > 0)
                ck_assert_uint_le(item.tuple.size, frame.size);
        free(block);
    }
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *tests = tcase_create("reply");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, an_answer_is_number_status_and_result);
    tcase_add_test(tests, a_result_is_a_number_or_a_text);
    tcase_add_test(tests, extras_stand_in_a_map_at_the_end);
    tcase_add_test(tests, a_row_tells_of_a_space);
    tcase_add_test(tests, an_answer_is_read);
    tcase_add_test(tests, what_a_newer_daemon_adds_is_passed_over);
    tcase_add_loop_test(tests, what_is_no_row_is_malformed, 0, COUNT_OF(bad_rows));
    tcase_add_loop_test(tests, bad_answers_are_told, 0, COUNT_OF(bad_replies));
    tcase_add_test(tests, what_is_explained_is_items_and_a_map);
    tcase_add_loop_test(tests, what_is_not_explained_so_is_malformed, 0, COUNT_OF(not_explained));
    tcase_add_test(tests, every_cut_of_an_answer_is_malformed);
    tcase_add_test(tests, nothing_follows_an_answer);
    tcase_add_test(tests, a_changed_byte_never_makes_it_read_past_the_end);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

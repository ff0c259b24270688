/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/limits.h"

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})
#define LIMIT 1000

static struct problem problem;
static struct frame frame;
static size_t want;

START_TEST(a_whole_frame_is_found_and_what_follows_it_left)
{
    static const uint8_t bytes[] = {0xce, 0, 0, 0, 2, 0x91, 0x01, 0xce, 0};

    ck_assert_int_eq(frame_next(bytes, sizeof bytes, LIMIT, &frame, &want, &problem), 7);
    ck_assert_ptr_eq(frame.body, bytes + FRAME_HEAD);
    ck_assert_uint_eq(frame.size, 2);
}
END_TEST

START_TEST(a_frame_in_part_says_how_many_bytes_it_wants)
{
    static const uint8_t bytes[] = {0xce, 0, 0, 0, 3, 0x92, 0x01, 0x02};

    for (size_t size = 0; size < sizeof bytes; size++) {
        want = 0;
        ck_assert_int_eq(frame_next(bytes, size, LIMIT, &frame, &want, &problem), 0);
        ck_assert_uint_eq(want, size < FRAME_HEAD ? FRAME_HEAD : sizeof bytes);
    }
    ck_assert_int_eq(frame_next(bytes, sizeof bytes, LIMIT, &frame, &want, &problem), sizeof bytes);
}
END_TEST

START_TEST(all_four_bytes_of_the_length_count)
{
    static const uint8_t bytes[] = {0xce, 0x01, 0x02, 0x03, 0x04};

    ck_assert_int_eq(frame_next(bytes, sizeof bytes, SIZE_MAX, &frame, &want, &problem), 0);
    ck_assert_uint_eq(want, FRAME_HEAD + 0x01020304);
}
END_TEST

START_TEST(a_length_in_another_form_is_malformed_at_its_first_byte)
{
    static const uint8_t others[] = {0x00, 0x05, 0x91, 0xcc, 0xcd, 0xcf, 0xd2, 0xc1, 0xff, 'G'};

    for (size_t i = 0; i < sizeof others; i++)
        ck_assert_int_eq(frame_next(&others[i], 1, LIMIT, &frame, &want, &problem), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text,
                     "a frame begins with its length, the byte 0xce and four more, not with 0x47");
}
END_TEST

START_TEST(a_frame_has_a_body)
{
    ck_assert_int_eq(frame_next(BYTES(0xce, 0, 0, 0, 0), LIMIT, &frame, &want, &problem),
                     -TS_PROTOCOL);
    ck_assert_int_eq(frame_next(BYTES(0xce, 0, 0, 0, 1, 0x90), LIMIT, &frame, &want, &problem), 6);
}
END_TEST

START_TEST(the_limit_holds_before_the_body_has_come)
{
    uint8_t head[FRAME_HEAD];

    frame_write_head(head, LIMIT);
    ck_assert_int_eq(frame_next(head, sizeof head, LIMIT, &frame, &want, &problem), 0);
    frame_write_head(head, LIMIT + 1);
    ck_assert_int_eq(frame_next(head, sizeof head, LIMIT, &frame, &want, &problem), -TS_LIMIT);
    ck_assert_str_eq(problem.text,
                     "a frame of 1001 bytes, where the limit on the bytes of a frame is 1000");
    frame_write_head(head, UINT32_MAX);
    ck_assert_int_eq(frame_next(head, sizeof head, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     -TS_LIMIT);
}
END_TEST

START_TEST(frames_are_written_one_after_the_other)
{
    static const uint8_t expected[] = {0xce, 0, 0, 0, 1, 0x90, 0xce, 0, 0, 0, 2, 0x91, 0xc0};
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    ck_assert_uint_eq(begun, 0);
    buffer_append(&out, "\x90", 1);
    frame_end(&out, begun);
    begun = frame_begin(&out);
    buffer_append(&out, "\x91\xc0", 2);
    frame_end(&out, begun);
    ck_assert_uint_eq(out.size, sizeof expected);
    ck_assert_mem_eq(out.bytes, expected, sizeof expected);
    buffer_deinit(&out);
}
END_TEST

START_TEST(a_frame_for_which_there_was_no_memory_is_left_alone)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out), size = out.size;

    buffer_append_byte(&out, 0x90);
    out.failed = true;
    frame_end(&out, begun);
    ck_assert_uint_eq(out.bytes[4], 0);
    ck_assert_uint_eq(out.size, size + 1);
    buffer_deinit(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("frame");
    TCase *tests = tcase_create("frame");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, a_whole_frame_is_found_and_what_follows_it_left);
    tcase_add_test(tests, a_frame_in_part_says_how_many_bytes_it_wants);
    tcase_add_test(tests, all_four_bytes_of_the_length_count);
    tcase_add_test(tests, a_length_in_another_form_is_malformed_at_its_first_byte);
    tcase_add_test(tests, a_frame_has_a_body);
    tcase_add_test(tests, the_limit_holds_before_the_body_has_come);
    tcase_add_test(tests, frames_are_written_one_after_the_other);
    tcase_add_test(tests, a_frame_for_which_there_was_no_memory_is_left_alone);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "tsctl/work_error.h"
#include "tsctl/work_log.h"

#define EXITED(status) ((status) << 8)

static void read_tuple(const char *text, struct buffer *out)
{
    struct problem problem;
    ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, out, &problem), 0);
}

static void expect_text(struct buffer *had, const char *wanted)
{
    buffer_append_byte(had, '\0');
    ck_assert_str_eq((const char *)had->bytes, wanted);
}

/* The error tuple of it, in the notation. */
static void expect_error(struct work_error *error, const char *task, const char *wanted)
{
    struct buffer tuple = BUFFER_INIT, packed = BUFFER_INIT, text = BUFFER_INIT;
    read_tuple(task, &tuple);
    error->worker = "convert {2}";
    error->tuple = tuple.bytes;
    work_error_pack(error, &packed);
    text_write_value(packed.bytes, &text);
    expect_text(&text, wanted);
    buffer_deinit(&text);
    buffer_deinit(&packed);
    buffer_deinit(&tuple);
}

START_TEST(tells_an_exit_status)
{
    struct buffer tail = BUFFER_INIT;
    buffer_append(&tail, "no such file\n", 13);
    struct work_error error = {
        .ended = true,
        .status = EXITED(3),
        .took_us = 1234567,
        .peak_kib = 1536,
        .tail = &tail,
    };
    expect_error(&error, "[\"file\", \"a\"]",
                 "[\"error\",\"convert {2}\",\"exit\",3,\"[\\\"file\\\",\\\"a\\\"]\\n"
                 "exit 3, after 1.235 s, peak memory 1.5 MiB\\nno such file\\n\"]");
    buffer_deinit(&tail);
}
END_TEST

START_TEST(tells_a_signal_by_name)
{
    struct work_error error = {
        .ended = true, .status = SIGKILL, .took_us = 1000, .returns = 1, .why = "over its time"};
    expect_error(&error, "[1]",
                 "[\"error\",\"convert {2}\",\"signal\",9,\"[1]\\n"
                 "SIGKILL (signal 9), after 0.001 s\\nit had come back 1 time before\\n"
                 "over its time\\n\"]");
}
END_TEST

START_TEST(tells_what_was_lost_and_given_up)
{
    struct work_error error = {.returns = 4, .given_up = true};
    expect_error(&error, "[1]",
                 "[\"error\",\"convert {2}\",\"lost\",null,\"[1]\\n"
                 "it had come back 4 times before\\ngiven up: it does not come back\\n\"]");
}
END_TEST

/* A long task is cut at a character, but not where the error tuple is all that is left of it. */
START_TEST(cuts_a_long_task)
{
    struct buffer text = BUFFER_INIT, tuple = BUFFER_INIT, packed = BUFFER_INIT;
    buffer_printf(&text, "[\"");
    for (int i = 0; i < 3000; i++)
        buffer_printf(&text, "\u00e9"); /* two bytes, after two: the cut would be in one */
    buffer_printf(&text, "\"]");
    buffer_append_byte(&text, '\0');
    read_tuple((const char *)text.bytes, &tuple);
    struct work_error error = {.worker = "w", .tuple = tuple.bytes};
    work_error_pack(&error, &packed);
    ck_assert_uint_gt(packed.size, 4000);
    ck_assert_uint_lt(packed.size, 4200);
    ck_assert_ptr_nonnull(memmem(packed.bytes, packed.size, "...\n", 4));
    buffer_clear(&packed);
    error.given_up = true;
    work_error_pack(&error, &packed);
    ck_assert_ptr_nonnull(memmem(packed.bytes, packed.size, text.bytes, text.size - 1));
    buffer_deinit(&packed);
    buffer_deinit(&tuple);
    buffer_deinit(&text);
}
END_TEST

START_TEST(numbers_an_end_as_releases_do)
{
    ck_assert_uint_eq(work_error_number(EXITED(0)), 0);
    ck_assert_uint_eq(work_error_number(EXITED(255)), 255);
    ck_assert_uint_eq(work_error_number(SIGTERM), 256 + SIGTERM);
}
END_TEST

static const struct {
    struct work_log_line line;
    const char *wanted;
} lines[] = {
    {{.start = {100, 7000000},
      .took_us = 2500,
      .id = 12,
      .outcome = "done",
      .ended = true,
      .peak_kib = 900},
     "100.007\t0.003\t12\t0\tdone\t0\t\t900\t[\"a\\tb\"]\n"},
    {{.start = {100, 0},
      .id = 5,
      .returns = 2,
      .outcome = "failed",
      .ended = true,
      .status = SIGSEGV},
     "100.000\t0.000\t5\t2\tfailed\t\t11\t0\t[\"a\\tb\"]\n"},
    {{.id = 5, .outcome = "given-up"}, "0.000\t0.000\t5\t0\tgiven-up\t\t\t0\t[\"a\\tb\"]\n"},
};

START_TEST(writes_a_log_line)
{
    struct buffer tuple = BUFFER_INIT, text = BUFFER_INIT;
    struct work_log_line line = lines[_i].line;
    read_tuple("[\"a\\tb\"]", &tuple);
    line.tuple = tuple.bytes;
    work_log_format(&line, &text);
    expect_text(&text, lines[_i].wanted);
    buffer_deinit(&text);
    buffer_deinit(&tuple);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("work_error");
    TCase *tests = tcase_create("work_error");
    tcase_add_test(tests, tells_an_exit_status);
    tcase_add_test(tests, tells_a_signal_by_name);
    tcase_add_test(tests, tells_what_was_lost_and_given_up);
    tcase_add_test(tests, cuts_a_long_task);
    tcase_add_test(tests, numbers_an_end_as_releases_do);
    tcase_add_loop_test(tests, writes_a_log_line, 0, sizeof(lines) / sizeof(lines[0]));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

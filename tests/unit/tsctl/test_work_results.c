/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "tsctl/command.h"
#include "tsctl/exits.h"
#include "tsctl/work_options.h"
#include "tsctl/work_results.h"
#include "tsctl/work_spool.h"
#include "tsctl/work_stderr.h"

/* What a task ["file", "a", 7] that printed this puts, in the notation; or why it puts nothing. */
static const struct {
    bool put;
    enum format input;
    const char *result, *printed, *wanted;
} cases[] = {
    {true, 0, NULL, "[1]\n\n  \n[\"b\", 2]", "[1] [\"b\",2] "},
    {true, 0, NULL, "", ""},
    {true, FORMAT_JSON, NULL, "[{\"$bin\":\"aGk=\"}]\n", "[b\"aGk=\"] "},
    {true, FORMAT_RAW, NULL, "\x91\x01\x92\x01\x02", "[1] [1,2] "},
    {true, 0, NULL, "[1]\n[2\n",
     "line 2 of what it printed: the text ends before the ] of the tuple"},
    {true, 0, "[\"done\", $TSD_2]", "[1]\n", "[1] [\"done\",\"a\"] "},
    {false, 0, "[\"done\", $TSD_3, $who]", "ignored", "[\"done\",7,\"me\"] "},
    {false, 0, "[$output]", "12\n\n", "[\"12\"] "},
    {false, 0, "[$output]", "\xff", "what it printed is no str: not valid UTF-8"},
    {false, 0, "[$TSD_4]", "", "--result: there is no value for $TSD_4"},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void set_options(struct options *options, int i)
{
    options->work.put = cases[i].put;
    options->work.result = cases[i].result;
    options->input = cases[i].input;
    ck_assert_int_eq(named_add_str(&options->named, "who", "me"), 0);
}

START_TEST(reads_results)
{
    const char *task = "[\"file\", \"a\", 7]";
    struct options options = {0};
    struct buffer tuple = BUFFER_INIT, text = BUFFER_INIT;
    struct problem problem;
    struct work_results results;
    char why[WORK_PROBLEM_BYTES];
    set_options(&options, _i);
    ck_assert_int_eq(text_read_tuple(task, strlen(task), NULL, &tuple, &problem), 0);
    int fd = work_spool_of(cases[_i].printed, strlen(cases[_i].printed));
    if (work_results_read(&results, &options, fd, tuple.bytes, why)) {
        for (size_t i = 0; i < results.count; i++) {
            text_write_value(results.values[i].encoded.bytes, &text);
            buffer_append_byte(&text, ' ');
        }
    } else {
        buffer_append(&text, why, strlen(why));
    }
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq((const char *)text.bytes, cases[_i].wanted);
    close(fd);
    work_results_deinit(&results);
    buffer_deinit(&text);
    buffer_deinit(&tuple);
    options_deinit(&options);
}
END_TEST

START_TEST(knows_what_takes_the_output)
{
    struct options options = {.work.result = "[\"$output\", $output_]"};
    ck_assert(!work_results_take_output(&options));
    options.work.result = "[[$output]]";
    ck_assert(work_results_take_output(&options));
    options.work.put = true;
    ck_assert_int_eq(work_results_check(&options), EXIT_USAGE);
    options.work.put = false;
    ck_assert_int_eq(work_results_check(&options), 0);
    options.work.result = "[$TSD_256]";
    ck_assert_int_eq(work_results_check(&options), EXIT_USAGE);
    options.work.result = "[$TSD_255]";
    ck_assert_int_eq(work_results_check(&options), 0);
}
END_TEST

/* Where the words after the command are wrong the status is 2. */
static struct work_options parse(const char *option, const char *value, int wanted)
{
    char *words[] = {"tsctl", "work", (char *)option, (char *)value, "[1]", "--", "cmd", NULL};
    struct call call = {0};
    ck_assert_int_eq(options_parse(&call, 7, words), wanted);
    return call.options.work;
}

START_TEST(reads_options)
{
    ck_assert_uint_eq(parse("-j", "4", 0).jobs, 4);
    ck_assert_uint_eq(parse("--jobs", "1000", 0).jobs, 1000);
    parse("-j", "0", EXIT_USAGE);
    parse("-j", "1001", EXIT_USAGE);
    ck_assert_uint_eq(parse("--timeout", "1.5", 0).timeout_us, 1500000);
    parse("-t", "0", EXIT_USAGE);
    ck_assert_uint_eq(parse("--max-returns", "0", 0).returns, 0);
    ck_assert(parse("--max-returns", "0", 0).has_returns);
    ck_assert(!parse("-j", "4", 0).has_returns);
    parse("--max-returns", "-1", EXIT_USAGE);
    parse("--max-returns", "x", EXIT_USAGE);
}
END_TEST

START_TEST(reads_when_to_halt)
{
    struct work_options work = parse("--halt", "soon", 0);
    ck_assert(work.halt == WORK_HALT_SOON && work.halt_failures == 1);
    work = parse("--halt", "now,fail=12", 0);
    ck_assert(work.halt == WORK_HALT_NOW && work.halt_failures == 12);
    static const char *const wrong[] = {
        "",       "later", "soon,",       "now,fail=", "now,fail", "now,fail=0", "soon,fail=-1",
        "sooner", "now,",  "now,fail=1x", "now,done=1"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        parse("--halt", wrong[i], EXIT_USAGE);
}
END_TEST

/* The last bytes, from the beginning of a character, and in UTF-8 whatever was written. */
START_TEST(keeps_the_tail_of_standard_error)
{
    struct buffer tag = BUFFER_INIT, tail = BUFFER_INIT;
    struct work_stderr stream;
    int end;
    ck_assert(work_stderr_open(&stream, &tag, &end));
    int null = open("/dev/null", O_WRONLY), before = dup(STDERR_FILENO);
    dup2(null, STDERR_FILENO);
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(write(end, "\xe2\x82\xac", 3), 3);
    ck_assert_int_eq(write(end, "\xff!", 2), 2);
    work_stderr_finish(&stream);
    dup2(before, STDERR_FILENO);
    close(before);
    close(null);
    close(end);
    work_stderr_tail(&stream, &tail);
    ck_assert_uint_eq(tail.size % 3, 2);
    ck_assert_uint_gt(tail.size, WORK_TAIL_BYTES - 4);
    ck_assert_uint_le(tail.size, WORK_TAIL_BYTES);
    ck_assert_int_eq(memcmp(tail.bytes, "\xe2\x82\xac", 3), 0);
    ck_assert_int_eq(memcmp(tail.bytes + tail.size - 2, "?!", 2), 0);
    buffer_deinit(&tail);
    work_stderr_deinit(&stream);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("work_results");
    TCase *tests = tcase_create("work_results");
    tcase_add_loop_test(tests, reads_results, 0, CASES);
    tcase_add_test(tests, knows_what_takes_the_output);
    tcase_add_test(tests, reads_options);
    tcase_add_test(tests, reads_when_to_halt);
    tcase_add_test(tests, keeps_the_tail_of_standard_error);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* posix_openpt */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static FILE *log_file;
static int saved_stderr;
static char text[4 * LOG_LINE];

/* stderr is a file while a test runs. */
static void setup(void)
{
    log_file = tmpfile();
    ck_assert_ptr_nonnull(log_file);
    saved_stderr = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(fileno(log_file), STDERR_FILENO), 0);
    (void)unsetenv("JOURNAL_STREAM");
    log_init(LOG_LEVEL_INFO);
}

static void teardown(void)
{
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    (void)fclose(log_file);
}

/* All that was logged since the setup. */
static const char *logged(void)
{
    ssize_t size = pread(fileno(log_file), text, sizeof(text) - 1, 0);

    ck_assert_int_ge(size, 0);
    text[size] = '\0';
    return text;
}

START_TEST(one_line_an_event)
{
    log_info("client came session=%d", 7);
    log_err("went wrong");
    ck_assert_str_eq(logged(), "client came session=7\nwent wrong\n");
}
END_TEST

START_TEST(above_the_level_nothing_is_written)
{
    log_debug("not this");
    log_info("this");
    log_init(LOG_LEVEL_ERR);
    log_warning("not this");
    ck_assert_str_eq(logged(), "this\n");
}
END_TEST

START_TEST(controls_are_escaped)
{
    log_info("a\nb\x1b[31m\x7f \xc2\x9b \x9b \xc3\xa9 \xe2\x82\xac");
    ck_assert_str_eq(logged(), "a\\x0ab\\x1b[31m\\x7f \\xc2\\x9b \\x9b \xc3\xa9 \xe2\x82\xac\n");
}
END_TEST

START_TEST(a_long_line_is_cut_at_a_character)
{
    char longer[2 * LOG_LINE];

    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    memcpy(longer + LOG_LINE - 3, "\xe2\x82\xac", 3);
    log_info("%s", longer);
    ck_assert_uint_eq(strlen(logged()), LOG_LINE - 2);
    ck_assert_str_eq(logged() + LOG_LINE - 4, "a\n");
    memset(longer, '\n', 2 * LOG_LINE - 1);
    log_info("%s", longer);
    ck_assert_str_eq(logged() + strlen(logged()) - 5, "\\x0a\n");
}
END_TEST

START_TEST(the_journal_gets_priorities)
{
    struct stat status;
    char stream[64];

    ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init(LOG_LEVEL_INFO);
    log_warning("low");
    /* inherited, but stderr is something else by now */
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino + 1);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init(LOG_LEVEL_INFO);
    log_warning("plain");
    ck_assert_str_eq(logged(), "<4>low\nplain\n");
}
END_TEST

START_TEST(a_terminal_is_told_who_speaks)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), other;
    char line[64] = "";

    ck_assert_int_ge(terminal, 0);
    ck_assert_int_eq(grantpt(terminal), 0);
    ck_assert_int_eq(unlockpt(terminal), 0);
    other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(dup2(other, STDERR_FILENO), 0);
    log_init(LOG_LEVEL_INFO);
    log_warning("low");
    ck_assert_int_gt(read(terminal, line, sizeof(line) - 1), 0);
    dup2(fileno(log_file), STDERR_FILENO);
    log_init(LOG_LEVEL_INFO);
    log_warning("plain");
    ck_assert_str_eq(line, "tsd: low\r\n");
    ck_assert_str_eq(logged(), "plain\n");
    close(other);
    close(terminal);
}
END_TEST

START_TEST(levels_have_names)
{
    ck_assert_int_eq(log_level_find("err"), LOG_LEVEL_ERR);
    ck_assert_int_eq(log_level_find("debug"), LOG_LEVEL_DEBUG);
    ck_assert_int_eq(log_level_find("warn"), -1);
}
END_TEST

START_TEST(a_value_is_quoted_where_it_must)
{
    char room[LOG_QUOTED], longer[LOG_QUOTED + 100];

    ck_assert_str_eq(log_quote(room, "plain-name"), "plain-name");
    ck_assert_str_eq(log_quote(room, ""), "\"\"");
    ck_assert_str_eq(log_quote(room, "x pid=1"), "\"x pid=1\"");
    ck_assert_str_eq(log_quote(room, "a\"\\\n"), "\"a\\\"\\\\\\x0a\"");
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    log_quote(room, longer);
    ck_assert_str_eq(room + strlen(room) - 4, "a...");
    longer[0] = ' ';
    log_quote(room, longer);
    ck_assert_str_eq(room + strlen(room) - 4, "...\"");
}
END_TEST

START_TEST(errno_stays)
{
    errno = EPIPE;
    log_info("written");
    ck_assert_int_eq(errno, EPIPE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, one_line_an_event);
    tcase_add_test(tests, above_the_level_nothing_is_written);
    tcase_add_test(tests, controls_are_escaped);
    tcase_add_test(tests, a_long_line_is_cut_at_a_character);
    tcase_add_test(tests, the_journal_gets_priorities);
    tcase_add_test(tests, a_terminal_is_told_who_speaks);
    tcase_add_test(tests, levels_have_names);
    tcase_add_test(tests, a_value_is_quoted_where_it_must);
    tcase_add_test(tests, errno_stays);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

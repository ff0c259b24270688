/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/command_line.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
#define RUNS (-1)

static struct command_line line;
static struct config config;

/* Returns what command_line_parse does of `tsd` and these arguments, which end with NULL. */
static int parse(const char *first, ...)
{
    static char *arguments[32];
    int count = 1;
    va_list more;

    arguments[0] = "tsd";
    va_start(more, first);
    for (const char *next = first; next; next = va_arg(more, const char *))
        arguments[count++] = (char *)next;
    va_end(more);
    arguments[count] = NULL;
    optind = 0;
    return command_line_parse(&line, count, arguments);
}

static void setup(void)
{
    config_init(&config);
}

static void teardown(void)
{
    config_deinit(&config);
    command_line_deinit(&line);
}

static void expect_applied(void)
{
    struct problem problem;

    ck_assert_int_eq(command_line_apply(&line, &config, &problem), 0);
}

START_TEST(without_options_all_is_as_by_default)
{
    ck_assert_int_eq(parse(NULL), RUNS);
    ck_assert_ptr_null(line.config);
    ck_assert(!line.check);
    ck_assert_int_eq(line.lifeline_fd, -1);
    ck_assert_int_eq(line.ready_fd, -1);
    ck_assert_uint_eq(line.count, 0);
}
END_TEST

START_TEST(each_key_is_an_option)
{
    ck_assert_int_eq(parse("-S", "/s", "--socket-mode", "0666", "--socket-group=3", "--admin-group",
                           "4", "-l", "err", "--limit", "opening-ms=5", "--space",
                           "a:b:owner=1,mode=rwt------", NULL),
                     RUNS);
    expect_applied();
    ck_assert_str_eq(config.socket, "/s");
    ck_assert(config.insisted);
    ck_assert_uint_eq(config.socket_mode, 0666);
    ck_assert_uint_eq(config.socket_group, 3);
    ck_assert_uint_eq(config.admin_group, 4);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_ERR);
    ck_assert_uint_eq(config.limits.opening_ms, 5);
    ck_assert_uint_eq(config.rule_count, 1);
    ck_assert_uint_eq(config.rules[0].name.size, 3);
    ck_assert_mem_eq(config.rules[0].name.bytes, "a:b", 3);
    ck_assert(config.rules[0].has_owner && config.rules[0].has_mode && !config.rules[0].has_group);
    ck_assert_uint_eq(config.rules[0].owner, 1);
    ck_assert_uint_eq(config.rules[0].mode, 0700);
}
END_TEST

START_TEST(it_wins_over_what_was_set_and_leaves_the_rest)
{
    struct problem problem;
    uint32_t rule;

    config_set(&config, CONFIG_socket, "/file", &problem);
    config_set(&config, CONFIG_socket_mode, "0660", &problem);
    config_set(&config, CONFIG_admin_group, "9", &problem);
    config_rule(&config, "a*", 2, &rule, &problem);
    config_set_rule(&config.rules[rule], "owner", "5", true, &problem);
    config_set_rule(&config.rules[rule], "mode", "0", true, &problem);
    ck_assert_int_eq(parse("--socket", "", "--admin-group", "", "--space", "a*:mode=0777", NULL),
                     RUNS);
    expect_applied();
    ck_assert_ptr_null(config.socket);
    ck_assert(!config.insisted);
    ck_assert_uint_eq(config.socket_mode, 0660);
    ck_assert(!config.has_admin_group);
    ck_assert_uint_eq(config.rule_count, 1);
    ck_assert_uint_eq(config.rules[0].owner, 5);
    ck_assert_uint_eq(config.rules[0].mode, 0777);
}
END_TEST

START_TEST(the_last_of_several_counts)
{
    ck_assert_int_eq(parse("-l", "err", "--space", "a:mode=1,mode=2", "--space", "a:mode=4",
                           "--limit", "opening-ms=1", "--limit", "opening-ms=2", "-l", "info",
                           NULL),
                     RUNS);
    expect_applied();
    ck_assert_int_eq(config.log_level, LOG_LEVEL_INFO);
    ck_assert_uint_eq(config.rules[0].mode, 4);
    ck_assert_uint_eq(config.limits.opening_ms, 2);
}
END_TEST

START_TEST(what_is_for_the_start_is_kept_apart)
{
    int ends[2];
    char text[16];

    ck_assert_int_eq(pipe(ends), 0);
    (void)snprintf(text, sizeof(text), "%d", ends[0]);
    ck_assert_int_eq(
        parse("--config", "/c", "--check-config", "--lifeline", text, "--ready-fd", "1", NULL),
        RUNS);
    ck_assert_str_eq(line.config, "/c");
    ck_assert(line.check);
    ck_assert_int_eq(line.lifeline_fd, ends[0]);
    ck_assert_int_eq(line.ready_fd, 1);
    ck_assert_uint_eq(line.count, 0);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

static const struct {
    const char *option, *value, *said;
} mistakes[] = {
    {"--log-level", "loud",
     "tsd: --log-level loud: not err, warning, notice, info or debug: loud\n"},
    {"--socket-mode", "9", "tsd: --socket-mode 9: not an octal mode from 0 to 0777: 9\n"},
    {"--limit", "opening-ms", "tsd: --limit opening-ms: a limit is set by NAME=VALUE\n"},
    {"--limit", "opening-m=1",
     "tsd: --limit opening-m=1: there is no limit opening-m; the nearest is opening-ms\n"},
    {"--space", "jobs", "tsd: --space jobs: a space is set by NAME:KEY=VALUE[,KEY=VALUE...]\n"},
    {"--space", "jobs:mode",
     "tsd: --space jobs:mode: a space is set by NAME:KEY=VALUE[,KEY=VALUE...]\n"},
    {"--space", "jobs:", "tsd: --space jobs:: a space is set by NAME:KEY=VALUE[,KEY=VALUE...]\n"},
    {"--space", ":mode=0", "tsd: --space :mode=0: the name of a space has at least 1 byte\n"},
    {"--space", "jobs:mode=0,size=3",
     "tsd: --space jobs:mode=0,size=3: there is no key size of a space, but owner, group and "
     "mode\n"},
    {"--space", "a\xff:mode=0", "tsd: --space: not valid UTF-8\n"},
    {"--lifeline", "999", "tsd: --lifeline 999: not an open descriptor\n"},
    {"--ready-fd", "x", "tsd: --ready-fd x: not an open descriptor\n"},
    {"--bad", NULL, "Try 'tsd --help'.\n"},
    {"file", NULL, "tsd: takes no arguments, only options: file\n"},
};

/* stderr is read back from a file of its own. */
START_TEST(a_mistake_is_told_and_ends_with_status_2)
{
    FILE *said = tmpfile();
    char text[512] = "";

    ck_assert_ptr_nonnull(said);
    dup2(fileno(said), STDERR_FILENO);
    ck_assert_int_eq(parse(mistakes[_i].option, mistakes[_i].value, NULL), 2);
    rewind(said);
    (void)!fread(text, 1, sizeof(text) - 1, said);
    ck_assert_msg(strstr(text, mistakes[_i].said) != NULL, "\"%s\"", text);
    ck_assert_ptr_nonnull(strstr(text, "Try 'tsd --help'.\n"));
    (void)fclose(said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("daemon/command_line");
    TCase *tcase = tcase_create("command_line");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_options_all_is_as_by_default);
    tcase_add_test(tcase, each_key_is_an_option);
    tcase_add_test(tcase, it_wins_over_what_was_set_and_leaves_the_rest);
    tcase_add_test(tcase, the_last_of_several_counts);
    tcase_add_test(tcase, what_is_for_the_start_is_kept_apart);
    tcase_add_loop_test(tcase, a_mistake_is_told_and_ends_with_status_2, 0, COUNT(mistakes));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

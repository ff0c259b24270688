/* SPDX-License-Identifier: MIT */
/*
 * A tuple in a command's words and environment; a command's start and end.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "tsctl/child.h"
#include "tsctl/child_environment.h"

static struct buffer tuple;

static void read_tuple(const char *text)
{
    struct problem problem;
    buffer_clear(&tuple);
    ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, &tuple, &problem), 0);
}

static const struct {
    const char *tuple, *word, *filled;
} words[] = {
    {"[\"task\", 1]", "{}", "[\"task\",1]"},
    {"[\"task\", 1]", "{1}", "task"},
    {"[\"task\", 1]", "a{2}b{1}{2}", "a1btask1"},
    {"[\"a b\", [1, \"x\"], null]", "{2}", "[1,\"x\"]"},
    {"[\"a\\u0000b\"]", "{1}", "\"a\\u0000b\""}, /* no word has a zero byte */
    {"[b\"aGk=\"]", "{1}", "b\"aGk=\""},
    {"[\"{2}\", 5]", "{1}", "{2}"}, /* what is filled in is not looked at again */
    {"[1]", "{0}{x}{01}{ 1}{1{", "{0}{x}{01}{ 1}{1{"},
    {"[1]", "{0000000001}", "{0000000001}"},
    {"[1]", "", ""},
    {"[\"\"]", "{1}", ""},
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

START_TEST(places_are_filled)
{
    char *list[] = {"cmd", (char *)words[_i].word, NULL};
    read_tuple(words[_i].tuple);
    char **filled = child_words("hold", list, tuple.bytes);
    ck_assert_ptr_nonnull(filled);
    ck_assert_str_eq(filled[0], "cmd");
    ck_assert_str_eq(filled[1], words[_i].filled);
    ck_assert_ptr_null(filled[2]);
    child_words_free(filled);
}
END_TEST

START_TEST(a_field_that_is_not_there_is_refused)
{
    char *list[] = {"cmd", "{1}", "{3}", NULL};
    read_tuple("[\"task\", 1]");
    ck_assert_ptr_null(child_words("hold", list, tuple.bytes));
}
END_TEST

START_TEST(fields_are_in_the_environment)
{
    setenv("TSD_3", "an outer tuple's", 1);
    read_tuple("[\"it's\", [1]]");
    child_environment_set(tuple.bytes);
    ck_assert_str_eq(getenv("TSD_1"), "it's");
    ck_assert_str_eq(getenv("TSD_2"), "[1]");
    ck_assert_ptr_null(getenv("TSD_3"));
    child_environment_set(NULL);
    ck_assert_str_eq(getenv("TSD_1"), "it's");
}
END_TEST

/* Else the kernel would refuse to start the command. */
START_TEST(large_fields_are_not)
{
    char *large = malloc(KIB(80));
    memset(large, 'x', KIB(80));
    buffer_clear(&tuple);
    msgpack_packer packer = buffer_packer(&tuple);
    msgpack_pack_array(&packer, 11);
    buffer_pack_str(&tuple, large, KIB(64));
    for (int i = 0; i < 10; i++)
        buffer_pack_str(&tuple, large, KIB(60));
    child_environment_set(tuple.bytes);
    ck_assert_ptr_null(getenv("TSD_1"));
    ck_assert_ptr_nonnull(getenv("TSD_2"));
    ck_assert_ptr_null(getenv("TSD_11"));
    free(large);
}
END_TEST

/* Runs the words, which a shell is to read, and gives what they wrote. */
static int run(char **list, bool own_group, char *said, size_t size)
{
    int ends[2];
    sigset_t waited, before;
    ck_assert_int_eq(pipe(ends), 0);
    child_block_signals(&waited, &before);
    struct child child = {
        .command = "hold",
        .words = list,
        .tuple = tuple.bytes,
        .socket = "/a/socket",
        .mask = &before,
        .fds = {-1, ends[1], -1},
        .own_group = own_group,
    };
    pid_t pid = child_start(&child);
    ck_assert_int_gt(pid, 0);
    close(ends[1]);
    int status = child_wait(pid, &waited);
    ssize_t got = read(ends[0], said, size - 1);
    said[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    return child_exit(status, &before);
}

START_TEST(a_command_gets_what_it_is_to_have)
{
    char said[256];
    char *list[] = {"sh", "-c", "echo \"$TSD_1 $TSD_SOCKET\"; exit 7", NULL};
    read_tuple("[\"one\"]");
    ck_assert_int_eq(run(list, false, said, sizeof(said)), 7);
    ck_assert_str_eq(said, "one /a/socket\n");
}
END_TEST

START_TEST(a_group_of_its_own)
{
    char said[256];
    char *list[] = {"sh", "-c", "cut -d\" \" -f1,5 /proc/$$/stat", NULL};
    long pid, group;
    ck_assert_int_eq(run(list, true, said, sizeof(said)), 0);
    ck_assert_int_eq(sscanf(said, "%ld %ld", &pid, &group), 2);
    ck_assert_int_eq(pid, group);
}
END_TEST

START_TEST(its_end_is_told)
{
    char said[256];
    char *killed[] = {"sh", "-c", "kill -KILL $$", NULL};
    char *not_found[] = {"/no/such/command", NULL};
    char *no_program[] = {"/", NULL};
    ck_assert_int_eq(run(killed, false, said, sizeof(said)), 128 + SIGKILL);
    ck_assert_int_eq(run(not_found, false, said, sizeof(said)), 127);
    ck_assert_int_eq(run(no_program, false, said, sizeof(said)), 126);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("child");
    TCase *tests = tcase_create("child");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, places_are_filled, 0, WORDS);
    tcase_add_test(tests, a_field_that_is_not_there_is_refused);
    tcase_add_test(tests, fields_are_in_the_environment);
    tcase_add_test(tests, large_fields_are_not);
    tcase_add_test(tests, a_command_gets_what_it_is_to_have);
    tcase_add_test(tests, a_group_of_its_own);
    tcase_add_test(tests, its_end_is_told);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    buffer_deinit(&tuple);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

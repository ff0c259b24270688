/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/problem.h"
#include "protocol/utf8.h"

static struct problem problem;

START_TEST(set_fills_in_all_and_returns_the_status)
{
    ck_assert_int_eq(problem_set(&problem, TS_LIMIT, 7, "more than %d", 3), -TS_LIMIT);
    ck_assert_int_eq(problem.status, TS_LIMIT);
    ck_assert_uint_eq(problem.offset, 7);
    ck_assert_str_eq(problem.text, "more than 3");
}
END_TEST

START_TEST(within_puts_the_place_before)
{
    problem_set(&problem, TS_MALFORMED, 7, "a map with a repeated key");
    problem_within(&problem, "field %d", 3);
    problem_within(&problem, "tuple %d", 2);
    ck_assert_str_eq(problem.text, "tuple 2: field 3: a map with a repeated key");
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 7);
}
END_TEST

/* `_i` bytes, then two-byte characters across the end of the text. */
START_TEST(cut_at_a_character)
{
    char text[600] = "xxxx";

    for (size_t i = (size_t)_i; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa4", 3);
    problem_set(&problem, TS_MALFORMED, 0, "%s", text);
    size_t length = strlen(problem.text);
    ck_assert_uint_eq(length, sizeof problem.text - 1 - (_i % 2 == 0));
    ck_assert(utf8_is_valid(problem.text, length));
    problem_within(&problem, "f");
    length = strlen(problem.text);
    ck_assert_uint_ge(length, sizeof problem.text - 2);
    ck_assert(utf8_is_valid(problem.text, length));
}
END_TEST

START_TEST(place_longer_than_the_text)
{
    char place[600];

    memset(place, 'p', sizeof place - 1);
    place[sizeof place - 1] = '\0';
    problem_set(&problem, TS_MALFORMED, 0, "wrong");
    problem_within(&problem, "%s", place);
    ck_assert_uint_eq(strlen(problem.text), sizeof problem.text - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problem");
    TCase *tests = tcase_create("problem");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, set_fills_in_all_and_returns_the_status);
    tcase_add_test(tests, within_puts_the_place_before);
    tcase_add_loop_test(tests, cut_at_a_character, 0, 4);
    tcase_add_test(tests, place_longer_than_the_text);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

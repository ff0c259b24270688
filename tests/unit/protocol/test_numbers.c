/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "protocol/names.h"

START_TEST(statuses_have_name_text_and_hint)
{
    ck_assert_str_eq(status_name(TS_NOMATCH), "NOMATCH");
    ck_assert_str_eq(status_text(TS_NOMATCH), "no tuple matches");
    ck_assert_str_eq(status_hint(TS_NOMATCH), "");
    ck_assert_str_eq(status_hint(TS_STOPPING), "try again when it is back");
}
END_TEST

START_TEST(numbers_that_are_no_status)
{
    ck_assert_str_eq(status_name((enum ts_status)1000), "");
    ck_assert_str_eq(status_text((enum ts_status)1000), "unknown status");
    ck_assert_str_eq(status_hint((enum ts_status) - 1), "");
}
END_TEST

START_TEST(matchers_have_name_and_notation)
{
    ck_assert_str_eq(matcher_name(TSD_M_LT), "LT");
    ck_assert_str_eq(matcher_notation(TSD_M_LT), "<v");
    ck_assert_str_eq(matcher_matches(TSD_M_NOT), "not that");
    ck_assert_str_eq(matcher_operands(TSD_M_RANGE), "oo");
    ck_assert_str_eq(matcher_name(TSD_M_END), "");
}
END_TEST

/* A number is on the wire for ever: none is used twice, none is left out. */
START_TEST(numbers_follow_each_other)
{
#define COUNT(...) +1
    ck_assert_int_eq(0 TSD_MATCHERS(COUNT), TSD_M_END);
    ck_assert_int_eq(1 TSD_OPERATIONS(COUNT), TSD_OP_END);
    ck_assert_int_eq(1 TSD_OPTIONS(COUNT), TSD_OPTION_END);
    ck_assert_int_eq(0 TSD_STATUSES(COUNT), TS_INVALID + 1);
#undef COUNT
    for (int i = 0; i < TSD_M_END; i++)
        ck_assert_str_ne(matcher_name((enum tsd_matcher)i), "");
    for (int i = 0; i <= TS_INVALID; i++)
        ck_assert_str_ne(status_name((enum ts_status)i), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numbers");
    TCase *tests = tcase_create("numbers");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, statuses_have_name_text_and_hint);
    tcase_add_test(tests, numbers_that_are_no_status);
    tcase_add_test(tests, matchers_have_name_and_notation);
    tcase_add_test(tests, numbers_follow_each_other);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

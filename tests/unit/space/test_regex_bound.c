/* SPDX-License-Identifier: MIT */
/*
 * What each kind of item is charged, so that no match outlives its bound: see also test_regex.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "space/regex_bound.h"

enum { SUBJECT = 60000 };

static struct regex_bound bound;
static pcre2_callout_block block;
static PCRE2_SIZE groups[4];

/* The match of an expression begins. */
static void begin(const char *expression)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
                                         &code, &offset, NULL);

    ck_assert_ptr_nonnull(compiled);
    regex_bound_begin(&bound, expression, compiled, SUBJECT);
    pcre2_code_free(compiled);
    block =
        (pcre2_callout_block){.subject_length = SUBJECT, .capture_top = 1, .offset_vector = groups};
}

/* What it costs to come to an item, `at` some place of the str. */
static size_t charge(const char *item, size_t at)
{
    size_t left = bound.left;
    const char *place = strstr(bound.expression, item);

    ck_assert_ptr_nonnull(place);
    block.pattern_position = (size_t)(place - bound.expression);
    block.next_item_length = strlen(item);
    block.current_position = at;
    ck_assert_int_eq(regex_bound_charge(&block, &bound), 0);
    return left - bound.left;
}

START_TEST(an_item_is_one)
{
    begin("abc");
    ck_assert_uint_eq(charge("a", 0), 1);
    ck_assert_uint_eq(charge("b", 1), 1);
    ck_assert_uint_eq(charge("c", 2), 1);
    ck_assert_uint_eq(charge("a", 1), 1); /* the next place */
}
END_TEST

START_TEST(characters_run_over_count)
{
    begin("a*bc*");
    charge("a*", 0);
    ck_assert_uint_eq(charge("b", 40000), 10001);
    ck_assert_uint_eq(charge("c*", 40001), 1);
    ck_assert_uint_eq(charge("a*", 1), 10001); /* it goes back, and may run over them again */
}
END_TEST

START_TEST(characters_of_a_property_or_a_class_count_more)
{
    begin("\\pL*[bcdefghijklmnop]*z");
    charge("\\pL*", 0);
    ck_assert_uint_ge(charge("[bcdefghijklmnop]*", 1000), 1000);
    ck_assert_uint_ge(charge("z", 2000), 700);
}
END_TEST

START_TEST(what_is_run_over_in_vain_counts_ahead)
{
    begin("a{30000}b\\x{20}");
    ck_assert_uint_ge(charge("a{30000}", 0), 7500);
    begin("a{30000}b\\x{20}");
    ck_assert_uint_le(charge("a{30000}", SUBJECT - 8), 10 + SUBJECT / 4); /* no more is there */
    begin("a{30000}b\\x{20}");
    charge("b", 0);
    ck_assert_uint_le(charge("\\x{20}", 0), 10);
}
END_TEST

START_TEST(a_reference_counts_what_it_compares)
{
    begin("(a*)(b)\\2");
    groups[2] = 0;
    groups[3] = 32000;
    block.capture_top = 2;
    charge("(b)", 0);
    ck_assert_uint_ge(charge("\\2", 0), 2000);
    groups[2] = groups[3] = PCRE2_UNSET;
    charge("(b)", 0);
    ck_assert_uint_le(charge("\\2", 0), 4);
}
END_TEST

START_TEST(an_assertion_counts_what_it_looks_back)
{
    begin("(?<=a{4000})b");
    ck_assert_uint_ge(charge("(?<=", 0), 1000);
    begin("(?<=a)b");
    ck_assert_uint_le(charge("(?<=", 0), 2);
}
END_TEST

START_TEST(alternatives_passed_over_count)
{
    begin("(|||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||)b");
    charge("|", 0);
    ck_assert_uint_ge(charge("b", 0), 10);
    charge("|", 0);
    ck_assert_uint_le(charge("|", 0), 1);
}
END_TEST

START_TEST(steps_of_many_groups_count_more)
{
    begin("()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()a");
    ck_assert_uint_gt(charge("a", 0) - bound.item / 8, 1);
}
END_TEST

START_TEST(with_nothing_left_the_match_ends)
{
    begin("a*b");
    ck_assert_uint_eq(bound.left, REGEX_WORK_BASE + REGEX_WORK_BYTE * SUBJECT);
    bound.left = 1;
    charge("a*", 0);
    ck_assert_uint_eq(bound.left, 0);
    block.current_position = 1;
    ck_assert_int_eq(regex_bound_charge(&block, &bound), PCRE2_ERROR_CALLOUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("regex_bound");
    TCase *tests = tcase_create("regex_bound");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, an_item_is_one);
    tcase_add_test(tests, characters_run_over_count);
    tcase_add_test(tests, characters_of_a_property_or_a_class_count_more);
    tcase_add_test(tests, what_is_run_over_in_vain_counts_ahead);
    tcase_add_test(tests, a_reference_counts_what_it_compares);
    tcase_add_test(tests, an_assertion_counts_what_it_looks_back);
    tcase_add_test(tests, alternatives_passed_over_count);
    tcase_add_test(tests, steps_of_many_groups_count_more);
    tcase_add_test(tests, with_nothing_left_the_match_ends);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

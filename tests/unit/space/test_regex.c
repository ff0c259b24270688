/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "protocol/limits.h"
#include "space/regex.h"
#include "space/regex_cache.h"

static struct regex_engine *engine;
static struct problem problem;

static void setup(void)
{
    engine = regex_engine_new();
    ck_assert_ptr_nonnull(engine);
}

static void teardown(void)
{
    ck_assert_ptr_null(regex_engine_free(engine));
}

static struct regex *compile(const char *expression, bool ignore_case)
{
    return regex_new(engine, (const uint8_t *)expression, strlen(expression), ignore_case,
                     &problem);
}

static enum regex_result find(const char *expression, const char *subject)
{
    struct regex *regex = compile(expression, false);
    enum regex_result result;

    ck_assert_ptr_nonnull(regex);
    result = regex_find(regex, (const uint8_t *)subject, strlen(subject));
    regex_free(regex);
    return result;
}

START_TEST(finds_anywhere)
{
    ck_assert_int_eq(find("b+", "abba"), REGEX_YES);
    ck_assert_int_eq(find("b+", "aca"), REGEX_NO);
    ck_assert_int_eq(find("^b+$", "bb"), REGEX_YES);
    ck_assert_int_eq(find("^b+$", "abb"), REGEX_NO);
    ck_assert_int_eq(find("", ""), REGEX_YES);
    ck_assert_int_eq(find(".", ""), REGEX_NO);
}
END_TEST

START_TEST(groups_need_no_room)
{
    ck_assert_int_eq(find("(a)(b)(c)(d)", "abcd"), REGEX_YES);
    ck_assert_int_eq(find("(a)(b)(c)\\1", "abca"), REGEX_YES);
    ck_assert_int_eq(find("(a)(b)(c)\\1", "abcb"), REGEX_NO);
}
END_TEST

START_TEST(case_is_ignored_where_asked)
{
    struct regex *regex = compile("stra\xc3\x9f"
                                  "e \xc3\xa4",
                                  true);

    ck_assert_ptr_nonnull(regex);
    ck_assert_int_eq(regex_find(regex,
                                (const uint8_t *)"STRA\xe1\xba\x9e"
                                                 "E \xc3\x84",
                                11),
                     REGEX_YES);
    regex_free(regex);
    ck_assert_int_eq(find("a", "A"), REGEX_NO);
}
END_TEST

START_TEST(a_character_is_one_however_many_bytes)
{
    ck_assert_int_eq(find("^.$", "\xe2\x82\xac"), REGEX_YES);
    ck_assert_int_eq(find("^..$", "\xe2\x82\xac"), REGEX_NO);
}
END_TEST

START_TEST(what_does_not_compile_says_where)
{
    ck_assert_ptr_null(compile("ab(c", false));
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 4);
    ck_assert_ptr_nonnull(strstr(problem.text, "parenthesis"));
    ck_assert_ptr_null(compile("a\\Cb", false)); /* bytes cut characters */
    ck_assert_int_eq(problem.status, TS_MALFORMED);
}
END_TEST

START_TEST(options_in_the_expression_are_refused)
{
    struct regex *regex;

    ck_assert_ptr_null(compile("(*LIMIT_MATCH=1)a", false));
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    ck_assert_ptr_null(compile("(*", false));
    regex = compile("(a*)", false);
    ck_assert_ptr_nonnull(regex);
    regex_free(regex);
}
END_TEST

START_TEST(length_is_limited)
{
    char longest[LIMIT_REGEX_BYTES + 2];
    struct regex *regex;

    memset(longest, 'a', sizeof(longest));
    longest[LIMIT_REGEX_BYTES] = '\0';
    regex = compile(longest, false);
    ck_assert_ptr_nonnull(regex);
    regex_free(regex);
    longest[LIMIT_REGEX_BYTES] = 'a';
    longest[LIMIT_REGEX_BYTES + 1] = '\0';
    ck_assert_ptr_null(compile(longest, false));
    ck_assert_int_eq(problem.status, TS_LIMIT);
}
END_TEST

START_TEST(a_nul_is_a_character)
{
    struct regex *regex = regex_new(engine, (const uint8_t *)"a\0b", 3, false, &problem);

    ck_assert_ptr_nonnull(regex);
    ck_assert_int_eq(regex_find(regex, (const uint8_t *)"a\0b", 3), REGEX_YES);
    ck_assert_int_eq(regex_find(regex, (const uint8_t *)"a\0c", 3), REGEX_NO);
    regex_free(regex);
}
END_TEST

START_TEST(steps_are_limited)
{
    ck_assert_int_eq(find("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), REGEX_LIMIT);
    ck_assert_int_eq(find("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), REGEX_YES);
    ck_assert_int_eq(find("(a+)+$", "aab"), REGEX_NO);
    ck_assert_int_eq(find("(?R)", "a"), REGEX_LIMIT); /* recurses without end */
}
END_TEST

START_TEST(the_steps_decide_before_the_heap_does)
{
    char subject[301];

    memset(subject, 'a', sizeof(subject));
    subject[299] = 'c';
    subject[300] = '\0';
    ck_assert_int_eq(find("^(a|b)*c$", subject), REGEX_YES);
}
END_TEST

/*
 * What PCRE2's own limit lets go on for minutes: it begins anew at each place of the str, and does
 * not count the characters that an item runs over. A unit is repeated up to the longest expression.
 */
static const struct {
    const char *head, *unit, *tail;
} bombs[] = {
    {"(?:", "\\pL*+[0-9]|", ".)[0-9]"}, /* alternatives that each run over the whole str */
    {"(?:", "[^\\p{Greek}\\p{Han}]*+[0-9]|", ".)[0-9]"},
    {"(?:", "(?!\\pL*+)|", ".)[0-9]"},
    {"(?:", "\\pL{65000}b|", ".)[0-9]"},      /* in vain */
    {"(a{0,30000}+)(?:", "\\1b|", ".)[0-9]"}, /* far back */
    {"(?:", "(?<!a{65000})b|", ".)[0-9]"},
    {"(?:", "|", ".)[0-9]"},   /* alternatives that are passed over */
    {"(?:", "()|", ".)[0-9]"}, /* large frames */
    {"(?:", "(?1)|", "(a*))[0-9]"},
    {"(?:a|a)*[0-9]", "", ""}, /* steps at each place */
    {"(?:(?:(?:a*)*)*)*[0-9]", "", ""},
    {"(?:(?=a*+)){1000}[0-9]", "", ""},
};

static size_t append(char *to, size_t size, const char *text)
{
    memcpy(to + size, text, strlen(text) + 1);
    return size + strlen(text);
}

START_TEST(work_is_limited)
{
    char expression[LIMIT_REGEX_BYTES + 1];
    const size_t left = LIMIT_REGEX_BYTES - strlen(bombs[_i].unit) - strlen(bombs[_i].tail);
    size_t size = append(expression, 0, bombs[_i].head);
    char *subject = malloc(LIMIT_REGEX_SUBJECT);
    struct regex *regex;

    ck_assert_ptr_nonnull(subject);
    while (*bombs[_i].unit && size <= left)
        size = append(expression, size, bombs[_i].unit);
    append(expression, size, bombs[_i].tail);
    regex = compile(expression, false);
    ck_assert_msg(regex != NULL, "%s", problem.text);
    memset(subject, 'a', LIMIT_REGEX_SUBJECT);
    for (size_t i = 0; i < LIMIT_REGEX_SUBJECT; i += 20)
        subject[i] = 'b'; /* short runs, too */
    ck_assert_int_eq(regex_find(regex, (uint8_t *)subject, LIMIT_REGEX_SUBJECT), REGEX_LIMIT);
    memset(subject, 'a', LIMIT_REGEX_SUBJECT);
    ck_assert_int_eq(regex_find(regex, (uint8_t *)subject, LIMIT_REGEX_SUBJECT), REGEX_LIMIT);
    regex_free(regex);
    free(subject);
}
END_TEST

/* What people write stays far from the limits, on the longest str, too. */
START_TEST(common_expressions_search_the_longest_str)
{
    static const char *const common[] = {"\\w+@\\w+",  "\\b(\\w+)\\s+\\1\\b", "(?i)error|warning",
                                         "^.*\\.png$", "[0-9]{4}-[0-9]{2}",   "(foo|bar)+baz"};
    struct regex *regex = compile(common[_i], false);
    char *subject = malloc(LIMIT_REGEX_SUBJECT);

    ck_assert_ptr_nonnull(regex);
    ck_assert_ptr_nonnull(subject);
    for (size_t i = 0; i < LIMIT_REGEX_SUBJECT; i++)
        subject[i] = "some words and 12 foobars\n"[i % 26];
    ck_assert_int_eq(regex_find(regex, (uint8_t *)subject, LIMIT_REGEX_SUBJECT), REGEX_NO);
    regex_free(regex);
    free(subject);
}
END_TEST

/* Where case is ignored PCRE2 compiles a range a character at a time: 15 ms for all of them. */
START_TEST(ranges_that_ignore_case_are_limited)
{
    static const char *const refused[] = {"[\\x{100}-\\x{10ffff}]", "[^a-\xf4\x8f\xbf\xbf]",
                                          "[a-\\o{4177777}]", "[a-\\N{U+10FFFF}]",
                                          "[a-\\E\\x{10ffff}]"};
    static const char *const fine[] = {"[a-z]", "[\xc3\xa4-\xc3\xbc]",
                                       "[\xe4\xb8\x80-\xe9\xbe\xa5]", "a-\\x{4e00}", "x-\\d"};
    struct regex *regex;
    char marked[64];

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        ck_assert_msg(!compile(refused[i], true), "%s", refused[i]);
        ck_assert_int_eq(problem.status, TS_LIMIT);
        (void)snprintf(marked, sizeof(marked), "x(?s-m:(?xi)%s)", refused[i]);
        ck_assert_msg(!compile(marked, false), "%s", marked);
        (void)snprintf(marked, sizeof(marked), "[i](?s:%s)", refused[i]); /* case matters here */
        regex = compile(marked, false);
        ck_assert_msg(regex != NULL, "%s: %s", marked, problem.text);
        regex_free(regex);
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        regex = compile(fine[i], true);
        ck_assert_msg(regex != NULL, "%s: %s", fine[i], problem.text);
        regex_free(regex);
    }
}
END_TEST

START_TEST(a_value_is_tried_once)
{
    struct regex *regex = compile("^a", false);
    bool tried;

    ck_assert_ptr_nonnull(regex);
    /* other bytes under the same name show that it was not tried again */
    ck_assert_int_eq(regex_find_once(regex, 7, 3, (const uint8_t *)"a", 1, &tried), REGEX_YES);
    ck_assert_int_eq(regex_find_once(regex, 7, 3, (const uint8_t *)"b", 1, &tried), REGEX_YES);
    ck_assert(!tried);
    ck_assert_int_eq(regex_find_once(regex, 7, 5, (const uint8_t *)"b", 1, &tried), REGEX_NO);
    ck_assert_int_eq(regex_find_once(regex, 7, 3, (const uint8_t *)"b", 1, &tried), REGEX_YES);
    ck_assert_int_eq(regex_find_once(regex, 8, 3, (const uint8_t *)"b", 1, &tried), REGEX_NO);
    ck_assert(tried);
    regex_free(regex);
}
END_TEST

START_TEST(without_memory_nothing_is_made)
{
    struct regex_engine *second = NULL;
    struct regex *regex = NULL;
    size_t n;

    for (n = 1; !second; n++) {
        fault_set(n);
        second = regex_engine_new();
        ck_assert(second || !fault_pending());
    }
    fault_set(0);
    ck_assert_uint_gt(n, 2);
    regex_engine_free(second);
    for (n = 1; !regex; n++) {
        fault_set(n);
        regex = compile("(a+)b|[xyz]", false);
        ck_assert(regex || problem.status == TS_NO_MEMORY);
    }
    fault_set(0);
    ck_assert_uint_gt(n, 2);
    regex_free(regex);
}
END_TEST

/* --- The cache --- */

static struct regex *acquire(struct regex_cache *cache, const char *expression, bool ignore_case)
{
    return regex_cache_acquire(cache, (const uint8_t *)expression, strlen(expression), ignore_case,
                               &problem);
}

static struct regex_cache *cache_new(void)
{
    struct hash_key key = {1, 2};
    struct regex_cache *cache = regex_cache_new(&key);

    ck_assert_ptr_nonnull(cache);
    return cache;
}

START_TEST(equal_expressions_are_one)
{
    struct regex_cache *cache = cache_new();
    struct regex *a = acquire(cache, "a", false), *again = acquire(cache, "a", false);
    struct regex *other = acquire(cache, "b", false), *flag = acquire(cache, "a", true);

    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_eq(a, again);
    ck_assert_ptr_ne(a, other);
    ck_assert_ptr_ne(a, flag);
    ck_assert_int_eq(regex_find(flag, (const uint8_t *)"A", 1), REGEX_YES);
    ck_assert_int_eq(regex_find(a, (const uint8_t *)"A", 1), REGEX_NO);
    regex_cache_release(cache, a);
    regex_cache_release(cache, again);
    regex_cache_release(cache, other);
    regex_cache_release(cache, flag);
    ck_assert_ptr_null(regex_cache_free(cache));
}
END_TEST

START_TEST(the_last_idle_ones_are_kept)
{
    struct regex_cache *cache = cache_new();
    char expression[16] = "";

    for (int i = 0; i <= REGEX_CACHE_IDLE; i++) { /* one too many: e0 goes */
        (void)snprintf(expression, sizeof(expression), "e%d", i);
        regex_cache_release(cache, acquire(cache, expression, false));
    }
    fault_set(1); /* compiling would allocate */
    for (int i = 1; i <= REGEX_CACHE_IDLE; i++) {
        struct regex *regex;
        (void)snprintf(expression, sizeof(expression), "e%d", i);
        regex = acquire(cache, expression, false);
        ck_assert_ptr_nonnull(regex);
        ck_assert_str_eq(regex->expression, expression);
        regex_cache_release(cache, regex);
    }
    ck_assert(fault_pending());
    ck_assert_ptr_null(acquire(cache, "e0", false));
    ck_assert(!fault_pending());
    regex_cache_free(cache);
}
END_TEST

START_TEST(a_cache_refuses_what_does_not_compile)
{
    struct regex_cache *cache = cache_new();

    ck_assert_ptr_null(acquire(cache, "(", false));
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    regex_cache_free(cache);
}
END_TEST

START_TEST(a_cache_without_memory_is_as_before)
{
    struct regex_cache *cache = cache_new();
    struct regex *regex = NULL;

    for (size_t n = 1; !regex; n++) {
        fault_set(n);
        regex = acquire(cache, "abc", false);
        ck_assert(regex || problem.status == TS_NO_MEMORY);
    }
    fault_set(0);
    regex_cache_release(cache, regex);
    regex_cache_free(cache);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("regex");
    TCase *tests = tcase_create("regex"), *cache = tcase_create("cache");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, finds_anywhere);
    tcase_add_test(tests, groups_need_no_room);
    tcase_add_test(tests, case_is_ignored_where_asked);
    tcase_add_test(tests, a_character_is_one_however_many_bytes);
    tcase_add_test(tests, what_does_not_compile_says_where);
    tcase_add_test(tests, options_in_the_expression_are_refused);
    tcase_add_test(tests, length_is_limited);
    tcase_add_test(tests, a_nul_is_a_character);
    tcase_add_test(tests, steps_are_limited);
    tcase_add_test(tests, the_steps_decide_before_the_heap_does);
    tcase_add_loop_test(tests, work_is_limited, 0, sizeof(bombs) / sizeof(bombs[0]));
    tcase_add_loop_test(tests, common_expressions_search_the_longest_str, 0, 6);
    tcase_add_test(tests, ranges_that_ignore_case_are_limited);
    tcase_add_test(tests, a_value_is_tried_once);
    tcase_add_test(tests, without_memory_nothing_is_made);
    tcase_add_test(cache, equal_expressions_are_one);
    tcase_add_test(cache, the_last_idle_ones_are_kept);
    tcase_add_test(cache, a_cache_refuses_what_does_not_compile);
    tcase_add_test(cache, a_cache_without_memory_is_as_before);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, cache);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

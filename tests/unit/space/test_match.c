/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "match_fixture.h"
#include "protocol/buffer.h"
#include "protocol/text_read.h"
#include "protocol/tuple.h"

static struct match match;

static void read_pattern(const char *text, struct buffer *out)
{
    struct problem problem;

    if (text_read_pattern(text, strlen(text), NULL, out, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
}

static void read_tuple(const char *text, struct buffer *out)
{
    struct problem problem;

    if (text_read_tuple(text, strlen(text), NULL, out, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
}

/* `match` tells afterwards what it cost. */
static bool match_bytes(const struct buffer *pattern, const struct buffer *tuple)
{
    struct compiled *compiled = compiled_new(pattern->bytes, pattern->size);
    bool matches;

    match = (struct match){.expressions = compiled->expressions};
    matches = match_tuple(&match, &compiled->pattern, tuple->bytes);
    compiled_free(compiled);
    return matches;
}

static bool matches(const char *pattern_text, const char *tuple_text)
{
    struct buffer pattern = BUFFER_INIT, tuple = BUFFER_INIT;
    bool result;

    read_pattern(pattern_text, &pattern);
    read_tuple(tuple_text, &tuple);
    result = match_bytes(&pattern, &tuple);
    buffer_deinit(&pattern);
    buffer_deinit(&tuple);
    return result;
}

/* What a pattern matches, and beside it what it just does not. */
static const struct {
    const char *pattern, *yes, *no;
} pairs[] = {
    /* length of the tuple, rest */
    {"[?]", "[1]", "[1, 2]"},
    {"[?, ?]", "[1, 2]", "[1]"},
    {"[1, ...]", "[1]", "[2]"},
    {"[1, 2, ...]", "[1, 2, 3, 4]", "[1]"},
    {"[1, ?, ...]", "[1, 2]", "[1]"},
    /* equality (rule V3) */
    {"[1]", "[1]", "[2]"},
    {"[1]", "[1.0]", "[1.5]"},
    {"[1]", "[1]", "[true]"},
    {"[0]", "[-0.0]", "[false]"},
    {"[0]", "[0]", "[null]"},
    {"[-1]", "[-1]", "[18446744073709551615]"},
    {"[9007199254740993]", "[9007199254740993]", "[9007199254740992.0]"},
    {"[1.5]", "[1.5]", "[1]"},
    {"[inf]", "[inf]", "[-inf]"},
    {"[true]", "[true]", "[false]"},
    {"[null]", "[null]", "[0]"},
    {"[\"a\"]", "[\"a\"]", "[\"b\"]"},
    {"[\"a\"]", "[\"a\"]", "[\"ab\"]"},
    {"[\"\"]", "[\"\"]", "[\"a\"]"},
    {"[\"a\"]", "[\"a\"]", "[b\"YQ==\"]"},
    {"[b\"YQ==\"]", "[b\"YQ==\"]", "[\"a\"]"},
    {"[x5\"aGk=\"]", "[x5\"aGk=\"]", "[x6\"aGk=\"]"},
    {"[[1, 2]]", "[[1, 2.0]]", "[[2, 1]]"},
    {"[[1, 2]]", "[[1, 2]]", "[[1, 2, 3]]"},
    {"[{\"a\": 1, \"b\": 2}]", "[{\"b\": 2, \"a\": 1.0}]", "[{\"a\": 1, \"b\": 3}]"},
    {"[{\"a\": 1}]", "[{\"a\": 1}]", "[{\"a\": 1, \"b\": 2}]"},
    /* types (rule P1) */
    {"[?nil]", "[null]", "[false]"},
    {"[?bool]", "[false]", "[0]"},
    {"[?int]", "[1]", "[1.0]"},
    {"[?int]", "[-1]", "[\"1\"]"},
    {"[?float]", "[1.0]", "[1]"},
    {"[?num]", "[1.5]", "[\"1\"]"},
    {"[?num]", "[1]", "[true]"},
    {"[?str]", "[\"\"]", "[b\"\"]"},
    {"[?bin]", "[b\"\"]", "[\"\"]"},
    {"[?array]", "[[]]", "[{}]"},
    {"[?map]", "[{}]", "[[]]"},
    {"[?ext]", "[x5\"\"]", "[b\"\"]"},
    /* order (rules P2, V5) */
    {"[<5]", "[4]", "[5]"},
    {"[<5]", "[4.9]", "[\"4\"]"},
    {"[<5]", "[-inf]", "[nan]"},
    {"[<=5]", "[5.0]", "[5.1]"},
    {"[>5]", "[6]", "[5]"},
    {"[>=5]", "[5]", "[4]"},
    {"[>=0]", "[18446744073709551615]", "[-1]"},
    {"[>9007199254740992.0]", "[9007199254740993]", "[9007199254740992]"},
    {"[<\"b\"]", "[\"az\"]", "[\"b\"]"},
    {"[<\"b\"]", "[\"\"]", "[b\"YQ==\"]"},
    {"[>=b\"Yg==\"]", "[b\"YmE=\"]", "[b\"YQ==\"]"},
    {"[1..3]", "[1]", "[0]"},
    {"[1..3]", "[3.0]", "[3.5]"},
    {"[1..3]", "[2]", "[\"2\"]"},
    {"[\"a\"..\"c\"]", "[\"c\"]", "[\"ca\"]"},
    {"[!=5]", "[4]", "[5.0]"},
    {"[!=5]", "[\"5\"]", "[5]"},
    {"[!=[1]]", "[[2]]", "[[1]]"},
    {"[!<5]", "[\"a\"]", "[4]"},
    {"[!<5]", "[null]", "[4.5]"},
    {"[!<5]", "[nan]", "[-5]"},
    /* parts of strs and bins (rule P3) */
    {"[^\"ab\"]", "[\"abc\"]", "[\"aab\"]"},
    {"[^\"ab\"]", "[\"ab\"]", "[\"a\"]"},
    {"[^\"ab\"]", "[\"ab\"]", "[b\"YWI=\"]"},
    {"[^b\"YWI=\"]", "[b\"YWJj\"]", "[\"abc\"]"},
    {"[^\"\"]", "[\"\"]", "[1]"},
    {"[$\"ab\"]", "[\"cab\"]", "[\"abc\"]"},
    {"[$\"ab\"]", "[\"ab\"]", "[\"b\"]"},
    {"[*\"ab\"]", "[\"cabc\"]", "[\"acb\"]"},
    {"[*\"ab\"]", "[\"ab\"]", "[b\"YWI=\"]"},
    {"[*\"\"]", "[\"\"]", "[null]"},
    {"[/b+/]", "[\"abba\"]", "[\"aca\"]"},
    {"[/b+/]", "[\"b\"]", "[b\"Yg==\"]"},
    {"[/^b/]", "[\"b\"]", "[\"B\"]"},
    {"[/^b/i]", "[\"B\"]", "[\"a\"]"},
    {"[1, /a/, /b/]", "[1, \"a\", \"b\"]", "[1, \"a\", \"a\"]"},
    {"[/a/, ?int, /b/, ...]", "[\"a\", 1, \"b\", 2]", "[\"b\", 1, \"b\", 2]"},
    /* lengths (rule P4) */
    {"[#2]", "[\"ab\"]", "[\"a\"]"},
    {"[#2]", "[\"\xc3\xa4\"]", "[\"\xc3\xa4\xc3\xa4\"]"},
    {"[#2]", "[b\"YWI=\"]", "[x5\"YWI=\"]"},
    {"[#2]", "[[1, [2, 3]]]", "[[1, 2, 3]]"},
    {"[#2]", "[{1: 2, 3: 4}]", "[{1: 2}]"},
    {"[#0]", "[[]]", "[0]"},
    {"[#<2]", "[\"a\"]", "[\"ab\"]"},
    {"[#<=2]", "[\"ab\"]", "[\"abc\"]"},
    {"[#>2]", "[\"abc\"]", "[\"ab\"]"},
    {"[#>=2]", "[\"ab\"]", "[\"a\"]"},
    {"[#1..2]", "[\"ab\"]", "[\"abc\"]"},
    {"[#1..2]", "[\"a\"]", "[\"\"]"},
    /* elements (rule P6) */
    {"[[?int, \"x\"]]", "[[1, \"x\"]]", "[[1, \"y\"]]"},
    {"[[?int, \"x\"]]", "[[1, \"x\"]]", "[[1, \"x\", 2]]"},
    {"[[?int, \"x\", ...]]", "[[1, \"x\", 2]]", "[[1]]"},
    {"[[?, ...]]", "[[1]]", "[[]]"},
    {"[[...]]", "[[]]", "[{}]"},
    {"[[?int, [?str, ...], ?]]", "[[1, [\"a\", 2], 3]]", "[[1, [2, \"a\"], 3]]"},
    {"[[/a/, ?int], /b/]", "[[\"a\", 1], \"b\"]", "[[\"b\", 1], \"b\"]"},
    /* pairs (rules P6, P7) */
    {"[{\"k\": ?int}]", "[{\"k\": 1}]", "[{\"k\": 1.5}]"},
    {"[{\"k\": ?int}]", "[{\"k\": 1}]", "[{\"k\": 1, \"l\": 2}]"},
    {"[{\"k\": ?int, ...}]", "[{\"l\": 2, \"k\": 1}]", "[{\"l\": 2}]"},
    {"[{\"k\": ?, ...}]", "[{\"k\": null}]", "[{}]"},
    {"[{...}]", "[{}]", "[[]]"},
    {"[{1: ?}]", "[{1.0: 2}]", "[{true: 2}]"},
    {"[{\"a\": ?int, \"b\": ?str}]", "[{\"b\": \"x\", \"a\": 1}]", "[{\"b\": 1, \"a\": \"x\"}]"},
    {"[{\"a\": {\"b\": >1, ...}, ...}]", "[{\"a\": {\"b\": 2}}]", "[{\"a\": {\"b\": 1}}]"},
    {"[{\"a\": /x/, \"b\": /y/}]", "[{\"b\": \"y\", \"a\": \"x\"}]",
     "[{\"b\": \"x\", \"a\": \"y\"}]"},
    {"[{nan: ?, ...}]", NULL, "[{nan: 1}]"},
    /* or, and, not (rule P5) */
    {"[(1 | \"a\")]", "[\"a\"]", "[\"b\"]"},
    {"[(?int & >5)]", "[6]", "[6.0]"},
    {"[(>1 & <5 & !=3)]", "[2]", "[3]"},
    {"[(1 | (?str & #2))]", "[\"ab\"]", "[\"a\"]"},
    {"[!1]", "[2]", "[1]"},
    {"[!(1 | 2)]", "[3]", "[2]"},
    {"[!!1]", "[1]", "[2]"},
    {"[![?int, ...]]", "[[\"a\"]]", "[[1, 2]]"},
    {"[!/a/]", "[\"b\"]", "[\"a\"]"},
    {"[!/a/]", "[1]", "[\"ba\"]"},
    {"[(/a/ & /b/)]", "[\"ab\"]", "[\"a\"]"},
    {"[(/a/ | 1)]", "[1]", "[2]"},
    {"[(1 | /a/)]", "[\"a\"]", "[\"b\"]"},
    {"[!(/a/ | !/b/)]", "[\"b\"]", "[\"c\"]"},
    {"[!(/a/ | !/b/)]", "[\"b\"]", "[\"ab\"]"},
    /* never */
    {"[nan]", NULL, "[nan]"},
    {"[3..1]", NULL, "[2]"},
    /* always */
    {"[...]", "[1]", NULL},
    {"[!=nan]", "[nan]", NULL},
};

START_TEST(matches_and_just_does_not)
{
    const char *pattern = pairs[_i].pattern;

    if (pairs[_i].yes)
        ck_assert_msg(matches(pattern, pairs[_i].yes), "%s matches %s", pattern, pairs[_i].yes);
    if (pairs[_i].no)
        ck_assert_msg(!matches(pattern, pairs[_i].no), "%s does not match %s", pattern,
                      pairs[_i].no);
}
END_TEST

START_TEST(all_is_known_as_such)
{
    struct buffer bytes = BUFFER_INIT;
    struct compiled *compiled;

    read_pattern("[...]", &bytes);
    compiled = compiled_new(bytes.bytes, bytes.size);
    ck_assert(match_is_all(&compiled->pattern));
    compiled_free(compiled);
    buffer_clear(&bytes);
    read_pattern("[?, ...]", &bytes);
    compiled = compiled_new(bytes.bytes, bytes.size);
    ck_assert(!match_is_all(&compiled->pattern));
    compiled_free(compiled);
    buffer_deinit(&bytes);
}
END_TEST

/* BAD runs into its limit on LONG: each try shows in `overruns`. */
#define BAD "/(a+)+$/"
#define LONG "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""

/* Rule P3: an expression is tried last, and only where the rest of its pattern matches. */
static const struct {
    const char *pattern, *tuple;
    bool matches;
    uint32_t tries;
} tries[] = {
    {"[" BAD "]", "[" LONG "]", false, 1},
    {"[!" BAD "]", "[" LONG "]", true, 1},
    {"[!!" BAD "]", "[" LONG "]", false, 1},
    {"[" BAD "]", "[1]", false, 0},
    {"[!" BAD "]", "[1]", true, 0},
    {"[" BAD ", 1]", "[" LONG ", 2]", false, 0},
    {"[" BAD ", 1]", "[" LONG ", 1]", false, 1},
    {"[!" BAD ", 1]", "[" LONG ", 2]", false, 0},
    {"[" BAD ", 1, ...]", "[" LONG ", 2, 3]", false, 0},
    {"[(" BAD " | ?str)]", "[" LONG "]", true, 0},
    {"[(" BAD " | ?int)]", "[" LONG "]", false, 1},
    {"[(" BAD " & ?int)]", "[" LONG "]", false, 0},
    {"[!(" BAD " & ?int)]", "[" LONG "]", true, 0},
    {"[((" BAD " & #1) | (" BAD " & #34))]", "[" LONG "]", false, 1},
    {"[(" BAD " & " BAD ")]", "[" LONG "]", false, 1},
    {"[(" BAD " | " BAD ")]", "[" LONG "]", false, 2},
    {"[[" BAD ", 1]]", "[[" LONG ", 2]]", false, 0},
    {"[[" BAD ", 1], 2]", "[[" LONG ", 1], 3]", false, 0},
    {"[[" BAD ", 1], 2]", "[[" LONG ", 1], 2]", false, 1},
    {"[{\"a\": " BAD ", \"b\": 1}]", "[{\"a\": " LONG ", \"b\": 2}]", false, 0},
    {"[{\"a\": " BAD ", \"b\": 1}]", "[{\"a\": " LONG "}]", false, 0},
    {"[{\"a\": !" BAD ", \"b\": 1}]", "[{\"a\": " LONG ", \"b\": 1}]", true, 1},
};

START_TEST(expressions_are_tried_last)
{
    bool result = matches(tries[_i].pattern, tries[_i].tuple);

    ck_assert_msg(result == tries[_i].matches && match.overruns == tries[_i].tries,
                  "%s on %s: %d, tried %u times", tries[_i].pattern, tries[_i].tuple, result,
                  match.overruns);
    ck_assert_uint_eq(match.oversized, 0);
}
END_TEST

/* Rule P3: what is too long does not match, and is counted apart. */
START_TEST(a_long_str_is_not_searched)
{
    struct buffer pattern = BUFFER_INIT, tuple = BUFFER_INIT;

    for (uint32_t size = LIMIT_REGEX_SUBJECT; size <= LIMIT_REGEX_SUBJECT + 1; size++) {
        bool fits = size == LIMIT_REGEX_SUBJECT;
        char *str = calloc(1, size);
        ck_assert_ptr_nonnull(str);
        buffer_clear(&tuple);
        buffer_append_byte(&tuple, 0x91);
        buffer_pack_str(&tuple, str, size);
        buffer_clear(&pattern);
        read_pattern("[/^/]", &pattern);
        ck_assert(match_bytes(&pattern, &tuple) == fits);
        ck_assert_uint_eq(match.oversized, !fits);
        buffer_clear(&pattern);
        read_pattern("[!/^/]", &pattern);
        ck_assert(match_bytes(&pattern, &tuple) == !fits);
        ck_assert_uint_eq(match.overruns, 0);
        free(str);
    }
    buffer_deinit(&pattern);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(a_named_tuple_is_tried_once_a_value)
{
    struct buffer pattern = BUFFER_INIT, tuple = BUFFER_INIT;
    struct compiled *compiled;

    read_pattern("[/^a/, /^b/]", &pattern);
    read_tuple("[\"a\", \"b\"]", &tuple);
    compiled = compiled_new(pattern.bytes, pattern.size);
    match = (struct match){.expressions = compiled->expressions, .tuple = 5};
    ck_assert(match_tuple(&match, &compiled->pattern, tuple.bytes));
    tuple.bytes[2] = 'x'; /* shows that nothing is tried again */
    ck_assert(match_tuple(&match, &compiled->pattern, tuple.bytes));
    match.tuple = 6;
    ck_assert(!match_tuple(&match, &compiled->pattern, tuple.bytes));
    match.tuple = 0;
    tuple.bytes[2] = 'a';
    ck_assert(match_tuple(&match, &compiled->pattern, tuple.bytes));
    tuple.bytes[2] = 'x';
    ck_assert(!match_tuple(&match, &compiled->pattern, tuple.bytes));
    compiled_free(compiled);
    buffer_deinit(&pattern);
    buffer_deinit(&tuple);
}
END_TEST

/* More keys than are compared one by one; the map has them in another order and form, and more. */
START_TEST(many_keys_are_found)
{
    enum { KEYS = 100 };
    struct buffer pattern = BUFFER_INIT, tuple = BUFFER_INIT;

    buffer_printf(&pattern, "[{");
    buffer_printf(&tuple, "[{");
    for (int i = 0; i < KEYS; i++) {
        buffer_printf(&pattern, "%d: >=%d, \"k%d\": ?int, ", i, i, i);
        buffer_printf(&tuple, "\"k%d\": 0, \"l%d\": 0, %d.0: %d, ", KEYS - 1 - i, i, i, i);
    }
    buffer_printf(&pattern, "...}]%c", 0);
    tuple.size -= 2;
    buffer_printf(&tuple, "}]%c", 0);
    ck_assert(matches((char *)pattern.bytes, (char *)tuple.bytes));
    memcpy(strstr((char *)tuple.bytes, "50.0"), "50.1", 4);
    ck_assert(!matches((char *)pattern.bytes, (char *)tuple.bytes));
    memcpy(strstr((char *)tuple.bytes, "50.1: 50"), "50.0: 49", 8);
    ck_assert(!matches((char *)pattern.bytes, (char *)tuple.bytes));
    buffer_deinit(&pattern);
    buffer_deinit(&tuple);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("match");
    TCase *tests = tcase_create("match");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, matches_and_just_does_not, 0, COUNT(pairs));
    tcase_add_test(tests, all_is_known_as_such);
    tcase_add_loop_test(tests, expressions_are_tried_last, 0, COUNT(tries));
    tcase_add_test(tests, a_long_str_is_not_searched);
    tcase_add_test(tests, a_named_tuple_is_tried_once_a_value);
    tcase_add_test(tests, many_keys_are_found);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

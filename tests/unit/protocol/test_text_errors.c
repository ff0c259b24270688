/* SPDX-License-Identifier: MIT */
/* What is wrong with a text, and where its caret stands. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"

static struct problem problem;
static struct buffer out;

/* What the names in the texts stand for. */
static const uint8_t *find(void *context, const char *name, size_t length, size_t *size)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
    } values[] = {{"n", "\x07", 1},
                  {"s", "\xa2sh", 3},
                  {"list", "\x93\x01\x02\x03", 4},
                  {"b", "\xc4\x01x", 3},
                  {"repeated", "\x82\x01\x01\x01\x02", 5},
                  {"cut", "\x92\x01", 2},
                  {"utf8", "\xa1\xff", 2}};

    (void)context;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strlen(values[i].name) == length && memcmp(values[i].name, name, length) == 0) {
            *size = values[i].size;
            return (const uint8_t *)values[i].bytes;
        }
    return NULL;
}

static const struct text_names names = {find, NULL};

static int read_tuple(const char *text)
{
    buffer_clear(&out);
    return text_read_tuple(text, strlen(text), &names, &out, &problem);
}

static int read_pattern(const char *text)
{
    buffer_clear(&out);
    return text_read_pattern(text, strlen(text), &names, &out, &problem);
}

struct bad {
    const char *text;
    size_t caret;
    const char *says; /* part of the problem's text */
};

static const struct bad bad_tuples[] = {
    {"", 0, "a tuple stands in brackets"},
    {"  ", 2, "a tuple stands in brackets"},
    {"1", 0, "a tuple stands in brackets"},
    {"{\"a\": 1}", 0, "a tuple stands in brackets"},
    {"[]", 0, "a tuple has at least one field"},
    {"[1] 2", 4, "something follows after the end of the tuple"},
    {"[1]]", 3, "something follows"},
    /* brackets, commas, colons */
    {"[", 1, "the text ends before the ] of the tuple"},
    {"[1", 2, "the text ends before the ] of the tuple"},
    {"[1,", 3, "the text ends before the ]"},
    {"[1, [2, 3]", 10, "the text ends before the ] of the tuple"},
    {"[1, {\"a\": 2", 11, "the text ends before the } of the map in column 5"},
    {"[\"\xc3\xa9\", [2, 3", 12, "the text ends before the ] of the array in column 7"},
    {"[1,\n [2", 7, "the text ends before the ] of the array in line 2, column 2"},
    {"[1}", 2, "} has no place here: the tuple ends with ]"},
    {"[1,]", 2, "no comma stands after the last"},
    {"[{\"a\":1,}]", 7, "no comma stands after the last"},
    {"[,1]", 1, "a value is missing before ,"},
    {"[1,,2]", 3, "a value is missing before ,"},
    {"[1 2]", 3, "a comma is missing before this"},
    {"[\"a\" \"b\"]", 5, "a comma is missing before this"},
    {"[{\"a\" 1}]", 6, "a : is missing after the key"},
    {"[{\"a\"}]", 5, "a : is missing after the key"},
    {"[{\"a\":}]", 6, "a value is missing before }"},
    {"[{:1}]", 2, "a key is missing before :"},
    {"[1:2]", 2, ": has no place here"},
    /* strs */
    {"[\"a]", 1, "the closing quote of this is missing"},
    {"[\"a\\\"]", 1, "the closing quote of this is missing"},
    {"[\"a\\", 1, "the closing quote of this is missing"},
    {"['a']", 1, "a str stands in double quotes"},
    {"[\xe2\x80\x9c"
     "a\xe2\x80\x9d]",
     1, "a str stands in double quotes"},
    {"[\"a\\x\"]", 3, "no such escape"},
    {"[\"\\u12g4\"]", 2, "four hexadecimal digits"},
    {"[\"\\u12\"]", 2, "four hexadecimal digits"},
    {"[\"\\ud800\"]", 2, "half of a surrogate pair"},
    {"[\"\\ud800\\u0041\"]", 2, "half of a surrogate pair"},
    {"[\"\\ud800\\ud800\"]", 2, "half of a surrogate pair"},
    {"[\"ab\\udc00\"]", 4, "half of a surrogate pair"},
    {"[\"a\nb\"]", 3, "a control character in a str: write it as \\u000a"},
    {"[\"a\", \"\xff\"]", 7, "not valid UTF-8"},
    /* numbers */
    {"[01]", 1, "a number has no leading zero"},
    {"[-01]", 1, "a number has no leading zero"},
    {"[1.]", 2, "a digit is missing after the point"},
    {"[1.e5]", 2, "a digit is missing after the point"},
    {"[.5]", 1, "a digit is missing before the point"},
    {"[+1]", 1, "a number has no +"},
    {"[1e]", 2, "a digit is missing in the exponent"},
    {"[1e+]", 2, "a digit is missing in the exponent"},
    {"[-]", 1, "a digit is missing after the -"},
    {"[- 1]", 1, "a digit is missing after the -"},
    {"[0x10]", 1, "not a number"},
    {"[12ab]", 1, "not a number"},
    {"[18446744073709551616]", 1, "a number out of range"},
    {"[-9223372036854775809]", 1, "a number out of range"},
    {"[1, 99999999999999999999999]", 4, "a number out of range"},
    {"[1e309]", 1, "a number out of the range of floats"},
    {"[-1e309]", 1, "a number out of the range of floats"},
    {"[1e-400]", 1, "a number out of the range of floats"},
    /* words */
    {"[abc]", 1, "unknown word abc: a str stands in double quotes, \"abc\""},
    {"[True]", 1, "unknown word True: is true meant?"},
    {"[None]", 1, "unknown word None: is null meant?"},
    {"[nil]", 1, "unknown word nil: is null meant?"},
    {"[NaN]", 1, "unknown word NaN: is nan meant?"},
    {"[nulls]", 1, "unknown word nulls"},
    {"[-infinity]", 1, "a digit is missing after the -"},
    /* base64 */
    {"[b\"a\"]", 3, "this is not base64"},
    {"[b\"aGk\"]", 3, "this is not base64"},
    {"[b\"aGlq*Gk=\"]", 7, "this is not base64"},
    {"[b\"aGl=\"]", 5, "this is not base64"},
    {"[b\"aGk=]", 2, "the closing quote of this is missing"},
    {"[x\"aGk=\"]", 2, "the type of the ext is missing"},
    {"[x128\"aGk=\"]", 2, "the type of an ext is from -128 to 127"},
    {"[x-129\"\"]", 2, "the type of an ext is from -128 to 127"},
    {"[x5\"a\"]", 4, "this is not base64"},
    /* names */
    {"[$x]", 1, "there is no value for $x"},
    {"[1, $]", 4, "$ stands before a name"},
    {"[$cut]", 1, "the value for $cut is not one MessagePack value"},
    {"[1, $list, {\"a\": $repeated}]", 17, "a map with a repeated key"},
    {"[$list, $utf8]", 8, "field 2: "},
    /* matchers */
    {"[?]", 1, "a tuple has values only"},
    {"[\"a\", ?int]", 6, "a tuple has values only"},
    {"[1, ...]", 4, "a tuple has values only"},
    {"[[>1]]", 2, "a tuple has values only"},
    {"[1..5]", 2, "a tuple has values only"},
    {"[{\"a\": !1}]", 7, "a tuple has values only"},
    {"[/a/]", 1, "a tuple has values only"},
    {"[$\"a\"]", 1, "a tuple has values only"},
    {"[#1]", 1, "a tuple has values only"},
    {"[(1|2)]", 1, "a tuple has values only"},
    {"[1|2]", 2, "| stands in parentheses"},
    /* the rules of tuples */
    {"[1, {\"a\": 1, \"b\": {}, \"a\": 2}]", 22, "field 2: a map with a repeated key"},
    {"[{1: 1, 1.0: 2}]", 8, "field 1: a map with a repeated key"},
    {"[[{\"a\": [1, 2], \"a\": 2}]]", 16, "field 1: a map with a repeated key"},
    {"[1, \x01]", 4, "the control character U+0001"},
    {"[1, \xc3\xa4]", 4, "\xc3\xa4 has no place here"},
    {"[1, =5]", 4, "= is no matcher"},
};

START_TEST(bad_tuples_are_told_with_the_place)
{
    const struct bad *bad = &bad_tuples[_i];

    int error = read_tuple(bad->text);
    ck_assert_msg(error == -TS_MALFORMED, "%s: %d", bad->text, error);
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    ck_assert_msg(strstr(problem.text, bad->says) != NULL, "%s: %s", bad->text, problem.text);
    ck_assert_msg(problem.offset == bad->caret, "%s: %zu", bad->text, problem.offset);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

static const struct bad bad_patterns[] = {
    {"?", 0, "a pattern stands in brackets"},
    {"[]", 0, "a pattern has at least one"},
    {"[?int", 5, "the text ends before the ] of the pattern"},
    {"[?,]", 2, "no comma stands after the last"},
    {"[? ?]", 3, "a comma is missing before this"},
    {"[..., 1]", 4, "... stands only as the last"},
    {"[[..., 1]]", 5, "... stands only as the last"},
    {"[!...]", 2, "... stands only as the last"},
    {"[{\"a\": ...}]", 7, "... stands only as the last"},
    {"[?string]", 1, "unknown type ?string: is ?str meant?"},
    {"[?itn]", 1, "unknown type ?itn: is ?int meant?"},
    {"[?boolean]", 1, "is ?bool meant?"},
    {"[1, ?INT]", 4, "is ?int meant?"},
    /* operands */
    {"[<true]", 2, "a value of type bool has no order"},
    {"[>= null]", 4, "a value of type nil has no order"},
    {"[<[1]]", 2, "a value of type array has no order"},
    {"[<?int]", 2, "a value is to stand here, not a matcher"},
    {"[<]", 2, "a value is missing before ]"},
    {"[< <1]", 3, "a value is to stand here, not a matcher"},
    {"[<", 2, "the text ends where a value is to stand"},
    {"[!=?]", 3, "a value is to stand here, not a matcher"},
    {"[1..]", 4, "the end of the range is missing before ]"},
    {"[..5]", 1, "a range has one value on each side"},
    {"[1..\"a\"]", 4, "the ends of a range are two numbers, two strs or two bins"},
    {"[true..false]", 1, "a value of type bool has no order"},
    {"[1..true]", 4, "the ends of a range are"},
    {"[1..2..3]", 5, "a range has one value on each side"},
    {"[?int..5]", 5, "a range has one value on each side"},
    {"[^1]", 2, "a str or bin is to stand here, not a value of type int"},
    {"[$ \"a\"]", 1, "$ stands before a name"},
    {"[*?str]", 2, "a str or bin is to stand here, not a matcher"},
    {"[#]", 2, "a length is to stand here"},
    {"[#\"a\"]", 2, "a length is to stand here"},
    {"[#!=3]", 2, "a length is to stand here"},
    {"[#-1]", 2, "a length is a whole number from 0"},
    {"[1, #1.5]", 5, "a length is a whole number from 0"},
    {"[#1..-2]", 2, "a length is a whole number from 0"},
    {"[/a]", 1, "the / that ends this expression is missing"},
    {"[/a\\/]", 1, "the / that ends this expression is missing"},
    {"[/a/x]", 4, "the only flag of an expression is i"},
    {"[/a/ii]", 4, "the only flag of an expression is i"},
    /* groups (rule P5) */
    {"[(1 | 2 & 3)]", 8, "| and & are mixed"},
    {"[(1 & 2 | 3)]", 8, "| and & are mixed"},
    {"[1 | 2]", 3, "| stands in parentheses"},
    {"[(1)]", 1, "parentheses hold at least two matchers"},
    {"[()]", 2, "a matcher is missing before )"},
    {"[(1 | )]", 6, "a matcher is missing before )"},
    {"[(1 2)]", 4, "| or ) is to stand here"},
    {"[(1 | 2", 7, "the text ends before the ) of the ( in column 2"},
    {"[(1 | 2]", 7, "| or ) is to stand here"},
    {"[!]", 2, "a matcher is missing before ]"},
    /* maps (rule P7) */
    {"[{?: 1}]", 2, "a key is to stand here, not a matcher"},
    {"[{\"a\" ?}]", 6, "a : is missing after the key"},
    {"[{\"a\": ?, \"b\": 1, \"a\": 1}]", 18, "field 1: a map matcher with a repeated key"},
    {"[?, {1: ?, 1.0: ?}]", 11, "field 2: a map matcher with a repeated key"},
    {"[{\"a\": 1, \"a\": 2}]", 10, "a map with a repeated key"},
    {"[[?, {\"a\": 1, \"a\": 2}]]", 14, "a map with a repeated key"},
};

START_TEST(bad_patterns_are_told_with_the_place)
{
    const struct bad *bad = &bad_patterns[_i];

    int error = read_pattern(bad->text);
    ck_assert_msg(error == -TS_MALFORMED, "%s: %d", bad->text, error);
    ck_assert_msg(strstr(problem.text, bad->says) != NULL, "%s: %s", bad->text, problem.text);
    ck_assert_msg(problem.offset == bad->caret, "%s: %zu", bad->text, problem.offset);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("text_errors");
    TCase *tests = tcase_create("text_errors");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, bad_tuples_are_told_with_the_place, 0, COUNT_OF(bad_tuples));
    tcase_add_loop_test(tests, bad_patterns_are_told_with_the_place, 0, COUNT_OF(bad_patterns));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "match_fixture.h"
#include "protocol/text_read.h"
#include "protocol/tuple.h"
#include "space/rank.h"
#include "unit/protocol/random_patterns.h"

/* The only field of a tuple in the notation. */
static const uint8_t *value_of(const char *text, struct buffer *tuple)
{
    char whole[256];
    struct problem problem;
    struct value array;

    tuple->size = 0;
    (void)snprintf(whole, sizeof whole, "[%s]", text);
    if (text_read_tuple(whole, strlen(whole), NULL, tuple, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
    return value_read_trusted(tuple->bytes, &array);
}

static uint64_t rank_of_text(const char *text)
{
    struct buffer tuple = BUFFER_INIT;
    const uint64_t rank = rank_of(value_of(text, &tuple));

    buffer_deinit(&tuple);
    return rank;
}

/* A pattern of the notation and the bounds of its first position. */
struct bounded {
    struct buffer bytes;
    struct compiled *compiled;
    struct bounds bounds;
    bool is;
};

static void bounded_init(struct bounded *bounded, const char *text)
{
    struct problem problem;

    *bounded = (struct bounded){.bytes = BUFFER_INIT};
    if (text_read_pattern(text, strlen(text), NULL, &bounded->bytes, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
    bounded->compiled = compiled_new(bounded->bytes.bytes, bounded->bytes.size);
    bounded->is = bounds_of(&bounded->compiled->pattern, 0, &bounded->bounds);
}

static void bounded_deinit(struct bounded *bounded)
{
    compiled_free(bounded->compiled);
    buffer_deinit(&bounded->bytes);
}

/* --- Ranks --- */

/* In order; of each kind, what has the same rank stands on one line. */
START_TEST(ranks_follow_the_order)
{
    static const char *const texts[][4] = {
        {"-inf"},
        {"-1e300"},
        {"-18446744073709551616.0"},
        {"-9223372036854775808", "-9223372036854775808.0"},
        {"-2147483648"},
        {"-1.5"},
        {"-1", "-1.0"},
        {"-5e-324"},
        {"0", "-0.0", "0.0"},
        {"0.5"},
        {"1", "1.0"},
        {"4294967295"},
        {"4294967296"},
        {"9007199254740992", "9007199254740993", "9007199254740992.0"},
        {"9223372036854775807", "9223372036854775808"},
        {"18446744073709551615", "18446744073709551616.0"},
        {"1e300"},
        {"inf"},
        {"\"\""},
        {"\"a\""},
        {"\"aa\""},
        {"\"ab\""},
        {"\"abcdefgh\"", "\"abcdefghi\"", "\"abcdefgh\xc3\xa4\""},
        {"\"b\""},
        {"\"\xf0\x9f\x98\x80\""},
        {"b\"\""},
        {"b\"YQ==\""},
        {"b\"//////////8=\"", "b\"/////////////w==\""},
    };
    uint64_t before = RANK_NONE;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const uint64_t rank = rank_of_text(texts[i][0]);
        ck_assert_msg(rank > before, "%s", texts[i][0]);
        for (int j = 1; j < 4 && texts[i][j]; j++)
            ck_assert_msg(rank_of_text(texts[i][j]) == rank, "%s", texts[i][j]);
        before = rank;
    }
}
END_TEST

START_TEST(what_is_in_no_order_has_no_rank)
{
    static const char *const texts[] = {"null", "true", "false", "[1]", "{\"a\": 1}", "[]", "nan"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_uint_eq(rank_of_text(texts[i]), RANK_NONE);
}
END_TEST

static bool is_ordered(const uint8_t *value)
{
    return value_compare(value, value) == ORDER_EQUAL;
}

/* Ranks say of random values what value_compare says, but for what they are too coarse for. */
START_TEST(ranks_agree_with_the_order_of_values)
{
    struct random random = random_seeded("rank");

    for (int round = 0; round < 100000; round++) {
        struct source a_source = source_of(&random), b_source = source_of(&random);
        struct buffer a = BUFFER_INIT, b = BUFFER_INIT;
        put_random_value(&a, &a_source, 1, true);
        put_random_value(&b, &b_source, 1, true);
        const uint64_t a_rank = rank_of(a.bytes), b_rank = rank_of(b.bytes);
        const enum order order = value_compare(a.bytes, b.bytes);
        ck_assert_int_eq(a_rank != RANK_NONE, is_ordered(a.bytes));
        if (order == ORDER_EQUAL)
            ck_assert_uint_eq(a_rank, b_rank);
        else if (order == ORDER_LESS)
            ck_assert_uint_le(a_rank, b_rank);
        else if (order == ORDER_GREATER)
            ck_assert_uint_ge(a_rank, b_rank);
        else if (is_ordered(a.bytes) && is_ordered(b.bytes))
            ck_assert_uint_ne(a_rank, b_rank);
        buffer_deinit(&a);
        buffer_deinit(&b);
    }
}
END_TEST

/* --- Bounds --- */

/* What a bound has in it, what is just before it and just after; NULL: there is none. */
static const struct {
    const char *pattern, *in, *before, *after;
} ranges[] = {
    {"[< 5]", "4", NULL, "5"},
    {"[< 5]", "-inf", NULL, "5.0"},
    {"[<= 5]", "5", NULL, "5.5"},
    {"[> 5]", "6", "5", NULL},
    {"[>= 5]", "inf", "4.5", NULL},
    {"[2..4]", "2", "1", "5"},
    {"[2..4]", "4", "1.5", "4.5"},
    {"[> 9007199254740992]", "9007199254740993", "9007199254740992.0", NULL},
    {"[< 9007199254740993]", "9007199254740992.0", NULL, "9007199254740993"},
    {"[< 0]", "-1", NULL, "-0.0"},
    {"[>= 0]", "-0.0", "-5e-324", NULL},
    {"[>= 18446744073709551615]", "18446744073709551615", "18446744073709551614", NULL},
    {"[<= -9223372036854775808]", "-9223372036854775808", NULL, "-9223372036854775807"},
    {"[< \"abcdefghij\"]", "\"abcdefghii\"", NULL, "\"abcdefghij\""},
    {"[> \"\"]", "\"a\"", "\"\"", NULL},
    {"[\"b\"..\"c\"]", "\"bzz\"", "\"azz\"", "\"ca\""},
    {"[<= b\"/////////w==\"]", "b\"/////////w==\"", NULL, "b\"//////////8=\""},
    {"[^\"a\"]", "\"a\"", "\"\"", "\"b\""},
    {"[^\"\"]", "\"\"", NULL, NULL},
    {"[^\"abcdefghij\"]", "\"abcdefghijk\"", "\"abcdefghii\"", "\"abcdefghik\""},
    {"[^\"abcdefghij\"]", "\"abcdefghij\"", "\"abcdefghi\"", "\"abcdefghj\""},
    {"[^b\"/w==\"]", "b\"/////////////w==\"", "b\"/g==\"", NULL},
    {"[(> 1 & < 3)]", "2", "1", "3"},
    {"[(>= 1 & <= 3 & > 1 & < 3)]", "2", "1", "3"},
    {"[(> 1 & >= 1)]", "2", "1", NULL},
    {"[(< 9 & 2..5 & > 3)]", "4", "3", "6"},
    {"[(^\"a\" & ^\"ab\" & < \"abc\")]", "\"abb\"", "\"aa\"", "\"abc\""},
    {"[(!= 3 & ?num & >= 2)]", "2", "1", NULL},
};

START_TEST(bounds_have_two_sides)
{
    struct buffer tuple = BUFFER_INIT;
    struct bounded bounded;
    const char *const values[] = {ranges[_i].in, ranges[_i].before, ranges[_i].after};
    const char *pattern = ranges[_i].pattern;

    bounded_init(&bounded, pattern);
    ck_assert_msg(bounded.is, "%s", pattern);
    for (int i = 0; i < 3; i++) {
        if (!values[i])
            continue;
        const uint8_t *value = value_of(values[i], &tuple);
        const int side = bounds_side(&bounded.bounds, value);
        const uint64_t rank = rank_of(value);
        ck_assert_msg(i == 0   ? side == 0
                      : i == 1 ? side < 0
                               : side > 0,
                      "%s %s", pattern, values[i]);
        ck_assert_msg(i == 1 || rank >= bounded.bounds.low_rank, "%s %s", pattern, values[i]);
        ck_assert_msg(i == 2 || rank <= bounded.bounds.high_rank, "%s %s", pattern, values[i]);
    }
    bounded_deinit(&bounded);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(what_bounds_nothing_has_no_bounds)
{
    static const char *const texts[] = {"[?]",           "[5]",    "[?num]", "[!= 5]",
                                        "[(> 5 | < 3)]", "[!> 5]", "[[> 5]]"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct bounded bounded;
        bounded_init(&bounded, texts[i]);
        ck_assert_msg(!bounded.is, "%s", texts[i]);
        ck_assert_int_eq(bounds_position(&bounded.compiled->pattern), -1);
        bounded_deinit(&bounded);
    }
}
END_TEST

START_TEST(the_first_position_with_bounds_is_found)
{
    struct bounded bounded;

    bounded_init(&bounded, "[?, [> 1], 7, (?num & > 5), < 3, ...]");
    ck_assert(!bounded.is);
    ck_assert_int_eq(bounds_position(&bounded.compiled->pattern), 3);
    ck_assert(bounds_of(&bounded.compiled->pattern, 3, &bounded.bounds));
    ck_assert_uint_eq(bounded.bounds.low_rank, rank_of_text("5"));
    ck_assert(bounds_of(&bounded.compiled->pattern, 4, &bounded.bounds));
    ck_assert_uint_eq(bounded.bounds.high_rank, rank_of_text("3"));
    ck_assert(!bounds_of(&bounded.compiled->pattern, 5, &bounded.bounds));
    bounded_deinit(&bounded);
}
END_TEST

/* The narrowest of several, so that the ranks of a range are no more than they have to be. */
START_TEST(operands_of_and_are_intersected)
{
    struct bounded bounded;

    bounded_init(&bounded, "[(> 1 & < 9 & 2..8 & > 3 & (?num & <= 4))]");
    ck_assert_uint_eq(bounded.bounds.low_rank, rank_of_text("3"));
    ck_assert_uint_eq(bounded.bounds.high_rank, rank_of_text("4"));
    ck_assert(bounded.bounds.low_open && !bounded.bounds.high_open);
    bounded_deinit(&bounded);
}
END_TEST

/* Whatever a range is, also one that is empty: values before it, in it, after it, in that order. */
static int side_of_text(const struct bounded *bounded, const char *text)
{
    struct buffer tuple = BUFFER_INIT;
    const int side = bounds_side(&bounded->bounds, value_of(text, &tuple));

    buffer_deinit(&tuple);
    return (side > 0) - (side < 0);
}

START_TEST(an_empty_range_has_nothing_in_it)
{
    static const char *const texts[] = {"[5..3]", "[(> 3 & < 3)]", "[(>= 3 & < 3)]",
                                        "[(> 5 & <= 3)]"};
    struct bounded bounded;
    int before = -1;

    bounded_init(&bounded, texts[_i]);
    ck_assert(bounded.is);
    for (int i = 0; i < 10; i++) {
        const char digit[] = {(char)('0' + i), '\0'};
        const int side = side_of_text(&bounded, digit);
        ck_assert_int_ne(side, 0);
        ck_assert_int_ge(side, before);
        before = side;
    }
    bounded_deinit(&bounded);
}
END_TEST

/* --- Random patterns --- */

/* Each operand may bound: patterns of which that is true are rare among any. */
static void put_bounding_pattern(struct buffer *out, struct source *source)
{
    static const enum tsd_matcher ops[] = {TSD_M_LT,    TSD_M_LE,     TSD_M_GT, TSD_M_GE,
                                           TSD_M_RANGE, TSD_M_PREFIX, TSD_M_EQ};
    const uint32_t operands = 1 + random_below(&source->content, 3);
    const unsigned kind = random_below(&source->content, 3);

    buffer_append_byte(out, 0x91);
    if (operands > 1)
        put_matcher(out, source, TSD_M_AND, operands);
    for (uint32_t i = 0; i < operands; i++) {
        enum tsd_matcher op = ops[random_below(&source->content, 7)];
        if (kind == 0 && op == TSD_M_PREFIX)
            op = TSD_M_GE;
        const bool range = op == TSD_M_RANGE;
        put_matcher(out, source, op, 1 + range);
        for (int j = 0; j <= range; j++)
            put_random_ordered(out, source, kind);
    }
}

static void put_tuple_of_one(struct buffer *out, struct source *source)
{
    buffer_append_byte(out, 0x91);
    if (random_below(&source->content, 2))
        put_random_value(out, source, 1, true);
    else
        put_random_ordered(out, source, random_below(&source->content, 3));
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

/* What matches is in the range; what is in the order is on the side that its order says. */
static unsigned try_values(const struct compiled *compiled, const struct bounds *bounds,
                           struct random *random)
{
    const uint8_t *before = NULL;
    struct buffer tuples[8];
    unsigned matched = 0;

    memset(tuples, 0, sizeof tuples);
    for (int i = 0; i < 8; i++) {
        struct source source = source_of(random);
        struct match match = {.expressions = compiled->expressions};
        put_tuple_of_one(&tuples[i], &source);
        const uint8_t *value = tuples[i].bytes + 1;
        const uint64_t rank = rank_of(value);
        const bool matches = match_tuple(&match, &compiled->pattern, tuples[i].bytes);
        if (matches) {
            matched++;
            ck_assert_uint_ge(rank, bounds->low_rank);
            ck_assert_uint_le(rank, bounds->high_rank);
            ck_assert_int_eq(bounds_side(bounds, value), 0);
        }
        if (rank >> 62 != bounds->low_rank >> 62)
            continue;
        const int side = sign(bounds_side(bounds, value));
        if (side == 0 && bounds->low_rank <= bounds->high_rank) {
            ck_assert_uint_ge(rank, bounds->low_rank);
            ck_assert_uint_le(rank, bounds->high_rank);
        }
        if (before && value_compare(before, value) != ORDER_GREATER)
            ck_assert_int_le(sign(bounds_side(bounds, before)), side);
        before = value;
    }
    for (int i = 0; i < 8; i++)
        buffer_deinit(&tuples[i]);
    return matched;
}

START_TEST(what_matches_is_within_the_bounds)
{
    struct random random = random_seeded("bounds");
    unsigned bounded = 0, matched = 0;

    for (int round = 0; round < 20000; round++) {
        struct source source = source_of(&random);
        struct buffer bytes = BUFFER_INIT;
        struct bounds bounds;
        if (_i == 0) {
            put_bounding_pattern(&bytes, &source);
        } else {
            buffer_append_byte(&bytes, 0x91);
            put_random_matcher(&bytes, &source, 2);
        }
        struct compiled *compiled = compiled_new(bytes.bytes, bytes.size);
        const bool is = bounds_of(&compiled->pattern, 0, &bounds);
        ck_assert_int_eq(bounds_position(&compiled->pattern), is ? 0 : -1);
        if (is) {
            bounded++;
            matched += try_values(compiled, &bounds, &random);
        }
        compiled_free(compiled);
        buffer_deinit(&bytes);
    }
    ck_assert_uint_gt(bounded, 1000);
    ck_assert_uint_gt(matched, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rank");
    TCase *tcase = tcase_create("rank");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, ranks_follow_the_order);
    tcase_add_test(tcase, what_is_in_no_order_has_no_rank);
    tcase_add_test(tcase, ranks_agree_with_the_order_of_values);
    tcase_add_loop_test(tcase, bounds_have_two_sides, 0, (int)(sizeof ranges / sizeof ranges[0]));
    tcase_add_test(tcase, what_bounds_nothing_has_no_bounds);
    tcase_add_test(tcase, the_first_position_with_bounds_is_found);
    tcase_add_test(tcase, operands_of_and_are_intersected);
    tcase_add_loop_test(tcase, an_empty_range_has_nothing_in_it, 0, 4);
    tcase_add_loop_test(tcase, what_matches_is_within_the_bounds, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

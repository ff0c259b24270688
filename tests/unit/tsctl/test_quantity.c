/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "tsctl/fields.h"
#include "tsctl/quantity.h"

static const struct {
    const char *text;
    uint64_t us;
} durations[] = {
    {"5", 5000000},
    {"0", 0},
    {"0.5", 500000},
    {".3", 300000},
    {".25ms", 250},
    {"250ms", 250000},
    {"10us", 10},
    {"2m", 120000000},
    {"1.5h", 5400000000},
    {"1d", 86400000000},
    {"0.0000001", 1}, /* a short wait is not none */
    {"1.0000010", 1000001},
    {"0.0", 0},
    {"1.25ms", 1250},
    {"007", 7000000},
    {"9223372036854.775807", INT64_MAX},
};
enum { DURATIONS = sizeof(durations) / sizeof(durations[0]) };

START_TEST(reads_durations)
{
    uint64_t us = 77;
    ck_assert(quantity_parse_duration(durations[_i].text, &us));
    ck_assert_uint_eq(us, durations[_i].us);
}
END_TEST

static const char *const no_durations[] = {
    "",
    "-1",
    "+1",
    " 1",
    "1 ",
    "1s ",
    "s",
    ".",
    ".s",
    "5.",
    "..5",
    "1e3",
    "nan",
    "inf",
    "1w",
    "1.5.5",
    "1ms5",
    "9223372036854.775808",
    "18446744073709551616",
    "99999999999999999999999",
};
enum { NO_DURATIONS = sizeof(no_durations) / sizeof(no_durations[0]) };

START_TEST(refuses_what_is_no_duration)
{
    uint64_t us;
    ck_assert(!quantity_parse_duration(no_durations[_i], &us));
}
END_TEST

static const struct {
    const char *text;
    uint64_t min, max;
} counts[] = {
    {"1", 1, 1}, {"10", 1, 10}, {"5..10", 5, 10}, {"7..7", 7, 7}, {"all", 1, UINT64_MAX},
};
enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

START_TEST(reads_counts)
{
    uint64_t min, max;
    ck_assert(quantity_parse_count(counts[_i].text, &min, &max));
    ck_assert_uint_eq(min, counts[_i].min);
    ck_assert_uint_eq(max, counts[_i].max);
}
END_TEST

static const char *const no_counts[] = {
    "",    "0",     "0..3", "5..4", "-1", "1..",
    "..3", "1...3", "1.5",  "All",  "3 ", "18446744073709551615",
};
enum { NO_COUNTS = sizeof(no_counts) / sizeof(no_counts[0]) };

START_TEST(refuses_what_is_no_count)
{
    uint64_t min, max;
    ck_assert(!quantity_parse_count(no_counts[_i], &min, &max));
}
END_TEST

START_TEST(reads_ints_within_bounds_only)
{
    int value = 0;
    ck_assert(quantity_parse_int("-128", -128, 127, &value) && value == -128);
    ck_assert(!quantity_parse_int("-129", -128, 127, &value));
    ck_assert(quantity_parse_int("127", -128, 127, &value) && value == 127);
    ck_assert(!quantity_parse_int("128", -128, 127, &value));
    ck_assert(!quantity_parse_int("", -128, 127, &value));
    ck_assert(!quantity_parse_int("1x", -128, 127, &value));
    ck_assert(!quantity_parse_int("99999999999999999999", -128, 127, &value));
}
END_TEST

static const struct {
    uint64_t count;
    const char *text;
} tuples[] = {
    {0, "0 tuples"},
    {1, "1 tuple"},
    {2, "2 tuples"},
    {999, "999 tuples"},
    {1000, "1,000 tuples"},
    {123456, "123,456 tuples"},
    {2000000, "2,000,000 tuples"},
    {UINT64_MAX, "18,446,744,073,709,551,615 tuples"},
};
enum { TUPLES = sizeof(tuples) / sizeof(tuples[0]) };

START_TEST(counts_tuples_as_people_read_them)
{
    char text[QUANTITY_TUPLES_SIZE];
    ck_assert_str_eq(quantity_tuples(tuples[_i].count, text), tuples[_i].text);
}
END_TEST

static const struct {
    double seconds;
    const char *text;
} ages[] = {
    {0, "0.0s"},     {0.44, "0.4s"},    {9.94, "9.9s"},    {9.96, "10.0s"},
    {59.9, "59s"},   {60, "1m00s"},     {192, "3m12s"},    {3599, "59m59s"},
    {3600, "1h00m"}, {86399, "23h59m"}, {187200, "2d04h"}, {-1, "0.0s"},
};
enum { AGES = sizeof(ages) / sizeof(ages[0]) };

START_TEST(shows_ages)
{
    char text[QUANTITY_AGE_SIZE];
    ck_assert_str_eq(quantity_age(ages[_i].seconds, text), ages[_i].text);
}
END_TEST

START_TEST(reads_bounds)
{
    uint64_t bound;
    ck_assert(quantity_parse_bound("none", 5, &bound));
    ck_assert_uint_eq(bound, UINT64_MAX);
    ck_assert(quantity_parse_bound("5", 5, &bound));
    ck_assert_uint_eq(bound, 5);
    ck_assert(!quantity_parse_bound("6", 5, &bound));
    ck_assert(!quantity_parse_bound("-1", 5, &bound));
    ck_assert(!quantity_parse_bound("5x", 5, &bound));
    ck_assert(!quantity_parse_bound("", 5, &bound));
}
END_TEST

START_TEST(reads_lists_of_fields)
{
    struct field_list fields;
    ck_assert(fields_parse("2,4..6,9-10,11..", &fields));
    ck_assert_int_eq(fields.count, 4);
    ck_assert_uint_eq(fields.parts[0].first, 2);
    ck_assert_uint_eq(fields.parts[0].last, 2);
    ck_assert_uint_eq(fields.parts[1].last, 6);
    ck_assert_uint_eq(fields.parts[2].first, 9);
    ck_assert_uint_eq(fields.parts[2].last, 10);
    ck_assert_uint_eq(fields.parts[3].last, UINT32_MAX);
    ck_assert(fields_parse("255", &fields));
}
END_TEST

static const char *const no_fields[] = {
    "", "0", "256", "1,", ",1", "3..2", "a", "1 ,2", "-2", "1..2..3", "1..256", "99999999999",
};
enum { NO_FIELDS = sizeof(no_fields) / sizeof(no_fields[0]) };

START_TEST(refuses_what_is_no_list_of_fields)
{
    struct field_list fields;
    ck_assert(!fields_parse(no_fields[_i], &fields));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantity");
    TCase *tests = tcase_create("quantity");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, reads_durations, 0, DURATIONS);
    tcase_add_loop_test(tests, refuses_what_is_no_duration, 0, NO_DURATIONS);
    tcase_add_loop_test(tests, reads_counts, 0, COUNTS);
    tcase_add_loop_test(tests, refuses_what_is_no_count, 0, NO_COUNTS);
    tcase_add_test(tests, reads_ints_within_bounds_only);
    tcase_add_loop_test(tests, counts_tuples_as_people_read_them, 0, TUPLES);
    tcase_add_loop_test(tests, shows_ages, 0, AGES);
    tcase_add_test(tests, reads_bounds);
    tcase_add_test(tests, reads_lists_of_fields);
    tcase_add_loop_test(tests, refuses_what_is_no_list_of_fields, 0, NO_FIELDS);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

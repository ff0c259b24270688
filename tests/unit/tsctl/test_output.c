/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"
#include "tsctl/fields.h"
#include "tsctl/output.h"

static const struct {
    enum format format;
    const char *fields; /* NULL: all */
    const char *tuple, *written;
} cases[] = {
    {FORMAT_DEFAULT, NULL, "[1, \"a\\tb\", b\"aGk=\"]", "[1,\"a\\tb\",b\"aGk=\"]\n"},
    {FORMAT_NOTATION, NULL, "[nan]", "[nan]\n"},
    {FORMAT_JSON, NULL, "[nan, b\"aGk=\"]", "[{\"$float\":\"nan\"},{\"$bin\":\"aGk=\"}]\n"},
    {FORMAT_RAW, NULL, "[1, \"a\"]",
     "\x92\x01\xa1"
     "a"},
    {FORMAT_TSV, NULL, "[1, \"a\\tb\\nc\\\\\", [2]]", "1\ta\\tb\\nc\\\\\t[2]\n"},
    {FORMAT_SH, NULL, "[1, \"it's\", \"a b\"]", "'1' 'it'\\''s' 'a b'\n"},
    {FORMAT_SH, NULL, "[\"a\\u0000b\"]", "'\"a\\u0000b\"'\n"},
    {FORMAT_DEFAULT, "2", "[1, \"a\\tb\"]", "a\tb\n"},
    {FORMAT_DEFAULT, "3,1", "[1, \"a\", {\"k\": 2}]", "{\"k\":2}\t1\n"},
    {FORMAT_DEFAULT, "2..", "[1, \"a\", \"b\"]", "a\tb\n"},
    {FORMAT_DEFAULT, "2..", "[1]", "\n"},
    {FORMAT_DEFAULT, "1,3,2", "[1, 2]", "1\t\t2\n"}, /* the columns stay where they are */
    {FORMAT_DEFAULT, "2..4", "[1, 2]", "2\t\t\n"},
    {FORMAT_TSV, "2", "[1, \"a\\tb\"]", "a\\tb\n"},
    {FORMAT_SH, "2,1", "[1, \"x\"]", "'x' '1'\n"},
    {FORMAT_JSON, "2,3", "[1, \"x\"]", "[\"x\",null]\n"},
    {FORMAT_JSON, "2..", "[1]", "[]\n"},
    {FORMAT_RAW, "2", "[1, \"x\"]", "\xa1x"},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

START_TEST(writes_each_format)
{
    struct options options = {.output = cases[_i].format};
    if (cases[_i].fields != NULL)
        ck_assert(fields_parse(cases[_i].fields, &options.fields));
    struct buffer tuple = BUFFER_INIT;
    struct problem problem;
    const char *text = cases[_i].tuple;
    ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, &tuple, &problem), 0);
    struct output output;
    output_init(&output, &options);
    output_tuple(&output, tuple.bytes);
    ck_assert_uint_eq(output.bytes.size, strlen(cases[_i].written));
    ck_assert_mem_eq(output.bytes.bytes, cases[_i].written, output.bytes.size);
    output_deinit(&output);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(null_ends_records)
{
    struct options options = {.null = true};
    struct output output;
    output_init(&output, &options);
    output_number(&output, 3);
    ck_assert_uint_eq(output.bytes.size, 2);
    ck_assert_mem_eq(output.bytes.bytes, "3\0", 2);
    output_deinit(&output);
}
END_TEST

START_TEST(ids_are_strings_in_json)
{
    struct options options = {.output = FORMAT_JSON};
    struct output output;
    output_init(&output, &options);
    output_id(&output, 9007199254740993);
    output_number(&output, 5);
    ck_assert_uint_eq(output.bytes.size, 21);
    ck_assert_mem_eq(output.bytes.bytes, "\"9007199254740993\"\n5\n", 21);
    output_deinit(&output);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, writes_each_format, 0, CASES);
    tcase_add_test(tests, null_ends_records);
    tcase_add_test(tests, ids_are_strings_in_json);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

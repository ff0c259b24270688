/* SPDX-License-Identifier: MIT */
/*
 * What the daemon tells of itself: read, whatever it is; and the order of tables.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/numbers.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "tsctl/exits.h"
#include "tsctl/explained.h"
#include "tsctl/report.h"
#include "tsctl/stats_row.h"
#include "tsctl/table.h"

static struct buffer value, text;

/* The value that is written so; the last one is gone then. */
static const uint8_t *value_of(const char *notation)
{
    struct problem problem;
    buffer_clear(&value);
    ck_assert_msg(text_read_value(notation, strlen(notation), &value, &problem) == 0, "%s: %s",
                  notation, problem.text);
    return value.bytes;
}

static const char *shown(const struct buffer *bytes)
{
    buffer_clear(&text);
    text_write_value(bytes->bytes, &text);
    buffer_append_byte(&text, '\0');
    return (const char *)text.bytes;
}

START_TEST(values_of_a_map_are_found_by_their_numbers)
{
    const uint8_t *map = value_of("{1: 5, \"2\": 6, 300: true, -4: 7}");
    ck_assert_uint_eq(report_uint(map, 1), 5);
    ck_assert(report_find(map, 2) == NULL);
    ck_assert(report_bool(map, 300));
    ck_assert(report_find(map, 4) == NULL);
}
END_TEST

START_TEST(what_is_not_of_its_form_reads_as_nothing)
{
    const uint8_t *map = value_of("{1: -5, 2: \"a\", 3: 1, 4: {}, 5: []}");
    struct report_list list;
    ck_assert_uint_eq(report_uint(map, 1), 0);
    ck_assert_uint_eq(report_uint(map, 2), 0);
    ck_assert(!report_bool(map, 3));
    ck_assert(report_find(report_find(map, 4), 1) == NULL);
    ck_assert(report_find(report_find(map, 5), 1) == NULL);
    ck_assert(report_find(NULL, 1) == NULL);
    list = report_list(report_find(map, 4));
    ck_assert_uint_eq(list.count, 0);
    list = report_list(NULL);
    ck_assert(report_next(&list) == NULL);
    ck_assert_uint_eq(report_next_uint(&list), 0);
}
END_TEST

START_TEST(programs_get_names_and_fields_from_1)
{
    struct buffer out = BUFFER_INIT;
    report_indexes(&out,
                   value_of("[{1: 3, 2: 4, 3: [0, 2], 4: 1, 5: 9, 6: true, 99: 1}, {1: 77}]"));
    ck_assert_str_eq(shown(&out),
                     "[{\"kind\":\"order\",\"fields\":4,\"literals\":[1,3],\"ordered\":2,"
                     "\"tuples\":9,\"ready\":true},{\"kind\":\"other\"}]");
    buffer_clear(&out);
    report_shapes(&out, value_of("[{1: 2, 2: true, 3: [], 4: 0, 5: 6, 6: 7}]"));
    ck_assert_str_eq(shown(&out), "[{\"fields\":2,\"rest\":true,\"literals\":[],\"bounded\":1,"
                                  "\"patterns\":6,\"waits\":7}]");
    buffer_clear(&out);
    report_shapes(&out, NULL);
    ck_assert_str_eq(shown(&out), "[]");
    buffer_deinit(&out);
}
END_TEST

static const char *const no_rows[] = {"1", "[]", "[\"a\"]", "[1, {}]", "{}"};
enum { NO_ROWS = sizeof(no_rows) / sizeof(no_rows[0]) };

START_TEST(what_is_no_row_is_passed_over)
{
    struct stats_row row;
    ck_assert(!stats_row_read(value_of(no_rows[_i]), &row));
    ck_assert(stats_row_read(value_of("[\"a\", {}]"), &row));
    ck_assert_str_eq(row.name, "a");
}
END_TEST

/* ---- The order of tables ---- */

static const struct table_column columns[] = {
    {.name = "name"}, {.name = "count", .is_number = true}, {.name = "list"}};

static void print_sorted(const char *sort, bool no_headers, const char *wanted)
{
    struct options options = {.output = FORMAT_TABLE, .sort = sort, .no_headers = no_headers};
    static const struct {
        const char *name, *list;
        int count; /* -1: none */
    } rows[] = {{"b", "[]", 5}, {"c", "[1, 2]", -1}, {"a", "[1]", 30}, {"d", "[2]", 5}};
    struct output output;
    struct table table;
    output_init(&output, &options);
    table_init(&table, columns, 3);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *list = value_of(rows[i].list);
        table_row(&table);
        table_str(&table, rows[i].name);
        if (rows[i].count < 0)
            table_nil(&table);
        else
            table_uint(&table, (uint64_t)rows[i].count);
        table_value(&table, list, value.size);
    }
    ck_assert_int_eq(table_check_sort(&table, &options), 0);
    table_sort(&table, &options);
    table_print(&table, &output);
    buffer_append_byte(&output.bytes, '\0');
    ck_assert_str_eq((const char *)output.bytes.bytes, wanted);
    table_deinit(&table);
    output_deinit(&output);
}

START_TEST(rows_are_sorted_by_a_column)
{
    print_sorted(NULL, false,
                 "NAME  COUNT  LIST\nb         5  []\nc         -  [1,2]\na        30  [1]\n"
                 "d         5  [2]\n");
    print_sorted("name", false,
                 "NAME  COUNT  LIST\na        30  [1]\nb         5  []\nc         -  [1,2]\n"
                 "d         5  [2]\n");
    print_sorted("count", false,
                 "NAME  COUNT  LIST\na        30  [1]\nb         5  []\nd         5  [2]\n"
                 "c         -  [1,2]\n");
    print_sorted("list", true, "c   -  [1,2]\na  30  [1]\nd   5  [2]\nb   5  []\n");
}
END_TEST

START_TEST(a_column_that_is_not_there_is_refused)
{
    struct options options = {.sort = "size"};
    struct table table;
    table_init(&table, columns, 3);
    ck_assert_int_eq(table_check_sort(&table, &options), EXIT_USAGE);
    options.sort = NULL;
    ck_assert_int_eq(table_check_sort(&table, &options), 0);
    table_deinit(&table);
}
END_TEST

/* ---- What was explained ---- */

/* Prints what is explained of a pattern and a tuple by a report. */
static void print_explained(const char *pattern, const char *tuple, const char *report,
                            const char *wanted)
{
    struct options options = {.output = FORMAT_DEFAULT};
    struct buffer matchers = BUFFER_INIT, fields = BUFFER_INIT;
    struct problem problem;
    struct output output;
    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &matchers, &problem), 0);
    ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &fields, &problem), 0);
    const ts_result result = {.report = {value_of(report), value.size}};
    const struct explained explained = {
        .pattern = matchers.bytes, .tuple = fields.bytes, .result = &result};
    output_init(&output, &options);
    explained_print(&explained, &output);
    buffer_append_byte(&output.bytes, '\0');
    ck_assert_str_eq((const char *)output.bytes.bytes, wanted);
    output_deinit(&output);
    buffer_deinit(&matchers);
    buffer_deinit(&fields);
}

START_TEST(a_tuple_is_explained_field_by_field)
{
    print_explained("[(?int | ?nil), \"b\"]", "[1, 2]",
                    "{1: false, 2: [{1: 1, 2: 2, 3: [0], 5: 1000, 9: 7}, {1: 0, 2: 3, 5: 1}],"
                    " 5: [[true, false]]}",
                    "no     [1,2]\n"
                    "   1  ok  (?int | ?nil)  1\n"
                    "   2  no  \"b\"            2\n"
                    "index  by field 1: 7 of 1,000 tuples of 2 fields\n"
                    "       none: all 1 tuple of 3 fields\n");
    print_explained("[?, ...]", "[1]", "{1: true, 5: [[true]]}",
                    "match  [1]\n"
                    "   1  ok  ?  1\n"
                    "index  no tuple of 1 or more fields\n");
    print_explained("[...]", "[1]", "{1: true, 5: [[]]}",
                    "match  [1]\nindex  no tuple of 0 or more fields\n");
}
END_TEST

START_TEST(of_many_lengths_the_first_are_told)
{
    print_explained("[?, ...]", "[1]",
                    "{1: true, 5: [[true]], 2: [{2: 1, 5: 1}, {2: 2, 5: 1}, {2: 3, 5: 1},"
                    " {2: 4, 5: 1}, {2: 5, 5: 1}, {2: 6, 5: 1}]}",
                    "match  [1]\n"
                    "   1  ok  ?  1\n"
                    "index  none: all 1 tuple of 1 field\n"
                    "       none: all 1 tuple of 2 fields\n"
                    "       none: all 1 tuple of 3 fields\n"
                    "       none: all 1 tuple of 4 fields\n"
                    "       and so for 2 further lengths\n");
}
END_TEST

START_TEST(a_report_without_what_belongs_there_is_no_crash)
{
    print_explained("[1, 2]", "[1, 2]", "{}",
                    "no     [1,2]\n"
                    "   1  no  1  1\n"
                    "   2  no  2  2\n"
                    "index  no tuple of 2 fields\n");
    print_explained("[1]", "[1]", "{1: 5, 2: 7, 5: {}}",
                    "no     [1]\n"
                    "   1  no  1  1\n"
                    "index  no tuple of 1 field\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, values_of_a_map_are_found_by_their_numbers);
    tcase_add_test(tests, what_is_not_of_its_form_reads_as_nothing);
    tcase_add_test(tests, programs_get_names_and_fields_from_1);
    tcase_add_loop_test(tests, what_is_no_row_is_passed_over, 0, NO_ROWS);
    tcase_add_test(tests, rows_are_sorted_by_a_column);
    tcase_add_test(tests, a_column_that_is_not_there_is_refused);
    tcase_add_test(tests, a_tuple_is_explained_field_by_field);
    tcase_add_test(tests, of_many_lengths_the_first_are_told);
    tcase_add_test(tests, a_report_without_what_belongs_there_is_no_crash);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

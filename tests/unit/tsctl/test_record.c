/* SPDX-License-Identifier: MIT */
/*
 * Records and tables: what each format makes of their members.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"
#include "tsctl/record.h"
#include "tsctl/table.h"

static void text_is(struct output *output, const char *text)
{
    ck_assert_msg(output->bytes.size == strlen(text) &&
                      memcmp(output->bytes.bytes, text, output->bytes.size) == 0,
                  "wanted:\n%s\nhad:\n%.*s", text, (int)output->bytes.size,
                  (const char *)output->bytes.bytes);
}

static void read_tuple(const char *text, struct buffer *tuple)
{
    struct problem problem;
    ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, tuple, &problem), 0);
}

static const struct {
    enum format format;
    const char *text;
} records[] = {
    {FORMAT_DEFAULT,
     "{\"event\":\"put\",\"tuple\":[\"it's\",b\"aGk=\"],\"id\":\"9007199254740993\","
     "\"n\":-3,\"is-left\":1.5}\n{\"event\":\"ready\"}\n"},
    {FORMAT_JSON, "{\"event\":\"put\",\"tuple\":[\"it's\",{\"$bin\":\"aGk=\"}],"
                  "\"id\":\"9007199254740993\",\"n\":-3,\"is-left\":1.5}\n{\"event\":\"ready\"}\n"},
    {FORMAT_TSV, "put\t[\"it's\",b\"aGk=\"]\t9007199254740993\t-3\t1.5\nready\n"},
    {FORMAT_SH, "event='put' tuple='[\"it'\\''s\",b\"aGk=\"]' id='9007199254740993' n='-3' "
                "is_left='1.5'\nevent='ready'\n"},
};
enum { RECORDS = sizeof(records) / sizeof(records[0]) };

START_TEST(a_record_in_each_format)
{
    struct options options = {.output = records[_i].format};
    struct output output;
    struct record record = {0};
    struct buffer tuple = BUFFER_INIT;
    read_tuple("[\"it's\", b\"aGk=\"]", &tuple);
    output_init(&output, &options);
    record_str(&record, "event", "put");
    record_value(&record, "tuple", tuple.bytes, tuple.size);
    record_id(&record, "id", 9007199254740993);
    record_int(&record, "n", -3);
    record_seconds(&record, "is-left", 1.4999999);
    record_print(&record, &output);
    record_str(&record, "event", "ready");
    record_print(&record, &output);
    text_is(&output, records[_i].text);
    buffer_deinit(&tuple);
    record_deinit(&record);
    output_deinit(&output);
}
END_TEST

static const struct table_column columns[] = {
    {.name = "name"},
    {.name = "left", .is_number = true, .may_hide = true},
    {.name = "returns", .is_number = true, .may_hide = true},
    {.name = "tuple"},
};

/* One row whose time, and one whose count, may be there. */
static void print_table(enum format format, bool time, uint64_t returns, const char *text)
{
    struct options options = {.output = format};
    struct output output;
    struct table table;
    struct buffer tuple = BUFFER_INIT;
    read_tuple("[1]", &tuple);
    output_init(&output, &options);
    table_init(&table, columns, 4);
    for (int i = 0; i < 2; i++) {
        table_row(&table);
        table_str(&table, "a");
        if (time && i == 0)
            table_seconds(&table, 192);
        else
            table_nil(&table);
        table_uint(&table, i * returns);
        table_value(&table, tuple.bytes, tuple.size);
    }
    table_print(&table, &output);
    text_is(&output, text);
    buffer_deinit(&tuple);
    table_deinit(&table);
    output_deinit(&output);
}

START_TEST(a_column_of_nothing_is_hidden_from_people)
{
    print_table(FORMAT_TABLE, false, 0, "NAME  TUPLE\na     [1]\na     [1]\n");
    print_table(FORMAT_TABLE, true, 0, "NAME   LEFT  TUPLE\na     3m12s  [1]\na         -  [1]\n");
    print_table(FORMAT_TABLE, false, 12,
                "NAME  RETURNS  TUPLE\na           0  [1]\na          12  [1]\n");
}
END_TEST

START_TEST(no_column_is_hidden_from_programs)
{
    print_table(FORMAT_JSON, false, 0,
                "{\"name\":\"a\",\"left\":null,\"returns\":0,\"tuple\":[1]}\n"
                "{\"name\":\"a\",\"left\":null,\"returns\":0,\"tuple\":[1]}\n");
    print_table(FORMAT_TSV, true, 2, "a\t192.0\t0\t[1]\na\tnull\t2\t[1]\n");
}
END_TEST

START_TEST(a_long_tuple_is_cut_for_people)
{
    static const char digits[] = "12345678901234567890123456789012";
    static const struct table_column only[] = {{.name = "tuple"}};
    struct options options = {.output = FORMAT_TABLE};
    struct output output;
    struct table table;
    output_init(&output, &options);
    table_init(&table, only, 1);
    for (size_t cut = 0; cut < 2; cut++) { /* of 34 columns, and of 35 */
        msgpack_packer packer = buffer_packer(&table.rows);
        table_row(&table);
        msgpack_pack_array(&packer, 1);
        buffer_pack_str(&table.rows, digits, 30 + cut);
    }
    table_print(&table, &output);
    text_is(&output, "TUPLE\n[\"123456789012345678901234567890\"]\n"
                     "[\"12345678901234567890123456789...\n");
    table_deinit(&table);
    output_deinit(&output);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, a_record_in_each_format, 0, RECORDS);
    tcase_add_test(tests, a_column_of_nothing_is_hidden_from_people);
    tcase_add_test(tests, no_column_is_hidden_from_programs);
    tcase_add_test(tests, a_long_tuple_is_cut_for_people);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * `-i json` reads what `-o json` writes, and nothing but JSON.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "tsctl/json_read.h"

/* Each as the notation, and as strict JSON. */
static const struct {
    const char *notation, *json;
} pairs[] = {
    {"[1,-2,1.5,\"a\",true,null]", "[1,-2,1.5,\"a\",true,null]"},
    {"[b\"aGk=\"]", "[{\"$bin\":\"aGk=\"}]"},
    {"[x5\"aGk=\"]", "[{\"$ext\":[5,\"aGk=\"]}]"},
    {"[x-128\"\"]", "[{\"$ext\":[-128,\"\"]}]"},
    {"[inf,-inf]", "[{\"$float\":\"inf\"},{\"$float\":\"-inf\"}]"},
    {"[{1:\"a\"}]", "[{\"$map\":[[1,\"a\"]]}]"},
    {"[{[1]:{b\"aGk=\":2}}]", "[{\"$map\":[[[1],{\"$map\":[[{\"$bin\":\"aGk=\"},2]]}]]}]"},
    {"[{\"$bin\":\"aGk=\"}]", "[{\"$$bin\":\"aGk=\"}]"},
    {"[{\"$$x\":1}]", "[{\"$$$x\":1}]"},
    {"[{\"$\":1}]", "[{\"$$\":1}]"},
    {"[{\"$bin\":1,\"b\":2}]", "[{\"$bin\":1,\"b\":2}]"}, /* not its only key */
    {"[{}]", "[{}]"},
    {"[18446744073709551615,-9223372036854775808]", "[18446744073709551615,-9223372036854775808]"},
    {"[\"nan b\\\"x\\\" $f\"]", "[\"nan b\\\"x\\\" $f\"]"}, /* words in a string are no words */
};
enum { PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

static struct problem problem;

START_TEST(reads_back_what_json_has_not)
{
    struct buffer plain = BUFFER_INIT, read = BUFFER_INIT, text = BUFFER_INIT;
    const char *notation = pairs[_i].notation, *json = pairs[_i].json;
    ck_assert_int_eq(text_read_tuple(notation, strlen(notation), NULL, &plain, &problem), 0);
    ck_assert_msg(json_read_tuple(json, strlen(json), &read, &problem) == 0, "%s", problem.text);
    ck_assert_uint_eq(read.size, plain.size);
    ck_assert_mem_eq(read.bytes, plain.bytes, plain.size);
    text_write_json(read.bytes, &text);
    ck_assert_uint_eq(text.size, strlen(json));
    ck_assert_mem_eq(text.bytes, json, text.size);
    buffer_deinit(&plain);
    buffer_deinit(&read);
    buffer_deinit(&text);
}
END_TEST

/* As many levels as a tuple may have (rule V2), each of which is three in JSON; then one more. */
START_TEST(limits_are_those_of_the_tuple)
{
    struct buffer json = BUFFER_INIT, read = BUFFER_INIT, text = BUFFER_INIT;
    for (int extra = 0; extra < 2; extra++) {
        buffer_clear(&json);
        buffer_append_byte(&json, '[');
        for (int i = 1; i < LIMIT_DEPTH + extra; i++)
            buffer_printf(&json, "{\"$map\":[[1,");
        buffer_printf(&json, "{\"$bin\":\"\"}");
        for (int i = 1; i < LIMIT_DEPTH + extra; i++)
            buffer_printf(&json, "]]}");
        buffer_append_byte(&json, ']');
        ck_assert_int_eq(json_read_tuple((const char *)json.bytes, json.size, &read, &problem),
                         extra ? -TS_LIMIT : 0);
        if (extra)
            continue;
        text_write_json(read.bytes, &text);
        ck_assert_uint_eq(text.size, json.size);
        ck_assert_mem_eq(text.bytes, json.bytes, json.size);
    }
    buffer_deinit(&json);
    buffer_deinit(&read);
    buffer_deinit(&text);
}
END_TEST

/* 30,000 pairs are 60,002 values, and 90,004 in JSON. */
START_TEST(so_is_the_number_of_values)
{
    struct buffer json = BUFFER_INIT, read = BUFFER_INIT;
    buffer_printf(&json, "[{\"$map\":[");
    for (int i = 0; i < 30000; i++)
        buffer_printf(&json, "%s[%d,0]", i ? "," : "", i);
    buffer_printf(&json, "]}]");
    ck_assert_msg(json_read_tuple((const char *)json.bytes, json.size, &read, &problem) == 0, "%s",
                  problem.text);
    buffer_deinit(&json);
    buffer_deinit(&read);
}
END_TEST

START_TEST(nan_comes_back)
{
    static const char json[] = "[{\"$float\":\"nan\"}]";
    struct buffer read = BUFFER_INIT, text = BUFFER_INIT;
    ck_assert_int_eq(json_read_tuple(json, strlen(json), &read, &problem), 0);
    text_write_value(read.bytes, &text);
    ck_assert_uint_eq(text.size, 5);
    ck_assert_mem_eq(text.bytes, "[nan]", 5);
    buffer_deinit(&read);
    buffer_deinit(&text);
}
END_TEST

/* Where the caret goes, too. */
static const struct {
    const char *text;
    size_t offset;
} refused[] = {
    {"[1, nan]", 4},
    {"[-inf]", 2},
    {"[\"b\", b\"aGk=\"]", 6},
    {"[x5\"aGk=\"]", 1},
    {"[$f]", 1},
    {"[{1: 2}]", 0},
    {"[{\"$bin\": \"a\"}]", 0},
    {"[{\"$bin\": 1}]", 0},
    {"[{\"$ext\": [128, \"aGk=\"]}]", 0},
    {"[{\"$ext\": [5]}]", 0},
    {"[{\"$ext\": [\"5\", \"aGk=\"]}]", 0},
    {"[{\"$float\": \"1\"}]", 0},
    {"[{\"$map\": [[1]]}]", 0},
    {"[{\"$map\": 1}]", 0},
    {"[{\"$map\": [[1, 2], [1.0, 3]]}]", 0}, /* a repeated key */
    {"[{\"$nothing\": 1}]", 0},
    {"[{\"$map\": [[1, {\"$bin\": 1}]]}]", 0},
};
enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

START_TEST(refuses_the_notation_and_half_forms)
{
    struct buffer read = BUFFER_INIT;
    buffer_append_byte(&read, 7);
    const char *text = refused[_i].text;
    ck_assert_int_lt(json_read_tuple(text, strlen(text), &read, &problem), 0);
    ck_assert_uint_eq(problem.offset, refused[_i].offset);
    ck_assert_uint_eq(read.size, 1); /* as it was */
    buffer_deinit(&read);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_read");
    TCase *tests = tcase_create("json_read");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, reads_back_what_json_has_not, 0, PAIRS);
    tcase_add_test(tests, limits_are_those_of_the_tuple);
    tcase_add_test(tests, so_is_the_number_of_values);
    tcase_add_test(tests, nan_comes_back);
    tcase_add_loop_test(tests, refuses_the_notation_and_half_forms, 0, REFUSED);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "random_patterns.h"

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

/* --- Values -------------------------------------------------------------------------------------- */

struct good {
    const char *text;
    const char *bytes;
    size_t size;
};
#define GOOD(text, bytes)                                                                          \
    {                                                                                              \
        text, bytes, sizeof(bytes) - 1                                                             \
    }

static const struct good values[] = {
    GOOD("null", "\xc0"),
    GOOD("false", "\xc2"),
    GOOD("true", "\xc3"),
    GOOD("0", "\x00"),
    GOOD("-0", "\x00"),
    GOOD("127", "\x7f"),
    GOOD("128", "\xcc\x80"),
    GOOD("-1", "\xff"),
    GOOD("-33", "\xd0\xdf"),
    GOOD("18446744073709551615", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    GOOD("-9223372036854775808", "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
    GOOD("1.0", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("1e0", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("10E-1", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("0.1e+1", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("-0.0", "\xcb\x80\x00\x00\x00\x00\x00\x00\x00"),
    GOOD("0e999", "\xcb\x00\x00\x00\x00\x00\x00\x00\x00"),
    GOOD("5e-324", "\xcb\x00\x00\x00\x00\x00\x00\x00\x01"),
    GOOD("1.7976931348623157e308", "\xcb\x7f\xef\xff\xff\xff\xff\xff\xff"),
    GOOD("0.1000000000000000055511151231257827021181583404541015625"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
         "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"),
    GOOD("inf", "\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("-inf", "\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"),
    GOOD("nan", "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"),
    GOOD("\"\"", "\xa0"),
    GOOD("\"a\"", "\xa1"
                  "a"),
    GOOD("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\xa8\"\\/\b\f\n\r\t"),
    GOOD("\"\\u0041\\u00e4\\u20AC\"", "\xa6"
                                      "A\xc3\xa4\xe2\x82\xac"),
    GOOD("\"\\ud83d\\ude00\"", "\xa4\xf0\x9f\x98\x80"),
    GOOD("\"\\u0000\"", "\xa1\x00"),
    GOOD("\"\xc3\xa4 \x7f\"", "\xa4\xc3\xa4 \x7f"),
    GOOD("\"0123456789012345678901234567890\\n\"", "\xd9\x20"
                                                   "0123456789012345678901234567890\n"),
    GOOD("b\"\"", "\xc4\x00"),
    GOOD("b\"aGk=\"", "\xc4\x02hi"),
    GOOD("b\"aGlq\"", "\xc4\x03hij"),
    GOOD("x5\"aGk=\"", "\xd5\x05hi"),
    GOOD("x-128\"\"", "\xc7\x00\x80"),
    GOOD("x127\"aGlq\"", "\xc7\x03\x7fhij"),
    GOOD("[]", "\x90"),
    GOOD(" [ 1 ,\t[ ] ,\r\n2 ] ", "\x93\x01\x90\x02"),
    GOOD("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]]",
         "\xdc\x00\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
         "\xdc\x00\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"),
    GOOD("{}", "\x80"),
    GOOD("{\"k\": 1}", "\x81\xa1k\x01"),
    GOOD("{1: {null: []}, 1.5: true, [1]: {}}",
         "\x83\x01\x81\xc0\x90\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc3\x91\x01\x80"),
};

START_TEST(values_become_the_bytes_that_they_are)
{
    const struct good *good = &values[_i];

    buffer_clear(&out);
    int error = text_read_value(good->text, strlen(good->text), &out, &problem);
    ck_assert_msg(!error, "%s: %s", good->text, problem.text);
    ck_assert_uint_eq(out.size, good->size);
    ck_assert_mem_eq(out.bytes, good->bytes, good->size);
}
END_TEST

START_TEST(a_tuple_is_an_array_of_values)
{
    ck_assert_int_eq(read_tuple(" [1, [\"a\"]] "), 0);
    ck_assert_uint_eq(out.size, 5);
    ck_assert_mem_eq(out.bytes, "\x92\x01\x91\xa1\x61", 5);
}
END_TEST

START_TEST(output_is_appended)
{
    ck_assert_int_eq(read_tuple("[1]"), 0);
    ck_assert_int_eq(text_read_tuple("[2]", 3, NULL, &out, &problem), 0);
    ck_assert_uint_eq(out.size, 4);
    ck_assert_mem_eq(out.bytes, "\x91\x01\x91\x02", 4);
}
END_TEST

START_TEST(names_stand_for_values)
{
    ck_assert_int_eq(read_tuple("[$n, [$s], {$s: $list}]"), 0);
    ck_assert_uint_eq(out.size, 14);
    ck_assert_mem_eq(out.bytes, "\x93\x07\x91\xa2sh\x81\xa2sh\x93\x01\x02\x03", 14);
}
END_TEST

/* --- Patterns ------------------------------------------------------------------------------------ */

static const struct good patterns[] = {
    GOOD("[1]", "\x91\x92\x00\x01"),
    GOOD("[?]", "\x91\x91\x01"),
    GOOD("[...]", "\x91\x91\x02"),
    GOOD("[?nil,?bool,?int,?float,?num]", "\x95\x91\x03\x91\x04\x91\x05\x91\x06\x91\x07"),
    GOOD("[?str,?bin,?array,?map,?ext]", "\x95\x91\x08\x91\x09\x91\x0a\x91\x0b\x91\x0c"),
    GOOD("[<1, <= 2, >3, >=4, !=5]",
         "\x95\x92\x0d\x01\x92\x0e\x02\x92\x0f\x03\x92\x10\x04\x92\x11\x05"),
    GOOD("[!=[1], !={}]", "\x92\x92\x11\x91\x01\x92\x11\x80"),
    GOOD("[1..5]", "\x91\x93\x12\x01\x05"),
    GOOD("[1 .. 5]", "\x91\x93\x12\x01\x05"),
    GOOD("[-1..-2]", "\x91\x93\x12\xff\xfe"),
    GOOD("[1.0..2]", "\x91\x93\x12\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\x02"),
    GOOD("[\"a\"..\"b\"]", "\x91\x93\x12\xa1"
                           "a\xa1"
                           "b"),
    GOOD("[^\"p\", $\"s\", *\"i\"]", "\x93\x92\x13\xa1p\x92\x14\xa1s\x92\x15\xa1i"),
    GOOD("[^b\"aGk=\", $b\"aGk=\", *b\"aGk=\"]",
         "\x93\x92\x13\xc4\x02hi\x92\x14\xc4\x02hi\x92\x15\xc4\x02hi"),
    GOOD("[/a+/, /b/i, //]", "\x93\x93\x16\xa2"
                             "a+\xa0\x93\x16\xa1"
                             "b\xa1i\x93\x16\xa0\xa0"),
    GOOD("[/a\\/b\\\\/]", "\x91\x93\x16\xa5"
                          "a/b\\\\\xa0"),
    GOOD("[#3, #<3, #<=3, #>3, #>=3, #1..3]",
         "\x96\x92\x17\x92\x00\x03\x92\x17\x92\x0d\x03\x92\x17\x92\x0e\x03\x92\x17\x92\x0f\x03"
         "\x92\x17\x92\x10\x03\x92\x17\x93\x12\x01\x03"),
    /* rule P6: a nested array or map of literals only, without rest, is that literal */
    GOOD("[[1, [2]], {\"k\": 1}]", "\x92\x92\x00\x92\x01\x91\x02\x92\x00\x81\xa1k\x01"),
    GOOD("[[1, ...], {\"k\": 1, ...}]",
         "\x92\x93\x18\x92\x00\x01\x91\x02\x94\x19\xa1k\x92\x00\x01\x91\x02"),
    GOOD("[[...], {...}]", "\x92\x92\x18\x91\x02\x92\x19\x91\x02"),
    GOOD("[[], {}]", "\x92\x92\x00\x90\x92\x00\x80"),
    GOOD("[[?int, [1]], {1: ?, [2]: 3}]",
         "\x92\x93\x18\x91\x05\x92\x00\x91\x01\x95\x19\x01\x91\x01\x91\x02\x92\x00\x03"),
    GOOD("[[[?]]]", "\x91\x92\x18\x92\x18\x91\x01"),
    GOOD("[(1 | ?str)]", "\x91\x93\x1a\x92\x00\x01\x91\x08"),
    GOOD("[(>1 & <5 & !=3)]", "\x91\x94\x1b\x92\x0f\x01\x92\x0d\x05\x92\x11\x03"),
    GOOD("[((1 | 2) & !3)]", "\x91\x93\x1b\x93\x1a\x92\x00\x01\x92\x00\x02\x92\x1c\x92\x00\x03"),
    GOOD("[!?int, !!1, !!=1]",
         "\x93\x92\x1c\x91\x05\x92\x1c\x92\x1c\x92\x00\x01\x92\x1c\x92\x11\x01"),
    GOOD("[!<5]", "\x91\x92\x1c\x92\x0d\x05"),
    /* $"s" is the suffix, $s a name (rule P9) */
    GOOD("[$n, >=$n, $n..$n, #$n]",
         "\x94\x92\x00\x07\x92\x10\x07\x93\x12\x07\x07\x92\x17\x92\x00\x07"),
    GOOD("[^$s, $$s, *$b, $b]",
         "\x94\x92\x13\xa2sh\x92\x14\xa2sh\x92\x15\xc4\x01x\x92\x00\xc4\x01x"),
    GOOD("[[$list]]", "\x91\x92\x00\x91\x93\x01\x02\x03"),
    GOOD("[{$s: ?}]", "\x91\x93\x19\xa2sh\x91\x01"),
    GOOD("[1, ...]", "\x92\x92\x00\x01\x91\x02"),
    GOOD("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,...]",
         "\xdc\x00\x10\x92\x00\x01\x92\x00\x02\x92\x00\x03\x92\x00\x04\x92\x00\x05\x92\x00\x06"
         "\x92\x00\x07\x92\x00\x08\x92\x00\x09\x92\x00\x0a\x92\x00\x0b\x92\x00\x0c\x92\x00\x0d"
         "\x92\x00\x0e\x92\x00\x0f\x91\x02"),
};

START_TEST(patterns_become_the_matchers_that_they_are)
{
    const struct good *good = &patterns[_i];

    int error = read_pattern(good->text);
    ck_assert_msg(!error, "%s: %s", good->text, problem.text);
    ck_assert_msg(out.size == good->size && memcmp(out.bytes, good->bytes, out.size) == 0, "%s",
                  good->text);
}
END_TEST

START_TEST(what_was_in_the_buffer_stays_on_failure)
{
    ck_assert_int_eq(read_tuple("[1]"), 0);
    ck_assert_int_eq(text_read_tuple("[1,2,3,{1:1,1:1}]", 17, NULL, &out, &problem), -TS_MALFORMED);
    ck_assert_uint_eq(out.size, 2);
    ck_assert_mem_eq(out.bytes, "\x91\x01", 2);
}
END_TEST

START_TEST(without_names_there_are_none)
{
    buffer_clear(&out);
    ck_assert_int_eq(text_read_tuple("[$n]", 4, NULL, &out, &problem), -TS_MALFORMED);
    ck_assert_str_eq(problem.text, "there is no value for $n");
}
END_TEST

START_TEST(a_value_is_no_tuple_only)
{
    buffer_clear(&out);
    ck_assert_int_eq(text_read_value("?int", 4, &out, &problem), -TS_MALFORMED);
    ck_assert_int_eq(text_read_value("1 2", 3, &out, &problem), -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 2);
    ck_assert_str_eq(problem.text, "something follows after the end of the value");
    ck_assert_int_eq(text_read_value("", 0, &out, &problem), -TS_MALFORMED);
}
END_TEST

/* --- Limits -------------------------------------------------------------------------------------- */

/* `count` times `open`, then `middle`, then `count` times `close`, in brackets. */
static char *nested(unsigned count, const char *open, const char *middle, const char *close)
{
    static struct buffer text;

    buffer_clear(&text);
    buffer_append_byte(&text, '[');
    for (unsigned i = 0; i < count; i++)
        buffer_append(&text, open, strlen(open));
    buffer_append(&text, middle, strlen(middle));
    for (unsigned i = 0; i < count; i++)
        buffer_append(&text, close, strlen(close));
    buffer_append(&text, "]", 2);
    return (char *)text.bytes;
}

START_TEST(a_tuple_nests_32_levels)
{
    ck_assert_int_eq(read_tuple(nested(32, "[", "1", "]")), 0);
    ck_assert_int_eq(read_tuple(nested(33, "[", "1", "]")), -TS_LIMIT);
    ck_assert_uint_eq(problem.offset, 33);
    ck_assert_int_eq(read_tuple(nested(100000, "[", "1", "]")), -TS_LIMIT);
    ck_assert_int_eq(read_tuple(nested(100000, "{1:", "1", "}")), -TS_LIMIT);
}
END_TEST

START_TEST(a_pattern_nests_32_levels)
{
    ck_assert_int_eq(read_pattern(nested(32, "!", "?", "")), 0);
    ck_assert_int_eq(read_pattern(nested(33, "!", "?", "")), -TS_LIMIT);
    ck_assert_int_eq(read_pattern(nested(32, "[", "?", "]")), 0);
    ck_assert_int_eq(read_pattern(nested(33, "[", "?", "]")), -TS_LIMIT);
    ck_assert_int_eq(read_pattern(nested(32, "(1|", "?", ")")), 0);
    ck_assert_int_eq(read_pattern(nested(33, "(1|", "?", ")")), -TS_LIMIT);
    ck_assert_int_eq(read_pattern(nested(100000, "!", "?", "")), -TS_LIMIT);
    ck_assert_int_eq(read_pattern(nested(100000, "(1|", "?", ")")), -TS_LIMIT);
    ck_assert_int_eq(read_pattern(nested(100000, "[", "?", "]")), -TS_LIMIT);
}
END_TEST

/* "[1,1,...,1]" */
static char *many(unsigned count, const char *value)
{
    static struct buffer text;

    buffer_clear(&text);
    for (unsigned i = 0; i < count; i++) {
        buffer_append_byte(&text, i ? ',' : '[');
        buffer_append(&text, value, strlen(value));
    }
    buffer_append(&text, "]", 2);
    return (char *)text.bytes;
}

START_TEST(a_tuple_has_255_fields_and_65536_values)
{
    static char field[2 * 70000];

    ck_assert_int_eq(read_tuple(many(255, "1")), 0);
    ck_assert_int_eq(read_tuple(many(256, "1")), -TS_LIMIT);
    ck_assert_uint_eq(problem.offset, 0);
    (void)snprintf(field, sizeof field, "%s", many(65535, "1")); /* and the array itself */
    ck_assert_int_eq(read_tuple(many(1, field)), 0);
    ck_assert_int_eq(read_tuple(many(2, field)), -TS_LIMIT);
}
END_TEST

START_TEST(a_pattern_has_1024_matchers)
{
    static char field[3 * 1024];

    ck_assert_int_eq(read_pattern(many(255, "?")), 0);
    ck_assert_int_eq(read_pattern(many(256, "?")), -TS_LIMIT);
    (void)snprintf(field, sizeof field, "%s", many(1023, "?"));
    ck_assert_int_eq(read_pattern(many(1, field)), 0);
    (void)snprintf(field, sizeof field, "%s", many(1024, "?"));
    ck_assert_int_eq(read_pattern(many(1, field)), -TS_LIMIT);
}
END_TEST

/* --- Property ------------------------------------------------------------------------------------ */

START_TEST(random_texts_are_read_or_told_within_them)
{
    static const char signs[] = "[]{}(),:|&?<>=!^$*#/\"\\.0123456789-+eEbxui nulltrue\xc3\xa4\n";
    struct random random = random_seeded("test_text_read");

    for (unsigned i = 0; i < 50000; i++) {
        size_t size = random_below(&random, 24);
        char *text = malloc(size + 1); /* of its size, so that reading past it shows */
        ck_assert_ptr_nonnull(text);
        for (size_t c = 0; c < size; c++)
            text[c] = signs[random_below(&random, sizeof signs - 1)];
        if (size > 1 && random_below(&random, 4))
            text[0] = '[', text[size - 1] = ']';
        buffer_clear(&out);
        int error = random_below(&random, 2)
                        ? text_read_tuple(text, size, &names, &out, &problem)
                        : text_read_pattern(text, size, &names, &out, &problem);
        if (error) {
            ck_assert_uint_le(problem.offset, size);
            ck_assert_uint_eq(out.size, 0);
            ck_assert_int_eq(error, -(int)problem.status);
        }
        free(text);
    }
}
END_TEST

START_TEST(every_cut_of_a_good_text_is_told_within_it)
{
    const char *text = patterns[_i].text;

    for (size_t size = 0; size < strlen(text); size++) {
        char *cut = malloc(size + 1);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, text, size);
        buffer_clear(&out);
        ck_assert_int_eq(text_read_pattern(cut, size, &names, &out, &problem), -TS_MALFORMED);
        ck_assert_uint_le(problem.offset, size);
        free(cut);
    }
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("text_read");
    TCase *tests = tcase_create("text_read");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, values_become_the_bytes_that_they_are, 0, COUNT_OF(values));
    tcase_add_test(tests, a_tuple_is_an_array_of_values);
    tcase_add_test(tests, output_is_appended);
    tcase_add_test(tests, names_stand_for_values);
    tcase_add_loop_test(tests, patterns_become_the_matchers_that_they_are, 0, COUNT_OF(patterns));
    tcase_add_test(tests, what_was_in_the_buffer_stays_on_failure);
    tcase_add_test(tests, without_names_there_are_none);
    tcase_add_test(tests, a_value_is_no_tuple_only);
    tcase_add_test(tests, a_tuple_nests_32_levels);
    tcase_add_test(tests, a_pattern_nests_32_levels);
    tcase_add_test(tests, a_tuple_has_255_fields_and_65536_values);
    tcase_add_test(tests, a_pattern_has_1024_matchers);
    tcase_add_test(tests, random_texts_are_read_or_told_within_them);
    tcase_add_loop_test(tests, every_cut_of_a_good_text_is_told_within_it, 0, COUNT_OF(patterns));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

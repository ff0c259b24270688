/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <locale.h>

#include "protocol/pattern.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "protocol/value.h"
#include "random_patterns.h"

static struct problem problem;
static struct buffer bytes, text;
static struct pattern_room room;

static const char *text_of(void)
{
    buffer_append_byte(&text, 0);
    text.size--;
    return (const char *)text.bytes;
}

static const char *written(const uint8_t *value)
{
    buffer_clear(&text);
    text_write_value(value, &text);
    return text_of();
}

static const char *written_json(const uint8_t *value)
{
    buffer_clear(&text);
    text_write_json(value, &text);
    return text_of();
}

static const char *written_pattern(const uint8_t *pattern_bytes, size_t size)
{
    struct pattern pattern;

    room.used = 0;
    ck_assert_int_eq(
        pattern_check(pattern_bytes, pattern_bytes + size, &room, &pattern, NULL, &problem), 0);
    buffer_clear(&text);
    text_write_pattern(&pattern, &text);
    return text_of();
}

static const uint8_t *value_of(const char *notation)
{
    buffer_clear(&bytes);
    int error = text_read_value(notation, strlen(notation), &bytes, &problem);
    ck_assert_msg(!error, "%s: %s", notation, problem.text);
    return bytes.bytes;
}

/* --- Exactly this text --------------------------------------------------------------------------- */

/* What was read, as it is written, and as strict JSON where that is another. */
static const struct {
    const char *read, *written, *json;
} values[] = {
    {"[ null , true,false ]", "[null,true,false]", NULL},
    {"{\"a\": 1, \"b\" : {}}", "{\"a\":1,\"b\":{}}", NULL},
    {"18446744073709551615", "18446744073709551615", NULL},
    {"-9223372036854775808", "-9223372036854775808", NULL},
    {"1.0", "1.0", NULL},
    {"-0.0", "-0.0", NULL},
    {"0.1", "0.1", NULL},
    {"100e0", "100.0", NULL},
    {"123456789012345680.0", "1.2345678901234568e+17", NULL},
    {"1e22", "1e+22", NULL},
    {"0.30000000000000004", "0.30000000000000004", NULL},
    {"5e-324", "5e-324", NULL},
    {"2.2250738585072014e-308", "2.2250738585072014e-308", NULL},
    {"1.7976931348623157e308", "1.7976931348623157e+308", NULL},
    {"nan", "nan", "{\"$float\":\"nan\"}"},
    {"inf", "inf", "{\"$float\":\"inf\"}"},
    {"-inf", "-inf", "{\"$float\":\"-inf\"}"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"", NULL},
    {"\"\\u0000\\u001F\\u007f\\u0080\\u009f\\u00a0\"",
     "\"\\u0000\\u001f\\u007f\\u0080\\u009f\xc2\xa0\"", NULL},
    {"\"\\u00e4\\ud83d\\ude00\"", "\"\xc3\xa4\xf0\x9f\x98\x80\"", NULL},
    {"b\"\"", "b\"\"", "{\"$bin\":\"\"}"},
    {"b\"aGk=\"", "b\"aGk=\"", "{\"$bin\":\"aGk=\"}"},
    {"x5\"aGk=\"", "x5\"aGk=\"", "{\"$ext\":[5,\"aGk=\"]}"},
    {"x-128\"\"", "x-128\"\"", "{\"$ext\":[-128,\"\"]}"},
    {"[]", "[]", NULL},
    {"{}", "{}", NULL},
    {"{1: \"a\"}", "{1:\"a\"}", "{\"$map\":[[1,\"a\"]]}"},
    {"{\"a\": 1, null: [b\"\"]}", "{\"a\":1,null:[b\"\"]}",
     "{\"$map\":[[\"a\",1],[null,[{\"$bin\":\"\"}]]]}"},
    {"{\"$bin\": 1}", "{\"$bin\":1}", "{\"$$bin\":1}"},
    {"{\"$$\": 1}", "{\"$$\":1}", "{\"$$$\":1}"},
    {"{\"$\": {\"$a\": 2}}", "{\"$\":{\"$a\":2}}", "{\"$$\":{\"$$a\":2}}"},
    {"{\"$a\": 1, \"b\": 2}", "{\"$a\":1,\"b\":2}", NULL},
    {"{\"\": 1}", "{\"\":1}", NULL},
    {"[1, [2, {\"a\": [nan]}]]", "[1,[2,{\"a\":[nan]}]]", "[1,[2,{\"a\":[{\"$float\":\"nan\"}]}]]"},
};

START_TEST(values_are_written_as_this)
{
    ck_assert_str_eq(written(value_of(values[_i].read)), values[_i].written);
}
END_TEST

START_TEST(values_are_written_as_this_json)
{
    const char *expected = values[_i].json ? values[_i].json : values[_i].written;

    ck_assert_str_eq(written_json(value_of(values[_i].read)), expected);
}
END_TEST

START_TEST(a_float32_is_written_as_the_float_that_it_widens_to)
{
    buffer_clear(&bytes);
    put_float(&bytes, 0.1f);
    ck_assert_str_eq(written(bytes.bytes), "0.10000000149011612");
    buffer_clear(&bytes);
    put_float(&bytes, 0.5f);
    ck_assert_str_eq(written(bytes.bytes), "0.5");
}
END_TEST

/* Read and written again it is the same. */
static const char *const patterns[] = {
    "[1]",
    "[...]",
    "[?,...]",
    "[?nil,?bool,?int,?float,?num,?str,?bin,?array,?map,?ext]",
    "[<1,<=2,>3,>=4,!=5]",
    "[!=[1],<\"a\",>b\"aGk=\"]",
    "[1..5,1.0..2.0,-3..-2,\"a\"..\"b\",-inf..inf]",
    "[^\"p\",$\"s\",*\"i\"]",
    "[^b\"aGk=\",$b\"aGk=\",*b\"aGk=\"]",
    "[/a+/,/b/i,/a\\/b/,/\\d\\\\/]",
    "[#3,#<3,#<=3,#>3,#>=3,#1..3]",
    "[[1,[2]],{\"k\":1},[],{}]",
    "[[1,...],{\"k\":1,...},[...],{...}]",
    "[[?int,[1]],{1:?,[2]:3}]",
    "[(1 | ?str),(>1 & <5 & !=3),((1 | 2) & !3)]",
    "[!?int,!!1,!!=1,!<5,!^\"a\",!(1 | 2)]",
};

START_TEST(patterns_are_written_as_they_were_read)
{
    buffer_clear(&bytes);
    int error = text_read_pattern(patterns[_i], strlen(patterns[_i]), NULL, &bytes, &problem);
    ck_assert_msg(!error, "%s: %s", patterns[_i], problem.text);
    ck_assert_str_eq(written_pattern(bytes.bytes, bytes.size), patterns[_i]);
}
END_TEST

/* What only other clients write: rule P6 makes the same of it. */
START_TEST(matchers_of_literals_only_are_written_as_the_literal)
{
    ck_assert_str_eq(written_pattern((const uint8_t *)"\x91\x92\x18\x92\x00\x01", 6), "[[1]]");
    ck_assert_str_eq(written_pattern((const uint8_t *)"\x91\x93\x19\x02\x92\x00\x01", 7),
                     "[{2:1}]");
    ck_assert_str_eq(written_pattern((const uint8_t *)"\x91\x91\x18", 3), "[[]]");
}
END_TEST

/* A control character would move the terminal's cursor; PCRE2 reads \x0a as one. */
START_TEST(control_characters_of_an_expression_are_escaped)
{
    ck_assert_str_eq(written_pattern((const uint8_t *)"\x91\x93\x16\xa3"
                                                      "a\nb\xa0",
                                     8),
                     "[/a\\x0ab/]");
}
END_TEST

/* --- Read back ----------------------------------------------------------------------------------- */

/* Equal and of the same types all through; NaN, which equals nothing, is the same as NaN. */
static bool same(const uint8_t **a, const uint8_t **b)
{
    struct value x, y;

    *a = value_read_trusted(*a, &x);
    *b = value_read_trusted(*b, &y);
    if (x.type != y.type)
        return false;
    switch (x.type) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return x.boolean == y.boolean;
    case VALUE_INT:
        return x.negative == y.negative && x.u64 == y.u64;
    case VALUE_FLOAT:
        return (isnan(x.real) && isnan(y.real)) ||
               (x.real == y.real && signbit(x.real) == signbit(y.real));
    case VALUE_EXT:
        if (x.ext_type != y.ext_type)
            return false; /* fall through */
    case VALUE_STR:
    case VALUE_BIN:
        return x.length == y.length && (!x.length || !memcmp(x.bytes, y.bytes, x.length));
    default:
        if (x.length != y.length)
            return false;
        for (uint32_t i = 0; i < x.length * (x.type == VALUE_MAP ? 2 : 1); i++)
            if (!same(a, b))
                return false;
        return true;
    }
}

static void assert_same(const uint8_t *a, const uint8_t *b, const char *as)
{
    ck_assert_msg(same(&a, &b), "%s", as);
}

START_TEST(random_tuples_come_back)
{
    struct random random = random_seeded("test_text_write");
    struct buffer again = BUFFER_INIT;

    for (unsigned i = 0; i < 5000; i++) {
        struct source source = source_of(&random);
        buffer_clear(&bytes);
        put_random_tuple(&bytes, &source, true);
        const char *as = written(bytes.bytes);
        buffer_clear(&again);
        int error = text_read_tuple(as, text.size, NULL, &again, &problem);
        ck_assert_msg(!error, "%s: %s", as, problem.text);
        assert_same(bytes.bytes, again.bytes, as);
    }
    buffer_deinit(&again);
}
END_TEST

START_TEST(random_floats_come_back)
{
    struct random random = random_seeded("test_text_write");
    struct buffer again = BUFFER_INIT;

    for (unsigned i = 0; i < 20000; i++) {
        uint64_t bits = random_next(&random);
        double real;
        if (i % 4 == 0)
            bits &= 0x800fffffffffffff >> random_below(&random, 12); /* subnormal */
        memcpy(&real, &bits, sizeof real);
        buffer_clear(&bytes);
        if (i % 4 == 1)
            put_float(&bytes, (float)real);
        else
            put_double(&bytes, real);
        const char *as = written(bytes.bytes);
        buffer_clear(&again);
        ck_assert_int_eq(text_read_value(as, text.size, &again, &problem), 0);
        assert_same(bytes.bytes, again.bytes, as);
    }
    buffer_deinit(&again);
}
END_TEST

/* No text of fewer digits reads back as the same float. */
START_TEST(random_floats_are_as_short_as_can_be)
{
    struct random random = random_seeded("test_text_write");
    char shorter[32];

    for (unsigned i = 0; i < 5000; i++) {
        uint64_t bits = random_next(&random);
        double real;
        if (i % 2)
            bits &= 0x800fffffffffffff >> random_below(&random, 52);
        memcpy(&real, &bits, sizeof real);
        if (!isfinite(real))
            continue;
        buffer_clear(&bytes);
        put_double(&bytes, real);
        const char *as = written(bytes.bytes);
        unsigned digits = 0;
        for (const char *c = as; *c && *c != 'e'; c++)
            digits += *c >= '0' && *c <= '9';
        if (strchr(as, 'e') == NULL || digits < 2)
            continue; /* zeros that only place the point are no digits */
        (void)snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, real);
        ck_assert_msg(strtod(shorter, NULL) != real, "%s as %s", shorter, as);
    }
}
END_TEST

/* Two writings agree: an expression or a literal may have come in another form, its text has one. */
START_TEST(random_patterns_come_back)
{
    struct random random = random_seeded("test_text_write");
    struct buffer again = BUFFER_INIT, first = BUFFER_INIT;

    for (unsigned i = 0; i < 5000; i++) {
        struct source source = source_of(&random);
        buffer_clear(&bytes);
        put_random_pattern(&bytes, &source);
        const char *as = written_pattern(bytes.bytes, bytes.size);
        buffer_clear(&first);
        buffer_append(&first, as, text.size + 1);
        buffer_clear(&again);
        int error = text_read_pattern(as, text.size, NULL, &again, &problem);
        ck_assert_msg(!error, "%s: %s", as, problem.text);
        ck_assert_str_eq(written_pattern(again.bytes, again.size), (const char *)first.bytes);
    }
    buffer_deinit(&again);
    buffer_deinit(&first);
}
END_TEST

/* Matchers but ELEMENTS and PAIRS, which may become literals, come back byte for byte. */
START_TEST(the_matchers_of_a_pattern_stay)
{
    struct random random = random_seeded("test_text_write");
    struct buffer again = BUFFER_INIT;
    unsigned compared = 0;

    for (unsigned i = 0; i < 5000; i++) {
        struct source source = source_of(&random);
        bool nests = false;
        buffer_clear(&bytes);
        put_random_pattern(&bytes, &source);
        const char *as = written_pattern(bytes.bytes, bytes.size);
        for (uint32_t n = 0; n < room.used; n++)
            nests = nests || room.nodes[n].op == TSD_M_ELEMENTS || room.nodes[n].op == TSD_M_PAIRS;
        if (nests)
            continue;
        buffer_clear(&again);
        ck_assert_int_eq(text_read_pattern(as, text.size, NULL, &again, &problem), 0);
        assert_same(bytes.bytes, again.bytes, as);
        compared++;
    }
    ck_assert_uint_gt(compared, 500);
    buffer_deinit(&again);
}
END_TEST

/* What stands in strict JSON is the notation's own subset of it. */
START_TEST(random_json_is_json_and_comes_back_where_it_has_no_objects_of_ours)
{
    struct random random = random_seeded("test_text_write");
    struct buffer again = BUFFER_INIT;

    for (unsigned i = 0; i < 5000; i++) {
        struct source source = source_of(&random);
        buffer_clear(&bytes);
        put_random_tuple(&bytes, &source, true);
        const char *as = written_json(bytes.bytes);
        buffer_clear(&again);
        int error = text_read_tuple(as, text.size, NULL, &again, &problem);
        ck_assert_msg(!error, "%s: %s", as, problem.text);
        if (!strstr(as, "\"$"))
            assert_same(bytes.bytes, again.bytes, as);
    }
    buffer_deinit(&again);
}
END_TEST

/* An application of the library may have set a locale with a decimal comma. */
static bool set_comma_locale(void)
{
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "pl_PL.UTF-8", "de_DE"};

    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
        if (setlocale(LC_ALL, locales[i]))
            return true;
    return false;
}

START_TEST(the_locale_does_not_show)
{
    ck_assert(set_comma_locale());
    ck_assert_str_eq(written(value_of("[1.5, 1e300]")), "[1.5,1e+300]");
    (void)setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(without_memory_the_buffer_says_so)
{
    const uint8_t *value = value_of("[1, \"a\", {\"$x\": b\"aGk=\"}]");

    buffer_clear(&text);
    text.failed = true;
    text_write_value(value, &text);
    text_write_json(value, &text);
    ck_assert(text.failed);
    ck_assert_uint_eq(text.size, 0);
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("text_write");
    TCase *tests = tcase_create("text_write");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, values_are_written_as_this, 0, COUNT_OF(values));
    tcase_add_loop_test(tests, values_are_written_as_this_json, 0, COUNT_OF(values));
    tcase_add_test(tests, a_float32_is_written_as_the_float_that_it_widens_to);
    tcase_add_loop_test(tests, patterns_are_written_as_they_were_read, 0, COUNT_OF(patterns));
    tcase_add_test(tests, matchers_of_literals_only_are_written_as_the_literal);
    tcase_add_test(tests, control_characters_of_an_expression_are_escaped);
    tcase_add_test(tests, random_tuples_come_back);
    tcase_add_test(tests, random_floats_come_back);
    tcase_add_test(tests, random_floats_are_as_short_as_can_be);
    tcase_add_test(tests, random_patterns_come_back);
    tcase_add_test(tests, the_matchers_of_a_pattern_stay);
    tcase_add_test(tests, random_json_is_json_and_comes_back_where_it_has_no_objects_of_ours);
    if (set_comma_locale()) /* few machines have none */
        tcase_add_test(tests, the_locale_does_not_show);
    (void)setlocale(LC_ALL, "C");
    tcase_add_test(tests, without_memory_the_buffer_says_so);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

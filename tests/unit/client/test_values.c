/* SPDX-License-Identifier: MIT */
/*
 * What TS(...) becomes on the wire: tuples and patterns, shown in the notation.
 */
#include "client/values.h"
#include "protocol/tuple.h"
#include "unit/client/fake.h"

static struct pattern_room room;

static void check_tuple(ts_values values, const char *expected)
{
    struct buffer out = BUFFER_INIT, text = BUFFER_INIT;
    struct problem problem = {.text = ""};
    struct tuple_view view;

    ck_assert_msg(values_encode_tuple(&values, &out, &problem) == 0, "%s", problem.text);
    ck_assert_int_eq(tuple_check(out.bytes, out.bytes + out.size, &view, &problem), 0);
    ck_assert_uint_eq(view.size, out.size);
    text_write_value(out.bytes, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq((char *)text.bytes, expected);
    buffer_deinit(&text);
    buffer_deinit(&out);
}

/* As the same pattern written in the notation, byte for byte. */
static void check_pattern(ts_values values, const char *expected)
{
    struct buffer out = BUFFER_INIT, text = BUFFER_INIT, read = BUFFER_INIT;
    struct problem problem = {.text = ""};
    struct pattern pattern;

    ck_assert_msg(values_encode_pattern(&values, &room, &out, &problem) == 0, "%s", problem.text);
    room.used = 0;
    ck_assert_msg(pattern_check(out.bytes, out.bytes + out.size, &room, &pattern, NULL, &problem) ==
                      0,
                  "%s", problem.text);
    ck_assert_uint_eq(pattern.size, out.size);
    text_write_pattern(&pattern, &text);
    ck_assert_int_eq(text_read_pattern(expected, strlen(expected), NULL, &read, &problem), 0);
    ck_assert_msg(read.size == out.size && memcmp(read.bytes, out.bytes, out.size) == 0,
                  "%.*s is not %s", (int)text.size, (char *)text.bytes, expected);
    buffer_deinit(&read);
    buffer_deinit(&text);
    buffer_deinit(&out);
}

static void refuse_tuple(ts_values values, const char *part)
{
    struct buffer out = BUFFER_INIT;
    struct problem problem = {.text = ""};

    ck_assert_int_eq(values_encode_tuple(&values, &out, &problem), -TS_INVALID);
    ck_assert_ptr_nonnull(strstr(problem.text, part));
    buffer_deinit(&out);
}

static void refuse_pattern(ts_values values, const char *part)
{
    struct buffer out = BUFFER_INIT;
    struct problem problem = {.text = ""};

    ck_assert_int_eq(values_encode_pattern(&values, &room, &out, &problem), -TS_INVALID);
    ck_assert_msg(strstr(problem.text, part) != NULL, "%s", problem.text);
    buffer_deinit(&out);
}

START_TEST(plain_c_values_are_fields)
{
    char text[] = "array";
    const char *pointer = "pointer";
    const bool yes = true;
    const unsigned char small = 200;

    check_tuple(TS("task", 42, 3.14), "[\"task\",42,3.14]");
    check_tuple(TS(text, pointer, yes, small), "[\"array\",\"pointer\",true,200]");
    check_tuple(TS(INT64_MIN, UINT64_MAX, -1L, 1ULL, (short)-2),
                "[-9223372036854775808,18446744073709551615,-1,1,-2]");
    check_tuple(TS(0.5f, 1.0), "[0.5,1.0]");
}
END_TEST

START_TEST(other_values_have_names)
{
    const ts_bytes str = {"ab\0c", 4};

    check_tuple(TS(TS_NIL, TS_TRUE, TS_FALSE), "[null,true,false]");
    check_tuple(TS(str, TS_STR("xyz", 2), TS_STR(NULL, 0)), "[\"ab\\u0000c\",\"xy\",\"\"]");
    check_tuple(TS(TS_BIN("hi", 2), TS_EXT(5, "hi", 2)), "[b\"aGk=\",x5\"aGk=\"]");
    check_tuple(TS(TS_RAW("\x93\x01\x02\x03", 4)), "[[1,2,3]]");
}
END_TEST

START_TEST(arrays_and_maps_nest)
{
    const ts_value list[] = {TS_VALUE(1), TS_VALUE("two")};

    check_tuple(TS(TS_ARRAY(1, TS_ARRAY("x", 2.5)), TS_MAP("k", TS_ARRAY(TS_NIL), 2, "v")),
                "[[1,[\"x\",2.5]],{\"k\":[null],2:\"v\"}]");
    check_tuple(ts_list(list, 2), "[1,\"two\"]");
    check_tuple(TS(ts_value_items(TS_KIND_ARRAY, TSD_M_EQ, NULL, 0)), "[[]]");
}
END_TEST

START_TEST(as_many_as_32_fields)
{
    check_tuple(TS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                   23, 24, 25, 26, 27, 28, 29, 30, 31, 32),
                "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
                "31,32]");
}
END_TEST

START_TEST(tuples_have_no_matchers)
{
    int n;

    refuse_tuple(TS("a", TS_ANY), "field 2: a matcher");
    refuse_tuple(TS(ts_ge(1)), "field 1: a matcher");
    refuse_tuple(TS("a", 1, &n), "field 3: a pointer that is to be set");
    refuse_tuple(TS(TS_ARRAY(1, TS_ARRAY(TS_REST))), "field 1: a matcher");
    refuse_tuple(TS((const char *)NULL), "field 1: a NULL pointer");
    refuse_tuple(ts_list(NULL, 0), "without fields");
}
END_TEST

START_TEST(encoded_tuples_are_checked)
{
    check_tuple(ts_encoded("\x92\x01\x02", 3), "[1,2]");
    refuse_tuple(ts_encoded("\x92\x01", 2), "");
    refuse_tuple(ts_encoded("\x92\x01\x02\x03", 4), "bytes after the end");
    refuse_tuple(TS(TS_RAW("\x92\x01", 2)), "TS_RAW");
    refuse_tuple(TS(TS_RAW("\x01\x02", 2)), "TS_RAW has bytes after");
}
END_TEST

/* rule P10 */
START_TEST(formals_match_what_fits_them)
{
    signed char i8;
    unsigned char u8;
    short i16;
    unsigned short u16;
    int i32;
    unsigned u32;
    long i64;
    unsigned long long u64;
    double real;
    bool boolean;
    const char *text;
    ts_bytes bytes;

    check_pattern(TS(&i8, &u8), "[(?int & -128..127), (?int & 0..255)]");
    check_pattern(TS(&i16, &u16), "[(?int & -32768..32767), (?int & 0..65535)]");
    check_pattern(TS(&i32, &u32), "[(?int & -2147483648..2147483647), (?int & 0..4294967295)]");
    check_pattern(TS(&i64, &u64), "[(?int & -9223372036854775808..9223372036854775807),"
                                  " (?int & 0..18446744073709551615)]");
    check_pattern(TS(&real), "[(?float | (?int & -9007199254740992..9007199254740992))]");
    check_pattern(TS(&boolean, &text), "[?bool, (?str & !*\"\\u0000\")]");
    check_pattern(TS(&bytes, ts_bin(&bytes), ts_raw(&bytes)), "[?str, ?bin, ?]");
}
END_TEST

START_TEST(matchers_have_names)
{
    check_pattern(TS("a", 1, TS_ANY, TS_REST), "[\"a\", 1, ?, ...]");
    check_pattern(TS(TS_ANY_NIL, TS_ANY_BOOL, TS_ANY_INT, TS_ANY_FLOAT, TS_ANY_NUM, TS_ANY_STR,
                     TS_ANY_BIN, TS_ANY_ARRAY, TS_ANY_MAP, TS_ANY_EXT),
                  "[?nil, ?bool, ?int, ?float, ?num, ?str, ?bin, ?array, ?map, ?ext]");
    check_pattern(TS(ts_lt(1), ts_le(2), ts_gt(0.5), ts_ge("x"), ts_ne(TS_NIL)),
                  "[<1, <=2, >0.5, >=\"x\", !=null]");
    check_pattern(TS(ts_range(1, 2.5), ts_range("a", "b")), "[1..2.5, \"a\"..\"b\"]");
    check_pattern(TS(ts_prefix("a"), ts_suffix("b"), ts_infix(TS_BIN("c", 1))),
                  "[^\"a\", $\"b\", *b\"Yw==\"]");
    check_pattern(TS(ts_regex("a+"), ts_regex_i("b")), "[/a+/, /b/i]");
    check_pattern(TS(ts_length(3), ts_length(ts_ge(1)), ts_length(ts_range(1, 2))),
                  "[#3, #>=1, #1..2]");
    check_pattern(TS(ts_not(1), ts_or(1, "a", TS_NIL), ts_and(ts_gt(1), ts_lt(9))),
                  "[!1, (1 | \"a\" | null), (>1 & <9)]");
}
END_TEST

START_TEST(patterns_nest)
{
    int n;

    check_pattern(TS(TS_ARRAY(TS_ANY_INT, "x", TS_REST)), "[[?int, \"x\", ...]]");
    check_pattern(TS(TS_MAP("k", TS_ANY_INT)), "[{\"k\": ?int}]");
    check_pattern(TS(TS_MAP("k", TS_ARRAY(ts_ge(1)), 2, TS_ANY, TS_REST)),
                  "[{\"k\": [>=1], 2: ?, ...}]");
    check_pattern(TS(ts_not(ts_or(ts_and(1, TS_ANY), 2))), "[!((1 & ?) | 2)]");
    check_pattern(TS(ts_and(&n, ts_ge(5))), "[((?int & -2147483648..2147483647) & >=5)]");
    check_pattern(TS(ts_or(7)), "[7]");
}
END_TEST

/* rule P6 */
START_TEST(arrays_and_maps_of_values_are_literals)
{
    check_pattern(TS(TS_ARRAY(1, TS_ARRAY(2)), TS_MAP("k", 1)), "[[1, [2]], {\"k\": 1}]");
}
END_TEST

START_TEST(what_is_no_pattern_is_refused_here)
{
    int n;

    refuse_pattern(TS(TS_REST, 1), "field 1: TS_REST is not the last");
    refuse_pattern(TS(1, TS_ARRAY(TS_REST, 1)), "field 2: TS_REST is not the last");
    refuse_pattern(TS(ts_or(1, TS_REST)), "TS_REST");
    refuse_pattern(TS(ts_ge(TS_NIL)), "field 1: a comparison");
    refuse_pattern(TS(ts_range(1, TS_TRUE)), "ts_range");
    refuse_pattern(TS(ts_prefix(1)), "ts_prefix");
    refuse_pattern(TS(ts_length("x")), "ts_length");
    refuse_pattern(TS(ts_ge(ts_ge(1))), "a matcher of a matcher");
    refuse_pattern(TS(ts_not(&n)), "inside ts_or or ts_not");
    refuse_pattern(TS(ts_or(1, ts_and(&n, 2))), "inside ts_or or ts_not");
    refuse_pattern(TS((int *)NULL), "a NULL pointer");
    refuse_pattern(TS(TS_MAP("k")), "a key that has no value");
    refuse_pattern(ts_list(NULL, 0), "no pattern");
}
END_TEST

START_TEST(encoded_patterns_are_checked)
{
    check_pattern(ts_encoded("\x91\x91\x01", 3), "[?]");
    refuse_pattern(ts_encoded("\x91\x01", 2), "");
    refuse_pattern(ts_encoded("\x91\x91\x63", 3), "");
    refuse_pattern(ts_encoded("\x91\x91\x01\x01", 4), "bytes after the end");
}
END_TEST

RUN_TESTS("client/values", plain_c_values_are_fields, other_values_have_names, arrays_and_maps_nest,
          as_many_as_32_fields, tuples_have_no_matchers, encoded_tuples_are_checked,
          formals_match_what_fits_them, matchers_have_names, patterns_nest,
          arrays_and_maps_of_values_are_literals, what_is_no_pattern_is_refused_here,
          encoded_patterns_are_checked)

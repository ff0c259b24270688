/* SPDX-License-Identifier: MIT */
/*
 * Rule P10: what formals are set to, and what does not fit them.
 */
#include <math.h>

#include "client/bind.h"
#include "unit/client/fake.h"

static struct arena texts;

static ts_status bind_text(const char *tuple, ts_values pattern)
{
    struct buffer bytes = tuple_of(tuple);
    ts_status status = bind_tuple(&pattern, bytes.bytes, &texts);

    buffer_deinit(&bytes);
    return status;
}

#define FITS(tuple, ...) is(bind_text(tuple, TS(__VA_ARGS__)), TS_OK)
#define MISSES(tuple, ...) is(bind_text(tuple, TS(__VA_ARGS__)), TS_INVALID)

#define EDGES(type, low, below, high, above)                                                       \
    do {                                                                                           \
        type target;                                                                               \
        FITS("[" low "]", &target);                                                                \
        ck_assert(target == (type)strtoll(low, NULL, 10));                                         \
        FITS("[" high "]", &target);                                                               \
        ck_assert(target == (type)strtoull(high, NULL, 10));                                       \
        MISSES("[" below "]", &target);                                                            \
        MISSES("[" above "]", &target);                                                            \
        MISSES("[1.0]", &target);                                                                  \
        MISSES("[\"1\"]", &target);                                                                \
    } while (0)

START_TEST(integers_fit_their_type_or_are_refused)
{
    EDGES(signed char, "-128", "-129", "127", "128");
    EDGES(unsigned char, "0", "-1", "255", "256");
    EDGES(short, "-32768", "-32769", "32767", "32768");
    EDGES(unsigned short, "0", "-1", "65535", "65536");
    EDGES(int, "-2147483648", "-2147483649", "2147483647", "2147483648");
    EDGES(unsigned, "0", "-1", "4294967295", "4294967296");
    EDGES(long long, "-9223372036854775808", "18446744073709551615", "9223372036854775807",
          "9223372036854775808");
    EDGES(unsigned long long, "0", "-1", "18446744073709551615", "-9223372036854775808");
}
END_TEST

START_TEST(doubles_take_floats_and_ints_that_are_exact)
{
    double real;

    FITS("[0.1]", &real);
    ck_assert(real == 0.1);
    FITS("[nan]", &real);
    ck_assert(isnan(real));
    FITS("[3]", &real);
    ck_assert(real == 3.0);
    FITS("[-9007199254740992]", &real);
    ck_assert(real == -9007199254740992.0);
    MISSES("[-9007199254740993]", &real);
    FITS("[9007199254740992]", &real);
    MISSES("[9007199254740993]", &real);
    MISSES("[true]", &real);
}
END_TEST

START_TEST(bools_strs_and_bins)
{
    struct buffer tuple = tuple_of("[true, \"ab\", \"\", b\"aGk=\"]");
    ts_bytes str, bin, raw;
    const char *text;
    bool boolean = false;
    ts_values pattern = TS(&boolean, &str, &text, ts_bin(&bin));

    is(bind_tuple(&pattern, tuple.bytes, &texts), TS_OK);
    ck_assert(boolean);
    ck_assert_uint_eq(str.size, 2);
    ck_assert_mem_eq(str.bytes, "ab", 2);
    ck_assert_str_eq(text, "");
    ck_assert_mem_eq(bin.bytes, "hi", bin.size);
    pattern = TS(ts_raw(&raw), TS_REST);
    is(bind_tuple(&pattern, tuple.bytes, &texts), TS_OK);
    ck_assert_mem_eq(raw.bytes, "\xc3", raw.size);
    buffer_deinit(&tuple);

    MISSES("[1]", &boolean);
    MISSES("[b\"aGk=\"]", &str);
    MISSES("[\"hi\"]", ts_bin(&bin));
}
END_TEST

START_TEST(texts_end_with_nul_and_have_none_inside)
{
    const char *first, *second;

    FITS("[\"one\", \"two\"]", &first, &second);
    ck_assert_str_eq(first, "one");
    ck_assert_str_eq(second, "two");
    MISSES("[\"a\\u0000b\"]", &first);
    MISSES("[b\"aGk=\"]", &first);
}
END_TEST

START_TEST(texts_stay_where_they_are_while_more_are_bound)
{
    const char *first, *other;
    char tuple[64];

    arena_clear(&texts);
    FITS("[\"the first\"]", &first);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(tuple, sizeof(tuple), "[\"number %d\"]", i);
        is(bind_text(tuple, TS(&other)), TS_OK);
    }
    ck_assert_str_eq(first, "the first");
    ck_assert_str_eq(other, "number 999");
    arena_deinit(&texts);
}
END_TEST

START_TEST(only_formals_are_looked_at)
{
    int id = 0;

    FITS("[\"x\", 1, 7]", "y", ts_ge(100), &id);
    ck_assert_int_eq(id, 7);
    FITS("[7]", TS_ANY);
}
END_TEST

START_TEST(formals_in_arrays_and_maps)
{
    int a = 0, b = 0, c = 0;

    FITS("[[1, [2, 3, 4]]]", TS_ARRAY(&a, TS_ARRAY(TS_ANY, &b, TS_REST)));
    ck_assert_int_eq(a, 1);
    ck_assert_int_eq(b, 3);
    FITS("[{\"x\": 1, \"k\": 5, 2: [6]}]", TS_MAP(2.0, TS_ARRAY(&b), "k", &c, TS_REST));
    ck_assert_int_eq(b, 6);
    ck_assert_int_eq(c, 5);
    MISSES("[{\"x\": 1}]", TS_MAP("k", &c, TS_REST));
    MISSES("[[1]]", TS_ARRAY(&a, &b));
    MISSES("[1]", TS_ARRAY(&a));
}
END_TEST

START_TEST(an_and_binds_all_of_its_operands)
{
    int number = 0;
    double real = 0;

    FITS("[9]", ts_and(&number, ts_ge(5), &real));
    ck_assert_int_eq(number, 9);
    ck_assert(real == 9.0);
}
END_TEST

RUN_TESTS("client/bind", integers_fit_their_type_or_are_refused,
          doubles_take_floats_and_ints_that_are_exact, bools_strs_and_bins,
          texts_end_with_nul_and_have_none_inside, texts_stay_where_they_are_while_more_are_bound,
          only_formals_are_looked_at, formals_in_arrays_and_maps, an_and_binds_all_of_its_operands)

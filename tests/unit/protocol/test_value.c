/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/value.h"

/* A copy of just these bytes on the heap, so that ASan sees whoever reads past them. */
static uint8_t *bytes, *end;

static void put(const void *from, size_t size)
{
    free(bytes);
    bytes = malloc(size ? size : 1);
    memcpy(bytes, from, size);
    end = bytes + size;
}

/* Both readers and both skips find the end of a scalar, and no end before the last byte is there. */
static struct value read_scalar(const char *from, size_t size, enum value_type type)
{
    struct value value, trusted;

    for (size_t cut = 0; cut < size; cut++) {
        put(from, cut);
        ck_assert_ptr_null(value_read(bytes, end, &value));
        ck_assert_ptr_null(value_skip(bytes, end));
    }
    put(from, size);
    ck_assert_ptr_eq(value_read(bytes, end, &value), end);
    ck_assert_ptr_eq(value_read_trusted(bytes, &trusted), end);
    ck_assert_ptr_eq(value_skip(bytes, end), end);
    ck_assert_ptr_eq(value_skip_trusted(bytes), end);
    ck_assert_int_eq(value.type, type);
    ck_assert_int_eq(trusted.type, type);
    ck_assert_int_eq(value_type_of(bytes), type);
    return value;
}

START_TEST(nil_and_bools)
{
    read_scalar("\xc0", 1, VALUE_NIL);
    ck_assert(!read_scalar("\xc2", 1, VALUE_BOOL).boolean);
    ck_assert(read_scalar("\xc3", 1, VALUE_BOOL).boolean);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    int64_t number;
} ints[] = {
    {"\x00", 1, 0},
    {"\x7f", 1, 127},
    {"\xff", 1, -1},
    {"\xe0", 1, -32},
    {"\xcc\x00", 2, 0},
    {"\xcc\xff", 2, 255},
    {"\xcd\x00\x01", 3, 1},
    {"\xcd\xff\xfe", 3, 65534},
    {"\xce\x00\x00\x00\x01", 5, 1},
    {"\xce\xff\xff\xff\xfe", 5, 4294967294},
    {"\xcf\x00\x00\x00\x00\x00\x00\x00\x01", 9, 1},
    {"\xcf\x7f\xff\xff\xff\xff\xff\xff\xff", 9, INT64_MAX},
    {"\xd0\x05", 2, 5},
    {"\xd0\x80", 2, -128},
    {"\xd1\x00\x05", 3, 5},
    {"\xd1\x80\x00", 3, -32768},
    {"\xd2\x00\x00\x00\x05", 5, 5},
    {"\xd2\x80\x00\x00\x00", 5, INT32_MIN},
    {"\xd3\x00\x00\x00\x00\x00\x00\x00\x05", 9, 5},
    {"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9, INT64_MIN},
};
enum { INTS = sizeof ints / sizeof ints[0] };

START_TEST(ints_of_every_form)
{
    struct value value = read_scalar(ints[_i].bytes, ints[_i].size, VALUE_INT);

    ck_assert_int_eq(value.i64, ints[_i].number);
    ck_assert_int_eq(value.negative, ints[_i].number < 0);
}
END_TEST

START_TEST(greatest_int)
{
    struct value value = read_scalar("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, VALUE_INT);

    ck_assert_uint_eq(value.u64, UINT64_MAX);
    ck_assert(!value.negative);
}
END_TEST

START_TEST(floats)
{
    ck_assert(read_scalar("\xca\x3f\xc0\x00\x00", 5, VALUE_FLOAT).real == 1.5);
    ck_assert(read_scalar("\xcb\xbf\xf8\x00\x00\x00\x00\x00\x00", 9, VALUE_FLOAT).real == -1.5);
    ck_assert(isnan(read_scalar("\xca\x7f\xc0\x00\x00", 5, VALUE_FLOAT).real));
}
END_TEST

START_TEST(float32_widens) /* rule V3 */
{
    struct value value = read_scalar("\xca\x3d\xcc\xcc\xcd", 5, VALUE_FLOAT);

    ck_assert(value.real == (double)0.1f);
    ck_assert(value.real != 0.1);
}
END_TEST

static const struct {
    const char *head;
    size_t head_size;
    enum value_type type;
    uint32_t length;
} runs[] = {
    {"\xa0", 1, VALUE_STR, 0},
    {"\xa3", 1, VALUE_STR, 3},
    {"\xbf", 1, VALUE_STR, 31},
    {"\xd9\x00", 2, VALUE_STR, 0},
    {"\xd9\xff", 2, VALUE_STR, 255},
    {"\xda\x01\x02", 3, VALUE_STR, 258},
    {"\xdb\x00\x00\x00\x02", 5, VALUE_STR, 2},
    {"\xc4\x03", 2, VALUE_BIN, 3},
    {"\xc5\x01\x02", 3, VALUE_BIN, 258},
    {"\xc6\x00\x00\x00\x02", 5, VALUE_BIN, 2},
    {"\xd4\xf9", 2, VALUE_EXT, 1},
    {"\xd5\xf9", 2, VALUE_EXT, 2},
    {"\xd6\xf9", 2, VALUE_EXT, 4},
    {"\xd7\xf9", 2, VALUE_EXT, 8},
    {"\xd8\xf9", 2, VALUE_EXT, 16},
    {"\xc7\x00\xf9", 3, VALUE_EXT, 0},
    {"\xc7\x03\xf9", 3, VALUE_EXT, 3},
    {"\xc8\x01\x02\xf9", 4, VALUE_EXT, 258},
    {"\xc9\x00\x00\x00\x02\xf9", 6, VALUE_EXT, 2},
};
enum { RUNS = sizeof runs / sizeof runs[0] };

START_TEST(strs_bins_and_exts_of_every_form)
{
    char whole[300];

    memset(whole, 'x', sizeof whole);
    memcpy(whole, runs[_i].head, runs[_i].head_size);
    struct value value = read_scalar(whole, runs[_i].head_size + runs[_i].length, runs[_i].type);
    ck_assert_uint_eq(value.length, runs[_i].length);
    ck_assert_ptr_eq(value.bytes, bytes + runs[_i].head_size);
    if (runs[_i].type == VALUE_EXT)
        ck_assert_int_eq(value.ext_type, -7);
}
END_TEST

static const struct {
    const char *head;
    size_t head_size;
    enum value_type type;
    uint32_t length, inside;
} containers[] = {
    {"\x90", 1, VALUE_ARRAY, 0, 0},
    {"\x92", 1, VALUE_ARRAY, 2, 2},
    {"\x9f", 1, VALUE_ARRAY, 15, 15},
    {"\xdc\x01\x02", 3, VALUE_ARRAY, 258, 258},
    {"\xdd\x00\x00\x00\x02", 5, VALUE_ARRAY, 2, 2},
    {"\x80", 1, VALUE_MAP, 0, 0},
    {"\x82", 1, VALUE_MAP, 2, 4},
    {"\x8f", 1, VALUE_MAP, 15, 30},
    {"\xde\x00\x82", 3, VALUE_MAP, 130, 260},
    {"\xdf\x00\x00\x00\x02", 5, VALUE_MAP, 2, 4},
};
enum { CONTAINERS = sizeof containers / sizeof containers[0] };

/* A head is read, what is inside comes next; a skip goes over all of it. */
START_TEST(arrays_and_maps_of_every_form)
{
    char whole[300];
    size_t head_size = containers[_i].head_size, size = head_size + containers[_i].inside;
    struct value value;

    memset(whole, 1, sizeof whole);
    memcpy(whole, containers[_i].head, head_size);
    for (size_t cut = 0; cut < size; cut++) {
        put(whole, cut);
        ck_assert_ptr_null(value_skip(bytes, end));
        if (cut < head_size)
            ck_assert_ptr_null(value_read(bytes, end, &value));
    }
    put(whole, size);
    ck_assert_ptr_eq(value_read(bytes, end, &value), bytes + head_size);
    ck_assert_int_eq(value.type, containers[_i].type);
    ck_assert_uint_eq(value.length, containers[_i].length);
    ck_assert_ptr_eq(value_read_trusted(bytes, &value), bytes + head_size);
    ck_assert_ptr_eq(value_skip(bytes, end), end);
    ck_assert_ptr_eq(value_skip_trusted(bytes), end);
}
END_TEST

START_TEST(unused_byte_is_no_value)
{
    struct value value;

    put("\xc1", 1);
    ck_assert_ptr_null(value_read(bytes, end, &value));
    ck_assert_ptr_null(value_skip(bytes, end));
    put("\x92\x01\xc1", 3);
    ck_assert_ptr_null(value_skip(bytes, end));
}
END_TEST

/* Five million levels: the thread's stack is not what holds them. */
START_TEST(skip_does_not_recurse)
{
    enum { LEVELS = 5000000 };
    uint8_t *deep = calloc(1, LEVELS);

    memset(deep, 0x91, LEVELS);
    ck_assert_ptr_null(value_skip(deep, deep + LEVELS));
    deep[LEVELS - 1] = 0xc0;
    ck_assert_ptr_eq(value_skip(deep, deep + LEVELS), deep + LEVELS);
    free(deep);
}
END_TEST

START_TEST(skip_refuses_empty_promises_at_once)
{
    put("\xdd\xff\xff\xff\xff\x01\x01", 7);
    ck_assert_ptr_null(value_skip(bytes, end));
    put("\xdf\xff\xff\xff\xff\x01\x01", 7);
    ck_assert_ptr_null(value_skip(bytes, end));
}
END_TEST

START_TEST(skip_stops_behind_the_value)
{
    put("\x92\x01\xa1x\x05", 5);
    ck_assert_ptr_eq(value_skip(bytes, end), bytes + 4);
}
END_TEST

START_TEST(types_have_names)
{
    ck_assert_str_eq(value_type_name(VALUE_NIL), "nil");
    ck_assert_str_eq(value_type_name(VALUE_EXT), "ext");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value");
    TCase *tests = tcase_create("value");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, nil_and_bools);
    tcase_add_loop_test(tests, ints_of_every_form, 0, INTS);
    tcase_add_test(tests, greatest_int);
    tcase_add_test(tests, floats);
    tcase_add_test(tests, float32_widens);
    tcase_add_loop_test(tests, strs_bins_and_exts_of_every_form, 0, RUNS);
    tcase_add_loop_test(tests, arrays_and_maps_of_every_form, 0, CONTAINERS);
    tcase_add_test(tests, unused_byte_is_no_value);
    tcase_add_test(tests, skip_does_not_recurse);
    tcase_add_test(tests, skip_refuses_empty_promises_at_once);
    tcase_add_test(tests, skip_stops_behind_the_value);
    tcase_add_test(tests, types_have_names);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

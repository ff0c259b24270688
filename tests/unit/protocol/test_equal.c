/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/equal.h"
#include "unit/protocol/no_memory.h"

static const struct hash_key key = {1, 2};

#define BYTES(text) ((const uint8_t *)(text))

/* Both ways, and the hashes with it (rule V4). */
#define ck_assert_equal(a, b)                                                                      \
    do {                                                                                           \
        ck_assert(value_equal(BYTES(a), BYTES(b)));                                                \
        ck_assert(value_equal(BYTES(b), BYTES(a)));                                                \
        ck_assert_uint_eq(value_hash(&key, BYTES(a)), value_hash(&key, BYTES(b)));                 \
    } while (0)

#define ck_assert_differ(a, b)                                                                     \
    do {                                                                                           \
        ck_assert(!value_equal(BYTES(a), BYTES(b)));                                               \
        ck_assert(!value_equal(BYTES(b), BYTES(a)));                                               \
        ck_assert_uint_ne(value_hash(&key, BYTES(a)), value_hash(&key, BYTES(b)));                 \
    } while (0)

#define ck_assert_less(a, b)                                                                       \
    do {                                                                                           \
        ck_assert_int_eq(value_compare(BYTES(a), BYTES(b)), ORDER_LESS);                           \
        ck_assert_int_eq(value_compare(BYTES(b), BYTES(a)), ORDER_GREATER);                        \
    } while (0)

#define ck_assert_same_order(a, b)                                                                 \
    do {                                                                                           \
        ck_assert_int_eq(value_compare(BYTES(a), BYTES(b)), ORDER_EQUAL);                          \
        ck_assert_int_eq(value_compare(BYTES(b), BYTES(a)), ORDER_EQUAL);                          \
    } while (0)

#define ck_assert_unordered(a, b)                                                                  \
    do {                                                                                           \
        ck_assert_int_eq(value_compare(BYTES(a), BYTES(b)), ORDER_NONE);                           \
        ck_assert_int_eq(value_compare(BYTES(b), BYTES(a)), ORDER_NONE);                           \
    } while (0)

#define NIL "\xc0"
#define NO "\xc2"
#define YES "\xc3"
#define ZERO "\xcb\x00\x00\x00\x00\x00\x00\x00\x00"
#define MINUS_ZERO "\xcb\x80\x00\x00\x00\x00\x00\x00\x00"
#define ONE "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"
#define ONE32 "\xca\x3f\x80\x00\x00"
#define ONE_HALF "\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00"
#define TENTH "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"
#define TENTH32 "\xca\x3d\xcc\xcc\xcd"
#define NAN64 "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"
#define INFINITE "\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"
#define MINUS_INFINITE "\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"
#define TWO53 "\xcb\x43\x40\x00\x00\x00\x00\x00\x00"
#define INT_TWO53 "\xcf\x00\x20\x00\x00\x00\x00\x00\x00"
#define INT_TWO53_1 "\xcf\x00\x20\x00\x00\x00\x00\x00\x01"
#define TWO63 "\xcb\x43\xe0\x00\x00\x00\x00\x00\x00"
#define INT_TWO63 "\xcf\x80\x00\x00\x00\x00\x00\x00\x00"
#define INT_TWO63_LESS "\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"
#define TWO64 "\xcb\x43\xf0\x00\x00\x00\x00\x00\x00"
#define INT_GREATEST "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"
#define MINUS_TWO63 "\xcb\xc3\xe0\x00\x00\x00\x00\x00\x00"
#define INT_LEAST "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"
#define MINUS_HALF "\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"
#define MINUS_ONE_HALF "\xcb\xbf\xf8\x00\x00\x00\x00\x00\x00" /* -1.5 */

START_TEST(ints_however_packed) /* rule V3, as all here */
{
    ck_assert_equal("\x05", "\xcc\x05");
    ck_assert_equal("\x05", "\xd3\x00\x00\x00\x00\x00\x00\x00\x05");
    ck_assert_equal("\xff", "\xd1\xff\xff");
    ck_assert_differ("\x05", "\x06");
    ck_assert_differ("\xff", INT_GREATEST);
    ck_assert_differ(INT_LEAST, INT_TWO63);
}
END_TEST

START_TEST(int_and_float_of_one_value)
{
    ck_assert_equal("\x01", ONE);
    ck_assert_equal("\x01", ONE32);
    ck_assert_differ("\x01", ONE_HALF);
    ck_assert_equal("\x00", ZERO);
    ck_assert_equal("\x00", MINUS_ZERO);
    ck_assert_equal(ZERO, MINUS_ZERO);
}
END_TEST

START_TEST(int_and_float_exactly)
{
    ck_assert_equal(INT_TWO53, TWO53);
    ck_assert_differ(INT_TWO53_1, TWO53);
    ck_assert_equal(INT_TWO63, TWO63);
    ck_assert_differ(INT_TWO63_LESS, TWO63);
    ck_assert_differ(INT_GREATEST, TWO64);
    ck_assert_equal(INT_LEAST, MINUS_TWO63);
    ck_assert_differ(INT_TWO63, MINUS_TWO63);
    ck_assert_differ(INT_LEAST, TWO63);
}
END_TEST

START_TEST(float32_is_widened)
{
    ck_assert_equal(ONE, ONE32);
    ck_assert_differ(TENTH, TENTH32);
}
END_TEST

START_TEST(nan_equals_nothing)
{
    static const uint8_t nan[] = NAN64, in_array[] = "\x91" NAN64, in_map[] = "\x81\x01" NAN64,
                         as_key[] = "\x81" NAN64 "\x01",
                         deep[] = "\x81\x92\x01\x81" NAN64 "\x01\x01";
    ck_assert(!value_equal(nan, nan));
    ck_assert(!value_equal(nan, BYTES("\x01")));
    ck_assert(!value_equal(in_array, in_array));
    ck_assert(!value_equal(in_map, in_map));
    ck_assert(!value_equal(as_key, as_key));
    ck_assert(!value_equal(deep, deep));
}
END_TEST

START_TEST(types_never_meet)
{
    static const char *const different[] = {NIL,        NO,     YES,    "\x02",         "\xa0",
                                            "\xc4\x00", "\x90", "\x80", "\xd4\x00\x00", INFINITE};
    enum { COUNT = sizeof different / sizeof different[0] };

    for (int i = 0; i < COUNT; i++)
        for (int j = i + 1; j < COUNT; j++)
            ck_assert_differ(different[i], different[j]);
    ck_assert_differ(NO, "\x00");
    ck_assert_differ(YES, "\x01");
    ck_assert_differ(NIL, "\x00");
}
END_TEST

START_TEST(strs_and_bins)
{
    ck_assert_equal("\xa2xy", "\xda\x00\x02xy");
    ck_assert_differ("\xa2xy", "\xa2xz");
    ck_assert_differ("\xa2xy", "\xa3xyz");
    ck_assert_differ("\xa2xy", "\xc4\x02xy");
    ck_assert_equal("\xc4\x02xy", "\xc5\x00\x02xy");
    ck_assert_differ("\xa1\x00", "\xa2\x00\x00");
}
END_TEST

START_TEST(exts_by_type_and_bytes)
{
    ck_assert_equal("\xd4\x05x", "\xc7\x01\x05x");
    ck_assert_differ("\xd4\x05x", "\xd4\x06x");
    ck_assert_differ("\xd4\x05x", "\xd4\x05y");
    /* one time as a timestamp of 32 and of 64 bits */
    ck_assert_differ("\xd6\xff\x00\x00\x00\x01", "\xd7\xff\x00\x00\x00\x00\x00\x00\x00\x01");
}
END_TEST

START_TEST(arrays_by_element)
{
    ck_assert_equal("\x92\x01\xa1x", "\xdc\x00\x02" ONE "\xd9\x01x");
    ck_assert_differ("\x92\x01\x02", "\x92\x02\x01");
    ck_assert_differ("\x91\x01", "\x92\x01\x01");
    ck_assert_differ("\x91\x01", "\x01");
    ck_assert_differ("\x92\x91\x01\x02", "\x92\x01\x91\x02");
}
END_TEST

START_TEST(maps_in_any_order)
{
    ck_assert_equal("\x82\x01\xa1x\x02\xa1y", "\x82\x02\xa1y\x01\xa1x");
    ck_assert_equal("\x82\x01\xa1x\x02\xa1y", "\xde\x00\x02\xca\x40\x00\x00\x00\xa1y\x01\xa1x");
    ck_assert_differ("\x82\x01\xa1x\x02\xa1y", "\x82\x02\xa1x\x01\xa1y");
    ck_assert_differ("\x82\x01\xa1x\x02\xa1y", "\x82\x01\xa1x\x03\xa1y");
    ck_assert_differ("\x81\x01\xa1x", "\x82\x01\xa1x\x02\xa1y");
    ck_assert_differ("\x81\x01\x02", "\x92\x01\x02");
    ck_assert_equal("\x80", "\xde\x00\x00");
}
END_TEST

START_TEST(maps_with_maps_as_keys)
{
    /* {{1: 2, 3: 4}: 5, [6]: 7}, then its pairs and those of the key the other way round */
    ck_assert_equal("\x82\x82\x01\x02\x03\x04\x05\x91\x06\x07",
                    "\x82\x91\x06\x07\x82\x03\x04\x01\x02\x05");
    ck_assert_differ("\x82\x82\x01\x02\x03\x04\x05\x91\x06\x07",
                     "\x82\x91\x06\x07\x82\x03\x02\x01\x04\x05");
    ck_assert_differ("\x82\x82\x01\x02\x03\x04\x05\x91\x06\x07",
                     "\x82\x91\x06\x05\x82\x03\x04\x01\x02\x07");
}
END_TEST

START_TEST(what_follows_a_map_is_compared_too)
{
    ck_assert_differ("\x92\x82\x01\xa1x\x02\xa1y\x05", "\x92\x82\x02\xa1y\x01\xa1x\x06");
    ck_assert_equal("\x92\x82\x01\xa1x\x02\xa1y\x05", "\x92\x82\x02\xa1y\x01\xa1x\x05");
    ck_assert_equal("\x92\x82\x91\x01\xa1x\x02\xa1y\x05", "\x92\x82\x02\xa1y\x91\x01\xa1x\x05");
    ck_assert_differ("\x92\x82\x91\x01\xa1x\x02\xa1y\x05", "\x92\x82\x02\xa1y\x91\x01\xa1x\x06");
}
END_TEST

enum { MANY = 30000 };

static void put_many(struct buffer *out, uint32_t count, bool backwards, uint32_t other)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_map(&packer, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = backwards ? count - 1 - i : i;
        msgpack_pack_uint32(&packer, number);
        msgpack_pack_uint32(&packer, number == other ? UINT32_MAX : 2 * number);
    }
}

/* Just above the number up to which keys are looked for one by one, and far above. */
static const uint32_t counts[] = {8, 9, 10, 16, 17, 100, MANY};
enum { COUNTS = sizeof counts / sizeof counts[0] };

START_TEST(maps_of_many_keys) /* rule V6 */
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT, c = BUFFER_INIT;

    put_many(&a, counts[_i], false, UINT32_MAX);
    put_many(&b, counts[_i], true, UINT32_MAX);
    put_many(&c, counts[_i], true, counts[_i] / 2);
    ck_assert_equal(a.bytes, b.bytes);
    ck_assert_differ(a.bytes, c.bytes);
    buffer_deinit(&a);
    buffer_deinit(&b);
    buffer_deinit(&c);
}
END_TEST

/* [map, last] */
static void put_many_and(struct buffer *out, bool backwards, uint32_t other, uint8_t last)
{
    buffer_append_byte(out, 0x92);
    put_many(out, 100, backwards, other);
    buffer_append_byte(out, last);
}

START_TEST(maps_of_many_keys_without_memory)
{
    struct buffer a = BUFFER_INIT, same = BUFFER_INIT, value = BUFFER_INIT, after = BUFFER_INIT;

    put_many_and(&a, false, UINT32_MAX, 5);
    put_many_and(&same, true, UINT32_MAX, 5);
    put_many_and(&value, true, 50, 5);
    put_many_and(&after, true, UINT32_MAX, 6);
    no_memory = true;
    bool equal_same = value_equal(a.bytes, same.bytes);
    bool equal_value = value_equal(a.bytes, value.bytes);
    bool equal_after = value_equal(a.bytes, after.bytes);
    no_memory = false;
    ck_assert(equal_same);
    ck_assert(!equal_value);
    ck_assert(!equal_after);
    buffer_deinit(&a);
    buffer_deinit(&same);
    buffer_deinit(&value);
    buffer_deinit(&after);
}
END_TEST

/* A map that is the only key of a map that is the only key ...: each level is hashed once. */
static void put_keys_in_keys(struct buffer *out, unsigned levels, bool backwards)
{
    for (unsigned i = 0; i < levels; i++)
        buffer_append_byte(out, 0x81);
    put_many(out, MANY, backwards, UINT32_MAX);
    for (unsigned i = 0; i < levels; i++)
        buffer_append_byte(out, 0xc0);
}

START_TEST(keys_in_keys)
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT;

    put_keys_in_keys(&a, 31, false);
    put_keys_in_keys(&b, 31, true);
    ck_assert_equal(a.bytes, b.bytes);
    b.bytes[b.size - 1] = 0xc2; /* the value of the outermost key */
    ck_assert_differ(a.bytes, b.bytes);
    buffer_deinit(&a);
    buffer_deinit(&b);
}
END_TEST

START_TEST(numbers_in_order) /* rule V5, as all that follow */
{
    ck_assert_less("\x01", "\x02");
    ck_assert_less("\xff", "\x00");
    ck_assert_less("\xe0", "\xff");
    ck_assert_less(INT_LEAST, INT_GREATEST);
    ck_assert_same_order("\x05", "\xcc\x05");
    ck_assert_less(ONE_HALF, ONE);
    ck_assert_same_order(ZERO, MINUS_ZERO);
    ck_assert_less(MINUS_INFINITE, INFINITE);
}
END_TEST

START_TEST(ints_and_floats_in_order)
{
    ck_assert_same_order("\x01", ONE);
    ck_assert_less("\x00", ONE_HALF);
    ck_assert_less(ONE_HALF, "\x01");
    ck_assert_less(MINUS_HALF, "\x00");
    ck_assert_less("\xff", MINUS_HALF);
    ck_assert_less(MINUS_ONE_HALF, "\xff");
    ck_assert_less("\xfe", MINUS_ONE_HALF);
    ck_assert_same_order(INT_TWO53, TWO53);
    ck_assert_less(TWO53, INT_TWO53_1);
    ck_assert_less(INT_TWO63_LESS, TWO63);
    ck_assert_same_order(INT_TWO63, TWO63);
    ck_assert_less(INT_GREATEST, TWO64);
    ck_assert_less(INT_GREATEST, INFINITE);
    ck_assert_less(MINUS_INFINITE, INT_LEAST);
    ck_assert_same_order(MINUS_TWO63, INT_LEAST);
    ck_assert_less(TENTH, TENTH32);
}
END_TEST

START_TEST(nan_has_no_order)
{
    ck_assert_unordered(NAN64, NAN64);
    ck_assert_unordered(NAN64, "\x01");
    ck_assert_unordered(NAN64, INFINITE);
}
END_TEST

START_TEST(strs_and_bins_bytewise)
{
    ck_assert_less("\xa1x", "\xa1y");
    ck_assert_less("\xa1x", "\xa2xx");
    ck_assert_less("\xa0", "\xa1\x00");
    ck_assert_less("\xa1z", "\xa2\xc3\xa4");
    ck_assert_same_order("\xa1x", "\xd9\x01x");
    ck_assert_less("\xc4\x01\x7f", "\xc4\x01\x80");
}
END_TEST

START_TEST(other_pairs_have_no_order)
{
    ck_assert_unordered("\xa1x", "\xc4\x01x");
    ck_assert_unordered("\x01", "\xa1x");
    ck_assert_unordered(NIL, NIL);
    ck_assert_unordered(NO, YES);
    ck_assert_unordered("\x91\x01", "\x91\x02");
    ck_assert_unordered("\x80", "\x80");
    ck_assert_unordered("\xd4\x05\x01", "\xd4\x05\x02");
}
END_TEST

START_TEST(the_key_of_the_hash_counts)
{
    static const struct hash_key other = {1, 3};
    ck_assert_uint_ne(value_hash(&key, BYTES("\x01")), value_hash(&other, BYTES("\x01")));
    ck_assert_uint_ne(value_hash(&key, BYTES("\x81\x01\x01")),
                      value_hash(&other, BYTES("\x81\x01\x01")));
}
END_TEST

/* Short ones are hashed by a way of their own, which is that of the longer forms, too. */
START_TEST(strs_hash_alike_in_every_form)
{
    const size_t size = (size_t)_i;
    uint8_t fixed[32], str8[64] = {0xd9, (uint8_t)_i}, str32[64] = {0xdb, 0, 0, 0, (uint8_t)_i};

    for (uint8_t i = 0; i < size; i++)
        str8[2 + i] = str32[5 + i] = (uint8_t)('a' + i);
    ck_assert_equal(str8, str32);
    if (size <= 31) {
        fixed[0] = (uint8_t)(0xa0 + size);
        memcpy(fixed + 1, str8 + 2, size);
        ck_assert_equal(fixed, str8);
    }
    if (size > 0) {
        str32[4 + size] ^= 1;
        ck_assert_differ(str8, str32);
    }
}
END_TEST

START_TEST(ints_about_what_a_tail_holds)
{
    static const char *const ints[] = {
        "\xcf\x00\x7f\xff\xff\xff\xff\xff\xff", /* 2^55 - 1 */
        "\xcf\x00\x80\x00\x00\x00\x00\x00\x00", /* 2^55 */
        "\xcf\x00\xff\xff\xff\xff\xff\xff\xff", /* 2^56 - 1 */
        "\xcf\x01\x00\x00\x00\x00\x00\x00\x00", /* 2^56 */
        "\xcf\xff\x80\x00\x00\x00\x00\x00\x00", /* 2^64 - 2^55 */
        "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", /* 2^64 - 1 */
        "\xd3\xff\x80\x00\x00\x00\x00\x00\x00", /* -2^55 */
        "\xd3\xff\x7f\xff\xff\xff\xff\xff\xff", /* -2^55 - 1 */
        "\xd3\xff\x00\x00\x00\x00\x00\x00\x00", /* -2^56 */
        "\xff",
        "\x00",
        "\x01",
    };
    enum { INTS = sizeof ints / sizeof ints[0] };

    for (int i = 0; i < INTS; i++)
        for (int j = 0; j < i; j++)
            ck_assert_differ(ints[i], ints[j]);
    ck_assert_equal(ints[1], "\xcb\x43\x60\x00\x00\x00\x00\x00\x00");
    ck_assert_equal(ints[6], "\xcb\xc3\x60\x00\x00\x00\x00\x00\x00");
}
END_TEST

/* The hash of a str is that of its bytes: those that another type is hashed as are not its own. */
START_TEST(no_str_hashes_as_an_int_or_array)
{
    ck_assert_differ("\xa7\x01\0\0\0\0\0\0", "\x01");
    ck_assert_differ("\xa8\x01\0\0\0\0\0\0\0", "\x01");
    ck_assert_differ("\xa8\0\0\0\0\0\0\0\x01", "\xcf\x01\0\0\0\0\0\0\0");
    ck_assert_differ("\xa8\x06\0\0\0\0\0\0\0", "\x90");
    ck_assert_differ("\xa8\0\0\0\0\0\0\0\0", "\xc0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("equal");
    TCase *tests = tcase_create("equal");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, ints_however_packed);
    tcase_add_test(tests, int_and_float_of_one_value);
    tcase_add_test(tests, int_and_float_exactly);
    tcase_add_test(tests, float32_is_widened);
    tcase_add_test(tests, nan_equals_nothing);
    tcase_add_test(tests, types_never_meet);
    tcase_add_test(tests, strs_and_bins);
    tcase_add_test(tests, exts_by_type_and_bytes);
    tcase_add_test(tests, arrays_by_element);
    tcase_add_test(tests, maps_in_any_order);
    tcase_add_test(tests, maps_with_maps_as_keys);
    tcase_add_test(tests, what_follows_a_map_is_compared_too);
    tcase_add_loop_test(tests, maps_of_many_keys, 0, COUNTS);
    tcase_add_test(tests, maps_of_many_keys_without_memory);
    tcase_add_test(tests, keys_in_keys);
    tcase_add_test(tests, numbers_in_order);
    tcase_add_test(tests, ints_and_floats_in_order);
    tcase_add_test(tests, nan_has_no_order);
    tcase_add_test(tests, strs_and_bins_bytewise);
    tcase_add_test(tests, other_pairs_have_no_order);
    tcase_add_test(tests, the_key_of_the_hash_counts);
    tcase_add_loop_test(tests, strs_hash_alike_in_every_form, 0, 40);
    tcase_add_test(tests, ints_about_what_a_tail_holds);
    tcase_add_test(tests, no_str_hashes_as_an_int_or_array);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

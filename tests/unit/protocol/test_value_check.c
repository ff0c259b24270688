/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/keys.h"
#include "protocol/limits.h"
#include "protocol/value.h"
#include "unit/protocol/no_memory.h"

static struct buffer out;
static struct problem problem;
static struct value_budget budget;

static const uint8_t *check(const void *bytes, size_t size)
{
    budget = (struct value_budget){LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    problem = (struct problem){0};
    return value_check(bytes, (const uint8_t *)bytes + size, &budget, &problem);
}

#define ck_assert_passes(bytes)                                                                    \
    ck_assert_ptr_eq(check(bytes, sizeof(bytes) - 1), (const uint8_t *)(bytes) + sizeof(bytes) - 1)

#define ck_assert_refuses(bytes, status_, offset_)                                                 \
    do {                                                                                           \
        ck_assert_ptr_null(check(bytes, sizeof(bytes) - 1));                                       \
        ck_assert_int_eq(problem.status, status_);                                                 \
        ck_assert_uint_eq(problem.offset, offset_);                                                \
        ck_assert_str_ne(problem.text, "");                                                        \
    } while (0)

static const uint8_t *check_out(void)
{
    ck_assert(!out.failed);
    return check(out.bytes, out.size);
}

static void ck_assert_out_passes(void)
{
    const uint8_t *end = check_out();
    ck_assert_msg(end != NULL, "%s", problem.text);
    ck_assert_ptr_eq(end, out.bytes + out.size);
    buffer_deinit(&out);
}

static void ck_assert_out_refused(enum ts_status status)
{
    ck_assert_ptr_null(check_out());
    ck_assert_int_eq(problem.status, status);
    buffer_deinit(&out);
}

START_TEST(stops_behind_the_value)
{
    static const uint8_t two[] = {0x91, 0x01, 0x02};
    ck_assert_ptr_eq(check(two, sizeof two), two + 2);
}
END_TEST

START_TEST(what_is_not_messagepack)
{
    ck_assert_refuses("", TS_PROTOCOL, 0);
    ck_assert_refuses("\xc1", TS_PROTOCOL, 0);
    ck_assert_refuses("\x92\x01\xc1", TS_PROTOCOL, 2);
    ck_assert_refuses("\x92\x01\xcd\x01", TS_PROTOCOL, 2);
    ck_assert_refuses("\x91\xa3xy", TS_PROTOCOL, 1);
}
END_TEST

START_TEST(promises_of_what_is_not_there)
{
    ck_assert_refuses("\xdd\xff\xff\xff\xff", TS_PROTOCOL, 0);
    ck_assert_refuses("\x91\xdf\x00\x00\x00\x02\x01\x01\x02", TS_PROTOCOL, 1);
    ck_assert_refuses("\xdb\xff\xff\xff\xff", TS_PROTOCOL, 0);
}
END_TEST

START_TEST(strs_are_utf8) /* rule V2 */
{
    ck_assert_passes("\xa2\xc3\xa4");
    ck_assert_refuses("\xa1\xc3", TS_MALFORMED, 0);
    ck_assert_refuses("\x92\x01\xa1\xc3", TS_MALFORMED, 2);
    ck_assert_refuses("\x81\xa1\xc3\x01", TS_MALFORMED, 1);
    ck_assert_passes("\xc4\x01\xc3"); /* a bin need not be */
    ck_assert_passes("\xd4\x01\xc3");
}
END_TEST

static void put_levels(unsigned levels, uint8_t array_or_map)
{
    for (unsigned i = 0; i < levels; i++) {
        buffer_append_byte(&out, array_or_map);
        if (array_or_map == 0x81)
            buffer_append_byte(&out, 0xc0);
    }
    buffer_append_byte(&out, 0xc0);
}

START_TEST(levels_are_limited) /* rule V2 */
{
    put_levels(LIMIT_DEPTH, 0x91);
    ck_assert_out_passes();
    put_levels(LIMIT_DEPTH + 1, 0x91);
    ck_assert_out_refused(TS_LIMIT);
    ck_assert_uint_eq(problem.offset, LIMIT_DEPTH);
    put_levels(LIMIT_DEPTH, 0x81);
    ck_assert_out_passes();
    put_levels(LIMIT_DEPTH + 1, 0x81);
    ck_assert_out_refused(TS_LIMIT);
}
END_TEST

START_TEST(an_empty_array_is_a_level)
{
    put_levels(LIMIT_DEPTH - 1, 0x91);
    out.bytes[out.size - 1] = 0x90;
    ck_assert_out_passes();
    put_levels(LIMIT_DEPTH, 0x91);
    out.bytes[out.size - 1] = 0x90;
    ck_assert_out_refused(TS_LIMIT);
}
END_TEST

START_TEST(levels_side_by_side_do_not_add_up)
{
    buffer_append(&out, "\xdc\x01\x00", 3);
    for (int i = 0; i < 256; i++)
        buffer_append(&out, "\x91\x90", 2);
    ck_assert_out_passes();
}
END_TEST

START_TEST(a_hundred_thousand_levels)
{
    put_levels(100000, 0x91);
    ck_assert_out_refused(TS_LIMIT);
}
END_TEST

static void put_array(uint32_t count)
{
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, count);
    for (uint32_t i = 0; i < count; i++)
        buffer_append_byte(&out, 0xc0);
}

START_TEST(values_are_limited) /* rule V2 */
{
    put_array(LIMIT_TUPLE_VALUES - 1); /* the array is one, too */
    ck_assert_out_passes();
    ck_assert_uint_eq(budget.values, 0);
    put_array(LIMIT_TUPLE_VALUES);
    ck_assert_out_refused(TS_LIMIT);
}
END_TEST

START_TEST(values_are_counted_over_several_calls)
{
    static const uint8_t pair[] = {0x92, 0x01, 0x02};
    budget = (struct value_budget){5, LIMIT_DEPTH};
    ck_assert_ptr_nonnull(value_check(pair, pair + 3, &budget, &problem));
    ck_assert_uint_eq(budget.values, 2);
    ck_assert_ptr_null(value_check(pair, pair + 3, &budget, &problem));
    ck_assert_int_eq(problem.status, TS_LIMIT);
}
END_TEST

START_TEST(repeated_keys) /* rules V2, V3 */
{
    ck_assert_passes("\x82\x01\xc0\x02\xc0");
    ck_assert_refuses("\x82\x01\xc0\x01\xc0", TS_MALFORMED, 3);
    ck_assert_refuses("\x82\x01\xc0\xd1\x00\x01\xc0", TS_MALFORMED, 3);
    ck_assert_refuses("\x82\x01\xc0\xca\x3f\x80\x00\x00\xc0", TS_MALFORMED, 3); /* 1 and 1.0 */
    ck_assert_passes("\x82\x01\xc0\xca\x3f\xc0\x00\x00\xc0");                   /* 1 and 1.5 */
    ck_assert_refuses("\x82\xa1k\xc0\xd9\x01k\xc0", TS_MALFORMED, 4);
    ck_assert_passes("\x82\xa1k\xc0\xc4\x01k\xc0"); /* a str and a bin */
    ck_assert_passes("\x84\x01\xc0\xc3\xc0\xc0\xc0\xc2\xc0");
    ck_assert_refuses("\x82\xc0\x01\xc0\x02", TS_MALFORMED, 3);
}
END_TEST

START_TEST(repeated_keys_at_any_level)
{
    ck_assert_refuses("\x81\x01\x82\x02\xc0\x02\xc0", TS_MALFORMED, 5);
    ck_assert_refuses("\x91\x91\x82\x02\xc0\x02\xc0", TS_MALFORMED, 5);
    ck_assert_refuses("\x81\x82\x02\xc0\x02\xc0\xc0", TS_MALFORMED, 4);     /* in a key */
    ck_assert_refuses("\x81\x91\x82\x02\xc0\x02\xc0\xc0", TS_MALFORMED, 5); /* in a key's array */
    ck_assert_refuses("\x81\x91\xc0\x82\x02\xc0\x02\xc0", TS_MALFORMED, 6); /* after such a key */
}
END_TEST

START_TEST(keys_that_hold_values)
{
    ck_assert_passes("\x82\x91\x01\xc0\x91\x02\xc0");
    ck_assert_refuses("\x82\x91\x01\xc0\x91\x01\xc0", TS_MALFORMED, 4);
    ck_assert_refuses("\x82\x91\x01\xc0\x91\xcc\x01\xc0", TS_MALFORMED, 4);
    ck_assert_passes("\x82\x90\xc0\x80\xc0");
    /* {{1: 2, 3: 4}: nil, {3: 4, 1: x}: nil} */
    ck_assert_refuses("\x82\x82\x01\x02\x03\x04\xc0\x82\x03\x04\x01\x02\xc0", TS_MALFORMED, 7);
    ck_assert_passes("\x82\x82\x01\x02\x03\x04\xc0\x82\x03\x04\x01\x03\xc0");
}
END_TEST

#define NAN32 "\xca\x7f\xc0\x00\x00"

START_TEST(nan_keys_are_never_repeated) /* rule V3 */
{
    ck_assert_passes("\x82" NAN32 "\x01" NAN32 "\x01");
    ck_assert_passes("\x82\x91" NAN32 "\x01\x91" NAN32 "\x01");
    ck_assert_refuses("\x84" NAN32 "\x01" NAN32 "\x01\x05\x01\x05\x01", TS_MALFORMED, 15);
    /* a map with a NaN in a key still has keys of its own */
    ck_assert_refuses("\x81\x92" NAN32 "\x82\x05\x01\x05\x01\xc0", TS_MALFORMED, 10);
}
END_TEST

enum { MANY = 30000 };

/* A map of many keys, the one at `at` as the first. */
static void put_many(uint32_t count, uint32_t repeated_at)
{
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_map(&packer, count);
    for (uint32_t i = 0; i < count; i++) {
        msgpack_pack_uint64(&packer, i == repeated_at ? 0 : UINT64_C(0x9e3779b97f4a7c15) * i);
        msgpack_pack_nil(&packer);
    }
}

/* Just above the number up to which keys are compared as they come, and far above. */
static const uint32_t counts[] = {2, 7, 8, 9, 10, 16, 17, 100, 1000, MANY};
enum { COUNTS = sizeof counts / sizeof counts[0] };

START_TEST(repeated_among_many)
{
    put_many(counts[_i], UINT32_MAX);
    ck_assert_out_passes();
    put_many(counts[_i], counts[_i] - 1);
    ck_assert_out_refused(TS_MALFORMED);
    put_many(counts[_i], counts[_i] / 2);
    ck_assert_out_refused(TS_MALFORMED);
}
END_TEST

/* More than a tuple may have: compared with each other, they would take until the test times out. */
enum { VERY_MANY = 1000000 };

static const uint8_t *check_very_many(const void *key, size_t size)
{
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_map(&packer, VERY_MANY);
    for (uint32_t i = 0; i < VERY_MANY; i++) {
        buffer_append(&out, key, size);
        buffer_append_byte(&out, 0xc0);
    }
    budget = (struct value_budget){UINT32_MAX, LIMIT_DEPTH};
    return value_check(out.bytes, out.bytes + out.size, &budget, &problem);
}

START_TEST(very_many_keys_alike) /* rule V6 */
{
    ck_assert_ptr_null(check_very_many("\x07", 1));
    ck_assert_int_eq(problem.status, TS_MALFORMED);
    buffer_deinit(&out);
}
END_TEST

START_TEST(very_many_nan_keys) /* rule V6 */
{
    ck_assert_ptr_eq(check_very_many(NAN32, 5), out.bytes + out.size);
    buffer_deinit(&out);
}
END_TEST

START_TEST(many_keys_inside_keys)
{
    for (unsigned level = 1; level < LIMIT_DEPTH; level++)
        buffer_append_byte(&out, 0x81);
    put_many(MANY, UINT32_MAX);
    for (unsigned level = 1; level < LIMIT_DEPTH; level++)
        buffer_append_byte(&out, 0xc0);
    ck_assert_out_passes();
}
END_TEST

START_TEST(no_memory_for_many_keys)
{
    put_many(100, UINT32_MAX);
    no_memory = true;
    ck_assert_ptr_null(check_out());
    no_memory = false;
    ck_assert_int_eq(problem.status, TS_NO_MEMORY);
    buffer_clear(&out);
    put_many(KEYS_FEW - 1, UINT32_MAX); /* these need none */
    no_memory = true;
    ck_assert_ptr_nonnull(check_out());
    no_memory = false;
    buffer_deinit(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value_check");
    TCase *tests = tcase_create("value_check");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, stops_behind_the_value);
    tcase_add_test(tests, what_is_not_messagepack);
    tcase_add_test(tests, promises_of_what_is_not_there);
    tcase_add_test(tests, strs_are_utf8);
    tcase_add_test(tests, levels_are_limited);
    tcase_add_test(tests, an_empty_array_is_a_level);
    tcase_add_test(tests, levels_side_by_side_do_not_add_up);
    tcase_add_test(tests, a_hundred_thousand_levels);
    tcase_add_test(tests, values_are_limited);
    tcase_add_test(tests, values_are_counted_over_several_calls);
    tcase_add_test(tests, repeated_keys);
    tcase_add_test(tests, repeated_keys_at_any_level);
    tcase_add_test(tests, keys_that_hold_values);
    tcase_add_test(tests, nan_keys_are_never_repeated);
    tcase_add_loop_test(tests, repeated_among_many, 0, COUNTS);
    tcase_add_test(tests, very_many_keys_alike);
    tcase_add_test(tests, very_many_nan_keys);
    tcase_add_test(tests, many_keys_inside_keys);
    tcase_add_test(tests, no_memory_for_many_keys);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

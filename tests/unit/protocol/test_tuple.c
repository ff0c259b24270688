/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/limits.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

static struct buffer out;
static struct tuple_view tuple;
static struct problem problem;

static int check(const void *bytes, size_t size)
{
    memset(&problem, 0, sizeof problem);
    return tuple_check(bytes, (const uint8_t *)bytes + size, &tuple, &problem);
}

#define ck_assert_refuses(bytes, status_, offset_, text_)                                          \
    do {                                                                                           \
        ck_assert_int_eq(check(bytes, sizeof(bytes) - 1), -status_);                               \
        ck_assert_int_eq(problem.status, status_);                                                 \
        ck_assert_uint_eq(problem.offset, offset_);                                                \
        ck_assert_str_eq(problem.text, text_);                                                     \
    } while (0)

START_TEST(view_of_a_tuple)
{
    static const uint8_t bytes[] = "\x93\xa4task\x2a\xcb\x40\x09\x1e\xb8\x51\xeb\x85\x1f more";

    ck_assert_int_eq(check(bytes, sizeof bytes - 1), 0);
    ck_assert_ptr_eq(tuple.bytes, bytes);
    ck_assert_uint_eq(tuple.size, 16);
    ck_assert_uint_eq(tuple.fields, 3);

    struct tuple_view again = tuple_at(bytes);
    ck_assert_ptr_eq(again.bytes, bytes);
    ck_assert_uint_eq(again.size, 16);
    ck_assert_uint_eq(again.fields, 3);
}
END_TEST

START_TEST(fields_one_after_the_other)
{
    static const uint8_t bytes[] = "\xdc\x00\x02\xa1x\x2a";
    const uint8_t *field = tuple_first(bytes);

    ck_assert_ptr_eq(field, bytes + 3);
    ck_assert_ptr_eq(value_skip_trusted(field), bytes + 5);
}
END_TEST

START_TEST(a_tuple_is_an_array_with_fields)
{
    ck_assert_refuses("\x90", TS_MALFORMED, 0, "a tuple has at least one field");
    ck_assert_refuses("\x05", TS_MALFORMED, 0,
                      "a tuple is an array of fields, not a value of type int");
    ck_assert_refuses("\x81\x01\x02", TS_MALFORMED, 0,
                      "a tuple is an array of fields, not a value of type map");
}
END_TEST

START_TEST(what_is_not_all_there)
{
    ck_assert_refuses("", TS_PROTOCOL, 0, "a tuple is cut off");
    ck_assert_refuses("\xdc\x00", TS_PROTOCOL, 0, "a tuple is cut off");
    ck_assert_refuses("\x92\x01", TS_PROTOCOL, 2, "field 2: a value is cut off");
    ck_assert_refuses("\x92\x01\xc1", TS_PROTOCOL, 2, "field 2: the byte 0xc1 begins no value");
}
END_TEST

START_TEST(the_field_and_the_place_are_told)
{
    ck_assert_refuses("\x93\x01\x02\xa1\xff", TS_MALFORMED, 3,
                      "field 3: a str that is not valid UTF-8 (use bin)");
    ck_assert_refuses("\x92\x01\x92\x05\x82\x01\x01\x01\x02", TS_MALFORMED, 7,
                      "field 2: a map with a repeated key");
}
END_TEST

static int check_fields(uint32_t fields)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, fields);
    for (uint32_t i = 0; i < fields; i++)
        msgpack_pack_nil(&packer);
    return check(out.bytes, out.size);
}

START_TEST(fields_are_limited) /* rule V2 */
{
    ck_assert_int_eq(check_fields(255), 0);
    ck_assert_int_eq(check_fields(256), -TS_LIMIT);
    ck_assert_str_eq(problem.text, "a tuple of 256 fields: the limit is 255");
    buffer_deinit(&out);
}
END_TEST

static void put_levels(unsigned levels)
{
    buffer_clear(&out);
    buffer_append_byte(&out, 0x91); /* the tuple, level 0 */
    for (unsigned i = 0; i < levels; i++)
        buffer_append_byte(&out, 0x91);
    buffer_append_byte(&out, 0xc0);
}

START_TEST(levels_are_limited) /* rule V2 */
{
    put_levels(32);
    ck_assert_int_eq(check(out.bytes, out.size), 0);
    put_levels(33);
    ck_assert_int_eq(check(out.bytes, out.size), -TS_LIMIT);
    ck_assert_str_eq(problem.text, "field 1: arrays and maps nested more than 32 levels deep");
    buffer_deinit(&out);
}
END_TEST

/* Two arrays in two fields, so many values in all of them together. */
static int check_values(uint32_t values)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, 2);
    uint32_t inside[] = {1000, values - 1002};
    for (int field = 0; field < 2; field++) {
        msgpack_pack_array(&packer, inside[field]);
        for (uint32_t i = 0; i < inside[field]; i++)
            msgpack_pack_nil(&packer);
    }
    return check(out.bytes, out.size);
}

START_TEST(values_of_all_fields_are_limited) /* rule V2 */
{
    ck_assert_int_eq(check_values(65536), 0);
    ck_assert_int_eq(check_values(65537), -TS_LIMIT);
    ck_assert_str_eq(problem.text, "field 2: more than 65536 values at all levels");
    buffer_deinit(&out);
}
END_TEST

static int check_size(uint32_t size)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, 1);
    msgpack_pack_bin(&packer, size - 6);
    memset(buffer_reserve(&out, size - 6), 'x', size - 6);
    out.size += size - 6;
    ck_assert_uint_eq(out.size, size);
    return check(out.bytes, out.size);
}

START_TEST(bytes_are_limited) /* rule V2 */
{
    ck_assert_int_eq(check_size(16 << 20), 0);
    ck_assert_int_eq(check_size((16 << 20) + 1), -TS_LIMIT);
    ck_assert_str_eq(problem.text, "a tuple of 16777217 bytes: the limit is 16777216");
    buffer_deinit(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tuple");
    TCase *tests = tcase_create("tuple");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, view_of_a_tuple);
    tcase_add_test(tests, fields_one_after_the_other);
    tcase_add_test(tests, a_tuple_is_an_array_with_fields);
    tcase_add_test(tests, what_is_not_all_there);
    tcase_add_test(tests, the_field_and_the_place_are_told);
    tcase_add_test(tests, fields_are_limited);
    tcase_add_test(tests, levels_are_limited);
    tcase_add_test(tests, values_of_all_fields_are_limited);
    tcase_add_test(tests, bytes_are_limited);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

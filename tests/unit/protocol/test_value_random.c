/* SPDX-License-Identifier: MIT */
/*
 * The reader and value_check on random input, whole, cut and changed, against msgpack-c's unpacker
 * and the rules as they are said.
 */
#include <check.h>
#include <stdlib.h>

#include "protocol/limits.h"
#include "protocol/value.h"
#include "unit/protocol/plain_values.h"

enum { WHOLE = 3000, CHANGED = 60000, NOISE = 200000, DEPTH = 4 };

static unsigned accepted, refused, broke_a_rule;

/* Bytes on the heap of exactly their size, so that ASan sees whoever reads past them. */
static void check_exactly(const uint8_t *p, size_t size)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    struct problem problem = {0};
    const uint8_t *end = value_skip(p, p + size);
    const uint8_t *checked = value_check(p, p + size, &budget, &problem);

    ck_assert(!checked || checked == end);
    if (!end && !checked)
        ck_assert(problem.status == TS_PROTOCOL || problem.status == TS_MALFORMED);
    if (!checked)
        ck_assert_uint_le(problem.offset, size);
    if (!promises_little(p, size))
        return;
    const uint8_t *walk = p;
    if (end && levels_of(&walk) >= PLAIN_LEVELS)
        return;

    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return theirs = msgpack_unpack_next(&unpacked, (const char *)p, size, &offset);
    bool taken = theirs == MSGPACK_UNPACK_SUCCESS || theirs == MSGPACK_UNPACK_EXTRA_BYTES;
    ck_assert_int_eq(end != NULL, taken);
    if (end) {
        ck_assert_uint_eq((size_t)(end - p), offset);
        walk = p;
        ck_assert(plain_same(&unpacked.data, &walk));
        ck_assert_ptr_eq(walk, end);
        bool valid = plain_valid(&unpacked.data);
        ck_assert_int_eq(checked != NULL, valid);
        if (!valid)
            ck_assert_int_eq(problem.status, TS_MALFORMED);
        broke_a_rule += !valid;
    }
    accepted += taken;
    refused += !taken;
    msgpack_unpacked_destroy(&unpacked);
}

static void check_bytes(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    check_exactly(exact, size);
    free(exact);
}

START_TEST(whole_and_cut_at_each_byte)
{
    struct random random = random_seeded("whole_and_cut_at_each_byte");

    for (int i = 0; i < WHOLE; i++) {
        struct source source = {{random_next(&random)}, {random_next(&random)}};
        struct buffer value = BUFFER_INIT;
        put_random_value(&value, &source, DEPTH, true);
        size_t least = value.size > 300 ? value.size - 300 : 0;
        for (size_t size = value.size; size > least; size--)
            check_bytes(value.bytes, size);
        buffer_deinit(&value);
    }
    ck_assert_uint_ge(accepted, WHOLE / 2);
    ck_assert_uint_ge(refused, WHOLE);
    ck_assert_uint_eq(broke_a_rule, 0);
}
END_TEST

START_TEST(with_some_bytes_changed)
{
    struct random random = random_seeded("with_some_bytes_changed");

    for (int i = 0; i < CHANGED; i++) {
        struct source source = {{random_next(&random)}, {random_next(&random)}};
        struct buffer value = BUFFER_INIT;
        put_random_value(&value, &source, DEPTH, true);
        for (uint32_t changes = 1 + random_below(&random, 3); changes > 0; changes--) {
            uint8_t *byte = &value.bytes[random_below(&random, (uint32_t)value.size)];
            *byte = random_below(&random, 2) ? (uint8_t)random_next(&random)
                                             : *byte ^ (uint8_t)(1u << random_below(&random, 8));
        }
        check_bytes(value.bytes, value.size);
        buffer_deinit(&value);
    }
    ck_assert_uint_ge(accepted, CHANGED / 10);
    ck_assert_uint_ge(refused, CHANGED / 10);
    ck_assert_uint_ge(broke_a_rule, CHANGED / 1000);
}
END_TEST

START_TEST(noise)
{
    struct random random = random_seeded("noise");

    for (int i = 0; i < NOISE; i++) {
        uint8_t bytes[40];
        size_t size = random_below(&random, sizeof bytes + 1);
        bool heads = random_below(&random, 2); /* mostly small arrays, maps and ints */
        for (size_t j = 0; j < size; j++) {
            uint64_t drawn = random_next(&random);
            bytes[j] = (uint8_t)drawn;
            if (heads && drawn >> 62)
                bytes[j] = (uint8_t)((drawn >> 32 & 1 ? 0x80 : 0) | (drawn >> 40 & 0x13));
        }
        check_bytes(bytes, size);
    }
    ck_assert_uint_ge(accepted, NOISE / 10);
    ck_assert_uint_ge(refused, NOISE / 10);
    ck_assert_uint_ge(broke_a_rule, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value_random");
    TCase *tests = tcase_create("value_random");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, whole_and_cut_at_each_byte);
    tcase_add_test(tests, with_some_bytes_changed);
    tcase_add_test(tests, noise);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * The reader and value_check on random input, whole, cut and changed, against msgpack-c's unpacker
 * and the rules as they are said.
 *
 * msgpack-c allocates what an array or map promises: it is given only input that cannot promise
 * much. It knows 32 levels, the outermost value included, and is not asked about more.
 */
#include <check.h>
#include <stdlib.h>

#include "protocol/limits.h"
#include "protocol/value.h"
#include "unit/protocol/random_values.h"

enum {
    WHOLE = 3000,
    CHANGED = 60000,
    NOISE = 200000,
    DEPTH = 4,
    PROMISED = 20000,
    THEIR_LEVELS = 32
};

/* Everything that any byte, if it were a head, would promise. */
static bool promises_little(const uint8_t *bytes, size_t size)
{
    uint64_t promised = 0;

    for (size_t i = 0; i < size; i++) {
        size_t width = bytes[i] == 0xdc || bytes[i] == 0xde   ? 2
                       : bytes[i] == 0xdd || bytes[i] == 0xdf ? 4
                                                              : 0;
        uint64_t count = 0;
        for (size_t j = i + 1; j <= i + width; j++)
            count = count << 8 | (j < size ? bytes[j] : 0xff);
        promised += width > 0 ? count : 0;
    }
    return promised <= PROMISED;
}

/* Levels of arrays and maps below and at a head that value_skip passes. */
static unsigned levels_of(const uint8_t **p)
{
    struct value value;
    *p = value_read_trusted(*p, &value);
    uint64_t inside = value.type == VALUE_ARRAY ? value.length
                      : value.type == VALUE_MAP ? 2 * (uint64_t)value.length
                                                : 0;
    unsigned levels = 0;
    for (uint64_t i = 0; i < inside; i++) {
        unsigned below = levels_of(p);
        levels = below > levels ? below : levels;
    }
    return levels + (value.type == VALUE_ARRAY || value.type == VALUE_MAP);
}

/* What they unpacked is what stands at *p. */
static void check_same(const msgpack_object *theirs, const uint8_t **p)
{
    struct value ours;
    *p = value_read_trusted(*p, &ours);
    switch (theirs->type) {
    case MSGPACK_OBJECT_NIL:
        ck_assert_int_eq(ours.type, VALUE_NIL);
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        ck_assert_int_eq(ours.type, VALUE_BOOL);
        ck_assert_int_eq(ours.boolean, theirs->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        ck_assert_int_eq(ours.type, VALUE_INT);
        ck_assert(!ours.negative);
        ck_assert_uint_eq(ours.u64, theirs->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        ck_assert_int_eq(ours.type, VALUE_INT);
        ck_assert(ours.negative);
        ck_assert_int_eq(ours.i64, theirs->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        ck_assert_int_eq(ours.type, VALUE_FLOAT);
        ck_assert(ours.real == theirs->via.f64 || (isnan(ours.real) && isnan(theirs->via.f64)));
        break;
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_BIN:
        ck_assert_int_eq(ours.type, theirs->type == MSGPACK_OBJECT_STR ? VALUE_STR : VALUE_BIN);
        ck_assert_uint_eq(ours.length, theirs->via.str.size);
        ck_assert(same_bytes(ours.bytes, theirs->via.str.ptr, ours.length));
        break;
    case MSGPACK_OBJECT_EXT:
        ck_assert_int_eq(ours.type, VALUE_EXT);
        ck_assert_int_eq(ours.ext_type, theirs->via.ext.type);
        ck_assert_uint_eq(ours.length, theirs->via.ext.size);
        ck_assert(same_bytes(ours.bytes, theirs->via.ext.ptr, ours.length));
        break;
    case MSGPACK_OBJECT_ARRAY:
        ck_assert_int_eq(ours.type, VALUE_ARRAY);
        ck_assert_uint_eq(ours.length, theirs->via.array.size);
        for (uint32_t i = 0; i < ours.length; i++)
            check_same(&theirs->via.array.ptr[i], p);
        break;
    case MSGPACK_OBJECT_MAP:
        ck_assert_int_eq(ours.type, VALUE_MAP);
        ck_assert_uint_eq(ours.length, theirs->via.map.size);
        for (uint32_t i = 0; i < ours.length; i++) {
            check_same(&theirs->via.map.ptr[i].key, p);
            check_same(&theirs->via.map.ptr[i].val, p);
        }
        break;
    }
}

/* Decodes, checks the range, and whether it was the shortest form: another way than utf8.c's. */
static bool plain_utf8(const char *text, uint32_t size)
{
    for (uint32_t i = 0; i < size;) {
        uint8_t lead = (uint8_t)text[i++];
        unsigned more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : 3;
        uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
        if (lead >= 0x80 && (lead < 0xc0 || lead >= 0xf8))
            return false;
        if (more > size - i)
            return false;
        for (unsigned j = 0; j < more; j++, i++) {
            if (((uint8_t)text[i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | ((uint8_t)text[i] & 0x3f);
        }
        uint32_t least = more == 0 ? 0 : more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

/* Rule V2 as it is said, but for the limits, which nothing here comes near. */
static bool plain_valid(const msgpack_object *object)
{
    if (object->type == MSGPACK_OBJECT_STR)
        return plain_utf8(object->via.str.ptr, object->via.str.size);
    if (object->type == MSGPACK_OBJECT_ARRAY) {
        for (uint32_t i = 0; i < object->via.array.size; i++)
            if (!plain_valid(&object->via.array.ptr[i]))
                return false;
    }
    if (object->type == MSGPACK_OBJECT_MAP) {
        const msgpack_object_kv *pairs = object->via.map.ptr;
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            if (!plain_valid(&pairs[i].key) || !plain_valid(&pairs[i].val))
                return false;
            for (uint32_t j = 0; j < i; j++)
                if (plain_equal(&pairs[i].key, &pairs[j].key))
                    return false;
        }
    }
    return true;
}

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
    if (end && levels_of(&walk) >= THEIR_LEVELS)
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
        check_same(&unpacked.data, &walk);
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

/* SPDX-License-Identifier: MIT */
/*
 * Equality, order and hash of random values, against each other and against plain arithmetic on
 * what msgpack-c unpacks.
 */
#include <check.h>
#include <stdlib.h>

#include "protocol/equal.h"
#include "protocol/limits.h"
#include "protocol/value.h"
#include "unit/protocol/random_values.h"

enum { VALUES = 400, TWINS = 20000, DEPTH = 4 };

struct sample {
    struct buffer bytes;
    msgpack_unpacked unpacked;
    bool nan; /* does not equal itself */
    uint64_t hash;
};

static const struct hash_key key = {3, 4};

static void sample_put(struct sample *sample, struct source *source)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    struct problem problem;
    size_t end = 0;

    put_random_value(&sample->bytes, source, DEPTH, true);
    const uint8_t *after = value_check(sample->bytes.bytes,
                                       sample->bytes.bytes + sample->bytes.size, &budget, &problem);
    ck_assert_msg(after == sample->bytes.bytes + sample->bytes.size, "%s", problem.text);
    msgpack_unpacked_init(&sample->unpacked);
    ck_assert_int_eq(msgpack_unpack_next(&sample->unpacked, (const char *)sample->bytes.bytes,
                                         sample->bytes.size, &end),
                     MSGPACK_UNPACK_SUCCESS);
    sample->nan = !plain_equal(&sample->unpacked.data, &sample->unpacked.data);
    sample->hash = value_hash(&key, sample->bytes.bytes);
}

static void sample_deinit(struct sample *sample)
{
    buffer_deinit(&sample->bytes);
    msgpack_unpacked_destroy(&sample->unpacked);
}

/* Rule V5 as it is said. */
static enum order plain_compare(const msgpack_object *a, const msgpack_object *b)
{
    if (is_number(a) && is_number(b)) {
        long double x = number_of(a), y = number_of(b);
        return isnan(x) || isnan(y) ? ORDER_NONE : (enum order)((x > y) - (x < y));
    }
    bool runs = a->type == MSGPACK_OBJECT_STR || a->type == MSGPACK_OBJECT_BIN;
    if (a->type != b->type || !runs)
        return ORDER_NONE;
    for (uint32_t i = 0; i < a->via.str.size && i < b->via.str.size; i++)
        if (a->via.str.ptr[i] != b->via.str.ptr[i])
            return (uint8_t)a->via.str.ptr[i] < (uint8_t)b->via.str.ptr[i] ? ORDER_LESS
                                                                           : ORDER_GREATER;
    return (enum order)((a->via.str.size > b->via.str.size) - (a->via.str.size < b->via.str.size));
}

static void check_pair(const struct sample *a, const struct sample *b)
{
    bool equal = plain_equal(&a->unpacked.data, &b->unpacked.data);
    enum order order = plain_compare(&a->unpacked.data, &b->unpacked.data);

    ck_assert_int_eq(value_equal(a->bytes.bytes, b->bytes.bytes), equal);
    ck_assert_int_eq(value_compare(a->bytes.bytes, b->bytes.bytes), order);
    if (equal)
        ck_assert_uint_eq(a->hash, b->hash);
    else if (!a->nan && !b->nan)
        ck_assert_uint_ne(a->hash, b->hash);
}

START_TEST(every_pair_agrees)
{
    static struct sample samples[VALUES];
    struct random random = random_seeded("every_pair_agrees");

    for (int i = 0; i < VALUES; i++) {
        struct source source = {{random_next(&random)}, {random_next(&random)}};
        sample_put(&samples[i], &source);
    }
    int equal = 0;
    for (int i = 0; i < VALUES; i++) {
        for (int j = 0; j < VALUES; j++) {
            check_pair(&samples[i], &samples[j]);
            equal += i != j && samples[i].hash == samples[j].hash;
        }
    }
    ck_assert_int_gt(equal, VALUES); /* or nothing was tried */
    for (int i = 0; i < VALUES; i++)
        sample_deinit(&samples[i]);
}
END_TEST

START_TEST(one_content_in_two_forms_is_equal)
{
    struct random random = random_seeded("one_content_in_two_forms_is_equal");
    int with_nan = 0;

    for (int i = 0; i < TWINS; i++) {
        struct sample twins[2] = {0};
        struct random content = {random_next(&random)};
        for (int j = 0; j < 2; j++) {
            struct source source = {content, {random_next(&random)}};
            sample_put(&twins[j], &source);
        }
        if (!twins[0].nan)
            ck_assert(value_equal(twins[0].bytes.bytes, twins[1].bytes.bytes));
        with_nan += twins[0].nan;
        check_pair(&twins[0], &twins[1]);
        check_pair(&twins[1], &twins[0]);
        sample_deinit(&twins[0]);
        sample_deinit(&twins[1]);
    }
    ck_assert_int_gt(with_nan, TWINS / 1000);
    ck_assert_int_lt(with_nan, TWINS / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("equal_random");
    TCase *tests = tcase_create("equal_random");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_pair_agrees);
    tcase_add_test(tests, one_content_in_two_forms_is_equal);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

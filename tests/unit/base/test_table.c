/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/table.h"

struct element {
    struct table_node node;
    uint32_t hash;
    bool in;   /* what the model says: it is in the table */
    bool seen; /* by a walk */
};

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

static bool finds(const struct table *table, const struct element *element)
{
    const struct table_node *node = table_first(table, element->hash);

    while (node && node != &element->node) {
        if (node->hash != element->hash)
            ck_abort_msg("a node of another hash");
        node = table_next(node, element->hash);
    }
    return node != NULL;
}

/* Each element is found exactly where the model has it, and a walk meets each once. */
static void compare(const struct table *table, struct element *elements, size_t count)
{
    size_t in = 0, walked = 0;
    struct table_node *node = NULL;

    for (size_t i = 0; i < count; i++) {
        if (finds(table, &elements[i]) != elements[i].in)
            ck_abort_msg("element %zu is found where it is not, or the reverse", i);
        in += elements[i].in;
        elements[i].seen = false;
    }
    ck_assert_uint_eq(table_count(table), in);
    while ((node = table_walk(table, node))) {
        struct element *element = container_of(node, struct element, node);
        if (!element->in || element->seen)
            ck_abort_msg("a walk gives an element twice, or one that is not in");
        element->seen = true;
        walked++;
    }
    ck_assert_uint_eq(walked, in);
}

static void toggle(struct table *table, struct element *element)
{
    if (element->in)
        table_remove(table, &element->node);
    else if (table_insert(table, &element->node, element->hash) < 0)
        ck_abort_msg("an insert failed");
    element->in = !element->in;
}

START_TEST(empty_finds_nothing_and_allocates_nothing)
{
    struct table table;

    fault_set(1);
    table_init(&table);
    ck_assert_ptr_null(table_first(&table, 0));
    ck_assert_ptr_null(table_walk(&table, NULL));
    ck_assert_uint_eq(table_count(&table), 0);
    table_deinit(&table);
    ck_assert(fault_pending());
    fault_set(0);
}
END_TEST

START_TEST(finds_exactly_this_hash)
{
    struct element a = {.hash = 8}, b = {.hash = 16}, c = {.hash = 8}; /* all of one bucket */
    struct table table;

    table_init(&table);
    toggle(&table, &a);
    toggle(&table, &b);
    toggle(&table, &c);
    ck_assert(finds(&table, &a) && finds(&table, &b) && finds(&table, &c));
    ck_assert_ptr_eq(table_first(&table, 16), &b.node);
    ck_assert_ptr_null(table_next(&b.node, 16));
    ck_assert_ptr_null(table_first(&table, 24));
    table_deinit(&table);
}
END_TEST

/* The target count goes up and down over the sizes of several segments. */
START_TEST(agrees_with_a_model)
{
    enum { ELEMENTS = 6000, ROUNDS = 12 };
    struct element *elements = calloc(ELEMENTS, sizeof(*elements));
    uint64_t seed = (uint64_t)_i + 1;
    struct table table;

    ck_assert_ptr_nonnull(elements);
    table_init(&table);
    for (size_t i = 0; i < ELEMENTS; i++)
        elements[i].hash = random_next(&seed) % (_i % 2 ? UINT32_MAX : 3000);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t wanted = round % 2 ? random_next(&seed) % 50 : random_next(&seed) % ELEMENTS;
        while (table_count(&table) != wanted) {
            struct element *element = &elements[random_next(&seed) % ELEMENTS];
            if (element->in == (table_count(&table) > wanted))
                toggle(&table, element);
        }
        compare(&table, elements, ELEMENTS);
    }
    table_deinit(&table);
    free(elements);
}
END_TEST

START_TEST(each_bucket_has_a_place_of_its_own)
{
    table_link places[6 * 1024] = {0}, *segments[4];
    const struct table table = {.segments = segments};

    for (uint32_t i = 0; i < 4; i++)
        segments[i] = &places[i == 0 ? 0 : 1024u << (i - 1)];
    for (uint32_t bucket = 0; bucket < 6 * 1024; bucket++)
        if (table_bucket_at(&table, bucket) != &places[bucket])
            ck_abort_msg("bucket %u is elsewhere", bucket);
}
END_TEST

/* Segments of megabytes come from elsewhere. */
START_TEST(grows_large_and_small_again)
{
    enum { ELEMENTS = 300000 };
    struct element *elements = calloc(ELEMENTS, sizeof(*elements));
    uint64_t seed = 3;
    struct table table;

    ck_assert_ptr_nonnull(elements);
    table_init(&table);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ELEMENTS; i++) {
            elements[i].hash = random_next(&seed);
            toggle(&table, &elements[i]);
        }
        ck_assert_ptr_nonnull(table.segments[9]); /* 2 MiB */
        compare(&table, elements, ELEMENTS);
        for (size_t i = 0; i < ELEMENTS; i++)
            toggle(&table, &elements[i]);
        ck_assert_uint_eq(table.buckets, 8);
        ck_assert_ptr_null(table.segments[8]);
        ck_assert_ptr_null(table.segments[9]);
    }
    table_deinit(&table);
    free(elements);
}
END_TEST

/* How many nodes stand before the element in its bucket. */
static unsigned depth_of(const struct table *table, const struct element *element)
{
    const struct table_node *node = table_linked(*table_bucket(table, element->hash));
    unsigned depth = 0;

    for (; node != &element->node; node = table_linked(node->next))
        depth++;
    return depth;
}

START_TEST(the_number_of_buckets_follows_the_count)
{
    enum { ELEMENTS = 10000 };
    struct element *elements = calloc(ELEMENTS, sizeof(*elements));
    uint64_t seed = 1;
    struct table table;

    ck_assert_ptr_nonnull(elements);
    table_init(&table);
    for (size_t i = 0; i < ELEMENTS; i++) {
        elements[i].hash = random_next(&seed);
        toggle(&table, &elements[i]);
        ck_assert_uint_ge(2 * (size_t)table.buckets, 3 * table.count);
    }
    ck_assert_uint_le(table.buckets, ELEMENTS * 3 / 2 + 2);
    ck_assert_ptr_nonnull(table.segments[4]); /* the last of 16 * 1024 buckets */
    for (size_t i = 0; i < ELEMENTS; i++)
        if (depth_of(&table, &elements[i]) > 12)
            ck_abort_msg("elements are not spread over the buckets");
    for (size_t i = 0; i < ELEMENTS; i++) {
        toggle(&table, &elements[i]);
        ck_assert(table.buckets <= 3 * table.count + 3 || table.buckets == 8);
    }
    ck_assert_uint_eq(table.buckets, 8);
    for (uint32_t i = 1; i < table.directory; i++)
        ck_assert_ptr_null(table.segments[i]);
    table_deinit(&table);
    free(elements);
}
END_TEST

/* Also numbers that are evenly apart are spread, as ids of every fourth tuple are. */
START_TEST(numbers_spread_whatever_is_between_them)
{
    enum { ELEMENTS = 3000 };
    struct element *elements = calloc(ELEMENTS, sizeof(*elements));
    struct table table;
    size_t depths = 0;

    ck_assert_ptr_nonnull(elements);
    table_init(&table);
    for (uint64_t i = 0; i < ELEMENTS; i++) {
        elements[i].hash = table_number_hash(123456789 + (i << _i));
        toggle(&table, &elements[i]);
    }
    for (size_t i = 0; i < ELEMENTS; i++)
        depths += depth_of(&table, &elements[i]);
    ck_assert_msg(depths < ELEMENTS, "%zu nodes stand before %d", depths, ELEMENTS);
    for (size_t i = 0; i < ELEMENTS; i++)
        toggle(&table, &elements[i]);
    table_deinit(&table);
    free(elements);
}
END_TEST

/* Those of 4,096 are in as many buckets beside each other, one each. */
START_TEST(numbers_beside_each_other_stay_so)
{
    enum { NUMBERS = 4096 };
    const uint64_t first = UINT64_C(987654) * NUMBERS;
    const uint32_t group = (table_number_hash(first) & 0x3fffffff) / NUMBERS;
    static bool seen[NUMBERS];

    for (uint64_t i = 0; i < NUMBERS; i++) {
        const uint32_t hash = table_number_hash(first + i) & 0x3fffffff;
        ck_assert_uint_eq(hash / NUMBERS, group);
        ck_assert(!seen[hash % NUMBERS]);
        seen[hash % NUMBERS] = true;
    }
}
END_TEST

START_TEST(once_filled_it_empties_and_fills_without_allocating)
{
    struct element element = {.hash = 1};
    struct table table;

    table_init(&table);
    ck_assert_int_eq(table_reserve(&table), 0);
    fault_set(1);
    toggle(&table, &element);
    toggle(&table, &element);
    toggle(&table, &element);
    ck_assert(fault_pending());
    fault_set(0);
    table_deinit(&table);
}
END_TEST

START_TEST(only_the_first_insert_may_fail)
{
    enum { ELEMENTS = 3000 };
    struct element *elements = calloc(ELEMENTS, sizeof(*elements));
    uint64_t seed = 7;
    struct table table;

    ck_assert_ptr_nonnull(elements);
    table_init(&table);
    for (size_t n = 1; n <= 2; n++) {
        fault_set(n);
        ck_assert_int_eq(table_insert(&table, &elements[0].node, 0), -1);
        ck_assert_uint_eq(table_count(&table), 0);
        table_deinit(&table);
    }
    for (size_t i = 0; i < ELEMENTS; i++) {
        elements[i].hash = random_next(&seed);
        fault_set(i > 0); /* no growth ever succeeds */
        toggle(&table, &elements[i]);
    }
    fault_set(0);
    ck_assert_uint_lt(table.buckets, ELEMENTS);
    compare(&table, elements, ELEMENTS);
    table_deinit(&table);
    free(elements);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, empty_finds_nothing_and_allocates_nothing);
    tcase_add_test(tests, finds_exactly_this_hash);
    tcase_add_loop_test(tests, agrees_with_a_model, 0, 6);
    tcase_add_test(tests, each_bucket_has_a_place_of_its_own);
    tcase_add_test(tests, grows_large_and_small_again);
    tcase_add_test(tests, the_number_of_buckets_follows_the_count);
    tcase_add_loop_test(tests, numbers_spread_whatever_is_between_them, 0, 20);
    tcase_add_test(tests, numbers_beside_each_other_stay_so);
    tcase_add_test(tests, once_filled_it_empties_and_fills_without_allocating);
    tcase_add_test(tests, only_the_first_insert_may_fail);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "shapes_fixture.h"

/* One of many of the same shape, none of which matches ["x", 7, "c", "k"]. */
static struct waiter *waits_in_vain(uint32_t i)
{
    switch (i % 8) {
    case 0:
        return waits("[\"y%u\", ?, ?, ?]", i);
    case 1:
        return waits("[?, ?, \"c%u\", ?]", i);
    case 2:
        return waits("[\"x\", %u, ?, ?]", i);
    case 3:
        return waits("[?, %u..%u, ?, ?]", i, i + 100);
    case 4:
        return waits("[\"x\", ?, >\"d%u\", ?]", i);
    case 5:
        return waits("[?, ?, ?, ^\"key/with/a/long/beginning/%u\"]", i);
    case 6:
        return waits("[\"y%u\", ...]", i);
    default:
        return waits("[?, ?str, ?, ?]");
    }
}

START_TEST(tries_few_patterns_however_many_wait)
{
    enum { MANY = 100000 };
    static struct waiter *list[MANY];
    uint64_t tried;
    for (uint32_t i = 0; i < MANY; i++)
        list[i] = waits_in_vain(i + 8);
    ck_assert_uint_eq(put("[\"x\", 7, \"c\", \"k\"]", &tried), 0);
    ck_assert_uint_eq(tried, 1); /* ?str, which 12,500 wait with */
    ck_assert_uint_eq(put("[\"x\", 7.5, \"c10\", \"key/with/a/long/beginning/\"]", &tried), 0);
    ck_assert_uint_eq(tried, 1);
    ck_assert_uint_eq(put("[\"x\", 150000, \"c\", \"key/with/a/long/beginning/8\"]", &tried), 0);
    ck_assert_uint_eq(tried, 1);
    /* ["x", 10..], 10 is in the range that begins there alone, and in no other */
    ck_assert_uint_eq(put("[\"x\", 11, \"c9\", \"key/with/a/long/beginning/13\"]", &tried), 3);
    ck_assert_uint_eq(tried, 4);
    ck_assert_uint_eq(shapes_check(space), MANY);
    all_leave(list, MANY);
}
END_TEST

START_TEST(requests_with_one_pattern_share_its_chain_in_their_order)
{
    struct waiter *other = waiter_new("[\"t\", >=5]"); /* the oldest, and joins last */
    struct waiter *first = waits("[\"t\", >=5]"), *second = waits("[\"t\", >=5]");
    struct waiter *third = waits("[\"t\", >=5.0]"); /* equal, but another pattern */
    ck_assert_int_eq(join(other, QUEUE_TAKERS), 0);
    struct chain *chain = first->wait.chain;
    ck_assert_ptr_eq(second->wait.chain, chain);
    ck_assert_ptr_eq(other->wait.chain, chain);
    ck_assert_ptr_ne(third->wait.chain, chain);
    ck_assert_ptr_eq(TAILQ_FIRST(&chain->queues[QUEUE_TAKERS]), &other->wait);
    ck_assert_ptr_eq(TAILQ_NEXT(&other->wait, link), &first->wait);
    ck_assert_ptr_eq(TAILQ_NEXT(&first->wait, link), &second->wait);
    /* It is found by any of them: which one made it does not matter. */
    waiter_free(other);
    waiter_free(first);
    ck_assert_uint_eq(put("[\"t\", 5]", NULL), 2);
    second->found = third->found = false;
    ck_assert_uint_eq(put("[\"t\", 4]", NULL), 0);
    waiter_free(second);
    waiter_free(third);
}
END_TEST

/* rule P3: what they cost is charged to each request, so each tries them. */
START_TEST(patterns_with_expressions_are_looked_up_and_not_tried)
{
    struct waiter *waiter = waits("[\"t\", /a/]"), *ranged = waits("[(>=5 & !/a/)]");
    ck_assert_uint_eq(put("[\"t\", \"b\"]", NULL), 1); /* whether it matches is not known */
    waiter->found = false;
    ck_assert_uint_eq(put("[\"u\", \"a\"]", NULL), 0);
    ck_assert_uint_eq(put("[5]", NULL), 1);
    ck_assert_uint_eq(put("[4]", NULL), 0);
    waiter_free(waiter);
    waiter_free(ranged);
}
END_TEST

static void count_shapes(void *context, const struct shape_info *info)
{
    (void)info;
    (*(unsigned *)context)++;
}

/* More shapes than a tuple is looked up under: further patterns are tried each. */
START_TEST(finds_those_of_too_many_shapes)
{
    enum { FIELDS = 8, MANY = 256 };
    static struct waiter *list[MANY];
    unsigned shapes = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        char text[100] = "[";
        for (uint32_t j = 0; j < FIELDS; j++)
            strcat(text, i >> j & 1 ? "1, " : ">=1, ");
        list[i] = waits("%s?]", text);
    }
    ck_assert_uint_eq(shapes_check(space), MANY);
    shapes_each(space, count_shapes, &shapes);
    ck_assert_uint_le(shapes, 65);
    ck_assert_uint_eq(put("[1, 1, 1, 1, 1, 1, 1, 1, 0]", NULL), MANY);
    for (uint32_t i = 0; i < MANY; i++)
        list[i]->found = false;
    ck_assert_uint_eq(put("[2, 1, 1, 1, 1, 1, 1, 1, 0]", NULL), MANY / 2);
    ck_assert_uint_eq(put("[0, 1, 1, 1, 1, 1, 1, 1, 0]", NULL), 0);
    all_leave(list, MANY);
}
END_TEST

static void join_or_fail(struct waiter *waiter, size_t n, int *failures)
{
    fault_set(n);
    const int result = join(waiter, QUEUE_TAKERS);
    const bool spent = !fault_pending();
    fault_set(0);
    if (result == 0)
        return;
    ck_assert(spent);
    ck_assert_ptr_null(waiter->wait.chain);
    (*failures)++;
}

START_TEST(changes_nothing_without_memory)
{
    static const char *const patterns[] = {"[1, ?, ?]", "[2, ?, ?]", "[1, >5, ?]", "[1, <4, ?]",
                                           "[?, ?str]", "[?, ?int]", "[1, ...]",   "[1, ?, ?]"};
    enum { COUNT = sizeof patterns / sizeof *patterns };
    struct waiter *list[COUNT];
    int failures = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        list[i] = waiter_new(patterns[i]);
        for (size_t n = 1; !list[i]->wait.chain; n++) {
            join_or_fail(list[i], n, &failures);
            ck_assert_uint_eq(shapes_check(space), i + (list[i]->wait.chain != NULL));
        }
    }
    ck_assert_int_gt(failures, 12);
    all_leave(list, COUNT);
}
END_TEST

static void describe(void *context, const struct shape_info *info)
{
    char *text = context;
    (void)snprintf(text + strlen(text), 300 - strlen(text), "%u%s %llx %d: %u of %u; ",
                   info->fields, info->rest ? "+" : "", (unsigned long long)info->literals->bits[0],
                   info->bounded, (unsigned)info->waits, (unsigned)info->patterns);
}

START_TEST(tells_what_waits_under_each_shape)
{
    char text[300] = "";
    struct waiter *list[] = {waits("[1, ?, >5]"), waits("[2, ?, >5]"),  waits("[2, ?, >5]"),
                             waits("[?, ?int]"),  waits("[?, 2, ...]"), waits("[...]")};
    shapes_each(space, describe, text);
    ck_assert_str_eq(text, "2 0 -1: 1 of 1; 3 1 2: 3 of 2; 0+ 0 -1: 1 of 1; 2+ 2 -1: 1 of 1; ");
    all_leave(list, 6);
    text[0] = '\0';
    shapes_each(space, describe, text);
    ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shapes");
    TCase *tcase = tcase_create("shapes");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, tries_few_patterns_however_many_wait);
    tcase_add_test(tcase, requests_with_one_pattern_share_its_chain_in_their_order);
    tcase_add_test(tcase, patterns_with_expressions_are_looked_up_and_not_tried);
    tcase_add_test(tcase, finds_those_of_too_many_shapes);
    tcase_add_test(tcase, changes_nothing_without_memory);
    tcase_add_test(tcase, tells_what_waits_under_each_shape);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

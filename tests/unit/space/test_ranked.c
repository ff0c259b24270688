/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "space/ranked.h"

enum { MOST = 4000 };

/* Members of equal rank are told apart by `tie`, which is not in the order of their weights. */
struct item {
    uint32_t tie;
    bool in;
};

static struct slab slab;
static struct ranked ranked;
static struct ranked_search search;
static struct item items[MOST];
static struct ranked_member members[MOST];
static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static int compare(const void *context, const struct ranked_member *a,
                   const struct ranked_member *b)
{
    const struct item *x = a->item, *y = b->item;
    ck_assert_ptr_eq(context, items);
    ck_assert_uint_eq(a->rank, b->rank);
    return (x->tie > y->tie) - (x->tie < y->tie);
}

static void setup(void)
{
    slab_init(&slab);
    ranked_init(&ranked, compare, items);
    search = (struct ranked_search){0};
    random_state = 1;
}

static void teardown(void)
{
    ranked_search_deinit(&search);
    ranked_deinit(&ranked, &slab);
    ck_assert_uint_eq(slab.objects, 0);
    slab_deinit(&slab);
}

/* Members of `ranks` different ranks in a random order of their weights. */
static void make_members(uint32_t ranks)
{
    for (uint32_t i = 0; i < MOST; i++) {
        items[i] = (struct item){.tie = i * 7919u % MOST};
        members[i] = (struct ranked_member){next_random() % ranks * 10u, i, &items[i]};
    }
    for (uint32_t i = MOST; i > 1; i--) {
        const uint32_t other = next_random() % i;
        const uint64_t weight = members[i - 1].weight;
        members[i - 1].weight = members[other].weight;
        members[other].weight = weight;
    }
}

static void put(uint32_t i)
{
    ck_assert_int_eq(ranked_insert(&ranked, &slab, &members[i]), 0);
    items[i].in = true;
}

static void take(uint32_t i)
{
    ranked_remove(&ranked, &slab, &members[i]);
    items[i].in = false;
}

static uint64_t count_in(void)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < MOST; i++)
        count += items[i].in;
    return count;
}

/* A range from a rank and tie to another; the ties count at those ranks only. */
struct limits {
    uint64_t low, high;
    uint32_t low_tie, high_tie;
    int asked;
};

static int side(const void *context, const struct ranked_member *member)
{
    struct limits *limits = (struct limits *)(uintptr_t)context;
    const struct item *item = member->item;
    ck_assert(member->rank == limits->low || member->rank == limits->high);
    limits->asked++;
    if (member->rank == limits->low && item->tie < limits->low_tie)
        return -1;
    return member->rank == limits->high && item->tie > limits->high_tie;
}

static bool is_within(const struct limits *limits, uint32_t i, bool by_side)
{
    const uint64_t rank = members[i].rank;
    if (rank < limits->low || rank > limits->high)
        return false;
    return !by_side || ((rank > limits->low || items[i].tie >= limits->low_tie) &&
                        (rank < limits->high || items[i].tie <= limits->high_tie));
}

/* Exactly the members of the range come out, by ascending weight. */
static void search_all(struct limits *limits, bool by_side)
{
    const struct ranked_range range = {limits->low, limits->high, by_side ? side : NULL, limits};
    uint64_t expected = 0, found = 0, least = 0;
    for (uint32_t i = 0; i < MOST; i++)
        expected += items[i].in && is_within(limits, i, by_side);
    ranked_search(&search, &ranked, &range);
    for (const struct ranked_member *member; (member = ranked_next(&search)); found++) {
        const uint32_t i = (uint32_t)((struct item *)member->item - items);
        ck_assert(items[i].in && is_within(limits, i, by_side));
        ck_assert_uint_eq(member->rank, members[i].rank);
        ck_assert_uint_eq(member->weight, members[i].weight);
        ck_assert(found == 0 || member->weight > least);
        least = member->weight;
    }
    ck_assert_uint_eq(found, expected);
    ck_assert_ptr_null(ranked_next(&search));
}

static void search_random(uint32_t ranks)
{
    struct limits limits = {.low = next_random() % (ranks * 10u),
                            .low_tie = next_random() % MOST,
                            .high_tie = next_random() % MOST};
    limits.high = limits.low + next_random() % 4 * (next_random() % (ranks * 5u));
    search_all(&limits, false);
    limits.low -= limits.low % 10; /* ranks that there are */
    limits.high -= limits.high % 10;
    search_all(&limits, true);
}

static const uint32_t rank_counts[] = {1, 3, 50, 3000, 1u << 20};

/* Fills and thins it at random; what is in it, and what is found, is always what is expected. */
START_TEST(agrees_with_an_array)
{
    const uint32_t ranks = rank_counts[_i];
    random_state = (uint32_t)_i + 1;
    make_members(ranks);
    for (int step = 0; step < 40000; step++) {
        const bool fill = step / 8000 % 2 == 0;
        const uint32_t i = next_random() % MOST;
        if (!items[i].in && (fill || next_random() % 8 == 0))
            put(i);
        else if (items[i].in && (!fill || next_random() % 8 == 0))
            take(i);
        if (step % 500 != 0)
            continue;
        ck_assert_uint_eq(ranked.count, count_in());
        ranked_check(&ranked);
        for (int times = 0; times < 5; times++)
            search_random(ranks);
    }
}
END_TEST

START_TEST(finds_nothing_where_nothing_is)
{
    struct limits all = {.high = UINT64_MAX}, none = {.low = 1, .high = 0};
    search_all(&all, false);
    make_members(100);
    put(0);
    search_all(&all, false);
    search_all(&none, false);
    take(0);
    search_all(&all, false);
    ck_assert_uint_eq(slab.objects, 0);
}
END_TEST

/* Ranks at both ends of what a rank can be. */
START_TEST(knows_the_least_and_the_greatest_rank)
{
    struct limits limits[] = {
        {.high = 0}, {.low = UINT64_MAX, .high = UINT64_MAX}, {.high = UINT64_MAX}};
    make_members(1);
    for (uint32_t i = 0; i < MOST; i++) {
        members[i].rank = i % 2 ? UINT64_MAX : 0;
        put(i);
    }
    ranked_check(&ranked);
    for (int i = 0; i < 3; i++) {
        search_all(&limits[i], false);
        limits[i].low_tie = 100;
        limits[i].high_tie = 3000;
        search_all(&limits[i], true);
    }
}
END_TEST

/* A range that ends before it begins, among members of one rank. */
START_TEST(finds_nothing_in_a_range_turned_round)
{
    struct limits limits = {.low_tie = 3000, .high_tie = 100};
    make_members(1);
    for (uint32_t i = 0; i < MOST; i++)
        put(i);
    search_all(&limits, true);
    ck_assert_int_gt(limits.asked, 0);
}
END_TEST

/* In order, against it, and from both ends; and out again in as many ways. */
START_TEST(keeps_what_comes_in_order)
{
    make_members(1);
    for (uint32_t i = 0; i < MOST; i++)
        members[i].rank = i;
    for (uint32_t i = 0; i < MOST; i++)
        put(_i == 0 ? i : _i == 1 ? MOST - 1 - i : i % 2 ? MOST - 1 - i / 2 : i / 2);
    ranked_check(&ranked);
    for (int times = 0; times < 5; times++)
        search_random(MOST / 10);
    for (uint32_t i = 0; i < MOST; i++) {
        take(_i == 1 ? i : _i == 2 ? MOST - 1 - i : i % 2 ? MOST - 1 - i / 2 : i / 2);
        if (i % 100 == 0)
            ranked_check(&ranked);
    }
    ck_assert_uint_eq(slab.objects, 0);
}
END_TEST

/* The best is taken again and again, as whoever takes from a range does. */
START_TEST(gives_the_least_weight_after_each_change)
{
    const struct ranked_range range = {1000, 3000, NULL, NULL};
    uint64_t least = 0;
    make_members(500);
    for (uint32_t i = 0; i < MOST; i++)
        put(i);
    for (;;) {
        ranked_search(&search, &ranked, &range);
        const struct ranked_member *member = ranked_next(&search);
        if (!member)
            break;
        ck_assert_uint_ge(member->weight, least);
        least = member->weight;
        take((uint32_t)((struct item *)member->item - items));
    }
    ranked_check(&ranked);
    for (uint32_t i = 0; i < MOST; i++)
        ck_assert_int_eq(items[i].in, members[i].rank < 1000 || members[i].rank > 3000);
}
END_TEST

/* To find the first of a range nothing is looked at but one entry a level, where its ends allow. */
START_TEST(asks_no_side_that_the_first_does_not_hang_on)
{
    struct limits limits = {.low = 20, .high = 20000};
    const struct ranked_range range = {limits.low, limits.high, side, &limits};
    make_members(MOST);
    for (uint32_t i = 0; i < MOST; i++)
        put(i);
    for (uint32_t i = 0; i < MOST; i++)
        if (members[i].weight == 0 && members[i].rank != 10000) {
            take(i);
            members[i].rank = 10000;
            put(i);
        }
    ranked_search(&search, &ranked, &range);
    ck_assert_uint_eq(ranked_next(&search)->weight, 0);
    ck_assert_int_le(limits.asked, 2);
}
END_TEST

START_TEST(changes_nothing_without_memory)
{
    int failures = 0;
    make_members(rank_counts[_i]);
    for (uint32_t i = 0; i < MOST; i++) {
        for (size_t n = 1;; n++) {
            const size_t before = slab.objects;
            fault_set(n);
            const int result = ranked_insert(&ranked, &slab, &members[i]);
            const bool spent = !fault_pending();
            fault_set(0);
            ck_assert_uint_eq(ranked.count, result == 0 ? i + 1 : i);
            if (result == 0)
                break;
            ck_assert(spent);
            ck_assert_uint_eq(slab.objects, before);
            ranked_check(&ranked);
            failures++;
        }
        items[i].in = true;
    }
    ck_assert_int_gt(failures, 10);
    ranked_check(&ranked);
    search_random(rank_counts[_i]);
}
END_TEST

/* Removing asks for memory to give memory back; it goes on without. */
START_TEST(removes_without_memory)
{
    make_members(3000);
    for (uint32_t i = 0; i < MOST; i++)
        put(i);
    for (uint32_t i = 0; i < MOST; i++) {
        fault_set(1);
        take(i);
        fault_set(0);
        if (i % 100 == 0)
            ranked_check(&ranked);
    }
    ck_assert_uint_eq(slab.objects, 0);
}
END_TEST

START_TEST(frees_a_few_nodes_at_a_time)
{
    make_members(3000);
    for (uint32_t i = 0; i < MOST; i++)
        put(i);
    const size_t nodes = slab.objects;
    ck_assert_uint_gt(nodes, 50);
    size_t left = nodes;
    while (!ranked_deinit_some(&ranked, &slab, 3)) {
        ck_assert_uint_eq(slab.objects, left - 3);
        left = slab.objects;
    }
    ck_assert_uint_eq(slab.objects, 0);
    ck_assert(ranked_deinit_some(&ranked, &slab, 3));
    memset(items, 0, sizeof items);
    make_members(3000);
    put(0); /* it is empty, and can be used */
    ranked_check(&ranked);
}
END_TEST

/* --- What it costs: bytes a member, in pages --- */

enum { MANY = 200000 };

static int compare_items(const void *context, const struct ranked_member *a,
                         const struct ranked_member *b)
{
    (void)context;
    return (a->item > b->item) - (a->item < b->item);
}

/* The numbers below MANY in an order that looks random. */
static uint32_t mixed(uint32_t i)
{
    const uint32_t mask = (1u << 18) - 1;
    do {
        i = i * 0x2c1b5u & mask;
        i ^= i >> 9;
        i = i * 0x1e35bu & mask;
        i ^= i >> 10;
    } while (i >= MANY);
    return i;
}

/* Random, ascending, descending, few ranks with their members at random. */
static struct ranked_member nth_of_many(int order, uint32_t i)
{
    static char objects[MANY];
    const uint32_t ranks[] = {mixed(i), i, MANY - i, mixed(i) % 5};
    return (struct ranked_member){ranks[order], i, &objects[mixed(i)]};
}

START_TEST(costs_few_bytes_a_member)
{
    ranked_init(&ranked, compare_items, NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        const struct ranked_member member = nth_of_many(_i, i);
        ck_assert_int_eq(ranked_insert(&ranked, &slab, &member), 0);
    }
    ck_assert_uint_le(slab.pages * SLAB_PAGE / MANY, 32);
    ranked_check(&ranked);
}
END_TEST

/* Of those put at random all but some go at random: what they had is given back. */
START_TEST(gives_memory_back_when_thinned)
{
    ranked_init(&ranked, compare_items, NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        const struct ranked_member member = nth_of_many(0, i);
        ck_assert_int_eq(ranked_insert(&ranked, &slab, &member), 0);
    }
    const size_t pages = slab.pages;
    for (uint32_t i = 0; i < MANY; i++) {
        const struct ranked_member member = nth_of_many(0, i);
        if (i % 50)
            ranked_remove(&ranked, &slab, &member);
    }
    ranked_check(&ranked);
    ck_assert_uint_eq(ranked.count, MANY / 50);
    ck_assert_uint_le(slab.pages, pages / 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranked");
    TCase *tcase = tcase_create("ranked");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, agrees_with_an_array, 0, 5);
    tcase_add_test(tcase, finds_nothing_where_nothing_is);
    tcase_add_test(tcase, knows_the_least_and_the_greatest_rank);
    tcase_add_test(tcase, finds_nothing_in_a_range_turned_round);
    tcase_add_loop_test(tcase, keeps_what_comes_in_order, 0, 3);
    tcase_add_test(tcase, gives_the_least_weight_after_each_change);
    tcase_add_test(tcase, asks_no_side_that_the_first_does_not_hang_on);
    tcase_add_loop_test(tcase, changes_nothing_without_memory, 0, 5);
    tcase_add_test(tcase, removes_without_memory);
    tcase_add_test(tcase, frees_a_few_nodes_at_a_time);
    tcase_add_loop_test(tcase, costs_few_bytes_a_member, 0, 4);
    tcase_add_test(tcase, gives_memory_back_when_thinned);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

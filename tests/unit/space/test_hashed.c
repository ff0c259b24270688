/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/fault.h"
#include "space/hashed.h"
#include "space/stored.h"

enum {
    MOST = 3000,
    LEAST = 64, /* buckets of a table that has any */
};

static struct slab slab;
static struct hashed hashed;

/* What is in the table according to the test. */
struct element {
    struct stored *tuple;
    uint32_t hash;
    bool in;
};
static struct element elements[MOST];

static struct stored *make(uint64_t id, int8_t priority)
{
    static const uint8_t bytes[] = {0x91, 0x01};
    const struct tuple_view view = {bytes, sizeof bytes, 1};
    struct stored *tuple = stored_new(&slab, &view);
    stored_set_id(tuple, id);
    stored_set_priority(tuple, priority);
    return tuple;
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

/* As many tuples as are asked for, their hashes among so many (0: any). */
static void make_elements(int count, uint32_t hashes, uint64_t seed)
{
    for (int i = 0; i < count; i++) {
        elements[i].tuple = make((uint64_t)i + 1, (int8_t)(i % 3));
        elements[i].hash = next_random(&seed) * 2654435761u;
        if (hashes > 0)
            elements[i].hash = elements[i].hash % hashes * 0x9e3779b9u;
    }
}

static void setup(void)
{
    slab_init(&slab);
    hashed_init(&hashed);
}

/* Every test leaves the table as it likes. */
static void teardown(void)
{
    hashed_deinit(&hashed, &slab);
    for (int i = 0; i < MOST; i++)
        if (elements[i].tuple)
            stored_unref(&slab, elements[i].tuple);
    slab_deinit(&slab);
}

static void put(int i)
{
    ck_assert_int_eq(hashed_insert(&hashed, &slab, elements[i].tuple, elements[i].hash), 0);
    elements[i].in = true;
}

static void drop(int i)
{
    hashed_remove(&hashed, &slab, elements[i].tuple, elements[i].hash);
    elements[i].in = false;
}

/* The tuples of a hash as they are given, up to MOST. */
static int found_of(uint32_t hash, struct stored **tuples)
{
    struct hashed_found found;
    int count = 0;
    hashed_find(&hashed, hash, &found);
    if (!found.group) {
        for (; count < (int)found.count; count++)
            tuples[count] = found.few[count];
        return count;
    }
    for (struct places_cursor at = places_seek(found.group, 0); places_at(&at); places_next(&at))
        tuples[count++] = places_at(&at);
    return count;
}

static int by_place(const void *left, const void *right)
{
    const uint64_t a = stored_key(*(struct stored *const *)left);
    const uint64_t b = stored_key(*(struct stored *const *)right);
    return a < b ? -1 : a > b;
}

/* Exactly those of this hash come, in the order of place. */
static void compare(uint32_t hash)
{
    static struct stored *expected[MOST], *found[MOST];
    size_t count = 0;
    for (int i = 0; i < MOST; i++)
        if (elements[i].in && elements[i].hash == hash)
            expected[count++] = elements[i].tuple;
    qsort(expected, count, sizeof expected[0], by_place);
    ck_assert_int_eq(found_of(hash, found), (int)count);
    for (size_t i = 0; i < count; i++)
        if (found[i] != expected[i])
            ck_abort_msg("another tuple, or another order");
}

START_TEST(empty_finds_nothing_and_allocates_nothing)
{
    struct stored *found[1];
    fault_set(1);
    hashed_check(&hashed);
    ck_assert_int_eq(found_of(0, found), 0);
    ck_assert(hashed_deinit_some(&hashed, &slab, 1));
    ck_assert(fault_pending());
    fault_set(0);
}
END_TEST

START_TEST(finds_exactly_this_hash)
{
    make_elements(3, 1, 1);
    elements[0].hash = elements[2].hash = 8;
    elements[1].hash = 16 * 4096 + 8; /* of the same bucket */
    for (int i = 0; i < 3; i++)
        put(i);
    compare(8);
    compare(16 * 4096 + 8);
    compare(32 * 4096 + 8);
    drop(0);
    compare(8);
    drop(1);
    compare(8);
    compare(16 * 4096 + 8);
}
END_TEST

/* Few and many, by priority before id, whatever the order in which they come. */
START_TEST(gives_those_of_one_hash_in_the_order_of_place)
{
    const int count = _i;
    make_elements(count, 1, 1);
    for (int i = 0; i < count; i++)
        put(i * 7 % count); /* no count is a multiple of 7 */
    hashed_check(&hashed);
    compare(elements[0].hash);
    for (int i = 0; i < count; i += 2)
        drop(i);
    compare(elements[0].hash);
    for (int i = 0; i < count; i += 2)
        put(i); /* back at its old place */
    compare(elements[0].hash);
    for (int i = 0; i < count; i++) {
        drop(i * 7 % count);
        hashed_check(&hashed);
        compare(elements[0].hash);
    }
}
END_TEST

START_TEST(more_than_a_few_have_an_order_of_their_own)
{
    struct hashed_found found;
    make_elements(HASHED_FEW + 1, 1, 1);
    for (int i = 0; i < HASHED_FEW; i++)
        put(i);
    hashed_find(&hashed, elements[0].hash, &found);
    ck_assert_ptr_null(found.group);
    ck_assert_uint_eq(found.count, HASHED_FEW);
    put(HASHED_FEW);
    hashed_find(&hashed, elements[0].hash, &found);
    ck_assert_ptr_nonnull(found.group);
    ck_assert_uint_eq(found.count, 0);
    for (int i = 0; i < HASHED_FEW; i++)
        drop(i);
    hashed_find(&hashed, elements[0].hash, &found);
    ck_assert_ptr_null(found.group);
    ck_assert_uint_eq(found.count, 1);
}
END_TEST

/* The target count goes up and down, for many hashes, a few, and one. */
START_TEST(agrees_with_a_list)
{
    static const uint32_t hashes[] = {0, 1000, 40, 1};
    uint64_t seed = (uint64_t)_i + 1;
    const size_t before = slab.objects + MOST;
    make_elements(MOST, hashes[_i % 4], seed);
    for (int round = 0; round < 12; round++) {
        const uint32_t wanted = round == 11 ? 0 : next_random(&seed) % (round % 2 ? 60 : MOST);
        while (hashed.count != wanted) {
            const int i = (int)(next_random(&seed) % MOST);
            if (elements[i].in != (hashed.count > wanted))
                continue;
            if (elements[i].in)
                drop(i);
            else
                put(i);
        }
        hashed_check(&hashed);
        for (int i = 0; i < 200; i++)
            compare(elements[next_random(&seed) % MOST].hash);
        compare(next_random(&seed));
    }
    ck_assert_uint_eq(slab.objects, before);
}
END_TEST

/* Numbers as a good hash would spread them, but that no two are equal. */
static uint32_t spread(uint32_t i)
{
    i = (i ^ i >> 16) * 0x85ebca6b;
    i = (i ^ i >> 13) * 0xc2b2ae35;
    return i ^ i >> 16;
}

/* The slab's pages and the buckets: what is allocated for those in the table. */
static void costs_at_most(double bytes)
{
    const size_t all = slab.pages * SLAB_PAGE + hashed.buckets * sizeof(void *);
    ck_assert_double_le((double)all / (double)hashed.count, bytes);
}

/* By millions of bytes and back: all goes but the first few buckets. */
START_TEST(grows_large_and_gives_it_back)
{
    enum { MANY = 300000 };
    struct stored *many = calloc(MANY, sizeof *many); /* only their places are looked at */
    ck_assert_ptr_nonnull(many);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            many[i].key = i;
            ck_assert_int_eq(hashed_insert(&hashed, &slab, &many[i], spread(i)), 0);
        }
        hashed_check(&hashed);
        costs_at_most(20);
        for (uint32_t i = 0; i < MANY; i++) {
            struct hashed_found found;
            hashed_find(&hashed, spread(i), &found);
            if (found.count != 1 || found.few[0] != &many[i])
                ck_abort_msg("a tuple is not found");
        }
        for (uint32_t i = 0; i < MANY; i++) {
            hashed_remove(&hashed, &slab, &many[i], spread(i));
            if (i == MANY / 10 * 7)
                costs_at_most(46);
        }
        hashed_check(&hashed);
        ck_assert_uint_eq(hashed.buckets, LEAST);
        ck_assert_uint_eq(slab.objects, 0);
        for (uint32_t i = 1; i < hashed.directory; i++)
            ck_assert_ptr_null(hashed.segments[i]);
    }
    free(many);
}
END_TEST

START_TEST(the_number_of_buckets_follows_the_count)
{
    make_elements(MOST, 0, 1);
    for (int i = 0; i < MOST; i++) {
        put(i);
        ck_assert_uint_le(hashed.count, 16 * (uint64_t)hashed.buckets);
    }
    ck_assert_uint_lt(hashed.buckets, MOST / 4);
    for (int i = 0; i < MOST; i++) {
        drop(i);
        ck_assert(hashed.buckets <= LEAST || hashed.buckets <= hashed.count / 3);
    }
}
END_TEST

/* Many of one hash need one slot, so no more buckets. */
START_TEST(one_hash_needs_one_bucket)
{
    make_elements(MOST, 1, 1);
    for (int i = 0; i < MOST; i++)
        put(i);
    ck_assert_uint_eq(hashed.buckets, LEAST);
    hashed_check(&hashed);
}
END_TEST

/* However small the pieces are. */
START_TEST(forgets_all_one_by_one)
{
    static const uint32_t hashes[] = {0, 100, 1};
    uint32_t calls = 1;
    make_elements(MOST, hashes[_i], 3);
    for (int i = 0; i < MOST; i++)
        put(i);
    for (; !hashed_deinit_some(&hashed, &slab, 1); calls++)
        ck_assert_uint_le(calls, 2 * MOST);
    ck_assert_uint_eq(slab.objects, MOST);
}
END_TEST

START_TEST(changes_nothing_without_memory)
{
    static const uint32_t hashes[] = {0, 300, 1};
    int failures = 0;
    make_elements(MOST, hashes[_i], 5);
    for (int i = 0; i < MOST; i++) {
        for (size_t n = 1;; n++) {
            const uint64_t count = hashed.count;
            fault_set(n);
            const int result = hashed_insert(&hashed, &slab, elements[i].tuple, elements[i].hash);
            const bool spent = !fault_pending();
            fault_set(0);
            ck_assert_uint_eq(hashed.count, count + (result == 0));
            elements[i].in = result == 0;
            if (i % 50 == 0 || (spent && result == 0)) {
                hashed_check(&hashed);
                compare(elements[i].hash);
            }
            if (!spent)
                break;
            if (result == 0)
                drop(i); /* it did without: what comes after that? */
            failures++;
        }
        ck_assert(elements[i].in);
    }
    ck_assert_int_gt(failures, 0);
    for (int i = 0; i < MOST; i++)
        compare(elements[i].hash);
}
END_TEST

/* The next allocation fails at every operation that can do without it. */
START_TEST(goes_on_without_memory_to_grow_or_to_shrink)
{
    make_elements(MOST, _i == 0 ? 0 : 300, 9);
    for (int i = 0; i < MOST; i++) {
        fault_set(2); /* the first is what it may need itself */
        if (hashed_insert(&hashed, &slab, elements[i].tuple, elements[i].hash) == 0)
            elements[i].in = true;
        fault_set(0);
        if (!elements[i].in)
            put(i);
    }
    hashed_check(&hashed);
    for (int i = 0; i < MOST; i++) {
        fault_set(1);
        drop(i);
        fault_set(0);
        if (i % 100 == 0)
            hashed_check(&hashed);
        compare(elements[MOST - 1 - i].hash);
    }
    ck_assert_uint_eq(hashed.count, 0);
    ck_assert_uint_eq(slab.objects, MOST);
}
END_TEST

/* In pieces, the tuples being gone already. */
START_TEST(forgets_all_in_pieces)
{
    static const uint32_t hashes[] = {0, 100, 1};
    make_elements(MOST, hashes[_i], 3);
    for (int i = 0; i < MOST; i++)
        put(i);
    for (int i = 0; i < MOST; i++) {
        stored_unref(&slab, elements[i].tuple);
        elements[i].tuple = NULL;
    }
    uint32_t calls = 1;
    for (size_t before = slab.objects; !hashed_deinit_some(&hashed, &slab, 100); calls++) {
        ck_assert_uint_le(before - slab.objects, 200);
        before = slab.objects;
    }
    ck_assert_uint_ge(calls, MOST / 300);
    ck_assert_uint_le(calls, MOST / 20);
    ck_assert_uint_eq(slab.objects, 0);
    ck_assert_uint_eq(hashed.count, 0);
    ck_assert_ptr_null(hashed.segments);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hashed");
    TCase *tests = tcase_create("hashed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, empty_finds_nothing_and_allocates_nothing);
    tcase_add_test(tests, finds_exactly_this_hash);
    tcase_add_loop_test(tests, gives_those_of_one_hash_in_the_order_of_place, 1, 7);
    tcase_add_loop_test(tests, gives_those_of_one_hash_in_the_order_of_place, 8, 14);
    tcase_add_loop_test(tests, gives_those_of_one_hash_in_the_order_of_place, 400, 402);
    tcase_add_test(tests, more_than_a_few_have_an_order_of_their_own);
    tcase_add_loop_test(tests, agrees_with_a_list, 0, 8);
    tcase_add_test(tests, grows_large_and_gives_it_back);
    tcase_add_test(tests, the_number_of_buckets_follows_the_count);
    tcase_add_test(tests, one_hash_needs_one_bucket);
    tcase_add_loop_test(tests, changes_nothing_without_memory, 0, 3);
    tcase_add_loop_test(tests, goes_on_without_memory_to_grow_or_to_shrink, 0, 2);
    tcase_add_loop_test(tests, forgets_all_in_pieces, 0, 3);
    tcase_add_loop_test(tests, forgets_all_one_by_one, 0, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

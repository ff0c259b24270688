/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/fault.h"
#include "space/places.h"
#include "space/stored.h"

enum { MOST = 3000 };

static struct slab slab;
static struct stored *tuples[MOST];
static struct places places;

/* A tuple per place; priorities make the order differ from that of the ids. */
static struct stored *make(uint64_t id, int8_t priority)
{
    static const uint8_t bytes[] = {0x91, 0x01};
    const struct tuple_view view = {bytes, sizeof bytes, 1};
    struct stored *tuple = stored_new(&slab, &view);
    stored_set_id(tuple, id);
    stored_set_priority(tuple, priority);
    return tuple;
}

static void setup(void)
{
    slab_init(&slab);
    places = (struct places){0};
}

static void teardown(void)
{
    places_deinit(&places, &slab);
    slab_deinit(&slab);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

START_TEST(keeps_order_of_priority_then_id)
{
    struct stored *low = make(1, -1), *first = make(2, 0), *second = make(3, 0), *high = make(4, 9);
    places_insert(&places, &slab, second);
    places_insert(&places, &slab, low);
    places_insert(&places, &slab, high);
    places_insert(&places, &slab, first);
    struct places_cursor at = places_seek(&places, 0);
    struct stored *const order[] = {high, first, second, low};
    for (int i = 0; i < 4; i++, places_next(&at))
        ck_assert_ptr_eq(places_at(&at), order[i]);
    ck_assert_ptr_null(places_at(&at));
    ck_assert_ptr_eq(places_first(&places), high);
    for (int i = 0; i < 4; i++) {
        places_remove(&places, &slab, order[i]);
        stored_unref(&slab, order[i]);
    }
}
END_TEST

START_TEST(seeks_from_a_place_both_ways)
{
    for (uint64_t i = 0; i < 500; i++)
        places_insert(&places, &slab, tuples[i] = make(10 + 2 * i, 0));
    for (uint64_t i = 1; i + 1 < 500; i++) {
        const uint64_t key = stored_key(tuples[i]);
        struct places_cursor at = places_seek(&places, key);
        ck_assert_ptr_eq(places_at(&at), tuples[i]);
        at = places_seek(&places, key + 1); /* between two */
        ck_assert_ptr_eq(places_at(&at), tuples[i + 1]);
        places_previous(&at);
        ck_assert_ptr_eq(places_at(&at), tuples[i]);
        at = places_seek_back(&places, key);
        ck_assert_ptr_eq(places_at(&at), tuples[i]);
        at = places_seek_back(&places, key - 1);
        ck_assert_ptr_eq(places_at(&at), tuples[i - 1]);
    }
    struct places_cursor at = places_seek(&places, UINT64_MAX);
    ck_assert_ptr_null(places_at(&at));
    at = places_seek_back(&places, 0);
    ck_assert_ptr_null(places_at(&at));
    for (int i = 0; i < 500; i++) {
        places_remove(&places, &slab, tuples[i]);
        stored_unref(&slab, tuples[i]);
    }
}
END_TEST

/* Places one beside the other, of several priorities, and as far apart as makes leaves wide at once,
 * half way, or here and there. */
static struct stored *make_far(int kind, uint64_t i)
{
    switch (kind) {
    case 0:
        return make(i + 1, 0);
    case 1:
        return make(i + 1, (int8_t)(i % 3));
    case 2:
        return make((i + 1) << 26, 0);
    case 3:
        return make((i + 1) << 33, 0);
    case 4:
        return make(i + 1 + (i / 100 << 32), (int8_t)(i % 50 == 0));
    default:
        return make(i + 1 + ((uint64_t)UINT32_MAX - 500) * (i > 1000), 0);
    }
}

/* Fills and thins it at random places; what is in it is always what is expected. */
START_TEST(agrees_with_a_set_of_places)
{
    uint32_t random = (uint32_t)_i + 1;
    bool in[MOST] = {false};
    uint64_t count = 0;
    for (int i = 0; i < MOST; i++)
        tuples[i] = make_far(_i % 6, (uint64_t)i);
    for (int step = 0; step < 30000; step++) {
        const bool fill = step / 5000 % 2 == 0;
        const uint32_t i = next_random(&random) % MOST;
        if (!in[i] && (fill || next_random(&random) % 8 == 0)) {
            ck_assert_int_eq(places_insert(&places, &slab, tuples[i]), 0);
            in[i] = true;
            count++;
        } else if (in[i] && (!fill || next_random(&random) % 8 == 0)) {
            places_remove(&places, &slab, tuples[i]);
            in[i] = false;
            count--;
        }
        ck_assert_uint_eq(places.count, count);
        if (step % 500 == 0)
            places_check(&places);
    }
    for (int i = 0; i < MOST; i++) {
        const struct places_cursor at = places_seek(&places, stored_key(tuples[i]));
        ck_assert_int_eq(places_at(&at) == tuples[i], in[i]);
    }
    places_deinit(&places, &slab);
    for (int i = 0; i < MOST; i++)
        stored_unref(&slab, tuples[i]);
}
END_TEST

/* What is taken leaves a hole in its leaf: nothing comes out of it, and it can be filled again. */
START_TEST(passes_over_what_was_taken)
{
    for (uint64_t i = 0; i < 504; i++)
        places_insert(&places, &slab, tuples[i] = make(10 + i, 0));
    for (uint64_t i = 0; i < 504; i++)
        if (i % 3 != 0)
            places_remove(&places, &slab, tuples[i]);
    places_check(&places);
    struct places_cursor at = places_seek(&places, 0);
    for (uint64_t i = 0; i < 504; i += 3, places_next(&at))
        ck_assert_ptr_eq(places_at(&at), tuples[i]);
    ck_assert_ptr_null(places_at(&at));
    for (uint64_t i = 1; i + 2 < 504; i += 3) {
        at = places_seek(&places, stored_key(tuples[i]));
        ck_assert_ptr_eq(places_at(&at), tuples[i + 2]);
        at = places_seek_back(&places, stored_key(tuples[i + 1]));
        ck_assert_ptr_eq(places_at(&at), tuples[i - 1]);
    }
    const size_t before = slab.objects;
    for (uint64_t i = 504; i-- > 0;)
        if (i % 3 != 0)
            ck_assert_int_eq(places_insert(&places, &slab, tuples[i]), 0);
    ck_assert_uint_eq(slab.objects, before);
    at = places_seek(&places, 0);
    for (uint64_t i = 0; i < 504; i++, places_next(&at))
        ck_assert_ptr_eq(places_at(&at), tuples[i]);
    for (int i = 0; i < 504; i++) {
        places_remove(&places, &slab, tuples[i]);
        stored_unref(&slab, tuples[i]);
    }
}
END_TEST

/* The first leaf goes, then what is put before the next one splits it below its old bound. */
START_TEST(finds_what_stands_where_the_first_leaf_was)
{
    const int gone = 40 + 20 * _i; /* some of these are all of the first leaf */
    for (int i = 0; i < 500; i++)
        places_insert(&places, &slab, tuples[i] = make((uint64_t)i + 1, 0));
    for (int i = 0; i < gone; i++)
        places_remove(&places, &slab, tuples[i]);
    for (int i = gone - 1; i >= 0; i--) {
        places_insert(&places, &slab, tuples[i]);
        places_check(&places);
    }
    for (int i = 0; i < 500; i++) {
        ck_assert_ptr_eq(places_first(&places), tuples[i]);
        places_remove(&places, &slab, tuples[i]);
        stored_unref(&slab, tuples[i]);
    }
}
END_TEST

START_TEST(changes_nothing_without_memory)
{
    for (int i = 0; i < MOST; i++)
        tuples[i] = make_far(_i, (uint64_t)i);
    int failures = 0;
    for (int i = 0; i < MOST; i++) {
        for (size_t n = 1;; n++) {
            fault_set(n);
            const int result = places_insert(&places, &slab, tuples[i]);
            const bool spent = !fault_pending();
            fault_set(0);
            ck_assert_uint_eq(places.count, (uint64_t)(result == 0 ? i + 1 : i));
            if (result == 0)
                break;
            ck_assert(spent);
            failures++;
        }
    }
    ck_assert_int_gt(failures, 0);
    places_check(&places);
    places_deinit(&places, &slab);
    for (int i = 0; i < MOST; i++)
        stored_unref(&slab, tuples[i]);
}
END_TEST

/* Whatever order they are put in: ascending, descending, from the middle on to both sides. */
START_TEST(takes_what_is_far_off_in_any_order)
{
    for (int i = 0; i < MOST; i++)
        tuples[i] = make_far(_i % 6, (uint64_t)i);
    for (int i = 0; i < MOST; i++) {
        const int from_middle = MOST / 2 + (i % 2 ? -(i + 1) / 2 : i / 2);
        const int at = _i < 6 ? MOST - 1 - i : from_middle;
        ck_assert_int_eq(places_insert(&places, &slab, tuples[at]), 0);
        if (i % 100 == 0)
            places_check(&places);
    }
    places_check(&places);
    struct places_cursor at = places_seek(&places, 0);
    uint64_t before = 0;
    for (int i = 0; i < MOST; i++, places_next(&at)) {
        ck_assert_uint_gt(stored_key(places_at(&at)), before);
        before = stored_key(places_at(&at));
    }
    for (int i = 0; i < MOST; i++) {
        places_remove(&places, &slab, tuples[i]);
        if (i % 100 == 0)
            places_check(&places);
    }
    ck_assert_ptr_null(places.root);
    for (int i = 0; i < MOST; i++)
        stored_unref(&slab, tuples[i]);
}
END_TEST

/* Two of different priorities in an order of their own are no more than a small node. */
START_TEST(few_that_are_far_apart_stay_small)
{
    struct stored *low = make(1, -1), *high = make(2, 1);
    const size_t before = slab.objects;
    places_insert(&places, &slab, low);
    places_insert(&places, &slab, high);
    ck_assert_uint_eq(slab.objects, before + 1);
    ck_assert_ptr_eq(places_first(&places), high);
    ck_assert_uint_le(slab.pages, 3); /* the tuples' size, the node's, the one that it grew from */
    slab_free(&slab, slab_alloc(&slab, 2048), 2048); /* none of them is as large as this */
    ck_assert_uint_eq(slab.pages, 4);
    places_deinit(&places, &slab);
    stored_unref(&slab, low);
    stored_unref(&slab, high);
}
END_TEST

/* Put in order, they cost twelve bytes each and little more. */
START_TEST(is_full_when_filled_in_order)
{
    for (int i = 0; i < MOST; i++)
        tuples[i] = make((uint64_t)i + 1, 0);
    const size_t before = slab.objects;
    for (int i = 0; i < MOST; i++)
        places_insert(&places, &slab, tuples[i]);
    ck_assert_uint_le(slab.objects - before, MOST / 168 + 3);
    places_deinit(&places, &slab);
    for (int i = 0; i < MOST; i++)
        stored_unref(&slab, tuples[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("places");
    TCase *tcase = tcase_create("places");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, keeps_order_of_priority_then_id);
    tcase_add_test(tcase, seeks_from_a_place_both_ways);
    tcase_add_loop_test(tcase, agrees_with_a_set_of_places, 0, 12);
    tcase_add_test(tcase, passes_over_what_was_taken);
    tcase_add_loop_test(tcase, finds_what_stands_where_the_first_leaf_was, 0, 10);
    tcase_add_loop_test(tcase, changes_nothing_without_memory, 0, 6);
    tcase_add_loop_test(tcase, takes_what_is_far_off_in_any_order, 0, 12);
    tcase_add_test(tcase, few_that_are_far_apart_stay_small);
    tcase_add_test(tcase, is_full_when_filled_in_order);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

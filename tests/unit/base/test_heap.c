/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/fault.h"
#include "base/heap.h"

struct element {
    uint32_t key;
    uint32_t number; /* decides between equal keys */
    struct heap_node node;
};

static const struct element *element_of(const struct heap_node *node)
{
    return container_of(node, const struct element, node);
}

static struct heap_key key_of(const struct element *element)
{
    return (struct heap_key){element->key, element->number};
}

static int element_sort(const void *a, const void *b)
{
    const struct heap_key x = key_of(a), y = key_of(b);

    return heap_key_less(&x, &y) ? -1 : 1;
}

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

START_TEST(empty_has_no_least)
{
    struct heap heap;

    heap_init(&heap);
    ck_assert_ptr_null(heap_peek(&heap));
    ck_assert_ptr_null(heap_pop(&heap));
    heap_deinit(&heap);
}
END_TEST

enum { ELEMENTS = 500 };

/* Removes some at random, wherever they are; the rest comes out as sorting has it. */
START_TEST(comes_out_sorted)
{
    uint64_t seed = (uint64_t)_i + 1;
    struct element elements[ELEMENTS], kept[ELEMENTS];
    struct heap heap;
    size_t count = 0;

    heap_init(&heap);
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        elements[i] = (struct element){.key = random_next(&seed) % 100, .number = i};
        ck_assert_int_eq(heap_push(&heap, &elements[i].node, key_of(&elements[i])), 0);
        ck_assert(heap_contains(&elements[i].node));
    }
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        if (random_next(&seed) % 3 == 0) {
            heap_remove(&heap, &elements[i].node);
            ck_assert(!heap_contains(&elements[i].node));
        } else {
            kept[count++] = elements[i];
        }
    }
    ck_assert_uint_eq(heap.count, count);
    qsort(kept, count, sizeof(kept[0]), element_sort);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(element_of(heap_peek(&heap))->number, kept[i].number);
        ck_assert_uint_eq(element_of(heap_pop(&heap))->number, kept[i].number);
    }
    ck_assert_ptr_null(heap_pop(&heap));
    heap_deinit(&heap);
}
END_TEST

START_TEST(a_push_without_memory_changes_nothing)
{
    struct element first = {.key = 1}, second = {.key = 0};
    struct heap heap;

    heap_init(&heap);
    fault_set(1);
    ck_assert_int_eq(heap_push(&heap, &first.node, key_of(&first)), -1);
    ck_assert(!heap_contains(&first.node));
    ck_assert_int_eq(heap_push(&heap, &first.node, key_of(&first)), 0);
    ck_assert_int_eq(heap_push(&heap, &second.node, key_of(&second)), 0);
    ck_assert_ptr_eq(heap_peek(&heap), &second.node);
    heap_deinit(&heap);
    ck_assert(!heap_contains(&first.node));
}
END_TEST

START_TEST(reserved_pushes_do_not_allocate)
{
    static struct element elements[100];
    struct heap heap;

    heap_init(&heap);
    ck_assert_int_eq(heap_reserve(&heap, 100), 0);
    fault_set(1);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(heap_push(&heap, &elements[i].node, key_of(&elements[i])), 0);
    ck_assert(fault_pending());
    fault_set(0);
    heap_deinit(&heap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *tests = tcase_create("heap");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, empty_has_no_least);
    tcase_add_loop_test(tests, comes_out_sorted, 0, 50);
    tcase_add_test(tests, a_push_without_memory_changes_nothing);
    tcase_add_test(tests, reserved_pushes_do_not_allocate);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/fault.h"

START_TEST(nothing_is_not_null)
{
    void *block = mem_alloc(0);

    ck_assert_ptr_nonnull(block);
    mem_free(block);
    mem_free(NULL);
}
END_TEST

START_TEST(the_nth_allocation_fails_once)
{
    void *first, *third, *block;

    fault_set(2);
    first = mem_alloc(1);
    ck_assert_ptr_nonnull(first);
    ck_assert(fault_pending());
    errno = 0;
    ck_assert_ptr_null(mem_zalloc(1));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert(!fault_pending());
    third = mem_alloc_aligned(64, 1);
    ck_assert_ptr_nonnull(third);
    mem_free(third);

    fault_set(1);
    ck_assert_ptr_null(mem_realloc(first, 100)); /* and the old block stays */
    *(char *)first = 1;
    block = mem_realloc(first, 100);
    ck_assert_ptr_nonnull(block);
    mem_free(block);
}
END_TEST

START_TEST(a_fault_can_be_taken_back)
{
    void *block;

    fault_set(1);
    fault_set(0);
    block = mem_alloc(1);
    ck_assert_ptr_nonnull(block);
    mem_free(block);
}
END_TEST

START_TEST(an_array_too_large_to_count_is_no_memory)
{
    ck_assert_ptr_null(mem_realloc_array(NULL, SIZE_MAX / 8 + 1, 8));
}
END_TEST

START_TEST(aligned_as_asked)
{
    void *block = mem_alloc_aligned(65536, 10);

    ck_assert_uint_eq((uintptr_t)block % 65536, 0);
    mem_free(block);
}
END_TEST

static int freed;

static void count_free(char *block)
{
    freed++;
    mem_free(block);
}
CLEANUP_DEFINE(count_free, char *)

static char *build(bool fails)
{
    CLEANUP(count_free) char *block = mem_alloc(1);

    if (fails)
        return NULL;
    return STEAL(block);
}

START_TEST(a_local_releases_itself_unless_stolen)
{
    char *built;

    freed = 0;
    ck_assert_ptr_null(build(true));
    ck_assert_int_eq(freed, 1);
    built = build(false);
    ck_assert_ptr_nonnull(built);
    ck_assert_int_eq(freed, 1);
    mem_free(built);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alloc");
    TCase *tests = tcase_create("alloc");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, nothing_is_not_null);
    tcase_add_test(tests, the_nth_allocation_fails_once);
    tcase_add_test(tests, a_fault_can_be_taken_back);
    tcase_add_test(tests, an_array_too_large_to_count_is_no_memory);
    tcase_add_test(tests, aligned_as_asked);
    tcase_add_test(tests, a_local_releases_itself_unless_stolen);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

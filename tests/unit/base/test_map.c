/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/map.h"

/* An odd number of blocks at once, so that not all can come out aligned by chance. */
START_TEST(blocks_are_aligned_zero_and_apart)
{
    enum { BLOCKS = 5 };
    const size_t size = (size_t)(_i / 2 + 1) * MAP_UNIT;
    unsigned char *blocks[BLOCKS];

    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = map_alloc(size, _i % 2);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_uint_eq((uintptr_t)blocks[i] % MAP_UNIT, 0);
        ck_assert(blocks[i][0] == 0 && blocks[i][size - 1] == 0);
        memset(blocks[i], i + 1, size);
    }
    for (int i = 0; i < BLOCKS; i++) {
        ck_assert(blocks[i][0] == i + 1 && memcmp(blocks[i], blocks[i] + 1, size - 1) == 0);
        map_free(blocks[i], size);
    }
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    fault_set(1);
    errno = 0;
    ck_assert_ptr_null(map_alloc(MAP_UNIT, false));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert(!fault_pending());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *tests = tcase_create("map");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, blocks_are_aligned_zero_and_apart, 0, 4);
    tcase_add_test(tests, without_memory_there_is_none);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

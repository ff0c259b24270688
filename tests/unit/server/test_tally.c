/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "server/tally.h"

static struct tally tally;

static void setup(void)
{
    tally = (struct tally){0};
}

START_TEST(an_empty_one_has_nothing)
{
    ck_assert_uint_eq(tally_unread(&tally, 0), 0);
    ck_assert_uint_eq(tally_unread(&tally, UINT64_MAX), 0);
}
END_TEST

START_TEST(a_block_is_read_once_the_front_is_past_its_end)
{
    tally_add(&tally, 100, 30);
    tally_add(&tally, 150, 20);
    ck_assert_uint_eq(tally_unread(&tally, 0), 50);
    ck_assert_uint_eq(tally_unread(&tally, 149), 50); /* rather too many */
    ck_assert_uint_eq(tally_unread(&tally, 150), 0);
    tally_add(&tally, 200, 7);
    ck_assert_uint_eq(tally_unread(&tally, 150), 7);
}
END_TEST

START_TEST(answers_between_events_do_not_count)
{
    tally_add(&tally, TALLY_BLOCK, TALLY_BLOCK);
    tally_add(&tally, MIB(100), TALLY_BLOCK); /* after answers of a hundred MiB */
    tally_add(&tally, MIB(200), 10);
    ck_assert_uint_eq(tally_unread(&tally, TALLY_BLOCK - 1), 2 * TALLY_BLOCK + 10);
    ck_assert_uint_eq(tally_unread(&tally, TALLY_BLOCK), TALLY_BLOCK + 10);
    ck_assert_uint_eq(tally_unread(&tally, MIB(100)), 10);
    ck_assert_uint_eq(tally_unread(&tally, MIB(200)), 0);
}
END_TEST

/* Against a list of all events, with a front that moves at random. */
START_TEST(it_is_exact_to_a_block)
{
    enum { MANY = 20000 };
    static uint64_t ends[MANY], sizes[MANY];
    uint64_t end = 0, front = 0;

    srandom((unsigned)_i + 1);
    for (int i = 0; i < MANY; i++) {
        uint64_t exact = 0, told;

        sizes[i] = (uint64_t)random() % 300 + 1;
        end += (uint64_t)random() % 400 + sizes[i];
        ends[i] = end;
        tally_add(&tally, end, sizes[i]);
        if (front + MIB(1) < end)
            front += (uint64_t)random() % KIB(512);
        for (int k = i; k >= 0 && ends[k] > front; k--)
            exact += sizes[k];
        told = tally_unread(&tally, front);
        ck_assert_uint_ge(told, exact);
        ck_assert_uint_le(told, exact + TALLY_BLOCK + 300);
    }
}
END_TEST

START_TEST(what_is_more_than_its_blocks_goes_into_the_last)
{
    for (uint64_t i = 1; i <= 3 * TALLY_BLOCKS; i++)
        tally_add(&tally, i * TALLY_BLOCK, TALLY_BLOCK);
    ck_assert_uint_eq(tally_unread(&tally, 0), 3 * TALLY_BLOCKS * TALLY_BLOCK);
    ck_assert_uint_eq(tally_unread(&tally, TALLY_BLOCK), (3 * TALLY_BLOCKS - 1) * TALLY_BLOCK);
    ck_assert_uint_eq(tally_unread(&tally, 3 * TALLY_BLOCKS * TALLY_BLOCK), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/tally");
    TCase *tcase = tcase_create("tally");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, an_empty_one_has_nothing);
    tcase_add_test(tcase, a_block_is_read_once_the_front_is_past_its_end);
    tcase_add_test(tcase, answers_between_events_do_not_count);
    tcase_add_loop_test(tcase, it_is_exact_to_a_block, 0, 3);
    tcase_add_test(tcase, what_is_more_than_its_blocks_goes_into_the_last);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

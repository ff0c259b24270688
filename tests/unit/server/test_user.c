/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/fault.h"
#include "server/deadline.h"
#include "server/limits.h"
#include "server/user.h"

START_TEST(a_user_is_one_while_somebody_refers_to_it)
{
    struct users users;

    users_init(&users);
    struct user *seven = user_ref(&users, 7), *eight = user_ref(&users, 8);
    ck_assert_ptr_eq(user_ref(&users, 7), seven);
    ck_assert_ptr_ne(seven, eight);
    user_unref(seven);
    ck_assert_uint_eq(table_count(&users.by_uid), 2);
    ck_assert_ptr_null(user_unref(seven));
    ck_assert_uint_eq(table_count(&users.by_uid), 1);
    user_unref(eight);
    users_deinit(&users);
}
END_TEST

START_TEST(a_charge_counts_up_to_the_limit_and_releases_itself)
{
    struct charge one = {0}, two = {0};
    struct users users;

    users_init(&users);
    users.limits[SLOT_UNFINISHED] = 100;
    struct user *user = user_ref(&users, 7);
    ck_assert(charge_set(&one, user, SLOT_UNFINISHED, 60));
    ck_assert(charge_set(&two, user, SLOT_UNFINISHED, 40));
    ck_assert(!charge_set(&two, user, SLOT_UNFINISHED, 41));
    ck_assert_uint_eq(two.amount, 40); /* as before */
    ck_assert(charge_set(&one, user, SLOT_UNFINISHED, 59));
    ck_assert(charge_set(&two, user, SLOT_UNFINISHED, 41));
    user_unref(user);
    charge_release(&one);
    charge_release(&one); /* it is nothing now */
    ck_assert_uint_eq(user->used[SLOT_UNFINISHED], 41);
    charge_release(&two);
    users_deinit(&users); /* asserts that the user is gone */
}
END_TEST

START_TEST(users_and_slots_are_charged_apart)
{
    struct charge charges[3] = {0};
    struct users users;

    users_init(&users);
    users.limits[SLOT_CONNECTIONS] = 1;
    struct user *a = user_ref(&users, 1), *b = user_ref(&users, 2);
    ck_assert(charge_set(&charges[0], a, SLOT_CONNECTIONS, 1));
    ck_assert(charge_set(&charges[1], b, SLOT_CONNECTIONS, 1));
    ck_assert(charge_set(&charges[2], a, SLOT_UNFINISHED, 5));
    for (int i = 0; i < 3; i++)
        charge_release(&charges[i]);
    user_unref(a);
    user_unref(b);
    users_deinit(&users);
}
END_TEST

START_TEST(without_memory_there_is_no_user)
{
    struct users users;

    users_init(&users);
    for (size_t n = 1; n < 10; n++) {
        fault_set(n);
        struct user *user = user_ref(&users, 7);
        fault_set(0);
        user_unref(user);
        if (user) {
            ck_assert_uint_gt(n, 1);
            break;
        }
        ck_assert_uint_eq(table_count(&users.by_uid), 0);
    }
    users_deinit(&users);
}
END_TEST

START_TEST(deadlines_end_in_order_and_move_to_the_end)
{
    struct deadline a = {0}, b = {0};
    struct deadlines deadlines;

    deadlines_init(&deadlines, 10);
    ck_assert_uint_eq(deadlines_next(&deadlines), UINT64_MAX);
    deadline_set(&a, &deadlines, 100);
    deadline_set(&b, &deadlines, 101);
    ck_assert_uint_eq(deadlines_next(&deadlines), 110);
    ck_assert_ptr_null(deadlines_pop(&deadlines, 109));
    deadline_set(&a, &deadlines, 102);
    ck_assert_ptr_eq(deadlines_pop(&deadlines, 112), &b);
    ck_assert_ptr_eq(deadlines_pop(&deadlines, 112), &a);
    ck_assert_ptr_null(deadlines_pop(&deadlines, 112));
    deadline_set(&a, &deadlines, 120);
    deadline_clear(&a);
    deadline_clear(&a);
    ck_assert_uint_eq(deadlines_next(&deadlines), UINT64_MAX);
}
END_TEST

static struct limits limits;
static struct problem problem;

static int set(const char *name, const char *value)
{
    return limits_set(&limits, name, strlen(name), value, &problem);
}

START_TEST(a_limit_is_set_by_its_name)
{
    limits_init(&limits);
    ck_assert_uint_eq(limits.opening_ms, 10000);
    ck_assert_int_ge(set("opening-ms", "250"), 0);
    ck_assert_uint_eq(limits.opening_ms, 250);
    ck_assert_uint_eq(limits.opening_bytes, 4096);
    ck_assert_int_ne(set("opening-bytes", "5"), set("opening-ms", "5"));
}
END_TEST

START_TEST(bytes_may_have_a_suffix)
{
    limits_init(&limits);
    ck_assert_int_ge(set("opening-bytes", "3K"), 0);
    ck_assert_uint_eq(limits.opening_bytes, 3 << 10);
    ck_assert_int_ge(set("opening-bytes", "3M"), 0);
    ck_assert_uint_eq(limits.opening_bytes, 3 << 20);
    ck_assert_int_ge(set("opening-bytes", "8G"), 0);
    ck_assert_uint_eq(limits.opening_bytes, UINT64_C(8) << 30);
}
END_TEST

static const struct {
    const char *name, *value, *text;
} wrong[] = {
    {"opening-ms", "", "opening-ms takes a whole number from 1: "},
    {"opening-ms", "-1", "opening-ms takes a whole number from 1: -1"},
    {"opening-ms", "0", "opening-ms takes a whole number from 1: 0"},
    {"opening-ms", " 5", "opening-ms takes a whole number from 1:  5"},
    {"opening-ms", "5x", "opening-ms takes a whole number from 1: 5x"},
    {"opening-ms", "5K", "opening-ms takes a whole number from 1: 5K"},
    {"opening-bytes", "5k", "opening-bytes takes a whole number from 1, K, M or G may follow: 5k"},
    {"opening-bytes", "5KB",
     "opening-bytes takes a whole number from 1, K, M or G may follow: 5KB"},
    {"opening-ms", "99999999999999999999", "opening-ms is too large"},
    {"opening-bytes", "9223372036855", "opening-bytes is too large"},
    {"opening-bytes", "9007199255G", "opening-bytes is too large"},
    {"opening-m", "5", "there is no limit opening-m; the nearest is opening-ms"},
    {"", "5", "there is no limit ; tsd --help lists them"},
    {"opening-ms-and-then-a-name-that-is-far-longer-than-any-limit-has-ever-been", "5",
     "there is no limit opening-ms-and-"},
};

START_TEST(what_sets_no_limit_is_refused)
{
    struct limits before;

    limits_init(&limits);
    before = limits;
    ck_assert_int_lt(set(wrong[_i].name, wrong[_i].value), 0);
    ck_assert_msg(strncmp(problem.text, wrong[_i].text, strlen(wrong[_i].text)) == 0, "\"%s\"",
                  problem.text);
    ck_assert_mem_eq(&limits, &before, sizeof(limits));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/user, deadline, limits");
    TCase *tcase = tcase_create("user");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tcase, a_user_is_one_while_somebody_refers_to_it);
    tcase_add_test(tcase, a_charge_counts_up_to_the_limit_and_releases_itself);
    tcase_add_test(tcase, users_and_slots_are_charged_apart);
    tcase_add_test(tcase, without_memory_there_is_no_user);
    tcase_add_test(tcase, deadlines_end_in_order_and_move_to_the_end);
    tcase_add_test(tcase, a_limit_is_set_by_its_name);
    tcase_add_test(tcase, bytes_may_have_a_suffix);
    tcase_add_loop_test(tcase, what_sets_no_limit_is_refused, 0, sizeof(wrong) / sizeof(wrong[0]));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Good histories pass; with an error of any kind put in, the verdict names that kind.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "history/plant.h"

enum { TIMES = 20, MOST_SEEDS = 4000 };

static void generate(struct sim_history *made, struct dice *dice, size_t ops, bool kills)
{
    const struct sim_wish wish = {
        .ops = ops, .clients = 4, .kills = kills, .holds = true, .keys = true};
    sim_generate(made, &wish, dice);
}

static bool finds(const struct sim_history *made, enum finding_kind kind, struct verdict *verdict)
{
    struct history *history = sim_to_history(made);
    *verdict = (struct verdict){0};
    check_by_positions(history, verdict);
    history_free(history);
    return verdict_has(verdict, kind);
}

START_TEST(test_good_histories_pass)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct dice dice = {seed};
        struct sim_history made;
        generate(&made, &dice, 20 + seed, seed % 2 == 0);
        struct history *history = sim_to_history(&made);
        struct verdict verdict = {0};
        check_by_positions(history, &verdict);
        if (verdict.count > 0)
            verdict_print(&verdict, stderr);
        ck_assert_msg(verdict.count == 0, "seed %llu", (unsigned long long)seed);
        history_free(history);
        sim_history_deinit(&made);
    }
}
END_TEST

/* Each kind, in many histories, is found by its name. */
START_TEST(test_each_kind_is_named)
{
    const struct plant *plant = &plants[_i];
    int planted = 0;
    for (uint64_t seed = 1; seed <= MOST_SEEDS && planted < TIMES; seed++) {
        struct dice dice = {1000 + seed};
        struct sim_history made;
        struct verdict verdict;
        generate(&made, &dice, 150,
                 plant->kind == FOUND_LOST_AT_KILL || plant->kind == FOUND_AFTER_FINAL);
        if (plant->put(&made, &dice)) {
            planted++;
            if (!finds(&made, plant->kind, &verdict))
                verdict_print(&verdict, stderr);
            ck_assert_msg(verdict_has(&verdict, plant->kind), "%s, seed %llu",
                          finding_name(plant->kind), (unsigned long long)seed);
        }
        sim_history_deinit(&made);
    }
    ck_assert_msg(planted == TIMES, "%s: only %d places for it", finding_name(plant->kind),
                  planted);
}
END_TEST

/* Every kind that the page of the checker lists has a plant. */
START_TEST(test_all_kinds_are_planted)
{
    for (int kind = FOUND_TAKEN_TWICE; kind <= FOUND_WATCH_DUPLICATE; kind++) {
        size_t at = 0;
        while (at < plant_count && (int)plants[at].kind != kind)
            at++;
        ck_assert_msg(at < plant_count || kind == FOUND_LOST, "%s",
                      finding_name((enum finding_kind)kind));
    }
}
END_TEST

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Told, never required: how many operations a second are checked. */
START_TEST(test_speed_is_told)
{
    const struct sim_wish wish = {
        .ops = 100000, .clients = 32, .kills = true, .holds = true, .keys = true};
    struct dice dice = {5};
    struct sim_history made;
    struct verdict verdict = {0};
    sim_generate(&made, &wish, &dice);
    struct history *history = sim_to_history(&made);
    const double start = seconds();
    check_by_positions(history, &verdict);
    const double by_positions = seconds() - start;
    ck_assert_uint_eq(verdict.count, 0);
    const size_t operations = verdict.operations;
    const double begun = seconds();
    check_by_times(history, &verdict);
    ck_assert_uint_eq(verdict.count, 0);
    printf("%zu operations: by positions %.0f/s, by times %.0f/s\n", operations,
           (double)operations / by_positions, (double)operations / (seconds() - begun));
    history_free(history);
    sim_history_deinit(&made);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("planted");
    TCase *tests = tcase_create("planted");
    tcase_add_test(tests, test_good_histories_pass);
    tcase_add_loop_test(tests, test_each_kind_is_named, 0, (int)plant_count);
    tcase_add_test(tests, test_all_kinds_are_planted);
    tcase_add_test(tests, test_speed_is_told);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

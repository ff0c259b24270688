/* SPDX-License-Identifier: MIT */
/*
 * Looks that are cut into pieces find what is right: random clients of an engine with small pieces,
 * and the checker of histories as the judge of what each of them was told.
 *
 * A failure prints the seed and what was found. TEST_SEED, TEST_STEPS and TEST_RUNS (each with the
 * next seed) choose what is run, TEST_TRACE=1 prints every action and what it tells.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"
#include "environment.h"
#include "history/verdict.h"

static void judge(const struct clients *clients)
{
    struct verdict *verdict = calloc(1, sizeof *verdict);
    check_by_positions(clients->recording.history, verdict);
    const size_t count = verdict->count;
    if (count > 0)
        verdict_print(verdict, stderr);
    free(verdict);
    ck_assert_msg(count == 0, "TEST_SEED=%llu: %zu findings, on stderr",
                  (unsigned long long)clients->settings.seed, count);
}

/* What is looked up in pieces, often enough to have met much else. */
static const enum tsd_operation ops[] = {TSD_OP_IN,     TSD_OP_RD,      TSD_OP_HOLD,
                                         TSD_OP_ATOMIC, TSD_OP_COLLECT, TSD_OP_COPY};

static char last_words[64]; /* of the run under way */

/* A failed assertion of the engine. */
static void on_abort(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, last_words, strlen(last_words));
}

static void run_many(struct clients_settings settings, uint64_t runs)
{
    uint64_t looked_up[TSD_OP_END] = {0};
    settings.trace = from_environment("TEST_TRACE", 0);
    runs_from_environment(&settings.seed, &settings.steps, &runs);
    for (uint64_t i = 0; i < runs; i++, settings.seed++) {
        struct clients *clients = clients_new(&settings);
        (void)snprintf(last_words, sizeof last_words, "TEST_SEED=%llu: aborted\n",
                       (unsigned long long)settings.seed);
        signal(SIGABRT, on_abort);
        clients_run(clients);
        judge(clients);
        for (int op = 0; op < TSD_OP_END; op++)
            looked_up[op] += clients->looked_up[op];
        clients_free(clients);
    }
    for (size_t i = 0; i < sizeof ops / sizeof *ops && !getenv("TEST_SEED"); i++)
        ck_assert_msg(looked_up[ops[i]] >= runs / 20, "%s: %llu in pieces", operation_name(ops[i]),
                      (unsigned long long)looked_up[ops[i]]);
}

static const uint32_t pieces[] = {1, 2, 3, 7};

START_TEST(what_is_found_in_pieces_is_right)
{
    run_many(
        (struct clients_settings){.seed = 1000000 * (uint64_t)(_i + 1),
                                  .steps = 250,
                                  .most = (uint64_t)(10 + 10 * (_i % 3)) * (1 + pieces[_i / 2] / 2),
                                  .piece = pieces[_i / 2],
                                  .indexes = _i % 2},
        300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces");
    TCase *tcase = tcase_create("pieces");
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, what_is_found_in_pieces_is_right, 0, 8);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

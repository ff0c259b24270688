/* SPDX-License-Identifier: MIT */
/*
 * The engine against the naive reference: random actions, the same effects after each; a second
 * engine with another hash key beside it, equal in effects and state; every invariant checked.
 *
 * A failure prints the seed, and the shortest run found that leads to it. TEST_SEED, TEST_STEPS and
 * TEST_RUNS (each with the next seed) choose what is run, TEST_SHRINK=0 leaves a failure as it is,
 * TEST_TRACE=1 prints every action as it is done.
 */
#include <check.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "environment.h"
#include "run.h"

/* A failed assertion of the engine comes back to here, so that the run can be made short. */
static sigjmp_buf aborted;

static void on_abort(int number)
{
    signal(number, SIG_DFL);
    siglongjmp(aborted, 1);
}

static void give_up(const struct run *run)
{
    signal(SIGABRT, SIG_DFL);
    const struct settings *settings = &run->settings;
    fprintf(stderr, "seed %llu, step %llu: %s\nexpected:\n%.*sengine:\n%.*s",
            (unsigned long long)settings->seed, (unsigned long long)run->steps_done, run->failure,
            (int)run->expected.size, (const char *)run->expected.bytes, (int)run->traces[0].size,
            (const char *)run->traces[0].bytes);
    if (from_environment("TEST_SHRINK", 1))
        run_shrink(settings, run->steps_done);
    ck_abort_msg("seed %llu, step %llu: %s", (unsigned long long)settings->seed,
                 (unsigned long long)run->steps_done, run->failure);
}

static void give_up_aborted(const struct run *run)
{
    const struct settings *settings = &run->settings;
    const uint64_t step = run->steps_done + 1;
    fprintf(stderr, "seed %llu: aborted in step %llu\n", (unsigned long long)settings->seed,
            (unsigned long long)step);
    if (from_environment("TEST_SHRINK", 1))
        run_shrink_abort(settings, step);
    ck_abort_msg("seed %llu, step %llu: aborted", (unsigned long long)settings->seed,
                 (unsigned long long)step);
}

static void trace_action(uint64_t step, const struct action *action)
{
    struct buffer text = BUFFER_INIT;
    action_describe(action, &text);
    fprintf(stderr, "%llu%.*s", (unsigned long long)step, (int)text.size, (const char *)text.bytes);
    buffer_deinit(&text);
}

static void run_steps(const struct settings *settings, struct seen *seen)
{
    const bool trace = from_environment("TEST_TRACE", 0);
    struct action *action = calloc(1, sizeof *action);
    struct run *run = run_new(settings, seen);
    if (sigsetjmp(aborted, 1))
        give_up_aborted(run);
    signal(SIGABRT, on_abort);
    for (uint64_t i = 0; i < settings->steps; i++) {
        run_choose(run, action);
        if (trace)
            trace_action(i, action);
        const bool same = run_do(run, action);
        if (trace)
            fprintf(stderr, "%.*s", (int)run->traces[0].size, (const char *)run->traces[0].bytes);
        if (!same)
            give_up(run);
    }
    signal(SIGABRT, SIG_DFL);
    run_free(run);
    free(action);
}

/* Many short runs: each begins with nothing, so that a failure is near its beginning. */
static void run_many(struct settings settings, uint64_t runs, struct seen *seen)
{
    *seen = (struct seen){.repeated = 0};
    runs_from_environment(&settings.seed, &settings.steps, &runs);
    for (uint64_t i = 0; i < runs; i++, settings.seed++)
        run_steps(&settings, seen);
}

/* All that can be told was, often enough to have met much else. */
static void check_seen(const struct seen *seen)
{
    static const struct {
        enum tsd_operation op;
        enum ts_status statuses[8];
    } expected[] = {
        {TSD_OP_OUT, {TS_OK, TS_TIMEOUT, TS_CANCELLED, TS_FULL, TS_REMOVED}},
        {TSD_OP_IN, {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_REMOVED}},
        {TSD_OP_RD, {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_REMOVED}},
        {TSD_OP_HOLD, {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_REMOVED}},
        {TSD_OP_FINISH, {TS_OK, TS_TIMEOUT, TS_CANCELLED, TS_FULL, TS_LATE}},
        {TSD_OP_RELEASE, {TS_OK, TS_LATE}},
        {TSD_OP_RENEW, {TS_OK, TS_LATE}},
        {TSD_OP_ATOMIC,
         {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_FULL, TS_REMOVED, TS_LATE, TS_INVALID}},
        {TSD_OP_COLLECT, {TS_OK, TS_FULL, TS_INVALID}},
        {TSD_OP_COPY, {TS_OK, TS_FULL, TS_INVALID}},
        {TSD_OP_WATCH, {TS_OK, TS_CANCELLED, TS_LIMIT, TS_REMOVED}},
        {TSD_OP_DRAINED, {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_REMOVED}},
        {TSD_OP_REMOVE, {TS_OK, TS_NOMATCH, TS_INVALID}},
        {TSD_OP_CANCEL, {TS_OK, TS_NOMATCH}},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        for (size_t k = 0; k < 8; k++) {
            const enum ts_status status = expected[i].statuses[k];
            if (status != TS_OK || (k == 0 && expected[i].op != TSD_OP_WATCH))
                ck_assert_msg(seen->statuses[expected[i].op][status] >= 5, "%s with status %d: %d",
                              operation_name(expected[i].op), (int)status,
                              (int)seen->statuses[expected[i].op][status]);
        }
    for (int i = 1; i < TSD_EVENT_END; i++)
        ck_assert_msg(seen->events[i] >= 100, "event %d: %d", i, (int)seen->events[i]);
    for (int i = 1; i < 4; i++)
        ck_assert_msg(seen->reasons[i] >= 100, "reason %d: %d", i, (int)seen->reasons[i]);
    for (int i = TSD_STATE_DELAYED; i <= TSD_STATE_HELD; i++)
        ck_assert_msg(seen->states[i] >= 100, "state %d: %d", i, (int)seen->states[i]);
    ck_assert_uint_gt(seen->indexes_made, 2000);
    ck_assert_uint_gt(seen->indexes_gone, 2000);
    ck_assert(seen->repeated > 100 && seen->more > 100 && seen->next > 100);
}

static struct seen seen;

/* Sizes differ, so that spaces are full or nearly empty, and answers are cut or not. */
START_TEST(engine_equals_naive_reference)
{
    run_many((struct settings){.seed = 1000000 * (uint64_t)(_i + 1),
                               .steps = 300,
                               .most = (uint64_t)(6 + 5 * _i),
                               .reply_bytes = _i % 2 ? 24 : 1 << 20,
                               .mix = GENERATE_ALL,
                               .check_every = 1},
             1500, &seen);
    if (!getenv("TEST_SEED") && !getenv("TEST_STEPS"))
        check_seen(&seen);
}
END_TEST

START_TEST(engine_equals_naive_reference_for_long)
{
    run_many((struct settings){.seed = 20240601,
                               .steps = 300000,
                               .most = 12,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_ALL,
                               .check_every = 1},
             1, &seen);
}
END_TEST

/* More various tuples, and so many that answers are cut. */
START_TEST(engine_equals_naive_reference_of_plain_requests)
{
    for (uint64_t i = 1; i <= 5; i++)
        run_many((struct settings){.seed = 1000 * i,
                                   .steps = 10000,
                                   .most = 20 * i,
                                   .reply_bytes = 220,
                                   .mix = GENERATE_PLAIN,
                                   .check_every = 16},
                 2, &seen);
}
END_TEST

/* Enough for trees of several levels. */
START_TEST(engine_equals_naive_reference_with_many_stored)
{
    run_many((struct settings){.seed = 7,
                               .steps = 20000,
                               .most = 3000,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_PLAIN,
                               .check_every = 64},
             1, &seen);
}
END_TEST

/* rule S36: where memory runs out a request is refused and has changed nothing, or it is done. */
START_TEST(a_failed_allocation_changes_nothing)
{
    run_many((struct settings){.seed = 50000000,
                               .steps = 300,
                               .most = 14,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_ALL,
                               .faults = true,
                               .check_every = 1},
             1500, &seen);
    ck_assert_uint_gt(seen.no_memory, 0);
}
END_TEST

/* Of each at least so many were told of all that they can be told for want of a right, or quota. */
static void check_refused(const enum tsd_operation *ops, size_t count, enum ts_status status)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(seen.statuses[ops[i]][status] >= 20, "%s with status %d: %d",
                      operation_name(ops[i]), (int)status, (int)seen.statuses[ops[i]][status]);
}

static void check_rights(void)
{
    static const enum tsd_operation limited[] = {
        TSD_OP_OUT,    TSD_OP_IN,   TSD_OP_RD,    TSD_OP_HOLD,  TSD_OP_FINISH, TSD_OP_WILL,
        TSD_OP_ATOMIC, TSD_OP_COPY, TSD_OP_WATCH, TSD_OP_SPACE, TSD_OP_DRAINED};
    static const enum tsd_operation ops[] = {
        TSD_OP_OUT,  TSD_OP_IN,     TSD_OP_RD,    TSD_OP_COUNT,   TSD_OP_SCAN,
        TSD_OP_HOLD, TSD_OP_FINISH, TSD_OP_WILL,  TSD_OP_ATOMIC,  TSD_OP_COLLECT,
        TSD_OP_COPY, TSD_OP_WATCH,  TSD_OP_SPACE, TSD_OP_DRAINED, TSD_OP_REMOVE};
    static const enum tsd_operation waiting[] = {
        TSD_OP_OUT, TSD_OP_IN, TSD_OP_RD, TSD_OP_HOLD, TSD_OP_ATOMIC, TSD_OP_WATCH, TSD_OP_DRAINED};
    check_refused(ops, sizeof ops / sizeof *ops, TS_DENIED);
    check_refused(limited, sizeof limited / sizeof *limited, TS_LIMIT);
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++)
        ck_assert_msg(seen.denied_later[waiting[i]] >= 5, "%s denied while it waits: %d",
                      operation_name(waiting[i]), (int)seen.denied_later[waiting[i]]);
}

/* rules S31, S32: users that are not administrators, and spaces that some have rights in */
START_TEST(engine_equals_naive_reference_of_rights)
{
    run_many((struct settings){.seed = 70000000 + 10000 * (uint64_t)_i,
                               .steps = 300,
                               .most = 14,
                               .reply_bytes = _i % 2 ? 150 : 1 << 20,
                               .mix = GENERATE_ALL,
                               .rights = true,
                               .check_every = 4},
             1500, &seen);
    if (!getenv("TEST_SEED") && !getenv("TEST_STEPS"))
        check_rights();
}
END_TEST

/* Nor does it make a space, or charge for one. */
START_TEST(a_failed_allocation_changes_no_rights)
{
    run_many((struct settings){.seed = 55000000,
                               .steps = 300,
                               .most = 14,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_ALL,
                               .faults = true,
                               .rights = true,
                               .check_every = 1},
             300, &seen);
}
END_TEST

/* Long work is cut into pieces, everything else comes between them. */
START_TEST(engines_that_work_in_pieces_agree)
{
    run_many((struct settings){.seed = 60000000,
                               .steps = 300,
                               .most = 20,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_ALL,
                               .piece = 1 + (uint32_t)_i,
                               .check_every = 1},
             300, &seen);
}
END_TEST

/* As well where what is looked up in pieces changes hands meanwhile. */
START_TEST(engines_that_work_in_pieces_agree_on_rights)
{
    run_many((struct settings){.seed = 75000000,
                               .steps = 300,
                               .most = 20,
                               .reply_bytes = 1 << 20,
                               .mix = GENERATE_ALL,
                               .rights = true,
                               .piece = 1 + (uint32_t)_i,
                               .check_every = 1},
             150, &seen);
}
END_TEST

/* A case each, so that CK_RUN_CASE=faults runs one alone. */
static void add(Suite *suite, const char *name, const TTest *test, int loops)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, test, 0, loops);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    Suite *suite = suite_create("model");
    add(suite, "all", engine_equals_naive_reference, 4);
    add(suite, "long", engine_equals_naive_reference_for_long, 1);
    add(suite, "plain", engine_equals_naive_reference_of_plain_requests, 1);
    add(suite, "many", engine_equals_naive_reference_with_many_stored, 1);
    add(suite, "faults", a_failed_allocation_changes_nothing, 1);
    add(suite, "rights", engine_equals_naive_reference_of_rights, 2);
    add(suite, "pieces", engines_that_work_in_pieces_agree, 3);
    add(suite, "rights_faults", a_failed_allocation_changes_no_rights, 1);
    add(suite, "rights_pieces", engines_that_work_in_pieces_agree_on_rights, 3);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * The engine without memory: random actions, each again and again while its first, second, third ...
 * allocation fails, until none does; the naive reference beside it.
 *
 * A request that is refused has changed nothing. Where the n-th allocation fails in the middle of
 * what cannot be undone, the process ends as base/must.h says, and in no other way. TEST_SEED,
 * TEST_STEPS and TEST_RUNS choose what is run, TEST_TRACE=1 prints every action.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "environment.h"
#include "run.h"

static struct {
    uint64_t refused, through, absorbed, most; /* requests; the most allocations of one */
    uint64_t ended, survived;                  /* children */
    uint64_t by_operation[TSD_OP_END];         /* refused */
} tally;

/* TEST_TRACE=1 */
static void trace(const struct run *run, const struct action *action)
{
    struct buffer text = BUFFER_INIT;
    if (!from_environment("TEST_TRACE", 0))
        return;
    action_describe(action, &text);
    fprintf(stderr, "%llu%.*s%.*s", (unsigned long long)run->steps_done, (int)text.size,
            (const char *)text.bytes, (int)run->traces[0].size, (const char *)run->traces[0].bytes);
    buffer_deinit(&text);
}

static void do_action(struct run *run, const struct action *action)
{
    const bool good = run_do(run, action);
    trace(run, action);
    if (good)
        return;
    struct buffer text = BUFFER_INIT;
    action_describe(action, &text);
    ck_abort_msg("seed %llu, step %llu, fault %llu: %s\n%.*sexpected:\n%.*sengine:\n%.*s",
                 (unsigned long long)run->settings.seed, (unsigned long long)run->steps_done,
                 (unsigned long long)action->fault, run->failure, (int)text.size,
                 (const char *)text.bytes, (int)run->expected.size,
                 (const char *)run->expected.bytes, (int)run->traces[0].size,
                 (const char *)run->traces[0].bytes);
}

/* What is due, and what the request acknowledges, is done before: it holds all the same (rule S8). */
static void do_before(struct run *run, const struct action *action)
{
    const struct action before = {.kind = COMMAND_ACK,
                                  .now_ns = action->now_ns,
                                  .session = action->session,
                                  .ack = action->ack};
    const struct action tick = {.kind = COMMAND_TICK, .now_ns = action->now_ns};
    do_action(run, &before);
    while (engine_due(run->engines[0]) <= action->now_ns) /* holds for no time, too */
        do_action(run, &tick);
}

/* --- Every allocation of a request --- */

/* The request, its n-th allocation failing; false where it was not refused for that. */
static bool refuse(struct run *run, struct action *action)
{
    const uint64_t before = engine_contents_hash(run->engines[0]);
    do_action(run, action);
    if (run->refused != action->request.number)
        return false;
    tally.refused++;
    tally.by_operation[action->request.op]++;
    ck_assert_msg(engine_contents_hash(run->engines[0]) == before,
                  "seed %llu, step %llu, fault %llu: %s was refused and changed something",
                  (unsigned long long)run->settings.seed, (unsigned long long)run->steps_done,
                  (unsigned long long)action->fault, operation_name(action->request.op));
    return true;
}

/* From the first on, or where that one would not be refused, from a later one. */
static void without_each(struct run *run, struct action *action)
{
    action->fault = random_one_in(&run->random, 4) ? 1 + random_below(&run->random, 12) : 1;
    if (action->kind != COMMAND_REQUEST) {
        do_action(run, action);
        return;
    }
    do_before(run, action);
    while (refuse(run, action)) {
        action->request.number = ++run->numbers_made;
        action->fault++;
    }
    if (action->fault > tally.most)
        tally.most = action->fault;
    tally.through += run->fault_left;
    tally.absorbed += !run->fault_left;
}

static struct settings settings_of(uint64_t seed)
{
    return (struct settings){.seed = seed,
                             .most = 4 + seed % 30,
                             .reply_bytes = 1 << 20,
                             .mix = GENERATE_ALL,
                             .faults = true,
                             .check_every = 1};
}

typedef void does(struct run *run, struct action *action);

static void run_many(uint64_t seed, uint64_t steps, uint64_t runs, does *does)
{
    static struct seen seen;
    struct action *action = calloc(1, sizeof *action);
    runs_from_environment(&seed, &steps, &runs);
    memset(&tally, 0, sizeof tally);
    for (uint64_t i = 0; i < runs; i++) {
        const struct settings settings = settings_of(seed + i);
        struct run *run = run_new(&settings, &seen);
        for (uint64_t step = 0; step < steps; step++) {
            run_choose(run, action);
            does(run, action);
        }
        run_free(run); /* asserts that no object is left over */
    }
    free(action);
}

START_TEST(a_refused_request_changes_nothing)
{
    static const enum tsd_operation often[] = {
        TSD_OP_OUT,     TSD_OP_IN,   TSD_OP_RD,    TSD_OP_HOLD,    TSD_OP_FINISH, TSD_OP_ATOMIC,
        TSD_OP_COLLECT, TSD_OP_COPY, TSD_OP_WATCH, TSD_OP_DRAINED, TSD_OP_WILL,   TSD_OP_SPACE};
    run_many(1, 200, 400, without_each);
    printf("%llu refused, %llu went through, %llu did without; at most %llu allocations\n",
           (unsigned long long)tally.refused, (unsigned long long)tally.through,
           (unsigned long long)tally.absorbed, (unsigned long long)tally.most);
    for (size_t i = 0; i < sizeof often / sizeof *often && !getenv("TEST_SEED"); i++)
        ck_assert_msg(tally.by_operation[often[i]] >= 5, "%s: %llu", operation_name(often[i]),
                      (unsigned long long)tally.by_operation[often[i]]);
}
END_TEST

/* --- Where the process ends --- */

enum { CHILD_AGREES, CHILD_DIFFERS = 10 };

static void be_child(struct run *run, const struct action *action, int stderr_to)
{
    signal(SIGABRT, SIG_DFL);
    dup2(stderr_to, STDERR_FILENO);
    run->settings.deadly = true;
    const bool agrees = run_do(run, action);
    if (agrees)
        engine_check(run->engines[0]);
    _exit(agrees ? CHILD_AGREES : CHILD_DIFFERS);
}

/* What a child wrote, which is little. */
static void read_all(int from, char *text, size_t size)
{
    size_t used = 0;
    for (ssize_t came; used + 1 < size && (came = read(from, text + used, size - 1 - used)) > 0;)
        used += (size_t)came;
    text[used] = '\0';
}

static void judge_child(const struct run *run, const struct action *action, int status,
                        const char *said)
{
    static const char last_words[] = "out of memory in the middle of a unit: ending\n";
    const bool ended =
        WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strcmp(said, last_words) == 0;
    const bool agrees = WIFEXITED(status) && WEXITSTATUS(status) == CHILD_AGREES;
    struct buffer text = BUFFER_INIT;
    tally.ended += ended;
    tally.survived += agrees;
    if (ended || agrees)
        return;
    action_describe(action, &text);
    ck_abort_msg("seed %llu, step %llu, fault %llu: status %d\n%.*s%s",
                 (unsigned long long)run->settings.seed, (unsigned long long)run->steps_done,
                 (unsigned long long)action->fault, status, (int)text.size,
                 (const char *)text.bytes, said);
}

/* The action in a child, its n-th allocation failing whether it must be or not. */
static void in_child(struct run *run, struct action *action, uint64_t fault)
{
    char said[4096];
    int pipes[2], status;
    action->fault = fault;
    ck_assert_int_eq(pipe(pipes), 0);
    fflush(NULL);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        be_child(run, action, pipes[1]);
    close(pipes[1]);
    read_all(pipes[0], said, sizeof said);
    close(pipes[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    judge_child(run, action, status, said);
}

/* One of its allocations, of some of the actions; then it is done with memory. */
static void with_a_child(struct run *run, struct action *action)
{
    if (random_one_in(&run->random, 6))
        in_child(run, action, 1 + random_below(&run->random, 10));
    action->fault = 0;
    do_action(run, action);
}

START_TEST(what_cannot_be_undone_ends_the_process)
{
    run_many(1000, 120, 80, with_a_child);
    printf("%llu ended, %llu did not\n", (unsigned long long)tally.ended,
           (unsigned long long)tally.survived);
    ck_assert_uint_gt(tally.ended, 20);
    ck_assert_uint_gt(tally.survived, 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *refused = tcase_create("refused"), *ended = tcase_create("ended");
    tcase_set_timeout(refused, 240);
    tcase_set_timeout(ended, 240);
    tcase_add_test(refused, a_refused_request_changes_nothing);
    tcase_add_test(ended, what_cannot_be_undone_ends_the_process);
    suite_add_tcase(suite, refused);
    suite_add_tcase(suite, ended);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

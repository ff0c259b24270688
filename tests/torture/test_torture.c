/* SPDX-License-Identifier: MIT */
/*
 * 32 processes ask at random for some seconds; a third of them is killed, others are stopped for a
 * while. All that they asked and were told has to be explained by the rules, and every tuple put has
 * to be accounted for once.
 *
 * $TORTURE_SECONDS (20), $TORTURE_SEED (drawn, and told). Where it fails the recording is kept.
 */
#define _GNU_SOURCE /* pipe2 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "history/verdict.h"
#include "lib/daemon.h"
#include "torture/torture.h"

enum { CLIENTS = 32, WATCHER = 1000000, OBSERVER, TICK_MS = 10 };

static struct daemon daemon_;
static char folder[128];
static struct recorder own; /* of this process: the observer, and the deaths */
static struct dice dice;
static struct {
    pid_t pid;
    uint32_t number;
    uint64_t wakes_ns; /* it is stopped until then; 0: it runs */
} clients[CLIENTS];
static uint32_t numbers;
static unsigned kills, stops;

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void start_client(int i)
{
    const uint64_t seed = dice_below(&dice, UINT64_MAX);
    clients[i].number = ++numbers;
    clients[i].wakes_ns = 0;
    clients[i].pid = fork();
    ck_assert_int_ge(clients[i].pid, 0);
    if (clients[i].pid == 0)
        run_client(daemon_.socket, folder, clients[i].number, seed);
}

static void kill_client(int i)
{
    struct recorder recorder = {own.fd, clients[i].number};
    const uint64_t before = record_clock();
    int status;
    kill(clients[i].pid, SIGKILL);
    ck_assert_int_eq(waitpid(clients[i].pid, &status, 0), clients[i].pid);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                  "client %u ended by itself, status %d (0: the daemon hung up)", clients[i].number,
                  WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
    record(&recorder, RECORD_KILLED, 0, &before, sizeof before);
}

/* Every tick: now and then one dies and another begins, or one is stopped for a while. */
static void disturb(void)
{
    const int i = (int)dice_below(&dice, CLIENTS);
    for (int k = 0; k < CLIENTS; k++) {
        if (clients[k].wakes_ns && record_clock() >= clients[k].wakes_ns) {
            kill(clients[k].pid, SIGCONT);
            clients[k].wakes_ns = 0;
        }
    }
    if (i < CLIENTS / 3 && dice_one_in(&dice, 3)) {
        kill_client(i);
        kills++;
        start_client(i);
    } else if (i >= CLIENTS / 3 && clients[i].wakes_ns == 0 && dice_one_in(&dice, 6)) {
        kill(clients[i].pid, SIGSTOP);
        clients[i].wakes_ns = record_clock() + 1000000 * (1 + dice_below(&dice, 300));
        stops++;
    }
}

/* --- The observer --- */

static void set_space(struct link *link, enum torture_space space, struct request *request)
{
    struct reply reply;
    request->op = TSD_OP_SPACE;
    request->space = text_span(torture_spaces[space]);
    ck_assert_int_eq(link_call(link, request, &reply), TS_OK);
}

static void set_spaces(struct link *link)
{
    struct request small = {.has = TSD_HAS(CAPACITY), .capacity = SMALL_CAPACITY};
    struct request jobs = {.has = TSD_HAS(MAX_RETURNS) | TSD_HAS(DEAD_LETTER),
                           .max_returns = JOBS_RETURNS,
                           .dead_letter = text_span(torture_spaces[SPACE_DEAD])};
    set_space(link, SPACE_SMALL, &small);
    set_space(link, SPACE_JOBS, &jobs);
}

/* One look at all of a space; how many tuples are delayed or kept. */
static size_t scan_space(struct link *link, const char *space)
{
    static const uint8_t everything[] = {0x91, 0x91, TSD_M_REST};
    struct request request = {.op = TSD_OP_SCAN, .space = text_span(space), .min = 1};
    struct reply reply;
    size_t hidden = 0;
    request.alternatives[0].space = request.space;
    request.alternatives[0].pattern.bytes = everything;
    request.alternatives[0].pattern.size = sizeof everything;
    request.alternative_count = 1;
    request.has = TSD_HAS(MAX) | TSD_HAS(STATES);
    request.max = 10000;
    request.states = true;
    do {
        const uint8_t *p = NULL;
        struct item item;
        ck_assert_int_eq(link_call(link, &request, &reply), TS_OK);
        while (reply_next_item(&reply, &p, &item) == 1)
            hidden += item.has & ITEM_HAS(STATE) && item.state != TSD_STATE_STORED;
        request.cursor = reply.extras.next;
        request.has |= TSD_HAS(CURSOR);
    } while (reply.extras.has & REPLY_HAS(NEXT));
    return hidden;
}

static size_t scan_all(struct link *link)
{
    size_t hidden = 0;
    for (int i = 0; i < TORTURE_SPACES; i++)
        hidden += scan_space(link, torture_spaces[i]);
    return hidden;
}

/* Until the daemon has seen all ends, and delays and holds are over. */
static void settle(struct link *link)
{
    for (int i = 0; i < 3000 && scan_all(link) > 0; i++)
        poll(NULL, 0, 10);
    poll(NULL, 0, 50);
}

static void put_last(struct link *link)
{
    static const uint8_t last[] = {0x91, 0xa3, 'e', 'n', 'd'};
    for (int i = 0; i < TORTURE_SPACES; i++) {
        struct request request = {.op = TSD_OP_OUT,
                                  .space = text_span(torture_spaces[i]),
                                  .tuples = {last, sizeof last},
                                  .tuple_count = 1};
        struct reply reply;
        if (i == SPACE_SMALL) { /* it may be full: a pulse needs no room */
            request.putting.has = TSD_HAS(PULSE);
            request.putting.pulse = true;
        }
        ck_assert_int_eq(link_call(link, &request, &reply), TS_OK);
    }
}

/* --- The run --- */

static pid_t start_watcher(void)
{
    int ready[2];
    char byte;
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    const pid_t pid = fork();
    if (pid == 0)
        run_watcher(daemon_.socket, folder, WATCHER, ready[1]);
    close(ready[1]);
    ck_assert_msg(read(ready[0], &byte, 1) == 1, "the watcher could not begin");
    close(ready[0]);
    return pid;
}

static void torture(uint64_t seconds)
{
    const uint64_t end = record_clock() + seconds * UINT64_C(1000000000);
    static struct link link;
    own.client = OBSERVER;
    ck_assert_int_eq(link_open(&link, daemon_.socket, &own, 1), 0);
    set_spaces(&link);
    const pid_t watcher = start_watcher();
    for (int i = 0; i < CLIENTS; i++)
        start_client(i);
    while (record_clock() < end) {
        poll(NULL, 0, TICK_MS);
        disturb();
    }
    for (int i = 0; i < CLIENTS; i++)
        kill_client(i);
    settle(&link);
    record(&own, RECORD_LAST, link.connection, NULL, 0);
    scan_all(&link);
    put_last(&link);
    ck_assert_int_eq(wait_for(watcher), 0);
    link_close(&link);
}

static void summarize(const struct history *history)
{
    static const char *const names[TSD_OP_END] = {
#define OPERATION_NAME(number, name, string, ...) [number] = string,
        TSD_OPERATIONS(OPERATION_NAME)
#undef OPERATION_NAME
    };
    size_t counts[TSD_OP_END] = {0}, answered = 0, returns = 0;
    for (size_t i = 0; i < history->op_count; i++) {
        counts[history->ops[i].kind]++;
        answered += history->ops[i].answered;
    }
    for (size_t i = 0; i < history->event_count; i++)
        returns += history->events[i].kind == TSD_EVENT_RETURNED;
    printf("%zu operations of %u clients (%zu answered):", history->op_count, numbers, answered);
    for (int i = 1; i < TSD_OP_END; i++)
        if (counts[i])
            printf(" %s %zu", names[i], counts[i]);
    printf("; %u kills, %u stops, %zu returns\n", kills, stops, returns);
}

static void remove_folder(void)
{
    char command[256];
    (void)snprintf(command, sizeof command, "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool judge(void)
{
    struct history *history = history_read(folder);
    if (!history)
        return false;
    struct verdict by_positions = {.history = history}, by_times = {.history = history};
    const uint64_t start = record_clock();
    check_by_positions(history, &by_positions);
    verdict_print(&by_positions, stdout);
    check_by_times(history, &by_times);
    verdict_print(&by_times, stdout);
    summarize(history);
    printf("verdict: %zu findings by positions, %zu by times, in %.1f s\n", by_positions.count,
           by_times.count, (double)(record_clock() - start) / 1e9);
    history_free(history);
    return by_positions.count + by_times.count == 0;
}

START_TEST(test_torture)
{
    const char *kept = getenv("TORTURE_KEEP");
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = record_clock();
    seed = setting("TORTURE_SEED", seed);
    dice.state = seed;
    printf("seed %" PRIu64 "\n", seed);
    (void)fflush(stdout);
    (void)snprintf(folder, sizeof folder, "%s/torture-XXXXXX", kept ? kept : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    /* What is cut into pieces has no position to be judged by: model/test_pieces has that. */
    static const char *const whole[] = {"--limit", "piece-tuples=100000000", NULL};
    daemon_start(&daemon_, whole);
    ck_assert_int_eq(recorder_open(&own, folder, "observer", OBSERVER), 0);
    torture(setting("TORTURE_SECONDS", 20));
    daemon_stop(&daemon_);
    const bool good = judge();
    (void)fflush(stdout);
    ck_assert_msg(good, "seed %" PRIu64 ": the recording is in %s", seed, folder);
    remove_folder();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("torture");
    TCase *tests = tcase_create("torture");
    tcase_add_test(tests, test_torture);
    tcase_set_timeout(tests, 3 * (double)setting("TORTURE_SECONDS", 20) + 120);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

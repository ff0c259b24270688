/* SPDX-License-Identifier: MIT */
/*
 * Very many clients at once, and clients that only come to leave: all are served or told, and one that
 * works meanwhile gets its answers.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"

enum { MANY = 2000, SPARE_FILES = 64 };

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wires[MANY];
static struct buffer out;

static void start(const char *limit)
{
    const char *const options[] = {"--log-level", "err", limit ? "--limit" : NULL, limit, NULL};

    daemon_start(&daemon_, options);
    wire_open(&other, daemon_.socket);
}

static void stop(void)
{
    wire_ping(&other, 1000000);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

static void close_all(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        wire_close(&wires[i]);
}

START_TEST(two_thousand_clients_are_served)
{
    start("user-connections=2001");
    for (int round = 0; round < 2; round++) { /* again, so that all was given back */
        for (int i = 0; i < MANY; i++)
            wire_open(&wires[i], daemon_.socket);
        wire_add_plain(&out, TSD_OP_PING, 1, 0);
        for (int i = 0; i < MANY; i++)
            wire_send(&wires[i], out.bytes, out.size);
        buffer_clear(&out);
        for (int i = 0; i < MANY; i++)
            wire_expect(&wires[i], 1, TS_OK);
        close_all(MANY);
        wire_ping(&other, 2); /* it has read that they left: all is in one round */
        wire_ping(&other, 3);
    }
    stop();
    tried("two_thousand_clients_are_served", 2 * MANY);
}
END_TEST

START_TEST(those_above_the_limit_of_their_user_are_told)
{
    enum { LIMIT = 100, OPEN = LIMIT - 1 }; /* and the other one */

    start("user-connections=100");
    for (int i = 0; i < OPEN; i++)
        wire_open(&wires[i], daemon_.socket);
    for (int i = OPEN; i < MANY; i++) {
        wire_connect(&wires[i], daemon_.socket);
        wire_expect_error(&wires[i], TS_LIMIT, "user-connections: user");
    }
    for (uint64_t number = 1; number <= 10; number++)
        wire_ping(&wires[OPEN - 1], number);
    close_all(MANY);
    stop();
    tried("those_above_the_limit_of_their_user_are_told", MANY - OPEN);
}
END_TEST

/* One visit: nothing, half a frame, an opening that is not read, a request that waits, nonsense. */
static void visit(struct wire *wire, int kind)
{
    wire_connect(wire, daemon_.socket);
    if (kind == 1)
        (void)wire_try_send(wire, "\xce\x00", 2);
    if (kind >= 2 && kind <= 3)
        wire_add_hello(&out);
    if (kind == 3)
        wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"work\"]", UINT64_MAX);
    if (kind == 4)
        (void)wire_try_send(wire, "nonsense", 8);
    (void)wire_try_send(wire, out.bytes, out.size);
    buffer_clear(&out);
    wire_close(wire);
}

START_TEST(a_storm_of_visits_takes_nothing_from_who_works)
{
    enum { STORMERS = 4, VISITS = 1000 };
    pid_t stormers[STORMERS];
    uint64_t number = 1;
    int left = STORMERS;

    start(NULL);
    for (int i = 0; i < STORMERS; i++) {
        stormers[i] = fork();
        ck_assert_int_ge(stormers[i], 0);
        if (stormers[i] == 0) {
            for (int n = 0; n < VISITS; n++)
                visit(&wires[0], n % 5);
            _exit(0);
        }
    }
    while (left > 0) {
        wire_out(&other, ++number, "[\"task\"]"); /* not what visitors take */
        wire_add_match(&out, TSD_OP_IN, ++number, "main", "[\"task\"]", 0);
        wire_flush(&other, &out);
        wire_expect(&other, number, TS_OK);
        wire_add_plain(&out, TSD_OP_ACK, ++number, other.reply.extras.delivery);
        wire_flush(&other, &out);
        wire_expect(&other, number, TS_OK);
        for (int i = 0, status; i < STORMERS; i++)
            if (stormers[i] > 0 && waitpid(stormers[i], &status, WNOHANG) == stormers[i]) {
                ck_assert_int_eq(status, 0);
                stormers[i] = 0;
                left--;
            }
    }
    stop();
    tried("a_storm_of_visits_takes_nothing_from_who_works", STORMERS * VISITS);
}
END_TEST

START_TEST(a_tuple_passes_by_all_that_are_gone)
{
    enum { GONE = 500 };

    start(NULL);
    for (int i = 0; i <= GONE; i++) {
        wire_open(&wires[i], daemon_.socket);
        wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"task\"]", UINT64_MAX);
        wire_add_plain(&out, TSD_OP_PING, 2, 0);
        wire_flush(&wires[i], &out);
        wire_expect(&wires[i], 2, TS_OK); /* so they wait in this order */
    }
    /* while the daemon is stopped the tuple comes first, and then all but the last have left: its
     * answer cannot be written, what comes back wakes the next one, and so on */
    ck_assert_int_eq(kill(daemon_.pid, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(daemon_.pid, &(int){0}, WUNTRACED), daemon_.pid);
    wire_add_out(&out, 1, "main", "[\"task\"]");
    wire_flush(&other, &out);
    close_all(GONE);
    ck_assert_int_eq(kill(daemon_.pid, SIGCONT), 0);
    wire_expect(&wires[GONE], 1, TS_OK);
    wire_expect(&other, 1, TS_OK);
    wire_close(&wires[GONE]);
    stop();
    tried("a_tuple_passes_by_all_that_are_gone", GONE);
}
END_TEST

static bool has_descriptors(rlim_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return false;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max >= wanted;
}

int main(void)
{
    if (!has_descriptors(MANY + 2 * SPARE_FILES)) {
        (void)puts("a process may not have two thousand descriptors here");
        return 77;
    }
    Suite *suite = suite_create("system/crowd");
    TCase *tcase = tcase_create("crowd");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tcase, two_thousand_clients_are_served);
    tcase_add_test(tcase, those_above_the_limit_of_their_user_are_told);
    tcase_add_test(tcase, a_storm_of_visits_takes_nothing_from_who_works);
    tcase_add_test(tcase, a_tuple_passes_by_all_that_are_gone);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

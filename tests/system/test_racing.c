/* SPDX-License-Identifier: MIT */
/*
 * Who may serve a path where many daemons start there at once: one, which clients reach; the others
 * refuse with status 1, and leave the path alone.
 */
#define _GNU_SOURCE /* pipe2 */

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"

enum { RACERS = 8, ROUNDS = 200 };

static struct daemon daemon_;
static struct wire wire;

static const char *const quiet[] = {"--log-level", "err", NULL};

/* Starts a daemon at the path of daemon_, its readiness told to `ready`. */
static pid_t start_racing(const int start[2], int ready, int lifeline)
{
    char program[4096], ready_text[16], lifeline_text[16], byte;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    daemon_program(program, "tsd");
    (void)snprintf(ready_text, sizeof(ready_text), "%d", ready);
    (void)snprintf(lifeline_text, sizeof(lifeline_text), "%d", lifeline);
    fcntl(ready, F_SETFD, 0);
    fcntl(lifeline, F_SETFD, 0);
    (void)!freopen("/dev/null", "w", stderr);
    close(start[1]);
    (void)!read(start[0], &byte, 1); /* all go at the end of file */
    execl(program, "tsd", "--socket", daemon_.socket, "--ready-fd", ready_text, "--lifeline",
          lifeline_text, NULL);
    _exit(127);
}

/* One tells that it serves; the others refuse, and nothing else. */
static void expect_one_winner(const pid_t racers[RACERS], int ready)
{
    int won = 0, lost = 0;
    char byte;

    while (won + lost < RACERS) {
        struct pollfd told = {.fd = ready, .events = POLLIN};
        int status;

        if (poll(&told, 1, 1) == 1 && read(ready, &byte, 1) == 1)
            won++;
        for (int i = 0; i < RACERS; i++) {
            if (waitpid(racers[i], &status, WNOHANG) != racers[i])
                continue;
            ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
            lost++;
        }
    }
    ck_assert_int_eq(won, 1);
}

START_TEST(of_many_that_start_at_once_one_serves)
{
    for (int round = 0; round < ROUNDS; round++) {
        int start[2], ready[2], lifeline[2];
        pid_t racers[RACERS];

        daemon_prepare(&daemon_);
        if (round % 2) { /* with a stale socket, which all want to remove */
            int status;

            ck_assert(daemon_try(&daemon_, quiet, &status));
            daemon_kill(&daemon_);
        }
        ck_assert_int_eq(pipe2(start, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(lifeline, O_CLOEXEC), 0);
        for (int i = 0; i < RACERS; i++)
            racers[i] = start_racing(start, ready[1], lifeline[0]);
        close(start[1]);
        expect_one_winner(racers, ready[0]);
        wire_open(&wire, daemon_.socket);
        wire_close(&wire);
        close(start[0]);
        close(ready[0]);
        close(ready[1]);
        close(lifeline[0]);
        close(lifeline[1]);
        while (wait(NULL) > 0) /* the winner */
            continue;
        ck_assert_int_eq(rmdir(daemon_.directory), 0);
    }
    tried("of_many_that_start_at_once_one_serves", RACERS * ROUNDS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/racing");
    TCase *tcase = tcase_create("racing");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tcase, 280);
    tcase_add_test(tcase, of_many_that_start_at_once_one_serves);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

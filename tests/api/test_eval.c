/* SPDX-License-Identifier: MIT */
/*
 * Workers with a real daemon: each failure is told once, whatever ends the worker or its parent (rule
 * S34).
 */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/api.h"

static int do_nothing(ts_client *client, void *arg)
{
    (void)client;
    (void)arg;
    return 0;
}

static int give_back(ts_client *client, void *arg)
{
    (void)client;
    return *(int *)arg;
}

static int double_it(ts_client *client, void *arg)
{
    int n = 0;

    (void)arg;
    if (ts_in(client, TS("task", &n), 60) != TS_OK || ts_out(client, TS("done", 2 * n)) != TS_OK)
        return 1;
    return 0;
}

static int wait_for_ever(ts_client *client, void *arg)
{
    (void)arg;
    if (ts_out(client, TS("up", (int)getpid())) != TS_OK)
        return 1;
    return ts_in(client, TS("never"), TS_FOREVER) == TS_OK ? 0 : 1;
}

static void eval(const char *name, ts_function function, void *arg)
{
    is(ts_eval(ts, name, function, arg), TS_OK);
}

/* Takes the failure of a worker, which waits until it is told, and no other. */
static void expect_failure(const char *name, const char *kind, int detail)
{
    const char *found, *trace;
    int number = -1;

    is(ts_in(ts, TS("error", name, &found, &number, &trace), 60), TS_OK);
    ck_assert_str_eq(found, kind);
    ck_assert_int_eq(number, detail);
}

static void expect_lost(const char *name)
{
    is(ts_in(ts, TS("error", name, "lost", TS_NIL, ""), 60), TS_OK);
}

static void expect_no_failure(void)
{
    is(ts_rdp(ts, TS("error", TS_REST)), TS_NOMATCH);
}

START_TEST(a_worker_has_a_connection_of_its_own)
{
    int n = 0;

    eval("doubler", double_it, NULL);
    is(ts_out(ts, TS("task", 21)), TS_OK);
    is(ts_in(ts, TS("done", &n), 60), TS_OK);
    ck_assert_int_eq(n, 42);
    is(ts_shutdown(ts, TS_FOREVER), TS_OK);
    expect_no_failure();
}
END_TEST

static int space_is_jobs(ts_client *client, void *arg)
{
    (void)arg;
    return strcmp(ts_client_space_name(client), "jobs") != 0;
}

START_TEST(it_works_and_fails_in_the_clients_space)
{
    ts_client *jobs = ts_space(ts, "jobs");
    int status = 1;

    is(ts_eval(jobs, "there", space_is_jobs, NULL), TS_OK);
    is(ts_eval(jobs, "bad", give_back, &status), TS_OK);
    is(ts_in(jobs, TS("error", "bad", "exit", 1, ""), 60), TS_OK);
    is(ts_shutdown(ts, TS_FOREVER), TS_OK);
    is(ts_rdp(jobs, TS("error", TS_REST)), TS_NOMATCH);
    expect_no_failure();
}
END_TEST

static int exit_with(ts_client *client, void *arg)
{
    (void)client;
    exit(*(int *)arg);
}

/* As the status: it puts nothing, so that its own connection is the only one that it needs. */
static int count_sockets(ts_client *client, void *arg)
{
    struct stat about;
    int sockets = 0;

    (void)client;
    (void)arg;
    for (int fd = 0; fd < 1024; fd++)
        sockets += fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
    return sockets;
}

/* Else the daemon would not notice that the parent has ended. */
START_TEST(a_worker_keeps_nothing_of_its_parents_open)
{
    eval("other", wait_for_ever, NULL);
    eval("counter", count_sockets, NULL);
    expect_failure("counter", "exit", 1);
    is(ts_shutdown(ts, 0), TS_OK);
}
END_TEST

START_TEST(a_status_that_is_not_0_is_a_failure)
{
    int three = 3, large = 256, none = 0;

    eval("returns", give_back, &three);
    expect_failure("returns", "exit", 3);
    eval("exits", exit_with, &three);
    expect_failure("exits", "exit", 3);
    eval("large", give_back, &large); /* more than a status holds: it stays a failure */
    expect_failure("large", "exit", 255);
    eval("good", exit_with, &none);
    is(ts_shutdown(ts, TS_FOREVER), TS_OK);
    expect_no_failure();
}
END_TEST

static int send_signal(ts_client *client, void *arg)
{
    (void)client;
    (void)raise(*(int *)arg);
    return 0;
}

START_TEST(a_signal_is_a_failure_with_a_trace)
{
    int numbers[] = {SIGSEGV, SIGABRT, SIGKILL, SIGTERM};
    const char *trace = NULL;

    for (int i = 0; i < 4; i++) {
        eval("signalled", send_signal, &numbers[i]);
        is(ts_in(ts, TS("error", "signalled", "signal", numbers[i], &trace), 60), TS_OK);
#ifdef __GLIBC__
        ck_assert_msg(i < 2 ? strstr(trace, "test_eval") != NULL : !*trace, "trace: %s", trace);
#endif
    }
}
END_TEST

static int take_and_fail(ts_client *client, void *arg)
{
    (void)arg;
    return ts_in(client, TS("task"), 60) == TS_OK ? 7 : 8;
}

START_TEST(what_a_failed_worker_had_taken_goes_back)
{
    is(ts_out(ts, TS("task")), TS_OK);
    eval("taker", take_and_fail, NULL);
    expect_failure("taker", "exit", 7);
    is(ts_in(ts, TS("task"), 60), TS_OK);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->returns, 1);
}
END_TEST

/* Nothing but the dispatches that ts_client_timeout asks for. */
START_TEST(an_event_loop_hears_of_failures)
{
    ts_client *other = ts_connect(server.socket, NULL);
    int status = 9;

    is(ts_eval(other, "looped", give_back, &status), TS_OK);
    while (ts_rdp(ts, TS("error", "looped", "exit", 9, "")) == TS_NOMATCH) {
        struct pollfd p = {ts_client_fd(other), ts_client_events(other), 0};

        ck_assert_int_ge(ts_client_poll_timeout(other), 0);
        poll(&p, 1, ts_client_poll_timeout(other));
        is(ts_client_dispatch(other), TS_OK);
    }
    ck_assert_int_eq(ts_client_poll_timeout(other), -1);
    ts_disconnect(other);
}
END_TEST

static int wait_up(void)
{
    int pid = 0;

    is(ts_in(ts, TS("up", &pid), 60), TS_OK);
    return pid;
}

/* kill with 0 asks whether it is there. */
static bool runs(int pid)
{
    return kill(pid, 0) == 0;
}

START_TEST(shutdown_ends_workers_without_failures)
{
    int first, second;

    eval("one", wait_for_ever, NULL);
    eval("two", wait_for_ever, NULL);
    first = wait_up();
    second = wait_up();
    is(ts_shutdown(ts, 60), TS_OK); /* SIGTERM is enough */
    ck_assert(!runs(first) && !runs(second));
    expect_no_failure();
    is(ts_shutdown(ts, 0), TS_OK); /* there are none */
    is(ts_shutdown(ts, -1), TS_INVALID);
}
END_TEST

static int ignore_and_wait(ts_client *client, void *arg)
{
    (void)signal(SIGTERM, SIG_IGN);
    return wait_for_ever(client, arg);
}

static void exit_5(int number)
{
    (void)number;
    _exit(5);
}

static int exit_on_term(ts_client *client, void *arg)
{
    (void)signal(SIGTERM, exit_5);
    return wait_for_ever(client, arg);
}

START_TEST(shutdown_kills_who_does_not_listen)
{
    int pid;

    eval("deaf", ignore_and_wait, NULL);
    pid = wait_up();
    is(ts_shutdown(ts, 0.01), TS_OK);
    ck_assert(!runs(pid));
    eval("deaf", ignore_and_wait, NULL);
    wait_up();
    is(ts_shutdown(ts, 0), TS_OK);
    expect_no_failure();
    eval("fails", exit_on_term, NULL); /* a status of its own is one */
    wait_up();
    is(ts_shutdown(ts, 60), TS_OK);
    is(ts_inp(ts, TS("error", "fails", "exit", 5, "")), TS_OK);
}
END_TEST

START_TEST(disconnect_ends_workers_too)
{
    ts_client *other = ts_connect(server.socket, NULL);
    int pid;

    is(ts_eval(other, "worker", ignore_and_wait, NULL), TS_OK);
    pid = wait_up();
    ts_disconnect(other);
    ck_assert(!runs(pid));
    expect_no_failure();
}
END_TEST

START_TEST(an_abandoned_client_tells_its_workers_lost)
{
    const ts_values own = TS("own will");
    ts_client *other = ts_connect(server.socket, NULL);

    is(ts_will(other, &own, 1), TS_OK); /* ts_eval leaves the user's own will alone */
    is(ts_eval(other, "worker", wait_for_ever, NULL), TS_OK);
    wait_up();
    ts_abandon(other);
    expect_lost("worker");
    is(ts_in(ts, TS("own will"), 60), TS_OK);
    expect_no_failure();
}
END_TEST

START_TEST(other_children_are_left_alone)
{
    int status = 1;
    pid_t other = fork();

    if (other == 0)
        _exit(5);
    eval("worker", give_back, &status);
    expect_failure("worker", "exit", 1);
    status = wait_for(other);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}
END_TEST

/* Where somebody else has waited for the worker, it was not seen to end. */
START_TEST(a_worker_that_was_not_seen_to_end_is_lost)
{
    int status = 1, pid;

    eval("taken", wait_for_ever, &status);
    pid = wait_up();
    kill(pid, SIGKILL);
    wait_for(pid);
    expect_lost("taken");
    is(ts_shutdown(ts, 0), TS_OK);
    expect_no_failure();
}
END_TEST

START_TEST(what_is_no_worker_is_refused)
{
    ts_client *nobody = ts_connect("/nonexistent/socket", NULL);

    is(ts_eval(ts, NULL, do_nothing, NULL), TS_INVALID);
    is(ts_eval(ts, "worker", NULL, NULL), TS_INVALID);
    is(ts_eval(ts, "not \xff UTF-8", do_nothing, NULL), TS_MALFORMED);
    is(ts_eval(nobody, "worker", do_nothing, NULL), TS_NO_DAEMON);
    is(ts_eval(NULL, "worker", do_nothing, NULL), TS_NO_MEMORY);
    expect_no_failure();
    ts_disconnect(nobody);
}
END_TEST

/* ---- The parent is killed ---- */

enum { HIGH_FD = 200 }; /* closed after all sockets, when a process ends */

/* Starts a parent; the descriptor ends when it and all its workers have. */
static pid_t start_parent(void (*run)(ts_client *client), int *ended)
{
    int ends[2];
    pid_t pid;

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], HIGH_FD);
        close(ends[1]);
        run(ts_connect(server.socket, NULL));
        _exit(1);
    }
    close(ends[1]);
    *ended = ends[0];
    return pid;
}

static void wait_for_end(int ended)
{
    char byte;

    ck_assert_int_eq(read(ended, &byte, 1), 0);
    close(ended);
}

static void start_two(ts_client *client)
{
    ts_eval(client, "one", wait_for_ever, NULL);
    ts_eval(client, "two", wait_for_ever, NULL);
    ts_in(client, TS("never"), TS_FOREVER);
}

START_TEST(workers_of_a_killed_parent_end_and_are_lost)
{
    int ended;
    pid_t parent = start_parent(start_two, &ended);

    wait_up();
    wait_up();
    kill(parent, SIGKILL);
    wait_for(parent);
    wait_for_end(ended);
    expect_lost("one");
    expect_lost("two");
    expect_no_failure();
}
END_TEST

/* A worker's name is of its round: what one that never began leaves may be told in the next. */
static int round_;

static void name_worker(char name[static 32], int number)
{
    (void)snprintf(name, 32, "worker %d of %d", number, round_);
}

/* Says that it has begun, and fails. */
static int begin_and_fail(ts_client *client, void *arg)
{
    return ts_out(client, TS("begun", *(int *)arg)) == TS_OK ? 1 : 2;
}

static void start_failing(ts_client *client)
{
    char name[32];

    for (int i = 0;; i++) {
        name_worker(name, i);
        if (ts_eval(client, name, begin_and_fail, &i) != TS_OK)
            _exit(2);
        ts_client_dispatch(client);
    }
}

/* Each that has begun has failed, and is told once: by the parent, or by its will. */
static void check_failures(void)
{
    const char *told;
    char name[32];
    int i;

    while (ts_inp(ts, TS("begun", &i)) == TS_OK) {
        name_worker(name, i);
        is(ts_in(ts, TS("error", name, TS_REST), 60), TS_OK);
        is(ts_rdp(ts, TS("error", name, TS_REST)), TS_NOMATCH);
    }
    while (ts_inp(ts, TS("error", &told, TS_REST)) == TS_OK) { /* those that were not to begin */
        (void)snprintf(name, sizeof(name), "%s", told);
        is(ts_rdp(ts, TS("error", name, TS_REST)), TS_NOMATCH);
    }
}

START_TEST(a_parent_killed_at_any_instant_tells_each_failure_once)
{
    enum { ROUNDS = 80 };

    for (round_ = 0; round_ < ROUNDS; round_++) {
        int ended, n = 0;
        pid_t parent = start_parent(start_failing, &ended);

        is(ts_rd(ts, TS("begun", round_ % 7), 60), TS_OK);
        for (int i = 0; i < round_ * 37 % 400; i++) /* another instant each time */
            n += getppid() > 0;
        kill(parent, SIGKILL);
        wait_for(parent);
        wait_for_end(ended);
        check_failures();
    }
}
END_TEST

RUN_TESTS("api/eval", a_worker_has_a_connection_of_its_own, it_works_and_fails_in_the_clients_space,
          a_worker_keeps_nothing_of_its_parents_open, a_status_that_is_not_0_is_a_failure,
          a_signal_is_a_failure_with_a_trace, what_a_failed_worker_had_taken_goes_back,
          an_event_loop_hears_of_failures, shutdown_ends_workers_without_failures,
          shutdown_kills_who_does_not_listen, disconnect_ends_workers_too,
          an_abandoned_client_tells_its_workers_lost, other_children_are_left_alone,
          a_worker_that_was_not_seen_to_end_is_lost, what_is_no_worker_is_refused,
          workers_of_a_killed_parent_end_and_are_lost,
          a_parent_killed_at_any_instant_tells_each_failure_once)

/* SPDX-License-Identifier: MIT */
/*
 * How a daemon comes, who may serve a path, and how it goes.
 */
#define _GNU_SOURCE /* pipe2 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"
#include "protocol/limits.h"

static struct daemon daemon_;
static struct wire wire;
static struct buffer out;

static const char *const quiet[] = {"--log-level", "err", "--log-level", "warning", NULL};

START_TEST(a_signal_stops_it_cleanly)
{
    const int signals[] = {SIGTERM, SIGINT};

    daemon_start(&daemon_, NULL);
    kill(daemon_.pid, signals[_i]);
    daemon_stopped(&daemon_); /* status 0, nothing left */
}
END_TEST

START_TEST(clients_are_told_of_a_stop_after_their_answers)
{
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"none\"]", UINT64_MAX);
    wire_add_plain(&out, TSD_OP_PING, 2, 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 2, TS_OK);
    kill(daemon_.pid, SIGTERM);
    wire_expect_error(&wire, TS_STOPPING, "stopping");
    wire_close(&wire);
    daemon_stopped(&daemon_);
    buffer_deinit(&out);
}
END_TEST

START_TEST(what_is_being_written_is_written_before_it_ends)
{
    static const char blob[MIB(1)];
    struct request request = {.number = 1, .op = TSD_OP_OUT, .tuple_count = 1};
    struct buffer tuple = BUFFER_INIT;
    msgpack_packer packer = buffer_packer(&tuple);

    msgpack_pack_array(&packer, 1);
    buffer_pack_bin(&tuple, blob, sizeof(blob));
    request.space = (struct span){(const uint8_t *)"main", 4};
    request.tuples = (struct span){tuple.bytes, (uint32_t)tuple.size};
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    request_encode(&request, &out);
    wire_flush(&wire, &out);
    wire_expect(&wire, 1, TS_OK);
    wire_add_match(&out, TSD_OP_RD, 2, "main", "[?]", 0);
    wire_flush(&wire, &out);
    /* a part of the answer is there, so the request has been read */
    ck_assert_int_eq(poll(&(struct pollfd){.fd = wire.fd, .events = POLLIN}, 1, 20000), 1);
    kill(daemon_.pid, SIGTERM);
    wire_expect(&wire, 2, TS_OK);
    wire_expect_error(&wire, TS_STOPPING, "stopping");
    wire_close(&wire);
    daemon_stopped(&daemon_);
    buffer_deinit(&out);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(a_second_signal_does_not_wait_for_who_does_not_read)
{
    static const char blob[MIB(1)];
    struct buffer tuple = BUFFER_INIT;
    struct request request = {.number = 1, .op = TSD_OP_OUT, .tuple_count = 1};
    msgpack_packer packer = buffer_packer(&tuple);

    msgpack_pack_array(&packer, 1);
    buffer_pack_bin(&tuple, blob, sizeof(blob));
    request.space = (struct span){(const uint8_t *)"main", 4};
    request.tuples = (struct span){tuple.bytes, (uint32_t)tuple.size};
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    request_encode(&request, &out);
    wire_add_match(&out, TSD_OP_RD, 2, "main", "[?]", 0);
    wire_flush(&wire, &out);
    ck_assert_int_eq(poll(&(struct pollfd){.fd = wire.fd, .events = POLLIN}, 1, 20000), 1);
    kill(daemon_.pid, SIGTERM);
    while (access(daemon_.socket, F_OK) == 0) /* it is stopping */
        kill(daemon_.pid, SIGTERM);
    daemon_stopped(&daemon_);
    wire_close(&wire);
    buffer_deinit(&out);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(the_end_of_the_lifeline_stops_it)
{
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    ck_assert_int_eq(write(daemon_.lifeline, "x", 1), 1); /* only the end counts */
    wire_ping(&wire, 1);
    close(daemon_.lifeline);
    daemon_.lifeline = -1;
    wire_expect_error(&wire, TS_STOPPING, "stopping");
    wire_close(&wire);
    daemon_stopped(&daemon_);
}
END_TEST

START_TEST(a_lifeline_whose_holder_is_killed_stops_it)
{
    int told[2];
    pid_t holder, pid;

    ck_assert_int_eq(pipe(told), 0);
    daemon_prepare(&daemon_);
    holder = fork();
    if (holder == 0) {
        int status;

        close(told[0]);
        ck_assert(daemon_try(&daemon_, quiet, &status));
        ck_assert_int_eq(write(told[1], &daemon_.pid, sizeof(daemon_.pid)), sizeof(daemon_.pid));
        pause();
        _exit(1);
    }
    close(told[1]);
    ck_assert_int_eq(read(told[0], &pid, sizeof(pid)), sizeof(pid));
    wire_open(&wire, daemon_.socket);
    kill(holder, SIGKILL);
    wait_for(holder);
    wire_expect_error(&wire, TS_STOPPING, "stopping");
    wire_close(&wire);
    while (access(daemon_.socket, F_OK) == 0 || (kill(pid, 0) == 0 && rmdir(daemon_.directory) < 0))
        sched_yield();
    rmdir(daemon_.directory);
    close(told[0]);
}
END_TEST

START_TEST(a_stale_socket_is_taken_over)
{
    int status;

    daemon_start(&daemon_, NULL);
    daemon_kill(&daemon_);
    ck_assert_int_eq(access(daemon_.socket, F_OK), 0);
    ck_assert(daemon_try(&daemon_, quiet, &status));
    wire_open(&wire, daemon_.socket);
    wire_close(&wire);
    daemon_stop(&daemon_);
    tried("a_stale_socket_is_taken_over", 1);
}
END_TEST

START_TEST(a_second_daemon_is_refused_and_the_first_serves_on)
{
    struct daemon second;
    int status;

    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    second = daemon_;
    ck_assert(!daemon_try(&second, quiet, &status));
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    wire_ping(&wire, 1);
    wire_close(&wire);
    wire_open(&wire, daemon_.socket);
    wire_close(&wire);
    daemon_stop(&daemon_);
    tried("a_second_daemon_is_refused_and_the_first_serves_on", 1);
}
END_TEST

/* The daemon refuses what is at its path, and leaves it there. */
static void expect_refused(void)
{
    struct stat before, after;
    int status;

    ck_assert_int_eq(lstat(daemon_.socket, &before), 0);
    ck_assert(!daemon_try(&daemon_, quiet, &status));
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    ck_assert_int_eq(lstat(daemon_.socket, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    daemon_clean(&daemon_);
}

START_TEST(a_file_at_the_path_is_refused)
{
    daemon_prepare(&daemon_);
    close(open(daemon_.socket, O_CREAT | O_WRONLY, 0600));
    expect_refused();
    tried("a_file_at_the_path_is_refused", 1);
}
END_TEST

START_TEST(a_symlink_at_the_path_is_refused)
{
    daemon_prepare(&daemon_);
    ck_assert_int_eq(symlink("/tmp/tsd-nowhere", daemon_.socket), 0);
    expect_refused();
    ck_assert_int_lt(access("/tmp/tsd-nowhere", F_OK), 0);
    tried("a_symlink_at_the_path_is_refused", 1);
}
END_TEST

START_TEST(a_path_of_120_bytes_is_refused)
{
    char path[128];
    const char *const options[] = {"--socket", path, NULL};
    int status;

    daemon_prepare(&daemon_);
    memset(path, 'x', sizeof(path));
    memcpy(path, "/tmp/", 5);
    path[120] = '\0';
    ck_assert(!daemon_try(&daemon_, options, &status));
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    path[107] = '\0'; /* what is cut would be another socket */
    ck_assert_int_lt(access(path, F_OK), 0);
    daemon_clean(&daemon_);
    tried("a_path_of_120_bytes_is_refused", 1);
}
END_TEST

START_TEST(the_umask_does_not_matter)
{
    const int masks[] = {0, 0777};
    struct stat status;
    int ended;

    daemon_prepare(&daemon_);
    daemon_.mask = masks[_i];
    ck_assert(daemon_try(&daemon_, quiet, &ended));
    ck_assert_int_eq(lstat(daemon_.socket, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    wire_open(&wire, daemon_.socket);
    wire_close(&wire);
    daemon_stop(&daemon_);
    tried("the_umask_does_not_matter", 2);
}
END_TEST

START_TEST(another_socket_at_the_path_survives_its_end)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    int fd;

    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    ck_assert_int_eq(getpeername(wire.fd, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(unlink(daemon_.socket), 0);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    kill(daemon_.pid, SIGTERM);
    ck_assert_int_eq(WEXITSTATUS(wait_for(daemon_.pid)), 0);
    ck_assert_int_eq(access(daemon_.socket, F_OK), 0);
    close(fd);
    wire_close(&wire);
    daemon_clean(&daemon_);
    tried("another_socket_at_the_path_survives_its_end", 1);
}
END_TEST

/* How often the daemon has gone to sleep. */
static unsigned long sleeps(void)
{
    unsigned long count = 0;
    char path[64], line[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_.pid);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file))
        (void)sscanf(line, "voluntary_ctxt_switches: %lu", &count);
    (void)fclose(file);
    ck_assert_uint_gt(count, 0);
    return count;
}

START_TEST(idle_it_does_not_wake_up)
{
    struct pollfd silence = {.events = POLLIN};
    unsigned long before;

    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"t\"]", 100000); /* 0.1 s, and served before */
    wire_add_match(&out, TSD_OP_IN, 2, "main", "[\"none\"]", UINT64_MAX);
    wire_add_out(&out, 3, "main", "[\"t\"]");
    wire_flush(&wire, &out);
    wire_expect(&wire, 3, TS_OK);
    wire_expect(&wire, 1, TS_OK);
    wire_ping(&wire, 4);
    silence.fd = wire.fd;
    ck_assert_int_eq(poll(&silence, 1, 100), 0); /* it has gone to sleep by now */
    before = sleeps();
    ck_assert_int_eq(poll(&silence, 1, 500), 0);
    ck_assert_uint_eq(sleeps(), before);
    wire_close(&wire);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}
END_TEST

/* Runs tsd with one option; returns its status. */
static int run(const char *option, const char *value)
{
    char program[4096];
    pid_t pid = fork();

    if (pid == 0) {
        daemon_program(program, "tsd");
        (void)!freopen("/dev/null", "w", stdout);
        (void)!freopen("/dev/null", "w", stderr);
        execl(program, "tsd", option, value, NULL);
        _exit(127);
    }
    return WEXITSTATUS(wait_for(pid));
}

START_TEST(help_and_release_are_told)
{
    ck_assert_int_eq(run("--help", NULL), 0);
    ck_assert_int_eq(run("-h", NULL), 0);
    ck_assert_int_eq(run("--version", NULL), 0);
}
END_TEST

START_TEST(wrong_options_are_refused)
{
    ck_assert_int_eq(run("--no-such-option", NULL), 2);
    ck_assert_int_eq(run("argument", NULL), 2);
    ck_assert_int_eq(run("--log-level", "loud"), 2);
    ck_assert_int_eq(run("--limit", "no-such-limit=1"), 2);
    ck_assert_int_eq(run("--lifeline", "77"), 2);
    ck_assert_int_eq(run("--ready-fd", "x"), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/lifecycle");
    TCase *tcase = tcase_create("lifecycle");
    SRunner *runner = srunner_create(suite);

    tcase_add_loop_test(tcase, a_signal_stops_it_cleanly, 0, 2);
    tcase_add_test(tcase, clients_are_told_of_a_stop_after_their_answers);
    tcase_add_test(tcase, what_is_being_written_is_written_before_it_ends);
    tcase_add_test(tcase, a_second_signal_does_not_wait_for_who_does_not_read);
    tcase_add_test(tcase, the_end_of_the_lifeline_stops_it);
    tcase_add_test(tcase, a_lifeline_whose_holder_is_killed_stops_it);
    tcase_add_test(tcase, a_stale_socket_is_taken_over);
    tcase_add_test(tcase, a_second_daemon_is_refused_and_the_first_serves_on);
    tcase_add_test(tcase, a_file_at_the_path_is_refused);
    tcase_add_test(tcase, a_symlink_at_the_path_is_refused);
    tcase_add_test(tcase, a_path_of_120_bytes_is_refused);
    tcase_add_loop_test(tcase, the_umask_does_not_matter, 0, 2);
    tcase_add_test(tcase, another_socket_at_the_path_survives_its_end);
    tcase_add_test(tcase, idle_it_does_not_wake_up);
    tcase_add_test(tcase, help_and_release_are_told);
    tcase_add_test(tcase, wrong_options_are_refused);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

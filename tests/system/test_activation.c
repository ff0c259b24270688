/* SPDX-License-Identifier: MIT */
/*
 * A daemon that systemd starts: by a socket that is passed, telling how it is.
 */
#define _GNU_SOURCE /* memfd_create, pipe2 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/wire.h"

static struct daemon place; /* only its directory and path are used */
static struct wire wire;
static int notify = -1;  /* where the daemon tells its state */
static char config[128]; /* a file that names a socket: one that is passed goes before it */

static int bind_to(const char *path, size_t length, int type)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    int fd = socket(AF_UNIX, type, 0);

    memcpy(name.sun_path, path, length);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, size), 0);
    return fd;
}

static void setup(void)
{
    char name[64];
    int length;

    daemon_prepare(&place);
    (void)snprintf(config, sizeof(config), "%s/tsd.conf", place.directory);
    FILE *file = fopen(config, "w");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file, "[daemon]\nsocket = %s/none/socket\n", place.directory);
    ck_assert_int_eq(fclose(file), 0);
    length = snprintf(name, sizeof(name), "@tsd-test-%d", (int)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    name[0] = '\0'; /* an abstract one, as the user's manager has it */
    notify = bind_to(name, (size_t)length, SOCK_DGRAM);
}

static void teardown(void)
{
    close(notify);
    unlink(place.socket);
    unlink(config);
    ck_assert_int_eq(rmdir(place.directory), 0);
}

/* The daemon with descriptor 3 passed, as systemd does it. It hangs on a lifeline, as all tests'
 * do. */
static pid_t start_with(int fd, int lifeline[2])
{
    char program[4096], pid_text[16], lifeline_text[16];
    pid_t pid;

    ck_assert_int_eq(pipe2(lifeline, O_CLOEXEC), 0);
    pid = fork();
    if (pid != 0)
        return pid;
    (void)snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    setenv("LISTEN_PID", pid_text, 1);
    setenv("LISTEN_FDS", "1", 1);
    int held = fcntl(lifeline[0], F_DUPFD, 10); /* out of descriptor 3's way */
    (void)snprintf(lifeline_text, sizeof(lifeline_text), "%d", held);
    dup2(fd, 3);
    daemon_program(program, "tsd");
    execl(program, "tsd", "--log-level", "warning", "--lifeline", lifeline_text, "--config", config,
          NULL);
    _exit(127);
}

static void read_told(char told[static 64])
{
    struct pollfd ready = {.fd = notify, .events = POLLIN};
    ssize_t size;

    ck_assert_int_eq(poll(&ready, 1, 20000), 1);
    size = recv(notify, told, 63, 0);
    ck_assert_int_ge(size, 0);
    told[size] = '\0';
}

/* What is told next; how many there are comes in between, when it comes. */
static void expect_told(const char *state)
{
    static const char status[] = "STATUS=";
    char told[64];

    do {
        read_told(told);
    } while (strncmp(state, status, strlen(status)) != 0 &&
             strncmp(told, status, strlen(status)) == 0);
    ck_assert_str_eq(told, state);
}

START_TEST(a_socket_that_is_passed_is_served_and_stays)
{
    int fd = bind_to(place.socket, strlen(place.socket), SOCK_STREAM), lifeline[2];

    ck_assert_int_eq(listen(fd, 8), 0);
    wire_connect(&wire, place.socket); /* before anybody serves */
    pid_t pid = start_with(fd, lifeline);
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    wire_add_hello(&out);
    wire_flush(&wire, &out);
    buffer_deinit(&out);
    ck_assert(wire_read(&wire, &frame));
    wire_ping(&wire, 1);
    expect_told("READY=1");
    kill(pid, SIGTERM);
    expect_told("STOPPING=1");
    ck_assert_int_eq(wait_for(pid), 0);
    wire_close(&wire);
    ck_assert_int_eq(access(place.socket, F_OK), 0); /* it is systemd's */
    close(fd);
    close(lifeline[0]);
    close(lifeline[1]);
}
END_TEST

START_TEST(what_is_no_listening_socket_is_refused)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), lifeline[2];
    int status = wait_for(start_with(fd, lifeline));

    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    close(fd);
    close(lifeline[0]);
    close(lifeline[1]);
}
END_TEST

START_TEST(the_watchdog_is_fed_where_one_is_asked_for)
{
    struct daemon daemon;

    setenv("WATCHDOG_USEC", "20000", 1);
    daemon_start(&daemon, NULL);
    expect_told("READY=1");
    expect_told("WATCHDOG=1");
    expect_told("WATCHDOG=1");
    daemon_kill(&daemon);
    daemon_clean(&daemon);
}
END_TEST

START_TEST(how_many_there_are_is_told)
{
    struct daemon daemon;
    struct wire wire;

    daemon_start(&daemon, NULL);
    expect_told("READY=1");
    expect_told("STATUS=0 tuples, 0 clients");
    wire_open(&wire, daemon.socket);
    expect_told("STATUS=0 tuples, 1 clients");
    wire_close(&wire);
    daemon_stop(&daemon);
    daemon_clean(&daemon);
}
END_TEST

/* That it is there is not enough: between bind and listen it refuses. */
static bool is_bound_only(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    memcpy(name.sun_path, path, strlen(path));
    const int result = connect(fd, (struct sockaddr *)&name, sizeof(name));
    const bool refused = result < 0 && (errno == ECONNREFUSED || errno == ENOENT);
    close(fd);
    return refused;
}

START_TEST(systemd_socket_activate_starts_it_by_a_connection)
{
    char program[4096];
    pid_t pid;

    pid = fork();
    if (pid == 0) {
        daemon_program(program, "tsd");
        (void)!freopen("/dev/null", "w", stderr); /* it tells what it does */
        alarm(60); /* survives the exec: nothing outlives the test for long */
        execlp("systemd-socket-activate", "systemd-socket-activate", "-E", "NOTIFY_SOCKET", "-l",
               place.socket, program, NULL);
        _exit(127);
    }
    while (is_bound_only(place.socket)) {
        ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
        poll(NULL, 0, 1);
    }
    wire_open(&wire, place.socket);
    expect_told("READY=1");
    wire_out(&wire, 1, "[\"activated\"]");
    kill(pid, SIGTERM);
    wire_expect_error(&wire, TS_STOPPING, "stopping");
    ck_assert_int_eq(wait_for(pid), 0);
    wire_close(&wire);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/activation");
    TCase *tcase = tcase_create("activation");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_socket_that_is_passed_is_served_and_stays);
    tcase_add_test(tcase, what_is_no_listening_socket_is_refused);
    tcase_add_test(tcase, the_watchdog_is_fed_where_one_is_asked_for);
    tcase_add_test(tcase, how_many_there_are_is_told);
    if (system("command -v systemd-socket-activate >/dev/null") == 0)
        tcase_add_test(tcase, systemd_socket_activate_starts_it_by_a_connection);
    else
        (void)puts("not tried: systemd-socket-activate is not there");
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

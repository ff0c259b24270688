/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "server/systemd.h"

static struct problem problem;

/* A datagram socket of that name, a NUL in front being an abstract one; $NOTIFY_SOCKET says so. */
static int notify_socket(const char *name, size_t length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    char variable[128];

    memcpy(address.sun_path, name, length);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
                     0);
    (void)snprintf(variable, sizeof(variable), "%c%.*s", name[0] ? name[0] : '@', (int)length - 1,
                   name + 1);
    setenv("NOTIFY_SOCKET", variable, 1);
    return fd;
}

static void expect_told(int fd, const char *text)
{
    char told[64] = "";

    ck_assert_int_ge(recv(fd, told, sizeof(told) - 1, MSG_DONTWAIT), 0);
    ck_assert_str_eq(told, text);
}

/* Descriptor 3 is that one, and passed as systemd does it. */
static void pass(int fd, const char *count, pid_t pid)
{
    char text[16];

    dup2(fd, 3);
    setenv("LISTEN_FDS", count, 1);
    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    setenv("LISTEN_PID", text, 1);
}

static int listening(int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type, 0);

    (void)snprintf(address.sun_path + 1, 64, "tsd-test-listen-%d", (int)getpid());
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

START_TEST(a_state_is_told_to_a_path)
{
    char name[] = "/tmp/tsd-notify-XXXXXX", path[64];

    ck_assert_ptr_nonnull(mkdtemp(name));
    (void)snprintf(path, sizeof(path), "%s/n", name);
    int fd = notify_socket(path, strlen(path));
    ck_assert_int_eq(systemd_notify("READY=1"), 0);
    expect_told(fd, "READY=1");
    unlink(path);
    rmdir(name);
}
END_TEST

START_TEST(a_state_is_told_to_an_abstract_socket)
{
    char name[64];
    int length = snprintf(name + 1, sizeof(name) - 1, "tsd-test-notify-%d", (int)getpid());

    name[0] = '\0';
    int fd = notify_socket(name, (size_t)length + 1);
    ck_assert_int_eq(systemd_notify("STOPPING=1"), 0);
    expect_told(fd, "STOPPING=1");
}
END_TEST

static int notify_here(void)
{
    char name[32] = "";
    int length = snprintf(name + 1, sizeof(name) - 1, "tsd-test-more-%d", (int)getpid());

    return notify_socket(name, (size_t)length + 1);
}

START_TEST(a_longer_time_is_told)
{
    int fd = notify_here();

    ck_assert_int_eq(systemd_extend(60000000), 0);
    expect_told(fd, "EXTEND_TIMEOUT_USEC=60000000");
    close(fd);
}
END_TEST

/* systemd wants to know of which reload READY=1 is the end: by a time of the clock that it has. */
START_TEST(a_reload_is_told_with_its_time)
{
    int fd = notify_here();
    char told[64] = "";
    unsigned long long us;
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    ck_assert_int_eq(systemd_reloading(), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_int_ge(recv(fd, told, sizeof(told) - 1, MSG_DONTWAIT), 0);
    ck_assert_int_eq(sscanf(told, "RELOADING=1\nMONOTONIC_USEC=%llu", &us), 1);
    ck_assert_uint_ge(us, (uint64_t)before.tv_sec * 1000000 + (uint64_t)before.tv_nsec / 1000);
    ck_assert_uint_le(us, (uint64_t)after.tv_sec * 1000000 + (uint64_t)after.tv_nsec / 1000);
    close(fd);
}
END_TEST

START_TEST(a_status_is_one_line)
{
    int fd = notify_here();
    char told[512] = "", longer[400];

    ck_assert_int_eq(systemd_status("%d clients\nREADY=1", 3), 0);
    expect_told(fd, "STATUS=3 clients?READY=1");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    ck_assert_int_eq(systemd_status("%s", longer), 0);
    ck_assert_int_eq(recv(fd, told, sizeof(told) - 1, MSG_DONTWAIT), 255);
    close(fd);
}
END_TEST

START_TEST(without_a_socket_nobody_is_told)
{
    unsetenv("NOTIFY_SOCKET");
    ck_assert_int_eq(systemd_notify("READY=1"), 0);
    setenv("NOTIFY_SOCKET", "", 1);
    ck_assert_int_eq(systemd_notify("READY=1"), 0);
}
END_TEST

START_TEST(a_socket_that_cannot_be_told_is_an_error)
{
    char longer[200];

    setenv("NOTIFY_SOCKET", "relative", 1);
    ck_assert_int_eq(systemd_notify("READY=1"), -EINVAL);
    memset(longer, 'x', sizeof(longer));
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    setenv("NOTIFY_SOCKET", longer, 1);
    ck_assert_int_eq(systemd_notify("READY=1"), -EINVAL);
    setenv("NOTIFY_SOCKET", "/tmp/tsd-no-such-socket", 1);
    ck_assert_int_eq(systemd_notify("READY=1"), -ENOENT);
}
END_TEST

START_TEST(a_listening_stream_socket_is_taken_once)
{
    pass(listening(SOCK_STREAM), "1", getpid());
    ck_assert_int_eq(systemd_socket(&problem), 3);
    ck_assert_int_eq(fcntl(3, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert_int_eq(fcntl(3, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    ck_assert_ptr_null(getenv("LISTEN_FDS"));
    ck_assert_ptr_null(getenv("LISTEN_PID"));
    ck_assert_int_eq(systemd_socket(&problem), 0);
}
END_TEST

START_TEST(what_is_for_another_process_is_left)
{
    pass(listening(SOCK_STREAM), "1", getppid());
    ck_assert_int_eq(systemd_socket(&problem), 0);
    pass(3, "0", getpid());
    ck_assert_int_eq(systemd_socket(&problem), 0);
    pass(3, "x", getpid());
    ck_assert_int_eq(systemd_socket(&problem), 0);
    unsetenv("LISTEN_PID");
    ck_assert_int_eq(systemd_socket(&problem), 0);
}
END_TEST

START_TEST(what_is_not_such_a_socket_is_refused)
{
    pass(listening(SOCK_DGRAM), "1", getpid());
    ck_assert_int_eq(systemd_socket(&problem), -TS_INVALID);
    pass(socket(AF_UNIX, SOCK_STREAM, 0), "1", getpid());
    ck_assert_int_eq(systemd_socket(&problem), -TS_INVALID);
    pass(open("/dev/null", O_RDONLY), "1", getpid());
    ck_assert_int_eq(systemd_socket(&problem), -TS_INVALID);
    close(3);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", "0", 1);
    ck_assert_int_eq(systemd_socket(&problem), 0);
}
END_TEST

START_TEST(two_sockets_are_refused)
{
    pass(listening(SOCK_STREAM), "2", getpid());
    ck_assert_int_eq(systemd_socket(&problem), -TS_INVALID);
    ck_assert_ptr_nonnull(strstr(problem.text, "2 descriptors"));
}
END_TEST

START_TEST(the_watchdog_is_asked_for_by_its_interval)
{
    char text[16];

    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    ck_assert_uint_eq(systemd_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "10000000", 1);
    ck_assert_uint_eq(systemd_watchdog_us(), 10000000);
    (void)snprintf(text, sizeof(text), "%d", (int)getpid());
    setenv("WATCHDOG_PID", text, 1);
    ck_assert_uint_eq(systemd_watchdog_us(), 10000000);
    setenv("WATCHDOG_PID", "1", 1);
    ck_assert_uint_eq(systemd_watchdog_us(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "-5", 1);
    ck_assert_uint_eq(systemd_watchdog_us(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/systemd");
    TCase *tcase = tcase_create("systemd");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tcase, a_state_is_told_to_a_path);
    tcase_add_test(tcase, a_state_is_told_to_an_abstract_socket);
    tcase_add_test(tcase, a_longer_time_is_told);
    tcase_add_test(tcase, a_reload_is_told_with_its_time);
    tcase_add_test(tcase, a_status_is_one_line);
    tcase_add_test(tcase, without_a_socket_nobody_is_told);
    tcase_add_test(tcase, a_socket_that_cannot_be_told_is_an_error);
    tcase_add_test(tcase, a_listening_stream_socket_is_taken_once);
    tcase_add_test(tcase, what_is_for_another_process_is_left);
    tcase_add_test(tcase, what_is_not_such_a_socket_is_refused);
    tcase_add_test(tcase, two_sockets_are_refused);
    tcase_add_test(tcase, the_watchdog_is_asked_for_by_its_interval);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

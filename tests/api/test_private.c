/* SPDX-License-Identifier: MIT */
/*
 * A private daemon: gone with ts_shutdown, or with whoever started it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/api.h"

static ts_client *own;

static void start_own(void)
{
    char program[4096];

    daemon_program(program, "tsd");
    setenv("TSD_DAEMON", program, 1);
    own = ts_connect_private(NULL);
}

static bool is_there(const char *socket)
{
    return access(socket, F_OK) == 0;
}

START_TEST(it_serves_until_shutdown)
{
    char socket[128];

    start_own();
    is(ts_out(own, TS("mine")), TS_OK);
    (void)snprintf(socket, sizeof(socket), "%s", ts_client_path(own));
    ck_assert(is_there(socket));
    is(ts_rdp(ts, TS("mine")), TS_NOMATCH); /* it is another one */
    is(ts_shutdown(own, 0), TS_OK);
    *strrchr(socket, '/') = '\0';
    ck_assert(!is_there(socket));
    is(ts_out(own, TS("mine")), TS_NO_DAEMON);
    is(ts_shutdown(own, 0), TS_OK);
    ts_disconnect(own);
}
END_TEST

static int answer(ts_client *client, void *arg)
{
    (void)arg;
    return ts_out(client, TS("worker's")) == TS_OK ? 0 : 1;
}

START_TEST(its_workers_connect_to_it)
{
    start_own();
    is(ts_eval(own, "worker", answer, NULL), TS_OK);
    is(ts_in(own, TS("worker's"), 60), TS_OK);
    is(ts_shutdown(own, 60), TS_OK);
    ts_disconnect(own);
}
END_TEST

START_TEST(it_is_no_child_of_its_user)
{
    start_own();
    daemon_stop(&server);
    ck_assert_int_lt(waitpid(-1, NULL, WNOHANG), 0);
    daemon_start(&server, NULL);
    is(ts_shutdown(own, 0), TS_OK);
    ts_disconnect(own);
}
END_TEST

START_TEST(where_it_does_not_start_calls_say_so)
{
    setenv("TSD_DAEMON", "/nonexistent/tsd", 1);
    own = ts_connect_private(&(ts_options){.reconnect = TS_FOREVER});
    is(ts_out(own, TS("mine")), TS_NO_DAEMON);
    ck_assert_ptr_nonnull(strstr(ts_error_text(own), "did not start"));
    ts_disconnect(own);
}
END_TEST

/* Waits until the directory, of which a watch was made, is removed. */
static void wait_until_gone(int watch)
{
    char bytes[4096];
    const struct inotify_event *event;

    do {
        ssize_t size = read(watch, bytes, sizeof(bytes));
        ck_assert_int_gt(size, 0);
        for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof(*event) + event->len)) {
            event = (const struct inotify_event *)(const void *)(bytes + at);
            if (event->mask & IN_DELETE_SELF)
                return;
        }
    } while (true);
}

START_TEST(it_goes_with_who_started_it)
{
    const char *path;
    char directory[128];
    pid_t pid = fork();
    int watch = inotify_init1(0);

    if (pid == 0) {
        start_own();
        ts_reconnect(ts);
        ts_out(ts, TS("path", ts_client_path(own)));
        pause();
    }
    is(ts_in(ts, TS("path", &path), 60), TS_OK);
    (void)snprintf(directory, sizeof(directory), "%s", path);
    *strrchr(directory, '/') = '\0';
    ck_assert_int_ge(inotify_add_watch(watch, directory, IN_DELETE_SELF), 0);
    kill(pid, SIGKILL);
    wait_for(pid);
    wait_until_gone(watch);
    close(watch);
}
END_TEST

RUN_TESTS("api/private", it_serves_until_shutdown, its_workers_connect_to_it,
          it_is_no_child_of_its_user, where_it_does_not_start_calls_say_so,
          it_goes_with_who_started_it)

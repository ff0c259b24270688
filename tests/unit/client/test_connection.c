/* SPDX-License-Identifier: MIT */
/*
 * The contract, clauses 5 and 6: the descriptor changes; statuses and sentences.
 */
#include <fcntl.h>

#include "unit/client/fake.h"
#include "unit/client/told.h"

static int changes[8][2];
static size_t change_count;

static void note_change(ts_client *client, int old_fd, int new_fd, void *arg)
{
    (void)client;
    ck_assert_ptr_eq(arg, changes);
    if (old_fd >= 0)
        ck_assert_int_ne(fcntl(old_fd, F_GETFD), -1); /* still open */
    changes[change_count][0] = old_fd;
    changes[change_count++][1] = new_fd;
}

START_TEST(a_reconnect_tells_of_the_new_descriptor)
{
    const ts_options options = {.descriptor = note_change, .descriptor_arg = changes};
    struct fake fake;
    ts_client *ts = fake_start(&fake, &options);
    const int fd = ts_client_fd(ts);
    ts_client *jobs = ts_space(ts, "jobs");

    change_count = 0;
    fake_hang_up(&fake);
    while (ts_client_dispatch(ts) == TS_OK) /* the opening comes before the end */
        ;
    ck_assert_uint_eq(change_count, 1);
    ck_assert(changes[0][0] == fd && changes[0][1] == -1);
    is(ts_reconnect(ts), TS_OK);
    ck_assert_uint_eq(change_count, 2);
    ck_assert(changes[1][0] == -1 && changes[1][1] == ts_client_fd(ts));
    fake_accept(&fake);
    fake_welcome(&fake);
    answer_uint(&fake, 1, 5);
    is(ts_out(jobs, TS(1)), TS_OK); /* handles stay */
    ck_assert_mem_eq(fake_request(&fake).space.bytes, "jobs", 4);
    fake_end(&fake);
    ck_assert_uint_eq(change_count, 3);
}
END_TEST

static int runs;

static void reconnect_at_loss(ts_client *client, int old_fd, int new_fd, void *arg)
{
    (void)old_fd, (void)arg;
    if (new_fd < 0 && runs++ == 0)
        is(ts_reconnect(client), TS_OK);
}

START_TEST(the_descriptors_callback_may_reconnect)
{
    const ts_options options = {.descriptor = reconnect_at_loss};
    struct fake fake;
    ts_client *ts = fake_start(&fake, &options);

    runs = 0;
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST); /* this one was on the old connection */
    fake_accept(&fake);
    fake_welcome(&fake);
    answer_nil(&fake, 2, TS_OK); /* numbers go on */
    is(ts_ping(ts), TS_OK);
    fake_end(&fake);
}
END_TEST

static void disconnect_at_loss(ts_client *client, int old_fd, int new_fd, void *arg)
{
    (void)old_fd, (void)new_fd, (void)arg;
    ts_disconnect(client);
}

START_TEST(the_descriptors_callback_may_disconnect)
{
    const ts_options options = {.descriptor = disconnect_at_loss};
    struct fake fake;
    ts_client *ts = fake_start(&fake, &options);

    told_count = 0;
    submit_in(ts, tell, NULL);
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST);
    fake.client = NULL;
    ck_assert(was_told(0, 1, TS_LOST));
    fake_end(&fake);
}
END_TEST

/* ---- Statuses and sentences ---- */

START_TEST(without_a_daemon_every_call_says_so)
{
    ts_client *ts = ts_connect("/tmp/there-is-no-tsd/socket", NULL);

    ck_assert_ptr_nonnull(ts);
    is(ts_client_status(ts), TS_NO_DAEMON);
    is(ts_out(ts, TS(1)), TS_NO_DAEMON);
    is(ts_submit_out(ts, TS(1), tell, NULL), TS_NO_DAEMON);
    is(ts_client_dispatch(ts), TS_NO_DAEMON);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "no daemon at /tmp/there-is-no-tsd/socket"));
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "No such file"));
    ck_assert_int_eq(ts_client_fd(ts), -1);
    ck_assert_int_eq(ts_client_events(ts), 0);
    ts_disconnect(ts);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_named)
{
    char path[200];
    ts_client *ts;

    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    ts = ts_connect(path, NULL);
    is(ts_ping(ts), TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "aaaa"));
    ts_disconnect(ts);
}
END_TEST

START_TEST(the_path_comes_from_the_environment)
{
    ts_client *ts;

    setenv("TSD_SOCKET", "/tmp/there-is-no-tsd/a", 1);
    ts = ts_connect(NULL, NULL);
    ck_assert_str_eq(ts_client_path(ts), "/tmp/there-is-no-tsd/a");
    ts_disconnect(ts);
    unsetenv("TSD_SOCKET");
    setenv("XDG_RUNTIME_DIR", "/tmp/there-is-no-run", 1);
    ts = ts_connect(NULL, NULL);
    ck_assert_str_eq(ts_client_path(ts), "/run/tsd/socket");
    if (ts_client_status(ts) != TS_OK)
        ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "/tmp/there-is-no-run/tsd/socket, nor at "
                                                        "/run/tsd/socket"));
    ts_disconnect(ts);
}
END_TEST

START_TEST(options_that_are_no_good_are_named)
{
    struct fake fake;
    ts_client *ts;

    fake_listen(&fake);
    ts = ts_connect(fake.path, &(ts_options){.space = "a\tb"});
    is(ts_ping(ts), TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "space"));
    ts_disconnect(ts);
    fake_end(&fake);
}
END_TEST

START_TEST(the_daemons_reason_for_closing_is_told)
{
    struct fake fake;
    ts_client *ts;

    fake_listen(&fake);
    fake.client = ts = ts_connect(fake.path, NULL);
    fake_accept(&fake);
    answer_text(&fake, 0, TS_LIMIT, "4096 connections of user 1000, which is the limit");
    is(ts_ping(ts), TS_LIMIT); /* before its opening: nothing can have been done */
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "4096 connections of user 1000"));
    fake_end(&fake);

    ts = fake_start(&fake, NULL);
    answer_text(&fake, 0, TS_PROTOCOL, "unknown operation 99");
    is(ts_ping(ts), TS_LOST);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "unknown operation 99"));
    is(ts_ping(ts), TS_LOST);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "unknown operation 99"));
    fake_end(&fake);
}
END_TEST

START_TEST(what_is_no_tsd_is_told_from_one)
{
    static const char *const other[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "\xce\0\0\0\1\xc0",
                                        "\xce\xff\xff\xff\xff"};
    struct fake fake;

    for (size_t i = 0; i < 3; i++) {
        size_t size = i == 0 ? strlen(other[0]) : 5 + (i == 1);
        fake_listen(&fake);
        fake.client = ts_connect(fake.path, NULL);
        fake_accept(&fake);
        ck_assert_int_eq(write(fake.fd, other[i], size), (ssize_t)size);
        is(ts_ping(fake.client), TS_LOST);
        ck_assert_ptr_nonnull(strstr(ts_error_text(fake.client), "is no tsd"));
        fake_end(&fake);
    }
}
END_TEST

START_TEST(without_a_client_everything_is_out_of_memory)
{
    uint64_t count;

    is(ts_out(NULL, TS(1)), TS_NO_MEMORY);
    is(ts_in(NULL, TS(1), 1), TS_NO_MEMORY);
    is(ts_count(NULL, TS(1), &count), TS_NO_MEMORY);
    is(ts_client_dispatch(NULL), TS_NO_MEMORY);
    is(ts_client_flush(NULL), TS_NO_MEMORY);
    is(ts_submit_out(NULL, TS(1), tell, NULL), TS_NO_MEMORY);
    is(ts_reconnect(NULL), TS_NO_MEMORY);
    ck_assert_str_eq(ts_error_text(NULL), "out of memory");
    ck_assert_ptr_null(ts_space(NULL, "x"));
    ck_assert_int_eq(ts_client_fd(NULL), -1);
    ts_disconnect(NULL);
    ts_abandon(NULL);
}
END_TEST

RUN_TESTS("client/connection", a_reconnect_tells_of_the_new_descriptor,
          the_descriptors_callback_may_reconnect, the_descriptors_callback_may_disconnect,
          without_a_daemon_every_call_says_so, a_path_that_is_too_long_is_named,
          the_path_comes_from_the_environment, options_that_are_no_good_are_named,
          the_daemons_reason_for_closing_is_told, what_is_no_tsd_is_told_from_one,
          without_a_client_everything_is_out_of_memory)

/* SPDX-License-Identifier: MIT */
/*
 * Whose spaces are, clients and users, through the installed interface at a real daemon.
 */
#include <unistd.h>

#include "lib/api.h"

START_TEST(a_space_is_its_makers)
{
    const ts_space_row *row;

    is(ts_out(ts, TS("mine")), TS_OK);
    is(ts_spaces(ts), TS_OK);
    row = ts_space_at(ts_last(ts), 0);
    ck_assert_str_eq(row->name, "main");
    ck_assert_uint_eq(row->owner, getuid());
    ck_assert_uint_eq(row->group, getgid());
    ck_assert_uint_eq(row->mode, 0700);
}
END_TEST

START_TEST(a_mode_is_set_where_the_space_is_there)
{
    ts_client *jobs = ts_space(ts, "jobs");
    const ts_attributes attributes = {.set_mode = true,
                                      .mode = 0751,
                                      .set_owner = true,
                                      .owner = getuid(),
                                      .set_group = true,
                                      .group = getgid(),
                                      .existing = true};

    is(ts_space_set(jobs, &attributes), TS_NOMATCH);
    is(ts_space_set(jobs, NULL), TS_OK);
    is(ts_space_set(jobs, &attributes), TS_OK);
    is(ts_spaces(ts), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_uint_eq(ts_space_at(ts_last(ts), 0)->mode, 0751);
    is(ts_space_set(jobs, &(ts_attributes){.set_mode = true, .mode = 01000}), TS_MALFORMED);
    is(ts_space_remove(jobs, false), TS_OK);
}
END_TEST

START_TEST(clients_and_users_are_told)
{
    uint64_t beyond = 0;

    is(ts_clients(ts, NULL), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_uint_gt(ts_last(ts)->report.size, 0);
    beyond = ts_client_daemon(ts)->session;
    is(ts_clients(ts, &beyond), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
    is(ts_users(ts, NULL), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_uint_gt(ts_last(ts)->report.size, 0);
    beyond = getuid();
    is(ts_users(ts, &beyond), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 0);
}
END_TEST

START_TEST(what_a_killed_client_has_goes_back)
{
    ts_client *other = ts_connect(ts_client_path(ts), NULL);
    uint64_t session;
    int number = 0;

    is(ts_out(ts, TS("t", 1)), TS_OK);
    is(ts_out(ts, TS("t", 2)), TS_OK);
    is(ts_inp(other, TS("t", &number)), TS_OK);
    is(ts_hold(other, TS("t", &number), 0, 0), TS_OK); /* which acknowledges the first */
    session = ts_client_daemon(other)->session;
    is(ts_kill(ts, session), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->total, 1);
    is(ts_inp(ts, TS("t", 2)), TS_OK);
    is(ts_ping(other), TS_LOST);
    ck_assert_ptr_nonnull(strstr(ts_error_text(other), "disconnected by user"));
    is(ts_kill(ts, session), TS_NOMATCH);
    is(ts_kill(ts, ts_client_daemon(ts)->session), TS_INVALID);
    is(ts_ping(ts), TS_OK);
    ts_disconnect(other);
}
END_TEST

RUN_TESTS("api/access", a_space_is_its_makers, a_mode_is_set_where_the_space_is_there,
          clients_and_users_are_told, what_a_killed_client_has_goes_back)

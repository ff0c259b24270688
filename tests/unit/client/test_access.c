/* SPDX-License-Identifier: MIT */
/*
 * Whose a space is, and clients that are disconnected: over the wire, and what comes back.
 */
#include "unit/client/fake.h"

START_TEST(owner_group_and_mode_go_where_they_are_set)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_nil(&fake, 1, TS_OK);
    is(ts_space_set(ts, &(ts_attributes){.set_owner = true,
                                         .owner = 1000,
                                         .set_group = true,
                                         .group = 50,
                                         .set_mode = true,
                                         .mode = 0751,
                                         .existing = true}),
       TS_OK);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.has,
                      TSD_HAS(OWNER) | TSD_HAS(GROUP) | TSD_HAS(MODE) | TSD_HAS(EXISTING));
    ck_assert(request.owner == 1000 && request.group == 50 && request.mode == 0751);
    ck_assert(request.existing);
    answer_nil(&fake, 2, TS_OK);
    is(ts_space_set(ts, &(ts_attributes){.set_owner = true, .set_mode = true}), TS_OK);
    request = fake_request(&fake); /* to root, with no rights: 0 is a value */
    ck_assert_uint_eq(request.has, TSD_HAS(OWNER) | TSD_HAS(MODE));
    ck_assert(request.owner == 0 && request.mode == 0);
    answer_nil(&fake, 3, TS_OK);
    is(ts_space_set(ts, &(ts_attributes){.owner = 1, .group = 2, .mode = 3}), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).has, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(a_space_that_is_not_there_is_no_match)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_nil(&fake, 1, TS_NOMATCH);
    is(ts_space_set(ts, &(ts_attributes){.existing = true}), TS_NOMATCH);
    ck_assert_str_eq(ts_error_text(ts), "there is no such space");
    answer_nil(&fake, 2, TS_NOMATCH);
    is(ts_space_remove(ts, false), TS_NOMATCH);
    ck_assert_str_eq(ts_error_text(ts), "there is no such space");
    answer_text(&fake, 3, TS_DENIED, "permission denied for space main: you are not its owner");
    is(ts_space_set(ts, NULL), TS_DENIED);
    ck_assert_str_eq(ts_error_text(ts), "permission denied for space main: you are not its owner");
    fake_end(&fake);
}
END_TEST

/* It says which option it does not know, and goes on. */
START_TEST(an_older_daemon_refuses_the_option)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_text(&fake, 1, TS_INVALID, "unknown option 32");
    is(ts_space_set(ts, &(ts_attributes){.set_mode = true, .mode = 0700}), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts), "unknown option 32");
    answer_nil(&fake, 2, TS_OK);
    is(ts_ping(ts), TS_OK);
    fake_end(&fake);
}
END_TEST

START_TEST(a_kill_tells_how_many_tuples_went_back)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_uint(&fake, 1, 3);
    is(ts_kill(ts, 77), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->total, 3);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_KILL && request.target == 77 && request.has == 0);
    answer_nil(&fake, 2, TS_NOMATCH);
    is(ts_kill(ts, 78), TS_NOMATCH);
    ck_assert_str_eq(ts_error_text(ts), "there is no such client");
    answer_text(&fake, 3, TS_INVALID, "client 5 is this connection");
    is(ts_kill(ts, 5), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts), "client 5 is this connection");
    fake_end(&fake);
}
END_TEST

/* What the one that is killed reads. */
START_TEST(a_killed_client_is_told_by_whom)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_text(&fake, 0, TS_LOST, "disconnected by user 1000");
    is(ts_rd(ts, TS("x"), TS_FOREVER), TS_LOST);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "disconnected by user 1000"));
    is(ts_client_status(ts), TS_LOST);
    fake_end(&fake);
}
END_TEST

/* A daemon that does not know the operation ends the connection. */
START_TEST(an_older_daemon_knows_no_clients)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_text(&fake, 0, TS_PROTOCOL, "unknown operation 25");
    is(ts_clients(ts, NULL), TS_LOST);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "unknown operation 25"));
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/access", owner_group_and_mode_go_where_they_are_set,
          a_space_that_is_not_there_is_no_match, an_older_daemon_refuses_the_option,
          a_kill_tells_how_many_tuples_went_back, a_killed_client_is_told_by_whom,
          an_older_daemon_knows_no_clients)

/* SPDX-License-Identifier: MIT */
/*
 * ts_in_if with a real daemon (rule S33).
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/api.h"

/* Accepts what is a multiple, and remembers what it was asked. */
struct asked {
    int64_t of, seen[64];
    size_t count;
};

static bool is_multiple(const ts_tuple *tuple, void *arg)
{
    struct asked *asked = arg;
    int64_t n = 1;

    ck_assert(ts_field_int(tuple, 1, &n));
    asked->seen[asked->count++ % 64] = n;
    return n % asked->of == 0;
}

static void put(ts_client *client, int from, int to)
{
    for (int i = from; i <= to; i++)
        is(ts_out(client, TS("n", i)), TS_OK);
}

START_TEST(the_first_that_is_accepted_is_taken)
{
    struct asked asked = {.of = 4};
    uint64_t count;
    int n = 0;

    put(ts, 1, 10);
    is(ts_in_if(ts, TS("n", &n), is_multiple, &asked, 0), TS_OK);
    ck_assert_int_eq(n, 4);
    ck_assert(asked.count == 4 && asked.seen[0] == 1 && asked.seen[3] == 4);
    is(ts_count(ts, TS("n", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 9);
}
END_TEST

START_TEST(it_is_in_hand_until_the_next_request)
{
    struct asked asked = {.of = 2};
    ts_client *other = ts_connect(server.socket, NULL);

    put(ts, 2, 2);
    is(ts_in_if(other, TS("n", TS_ANY), is_multiple, &asked, 0), TS_OK);
    is(ts_drained(ts, TS("n", TS_ANY), 0), TS_NOMATCH);
    ts_abandon(other);
    is(ts_in(ts, TS("n", 2), 60), TS_OK);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->returns, 1);
}
END_TEST

START_TEST(without_a_wait_only_what_is_stored_is_looked_at)
{
    struct asked asked = {.of = 100};

    put(ts, 1, 3);
    is(ts_in_if(ts, TS("n", TS_ANY), is_multiple, &asked, 0), TS_NOMATCH);
    ck_assert_uint_eq(asked.count, 3);
    is(ts_in_if(ts, TS("n", TS_ANY), is_multiple, &asked, 0.01), TS_TIMEOUT);
    ck_assert_uint_eq(asked.count, 6);
    is(ts_last(ts)->status, TS_TIMEOUT);
    is(ts_in_if(ts, TS("n", TS_ANY), is_multiple, &asked, -1), TS_INVALID);
    is(ts_in_if(ts, TS("n", TS_ANY), NULL, NULL, 0), TS_INVALID);
    is(ts_in_if(NULL, TS("n", TS_ANY), is_multiple, &asked, 0), TS_NO_MEMORY);
}
END_TEST

/* A child that puts what is waited for, once the watch is there. */
static int put_later(ts_client *client, void *arg)
{
    (void)arg;
    for (int i = 1; i <= 7; i++)
        if (ts_out(client, TS("n", i)) != TS_OK)
            return 1;
    return 0;
}

START_TEST(it_waits)
{
    struct asked asked = {.of = 7};
    int n = 0;

    is(ts_eval(ts, "putter", put_later, NULL), TS_OK);
    is(ts_in_if(ts, TS("n", &n), is_multiple, &asked, TS_FOREVER), TS_OK);
    ck_assert_int_eq(n, 7);
    is(ts_shutdown(ts, TS_FOREVER), TS_OK);
}
END_TEST

static ts_client *rival;

/* While it thinks, somebody else is faster. */
static bool is_slow(const ts_tuple *tuple, void *arg)
{
    int64_t n = 0;

    ts_field_int(tuple, 1, &n);
    if (n == 1)
        is(ts_in(rival, TS("n", 1), 60), TS_OK); /* so no tuple is locked */
    ++*(int *)arg;
    return true;
}

START_TEST(it_goes_on_where_somebody_was_faster)
{
    int n = 0, asked = 0;

    rival = ts_connect(server.socket, NULL);
    put(ts, 1, 2);
    is(ts_in_if(ts, TS("n", &n), is_slow, &asked, 0), TS_OK);
    ck_assert(n == 2 && asked == 2);
    ts_disconnect(rival);
}
END_TEST

/* Refused once, it is asked for again when it has come back. */
static bool is_returned(const ts_tuple *tuple, void *arg)
{
    if (tuple->returns == 0 && ++*(int *)arg == 1) {
        is(ts_in(rival, TS("n", TS_ANY), 60), TS_OK);
        ts_abandon(rival);
    }
    return tuple->returns > 0;
}

START_TEST(what_comes_back_is_not_skipped)
{
    int asked = 0;

    rival = ts_connect(server.socket, NULL);
    put(ts, 5, 5);
    is(ts_in_if(ts, TS("n", TS_ANY), is_returned, &asked, 60), TS_OK);
    ck_assert_int_eq(asked, 1);
}
END_TEST

START_TEST(several_take_each_tuple_once)
{
    enum { COUNT = 300 };
    struct asked asked = {.of = 1};
    ts_client *other = ts_connect(server.socket, NULL);
    uint64_t count;

    put(ts, 1, COUNT);
    for (int i = 0; i < COUNT; i += 2) {
        is(ts_in_if(ts, TS("n", TS_ANY), is_multiple, &asked, 0), TS_OK);
        is(ts_in_if(other, TS("n", TS_ANY), is_multiple, &asked, 0), TS_OK);
    }
    is(ts_in_if(ts, TS("n", TS_ANY), is_multiple, &asked, 0), TS_NOMATCH);
    is(ts_spaces(ts), TS_OK); /* no watch is left */
    for (size_t i = 0; i < ts_last(ts)->count; i++)
        ck_assert_uint_eq(ts_space_at(ts_last(ts), i)->watches, 0);
    is(ts_count(ts, TS("n", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(ts_client_poll_timeout(ts), -1); /* nothing waits for a dispatch */
    ts_disconnect(other);
}
END_TEST

RUN_TESTS("api/filter", the_first_that_is_accepted_is_taken, it_is_in_hand_until_the_next_request,
          without_a_wait_only_what_is_stored_is_looked_at, it_waits,
          it_goes_on_where_somebody_was_faster, what_comes_back_is_not_skipped,
          several_take_each_tuple_once)

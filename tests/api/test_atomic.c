/* SPDX-License-Identifier: MIT */
/*
 * Several operations as one unit, with a real daemon (rules S22 to S24).
 */
#include "lib/api.h"

START_TEST(compare_and_set)
{
    is(ts_out(ts, TS("v", 1)), TS_OK);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("v", 1))), TS_STEPS(ts_step_out(TS("v", 2))), 0),
       TS_OK);
    ck_assert_uint_ne(ts_last(ts)->first, 0);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("v", 1))), TS_STEPS(ts_step_out(TS("v", 3))), 0),
       TS_NOMATCH);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("v", 1))), TS_STEPS(ts_step_out(TS("v", 3))), 0.01),
       TS_TIMEOUT);
    is(ts_rdp(ts, TS("v", 2)), TS_OK);
}
END_TEST

START_TEST(a_counter)
{
    int n = 0;

    is(ts_out(ts, TS("n", -1)), TS_OK);
    for (int i = 0; i < 3; i++)
        is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("n", &n))),
                     TS_STEPS(ts_step_out(TS("n", ts_from_plus(0, 1, 2)))), 0),
           TS_OK);
    ck_assert_int_eq(n, 3); /* as it was before the last one */
    is(ts_rdp(ts, TS("n", 5)), TS_OK);
}
END_TEST

START_TEST(insert_if_absent)
{
    const ts_guard guard = ts_guard_absent(TS("leader", TS_ANY));

    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS("leader", "a"))), 0), TS_OK);
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS("leader", "b"))), 0), TS_NOMATCH);
    ck_assert_str_eq(ts_error_text(ts), "its guards do not hold");
    is(ts_inp(ts, TS("leader", "a")), TS_OK);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_rd(TS("x"))), NULL, 0, 0), TS_NOMATCH); /* acknowledges */
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS("leader", "b"))), 0), TS_OK);
}
END_TEST

/* Both forks or none, and both go back with a philosopher that dies. */
START_TEST(two_at_once)
{
    const ts_guard forks[] = {ts_guard_in(TS("fork", 1)), ts_guard_in(TS("fork", 2))};
    ts_client *other = ts_connect(server.socket, NULL);
    uint64_t count = 0;

    is(ts_out(ts, TS("fork", 1)), TS_OK);
    is(ts_atomic(other, forks, 2, NULL, 0, 0), TS_NOMATCH);
    is(ts_out(ts, TS("fork", 2)), TS_OK);
    is(ts_atomic(other, forks, 2, NULL, 0, 0), TS_OK);
    is(ts_count(ts, TS("fork", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 0);
    ts_abandon(other);
    is(ts_atomic(ts, forks, 2, NULL, 0, 10), TS_OK);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 1)->alternative, 1);
    is(ts_release(ts, ts_tuple_at(ts_last(ts), 1)->token, 0), TS_OK);
    is(ts_inp(ts, TS("fork", 2)), TS_OK);
}
END_TEST

START_TEST(a_hold_is_taken_and_finished)
{
    ts_token token;
    int n = 0;

    is(ts_out(ts, TS("job", 7)), TS_OK);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_hold(TS("job", &n), 60)),
                 TS_STEPS(ts_step_out(TS("begun", ts_from(0, 1)))), 0),
       TS_OK);
    token = ts_tuple_at(ts_last(ts), 0)->token;
    ck_assert(n == 7 && token.number != 0 && !token.delivery);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("begun", 7))),
                 TS_STEPS(ts_step_finish(token), ts_step_out(TS("done", 7))), 0),
       TS_OK);
    is(ts_rdp(ts, TS("done", 7)), TS_OK);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("done", 7))), TS_STEPS(ts_step_finish(token)), 0),
       TS_LATE);
    is(ts_rdp(ts, TS("done", 7)), TS_OK); /* a refused unit changes nothing */
}
END_TEST

START_TEST(what_a_template_cannot_have_is_refused)
{
    const ts_guard guard = ts_guard_in(TS("n", TS_REST));

    is(ts_out(ts, TS("n", UINT64_MAX)), TS_OK);
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS(ts_from_plus(0, 1, 1)))), 0), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts), "step 1: field 1: field 1 of guard 0's tuple (both from 0) "
                                        "plus 1 is beyond what an int can be");
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS("n", ts_from_plus(0, 0, 1)))), 0),
       TS_INVALID);
    ck_assert_str_eq(
        ts_error_text(ts),
        "step 1: field 2: field 0 of guard 0's tuple (both from 0) is no int to add to");
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS(ts_from(0, 2)))), 0), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts),
                     "step 1: field 1: guard 0's tuple has no field 2 (both from 0)");
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(TS(ts_from(1, 0)))), 0), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts),
                     "step 1: field 1: there is no guard 1 (from 0): the last one is 0");
    is(ts_rdp(ts, TS("n", UINT64_MAX)), TS_OK);
}
END_TEST

START_TEST(spaces_and_options_of_steps)
{
    ts_client *other = ts_space(ts, "other");
    ts_guard guard = ts_guard_in(TS("a"));
    ts_step step = ts_step_out(TS("b"));

    guard.space = "other";
    step.space = "third";
    step.priority = 5;
    is(ts_out(other, TS("a")), TS_OK);
    is(ts_atomic(ts, &guard, 1, &step, 1, 0), TS_OK);
    is(ts_inp(other, TS("a")), TS_NOMATCH);
    is(ts_inp(ts_space(ts, "third"), TS("b")), TS_OK);
}
END_TEST

RUN_TESTS("api/atomic", compare_and_set, a_counter, insert_if_absent, two_at_once,
          a_hold_is_taken_and_finished, what_a_template_cannot_have_is_refused,
          spaces_and_options_of_steps)

/* SPDX-License-Identifier: MIT */
/*
 * Nothing is lost: deliveries, holds and tokens with a real daemon (rules S7 to S14).
 */
#include "lib/api.h"

static ts_token last_token(ts_client *client)
{
    return ts_tuple_at(ts_last(client), 0)->token;
}

static const ts_tuple *last_tuple(ts_client *client)
{
    return ts_tuple_at(ts_last(client), 0);
}

/* Another worker, as if its process died: what it took goes back. */
static void die_with(ts_values pattern)
{
    ts_client *worker = ts_connect(server.socket, NULL);

    is(ts_in(worker, pattern, 10), TS_OK);
    ts_abandon(worker);
}

START_TEST(what_a_dead_client_took_goes_back)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_out(ts, TS("task", 2)), TS_OK);
    die_with(TS("task", TS_ANY));
    is(ts_in(ts, TS("task", 1), 10), TS_OK); /* wakes when it is back */
    ck_assert_uint_eq(last_tuple(ts)->returns, 1);
    ck_assert_uint_eq(last_tuple(ts)->reason, TSD_REASON_CONNECTION);
    ck_assert_int_eq(last_tuple(ts)->exit_status, -1);
}
END_TEST

START_TEST(a_goodbye_is_final)
{
    ts_client *worker = ts_connect(server.socket, NULL);

    is(ts_out(ts, TS("task")), TS_OK);
    is(ts_in(worker, TS("task"), 10), TS_OK);
    ts_disconnect(worker);
    is(ts_drained(ts, TS("task"), 10), TS_OK);
    is(ts_inp(ts, TS("task")), TS_NOMATCH);
}
END_TEST

START_TEST(what_was_taken_is_given_back_by_release)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_inp(ts, TS("task", TS_ANY)), TS_OK);
    is(ts_release(ts, last_token(ts), 0), TS_OK);
    is(ts_inp(ts, TS("task", 1)), TS_OK);
    ck_assert_uint_eq(last_tuple(ts)->returns, 1);
    ck_assert_uint_eq(last_tuple(ts)->reason, TSD_REASON_RELEASED);

    const ts_token token = last_token(ts);
    const ts_request release = {.operation = TSD_OP_RELEASE,
                                .tokens = &token,
                                .token_count = 1,
                                .untried = true,
                                .has_exit = true,
                                .exit_status = 3};
    is(ts_call(ts, &release), TS_OK);
    is(ts_inp(ts, TS("task", 1)), TS_OK);
    ck_assert_uint_eq(last_tuple(ts)->returns, 1); /* it was not tried */
    ck_assert_int_eq(last_tuple(ts)->exit_status, 3);
}
END_TEST

START_TEST(what_was_acknowledged_is_late)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_inp(ts, TS("task", TS_ANY)), TS_OK);
    const ts_token token = last_token(ts);
    is(ts_client_ack(ts), TS_OK);
    is(ts_release(ts, token, 0), TS_LATE);
    is(ts_inp(ts, TS("task", 1)), TS_NOMATCH);
}
END_TEST

START_TEST(finish_consumes_and_puts_as_one)
{
    const ts_values results[] = {TS("done", 1), TS("done", 2)};
    uint64_t count = 0;

    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_hold(ts, TS("task", TS_ANY), 0, 60), TS_OK);
    const ts_token token = last_token(ts);
    is(ts_ping(ts), TS_OK); /* a hold is not acknowledged */
    is(ts_inp(ts, TS("task", TS_ANY)), TS_NOMATCH);
    is(ts_renew(ts, token, 90), TS_OK);
    is(ts_finish(ts, &token, 1, results, 2), TS_OK);
    is(ts_count(ts, TS("done", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 2);
    is(ts_finish(ts, &token, 1, results, 2), TS_LATE); /* rule S14: nothing is put */
    is(ts_renew(ts, token, 1), TS_LATE);
    is(ts_count(ts, TS("done", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(a_hold_ends_with_its_time)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_hold(ts, TS("task", TS_ANY), 0, 0.01), TS_OK);
    const ts_token token = last_token(ts);
    is(ts_rd(ts, TS("task", TS_ANY), 10), TS_OK);
    ck_assert_uint_eq(last_tuple(ts)->reason, TSD_REASON_HOLD_OVER);
    is(ts_finish(ts, &token, 1, NULL, 0), TS_LATE);
}
END_TEST

START_TEST(a_release_may_have_a_delay)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_hold(ts, TS("task", TS_ANY), 0, 60), TS_OK);
    is(ts_release(ts, last_token(ts), 0.05), TS_OK);
    is(ts_drained(ts, TS("task", TS_ANY), 0), TS_NOMATCH); /* it will come back */
    is(ts_in(ts, TS("task", TS_ANY), 10), TS_OK);
}
END_TEST

/* rule S7: whoever of the same user has the token may settle it, also as text. */
START_TEST(a_detached_hold_survives_its_connection)
{
    ts_client *worker = ts_connect(server.socket, NULL);
    const ts_request hold = {
        .operation = TSD_OP_HOLD, .pattern = TS("task", TS_ANY), .hold_time = 60, .detached = true};
    char text[TS_TOKEN_TEXT];
    ts_token token;

    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_call(worker, &hold), TS_OK);
    token = last_token(worker);
    is(ts_token_text(&token, text), TS_OK);
    ts_abandon(worker);
    is(ts_ping(ts), TS_OK);
    is(ts_inp(ts, TS("task", TS_ANY)), TS_NOMATCH);
    is(ts_token_parse(text, &token), TS_OK);
    token.secret ^= 1;
    is(ts_finish(ts, &token, 1, NULL, 0), TS_LATE);
    token.secret ^= 1;
    is(ts_finish(ts, &token, 1, NULL, 0), TS_OK);
    is(ts_drained(ts, TS("task", TS_ANY), 0), TS_OK);
}
END_TEST

START_TEST(a_plain_hold_ends_with_its_connection)
{
    ts_client *worker = ts_connect(server.socket, NULL);

    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_hold(worker, TS("task", TS_ANY), 0, 60), TS_OK);
    const ts_token token = last_token(worker);
    is(ts_finish(ts, &token, 1, NULL, 0), TS_LATE); /* another session holds it */
    ts_disconnect(worker);
    is(ts_in(ts, TS("task", TS_ANY), 10), TS_OK);
    ck_assert_uint_eq(last_tuple(ts)->returns, 0); /* a goodbye is not counted */
}
END_TEST

/* rule S12 */
START_TEST(what_comes_back_too_often_goes_to_the_dead)
{
    const ts_attributes attributes = {
        .set_max_returns = true, .max_returns = 1, .dead_letter = "dead"};
    ts_client *dead = ts_space(ts, "dead");

    is(ts_space_set(ts, &attributes), TS_OK);
    is(ts_out(ts, TS("task", 1)), TS_OK);
    die_with(TS("task", TS_ANY));
    die_with(TS("task", TS_ANY));
    is(ts_in(dead, TS("task", TS_ANY), 10), TS_OK);
    ck_assert_uint_eq(last_tuple(ts)->returns, 2);
    is(ts_inp(ts, TS("task", TS_ANY)), TS_NOMATCH);
}
END_TEST

START_TEST(several_are_held_and_finished_at_once)
{
    const ts_request hold = {.operation = TSD_OP_HOLD, .pattern = TS("task", TS_ANY), .max = 10};
    ts_token tokens[3];

    for (int i = 0; i < 3; i++)
        is(ts_out(ts, TS("task", i)), TS_OK);
    is(ts_call(ts, &hold), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 3);
    for (size_t i = 0; i < 3; i++)
        tokens[i] = ts_tuple_at(ts_last(ts), i)->token;
    is(ts_finish(ts, tokens, 3, NULL, 0), TS_OK);
    is(ts_drained(ts, TS("task", TS_ANY), 0), TS_OK);
}
END_TEST

RUN_TESTS("api/hold", what_a_dead_client_took_goes_back, a_goodbye_is_final,
          what_was_taken_is_given_back_by_release, what_was_acknowledged_is_late,
          finish_consumes_and_puts_as_one, a_hold_ends_with_its_time, a_release_may_have_a_delay,
          a_detached_hold_survives_its_connection, a_plain_hold_ends_with_its_connection,
          what_comes_back_too_often_goes_to_the_dead, several_are_held_and_finished_at_once)

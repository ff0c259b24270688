/* SPDX-License-Identifier: MIT */
/*
 * Holds and tokens (rules S7, S14), and giving back what an in took (rule S8).
 */
#include "unit/client/fake.h"
#include "unit/client/told.h"

/* The token of the first tuple of the last result. */
static ts_token last_token(ts_client *ts)
{
    return ts_tuple_at(ts_last(ts), 0)->token;
}

static bool says(ts_client *ts, const char *word)
{
    return strstr(ts_error_text(ts), word) != NULL;
}

START_TEST(a_hold_binds_and_gives_its_token)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;
    ts_token token;
    int n = 0;

    answer_hold(&fake, 1, "[\"task\", 7]", 12, 34);
    is(ts_hold(ts, TS("task", &n), 2.5, 30), TS_OK);
    ck_assert_int_eq(n, 7);
    token = last_token(ts);
    ck_assert(token.number == 12 && token.secret == 34 && !token.delivery);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_HOLD);
    ck_assert_uint_eq(request.timeout_us, 2500000);
    ck_assert_uint_eq(request.hold_us, 30000000);
    ck_assert(!request.detached);

    answer_nil(&fake, 2, TS_NOMATCH);
    is(ts_hold(ts, TS("task", &n), 0, 0), TS_NOMATCH);
    request = fake_request(&fake);
    ck_assert(!(request.has & TSD_HAS(HOLD_TIME))); /* 0 and TS_FOREVER: no end */
    ck_assert_uint_eq(request.ack, 0);              /* a hold is no delivery */
    answer_nil(&fake, 3, TS_NOMATCH);
    is(ts_hold(ts, TS("task", &n), 0, TS_FOREVER), TS_NOMATCH);
    ck_assert(!(fake_request(&fake).has & TSD_HAS(HOLD_TIME)));
    is(ts_hold(ts, TS("task", &n), 0, -1), TS_INVALID);
    ck_assert(says(ts, "hold_time is -1"));
    fake_end(&fake);
}
END_TEST

START_TEST(finish_names_its_tokens_and_puts_results)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_token tokens[] = {{.number = 5}, {.number = 6, .secret = 7}};
    const ts_values results[] = {TS("done", 1), TS("done", 2)};
    struct request request;
    const uint8_t *at;

    answer_uint(&fake, 1, 41);
    is(ts_finish(ts, tokens, 2, results, 2), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->id, 41);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_FINISH);
    ck_assert_uint_eq(request.token_count, 2);
    ck_assert_uint_eq(request.tuple_count, 2);
    ck_assert(!(request.has & TSD_HAS(TIMEOUT)));
    at = request.tokens.bytes;
    ck_assert_uint_eq(token_next(&at).number, 5);
    ck_assert_uint_eq(token_next(&at).secret, 7);

    answer_text(&fake, 2, TS_LATE, "the hold is over");
    is(ts_finish(ts, tokens, 1, NULL, 0), TS_LATE);
    ck_assert_uint_eq(fake_request(&fake).tuple_count, 0);
    is(ts_finish(ts, tokens, 0, NULL, 0), TS_INVALID);
    ck_assert(says(ts, "no token"));
    is(ts_finish(ts, &(ts_token){0}, 1, NULL, 0), TS_INVALID);
    ck_assert_msg(!fake_read(&fake), "an invalid request was sent");
    fake_end(&fake);
}
END_TEST

START_TEST(renew_has_an_end)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_token token = {.number = 5};
    struct request request;

    answer_nil(&fake, 1, TS_OK);
    is(ts_renew(ts, token, 1.5), TS_OK);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_RENEW);
    ck_assert_uint_eq(request.duration_us, 1500000);
    ck_assert_uint_eq(request.token_count, 1);
    is(ts_renew(ts, token, TS_FOREVER), TS_INVALID);
    is(ts_renew(ts, token, -1), TS_INVALID);
    fake_end(&fake);
}
END_TEST

/* rule S8: who is to release a delivery keeps its number back */
START_TEST(a_release_does_not_acknowledge_what_it_gives_back)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;
    const uint8_t *at;
    struct token token;

    answer_in(&fake, 1, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    answer_in(&fake, 2, "[2]", 2);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    answer_nil(&fake, 3, TS_OK);
    is(ts_release(ts, last_token(ts), 0.5), TS_OK);
    fake_request(&fake);
    ck_assert_uint_eq(fake_request(&fake).ack, 1);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_RELEASE);
    ck_assert_uint_eq(request.ack, 1);
    ck_assert_uint_eq(request.putting.delay_us, 500000);
    at = request.tokens.bytes;
    token = token_next(&at);
    ck_assert(token.delivery && token.number == 2 && token.secret == 100);
    answer_nil(&fake, 4, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).ack, 2);
    fake_end(&fake);
}
END_TEST

/* Of three tuples one goes back; the others are still being worked on. */
START_TEST(what_is_not_released_is_still_in_hand)
{
    const struct reply_extras extras = {.has = REPLY_HAS(DELIVERY), .delivery = 1};
    const char *const tuples[] = {"[1]", "[2]"};
    const ts_request request = {.operation = TSD_OP_IN, .pattern = TS(TS_ANY), .max = 2};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_token token;

    answer_items(&fake, 1, tuples, 2, &extras);
    is(ts_call(ts, &request), TS_OK);
    token = ts_tuple_at(ts_last(ts), 1)->token;
    ck_assert_uint_eq(token.secret, 101);
    answer_nil(&fake, 2, TS_OK);
    is(ts_release(ts, token, 0), TS_OK);
    fake_request(&fake);
    ck_assert_uint_eq(fake_request(&fake).ack, 0);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_msg(!fake_read(&fake), "a dispatch acknowledged what the program has in hand");
    fake_end(&fake);
}
END_TEST

/* The lowest one counts, and what was acknowledged stays so. */
START_TEST(a_release_of_several_keeps_the_lowest_back)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_token tokens[2];
    const ts_request release = {
        .operation = TSD_OP_RELEASE, .tokens = tokens, .token_count = 2, .untried = true};
    struct request request;

    for (uint64_t i = 1; i <= 2; i++) {
        answer_in(&fake, i, "[1]", i);
        is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
        tokens[i - 1] = last_token(ts);
    }
    answer_text(&fake, 3, TS_LATE, "acknowledged before");
    is(ts_call(ts, &release), TS_LATE); /* the second in has acknowledged the first one's */
    fake_request(&fake);
    fake_request(&fake);
    request = fake_request(&fake);
    ck_assert_uint_eq(request.ack, 1);
    ck_assert(request.untried);
    fake_end(&fake);
}
END_TEST

static ts_token given;

static void keep_token(ts_client *client, uint64_t number, ts_status status,
                       const ts_result *result, void *arg)
{
    (void)client, (void)number, (void)status, (void)arg;
    given = ts_tuple_at(result, 0)->token;
    is(ts_release(client, given, 0), TS_OK);
}

START_TEST(a_callback_may_release_what_it_was_given)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    submit_in(ts, keep_token, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_nil(&fake, 2, TS_OK);
    is(ts_client_dispatch(ts), TS_OK);
    fake_request(&fake);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_RELEASE);
    ck_assert_uint_eq(request.ack, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(only_release_takes_a_deliverys_token)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_token token;

    answer_in(&fake, 1, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    token = last_token(ts);
    fake_request(&fake);
    is(ts_finish(ts, &token, 1, NULL, 0), TS_INVALID);
    ck_assert(says(ts, "taken by in"));
    is(ts_renew(ts, token, 1), TS_INVALID);
    ck_assert_msg(!fake_read(&fake), "an invalid request was sent");
    fake_end(&fake);
}
END_TEST

START_TEST(an_rd_gives_no_token)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_rd(&fake, 1, "[1]");
    is(ts_rdp(ts, TS(TS_ANY)), TS_OK);
    ck_assert_uint_eq(last_token(ts).number, 0);
    is(ts_release(ts, last_token(ts), 0), TS_INVALID);
    fake_end(&fake);
}
END_TEST

/* Numbers begin anew with each connection, or may: they would name somebody else's tuple. */
START_TEST(tokens_of_a_lost_connection_are_late)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_token plain, detached, delivery;

    answer_hold(&fake, 1, "[1]", 12, 0);
    is(ts_hold(ts, TS(TS_ANY), 1, 0), TS_OK);
    plain = last_token(ts);
    answer_hold(&fake, 2, "[1]", 13, 99);
    is(ts_hold(ts, TS(TS_ANY), 1, 0), TS_OK);
    detached = last_token(ts);
    answer_in(&fake, 3, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    delivery = last_token(ts);
    fake_hang_up(&fake);
    is(ts_ping(ts), TS_LOST);
    is(ts_reconnect(ts), TS_OK);
    fake_accept(&fake);
    fake_welcome(&fake);

    is(ts_finish(ts, &plain, 1, NULL, 0), TS_LATE);
    is(ts_release(ts, delivery, 0), TS_LATE);
    ck_assert(says(ts, "went back"));
    ck_assert_msg(!fake_read(&fake), "a void token was sent");
    answer_uint(&fake, 7, 0); /* 4 was lost, 5 and 6 were refused here */
    is(ts_finish(ts, &detached, 1, NULL, 0), TS_OK);
    fake_end(&fake);
}
END_TEST

START_TEST(tokens_are_text_and_back)
{
    const ts_token token = {.number = 0x0102, .secret = UINT64_MAX - 1, .connection = 3};
    char text[TS_TOKEN_TEXT];
    ts_token back;

    is(ts_token_text(&token, text), TS_OK);
    ck_assert_str_eq(text, "0000000000000102fffffffffffffffe");
    is(ts_token_parse(text, &back), TS_OK);
    ck_assert(back.number == token.number && back.secret == token.secret);
    ck_assert(!back.delivery && back.connection == 0);
    is(ts_token_parse("0000000000000102FFFFFFFFFFFFFFFE", &back), TS_OK);
    is(ts_token_parse("0000000000000102ffffffffffffffff0", &back), TS_INVALID);
    is(ts_token_parse("0000000000000102fffffffffffffff", &back), TS_INVALID);
    is(ts_token_parse("000000000000010gffffffffffffffff", &back), TS_INVALID);
    is(ts_token_parse("00000000000000000000000000000000", &back), TS_INVALID);
    is(ts_token_text(&(ts_token){.number = 1, .delivery = true}, text), TS_INVALID);
    is(ts_token_text(&(ts_token){.number = 0}, text), TS_INVALID);
}
END_TEST

RUN_TESTS("client/hold", a_hold_binds_and_gives_its_token, finish_names_its_tokens_and_puts_results,
          renew_has_an_end, a_release_does_not_acknowledge_what_it_gives_back,
          what_is_not_released_is_still_in_hand, a_release_of_several_keeps_the_lowest_back,
          a_callback_may_release_what_it_was_given, only_release_takes_a_deliverys_token,
          an_rd_gives_no_token, tokens_of_a_lost_connection_are_late, tokens_are_text_and_back)

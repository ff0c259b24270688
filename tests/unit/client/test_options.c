/* SPDX-License-Identifier: MIT */
/*
 * Options of requests, and what tuples tell: each over the wire once, and what is refused here.
 */
#include <math.h>

#include "unit/client/fake.h"

/* Sends the request, which is answered with nil or a number. */
static struct request sent(struct fake *fake, uint64_t number, const ts_request *r)
{
    if (r->operation == TSD_OP_OUT)
        answer_uint(fake, number, 1);
    else
        answer_nil(fake, number, TS_NOMATCH);
    (void)ts_call(fake->client, r);
    return fake_request(fake);
}

#define OUT .operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1

START_TEST(how_tuples_are_put)
{
    struct fake fake;
    const ts_values tuple = TS(1);
    struct request request;

    fake_start(&fake, NULL);
    request =
        sent(&fake, 1, &(ts_request){OUT, .priority = 3, .ttl = 2, .delay = 0.5, .bound = true});
    ck_assert_int_eq(request.putting.priority, 3);
    ck_assert_uint_eq(request.putting.ttl_us, 2000000);
    ck_assert_uint_eq(request.putting.delay_us, 500000);
    ck_assert(request.putting.bound && !request.putting.pulse);
    request = sent(&fake, 2, &(ts_request){OUT, .pulse = true, .ttl = TS_FOREVER});
    ck_assert(request.putting.pulse && request.has == TSD_HAS(PULSE));
    request = sent(&fake, 3, &(ts_request){OUT, .key = "k", .window = 1});
    ck_assert_mem_eq(request.key.bytes, "k", 1);
    ck_assert_uint_eq(request.window_us, 1000000);
    fake_end(&fake);
}
END_TEST

/* Zeroes are the defaults: what waits for nothing but room waits for ever. */
START_TEST(out_waits_for_room_for_ever_unless_told)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_values tuple = TS(1);
    struct request request;

    ck_assert(!(sent(&fake, 1, &(ts_request){OUT}).has & TSD_HAS(TIMEOUT)));
    ck_assert(!(sent(&fake, 2, &(ts_request){OUT, .timeout = TS_FOREVER}).has & TSD_HAS(TIMEOUT)));
    request = sent(&fake, 3, &(ts_request){OUT, .timeout = 1});
    ck_assert(request.has & TSD_HAS(TIMEOUT) && request.timeout_us == 1000000);
    request = sent(&fake, 4, &(ts_request){OUT, .no_wait = true});
    ck_assert(request.has & TSD_HAS(TIMEOUT) && request.timeout_us == 0);
    is(ts_call(ts, &(ts_request){OUT, .no_wait = true, .timeout = 1}), TS_INVALID);
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_RD, .pattern = TS(1), .no_wait = true}),
       TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "rd does not take no_wait"));
    fake_end(&fake);
}
END_TEST

START_TEST(a_known_key_is_told)
{
    const struct reply_extras extras = {.has = REPLY_HAS(REPEATED), .repeated = true};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, true);
    reply_uint(&out, 41);
    reply_end(&out, &extras);
    frame_end(&out, begun);
    fake_write(&fake, &out);
    is(ts_out_keyed(ts, TS(1), "once"), TS_OK);
    ck_assert(ts_last(ts)->repeated && ts_last(ts)->id == 41);
    ck_assert_mem_eq(fake_request(&fake).key.bytes, "once", 4);
    answer_uint(&fake, 2, 42);
    is(ts_out(ts, TS(1)), TS_OK);
    ck_assert(!ts_last(ts)->repeated);
    fake_end(&fake);
}
END_TEST

START_TEST(releases_say_why)
{
    struct fake fake;
    const ts_token token = {.number = 4};
    struct request request;

    fake_start(&fake, NULL);
    request = sent(&fake, 1,
                   &(ts_request){.operation = TSD_OP_RELEASE,
                                 .tokens = &token,
                                 .token_count = 1,
                                 .has_exit = true,
                                 .exit_status = 256 + 9});
    ck_assert_uint_eq(request.exit_status, 256 + 9);
    ck_assert(request.has & TSD_HAS(EXIT) && !(request.has & TSD_HAS(UNTRIED)));
    fake_end(&fake);
}
END_TEST

START_TEST(a_hold_may_be_detached)
{
    struct fake fake;
    struct request request;

    fake_start(&fake, NULL);
    request = sent(&fake, 1,
                   &(ts_request){.operation = TSD_OP_HOLD,
                                 .pattern = TS(1),
                                 .hold_time = 60,
                                 .detached = true,
                                 .who = true});
    ck_assert(request.detached && request.who && request.hold_us == 60000000);
    fake_end(&fake);
}
END_TEST

START_TEST(spaces_are_set_and_removed)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL), *jobs = ts_space(ts, "jobs");
    struct request request;

    answer_nil(&fake, 1, TS_OK);
    is(ts_space_set(jobs, NULL), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_SPACE && request.has == 0);
    ck_assert_mem_eq(request.space.bytes, "jobs", 4);
    answer_nil(&fake, 2, TS_OK);
    is(ts_space_set(jobs, &(ts_attributes){.set_capacity = true,
                                           .capacity = 10,
                                           .set_max_returns = true,
                                           .max_returns = 3,
                                           .dead_letter = "dead"}),
       TS_OK);
    request = fake_request(&fake);
    ck_assert(request.capacity == 10 && request.max_returns == 3);
    ck_assert_mem_eq(request.dead_letter.bytes, "dead", 4);
    answer_nil(&fake, 3, TS_OK);
    is(ts_space_remove(jobs, true), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_REMOVE && request.force);
    fake_end(&fake);
}
END_TEST

START_TEST(wills_are_left_and_taken_back)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_values tuple = TS("gone");
    struct request request;

    answer_nil(&fake, 1, TS_OK);
    is(ts_will(ts, &tuple, 1), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_WILL && request.tuple_count == 1);
    answer_nil(&fake, 2, TS_OK);
    is(ts_will(ts, NULL, 0), TS_OK);
    ck_assert_uint_eq(fake_request(&fake).tuple_count, 0);
    fake_end(&fake);
}
END_TEST

START_TEST(drained_waits)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    answer_nil(&fake, 1, TS_OK);
    is(ts_drained(ts, TS("task", TS_REST), TS_FOREVER), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_DRAINED && !(request.has & TSD_HAS(TIMEOUT)));
    answer_nil(&fake, 2, TS_NOMATCH);
    is(ts_drained(ts, TS("task", TS_REST), 0), TS_NOMATCH);
    ck_assert(fake_request(&fake).has & TSD_HAS(TIMEOUT));
    fake_end(&fake);
}
END_TEST

static void answer_count(struct fake *fake, uint64_t number, uint64_t count, bool more)
{
    const struct reply_extras extras = {.has = REPLY_HAS(MORE), .more = more};
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, true);
    reply_uint(&out, count);
    reply_end(&out, &extras);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

/* rule S17: more than one unit is for the caller to repeat */
START_TEST(collecting_goes_on_until_all_is_done)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;
    uint64_t count = 0;

    answer_count(&fake, 1, 16384, true);
    answer_count(&fake, 2, 5, false);
    is(ts_collect(ts, TS(TS_REST), "other", &count), TS_OK);
    ck_assert_uint_eq(count, 16389);
    ck_assert_uint_eq(ts_last(ts)->total, 16389);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_COLLECT && request.to.size == 5);
    fake_request(&fake);

    answer_count(&fake, 3, 16384, true);
    answer_text(&fake, 4, TS_FULL, "no room");
    is(ts_collect(ts, TS(TS_REST), "other", &count), TS_FULL);
    ck_assert_uint_eq(count, 16384); /* what was moved is told */
    fake_request(&fake);
    fake_request(&fake);

    answer_count(&fake, 5, 7, false);
    is(ts_discard(ts, TS(TS_REST), NULL), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.op == TSD_OP_COLLECT && !(request.has & TSD_HAS(TO)));

    answer_count(&fake, 6, 16384,
                 true); /* once: without a place to go on it would copy them again */
    is(ts_copy(ts, TS(TS_REST), "other", &count), TS_OK);
    ck_assert(count == 16384 && ts_last(ts)->more);
    ck_assert_int_eq(fake_request(&fake).op, TSD_OP_COPY);
    fake_end(&fake);
}
END_TEST

START_TEST(an_option_of_another_operation_is_refused)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_values tuple = TS(1);

    is(ts_call(ts, &(ts_request){.operation = TSD_OP_RD, .pattern = TS(1), .key = "k"}),
       TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts), "rd does not take the option key");
    is(ts_call(ts, &(ts_request){OUT, .hold_time = 1}), TS_INVALID);
    is(ts_call(ts, &(ts_request){OUT, .force = true}), TS_INVALID);
    is(ts_call(ts,
               &(ts_request){
                   .operation = TSD_OP_WILL, .tuples = &tuple, .tuple_count = 1, .bound = true}),
       TS_INVALID);
    is(ts_call(ts, &(ts_request){.operation = TSD_OP_WATCH, .pattern = TS(1)}), TS_INVALID);
    is(ts_call(ts, &(ts_request){OUT, .delay = TS_FOREVER}), TS_INVALID);
    is(ts_call(ts, &(ts_request){OUT, .ttl = NAN}), TS_INVALID);
    is(ts_call(ts, &(ts_request){OUT, .priority = 128}), TS_INVALID);
    ck_assert_msg(!fake_read(&fake), "an invalid request was sent");
    fake_end(&fake);
}
END_TEST

START_TEST(tuples_tell_where_they_were)
{
    const struct item item = {
        .id = 5,
        .has = ITEM_HAS(RETURNS) | ITEM_HAS(REASON) | ITEM_HAS(EXIT_STATUS) | ITEM_HAS(UID) |
               ITEM_HAS(PID) | ITEM_HAS(PROGRAM) | ITEM_HAS(AGE) | ITEM_HAS(STATE) |
               ITEM_HAS(HOLDER) | ITEM_HAS(LEFT) | ITEM_HAS(HOLDER_PID) | ITEM_HAS(HOLDER_PROGRAM),
        .returns = 2,
        .reason = TSD_REASON_CONNECTION,
        .exit_status = 256 + 11,
        .uid = 1000,
        .pid = 4321,
        .program = {(const uint8_t *)"worker", 6},
        .age_us = 2500000,
        .state = TSD_STATE_HELD,
        .holder = 8,
        .left_us = 500000,
        .holder_pid = 99,
        .holder_program = {(const uint8_t *)"boss", 4}};
    const ts_request scan = {
        .operation = TSD_OP_SCAN, .pattern = TS(TS_REST), .who = true, .states = true};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_tuple *tuple;
    struct request request;

    answer_item(&fake, 1, "[1]", item, NULL);
    is(ts_call(ts, &scan), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.who && request.states);
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert(tuple->returns == 2 && tuple->reason == TSD_REASON_CONNECTION);
    ck_assert(tuple->exit_status == 256 + 11 && tuple->uid == 1000 && tuple->pid == 4321);
    ck_assert_str_eq(tuple->program, "worker");
    ck_assert(tuple->age == 2.5 && tuple->left == 0.5);
    ck_assert(tuple->state == TSD_STATE_HELD && tuple->holder == 8);
    ck_assert_uint_eq(tuple->holder_pid, 99);
    ck_assert_str_eq(tuple->holder_program, "boss");

    answer_item(&fake, 2, "[1]", (struct item){.id = 5}, NULL);
    is(ts_call(ts, &scan), TS_OK);
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert(tuple->state == TSD_STATE_STORED && tuple->reason == 0 && tuple->exit_status == -1);
    ck_assert_str_eq(tuple->program, "");
    ck_assert_uint_eq(tuple->holder_pid, 0);
    ck_assert_str_eq(tuple->holder_program, "");
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/options", how_tuples_are_put, out_waits_for_room_for_ever_unless_told,
          a_known_key_is_told, releases_say_why, a_hold_may_be_detached, spaces_are_set_and_removed,
          wills_are_left_and_taken_back, drained_waits, collecting_goes_on_until_all_is_done,
          an_option_of_another_operation_is_refused, tuples_tell_where_they_were)

/* SPDX-License-Identifier: MIT */
/*
 * Atomic units: guards, bodies, templates (rules S22, S23).
 */
#include "unit/client/fake.h"

/* The answer's items, one for each tuple, with what an atomic adds. */
static void answer_atomic(struct fake *fake, uint64_t number, const char *const *tuples,
                          const uint32_t *of, uint32_t count, const struct reply_extras *extras)
{
    struct buffer out = BUFFER_INIT;
    size_t begun = frame_begin(&out);

    reply_begin(&out, number, TS_OK, extras != NULL);
    reply_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct buffer tuple = tuple_of(tuples[i]);
        struct item item = {.id = 100 + i, .tuple = {tuple.bytes, (uint32_t)tuple.size}};
        if (of) {
            item.has = ITEM_HAS(OF);
            item.of = of[i];
        }
        reply_item(&out, &item);
        buffer_deinit(&tuple);
    }
    reply_end(&out, extras);
    frame_end(&out, begun);
    fake_write(fake, &out);
}

START_TEST(compare_and_set)
{
    const char *const tuples[] = {"[\"v\", 1]"};
    const struct reply_extras extras = {.has = REPLY_HAS(FIRST), .first = 77};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;
    struct step step;
    const uint8_t *at;

    answer_atomic(&fake, 1, tuples, NULL, 1, &extras);
    is(ts_atomic(ts, (ts_guard[]){ts_guard_in(TS("v", 1))}, 1, (ts_step[]){ts_step_out(TS("v", 2))},
                 1, TS_FOREVER),
       TS_OK);
    ck_assert_uint_eq(ts_last(ts)->first, 77);
    ck_assert_uint_eq(ts_last(ts)->count, 1);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->token.number, 0); /* consumed: rule S23 */
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_ATOMIC);
    ck_assert(!(request.has & TSD_HAS(TIMEOUT)));
    ck_assert_uint_eq(request.alternative_count, 1);
    ck_assert_int_eq(request.guards[0].kind, TSD_GUARD_IN);
    ck_assert_uint_eq(request.body_count, 1);
    at = request.body.bytes;
    step = step_next(&at, &request.space);
    ck_assert_int_eq(step.kind, TSD_STEP_OUT);
    ck_assert_uint_eq(step.fields, 2);
    ck_assert_mem_eq(step.space.bytes, "main", 4);
    fake_end(&fake);
}
END_TEST

/* Formals of each guard are set from the tuple that came by it. */
START_TEST(formals_of_all_guards_are_set)
{
    const char *const tuples[] = {"[\"a\", 5]", "[\"b\", \"text\"]"};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const char *text = NULL;
    int n = 0;

    for (uint64_t i = 1; i <= 2; i++) {
        const uint32_t of[] = {0, 2};
        n = 0;
        text = NULL;
        answer_atomic(&fake, i, tuples, i == 1 ? of : NULL, 2, NULL);
        is(ts_atomic(ts,
                     TS_GUARDS(ts_guard_rd(TS("a", &n)), ts_guard_absent(TS("x", TS_REST)),
                               ts_guard_in(TS("b", &text))),
                     TS_STEPS(ts_step_out(TS("c"))), 1),
           TS_OK);
        ck_assert_int_eq(n, 5);
        ck_assert_str_eq(text, "text");
        ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 1)->alternative, 2);
    }
    fake_end(&fake);
}
END_TEST

/* A tuple that its guard does not match must have been told wrong: nothing is bound from it. */
START_TEST(a_guard_that_does_not_exist_loses_the_connection)
{
    const char *const tuples[] = {"[\"a\", 5]"};
    const uint32_t of[] = {20};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    answer_atomic(&fake, 1, tuples, of, 1, NULL);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_rd(TS("a", TS_ANY))), NULL, 0, 1), TS_PROTOCOL);
    fake_end(&fake);
}
END_TEST

START_TEST(templates_take_fields_of_guards)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_guard guard = ts_guard_in(TS("n", TS_ANY_INT, TS_ANY));
    struct template_field fields[4];
    struct request request;
    struct step step;
    const uint8_t *at;

    answer_items(&fake, 1, NULL, 0, NULL);
    is(ts_atomic(
           ts, &guard, 1,
           TS_STEPS(ts_step_out(TS("n", ts_from_plus(0, 1, -3), ts_from(0, 2), TS_ARRAY(1, "x")))),
           1),
       TS_OK);
    request = fake_request(&fake);
    at = request.body.bytes;
    step = step_next(&at, &request.space);
    ck_assert_uint_eq(step.fields, 4);
    at = step.template.bytes;
    for (size_t i = 0; i < 4; i++)
        fields[i] = template_next(&at);
    ck_assert_mem_eq(fields[0].value, "\xa1n", 2);
    ck_assert(!fields[1].value && fields[1].guard == 0 && fields[1].field == 1);
    ck_assert(fields[1].adds && fields[1].add == -3);
    ck_assert(!fields[2].value && fields[2].field == 2 && !fields[2].adds);
    ck_assert_mem_eq(fields[3].value, "\x92\x01\xa1x", 4);
    fake_end(&fake);
}
END_TEST

START_TEST(an_encoded_tuple_is_a_template_too)
{
    static const uint8_t tuple[] = {0x93, 0x01, 0xa1, 'x', 0x91, 0xc0};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_guard guard = ts_guard_absent(TS("n"));
    struct request request;
    struct step step;
    const uint8_t *at;

    answer_items(&fake, 1, NULL, 0, NULL);
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(ts_encoded(tuple, sizeof(tuple)))), 1), TS_OK);
    request = fake_request(&fake);
    at = request.body.bytes;
    step = step_next(&at, &request.space);
    ck_assert_uint_eq(step.fields, 3);
    at = step.template.bytes;
    ck_assert_mem_eq(template_next(&at).value, "\x01", 1);
    ck_assert_mem_eq(template_next(&at).value, "\xa1x", 2);
    ck_assert_mem_eq(template_next(&at).value, "\x91\xc0", 2);
    is(ts_atomic(ts, &guard, 1, TS_STEPS(ts_step_out(ts_encoded(tuple, 3))), 1), TS_INVALID);
    fake_end(&fake);
}
END_TEST

START_TEST(guards_and_steps_have_all_options)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_guard guard = ts_guard_hold(TS("a"), 1.5);
    ts_step steps[] = {ts_step_out(TS("b")), ts_step_finish((ts_token){.number = 9})};
    const ts_request r = {.operation = TSD_OP_ATOMIC,
                          .guards = &guard,
                          .guard_count = 1,
                          .steps = steps,
                          .step_count = 2,
                          .key = "once",
                          .window = 5};
    struct request request;
    struct step step;
    const uint8_t *at;

    guard.space = "other";
    guard.detached = true;
    steps[0].space = "third";
    steps[0].priority = -4;
    steps[0].ttl = 2;
    steps[0].delay = 1;
    answer_items(&fake, 1, NULL, 0, NULL);
    is(ts_call(ts, &r), TS_OK);
    request = fake_request(&fake);
    ck_assert(request.has & TSD_HAS(TIMEOUT) && request.timeout_us == 0);
    ck_assert_mem_eq(request.key.bytes, "once", 4);
    ck_assert_uint_eq(request.window_us, 5000000);
    ck_assert_mem_eq(request.alternatives[0].space.bytes, "other", 5);
    ck_assert(request.guards[0].detached && request.guards[0].hold_us == 1500000);
    at = request.body.bytes;
    step = step_next(&at, &request.space);
    ck_assert_mem_eq(step.space.bytes, "third", 5);
    ck_assert_int_eq(step.putting.priority, -4);
    ck_assert(step.putting.ttl_us == 2000000 && step.putting.delay_us == 1000000);
    step = step_next(&at, &request.space);
    ck_assert(step.kind == TSD_STEP_FINISH && step.token.number == 9);

    steps[0].delay = steps[0].ttl = 0;
    steps[0].pulse = true;
    answer_items(&fake, 2, NULL, 0, NULL);
    is(ts_call(ts, &r), TS_OK);
    request = fake_request(&fake);
    at = request.body.bytes;
    ck_assert(step_next(&at, &request.space).putting.pulse);
    fake_end(&fake);
}
END_TEST

/* Without a body it delivers as in does, all of it together. */
START_TEST(a_unit_without_a_body_is_a_delivery)
{
    const char *const tuples[] = {"[\"fork\", 1]", "[\"fork\", 2]"};
    const struct reply_extras extras = {.has = REPLY_HAS(DELIVERY), .delivery = 1};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    ts_token in, rd;

    answer_atomic(&fake, 1, tuples, NULL, 2, &extras);
    is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("fork", 1)), ts_guard_rd(TS("fork", 2))), NULL, 0, 5),
       TS_OK);
    in = ts_tuple_at(ts_last(ts), 0)->token;
    rd = ts_tuple_at(ts_last(ts), 1)->token;
    ck_assert(in.delivery && in.number == 1 && in.secret == 100);
    ck_assert_uint_eq(rd.number, 0);
    fake_request(&fake);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_msg(!fake_read(&fake), "a dispatch acknowledged what the program has in hand");
    fake_end(&fake);
}
END_TEST

START_TEST(what_is_wrong_is_said_with_its_place)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_guard good = ts_guard_rd(TS("a"));
    ts_guard many[17];
    ts_token delivery = {.number = 1, .delivery = true};

    is(ts_atomic(ts, NULL, 0, NULL, 0, 1), TS_INVALID);
    for (size_t i = 0; i < 17; i++)
        many[i] = good;
    is(ts_atomic(ts, many, 17, NULL, 0, 1), TS_LIMIT);
    many[1].hold_time = 1;
    is(ts_atomic(ts, many, 2, NULL, 0, 1), TS_INVALID);
    ck_assert_str_eq(ts_error_text(ts), "guard 2: only a hold has a hold_time, or is detached");
    is(ts_atomic(ts, TS_GUARDS(ts_guard_rd(TS(ts_from(0, 0)))), NULL, 0, 1), TS_INVALID);
    is(ts_atomic(ts, &good, 1, TS_STEPS(ts_step_out(TS(1, TS_ARRAY(ts_from(0, 0))))), 1),
       TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "step 1: field 2: ts_from"));
    is(ts_atomic(ts, &good, 1, TS_STEPS(ts_step_out(TS(TS_ANY))), 1), TS_INVALID);
    is(ts_atomic(ts, &good, 1, TS_STEPS(ts_step_finish(delivery)), 1), TS_INVALID);
    is(ts_out(ts, TS(ts_from(0, 0))), TS_INVALID);
    ck_assert_msg(!fake_read(&fake), "an invalid request was sent");
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/atomic", compare_and_set, formals_of_all_guards_are_set,
          a_guard_that_does_not_exist_loses_the_connection, templates_take_fields_of_guards,
          an_encoded_tuple_is_a_template_too, guards_and_steps_have_all_options,
          a_unit_without_a_body_is_a_delivery, what_is_wrong_is_said_with_its_place)

/* SPDX-License-Identifier: MIT */
/*
 * What a request becomes: its time, its frame, what its answers are charged.
 */
#include "server/output.h"
#include "unit/server/served.h"

#define SECOND_NS 1000000000u

START_TEST(a_timeout_counts_from_when_its_request_is_taken_up)
{
    uint64_t before_ns = uv_hrtime();

    clock_.now_ns = 1; /* the round began long ago */
    asks(connection, 1, "[1]", 1000000);
    ck_assert_uint_ge(handler_due(&handler), before_ns + SECOND_NS);
}
END_TEST

START_TEST(without_a_timeout_the_round_has_one_time)
{
    uint64_t now_ns = clock_.now_ns = uv_hrtime();

    asks(connection, 1, "[1]", 0);
    puts_blob(connection, 2, 1);
    ck_assert_uint_eq(clock_.now_ns, now_ns);
}
END_TEST

START_TEST(a_deadline_counts_from_when_it_is_set)
{
    uint64_t before_ns = uv_hrtime();
    struct connection *second;
    int pair[2];

    clock_.now_ns = 1;
    second = make(pair);
    ck_assert_uint_ge(second->deadline.end_ns, before_ns + limits.opening_ms * 1000000);
    drop(second, pair[1]);
}
END_TEST

static struct frame told;
static struct command last; /* that was submitted to the sequencer of the test */
static char last_program[16];
static uint64_t last_ns;

static void on_apply(void *context, uint64_t entry, uint64_t now_ns, const struct command *commands,
                     size_t count)
{
    (void)context;
    (void)entry;
    ck_assert_uint_eq(count, 1);
    last = commands[0];
    last_ns = now_ns;
    if (last.kind == COMMAND_REQUEST)
        told = last.frame;
    ck_assert_uint_lt(last.program.size, sizeof(last_program));
    if (last.program.size)
        memcpy(last_program, last.program.bytes, last.program.size);
    last_program[last.program.size] = '\0';
}

static void on_durable(void *context, uint64_t entry)
{
    (void)context;
    (void)entry;
}

/* From now on commands come to on_apply, and the engine hears of none. Returns the real sequencer. */
static struct sequencer *listen_in(void)
{
    const struct sequencer_calls calls = {on_apply, on_durable};
    struct sequencer *own = handler.sequencer;

    handler.sequencer = sequencer_memory_new(&calls, NULL);
    return own;
}

static void listen_no_more(struct sequencer *own)
{
    sequencer_free(handler.sequencer);
    handler.sequencer = own;
}

START_TEST(a_request_is_submitted_with_the_frame_that_it_came_in)
{
    const struct request ping = {.number = 7, .op = TSD_OP_PING};
    struct sequencer *own = listen_in();

    request_encode(&ping, &out);
    size_t size = out.size - FRAME_HEAD;
    arrives(connection);
    ck_assert_uint_eq(told.size, size);
    ck_assert_ptr_eq(told.body, out.bytes + FRAME_HEAD);
    listen_no_more(own);
}
END_TEST

START_TEST(who_comes_is_told_with_user_process_and_name) /* rule S21 */
{
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION,
                                .name = {(const uint8_t *)"worker 1", 8}};
    struct sequencer *own = listen_in();
    struct connection *second;
    int pair[2];

    second = make(pair);
    second->peer.pid = 4242;
    hello_encode(&hello, &out);
    arrives(second);
    ck_assert_int_eq(last.kind, COMMAND_COMES);
    ck_assert_uint_eq(last.session, second->id);
    ck_assert_uint_eq(last.user, 1000);
    ck_assert_uint_eq(last.pid, 4242);
    ck_assert_str_eq(last_program, "worker 1");
    drop(second, pair[1]);
    listen_no_more(own);
}
END_TEST

START_TEST(only_an_end_in_a_stop_is_none_that_counts) /* rule S10 */
{
    struct sequencer *own = listen_in();
    struct connection *second;
    int pair[2];

    handler.stopping = _i;
    second = make(pair);
    says_hello(second);
    drop(second, pair[1]);
    ck_assert_int_eq(last.kind, COMMAND_ENDS);
    ck_assert(!last.goodbye);
    ck_assert_int_eq(last.stop, _i);
    handler.stopping = false;
    listen_no_more(own);
}
END_TEST

/* A hold or an atomic with these guards, of any tuple; submits it. */
static void submits(enum tsd_operation op, const struct guard *guards, uint32_t count,
                    bool detached)
{
    static const uint8_t any[] = {0x91, 0x91, TSD_M_ANY};
    struct request request = {.number = connection->highest + 1,
                              .op = op,
                              .space = {(const uint8_t *)"main", 4},
                              .alternative_count = count};

    if (detached) {
        request.has = TSD_HAS(HOLD_TIME) | TSD_HAS(DETACHED);
        request.hold_us = 1000000;
        request.detached = true;
    }
    for (uint32_t i = 0; i < count; i++) {
        request.alternatives[i].space = request.space;
        request.alternatives[i].pattern.bytes = any;
        request.alternatives[i].pattern.size = sizeof(any);
        if (guards)
            request.guards[i] = guards[i];
    }
    request_encode(&request, &out);
    arrives(connection);
    ck_assert_int_eq(last.kind, COMMAND_REQUEST);
}

static bool has_random(void)
{
    return last.random[0] || last.random[1];
}

START_TEST(a_secret_is_drawn_for_what_may_make_detached_holds) /* rule S7 */
{
    const struct guard plain[] = {{.kind = TSD_GUARD_IN}, {.kind = TSD_GUARD_HOLD}};
    const struct guard detached[] = {
        {.kind = TSD_GUARD_IN},
        {.kind = TSD_GUARD_HOLD, .has_hold_time = true, .hold_us = 1, .detached = true}};
    struct sequencer *own = listen_in();
    uint64_t before[2];

    submits(TSD_OP_HOLD, NULL, 1, false);
    ck_assert(!has_random());
    submits(TSD_OP_ATOMIC, plain, 2, false);
    ck_assert(!has_random());
    submits(TSD_OP_ATOMIC, detached, 2, false);
    ck_assert(has_random());
    memcpy(before, last.random, sizeof(before));
    submits(TSD_OP_HOLD, NULL, 1, true);
    ck_assert(has_random());
    ck_assert_mem_ne(before, last.random, sizeof(before)); /* another one each time */
    listen_no_more(own);
}
END_TEST

/* 0: hold-time; 1: delay and ttl; 2: renew */
START_TEST(a_time_counts_from_when_its_request_is_taken_up)
{
    static const uint8_t tuple[] = {0x91, 1};
    uint64_t before_ns = uv_hrtime();
    struct sequencer *own = listen_in();
    struct buffer token = BUFFER_INIT;
    struct request request = {.number = 50, .space = {(const uint8_t *)"main", 4}};

    clock_.now_ns = 1; /* the round began long ago */
    switch (_i) {
    case 0:
        submits(TSD_OP_HOLD, NULL, 1, true);
        break;
    case 1:
        request.op = TSD_OP_OUT;
        request.tuples = (struct span){tuple, sizeof(tuple)};
        request.tuple_count = 1;
        request.has = request.putting.has = TSD_HAS(DELAY) | TSD_HAS(TTL);
        request.putting.delay_us = 5;
        request.putting.ttl_us = 10;
        break;
    default:
        request.op = TSD_OP_RENEW;
        token_encode(&(struct token){.number = 1}, &token);
        request.tokens = (struct span){token.bytes, (uint32_t)token.size};
        request.token_count = 1;
    }
    if (_i > 0) {
        request_encode(&request, &out);
        arrives(connection);
    }
    ck_assert_int_eq(last.kind, COMMAND_REQUEST);
    ck_assert_uint_ge(last_ns, before_ns);
    buffer_deinit(&token);
    listen_no_more(own);
}
END_TEST

START_TEST(a_number_may_come_again_once_it_is_answered)
{
    asks(connection, 9, "[1]", 0);
    asks(connection, 3, "[2]", 0); /* no order is asked for */
    ck_assert_int_eq(connection->end, END_NOT);
    asks(connection, 4, "[1]", 0);
    ck_assert_int_eq(connection->end, END_NOT);
    asks(connection, 3, "[1]", 0);
    ck_assert_int_eq(connection->end, END_ERROR);
}
END_TEST

START_TEST(what_a_client_has_read_is_charged_to_nobody)
{
    puts_blob(connection, 1, 1000);
    asks(connection, 2, "[?]", 0);
    output_write(connection);
    ck_assert_uint_eq(outbox_unread(&connection->outbox), 0);
    ck_assert_uint_eq(connection->user->used[SLOT_UNREAD], 0);
}
END_TEST

START_TEST(unread_answers_of_a_user_are_bounded_together)
{
    struct connection *user = connection, *second;
    int pair[2];

    users.limits[SLOT_UNREAD] = MIB(5);
    second = make(pair);
    says_hello(second);
    puts_blob(user, 1, MIB(3));
    asks(user, 2, "[?]", 0);
    ck_assert_uint_ge(user->user->used[SLOT_UNREAD], MIB(3)); /* before anything is written */
    output_write(user);
    ck_assert_uint_eq(user->user->used[SLOT_UNREAD], outbox_unread(&user->outbox));
    ck_assert_int_eq(user->end, END_NOT);
    asks(second, 2, "[?]", 0);
    ck_assert_int_eq(second->end, END_GONE); /* it went over, not the first */
    ck_assert_int_eq(user->end, END_NOT);
    drop(second, pair[1]);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(user->user->used[SLOT_UNREAD], outbox_unread(&user->outbox));
}
END_TEST

START_TEST(small_answers_are_charged_once_they_are_many)
{
    users.limits[SLOT_UNREAD] = KIB(256);
    puts_blob(connection, 1, 1000);
    for (uint64_t i = 2; connection->end == END_NOT; i++) {
        ck_assert_uint_le(outbox_unread(&connection->outbox), KIB(256) + OUTPUT_UNCHARGED);
        asks(connection, i, "[?]", 0);
    }
    ck_assert_int_eq(connection->end, END_GONE);
    ck_assert_uint_gt(outbox_unread(&connection->outbox), KIB(256));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/handler");
    TCase *tcase = tcase_create("handler");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_timeout_counts_from_when_its_request_is_taken_up);
    tcase_add_test(tcase, without_a_timeout_the_round_has_one_time);
    tcase_add_test(tcase, a_deadline_counts_from_when_it_is_set);
    tcase_add_test(tcase, a_request_is_submitted_with_the_frame_that_it_came_in);
    tcase_add_test(tcase, who_comes_is_told_with_user_process_and_name);
    tcase_add_loop_test(tcase, only_an_end_in_a_stop_is_none_that_counts, 0, 2);
    tcase_add_test(tcase, a_secret_is_drawn_for_what_may_make_detached_holds);
    tcase_add_loop_test(tcase, a_time_counts_from_when_its_request_is_taken_up, 0, 3);
    tcase_add_test(tcase, a_number_may_come_again_once_it_is_answered);
    tcase_add_test(tcase, what_a_client_has_read_is_charged_to_nobody);
    tcase_add_test(tcase, unread_answers_of_a_user_are_bounded_together);
    tcase_add_test(tcase, small_answers_are_charged_once_they_are_many);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

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

static void on_apply(void *context, uint64_t entry, uint64_t now_ns, const struct command *commands,
                     size_t count)
{
    (void)context;
    (void)entry;
    (void)now_ns;
    ck_assert_uint_eq(count, 1);
    if (commands[0].kind == COMMAND_REQUEST)
        told = commands[0].frame;
}

static void on_durable(void *context, uint64_t entry)
{
    (void)context;
    (void)entry;
}

START_TEST(a_request_is_submitted_with_the_frame_that_it_came_in)
{
    const struct sequencer_calls calls = {on_apply, on_durable};
    struct sequencer *own = handler.sequencer;
    const struct request ping = {.number = 7, .op = TSD_OP_PING};

    handler.sequencer = sequencer_memory_new(&calls, NULL);
    request_encode(&ping, &out);
    size_t size = out.size - FRAME_HEAD;
    arrives(connection);
    ck_assert_uint_eq(told.size, size);
    ck_assert_ptr_eq(told.body, out.bytes + FRAME_HEAD);
    sequencer_free(handler.sequencer);
    handler.sequencer = own;
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

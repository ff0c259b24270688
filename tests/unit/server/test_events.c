/* SPDX-License-Identifier: MIT */
/*
 * What watches say to a client that reads, reads slowly or not at all (rule S19).
 */
#include "server/events.h"
#include "unit/server/reading.h"

static uint32_t gaps; /* commands of the kind */

/* Puts happen until the client misses one; returns how many it was told of. */
static uint32_t overflows(void)
{
    uint32_t count = 0;

    for (;; count++) {
        ck_assert_uint_lt(count, 200000);
        event_happens(TSD_EVENT_PUT);
        if (connection->gap)
            return count;
    }
}

START_TEST(who_reads_is_told_everything)
{
    has_tuple(1000);
    for (int i = 0; i < 20000; i++) {
        event_happens(TSD_EVENT_PUT);
        if (i % 100 == 0)
            drains();
    }
    drains();
    ck_assert(!connection->gap);
    for (int i = 0; i < 20000; i++)
        takes_event(WATCH, TSD_EVENT_PUT);
    ck_assert_uint_eq(tally_unread(&connection->tally, connection->outbox.gone), 0);
}
END_TEST

START_TEST(who_does_not_read_is_marked_at_the_bound_and_is_not_ended)
{
    uint32_t count;

    has_tuple(1000);
    count = overflows();
    ck_assert_uint_ge(outbox_end(&connection->outbox), limits.event_bytes - 2000);
    ck_assert_uint_le(outbox_unread(&connection->outbox), limits.event_bytes + 1100);
    ck_assert_uint_ge(count, limits.event_bytes / 1100);
    ck_assert_ptr_eq(TAILQ_FIRST(&connections.gaps), connection);
    event_happens(TSD_EVENT_PUT); /* nor is it told of any other, though it may read meanwhile */
    drains();
    event_happens(TSD_EVENT_TAKEN);
    ck_assert_uint_eq(outbox_unread(&connection->outbox), 0);
    ck_assert_int_eq(connection->end, END_NOT);
    for (uint32_t i = 0; i < count; i++)
        takes_event(WATCH, TSD_EVENT_PUT);
    ck_assert_uint_eq(came.size, looked_at);
}
END_TEST

START_TEST(before_it_is_marked_what_it_may_be_reading_is_written)
{
    uint32_t most;

    has_tuple(1000);
    most = (uint32_t)(limits.event_bytes / 1100);
    for (uint32_t i = 0; i < most; i++)
        event_happens(TSD_EVENT_PUT);
    ck_assert(connection->outbox.gone < KIB(1));        /* nothing of it was written yet */
    ck_assert_uint_lt(overflows(), limits.event_bytes); /* in vain at last: a socket has an end */
    ck_assert_uint_gt(connection->outbox.gone, KIB(32));
}
END_TEST

/* An answer of a MiB is read halfway when the bound's worth of events follows it. */
START_TEST(answers_do_not_count_among_the_events)
{
    uint32_t alone, after;

    limits.event_bytes = KIB(256);
    has_tuple(1000);
    alone = overflows();
    handler_gap(&handler, connection);
    drains();
    for (int i = 0; i < 40; i++) { /* copied, so that it stays when the tuple goes */
        has_tuple(KIB(15));
        answer_happens();
    }
    has_tuple(1000);
    after = overflows();
    ck_assert_uint_ge(after + 200, alone); /* but for what the socket takes of either */
    ck_assert_uint_gt(outbox_unread(&connection->outbox), KIB(256) + KIB(100));
}
END_TEST

/* The bound's worth of answers is let in behind the bound's worth of events, and no more. */
START_TEST(events_do_not_count_among_the_answers)
{
    enum { SIZE = KIB(15) };
    size_t answers = 0;

    limits.event_bytes = KIB(300);
    limits.unread_soft_bytes = KIB(16);
    limits.unread_bytes = KIB(400);
    has_tuple(1000);
    overflows();
    has_tuple(SIZE);
    for (; connection->end == END_NOT; answers += SIZE) {
        ck_assert_uint_lt(answers, MIB(1));
        answer_happens();
    }
    ck_assert_int_eq(connection->end, END_GONE);
    connection->end = END_NOT; /* it is dropped by the teardown */
    ck_assert_uint_ge(answers, KIB(400) - 2 * SIZE);
    ck_assert_uint_le(answers, KIB(400) + TALLY_BLOCK);
}
END_TEST

START_TEST(the_end_of_a_gap_goes_through_however_much_is_unread)
{
    limits.unread_bytes = KIB(64);
    limits.event_bytes = KIB(256);
    has_tuple(1000);
    overflows();
    event_happens(TSD_EVENT_GAP);
    watch_ends(TS_LIMIT);
    ck_assert_int_eq(connection->end, END_NOT);
    drains();
    for (struct reply reply; takes(&reply);)
        if (reply.status == TS_LIMIT)
            return;
    ck_abort_msg("no end of the watch");
}
END_TEST

/* What came last is the end of the watch, and before it the event. */
static void ends_with(enum ts_status status, bool gap)
{
    struct reply reply, before = {0};
    uint32_t last = 0;

    drains();
    while (takes(&reply)) {
        const uint8_t *p = NULL;
        struct event event;

        before = reply;
        if (reply.status != TS_OK)
            break;
        ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
        last = event.kind;
    }
    ck_assert_int_eq(before.status, status);
    ck_assert_int_eq(last == TSD_EVENT_GAP, gap);
    ck_assert_uint_eq(came.size, looked_at);
}

START_TEST(a_watch_that_ends_before_the_engine_heard_of_the_gap_is_told_of_it)
{
    static const enum ts_status statuses[] = {TS_CANCELLED, TS_REMOVED};

    has_tuple(1000);
    overflows();
    watch_ends(statuses[_i]);
    ends_with(statuses[_i], true);
}
END_TEST

START_TEST(a_watch_that_missed_nothing_just_ends)
{
    has_tuple(1000);
    event_happens(TSD_EVENT_PUT);
    watch_ends(TS_CANCELLED);
    ends_with(TS_CANCELLED, false);
}
END_TEST

START_TEST(a_large_event_is_for_who_has_read_the_others)
{
    has_tuple(MIB(8));
    event_happens(TSD_EVENT_PUT); /* larger than the bound, but the only one */
    ck_assert(!connection->gap);
    event_happens(TSD_EVENT_READY); /* small ones have room all the same */
    ck_assert(!connection->gap);
    event_happens(TSD_EVENT_TAKEN);
    ck_assert(connection->gap);
    ck_assert_int_eq(connection->end, END_NOT);
    ck_assert_uint_eq(tuple->refs, 2); /* the outbox has one */
    drains();
    takes_event(WATCH, TSD_EVENT_PUT);
    takes_event(WATCH, TSD_EVENT_READY);
    ck_assert_uint_eq(tuple->refs, 1);
    handler_gap(&handler, connection);
    event_happens(TSD_EVENT_PUT);
    ck_assert(!connection->gap);
    drains();
    takes_event(WATCH, TSD_EVENT_PUT);
}
END_TEST

START_TEST(past_the_users_limit_events_are_missed_and_nobody_is_ended)
{
    users.limits[SLOT_UNREAD] = KIB(300);
    has_tuple(1000);
    overflows();
    ck_assert_uint_le(connection->user->used[SLOT_UNREAD], KIB(300));
    output_write(connection);
    ck_assert_int_eq(connection->end, END_NOT);
    drains();
    ck_assert_uint_eq(connection->user->used[SLOT_UNREAD], 0);
}
END_TEST

START_TEST(who_is_far_behind_with_answers_is_told_no_event)
{
    limits.unread_bytes = KIB(64);
    has_tuple(KIB(15));
    while (outbox_behind(&connection->outbox) <= limits.unread_bytes) {
        answer_happens();
        output_write(connection);
    }
    has_tuple(16);
    event_happens(TSD_EVENT_PUT);
    ck_assert(connection->gap);
    ck_assert_int_eq(connection->end, END_NOT);
    answer_happens(); /* while an answer more is too much */
    ck_assert_int_eq(connection->end, END_GONE);
    connection->end = END_NOT; /* it is dropped by the teardown */
}
END_TEST

static void on_apply(void *context, uint64_t entry, uint64_t now_ns, const struct command *commands,
                     size_t count)
{
    (void)context;
    (void)entry;
    (void)now_ns;
    ck_assert_uint_eq(count, 1);
    if (commands[0].kind == COMMAND_GAP)
        gaps++;
}

static void on_durable(void *context, uint64_t entry)
{
    (void)context;
    (void)entry;
}

START_TEST(at_the_rounds_end_the_engine_is_told_of_the_gap_once)
{
    const struct sequencer_calls calls = {on_apply, on_durable};
    struct sequencer *own = handler.sequencer;
    struct round round = {.connections = &connections, .handler = &handler};

    handler.sequencer = sequencer_memory_new(&calls, NULL);
    has_tuple(1000);
    overflows();
    round_work_off(&round);
    ck_assert_uint_eq(gaps, 1);
    ck_assert(!connection->gap);
    round_work_off(&round);
    ck_assert_uint_eq(gaps, 1);
    drains();
    event_happens(TSD_EVENT_READY); /* of a watch that began anew */
    ck_assert_uint_gt(outbox_unread(&connection->outbox), 0);
    sequencer_free(handler.sequencer);
    handler.sequencer = own;
}
END_TEST

START_TEST(a_gap_of_one_who_has_gone_is_forgotten)
{
    struct connection *second, *first = connection;
    int pair[2];

    second = make(pair);
    says_hello(second);
    has_tuple(1000);
    connection = second;
    overflows();
    connection = first;
    drop(second, pair[1]);
    ck_assert(TAILQ_EMPTY(&connections.gaps));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/events");
    TCase *tcase = tcase_create("events");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup_events, teardown_events);
    tcase_add_test(tcase, who_reads_is_told_everything);
    tcase_add_test(tcase, who_does_not_read_is_marked_at_the_bound_and_is_not_ended);
    tcase_add_test(tcase, before_it_is_marked_what_it_may_be_reading_is_written);
    tcase_add_test(tcase, answers_do_not_count_among_the_events);
    tcase_add_test(tcase, events_do_not_count_among_the_answers);
    tcase_add_test(tcase, the_end_of_a_gap_goes_through_however_much_is_unread);
    tcase_add_loop_test(tcase, a_watch_that_ends_before_the_engine_heard_of_the_gap_is_told_of_it,
                        0, 2);
    tcase_add_test(tcase, a_watch_that_missed_nothing_just_ends);
    tcase_add_test(tcase, a_large_event_is_for_who_has_read_the_others);
    tcase_add_test(tcase, past_the_users_limit_events_are_missed_and_nobody_is_ended);
    tcase_add_test(tcase, who_is_far_behind_with_answers_is_told_no_event);
    tcase_add_test(tcase, at_the_rounds_end_the_engine_is_told_of_the_gap_once);
    tcase_add_test(tcase, a_gap_of_one_who_has_gone_is_forgotten);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

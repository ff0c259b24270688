/* SPDX-License-Identifier: MIT */
/*
 * What a watch tells first, of what is stored: as its client reads (rule S19).
 */
#include "unit/server/reading.h"

static uint32_t stored_told; /* events `put` that came */

/* `watch` of all tuples, told first what is stored. */
static void watches(uint64_t number)
{
    static const uint8_t all[] = {0x91, 0x91, TSD_M_REST};
    struct request request = {.number = number,
                              .op = TSD_OP_WATCH,
                              .has = TSD_HAS(NOW),
                              .now = true,
                              .space = {(const uint8_t *)"main", 4},
                              .alternative_count = 1};

    request.alternatives[0].pattern.bytes = all;
    request.alternatives[0].pattern.size = sizeof(all);
    request_encode(&request, &out);
    arrives(connection);
}

/* One round, as far as it concerns the client. In every second one the engine works for others. */
static void goes_round(bool others_work)
{
    struct round round = {.connections = &connections, .handler = &handler};
    static unsigned rounds;

    clock_forget(&clock_);
    if (handler_due(&handler) <= clock_now(&clock_) && (!others_work || rounds++ % 2))
        handler_tick(&handler);
    if (connection->in_backlog) {
        TAILQ_REMOVE(&connections.backlog, connection, backlog);
        connection->in_backlog = false;
        input_continue(&input, connection);
    }
    round_work_off(&round);
}

/* Whether there will be another round though nobody reads or says anything. */
static bool is_busy(void)
{
    return connection->in_backlog || connection->in_dirty ||
           handler_due(&handler) <= clock_now(&clock_);
}

static bool is_ready(void)
{
    struct reply reply;

    while (takes(&reply)) {
        const uint8_t *p = NULL;
        struct event event;

        if (reply.number != WATCH)
            continue;
        ck_assert_int_eq(reply.status, TS_OK);
        ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
        if (event.kind == TSD_EVENT_READY)
            return true;
        ck_assert_uint_eq(event.kind, TSD_EVENT_PUT);
        stored_told++;
    }
    return false;
}

/* Tuples of that many bytes, 4 MiB of them. */
static void put_many(uint32_t size)
{
    for (uint64_t i = 0; i < MIB(4) / size; i++) {
        puts_blob(connection, 100 + i, size);
        drains();
    }
    forgets();
}

static const uint32_t sizes[] = {KIB(1), KIB(20), KIB(900), MIB(2)};

/* Whatever the size of the tuples, and however slowly they are read: there is no gap. */
START_TEST(what_is_stored_is_told_as_the_client_reads)
{
    uint32_t size = sizes[_i / 2];

    put_many(size);
    watches(WATCH);
    do {
        while (is_busy()) {
            goes_round(_i & 1);
            ck_assert_uint_lt(outbox_unread(&connection->outbox),
                              2 * limits.unread_soft_bytes + size);
        }
        ck_assert(!connection->gap);
        ck_assert_uint_gt(reads(KIB(16)), 0); /* and writes again, as the loop does */
        if (connection->blocked)
            output_write(connection);
    } while (!is_ready());
    ck_assert_uint_eq(stored_told, MIB(4) / size);
    while (is_busy())
        goes_round(_i & 1);
    ck_assert(!connection->telling); /* and later events cost no turn */
    event_happens(TSD_EVENT_READY);
    output_write(connection);
    ck_assert(!connection->in_backlog);
}
END_TEST

START_TEST(who_has_shut_its_direction_is_told_what_is_stored_and_then_ended)
{
    put_many(KIB(1));
    watches(WATCH);
    ck_assert_int_eq(shutdown(ends[1], SHUT_WR), 0);
    input_read(&input, connection);
    ck_assert(connection->eof);
    while (!is_ready()) {
        ck_assert_int_eq(connection->end, END_NOT);
        goes_round(false);
        output_write(connection);
        reads(MIB(1));
    }
    ck_assert_uint_eq(stored_told, KIB(4));
    while (is_busy())
        goes_round(false);
    ck_assert_int_eq(connection->state, CONNECTION_CLOSED);
    close(ends[1]);
    connection = make(ends); /* for the teardown */
}
END_TEST

START_TEST(in_a_stop_nothing_more_is_told_first)
{
    put_many(KIB(1));
    watches(WATCH);
    connections.stopping = true;
    for (int i = 0; i < 1000 && is_busy(); i++) {
        drains();
        goes_round(false);
    }
    ck_assert(!is_busy());
    drains();
    ck_assert(!is_ready());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/first part");
    TCase *tcase = tcase_create("events");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup_events, teardown_events);
    tcase_add_loop_test(tcase, what_is_stored_is_told_as_the_client_reads, 0, 8);
    tcase_add_test(tcase, who_has_shut_its_direction_is_told_what_is_stored_and_then_ended);
    tcase_add_test(tcase, in_a_stop_nothing_more_is_told_first);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

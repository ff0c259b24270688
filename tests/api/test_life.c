/* SPDX-License-Identifier: MIT */
/*
 * How tuples are put and how long they live, spaces and wills, with a real daemon (rules S26 to S31).
 */
#include <string.h>
#include <unistd.h>

#include "lib/api.h"

static ts_status put(ts_client *client, ts_values tuple, ts_request request)
{
    request.operation = TSD_OP_OUT;
    request.tuples = &tuple;
    request.tuple_count = 1;
    return ts_call(client, &request);
}

START_TEST(a_delayed_tuple_is_seen_later)
{
    is(put(ts, TS("d"), (ts_request){.delay = 0.02}), TS_OK);
    is(ts_rdp(ts, TS("d")), TS_NOMATCH);
    is(ts_in(ts, TS("d"), 10), TS_OK);
    is(put(ts, TS("d"), (ts_request){.delay = 1, .ttl = 1}), TS_INVALID); /* rule S26 */
}
END_TEST

START_TEST(a_tuple_may_end)
{
    is(put(ts, TS("t"), (ts_request){.ttl = 0.02}), TS_OK);
    is(ts_drained(ts, TS("t"), 10), TS_OK);
    is(ts_rdp(ts, TS("t")), TS_NOMATCH);
}
END_TEST

START_TEST(a_bound_tuple_goes_with_its_connection)
{
    ts_client *other = ts_connect(server.socket, NULL);

    is(put(other, TS("here"), (ts_request){.bound = true}), TS_OK);
    is(ts_rdp(ts, TS("here")), TS_OK);
    ts_disconnect(other);
    is(ts_drained(ts, TS("here"), 10), TS_OK);
}
END_TEST

START_TEST(a_pulse_is_for_those_who_wait)
{
    uint64_t number = 0;

    is(put(ts, TS("p"), (ts_request){.pulse = true}), TS_OK);
    is(ts_rdp(ts, TS("p")), TS_NOMATCH);
    is(ts_submit_rd(ts, TS("p"), TS_FOREVER, NULL, NULL, &number), TS_OK);
    is(put(ts, TS("p"), (ts_request){.pulse = true}), TS_OK);
    is(ts_cancel(ts, number), TS_NOMATCH); /* it was served */
}
END_TEST

/* rule S28 */
START_TEST(a_key_makes_a_repeated_out_the_same)
{
    uint64_t id, count = 0;

    is(ts_out_keyed(ts, TS("k"), "once"), TS_OK);
    ck_assert(!ts_last(ts)->repeated);
    id = ts_last(ts)->id;
    is(ts_out_keyed(ts, TS("k"), "once"), TS_OK);
    ck_assert(ts_last(ts)->repeated && ts_last(ts)->id == id);
    is(ts_count(ts, TS("k"), &count), TS_OK);
    ck_assert_uint_eq(count, 1);
    is(put(ts, TS("k"), (ts_request){.key = "other", .bound = true}), TS_INVALID);
    is(put(ts, TS("k"), (ts_request){.window = 1}), TS_INVALID);
}
END_TEST

/* rule S30 */
START_TEST(a_capacity_makes_out_wait)
{
    const ts_values three[] = {TS("r", 1), TS("r", 2), TS("r", 3)};
    ts_client *room = ts_space(ts, "room");
    ts_client *taker = ts_connect(server.socket, &(ts_options){.space = "room"});
    uint64_t number = 0;
    const ts_request out = {.operation = TSD_OP_OUT, .tuples = three, .tuple_count = 1};

    is(ts_space_set(room, &(ts_attributes){.set_capacity = true, .capacity = 2}), TS_OK);
    is(ts_out_many(room, three, 3), TS_FULL); /* never enough */
    is(ts_out_many(room, three, 2), TS_OK);
    is(put(room, TS("r", 3), (ts_request){.no_wait = true}), TS_FULL);
    is(put(room, TS("r", 3), (ts_request){.timeout = 0.01}), TS_TIMEOUT);
    is(ts_submit(room, &out, NULL, NULL, &number), TS_OK);
    is(ts_ping(ts), TS_OK);
    is(ts_inp(taker, TS("r", 1)), TS_OK);
    is(ts_client_ack(taker), TS_OK); /* its room is free when it is final */
    is(ts_cancel(ts, number), TS_NOMATCH);
    ts_disconnect(taker);
}
END_TEST

START_TEST(a_will_is_put_without_a_goodbye)
{
    ts_client *other = ts_connect(server.socket, NULL), *polite = ts_connect(server.socket, NULL);
    const ts_values tuple = TS("gone"), early = TS("early");

    is(ts_will(other, &early, 1), TS_OK);
    is(ts_will(other, &tuple, 1), TS_OK); /* instead */
    is(ts_will(polite, &early, 1), TS_OK);
    ts_disconnect(polite);
    ts_abandon(other);
    is(ts_in(ts, TS("gone"), 10), TS_OK);
    is(ts_rdp(ts, TS("early")), TS_NOMATCH);
}
END_TEST

START_TEST(drained_counts_what_may_come_back)
{
    ts_client *worker = ts_connect(server.socket, NULL);

    is(ts_drained(ts, TS("task"), 0), TS_OK);
    is(ts_out(ts, TS("task")), TS_OK);
    is(ts_in(worker, TS("task"), 10), TS_OK);
    is(ts_drained(ts, TS("task"), 0), TS_NOMATCH);
    is(ts_drained(ts, TS("task"), 0.01), TS_TIMEOUT);
    is(ts_client_ack(worker), TS_OK);
    is(ts_drained(ts, TS("task"), 10), TS_OK);
    ts_disconnect(worker);
}
END_TEST

START_TEST(all_that_match_are_moved_copied_and_deleted)
{
    ts_client *other = ts_space(ts, "other");
    uint64_t count = 0;

    for (int i = 0; i < 3; i++)
        is(ts_out(ts, TS("c", i)), TS_OK);
    is(ts_copy(ts, TS("c", ts_ge(1)), "other", &count), TS_OK);
    ck_assert(count == 2 && !ts_last(ts)->more);
    is(ts_collect(ts, TS("c", 0), "other", &count), TS_OK);
    ck_assert_uint_eq(count, 1);
    is(ts_count(other, TS("c", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 3);
    is(ts_discard(ts, TS("c", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 2);
    is(ts_discard(ts, TS("c", TS_ANY), &count), TS_OK);
    ck_assert_uint_eq(count, 0);
    is(ts_collect(other, TS("c", TS_ANY), "other", &count), TS_INVALID); /* rule S29 */
}
END_TEST

/* More than a unit: it goes on by itself (rule S17). */
START_TEST(more_than_a_unit_is_discarded)
{
    enum { EACH = 10000 };
    const ts_values tuple = TS("many");
    ts_values *tuples = malloc(EACH * sizeof(*tuples));
    uint64_t count = 0;

    ck_assert_ptr_nonnull(tuples);
    for (size_t i = 0; i < EACH; i++)
        tuples[i] = tuple;
    is(ts_out_many(ts, tuples, EACH), TS_OK);
    is(ts_out_many(ts, tuples, EACH), TS_OK);
    free(tuples);
    is(ts_discard(ts, TS("many"), &count), TS_OK);
    ck_assert_uint_eq(count, 2 * EACH);
}
END_TEST

START_TEST(spaces_have_attributes)
{
    ts_client *jobs = ts_space(ts, "jobs");
    const ts_space_row *row = NULL;

    is(ts_space_set(jobs, &(ts_attributes){.set_capacity = true,
                                           .capacity = 10,
                                           .set_max_returns = true,
                                           .max_returns = 3,
                                           .dead_letter = "dead"}),
       TS_OK);
    is(put(jobs, TS("later"), (ts_request){.delay = 100}), TS_OK);
    is(ts_spaces(ts), TS_OK);
    for (size_t i = 0; (row = ts_space_at(ts_last(ts), i)) && strcmp(row->name, "jobs") != 0; i++)
        ;
    ck_assert_ptr_nonnull(row);
    ck_assert(row->capacity == 10 && row->max_returns == 3 && row->delayed == 1);
    ck_assert_str_eq(row->dead_letter, "dead");
    is(ts_space_set(jobs, &(ts_attributes){.dead_letter = "jobs"}), TS_INVALID);
    is(ts_space_remove(jobs, false), TS_INVALID);
    is(ts_space_remove(jobs, true), TS_OK);
    is(ts_space_remove(jobs, true), TS_NOMATCH);
}
END_TEST

/* rule S21 */
START_TEST(who_put_it_is_told)
{
    ts_client *other = ts_connect(server.socket, &(ts_options){.name = "putter"});
    const ts_request rd = {.operation = TSD_OP_RD, .pattern = TS("who"), .who = true};
    const ts_tuple *tuple;

    is(ts_out(other, TS("who")), TS_OK);
    is(ts_call(ts, &rd), TS_OK);
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert(tuple->uid == getuid() && tuple->pid == (uint32_t)getpid());
    ck_assert_str_eq(tuple->program, "putter");
    ts_disconnect(other);
}
END_TEST

START_TEST(a_scan_of_every_state)
{
    const ts_request scan = {.operation = TSD_OP_SCAN, .pattern = TS("s", TS_ANY), .states = true};
    uint32_t states[4] = {0};

    for (int i = 0; i < 3; i++)
        is(ts_out(ts, TS("s", i)), TS_OK);
    is(put(ts, TS("s", 3), (ts_request){.delay = 100}), TS_OK);
    is(ts_hold(ts, TS("s", 1), 0, 60), TS_OK);
    is(ts_call(ts, &scan), TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, 4);
    for (size_t i = 0; i < 4; i++)
        states[i] = ts_tuple_at(ts_last(ts), i)->state;
    ck_assert(states[0] == TSD_STATE_STORED && states[1] == TSD_STATE_HELD);
    ck_assert(states[2] == TSD_STATE_STORED && states[3] == TSD_STATE_DELAYED);
    ck_assert(ts_tuple_at(ts_last(ts), 1)->holder == ts_client_daemon(ts)->session);
    ck_assert(ts_tuple_at(ts_last(ts), 3)->left > 1);
}
END_TEST

static bool holder_is_gone(void)
{
    const ts_request scan = {.operation = TSD_OP_SCAN, .pattern = TS("h"), .states = true};

    is(ts_call(ts, &scan), TS_OK);
    return ts_tuple_at(ts_last(ts), 0)->holder_pid == 0;
}

/* Not who put it, but who has it; of a detached hold that outlived its connection nobody. */
START_TEST(who_holds_it_is_told)
{
    const ts_request scan = {.operation = TSD_OP_SCAN, .pattern = TS("h"), .states = true};
    const ts_request hold = {
        .operation = TSD_OP_HOLD, .pattern = TS("h"), .hold_time = 60, .detached = true};
    ts_client *other = ts_connect(server.socket, &(ts_options){.name = "holder"});
    const ts_tuple *tuple;

    is(ts_out(ts, TS("h")), TS_OK);
    is(ts_call(ts, &scan), TS_OK);
    ck_assert_uint_eq(ts_tuple_at(ts_last(ts), 0)->holder_pid, 0);
    is(ts_inp(other, TS("h")), TS_OK);
    is(ts_call(ts, &scan), TS_OK);
    ck_assert_str_eq(ts_tuple_at(ts_last(ts), 0)->holder_program, "holder");
    is(ts_release(other, ts_tuple_at(ts_last(other), 0)->token, 0), TS_OK);
    is(ts_call(other, &hold), TS_OK);
    is(ts_call(ts, &scan), TS_OK);
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert(tuple->state == TSD_STATE_HELD && tuple->holder_pid == (uint32_t)getpid());
    ck_assert_str_eq(tuple->holder_program, "holder");
    ts_disconnect(other);
    while (!holder_is_gone())
        ;
    tuple = ts_tuple_at(ts_last(ts), 0);
    ck_assert(tuple->state == TSD_STATE_HELD && tuple->holder != 0);
    ck_assert_str_eq(tuple->holder_program, "");
}
END_TEST

RUN_TESTS("api/life", a_delayed_tuple_is_seen_later, a_tuple_may_end,
          a_bound_tuple_goes_with_its_connection, a_pulse_is_for_those_who_wait,
          a_key_makes_a_repeated_out_the_same, a_capacity_makes_out_wait,
          a_will_is_put_without_a_goodbye, drained_counts_what_may_come_back,
          all_that_match_are_moved_copied_and_deleted, more_than_a_unit_is_discarded,
          spaces_have_attributes, who_put_it_is_told, a_scan_of_every_state, who_holds_it_is_told)

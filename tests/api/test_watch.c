/* SPDX-License-Identifier: MIT */
/*
 * Watching, with a real daemon (rule S19).
 */
#include <poll.h>

#include "lib/api.h"

static uint64_t watch(ts_values pattern, bool now, uint32_t events)
{
    const ts_watch_options options = {.now = now, .events = events};
    uint64_t number = 0;

    is(ts_watch(ts, pattern, &options, NULL, NULL, &number), TS_OK);
    return number;
}

/* The kind of the next event; its second field, if it is an int, in *n. */
static enum tsd_event next(uint64_t number, int64_t *n)
{
    const ts_event *event;

    is(ts_watch_next(ts, number, 10, &event), TS_OK);
    *n = -1;
    ts_field_int(event->tuple, 1, n);
    return event->kind;
}

#define expect(number, expected_kind, expected_n)                                                  \
    do {                                                                                           \
        int64_t n_;                                                                                \
        ck_assert_int_eq(next(number, &n_), expected_kind);                                        \
        ck_assert_int_eq(n_, expected_n);                                                          \
    } while (0)

START_TEST(what_is_there_and_what_comes)
{
    uint64_t number;

    is(ts_out(ts, TS("t", 1)), TS_OK);
    is(ts_out(ts, TS("other", 9)), TS_OK);
    number = watch(TS("t", TS_ANY), true, 0);
    is(ts_out(ts, TS("t", 2)), TS_OK);
    is(ts_inp(ts, TS("t", 1)), TS_OK);
    is(ts_release(ts, ts_tuple_at(ts_last(ts), 0)->token, 0), TS_OK);
    expect(number, TSD_EVENT_PUT, 1);
    expect(number, TSD_EVENT_READY, -1);
    expect(number, TSD_EVENT_PUT, 2);
    expect(number, TSD_EVENT_TAKEN, 1);
    expect(number, TSD_EVENT_RETURNED, 1);
}
END_TEST

START_TEST(only_what_is_asked_for)
{
    uint64_t number = watch(TS("t", TS_ANY), false, 1u << TSD_EVENT_TAKEN);

    is(ts_out(ts, TS("t", 1)), TS_OK);
    is(ts_inp(ts, TS("t", 1)), TS_OK);
    expect(number, TSD_EVENT_READY, -1);
    expect(number, TSD_EVENT_TAKEN, 1);
}
END_TEST

START_TEST(what_expires_is_told)
{
    uint64_t number = watch(TS("t", TS_ANY), false, 0);
    const ts_values tuple = TS("t", 1), pulse = TS("t", 2);

    expect(number, TSD_EVENT_READY, -1);
    is(ts_call(
           ts,
           &(ts_request){.operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1, .ttl = 0.01}),
       TS_OK);
    expect(number, TSD_EVENT_PUT, 1);
    expect(number, TSD_EVENT_EXPIRED, 1);
    is(ts_call(ts,
               &(ts_request){
                   .operation = TSD_OP_OUT, .tuples = &pulse, .tuple_count = 1, .pulse = true}),
       TS_OK);
    expect(number, TSD_EVENT_PUT, 2);
    expect(number, TSD_EVENT_EXPIRED, 2);
}
END_TEST

START_TEST(it_ends_when_it_is_cancelled)
{
    uint64_t number = watch(TS(TS_REST), false, 0);
    const ts_event *event;

    is(ts_cancel(ts, number), TS_OK);
    is(ts_cancel(ts, number), TS_NOMATCH);
    expect(number, TSD_EVENT_READY, -1);
    is(ts_watch_next(ts, number, 10, &event), TS_CANCELLED);
}
END_TEST

START_TEST(it_ends_with_its_space)
{
    ts_client *jobs = ts_space(ts, "jobs");
    const ts_event *event;
    uint64_t number = 0;

    is(ts_space_set(jobs, NULL), TS_OK);
    is(ts_watch(jobs, TS(TS_REST), NULL, NULL, NULL, &number), TS_OK);
    is(ts_space_remove(jobs, false), TS_INVALID);
    is(ts_space_remove(jobs, true), TS_OK);
    expect(number, TSD_EVENT_READY, -1);
    is(ts_watch_next(ts, number, 10, &event), TS_REMOVED);
}
END_TEST

static int puts_seen, ends;

static void count(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                  void *arg)
{
    (void)client, (void)number, (void)arg;
    if (event)
        puts_seen += event->kind == TSD_EVENT_PUT;
    else
        ends += status == TS_CANCELLED;
}

START_TEST(a_callback_is_told_in_a_loop)
{
    puts_seen = ends = 0;
    is(ts_watch(ts, TS("t", TS_ANY), NULL, count, NULL, NULL), TS_OK);
    for (int i = 0; i < 100; i++)
        is(ts_submit_out(ts, TS("t", i), NULL, NULL), TS_OK);
    while (puts_seen < 100) {
        struct pollfd p = {ts_client_fd(ts), ts_client_events(ts), 0};
        ck_assert_int_ge(poll(&p, 1, ts_client_poll_timeout(ts)), 0);
        is(ts_client_dispatch(ts), TS_OK);
    }
    ck_assert_int_eq(puts_seen, 100);
    ts_disconnect(ts);
    ts = NULL;
    ck_assert_int_eq(ends, 1);
}
END_TEST

RUN_TESTS("api/watch", what_is_there_and_what_comes, only_what_is_asked_for, what_expires_is_told,
          it_ends_when_it_is_cancelled, it_ends_with_its_space, a_callback_is_told_in_a_loop)

/* SPDX-License-Identifier: MIT */
/*
 * Watches that are asked for their events, and what happens where nobody asks in time.
 */
#include <math.h>
#include <sys/wait.h>

#include "unit/client/fake.h"
#include "unit/client/told.h"

static uint64_t watch(ts_client *ts)
{
    uint64_t number = 0;

    is(ts_watch(ts, TS(TS_REST), NULL, NULL, NULL, &number), TS_OK);
    return number;
}

/* The first field of the next event, which is there already. */
static int64_t next_field(ts_client *ts, uint64_t number, enum tsd_event kind)
{
    const ts_event *event;
    int64_t field = -1;

    is(ts_watch_next(ts, number, 0, &event), TS_OK);
    ck_assert_int_eq(event->kind, kind);
    ts_field_int(event->tuple, 0, &field);
    return field;
}

START_TEST(events_come_one_after_the_other)
{
    const struct fake_event events[] = {
        {TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_PUT, "[2]"}, {TSD_EVENT_READY, NULL}};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts);

    is(ts_watch_next(ts, number, 0, &event), TS_NOMATCH);
    ck_assert_ptr_null(event);
    ck_assert_int_eq(ts_last(ts)->status, TS_NOMATCH);
    is(ts_watch_next(ts, number, 0.001, &event), TS_TIMEOUT);
    answer_events(&fake, number, events, 3);
    answer_events(&fake, number, events, 0); /* of nothing: no reason to wake up */
    answer_event(&fake, number, TSD_EVENT_TAKEN, "[1]");
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_OK);
    ck_assert_uint_eq(event->at, 50);
    ck_assert_uint_eq(event->tuple->id, 100);
    ck_assert_int_eq(next_field(ts, number, TSD_EVENT_PUT), 2);
    next_field(ts, number, TSD_EVENT_READY);
    ck_assert_int_eq(next_field(ts, number, TSD_EVENT_TAKEN), 1);
    is(ts_watch_next(ts, number, 0, &event), TS_NOMATCH);
    fake_end(&fake);
}
END_TEST

START_TEST(asking_acknowledges_nothing)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts);

    answer_in(&fake, 2, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    fake_request(&fake);
    answer_event(&fake, number, TSD_EVENT_PUT, "[1]");
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_OK);
    is(ts_watch_next(ts, number, 0.001, &event), TS_TIMEOUT);
    ck_assert_msg(!fake_read(&fake), "what is in hand was acknowledged");
    fake_end(&fake);
}
END_TEST

START_TEST(the_end_comes_after_the_events_and_once)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts);

    answer_event(&fake, number, TSD_EVENT_PUT, "[1]");
    answer_event(&fake, number, TSD_EVENT_GAP, NULL);
    answer_text(&fake, number, TS_LIMIT, "the queue is full");
    answer_nil(&fake, number + 1, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_int_eq(next_field(ts, number, TSD_EVENT_PUT), 1);
    next_field(ts, number, TSD_EVENT_GAP);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_LIMIT);
    ck_assert_str_eq(ts_error_text(ts), "the queue is full");
    ck_assert_str_eq(ts_last(ts)->text, "the queue is full");
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_INVALID);
    fake_end(&fake);
}
END_TEST

START_TEST(a_watch_that_is_cancelled_says_so)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts);

    answer_nil(&fake, number, TS_CANCELLED);
    answer_nil(&fake, number + 1, TS_OK);
    is(ts_cancel(ts, number), TS_OK);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_CANCELLED);
    fake_end(&fake);
}
END_TEST

START_TEST(a_lost_connection_ends_it_after_what_had_come)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts), other = watch(ts);

    answer_event(&fake, number, TSD_EVENT_PUT, "[1]");
    fake_hang_up(&fake);
    is(ts_watch_next(ts, other, TS_FOREVER, &event), TS_LOST);
    ck_assert_int_eq(next_field(ts, number, TSD_EVENT_PUT), 1);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_LOST);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_INVALID);
    fake_end(&fake);
}
END_TEST

START_TEST(only_watches_without_a_callback_can_be_asked)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = submit_in(ts, NULL, NULL);

    is(ts_watch_next(ts, number, 0, &event), TS_INVALID);
    is(ts_watch_next(ts, 99, 0, &event), TS_INVALID);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "99"));
    number = watch(ts);
    is(ts_watch_next(ts, number, -1, &event), TS_INVALID);
    is(ts_watch_next(ts, number, NAN, &event), TS_INVALID);
    is(ts_watch_next(NULL, number, 0, &event), TS_NO_MEMORY);
    fake_end(&fake);
}
END_TEST

START_TEST(a_child_of_a_fork_cannot_ask)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    uint64_t number = watch(ts);
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(ts_watch_next(ts, number, TS_FOREVER, &event) == TS_LOST ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fake_end(&fake);
}
END_TEST

/* ---- Nobody asks in time ---- */

static ts_options descriptor_of(void (*callback)(ts_client *, int, int, void *), void *arg)
{
    return (ts_options){.descriptor = callback, .descriptor_arg = arg};
}

static void ask_inside(ts_client *client, int old_fd, int new_fd, void *arg)
{
    const ts_event *event;

    (void)old_fd, (void)new_fd;
    is(ts_watch_next(client, *(uint64_t *)arg, TS_FOREVER, &event), TS_INVALID);
}

/* Somebody asks already: the one that is asked must not go away under it. */
START_TEST(one_asks_at_a_time)
{
    uint64_t number = 0;
    const ts_options options = descriptor_of(ask_inside, &number);
    struct fake fake;
    ts_client *ts = fake_start(&fake, &options);
    const ts_event *event;

    number = watch(ts);
    fake_hang_up(&fake);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_LOST);
    fake_end(&fake);
}
END_TEST

/* A tuple of more than 100 KiB, to be freed. */
static char *large(void)
{
    enum { SIZE = 100 << 10 };
    char *tuple = malloc(SIZE + 16);

    ck_assert_ptr_nonnull(tuple);
    (void)snprintf(tuple, SIZE + 16, "[1, \"%0*d\"]", SIZE, 0);
    return tuple;
}

/* 42 of them for a watch that nobody asks; the other one is, so that they are read. */
static void overflow(struct fake *fake, uint64_t number, uint64_t other)
{
    char *tuple = large();
    const ts_event *event;

    for (int i = 0; i < 42; i++) {
        answer_event(fake, number, TSD_EVENT_PUT, tuple);
        is(ts_watch_next(fake->client, other, 0, &event), TS_NOMATCH);
    }
    free(tuple);
}

/* Never a silent loss (rule S19). */
START_TEST(too_much_ends_in_a_gap)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const ts_event *event;
    struct request request;
    uint64_t number = watch(ts), other = watch(ts);
    int puts = 0;

    answer_in(&fake, 3, "[1]", 1);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    for (int i = 0; i < 3; i++)
        fake_request(&fake);
    overflow(&fake, number, other);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_CANCEL);
    ck_assert_uint_eq(request.target, number);
    ck_assert_uint_eq(request.ack, 0); /* nobody asked for a request: what is in hand stays so */
    answer_event(&fake, number, TSD_EVENT_PUT, "[2]"); /* on its way meanwhile */
    answer_nil(&fake, number, TS_CANCELLED);
    answer_nil(&fake, request.number, TS_OK);
    while (ts_watch_next(ts, number, 0, &event) == TS_OK && event->kind == TSD_EVENT_PUT)
        puts++;
    ck_assert_int_eq(puts, 40);
    ck_assert_int_eq(event->kind, TSD_EVENT_GAP);
    is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(ts_error_text(ts), "start the watch again"));
    fake_end(&fake);
}
END_TEST

static int gaps, ends;

static void count_gaps(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                       void *arg)
{
    (void)client, (void)number, (void)arg;
    if (!event)
        ends += status == TS_LIMIT;
    else
        gaps += event->kind == TSD_EVENT_GAP;
}

START_TEST(too_much_for_a_callback_ends_in_a_gap_too)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    uint64_t number = 0;

    gaps = ends = 0;
    is(ts_watch(ts, TS(TS_REST), NULL, count_gaps, NULL, &number), TS_OK);
    overflow(&fake, number, watch(ts));
    answer_nil(&fake, number, TS_CANCELLED);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(gaps == 1 && ends == 1);
    fake_end(&fake);
}
END_TEST

/* As long as somebody asks, more than the bound may pass. */
START_TEST(what_was_told_is_not_too_much)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    char *tuple = large();
    uint64_t asked = watch(ts), called = 0;

    gaps = ends = 0;
    is(ts_watch(ts, TS(TS_REST), NULL, count_gaps, NULL, &called), TS_OK);
    for (int i = 0; i < 42; i++) {
        answer_event(&fake, asked, TSD_EVENT_PUT, tuple);
        ck_assert_int_eq(next_field(ts, asked, TSD_EVENT_PUT), 1);
        answer_event(&fake, called, TSD_EVENT_PUT, tuple);
        is(ts_client_dispatch(ts), TS_OK);
    }
    ck_assert_int_eq(gaps, 0);
    free(tuple);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/watch_next", events_come_one_after_the_other, asking_acknowledges_nothing,
          the_end_comes_after_the_events_and_once, a_watch_that_is_cancelled_says_so,
          a_lost_connection_ends_it_after_what_had_come,
          only_watches_without_a_callback_can_be_asked, a_child_of_a_fork_cannot_ask,
          one_asks_at_a_time, too_much_ends_in_a_gap, too_much_for_a_callback_ends_in_a_gap_too,
          what_was_told_is_not_too_much)

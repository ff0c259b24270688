/* SPDX-License-Identifier: MIT */
/*
 * Watches with a callback (rule S19): each event once and in order, and one last call at the end.
 */
#include <sys/wait.h>

#include "unit/client/fake.h"
#include "unit/client/told.h"

static struct seen {
    ts_status status;
    enum tsd_event kind;
    int64_t first_field;
    uint64_t at;
    char text[64];
} seen[64];
static size_t seen_count;

static void see(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                void *arg)
{
    struct seen *now = &seen[seen_count++];

    (void)number, (void)arg;
    ck_assert((status == TS_OK) == (event != NULL));
    *now = (struct seen){.status = status, .first_field = -1};
    if (event) {
        now->kind = event->kind;
        now->at = event->at;
        ts_field_int(event->tuple, 0, &now->first_field);
    } else {
        (void)snprintf(now->text, sizeof(now->text), "%s", ts_error_text(client));
    }
}

static uint64_t watch(ts_client *ts, ts_watch_callback callback, void *arg)
{
    uint64_t number = 0;

    seen_count = 0;
    is(ts_watch(ts, TS(TS_ANY), NULL, callback, arg, &number), TS_OK);
    return number;
}

static bool was_event(size_t i, enum tsd_event kind, int64_t first_field)
{
    return i < seen_count && seen[i].status == TS_OK && seen[i].kind == kind &&
           seen[i].first_field == first_field;
}

/* Whether the watch's end was the last that was told, and told once. */
static bool has_ended(ts_status status)
{
    size_t ends = 0;

    for (size_t i = 0; i < seen_count; i++)
        ends += seen[i].status != TS_OK;
    return ends == 1 && seen[seen_count - 1].status == status;
}

START_TEST(the_request_says_what_is_wanted)
{
    const ts_watch_options options = {.now = true, .events = 1u << TSD_EVENT_PUT};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    struct request request;

    is(ts_watch(ts, TS("a", TS_REST), &options, see, NULL, NULL), TS_OK);
    watch(ts, see, NULL);
    is(ts_client_flush(ts), TS_OK);
    request = fake_request(&fake);
    ck_assert_int_eq(request.op, TSD_OP_WATCH);
    ck_assert(request.now && request.events == 1u << TSD_EVENT_PUT);
    ck_assert_uint_eq(request.alternatives[0].pattern.fields, 1);
    request = fake_request(&fake);
    ck_assert(!request.now && !(request.has & TSD_HAS(EVENTS)));
    is(ts_watch(ts, TS(ts_ge(TS_NIL)), NULL, see, NULL, NULL), TS_INVALID);
    fake_end(&fake);
}
END_TEST

START_TEST(events_are_told_in_order)
{
    const struct fake_event events[] = {
        {TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_READY, NULL}, {TSD_EVENT_PUT, "[2]"}};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, see, NULL);
    answer_events(&fake, 1, events, 3);
    answer_event(&fake, 1, TSD_EVENT_TAKEN, "[1]");
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert_uint_eq(seen_count, 4);
    ck_assert(was_event(0, TSD_EVENT_PUT, 1) && was_event(1, TSD_EVENT_READY, -1));
    ck_assert(was_event(2, TSD_EVENT_PUT, 2) && was_event(3, TSD_EVENT_TAKEN, 1));
    ck_assert_uint_eq(seen[2].at, 52);
    fake_request(&fake);
    ck_assert_msg(!fake_read(&fake), "events were acknowledged");
    fake_end(&fake);
    ck_assert(has_ended(TS_LOST));
}
END_TEST

/* Events that come while a call waits keep their place among the answers. */
START_TEST(what_comes_while_a_call_waits_is_told_by_the_dispatch)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, see, NULL);
    told_count = 0;
    submit_in(ts, tell, NULL);
    answer_event(&fake, 1, TSD_EVENT_PUT, "[1]");
    answer_in(&fake, 2, "[7]", 1);
    answer_event(&fake, 1, TSD_EVENT_TAKEN, "[1]");
    answer_nil(&fake, 3, TS_OK);
    is(ts_ping(ts), TS_OK);
    ck_assert_uint_eq(seen_count, 0);
    ck_assert(ts_client_timeout(ts) == 0);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(was_event(0, TSD_EVENT_PUT, 1) && was_event(1, TSD_EVENT_TAKEN, 1));
    ck_assert(was_told(0, 2, TS_OK));
    fake_end(&fake);
}
END_TEST

START_TEST(the_end_is_told_once_with_its_reason)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, see, NULL);
    answer_event(&fake, 1, TSD_EVENT_GAP, NULL);
    answer_text(&fake, 1, TS_LIMIT, "the queue of watches is full");
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(was_event(0, TSD_EVENT_GAP, -1));
    ck_assert(has_ended(TS_LIMIT));
    ck_assert_str_eq(seen[1].text, "the queue of watches is full");

    watch(ts, see, NULL);
    answer_text(&fake, 2, TS_REMOVED, NULL);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(has_ended(TS_REMOVED));

    uint64_t number = watch(ts, see, NULL);
    answer_nil(&fake, number, TS_CANCELLED);
    answer_nil(&fake, number + 1, TS_OK);
    is(ts_cancel(ts, number), TS_OK);
    ck_assert_uint_eq(seen_count, 0);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(has_ended(TS_CANCELLED));

    watch(ts, see, NULL);
    fake_hang_up(&fake);
    is(ts_client_dispatch(ts), TS_LOST);
    ck_assert(has_ended(TS_LOST));
    ck_assert_ptr_nonnull(strstr(seen[0].text, "connection"));
    fake_end(&fake);
    ck_assert(has_ended(TS_LOST));
}
END_TEST

START_TEST(an_answer_that_is_no_events_loses_the_connection)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, see, NULL);
    answer_uint(&fake, 1, 3);
    is(ts_client_dispatch(ts), TS_PROTOCOL);
    ck_assert(has_ended(TS_PROTOCOL));
    fake_end(&fake);
}
END_TEST

static void call_inside(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                        void *arg)
{
    int got = 0;

    see(client, number, status, event, arg);
    if (seen_count > 1 || !event)
        return;
    is(ts_rdp(client, TS(&got)), TS_OK);
    ck_assert_int_eq(got, 8);
    is(ts_cancel(client, number), TS_OK);
}

/* The rest of what had come is still told, before the end. */
START_TEST(a_callback_may_make_calls_and_end_its_watch)
{
    const struct fake_event events[] = {{TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_PUT, "[2]"}};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, call_inside, NULL);
    answer_events(&fake, 1, events, 2);
    answer_rd(&fake, 2, "[8]");
    answer_nil(&fake, 1, TS_CANCELLED);
    answer_nil(&fake, 3, TS_OK);
    is(ts_client_dispatch(ts), TS_OK);
    ck_assert(was_event(0, TSD_EVENT_PUT, 1) && was_event(1, TSD_EVENT_PUT, 2));
    ck_assert(has_ended(TS_CANCELLED));
    fake_end(&fake);
}
END_TEST

static void disconnect_inside(ts_client *client, uint64_t number, ts_status status,
                              const ts_event *event, void *arg)
{
    see(client, number, status, event, arg);
    if (event)
        ts_disconnect(client);
}

START_TEST(a_callback_may_disconnect)
{
    const struct fake_event events[] = {{TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_PUT, "[2]"}};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    watch(ts, disconnect_inside, NULL);
    answer_events(&fake, 1, events, 2);
    answer_nil(&fake, 2, TS_OK); /* the goodbye */
    is(ts_client_dispatch(ts), TS_CANCELLED);
    fake.client = NULL;
    ck_assert_uint_eq(seen_count, 2);
    ck_assert(has_ended(TS_CANCELLED));
    fake_end(&fake);
}
END_TEST

static void fork_inside(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                        void *arg)
{
    see(client, number, status, event, NULL);
    if (seen_count == 1)
        *(pid_t *)arg = fork();
}

START_TEST(a_child_forked_in_a_callback_is_told_no_more)
{
    const struct fake_event events[] = {{TSD_EVENT_PUT, "[1]"}, {TSD_EVENT_PUT, "[2]"}};
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    pid_t child = -1;
    int status;

    watch(ts, fork_inside, &child);
    answer_events(&fake, 1, events, 2);
    answer_event(&fake, 1, TSD_EVENT_PUT, "[3]");
    ts_client_dispatch(ts);
    if (child == 0) {
        ts_disconnect(ts);
        _exit(seen_count == 1 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_uint_eq(seen_count, 3);
    fake_end(&fake);
}
END_TEST

RUN_TESTS("client/watch", the_request_says_what_is_wanted, events_are_told_in_order,
          what_comes_while_a_call_waits_is_told_by_the_dispatch,
          the_end_is_told_once_with_its_reason, an_answer_that_is_no_events_loses_the_connection,
          a_callback_may_make_calls_and_end_its_watch, a_callback_may_disconnect,
          a_child_forked_in_a_callback_is_told_no_more)

/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/fault.h"
#include "store/sequencer.h"

/* What came back, one line an event. */
struct trace {
    struct {
        char what; /* 'a' apply, 'd' durable */
        uint64_t entry, now_ns, session;
    } events[16];
    size_t count;
};

static struct trace trace;

static void on_apply(void *context, uint64_t entry, uint64_t now_ns, const struct command *commands,
                     size_t count)
{
    struct trace *into = context;

    ck_assert_uint_eq(count, 1);
    into->events[into->count].what = 'a';
    into->events[into->count].entry = entry;
    into->events[into->count].now_ns = now_ns;
    into->events[into->count++].session = commands[0].session;
}

static void on_durable(void *context, uint64_t entry)
{
    struct trace *into = context;

    into->events[into->count].what = 'd';
    into->events[into->count++].entry = entry;
}

static struct sequencer *sequencer;

static void setup(void)
{
    const struct sequencer_calls calls = {.apply = on_apply, .durable = on_durable};

    trace = (struct trace){0};
    sequencer = sequencer_memory_new(&calls, &trace);
    ck_assert_ptr_nonnull(sequencer);
}

static void teardown(void)
{
    sequencer = sequencer_free(sequencer);
    ck_assert_ptr_null(sequencer);
}

static void submit(uint64_t session, uint64_t now_ns)
{
    sequencer_submit(sequencer, now_ns,
                     &(struct command){.kind = COMMAND_COMES, .session = session});
}

START_TEST(a_command_is_applied_and_then_durable_before_submit_returns)
{
    submit(7, 100);
    ck_assert_uint_eq(trace.count, 2);
    ck_assert_int_eq(trace.events[0].what, 'a');
    ck_assert_uint_eq(trace.events[0].session, 7);
    ck_assert_uint_eq(trace.events[0].now_ns, 100);
    ck_assert_int_eq(trace.events[1].what, 'd');
    ck_assert_uint_eq(trace.events[1].entry, trace.events[0].entry);
}
END_TEST

START_TEST(each_command_is_an_entry_and_entries_keep_the_order)
{
    submit(1, 100);
    submit(2, 100);
    ck_assert_uint_eq(trace.count, 4);
    ck_assert_uint_eq(trace.events[0].session, 1);
    ck_assert_uint_eq(trace.events[2].session, 2);
    ck_assert_uint_lt(trace.events[1].entry, trace.events[2].entry);
}
END_TEST

START_TEST(times_never_go_back)
{
    submit(1, 100);
    submit(2, 99);
    submit(3, 101);
    ck_assert_uint_eq(trace.events[2].now_ns, 100);
    ck_assert_uint_eq(trace.events[4].now_ns, 101);
}
END_TEST

START_TEST(a_flush_has_nothing_left_to_do)
{
    sequencer_flush(sequencer);
    ck_assert_uint_eq(trace.count, 0);
    submit(1, 100);
    sequencer_flush(sequencer);
    ck_assert_uint_eq(trace.count, 2);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    const struct sequencer_calls calls = {.apply = on_apply, .durable = on_durable};

    fault_set(1);
    ck_assert_ptr_null(sequencer_memory_new(&calls, &trace));
    fault_set(0);
    ck_assert_ptr_null(sequencer_free(NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store/memory");
    TCase *tcase = tcase_create("memory");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_command_is_applied_and_then_durable_before_submit_returns);
    tcase_add_test(tcase, each_command_is_an_entry_and_entries_keep_the_order);
    tcase_add_test(tcase, times_never_go_back);
    tcase_add_test(tcase, a_flush_has_nothing_left_to_do);
    tcase_add_test(tcase, without_memory_there_is_none);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Requests that end while they are looked up in pieces. */
#include "lookup_fixture.h"

static const struct {
    enum tsd_operation op;
    const char *patterns;
} waits[] = {
    {TSD_OP_IN, "[?, >=1]"},
    {TSD_OP_RD, "other:[?, >=1]|[?, 1]"},
    {TSD_OP_HOLD, "[?, 1]"},
    {TSD_OP_ATOMIC, "in [?, >=1]|absent [?, 9]"},
    {TSD_OP_ATOMIC, "absent [?, 9]|hold [?, 1]|rd [?, 1]"},
    {TSD_OP_DRAINED, "[?, 1]"},
};
enum { WAITS = sizeof waits / sizeof *waits };

/* rule S35; a `drained` waits all the time. */
static void is_taken_up_as_it_ends(uint64_t asked, enum tsd_operation op)
{
    ck_assert((told[asked].since == told[asked].at) == (op != TSD_OP_DRAINED));
}

START_TEST(it_can_be_cancelled)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(waits[_i].op, waits[_i].patterns);
    tick();
    request(1, &(struct request){.op = TSD_OP_CANCEL, .target = asked});
    ends_as(asked, TS_CANCELLED);
    is_taken_up_as_it_ends(asked, waits[_i].op);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    is_there(id);
}
END_TEST

START_TEST(it_times_out)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked =
        ask_as(1, (struct request){.op = waits[_i].op, .has = TSD_HAS(TIMEOUT), .timeout_us = 100},
               waits[_i].patterns);
    now_us += 99;
    tick();
    ck_assert(!told[asked].is);
    now_us++;
    ends_as(asked, TS_TIMEOUT);
    is_taken_up_as_it_ends(asked, waits[_i].op);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    is_there(id);
}
END_TEST

START_TEST(its_session_may_end)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(waits[_i].op, waits[_i].patterns);
    tick();
    ends(1);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    is_there(id);
    ck_assert(!told[asked].is);
}
END_TEST

START_TEST(its_space_may_be_removed)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(waits[_i].op, waits[_i].patterns);
    tick();
    request(2, &(struct request){.op = TSD_OP_REMOVE,
                                 .space = span_of("main"),
                                 .has = TSD_HAS(FORCE),
                                 .force = true});
    ends_as(asked, TS_REMOVED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("ends");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, it_can_be_cancelled, 0, WAITS);
    tcase_add_loop_test(tcase, it_times_out, 0, WAITS);
    tcase_add_loop_test(tcase, its_session_may_end, 0, WAITS);
    tcase_add_loop_test(tcase, its_space_may_be_removed, 0, WAITS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * `atomic` and `drained` that are looked up in pieces: what they find, what comes and goes meanwhile.
 */
#include "lookup_fixture.h"

/* Guards that get a tuple: the pattern [?, >=1]. */
static const char *const gets_one[] = {"in [?, >=1]", "hold [?, >=1]", "rd [?, >=1]"};
enum { GETS = sizeof gets_one / sizeof *gets_one };

static uint64_t atomic(const char *guards)
{
    return ask(TSD_OP_ATOMIC, guards);
}

static void finish(struct token token)
{
    settle_hold(TSD_OP_FINISH, token);
}

/* --- atomic: guards that get tuples --- */

START_TEST(a_guard_gets_the_oldest)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    put(2);
    const uint64_t asked = atomic(gets_one[_i]);
    const uint64_t other = ask_as(2, at_once(TSD_OP_RD), "[0, ?]");
    ck_assert(told[other].is && !told[asked].is);
    gets(asked, "1");
    ck_assert_uint_eq(told[asked].since, told[asked].at);
    ck_assert_uint_gt(told[asked].since, told[other].at);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
}
END_TEST

START_TEST(a_guard_gets_what_came_back)
{
    const struct token token = take(put(1));
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    const uint64_t asked = atomic(gets_one[_i]);
    tick();
    settle_hold(TSD_OP_RELEASE, token);
    gets(asked, "1");
}
END_TEST

START_TEST(a_guard_gets_what_has_priority)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    const uint64_t asked = atomic(gets_one[_i]);
    tick();
    put_at(2, 1);
    put_at(3, 2);
    gets(asked, "3");
}
END_TEST

/* The first guard has found one when the second is looked at. */
START_TEST(a_guard_does_not_get_what_is_gone)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    put_in_the_way("other", 2 * IN_THE_WAY);
    put_in_the_way("main", IN_THE_WAY);
    char guards[64];
    snprintf(guards, sizeof guards, "%s|absent other:[?, 3]", gets_one[_i]);
    const uint64_t asked = atomic(guards);
    for (int i = 0; i < 2 * PIECES; i++)
        tick();
    ck_assert(!told[asked].is);
    take(first);
    gets(asked, "2");
}
END_TEST

START_TEST(a_guard_for_which_nothing_is_there_fails)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(2);
    ends_as(atomic("rd [?, 1]|in [?, 2]|in [?, 3]"), TS_NOMATCH);
    is_there(id);
}
END_TEST

/* rule S22: the first guard has the best-placed that leaves the second one its own. */
START_TEST(guards_leave_each_other_theirs)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    put(2);
    put_in_the_way("main", IN_THE_WAY);
    gets(atomic("in [?, >=1]|in [?, 1]"), "2 1");
    put(1);
    put(2);
    put(3);
    gets(atomic("in [?, 2..3]|hold [?, 1..2]|rd [?, >=1]"), "2 1 1");
}
END_TEST

START_TEST(guards_do_not_share)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(1);
    ends_as(atomic("in [?, >=1]|hold [?, 1]"), TS_NOMATCH);
    is_there(id);
}
END_TEST

/* --- atomic: guards that get none --- */

START_TEST(absent_holds_when_all_is_known)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    gets(atomic("absent [?, 2]|rd [?, 1]"), "1");
}
END_TEST

START_TEST(absent_fails_by_what_is_there)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    ends_as(atomic("absent [?, 1]"), TS_NOMATCH);
}
END_TEST

START_TEST(absent_fails_by_what_came_meanwhile)
{
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    put_in_the_way("other", IN_THE_WAY);
    const uint64_t asked = atomic("absent [?, 1]|absent other:[?, 3]");
    for (int i = 0; i < PIECES; i++)
        tick();
    put_at(1, 1);
    ends_as(asked, TS_NOMATCH);
}
END_TEST

START_TEST(absent_holds_when_what_came_is_gone)
{
    put_in_the_way("main", IN_THE_WAY);
    put_in_the_way("other", IN_THE_WAY);
    const uint64_t asked = atomic("absent other:[?, 3]|absent [?, 1]");
    tick();
    finish(take(put_at(1, 1)));
    gets(asked, "");
}
END_TEST

/* rule S16: what is kept may come back. */
START_TEST(absent_fails_by_what_is_kept)
{
    take(put(1));
    put_in_the_way("main", IN_THE_WAY);
    ends_as(atomic("absent [?, 1]"), TS_NOMATCH);
}
END_TEST

/* --- atomic: one that waits --- */

START_TEST(an_atomic_waits_when_it_is_known_to_fail)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(TSD_OP_ATOMIC, gets_one[_i]);
    tick_on();
    ck_assert(!told[asked].is);
    put(1);
    gets(asked, "1");
}
END_TEST

/* Another guard has to be looked at anew: it is taken up anew when that is done. */
START_TEST(an_atomic_that_waits_looks_again)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    const uint64_t asked = wait_for(TSD_OP_ATOMIC, "in [?, 1]|in [?, 2]");
    tick_on();
    put(2);
    ck_assert(!told[asked].is);
    const uint64_t before = position;
    gets(asked, "1 2");
    ck_assert_uint_gt(told[asked].since, before);
}
END_TEST

START_TEST(an_atomic_that_looks_again_may_wait_on)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t first = put(1), asked = wait_for(TSD_OP_ATOMIC, "in [?, 1]|in [?, 2]");
    tick_on();
    put(2);
    const struct token token = take(first);
    tick_on();
    ck_assert(!told[asked].is && engine_waits(engine, 1, asked));
    settle_hold(TSD_OP_RELEASE, token);
    gets(asked, "1 2");
}
END_TEST

/* Its witness is gone: another one is found, then none. */
START_TEST(an_atomic_waits_for_absence)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t second = put(2);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(TSD_OP_ATOMIC, "absent [?, >=1]");
    tick_on();
    finish(take(second));
    tick_on();
    ck_assert(!told[asked].is);
    finish(take(first));
    ck_assert(!told[asked].is); /* nobody knows yet */
    gets(asked, "");
}
END_TEST

START_TEST(an_atomic_that_waits_for_absence_hears_of_what_comes)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t first = put(1), asked = wait_for(TSD_OP_ATOMIC, "absent [?, >=1]");
    tick_on();
    finish(take(first));
    tick();
    const uint64_t second = put_at(2, 1);
    tick_on();
    ck_assert(!told[asked].is);
    finish(take(second));
    gets(asked, "");
}
END_TEST

/* rule S30: when its turn has come in a line its guards are looked at anew, and it lines up anew. */
START_TEST(an_atomic_in_a_line_looks_again)
{
    static const uint8_t body[] = {
        0x93, TSD_STEP_OUT, 0xc0, 0x92, 0x92, TSD_TEMPLATE_VALUE, 1, 0x92, TSD_TEMPLATE_VALUE, 5};
    const uint64_t first = put(7), second = put(8), third = put(9);
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    request(2, &(struct request){.op = TSD_OP_SPACE,
                                 .space = span_of("main"),
                                 .has = TSD_HAS(CAPACITY),
                                 .capacity = IN_THE_WAY + 4});
    const uint64_t asked = ask_as(
        1,
        (struct request){
            .op = TSD_OP_ATOMIC, .body = {body, sizeof body}, .body_count = 1, .body_puts = 1},
        "rd [?, 1]");
    tick_on();
    put_in_the_way("main", 2);
    const uint64_t behind = number;
    ck_assert(!told[asked].is && !told[behind].is);
    finish(take(first)); /* room for one */
    tick_on();
    ck_assert(!told[asked].is && !told[behind].is);
    finish(take(second));
    tick_on();
    ck_assert(!told[asked].is && told[behind].is);
    finish(take(third));
    gets(asked, "1");
}
END_TEST

/* --- drained --- */

START_TEST(drained_is_told_when_all_is_known)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = _i ? ask(TSD_OP_DRAINED, "[?, 1]") : wait_for(TSD_OP_DRAINED, "[?, 1]");
    const uint64_t other = ask_as(2, at_once(TSD_OP_RD), "[0, ?]");
    ck_assert(told[other].is && !told[asked].is);
    gets(asked, "");
    ck_assert_uint_gt(told[asked].at, told[other].at);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
}
END_TEST

START_TEST(drained_finds_what_is_there)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    ends_as(ask(TSD_OP_DRAINED, "[?, 1]"), TS_NOMATCH);
}
END_TEST

START_TEST(drained_finds_what_is_kept)
{
    take(put(1));
    put_in_the_way("main", IN_THE_WAY);
    ends_as(ask(TSD_OP_DRAINED, "[?, 1]"), TS_NOMATCH);
}
END_TEST

START_TEST(drained_hears_of_what_comes)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask(TSD_OP_DRAINED, "[?, 1]");
    tick();
    put_at(1, 1);
    ends_as(asked, TS_NOMATCH);
}
END_TEST

START_TEST(drained_waits_for_what_came)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(TSD_OP_DRAINED, "[?, 1]");
    tick();
    const uint64_t id = put_at(1, 1);
    tick_on();
    ck_assert(!told[asked].is);
    finish(take(id));
    gets(asked, "");
}
END_TEST

START_TEST(drained_looks_for_another)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t second = put(1), asked = wait_for(TSD_OP_DRAINED, "[?, 1]");
    tick_on();
    for (int i = 0; i < 2; i++) {
        ck_assert(!told[asked].is);
        finish(take(i ? first : second));
        tick_on();
    }
    gets(asked, "");
}
END_TEST

/* What is behind when it is put is in front when it comes back: also of those that are kept. */
START_TEST(drained_hears_of_what_comes_back)
{
    const struct token token = take(put(1));
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(TSD_OP_DRAINED, "[?, 1]");
    for (int i = 0; i < 3; i++)
        tick();
    settle_hold(TSD_OP_RELEASE, token);
    tick_on();
    ck_assert(!told[asked].is);
}
END_TEST

/* Equal ones share what they look for. */
START_TEST(one_looks_on_when_the_other_is_cancelled)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t first = wait_for(TSD_OP_DRAINED, "[?, 1]");
    const uint64_t second = ask_as(2, (struct request){.op = TSD_OP_DRAINED}, "[?, 1]");
    tick();
    request(1, &(struct request){.op = TSD_OP_CANCEL, .target = first});
    ends_as(first, TS_CANCELLED);
    tick();
    gets(second, "");
}
END_TEST

int main(void)
{
    const TTest *const of_guards[] = {
        a_guard_gets_the_oldest,
        a_guard_gets_what_came_back,
        a_guard_gets_what_has_priority,
        a_guard_does_not_get_what_is_gone,
        an_atomic_waits_when_it_is_known_to_fail,
    };
    const TTest *const others[] = {
        a_guard_for_which_nothing_is_there_fails,
        guards_leave_each_other_theirs,
        guards_do_not_share,
        absent_holds_when_all_is_known,
        absent_fails_by_what_is_there,
        absent_fails_by_what_came_meanwhile,
        absent_holds_when_what_came_is_gone,
        absent_fails_by_what_is_kept,
        an_atomic_that_waits_looks_again,
        an_atomic_that_looks_again_may_wait_on,
        an_atomic_waits_for_absence,
        an_atomic_that_waits_for_absence_hears_of_what_comes,
        an_atomic_in_a_line_looks_again,
        drained_finds_what_is_there,
        drained_finds_what_is_kept,
        drained_hears_of_what_comes,
        drained_waits_for_what_came,
        drained_looks_for_another,
        drained_hears_of_what_comes_back,
        one_looks_on_when_the_other_is_cancelled,
    };
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("guards");
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < sizeof of_guards / sizeof *of_guards; i++)
        tcase_add_loop_test(tcase, of_guards[i], 0, GETS);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        tcase_add_test(tcase, others[i]);
    tcase_add_loop_test(tcase, drained_is_told_when_all_is_known, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * `in`, `rd` and `hold` that are looked up in pieces: what they find, what comes and goes meanwhile.
 */
#include "lookup_fixture.h"

static const enum tsd_operation takes[] = {TSD_OP_IN, TSD_OP_RD, TSD_OP_HOLD};
enum { TAKES = sizeof takes / sizeof *takes };

/* --- in, rd, hold --- */

START_TEST(the_oldest_is_found_at_last)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    put(2);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    ck_assert_int_eq(ticks(asked), PIECES);
    gets(asked, "1");
    ck_assert_uint_eq(told[asked].since, told[asked].at); /* rule S35: taken up when all is known */
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
}
END_TEST

/* What is asked meanwhile is answered meanwhile, and comes before it. */
START_TEST(nobody_waits_for_who_looks)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    while (!told[asked].is) {
        const uint64_t other = ask_as(2, at_once(TSD_OP_RD), "[0, ?]");
        ck_assert_int_eq(told[other].status, TS_OK);
        tick();
        ck_assert(!told[asked].is || told[asked].since > told[other].at);
    }
    ck_assert_int_eq(told[asked].status, TS_OK);
}
END_TEST

START_TEST(nothing_is_found_at_last)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    ck_assert_int_eq(ticks(asked), PIECES);
    ends_as(asked, TS_NOMATCH);
}
END_TEST

/* rule S10: what comes back is at its old place, where it was looked already. */
START_TEST(what_comes_back_is_found)
{
    const struct token token = take(put(1));
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    tick();
    settle_hold(TSD_OP_RELEASE, token);
    gets(asked, "1");
}
END_TEST

START_TEST(what_comes_with_priority_is_found)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    tick();
    put_at(2, 3);
    put_at(3, 7);
    put_at(4, 3);
    gets(asked, "3");
}
END_TEST

/* What comes before the place reached, and does not match, is no more than that. */
START_TEST(what_comes_and_does_not_match_is_not_found)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask(takes[_i], "[?, 2..3]");
    tick();
    put_at(1, 1);
    ends_as(asked, TS_NOMATCH);
}
END_TEST

/* One that comes behind is found there. */
START_TEST(what_is_put_behind_is_found)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask(takes[_i], "[?, >=1]");
    tick();
    put(1);
    gets(asked, "1");
}
END_TEST

/* It came before, and is gone when all is known. */
START_TEST(what_was_found_and_is_gone_is_not_given)
{
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, counted(takes[_i], 1, 5), "[?, >=1]");
    tick();
    const uint64_t first = put_at(1, 1);
    for (int i = 0; i < 5; i++)
        tick();
    ck_assert(!told[asked].is);
    take(first);
    gets(asked, "2");
}
END_TEST

/* Taken and given back it is there again: once. */
START_TEST(what_was_found_and_came_back_is_given_once)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, counted(takes[_i], 1, 5), "[?, >=1]");
    tick();
    settle_hold(TSD_OP_RELEASE, take(first));
    const struct token token = take(first);
    tick();
    settle_hold(TSD_OP_RELEASE, token);
    gets(asked, "1");
}
END_TEST

/* rule S17: as many as there are, in the order of place, and not more than asked for. */
START_TEST(a_count_gets_the_first_ones)
{
    for (uint8_t n = 1; n <= 4; n++) {
        put(n);
        put_in_the_way("main", IN_THE_WAY);
    }
    const uint64_t asked = ask_as(1, counted(takes[_i], 2, 3), "[?, >=1]");
    tick();
    put_at(9, 1);
    gets(asked, "9 1 2");
}
END_TEST

START_TEST(a_count_that_is_not_reached_is_no_match)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t second = put(2);
    struct request fields = counted(takes[_i], 3, 3);
    fields.has |= TSD_HAS(TIMEOUT);
    ends_as(ask_as(1, fields, "[?, >=1]"), TS_NOMATCH);
    is_there(first);
    is_there(second);
}
END_TEST

/* rule S18: over all alternatives the best-placed, whichever of them is looked through first. */
START_TEST(alternatives_are_all_looked_through)
{
    put_in_the_way("other", IN_THE_WAY);
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    gets(ask(takes[_i], "other:[?, >=1]|[?, >=1]"), "1");
    put_at(2, 1);
    put_in_the_way("main", IN_THE_WAY);
    put(3);
    gets(ask_as(1, counted(TSD_OP_RD, 1, 2), "other:[?, >=1]|[?, 3]|[?, >=2]"), "2 3");
}
END_TEST

/* The other one has come that far only when the next piece is done. */
START_TEST(an_alternative_that_is_behind_is_waited_for)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    put(2);
    gets(ask(takes[_i], "[?, 2]|[?, 1]"), "1");
}
END_TEST

START_TEST(a_tuple_of_two_alternatives_counts_once)
{
    put_in_the_way("main", IN_THE_WAY);
    put(1);
    struct request fields = counted(takes[_i], 2, 2);
    fields.has |= TSD_HAS(TIMEOUT);
    ends_as(ask_as(1, fields, "[?, >=1]|[?, 1..2]"), TS_NOMATCH);
}
END_TEST

/* A `hold` is what was asked for, also when it was looked up. */
START_TEST(a_hold_is_as_it_was_asked_for)
{
    const struct request fields = {
        .op = TSD_OP_HOLD, .has = TSD_HAS(HOLD_TIME) | TSD_HAS(TIMEOUT), .hold_us = 500};
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t id = put(1);
    gets(ask_as(1, fields, "[?, >=1]"), "1");
    now_us += 499;
    tick();
    ck_assert_uint_eq(engine_due(engine), 1000 * (now_us + 1));
    now_us++;
    tick();
    is_there(id);
}
END_TEST

/* --- One that waits --- */

/* Once all is known it waits as others do, from then on. */
START_TEST(it_waits_when_nothing_is_found)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(takes[_i], "[?, >=1]");
    tick_on();
    const uint64_t later = ask_as(2, (struct request){.op = takes[_i]}, "[1, >=1]");
    put(1);
    gets(asked, "1"); /* it was taken up first */
    ck_assert(told[later].is == (takes[_i] == TSD_OP_RD));
    ck_assert_uint_lt(told[asked].since, told[asked].at);
}
END_TEST

/* One that was asked for later, and did not have to be looked up, is the older one. */
START_TEST(it_is_as_old_as_it_was_taken_up)
{
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = wait_for(TSD_OP_IN, "[?, >=1]");
    tick();
    const uint64_t later = wait_for(TSD_OP_IN, "[1, >=1]");
    tick_on();
    put(1);
    ck_assert(told[later].is && !told[asked].is);
    put(2);
    ck_assert(told[asked].is && told[asked].since > told[later].since);
}
END_TEST

/* rule S17: a count that waits is served with the best-placed, which have to be looked for. */
START_TEST(a_count_that_waits_looks_again)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    const uint64_t asked = ask_as(1, counted(takes[_i], 3, 3), "[?, >=1]");
    tick_on();
    ck_assert(!told[asked].is);
    put(3);
    ck_assert(!told[asked].is); /* nobody else is to wait for that */
    const uint64_t before = position;
    gets(asked, "1 2 3");
    ck_assert_uint_gt(told[asked].since, before); /* taken up anew */
    if (takes[_i] == TSD_OP_RD)
        is_there(first);
}
END_TEST

/* Meanwhile one is gone, so that it waits on for the next. */
START_TEST(a_count_that_looks_again_may_wait_on)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t second = put(2), asked = ask_as(1, counted(takes[_i], 3, 3), "[?, >=1]");
    tick_on();
    put(3);
    take(second);
    tick_on();
    ck_assert(!told[asked].is && engine_waits(engine, 1, asked));
    put(4);
    gets(asked, "1 3 4");
}
END_TEST

START_TEST(a_count_that_looks_again_can_be_cancelled)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, counted(takes[_i], 2, 2), "[?, >=1]");
    tick_on();
    put(2);
    tick();
    request(1, &(struct request){.op = TSD_OP_CANCEL, .target = asked});
    ends_as(asked, TS_CANCELLED);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    is_there(first);
}
END_TEST

/* --- Indexes --- */

/*
 * One that comes meanwhile is used: it starts anew, and forgets what it had found. An index grows by
 * PIECE / 4 + 1 a step, when a quarter of the tuples has been walked past in vain.
 */
START_TEST(an_index_that_comes_is_used)
{
    enum { MANY = 40 * PIECE };
    teardown();
    start(&(struct engine_options){
        .key = {3, 4}, .piece = PIECE, .index = {.free = UINT32_MAX, .walk = 1}});
    put(1);
    put_in_the_way("main", MANY);
    put(1);
    gets(ask_as(2, counted(TSD_OP_RD, 1, 3), "[?, 1]"), "1 1");
    for (int i = 0; i < MANY / (PIECE / 4 + 1) - MANY / PIECE; i++)
        tick();
    const uint64_t asked = ask_as(1, counted(takes[_i], 2, 2), "[?, 1]");
    ck_assert(!told[asked].is);
    ck_assert_int_lt(ticks(asked), MANY / PIECE);
    gets(asked, "1 1");
}
END_TEST

int main(void)
{
    const TTest *const each[] = {
        the_oldest_is_found_at_last,
        nobody_waits_for_who_looks,
        nothing_is_found_at_last,
        what_comes_back_is_found,
        what_comes_with_priority_is_found,
        what_comes_and_does_not_match_is_not_found,
        what_is_put_behind_is_found,
        what_was_found_and_is_gone_is_not_given,
        what_was_found_and_came_back_is_given_once,
        a_count_gets_the_first_ones,
        a_count_that_is_not_reached_is_no_match,
        alternatives_are_all_looked_through,
        an_alternative_that_is_behind_is_waited_for,
        a_tuple_of_two_alternatives_counts_once,
        it_waits_when_nothing_is_found,
        a_count_that_waits_looks_again,
        a_count_that_looks_again_may_wait_on,
        a_count_that_looks_again_can_be_cancelled,
        an_index_that_comes_is_used,
    };
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("lookup");
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        tcase_add_loop_test(tcase, each[i], 0, TAKES);
    tcase_add_test(tcase, a_hold_is_as_it_was_asked_for);
    tcase_add_test(tcase, it_is_as_old_as_it_was_taken_up);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

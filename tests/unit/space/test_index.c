/* SPDX-License-Identifier: MIT */
/*
 * Indexes by hash and by order that are built in pieces, while tuples come and go before and behind
 * the place that they have reached.
 */
#include "lookup_fixture.h"

static const char *const patterns[] = {"[?, 7]", "[?, 7..8]"};
enum { PATTERNS = sizeof patterns / sizeof *patterns, MANY = 10 * PIECE };

static struct request up_to_three(uint32_t min)
{
    return (struct request){.op = TSD_OP_RD,
                            .has = TSD_HAS(TIMEOUT) | TSD_HAS(MIN) | TSD_HAS(MAX),
                            .min = min,
                            .max = 3};
}

static bool is_being_built(void)
{
    return engine_due(engine) <= 1000 * now_us;
}

/* Looks for more than there is, so that many are walked past, until an index has been begun. */
static void begin_to_build(const char *pattern)
{
    put_in_the_way("main", MANY);
    for (int i = 0; i < 10 && !is_being_built(); i++)
        ends_as(ask_as(1, up_to_three(3), pattern), TS_NOMATCH);
    ck_assert(is_being_built());
}

/* The index is there when long work is done: what it has is found at once. */
static void finds(const char *pattern, const char *text)
{
    tick_on();
    const uint64_t asked = ask_as(1, up_to_three(1), pattern);
    ck_assert(told[asked].is);
    ck_assert_int_eq(told[asked].status, *text ? TS_OK : TS_NOMATCH);
    ck_assert_str_eq(told[asked].text, text);
}

START_TEST(what_is_stored_is_in_it)
{
    put(7);
    begin_to_build(patterns[_i]);
    put_in_the_way("main", MANY);
    put(7);
    finds(patterns[_i], "7 7");
}
END_TEST

START_TEST(what_comes_before_the_place_is_in_it)
{
    begin_to_build(patterns[_i]);
    put_at(7, 1);
    finds(patterns[_i], "7");
}
END_TEST

START_TEST(what_comes_behind_the_place_is_in_it_once)
{
    begin_to_build(patterns[_i]);
    put(7);
    finds(patterns[_i], "7");
}
END_TEST

START_TEST(what_goes_before_the_place_is_not_in_it)
{
    const uint64_t first = put(7);
    begin_to_build(patterns[_i]);
    take(first);
    finds(patterns[_i], "");
}
END_TEST

START_TEST(what_goes_behind_the_place_is_not_in_it)
{
    begin_to_build(patterns[_i]);
    take(put(7));
    finds(patterns[_i], "");
}
END_TEST

START_TEST(what_comes_back_before_the_place_is_in_it_once)
{
    const uint64_t first = put(7);
    begin_to_build(patterns[_i]);
    settle_hold(TSD_OP_RELEASE, take(first));
    finds(patterns[_i], "7");
}
END_TEST

/* rule S3: whatever order they came in. */
START_TEST(what_it_has_comes_in_the_order_of_place)
{
    begin_to_build(patterns[_i]);
    tick_on();
    const uint64_t first = put(7);
    put_at(8, 1);
    put(7);
    put_at(7, 2);
    settle_hold(TSD_OP_RELEASE, take(first));
    finds(patterns[_i], _i ? "7 8 7" : "7 7 7");
}
END_TEST

START_TEST(what_goes_later_is_not_in_it)
{
    begin_to_build(patterns[_i]);
    const uint64_t first = put(7);
    put(7);
    finds(patterns[_i], "7 7");
    settle_hold(TSD_OP_FINISH, take(first));
    finds(patterns[_i], "7");
}
END_TEST

static void setup_indexes(void)
{
    start(&(struct engine_options){
        .key = {3, 4}, .piece = PIECE, .index = {.free = UINT32_MAX, .walk = 1}});
}

int main(void)
{
    const TTest *const each[] = {
        what_is_stored_is_in_it,
        what_comes_before_the_place_is_in_it,
        what_comes_behind_the_place_is_in_it_once,
        what_goes_before_the_place_is_not_in_it,
        what_goes_behind_the_place_is_not_in_it,
        what_comes_back_before_the_place_is_in_it_once,
        what_it_has_comes_in_the_order_of_place,
        what_goes_later_is_not_in_it,
    };
    Suite *suite = suite_create("space/index");
    TCase *tests = tcase_create("index");
    tcase_add_checked_fixture(tests, setup_indexes, teardown);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        tcase_add_loop_test(tests, each[i], 0, PATTERNS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

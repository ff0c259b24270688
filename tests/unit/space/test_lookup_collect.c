/* SPDX-License-Identifier: MIT */
/* `collect` and `copy` that are looked up in pieces: one unit, of the moment when all is known. */
#include "lookup_fixture.h"

static const enum tsd_operation moves[] = {TSD_OP_COLLECT, TSD_OP_COPY};
enum { MOVES = sizeof moves / sizeof *moves };

static struct request to_other(enum tsd_operation op)
{
    return (struct request){.op = op, .has = TSD_HAS(TO), .to = span_of("other")};
}

static void moves_so_many(uint64_t asked, uint64_t count)
{
    gets(asked, "");
    ck_assert_uint_eq(told[asked].value, count);
    ck_assert_uint_eq(told[asked].since, told[asked].at);
}

/* What is in a space now, as somebody else reads it; the walk is over, whatever it takes. */
static void has(const char *space, const char *text)
{
    char pattern[32];
    struct request fields = counted(TSD_OP_RD, 1, 20);
    fields.has |= TSD_HAS(TIMEOUT);
    snprintf(pattern, sizeof pattern, "%s[1, ?]", space);
    const uint64_t asked = ask_as(2, fields, pattern);
    ticks(asked);
    ck_assert_str_eq(told[asked].text, text);
}

START_TEST(all_that_match_are_moved_at_once)
{
    for (uint8_t n = 1; n <= 3; n++) {
        put(n);
        put_in_the_way("main", IN_THE_WAY);
    }
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    ck_assert(!told[asked].is);
    tick();
    has("other:", "");
    moves_so_many(asked, 3);
    has("other:", "1 2 3");
    has("", moves[_i] == TSD_OP_COLLECT ? "" : "1 2 3");
}
END_TEST

START_TEST(what_comes_meanwhile_is_moved_and_what_is_gone_is_not)
{
    const uint64_t first = put(1);
    put_in_the_way("main", IN_THE_WAY);
    put(2);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    for (int i = 0; i < PIECES + 1; i++)
        tick();
    put_at(3, 1);
    put(4);
    take(first);
    moves_so_many(asked, 3);
    has("other:", "3 2 4");
}
END_TEST

START_TEST(not_more_are_moved_than_asked_for)
{
    put_in_the_way("main", IN_THE_WAY);
    for (uint8_t n = 1; n <= 4; n++)
        put(n);
    struct request fields = to_other(moves[_i]);
    fields.has |= TSD_HAS(MAX);
    fields.min = 1;
    fields.max = 2;
    const uint64_t asked = ask_as(1, fields, "[?, >=1]");
    moves_so_many(asked, 2);
    ck_assert(told[asked].more);
    has("other:", "1 2");
}
END_TEST

/* It goes on behind those that it has copied. */
START_TEST(a_copy_goes_on)
{
    struct request fields = to_other(TSD_OP_COPY);
    fields.has |= TSD_HAS(MAX);
    fields.max = 1;
    for (uint8_t n = 1; n <= 3; n++) {
        put_in_the_way("main", IN_THE_WAY);
        put(n);
    }
    for (int i = 0; i < 3; i++) {
        const uint64_t asked = ask_as(1, fields, "[?, >=1]");
        moves_so_many(asked, 1);
        ck_assert(told[asked].more == (i < 2));
        fields.cursor = told[asked].next;
        fields.has |= TSD_HAS(CURSOR);
    }
    has("other:", "1 2 3");
}
END_TEST

/* rule S29: it does not wait for room, and is whole or not at all. */
START_TEST(room_is_looked_at_at_last)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    request(2, &(struct request){.op = TSD_OP_SPACE,
                                 .space = span_of("other"),
                                 .has = TSD_HAS(CAPACITY),
                                 .capacity = 1});
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    tick();
    put(2);
    ticks(asked);
    ck_assert_int_eq(told[asked].status, TS_FULL);
    has("other:", "");
    has("", "1 2");
}
END_TEST

START_TEST(it_can_be_cancelled)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    tick();
    const uint64_t cancel = request(1, &(struct request){.op = TSD_OP_CANCEL, .target = asked});
    ends_as(asked, TS_CANCELLED);
    ck_assert_int_eq(told[cancel].status, TS_OK);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    has("", "1");
}
END_TEST

START_TEST(its_session_may_end)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    ask_as(1, to_other(moves[_i]), "[?, >=1]");
    tick();
    ends(1);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    has("other:", "");
}
END_TEST

START_TEST(the_space_may_be_removed)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    tick();
    request(2, &(struct request){.op = TSD_OP_REMOVE,
                                 .space = span_of("main"),
                                 .has = TSD_HAS(FORCE),
                                 .force = true});
    ends_as(asked, TS_REMOVED);
}
END_TEST

/* It is made when it is needed. */
START_TEST(the_target_may_be_removed)
{
    put(1);
    put_in_the_way("main", IN_THE_WAY);
    put_in_the_way("other", 1);
    const uint64_t asked = ask_as(1, to_other(moves[_i]), "[?, >=1]");
    tick();
    request(2, &(struct request){.op = TSD_OP_REMOVE,
                                 .space = span_of("other"),
                                 .has = TSD_HAS(FORCE),
                                 .force = true});
    moves_so_many(asked, 1);
    has("other:", "1");
}
END_TEST

int main(void)
{
    const TTest *const each[] = {
        all_that_match_are_moved_at_once,
        what_comes_meanwhile_is_moved_and_what_is_gone_is_not,
        not_more_are_moved_than_asked_for,
        room_is_looked_at_at_last,
        it_can_be_cancelled,
        its_session_may_end,
        the_space_may_be_removed,
        the_target_may_be_removed,
    };
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("collect");
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        tcase_add_loop_test(tcase, each[i], 0, MOVES);
    tcase_add_test(tcase, a_copy_goes_on);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

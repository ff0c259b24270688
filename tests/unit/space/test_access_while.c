/* SPDX-License-Identifier: MIT */
/*
 * Rights that change while something is under way: requests that wait, that look on in pieces, wills,
 * dead letters (rules S31, S32).
 */
#include "unit/space/users_fixture.h"

enum { PIECE = 3, MANY = 20 };

static void share(const char *space)
{
    make(ADA, space, 0777);
    put(ADA, space, 1, 1);
}

static const char denied[] = "owner, group or mode was changed";

/* ---- Requests that wait ---- */

START_TEST(who_waits_with_a_right_that_is_taken_away_is_denied)
{
    share("s");
    put(BEN, "own", 1, 1);
    const uint64_t in = ask(BEN, waiting(TSD_OP_IN), "s", "[9]"),
                   either = ask(BEN, waiting(TSD_OP_IN), "own", "[9]|s:[9]"),
                   hold = ask(BEN, waiting(TSD_OP_HOLD), "s", "[9]"),
                   atomic = ask(BEN, waiting(TSD_OP_ATOMIC), "own", "rd [9]|in s:[9]"),
                   puts = atomic_to(BEN, waiting(TSD_OP_ATOMIC), "own", "in [9]", "s", 5),
                   rd = ask(BEN, waiting(TSD_OP_RD), "s", "[9]"),
                   drained = ask(BEN, waiting(TSD_OP_DRAINED), "s", "[1]"),
                   watch = ask(BEN, waiting(TSD_OP_WATCH), "s", "[9]"),
                   absent = ask(BEN, waiting(TSD_OP_ATOMIC), "own", "absent s:[1]"),
                   elsewhere = ask(BEN, waiting(TSD_OP_IN), "own", "[9]"),
                   others = ask(ROOT, waiting(TSD_OP_IN), "s", "[9]"),
                   own = ask(ADA, waiting(TSD_OP_IN), "s", "[9]");
    make(ADA, "s", 0706); /* others read and write */
    refused(in, TS_DENIED, denied);
    refused(either, TS_DENIED, denied);
    refused(hold, TS_DENIED, denied);
    refused(atomic, TS_DENIED, denied);
    ck_assert(waits(puts) && waits(rd) && waits(drained) && waits(watch) && waits(absent));
    make(ADA, "s", 0704);
    refused(puts, TS_DENIED, denied);
    ck_assert(waits(rd) && waits(drained) && waits(watch) && waits(absent));
    make(ADA, "s", 0700);
    refused(rd, TS_DENIED, denied);
    refused(drained, TS_DENIED, denied);
    refused(watch, TS_DENIED, denied);
    refused(absent, TS_DENIED, denied);
    put(ADA, "s", 9, 1);
    ck_assert(waits(elsewhere));
    gets(others, TS_OK);
    ck_assert(waits(own));
}
END_TEST

START_TEST(a_change_of_owner_or_group_denies_as_well)
{
    share("s");
    make(ADA, "s", 0770);
    request(ADA,
            &(struct request){
                .op = TSD_OP_SPACE, .space = span_of("s"), .has = TSD_HAS(GROUP), .group = SHARED});
    const uint64_t ben = ask(BEN, waiting(TSD_OP_IN), "s", "[9]"),
                   ada = ask(ADA, waiting(TSD_OP_IN), "s", "[9]");
    request(ADA,
            &(struct request){
                .op = TSD_OP_SPACE, .space = span_of("s"), .has = TSD_HAS(GROUP), .group = 101});
    refused(ben, TS_DENIED, denied);
    ck_assert(waits(ada));
    request(ROOT, &(struct request){.op = TSD_OP_SPACE,
                                    .space = span_of("s"),
                                    .has = TSD_HAS(OWNER) | TSD_HAS(MODE),
                                    .owner = 103,
                                    .mode = 0700});
    refused(ada, TS_DENIED, denied);
}
END_TEST

START_TEST(one_in_line_for_room_is_denied)
{
    request(ADA, &(struct request){.op = TSD_OP_SPACE,
                                   .space = span_of("s"),
                                   .has = TSD_HAS(CAPACITY) | TSD_HAS(MODE),
                                   .capacity = 1,
                                   .mode = 0777});
    put(ADA, "s", 1, 1);
    const uint64_t first = put(BEN, "s", 2, 1), second = put(ADA, "s", 3, 1);
    ck_assert(waits(first) && waits(second));
    make(ADA, "s", 0705);
    refused(first, TS_DENIED, denied);
    gets(ask(ADA, at_once(TSD_OP_IN), "s", "[1]"), TS_OK);
    acknowledge(ADA, 1);
    gets(second, TS_OK);
}
END_TEST

/* Its key would be known there. */
START_TEST(one_that_waits_with_a_key_in_the_space_is_denied)
{
    share("s");
    struct request keyed = waiting(TSD_OP_ATOMIC);
    keyed.has |= TSD_HAS(KEY) | TSD_HAS(WINDOW);
    keyed.key = span_of("k");
    keyed.window_us = 1000000;
    const uint64_t with = ask(BEN, keyed, "s", "in own:[9]"),
                   without = ask(BEN, waiting(TSD_OP_ATOMIC), "s", "in own:[9]");
    make(ADA, "s", 0702);
    ck_assert(waits(with) && waits(without));
    make(ADA, "s", 0705);
    refused(with, TS_DENIED, denied);
    ck_assert(waits(without));
}
END_TEST

/* ---- What is kept ---- */

START_TEST(what_is_held_may_still_be_finished_or_given_back)
{
    share("s");
    put(ADA, "s", 1, 3);
    struct token tokens[3];
    for (int i = 0; i < 3; i++) {
        ask(BEN, at_once(TSD_OP_HOLD), "s", "[1]");
        tokens[i] = w->told[w->number].token;
    }
    gets(ask(BEN, at_once(TSD_OP_IN), "s", "[1]"), TS_OK);
    make(ADA, "s", 0700);
    gets(with_token(BEN, (struct request){.op = TSD_OP_RENEW, .duration_us = 1000}, tokens[0], "",
                    0),
         TS_OK);
    gets(with_token(BEN, (struct request){.op = TSD_OP_FINISH}, tokens[0], "s", 0), TS_OK);
    refused(with_token(BEN, (struct request){.op = TSD_OP_FINISH}, tokens[1], "s", 1), TS_DENIED,
            "another's");
    gets(with_token(BEN, (struct request){.op = TSD_OP_RELEASE}, tokens[1], "", 0), TS_OK);
    ck_assert_uint_eq(counts(ADA, "s"), 1);
    ends(BEN, false); /* what else it has goes back */
    ck_assert_uint_eq(counts(ADA, "s"), 3);
}
END_TEST

/* ---- In pieces ---- */

static const struct {
    struct request fields;
    const char *parts;
} looks[] = {
    {{.op = TSD_OP_IN, .has = TSD_HAS(TIMEOUT)}, "[>=9]"},
    {{.op = TSD_OP_IN}, "[>=9]"},
    {{.op = TSD_OP_RD, .has = TSD_HAS(TIMEOUT)}, "s:[>=9]|own:[9]"},
    {{.op = TSD_OP_HOLD}, "[>=9]"},
    {{.op = TSD_OP_COUNT}, "[?]"},
    {{.op = TSD_OP_DRAINED, .has = TSD_HAS(TIMEOUT)}, "[>=9]"},
    {{.op = TSD_OP_ATOMIC, .has = TSD_HAS(TIMEOUT)}, "in [>=9]"},
    {{.op = TSD_OP_ATOMIC, .has = TSD_HAS(TIMEOUT)}, "absent [>=9]"},
    {{.op = TSD_OP_ATOMIC}, "absent own:[9]|hold [>=9]"},
    {{.op = TSD_OP_COLLECT}, "[>=9]"},
    {{.op = TSD_OP_COPY, .has = TSD_HAS(TO)}, "[>=9]"},
};
enum { LOOKS = sizeof looks / sizeof *looks };

static uint64_t look(int which, uint64_t session)
{
    struct request fields = looks[which].fields;
    if (fields.has & TSD_HAS(TO))
        fields.to = span_of("own");
    ask(session, fields, "s", looks[which].parts);
    ck_assert(waits(w->number));
    return w->number;
}

START_TEST(one_that_looks_on_is_denied)
{
    share("s");
    put(ADA, "s", 2, MANY);
    put(BEN, "own", 1, 1);
    const uint64_t asked = look(_i, BEN), admin = look(_i, ROOT);
    step(&(struct command){.kind = COMMAND_TICK});
    make(ADA, "s", 0700);
    refused(asked, TS_DENIED, denied);
    ck_assert(waits(admin));
    pass(0);
}
END_TEST

START_TEST(so_is_a_scan_of_what_is_away)
{
    share("s");
    put(ADA, "s", 2, MANY * 20);
    ask(ADA, (struct request){.op = TSD_OP_IN, .has = TSD_HAS(MAX), .min = 1, .max = MANY * 20},
        "s", "[?]");
    pass(0);
    const uint64_t scan =
        ask(BEN, (struct request){.op = TSD_OP_SCAN, .has = TSD_HAS(STATES), .states = true}, "s",
            "[?]");
    ck_assert(waits(scan));
    make(ADA, "s", 0700);
    refused(scan, TS_DENIED, denied);
}
END_TEST

/*
 * A space that runs empty while one looks on there is not there any more; when another makes it, this
 * one goes on as if it had stayed away: in the other world it does.
 */
START_TEST(one_that_looks_on_does_not_see_it_made_again)
{
    const char *told[2];
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        put(BEN, "own", 1, MANY);
        put(BEN, "s", 2, MANY);
        (void)said();
        look(_i, BEN);
        step(&(struct command){.kind = COMMAND_TICK});
        /* it waits, or goes on without those */
        const uint64_t all = ask(
            BEN_AGAIN,
            (struct request){
                .op = TSD_OP_IN, .has = TSD_HAS(MAX) | TSD_HAS(TIMEOUT), .max = MANY, .min = MANY},
            "s", "[2]");
        while (waits(all))
            step(&(struct command){.kind = COMMAND_TICK});
        acknowledge(BEN_AGAIN, 1);
        (void)said();
        put(ADA, i == 0 ? "s" : "t", 9, 1);
        if (w->told[w->number].status != TS_OK) { /* one that waits keeps it */
            ck_assert(!(looks[_i].fields.has & TSD_HAS(TIMEOUT)));
            return;
        }
        ask(BEN, waiting(TSD_OP_SPACES), "", "");
        pass(0);
        told[i] = said();
    }
    ck_assert_str_eq(told[0], told[1]);
}
END_TEST

/* So many that the expression below has used up its steps (rule P3). */
static void put_long_ones(uint64_t session, const char *space)
{
    static const uint8_t tuple[] = "\x91\xbd"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    struct buffer tuples = BUFFER_INIT;
    for (int i = 0; i < MANY; i++)
        buffer_append(&tuples, tuple, sizeof tuple - 1);
    gets(request(session, &(struct request){.op = TSD_OP_OUT,
                                            .space = span_of(space),
                                            .tuples = {tuples.bytes, (uint32_t)tuples.size},
                                            .tuple_count = MANY}),
         TS_OK);
    buffer_deinit(&tuples);
}

/* It looks where nothing is; another makes a space there, in one world, with what would match, or
 * would take all the steps that an expression has. */
START_TEST(one_that_looks_where_nothing_is_is_not_told_of_a_space_made)
{
    const char *told[2];
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        put(BEN, "own", 2, MANY);
        ask(BEN, at_once(TSD_OP_IN), "own", "[>=9]|s:[/^(a+)+$/]|s:[9]");
        for (int pieces = 0; pieces < 4; pieces++) /* it has looked at all parts once */
            step(&(struct command){.kind = COMMAND_TICK});
        ck_assert(waits(w->number));
        (void)said();
        const char *space = i == 0 ? "s" : "t";
        if (_i == 0)
            make(ADA, space, 0700);
        if (_i == 1)
            put_long_ones(ADA, space);
        put(ADA, space, 9, 1);
        ask(BEN, waiting(TSD_OP_SPACES), "", "");
        pass(0);
        told[i] = said();
    }
    ck_assert_str_eq(told[0], told[1]);
}
END_TEST

/* But one that may look there hears of it. */
START_TEST(one_that_may_look_finds_what_comes_meanwhile)
{
    put(BEN, "own", 2, MANY);
    const uint64_t asked = ask(BEN, at_once(TSD_OP_IN), "own", "[>=9]|s:[?]");
    ask(ROOT, at_once(TSD_OP_IN), "own",
        "[>=9]|s:[>=20]"); /* looks there, too: it makes it nobody's */
    put(BEN_AGAIN, "s", 9, 1);
    pass(0);
    gets(asked, TS_OK);
    ck_assert_str_eq(w->told[asked].text, "9");
}
END_TEST

START_TEST(a_space_that_is_only_looked_at_is_not_there_to_be_removed)
{
    make(ADA, "s", 0777);
    drop(ADA, "s", false);
    put(BEN, "own", 2, MANY);
    const uint64_t asked = ask(BEN, at_once(TSD_OP_IN), "own", "[>=9]|s:[?]");
    gets(request(BEN_AGAIN, &(struct request){.op = TSD_OP_REMOVE, .space = span_of("s")}),
         TS_NOMATCH);
    ck_assert(waits(asked));
    pass(0);
    gets(asked, TS_NOMATCH);
}
END_TEST

/* ---- Wills and dead letters (rule S32) ---- */

START_TEST(a_will_is_put_only_with_the_right_to)
{
    share("s");
    share("t");
    put_as(BEN, (struct request){.op = TSD_OP_WILL}, "s", 2, 3);
    put_as(BEN, (struct request){.op = TSD_OP_WILL}, "t", 3, 1);
    make(ADA, "s", 0705);
    ends(BEN, false);
    ck_assert_uint_eq(counts(ADA, "s"), 1);
    ck_assert_uint_eq(counts(ADA, "t"), 2); /* the other one is */
}
END_TEST

START_TEST(a_will_needs_no_space_that_is_there)
{
    put_as(BEN, (struct request){.op = TSD_OP_WILL}, "s", 2, 1);
    ends(BEN, false);
    ck_assert_uint_eq(counts(BEN_AGAIN, "s"), 1);
    gets(ask(ADA, at_once(TSD_OP_RD), "s", "[?]"), TS_NOMATCH);
}
END_TEST

/* Gives the tuple back once more than it may come back. */
static void return_once(uint64_t session)
{
    ask(session, at_once(TSD_OP_HOLD), "s", "[1]");
    with_token(session, (struct request){.op = TSD_OP_RELEASE}, w->told[w->number].token, "", 0);
    gets(w->number, TS_OK);
}

static void set_dead_letter(uint64_t session, const char *name)
{
    request(session,
            &(struct request){.op = TSD_OP_SPACE,
                              .space = span_of("s"),
                              .has = TSD_HAS(DEAD_LETTER) | TSD_HAS(MAX_RETURNS) | TSD_HAS(MODE),
                              .dead_letter = span_of(name),
                              .mode = 0777});
}

START_TEST(a_dead_letter_goes_where_whoever_set_it_may_write)
{
    share("s");
    share("dead");
    set_dead_letter(ADA, "dead");
    return_once(BEN); /* whoever gives it back */
    ck_assert_uint_eq(counts(ADA, "dead"), 2);
    ck_assert_uint_eq(counts(ADA, "s"), 0);
}
END_TEST

START_TEST(else_it_stays)
{
    share("s");
    make(BEN, "dead", 0777);
    set_dead_letter(ADA, "dead");
    gets(w->number, TS_OK);
    make(BEN, "dead", 0701);
    return_once(ADA);
    ck_assert_uint_eq(counts(ADA, "s"), 1);
    ck_assert_uint_eq(counts(BEN, "dead"), 0);
    make(BEN, "dead", 0702); /* again */
    return_once(ADA);
    ck_assert_uint_eq(counts(BEN, "dead"), 1);
}
END_TEST

/* One that is not there is made by, and is then of, whoever set it, who may have left long ago. */
START_TEST(a_dead_letter_space_is_made_for_whoever_set_it)
{
    share("s");
    set_dead_letter(ADA, "dead");
    ends(ADA, true);
    return_once(BEN);
    ck_assert_uint_eq(counts(ADA_AGAIN, "dead"), 1);
    gets(ask(BEN, at_once(TSD_OP_RD), "dead", "[?]"), TS_NOMATCH);
}
END_TEST

/* The references of those who set it go (the engine asserts it when it is freed). */
START_TEST(who_set_a_dead_letter_may_be_replaced)
{
    share("s");
    set_dead_letter(ADA, "one");
    set_dead_letter(ADA_AGAIN, "two");
    set_dead_letter(ROOT, "three");
    ends(ADA, true);
    ends(ROOT, true);
    return_once(BEN);
    comes(ROOT);
    ck_assert_uint_eq(counts(ROOT, "three"), 1);
    set_dead_letter(ADA_AGAIN, "");
    drop(ADA_AGAIN, "s", true);
}
END_TEST

static void setup_small_pieces(void)
{
    setup_pieces(PIECE);
}

static Suite *suite(void)
{
    Suite *suite = suite_create("access_while");
    TCase *tcase = tcase_create("waits");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, who_waits_with_a_right_that_is_taken_away_is_denied);
    tcase_add_test(tcase, a_change_of_owner_or_group_denies_as_well);
    tcase_add_test(tcase, one_in_line_for_room_is_denied);
    tcase_add_test(tcase, one_that_waits_with_a_key_in_the_space_is_denied);
    tcase_add_test(tcase, what_is_held_may_still_be_finished_or_given_back);
    tcase_add_test(tcase, a_will_is_put_only_with_the_right_to);
    tcase_add_test(tcase, a_will_needs_no_space_that_is_there);
    tcase_add_test(tcase, a_dead_letter_goes_where_whoever_set_it_may_write);
    tcase_add_test(tcase, else_it_stays);
    tcase_add_test(tcase, a_dead_letter_space_is_made_for_whoever_set_it);
    tcase_add_test(tcase, who_set_a_dead_letter_may_be_replaced);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("pieces");
    tcase_add_checked_fixture(tcase, setup_small_pieces, teardown);
    tcase_add_loop_test(tcase, one_that_looks_on_is_denied, 0, LOOKS);
    tcase_add_test(tcase, so_is_a_scan_of_what_is_away);
    tcase_add_loop_test(tcase, one_that_looks_on_does_not_see_it_made_again, 0, LOOKS);
    tcase_add_loop_test(tcase, one_that_looks_where_nothing_is_is_not_told_of_a_space_made, 0, 3);
    tcase_add_test(tcase, one_that_may_look_finds_what_comes_meanwhile);
    tcase_add_test(tcase, a_space_that_is_only_looked_at_is_not_there_to_be_removed);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

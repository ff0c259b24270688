/* SPDX-License-Identifier: MIT */
/*
 * A space that a user may not see, beside one that is not there (rule S31): in one world it is "hid",
 * in the other it is called otherwise, and all that is told of "hid" is compared byte for byte. What
 * makes a space is compared with a name that a rule forbids.
 */
#include "lib/tried.h"
#include "unit/space/users_fixture.h"

enum { IN_PIECES = 3, MANY = 20 };

static const char *const name_of[] = {"hid", "hie"};

/* ADA's space, with something in each state: stored, delayed, held, delivered. */
static void make_hidden(void)
{
    const char *name = name_of[w - worlds];
    put(ADA, name, 1, 5);
    put_as(
        ADA,
        (struct request){.op = TSD_OP_OUT, .has = TSD_HAS(DELAY), .putting = {.delay_us = 5000000}},
        name, 2, 1);
    ask(ADA, at_once(TSD_OP_HOLD), name, "[1]");
    ask(ADA, at_once(TSD_OP_IN), name, "[1]");
    gets(w->number, TS_OK);
    put(BEN, "own", 3, MANY);
    (void)said();
}

/* ---- What does not make a space ---- */

struct asked {
    const char *what;
    struct request fields;
    const char *space, *parts;
    const char *to; /* what the body of an atomic puts into; NULL: no body */
};

#define ONCE TSD_HAS(TIMEOUT)

static const struct asked unseen[] = {
    {"inp", {.op = TSD_OP_IN, .has = ONCE}, "hid", "[1]", NULL},
    {"rdp", {.op = TSD_OP_RD, .has = ONCE}, "hid", "[?]", NULL},
    {"rdp by id", {.op = TSD_OP_RD, .has = ONCE | TSD_HAS(ID), .id = 9}, "hid", "[?]", NULL},
    {"hold", {.op = TSD_OP_HOLD, .has = ONCE}, "hid", "[?]", NULL},
    {"alternatives", {.op = TSD_OP_IN, .has = ONCE}, "hid", "[1]|own:[>=4]", NULL},
    {"alternatives that match", {.op = TSD_OP_IN, .has = ONCE}, "hid", "[1]|own:[3]", NULL},
    {"the second hidden", {.op = TSD_OP_RD, .has = ONCE}, "own", "[>=4]|hid:[...]", NULL},
    {"count", {.op = TSD_OP_COUNT}, "hid", "[?]", NULL},
    {"count with states",
     {.op = TSD_OP_COUNT, .has = TSD_HAS(STATES), .states = true},
     "hid",
     "[?]",
     NULL},
    {"scan", {.op = TSD_OP_SCAN}, "hid", "[?]", NULL},
    {"scan with states",
     {.op = TSD_OP_SCAN, .has = TSD_HAS(STATES) | TSD_HAS(WHO), .states = true, .who = true},
     "hid",
     "[?]",
     NULL},
    {"drained at once", {.op = TSD_OP_DRAINED, .has = ONCE}, "hid", "[?]", NULL},
    {"drained", {.op = TSD_OP_DRAINED}, "hid", "[?]", NULL},
    {"explain", {.op = TSD_OP_EXPLAIN}, "hid", "[2]", NULL},
    {"collect", {.op = TSD_OP_COLLECT}, "hid", "[?]", NULL},
    {"collect to", {.op = TSD_OP_COLLECT, .has = TSD_HAS(TO)}, "hid", "[?]", NULL},
    {"copy", {.op = TSD_OP_COPY, .has = TSD_HAS(TO)}, "hid", "[?]", NULL},
    {"atomic", {.op = TSD_OP_ATOMIC, .has = ONCE}, "hid", "in [1]", NULL},
    {"atomic that holds", {.op = TSD_OP_ATOMIC, .has = ONCE}, "own", "hold hid:[1]|rd [3]", NULL},
    {"atomic, the second", {.op = TSD_OP_ATOMIC, .has = ONCE}, "own", "rd [>=3]|in hid:[1]", NULL},
    {"atomic, absent", {.op = TSD_OP_ATOMIC, .has = ONCE}, "hid", "absent [1]", NULL},
    {"atomic, absent, puts", {.op = TSD_OP_ATOMIC, .has = ONCE}, "hid", "absent [?]", "own"},
    {"atomic, only by default",
     {.op = TSD_OP_ATOMIC, .has = ONCE},
     "hid",
     "in own:[3]|absent own:[>=4]",
     "own"},
    {"stats", {.op = TSD_OP_STATS}, NULL, "", NULL},
    {"spaces", {.op = TSD_OP_SPACES}, NULL, "", NULL},
    {"space, existing",
     {.op = TSD_OP_SPACE, .has = TSD_HAS(EXISTING) | TSD_HAS(MODE), .existing = true, .mode = 0777},
     "hid",
     "",
     NULL},
    {"space, existing, to another",
     {.op = TSD_OP_SPACE, .has = TSD_HAS(EXISTING) | TSD_HAS(OWNER), .existing = true, .owner = 1},
     "hid",
     "",
     NULL},
    {"space, existing, with a dead letter",
     {.op = TSD_OP_SPACE, .has = TSD_HAS(EXISTING) | TSD_HAS(DEAD_LETTER), .existing = true},
     "hid",
     "",
     NULL},
    {"remove", {.op = TSD_OP_REMOVE}, "hid", "", NULL},
    {"remove by force",
     {.op = TSD_OP_REMOVE, .has = TSD_HAS(FORCE), .force = true},
     "hid",
     "",
     NULL},
};

static void do_ask(const struct asked *asked, uint64_t session)
{
    struct request fields = asked->fields;
    if (fields.has & TSD_HAS(TO))
        fields.to = span_of("mine");
    if (fields.has & TSD_HAS(DEAD_LETTER))
        fields.dead_letter = span_of("mine");
    if (asked->to)
        atomic_to(session, fields, asked->space, asked->parts, asked->to, 5);
    else
        ask(session, fields, asked->space ? asked->space : "", asked->parts);
}

/* What the asker can find out after it. */
static void look_round(uint64_t session)
{
    ask(session, waiting(TSD_OP_SPACES), "", "");
    ask(session, waiting(TSD_OP_STATS), "", "");
    ask(session, waiting(TSD_OP_COUNT), "own", "[...]");
}

static void compare(const char *what)
{
    const char *told[2];
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        told[i] = said();
    }
    ck_assert_msg(strcmp(told[0], told[1]) == 0, "%s:\n%s\n%s", what, told[0], told[1]);
    ck_assert(!strstr(told[1], name_of[1])); /* nor is the other one named */
}

static void compare_unseen(const struct asked *asked)
{
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        make_hidden();
        do_ask(asked, BEN);
        step(&(struct command){.kind = COMMAND_TICK});
        look_round(BEN);
        pass(0);
    }
    compare(asked->what);
}

START_TEST(what_does_not_make_a_space_finds_none)
{
    tried("what_does_not_make_a_space_finds_none", sizeof unseen / sizeof *unseen);
    setup();
    compare_unseen(&unseen[_i]);
}
END_TEST

START_TEST(nor_does_it_in_pieces)
{
    for (uint32_t piece = 1; piece < 8; piece++) {
        setup_pieces(piece);
        compare_unseen(&unseen[_i]);
        teardown();
    }
}
END_TEST

/* A rule that would let everybody in does not tell that the space, which lets nobody in, is there. */
START_TEST(nor_under_a_rule_that_would_let_one_in)
{
    const struct rule rule = {.name = {(const uint8_t *)"hi", 2},
                              .prefix = true,
                              .has_owner = true,
                              .owner = 101,
                              .has_mode = true,
                              .mode = _i % 2 ? 0722 : 0744};
    setup();
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        set(&(struct engine_settings){.rules = &rule, .rule_count = 1});
        make_hidden();
        make(ADA, name_of[i], 0700);
        (void)said();
        do_ask(&unseen[_i / 2], BEN);
        pass(0);
    }
    compare(unseen[_i / 2].what);
}
END_TEST

/* ---- What makes one ---- */

static const struct asked making[] = {
    {"in", {.op = TSD_OP_IN}, "hid", "[1]", NULL},
    {"in, timed", {.op = TSD_OP_IN, .has = ONCE, .timeout_us = 5}, "hid", "[1]", NULL},
    {"rd", {.op = TSD_OP_RD}, "hid", "[1]", NULL},
    {"hold", {.op = TSD_OP_HOLD}, "hid", "[1]", NULL},
    {"alternatives", {.op = TSD_OP_IN}, "own", "[3]|hid:[1]", NULL},
    {"watch", {.op = TSD_OP_WATCH}, "hid", "[?]", NULL},
    {"atomic", {.op = TSD_OP_ATOMIC}, "hid", "in [1]", NULL},
    {"atomic, absent", {.op = TSD_OP_ATOMIC}, "hid", "absent [7]", NULL},
    {"atomic, by default", {.op = TSD_OP_ATOMIC}, "hid", "in own:[9]", NULL},
    {"atomic, a step", {.op = TSD_OP_ATOMIC, .has = ONCE}, "own", "in [3]", "hid"},
    {"atomic, the second guard", {.op = TSD_OP_ATOMIC}, "own", "in [3]|rd hid:[1]", NULL},
    {"space", {.op = TSD_OP_SPACE}, "hid", "", NULL},
    {"space, mode", {.op = TSD_OP_SPACE, .has = TSD_HAS(MODE), .mode = 0777}, "hid", "", NULL},
    {"space, capacity",
     {.op = TSD_OP_SPACE, .has = TSD_HAS(CAPACITY), .capacity = 1},
     "hid",
     "",
     NULL},
};

static void do_making(int which)
{
    const int asked = (int)(sizeof making / sizeof *making);
    const struct request to = {.has = TSD_HAS(TO), .to = span_of("hid")};
    struct request fields = {.op = TSD_OP_OUT};
    switch (which - asked) {
    case 0:
        put(BEN, "hid", 1, 1);
        break;
    case 1:
        put_as(BEN, (struct request){.op = TSD_OP_WILL}, "hid", 1, 1);
        break;
    case 2:
        fields.has = TSD_HAS(KEY);
        fields.key = span_of("key");
        put_as(BEN, fields, "hid", 1, 1);
        break;
    case 3:
    case 4:
        fields = to;
        fields.op = which - asked == 3 ? TSD_OP_COLLECT : TSD_OP_COPY;
        ask(BEN, fields, "own", "[3]");
        break;
    case 5:
        request(BEN, &(struct request){.op = TSD_OP_SPACE,
                                       .space = span_of("mine"),
                                       .has = TSD_HAS(DEAD_LETTER),
                                       .dead_letter = span_of("hid")});
        break;
    case 6:
    case 7:
        ask(BEN, at_once(TSD_OP_HOLD), "own", "[3]");
        fields = (struct request){.op = TSD_OP_FINISH};
        if (which - asked == 7) {
            fields.has = TSD_HAS(KEY);
            fields.key = span_of("key");
        }
        with_token(BEN, fields, w->told[w->number].token, "hid", which - asked == 6);
        break;
    default:
        do_ask(&making[which], BEN);
    }
}
enum { MAKING = sizeof making / sizeof *making + 8 };

/* In the other world there is no such space, but a rule says that it would be ADA's. */
START_TEST(what_makes_one_is_refused_as_a_forbidden_name_is)
{
    const struct rule rule = {.name = {(const uint8_t *)"hid", 3}, .has_owner = true, .owner = 101};
    tried("what_makes_one_is_refused_as_a_forbidden_name_is", MAKING);
    setup();
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        if (i == 1)
            set(&(struct engine_settings){.rules = &rule, .rule_count = 1});
        else
            set(&(struct engine_settings){.rule_count = 0});
        make_hidden();
        do_making(_i);
        refused(w->number, TS_DENIED, "permission denied for space hid: it is, or would be");
        look_round(BEN);
        pass(0);
    }
    compare("making");
}
END_TEST

/* ---- One that does what it asks for in a space of its own, and names another beside it ---- */

START_TEST(a_hidden_alternative_does_not_hide_the_others)
{
    setup();
    in(&worlds[0]);
    make_hidden();
    gets(ask(BEN, at_once(TSD_OP_IN), "hid", "[1]|own:[3]"), TS_OK);
    ck_assert_str_eq(w->told[w->number].text, "3");
    gets(ask(BEN, at_once(TSD_OP_RD), "hid", "[1]"), TS_NOMATCH);
    ck_assert_uint_eq(counts(ADA, "hid"), 3);
}
END_TEST

/* ---- What one who may not look leaves behind ---- */

/* The one that looks on in pieces keeps neither the space nor its owner from anything. */
START_TEST(one_under_way_is_not_told_of_by_the_hidden_space)
{
    setup_pieces(IN_PIECES);
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        make_hidden();
        atomic_to(BEN, at_once(TSD_OP_ATOMIC), "hid", "absent own:[>=4]|absent hid:[1]", "own", 5);
        ck_assert(waits(w->number));
        ask(BEN, waiting(TSD_OP_SPACES), "", "");
        const char *before = said();
        drop(ADA, name_of[i], true);
        ck_assert(!strstr(before, "hi"));
        (void)said();
        pass(0);
    }
    compare("under way");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("access_hidden");
    TCase *tcase = tcase_create("hidden");
    const int many = sizeof unseen / sizeof *unseen;
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, what_does_not_make_a_space_finds_none, 0, many);
    tcase_add_loop_test(tcase, nor_does_it_in_pieces, 0, many);
    tcase_add_loop_test(tcase, nor_under_a_rule_that_would_let_one_in, 0, 2 * many);
    tcase_add_loop_test(tcase, what_makes_one_is_refused_as_a_forbidden_name_is, 0, MAKING);
    tcase_add_test(tcase, a_hidden_alternative_does_not_hide_the_others);
    tcase_add_test(tcase, one_under_way_is_not_told_of_by_the_hidden_space);
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

/* SPDX-License-Identifier: MIT */
/*
 * Rights: whose a space is, what its mode gives to whom, what administrators' rules change (rules S31,
 * S32).
 */
#include "space/access.h"
#include "space/owner.h"
#include "unit/space/users_fixture.h"

/* ---- Classes ---- */

static uint32_t groups[] = {7, 8};

static unsigned rights(uint32_t owner, uint32_t group, uint32_t mode, bool administrator,
                       uint32_t group_count)
{
    const struct access access = {.owner = owner, .group = group, .mode = mode};
    const struct owner who = {
        .user = 5, .administrator = administrator, .groups = groups, .group_count = group_count};
    return access_rights(&access, &who);
}

START_TEST(the_first_class_that_fits_counts)
{
    ck_assert_uint_eq(rights(5, 7, 0421, false, 2), RIGHT_READ);
    ck_assert_uint_eq(rights(6, 7, 0421, false, 2), RIGHT_WRITE);
    ck_assert_uint_eq(rights(6, 8, 0421, false, 2), RIGHT_WRITE); /* a further group */
    ck_assert_uint_eq(rights(6, 8, 0421, false, 1), RIGHT_TAKE);
    ck_assert_uint_eq(rights(6, 9, 0421, false, 2), RIGHT_TAKE);
    ck_assert_uint_eq(rights(6, 7, 0421, false, 0), RIGHT_TAKE);
    ck_assert_uint_eq(rights(5, 7, 0077, false, 2),
                      0); /* as of files: others' rights are no help */
    ck_assert_uint_eq(rights(6, 7, 0707, false, 2), 0);
    ck_assert_uint_eq(rights(6, 9, 0770, false, 2), 0);
}
END_TEST

START_TEST(administrators_may_do_everything)
{
    ck_assert_uint_eq(rights(6, 9, 0, true, 0), RIGHTS_ALL);
}
END_TEST

/* ---- Whose it is ---- */

/* The only row of the list, as the administrator sees it: "owner:group mode". */
static const char *access_told(void)
{
    static char text[64];
    (void)said();
    ask(ROOT, waiting(TSD_OP_SPACES), "", "");
    const char *row = strchr(strstr(said(), "/"), ' ');
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(row + 1, "\n"), row + 1);
    return text;
}

START_TEST(it_is_its_makers_own)
{
    put(ADA, "space", 1, 1);
    ck_assert_str_eq(access_told(), "101:101 700");
    drop(ADA, "space", true);
    put(NOBODY, "space", 1, 1); /* it has no group: that of none */
    ck_assert_str_eq(access_told(), "104:4294967295 700");
}
END_TEST

/* ---- Rules ---- */

static struct rule rule_for(const char *name, bool prefix, uint32_t mode)
{
    return (struct rule){.name = span_of(name), .prefix = prefix, .has_mode = true, .mode = mode};
}

static void set_rules(const struct rule *rules, uint32_t count)
{
    set(&(struct engine_settings){.rules = rules, .rule_count = count});
}

/* The mode that ADA's new space of the name has. */
static const char *mode_of(const char *name)
{
    static char mode[8];
    put(ADA, name, 1, 1);
    (void)snprintf(mode, sizeof mode, "%s", strrchr(access_told(), ' ') + 1);
    drop(ADA, name, true);
    return mode;
}

START_TEST(an_exact_name_counts_before_the_longest_prefix)
{
    const struct rule rules[] = {rule_for("", true, 0701),       rule_for("jobs", true, 0702),
                                 rule_for("jobs.", true, 0703),  rule_for("jobs.a", false, 0704),
                                 rule_for("jobs.a", true, 0705), rule_for("job", false, 0706)};
    set_rules(rules, 6);
    ck_assert_str_eq(mode_of("other"), "701");
    ck_assert_str_eq(mode_of("jobs"), "702");
    ck_assert_str_eq(mode_of("jobs-a"), "702");
    ck_assert_str_eq(mode_of("jobs."), "703");
    ck_assert_str_eq(mode_of("jobs.b"), "703");
    ck_assert_str_eq(mode_of("jobs.a"), "704");
    ck_assert_str_eq(mode_of("jobs.ab"), "705");
    ck_assert_str_eq(mode_of("job"), "706");
    ck_assert_str_eq(mode_of("jo"), "701");
    set_rules(NULL, 0);
    ck_assert_str_eq(mode_of("jobs"), "700");
}
END_TEST

START_TEST(what_a_rule_does_not_say_is_as_without_it)
{
    struct rule rule = {.name = span_of("s"), .has_owner = true, .owner = 102};
    set_rules(&rule, 1);
    put(BEN, "s", 1, 1);
    ck_assert_str_eq(access_told(), "102:102 700");
    drop(ROOT, "s", true);
    rule = (struct rule){.name = span_of("s"), .has_group = true, .group = 9};
    set_rules(&rule, 1);
    put(ADA, "s", 1, 1);
    ck_assert_str_eq(access_told(), "101:9 700");
}
END_TEST

/* A rule says what a space is when it is made; one that is there stays as it is. */
START_TEST(rules_hold_for_spaces_made_from_then_on)
{
    const struct rule rule = rule_for("s", false, 0777);
    put(ADA, "s", 1, 1);
    set_rules(&rule, 1);
    ck_assert_str_eq(access_told(), "101:101 700");
    gets(ask(ADA, at_once(TSD_OP_IN), "s", "[1]"), TS_OK);
    acknowledge(ADA, 1);
    put(ADA, "s", 1, 1); /* it was gone */
    ck_assert_str_eq(access_told(), "101:101 777");
}
END_TEST

START_TEST(a_rule_may_forbid)
{
    const struct rule rule = {
        .name = span_of("s"), .has_owner = true, .owner = 0, .has_mode = true, .mode = 0700};
    set_rules(&rule, 1);
    refused(put(ADA, "s", 1, 1), TS_DENIED, "permission denied for space s: it is, or would be");
    refused(make(ADA, "s", 0777), TS_DENIED, "it is, or would be, another's");
    gets(ask(ADA, at_once(TSD_OP_IN), "s", "[1]"), TS_NOMATCH);
    gets(put(ROOT, "s", 1, 1), TS_OK);
}
END_TEST

/* ---- Partial rights ---- */

static void denied(uint64_t number, const char *right)
{
    refused(number, TS_DENIED, right);
    ck_assert_msg(strstr(w->told[number].text, "for space s: its mode"), "%s",
                  w->told[number].text);
}

/* What needs read, write, take, with one of the others; in pairs of one that waits and one that does
 * not. */
START_TEST(one_who_has_some_right_is_told_which_is_missing)
{
    static const char take[] = "no right to take", read[] = "no right to read",
                      write[] = "no right to write";
    put(ADA, "s", 1, 2);
    put(BEN, "own", 3, 1);
    make(ADA, "s", 0704);
    denied(ask(BEN, at_once(TSD_OP_IN), "s", "[1]"), take);
    denied(ask(BEN, waiting(TSD_OP_IN), "s", "[9]"), take);
    denied(ask(BEN, waiting(TSD_OP_HOLD), "s", "[1]"), take);
    denied(ask(BEN, waiting(TSD_OP_IN), "own", "[9]|s:[1]"), take);
    denied(ask(BEN, waiting(TSD_OP_COLLECT), "s", "[1]"), take);
    denied(ask(BEN, at_once(TSD_OP_ATOMIC), "s", "in [1]"), take);
    denied(ask(BEN, waiting(TSD_OP_ATOMIC), "s", "rd [1]|hold [1]"), take);
    denied(put(BEN, "s", 1, 1), write);
    denied(put_as(BEN, (struct request){.op = TSD_OP_WILL}, "s", 1, 1), write);
    denied(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd [3]", "s", 1), write);
    denied(ask(BEN, (struct request){.op = TSD_OP_COPY, .has = TSD_HAS(TO), .to = span_of("s")},
               "own", "[3]"),
           write);
    gets(ask(BEN, waiting(TSD_OP_RD), "s", "[1]"), TS_OK);
    gets(ask(BEN, at_once(TSD_OP_ATOMIC), "s", "rd [1]|absent [2]"), TS_OK);
    make(ADA, "s", 0703);
    denied(ask(BEN, at_once(TSD_OP_RD), "s", "[1]"), read);
    denied(ask(BEN, waiting(TSD_OP_COUNT), "s", "[1]"), read);
    denied(ask(BEN, waiting(TSD_OP_SCAN), "s", "[1]"), read);
    denied(ask(BEN, waiting(TSD_OP_EXPLAIN), "s", "[1]"), read);
    denied(ask(BEN, at_once(TSD_OP_DRAINED), "s", "[1]"), read);
    denied(ask(BEN, waiting(TSD_OP_WATCH), "s", "[1]"), read);
    denied(ask(BEN, waiting(TSD_OP_ATOMIC), "s", "absent [1]"), read);
    denied(ask(BEN, (struct request){.op = TSD_OP_COPY, .has = TSD_HAS(TO), .to = span_of("own")},
               "s", "[3]"),
           read);
    gets(put(BEN, "s", 1, 1), TS_OK);
    gets(ask(BEN, waiting(TSD_OP_IN), "s", "[1]"), TS_OK);
}
END_TEST

/* The space by default of an atomic that waits is made, but need not be one of any right in it. */
START_TEST(an_atomic_needs_no_right_where_it_does_nothing)
{
    put(BEN, "own", 3, 1);
    make(ADA, "s", 0704);
    gets(ask(BEN, waiting(TSD_OP_ATOMIC), "s", "in own:[3]"), TS_OK);
    const uint64_t asked = ask(BEN, waiting(TSD_OP_ATOMIC), "s", "in own:[9]");
    ck_assert(waits(asked));
    make(ADA, "s", 0700); /* it is not asked for anything there */
    ck_assert(waits(asked));
}
END_TEST

/* ---- What only some may change ---- */

START_TEST(its_owner_sets_its_mode_and_one_of_his_groups)
{
    struct request fields = {.op = TSD_OP_SPACE, .space = span_of("s"), .has = TSD_HAS(GROUP)};
    make(ADA, "s", 0777);
    fields.group = SHARED;
    gets(request(ADA, &fields), TS_OK);
    ck_assert_str_eq(access_told(), "101:103 777");
    fields.group = 104;
    refused(request(ADA, &fields), TS_DENIED, "not a member of that group");
    refused(make(BEN, "s", 0700), TS_DENIED, "only its owner may do that");
    fields = (struct request){
        .op = TSD_OP_SPACE, .space = span_of("s"), .has = TSD_HAS(OWNER), .owner = 102};
    refused(request(ADA, &fields), TS_DENIED, "only an administrator");
    gets(request(ROOT, &fields), TS_OK);
    ck_assert_str_eq(access_told(), "102:103 777");
    fields.owner = 101;
    gets(request(ROOT, &fields), TS_OK);
}
END_TEST

START_TEST(only_its_owner_removes_it)
{
    struct request fields = {
        .op = TSD_OP_REMOVE, .space = span_of("s"), .has = TSD_HAS(FORCE), .force = true};
    put(ADA, "s", 1, 1);
    gets(request(BEN, &fields), TS_NOMATCH);
    make(ADA, "s", 0777);
    refused(request(BEN, &fields), TS_DENIED, "only its owner may do that");
    ck_assert_uint_eq(counts(ADA, "s"), 1);
    make(ADA, "s", 0);
    denied(ask(ADA, waiting(TSD_OP_COUNT), "s", "[?]"), "no right to read");
    gets(request(ADA, &fields), TS_OK); /* whatever its mode */
}
END_TEST

/* ---- A name again ---- */

START_TEST(a_space_that_ran_empty_is_the_next_makers)
{
    put(ADA, "s", 1, 1);
    gets(ask(ADA, at_once(TSD_OP_IN), "s", "[1]"), TS_OK);
    refused(put(BEN, "s", 2, 1), TS_DENIED, "another's"); /* a delivery is still there */
    acknowledge(ADA, 1);
    gets(put(BEN, "s", 2, 1), TS_OK);
    ck_assert_str_eq(access_told(), "102:102 700");
    gets(ask(ADA, at_once(TSD_OP_RD), "s", "[2]"), TS_NOMATCH);
}
END_TEST

START_TEST(a_key_keeps_it)
{
    const struct request keyed = {.op = TSD_OP_OUT,
                                  .has = TSD_HAS(KEY) | TSD_HAS(WINDOW),
                                  .key = span_of("k"),
                                  .window_us = 1000};
    put_as(ADA, keyed, "s", 1, 1);
    gets(ask(ADA, at_once(TSD_OP_IN), "s", "[1]"), TS_OK);
    acknowledge(ADA, 1);
    refused(put(BEN, "s", 2, 1), TS_DENIED, "another's");
    pass(1000);
    gets(put(BEN, "s", 2, 1), TS_OK);
    ck_assert_str_eq(access_told(), "102:102 700");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("access");
    TCase *tcase = tcase_create("access");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_first_class_that_fits_counts);
    tcase_add_test(tcase, administrators_may_do_everything);
    tcase_add_test(tcase, it_is_its_makers_own);
    tcase_add_test(tcase, an_exact_name_counts_before_the_longest_prefix);
    tcase_add_test(tcase, what_a_rule_does_not_say_is_as_without_it);
    tcase_add_test(tcase, rules_hold_for_spaces_made_from_then_on);
    tcase_add_test(tcase, a_rule_may_forbid);
    tcase_add_test(tcase, one_who_has_some_right_is_told_which_is_missing);
    tcase_add_test(tcase, an_atomic_needs_no_right_where_it_does_nothing);
    tcase_add_test(tcase, its_owner_sets_its_mode_and_one_of_his_groups);
    tcase_add_test(tcase, only_its_owner_removes_it);
    tcase_add_test(tcase, a_space_that_ran_empty_is_the_next_makers);
    tcase_add_test(tcase, a_key_keeps_it);
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

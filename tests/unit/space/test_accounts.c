/* SPDX-License-Identifier: MIT */
/*
 * Quotas: what each charges for, the last that fits and the first that does not, and all the ways in
 * which room comes back. That nothing stays charged is asserted when the engine is freed.
 */
#include "lib/tried.h"
#include "unit/space/users_fixture.h"

/* ---- What is charged, and refused ---- */

static const char *space_of(uint64_t session)
{
    return user_of(session) == user_of(BEN) ? "own" : "other";
}

/* Each asks for one more of what is charged, as BEN or another. */
static uint64_t one_more(enum quota quota, uint64_t session)
{
    const struct request keyed = {.op = TSD_OP_OUT, .has = TSD_HAS(KEY), .key = span_of("k")};
    struct request fields;
    char key[24];
    switch (quota) {
    case QUOTA_REQUESTS:
    case QUOTA_INTERESTS:
    case QUOTA_WAITING:
        return ask(session, waiting(TSD_OP_IN), space_of(session), "[9]");
    case QUOTA_WATCHES:
        return ask(session, waiting(TSD_OP_WATCH), space_of(session), "[9]");
    case QUOTA_KEYS:
        fields = keyed;
        (void)snprintf(key, sizeof key, "key%d", (int)w->number);
        fields.key = span_of(key);
        return put_as(session, fields, space_of(session), 1, 1);
    case QUOTA_WILLS:
        (void)snprintf(key, sizeof key, "will%d", (int)w->number);
        return put_as(session, (struct request){.op = TSD_OP_WILL}, key, 1, 1);
    case QUOTA_SPACES:
        (void)snprintf(key, sizeof key, "space%d", (int)w->number);
        return put(session, key, 1, 1);
    default:
        return put(session, space_of(session), 1, 1);
    }
}

static const char *const names[QUOTAS] = {
#define NAMED(NAME, limit, what) limit,
    ENGINE_QUOTAS(NAMED)
#undef NAMED
};

/* What one such costs. */
static uint64_t cost_of(enum quota quota)
{
    const uint64_t before = used(BEN, quota);
    one_more(quota, BEN);
    return used(BEN, quota) - before;
}

START_TEST(the_last_that_fits_is_done_and_one_more_is_refused)
{
    const enum quota quota = (enum quota)_i;
    char name[64];
    const uint64_t cost = cost_of(quota);
    tried("the_last_that_fits_is_done_and_one_more_is_refused", QUOTAS);
    ck_assert_uint_gt(cost, 0);
    (void)snprintf(name, sizeof name, "%s: user 102", names[quota]);
    limit(quota, 3 * cost);
    for (int i = 0; i < 2; i++) {
        one_more(quota, i ? BEN_AGAIN : BEN); /* its other sessions count as well */
        ck_assert(waits(w->number) || w->told[w->number].status == TS_OK);
    }
    ck_assert_uint_eq(used(BEN, quota), 3 * cost);
    for (int i = 0; i < 2; i++)
        refused(one_more(quota, BEN), TS_LIMIT, name);
    ck_assert_uint_eq(used(BEN, quota), 3 * cost);
    one_more(quota, ADA); /* another does not notice */
    ck_assert(waits(w->number) || w->told[w->number].status == TS_OK);
    limit(quota, 3 * cost - 1); /* lower than what is used: nothing is given back */
    ck_assert_uint_eq(used(BEN, quota), 3 * cost);
    refused(one_more(quota, BEN), TS_LIMIT, name);
    limit(quota, 4 * cost - 1); /* the next one does not fit as a whole */
    if (cost > 1)
        refused(one_more(quota, BEN), TS_LIMIT, name);
    limit(quota, 0);
    one_more(quota, BEN);
    ck_assert_uint_eq(used(BEN, quota), 4 * cost);
}
END_TEST

/* In one world it is refused for its quota, in the other one for something else: they are equal. */
START_TEST(what_is_refused_changes_nothing)
{
    const enum quota quota = (enum quota)_i;
    uint64_t hash[2];
    for (int i = 0; i < 2; i++) {
        in(&worlds[i]);
        limit(quota, cost_of(quota));
        if (i == 0)
            ck_assert_int_eq(w->told[one_more(quota, BEN)].status, TS_LIMIT);
        else
            request(BEN, &(struct request){.op = TSD_OP_PING});
        hash[i] = engine_state_hash(w->engine);
    }
    ck_assert_uint_eq(hash[0], hash[1]);
}
END_TEST

/* ---- Room comes back ---- */

enum { FULL = 4 };

/* BEN has all the tuples that he may have, in two spaces. */
static void fill(void)
{
    limit(QUOTA_TUPLES, FULL);
    make(BEN, "own", 0777);
    gets(put(BEN, "own", 1, FULL - 1), TS_OK);
    gets(
        put_as(BEN,
               (struct request){.op = TSD_OP_OUT, .has = TSD_HAS(TTL), .putting = {.ttl_us = 1000}},
               "brief", 1, 1),
        TS_OK);
    refused(put(BEN, "own", 2, 1), TS_LIMIT, "user-tuples: user 102 has 4 tuples");
}

static void has_room(uint64_t tuples)
{
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), FULL - tuples);
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 2 * (FULL - tuples));
    if (tuples > 0)
        gets(put(BEN, "own", 3, (uint32_t)tuples), TS_OK);
    refused(put(BEN, "own", 3, 1), TS_LIMIT, "user-tuples");
}

START_TEST(when_it_is_taken_and_acknowledged)
{
    fill();
    gets(ask(ADA, at_once(TSD_OP_IN), "own", "[1]"), TS_OK);
    has_room(0); /* not acknowledged: it may come back */
    acknowledge(ADA, 1);
    has_room(1);
}
END_TEST

START_TEST(when_it_is_finished_but_not_when_given_back)
{
    fill();
    ask(ADA, at_once(TSD_OP_HOLD), "own", "[1]");
    with_token(ADA, (struct request){.op = TSD_OP_RELEASE}, w->told[w->number].token, "", 0);
    has_room(0);
    ask(ADA, at_once(TSD_OP_HOLD), "own", "[1]");
    with_token(ADA, (struct request){.op = TSD_OP_FINISH}, w->told[w->number].token, "own", 0);
    has_room(1);
}
END_TEST

START_TEST(when_its_life_is_over)
{
    fill();
    pass(999);
    has_room(0);
    pass(1);
    has_room(1);
}
END_TEST

START_TEST(when_it_is_deleted_or_its_space_is_removed)
{
    fill();
    gets(ask(BEN, (struct request){.op = TSD_OP_COLLECT, .has = TSD_HAS(MAX), .min = 1, .max = 1},
             "own", "[1]"),
         TS_OK);
    has_room(1);
    drop(BEN, "brief", true);
    has_room(1);
    drop(BEN, "own", true);
    has_room(FULL);
}
END_TEST

START_TEST(when_what_it_is_bound_to_ends)
{
    limit(QUOTA_TUPLES, FULL);
    gets(put_as(
             BEN_AGAIN,
             (struct request){.op = TSD_OP_OUT, .has = TSD_HAS(BOUND), .putting = {.bound = true}},
             "own", 1, FULL),
         TS_OK);
    has_room(0);
    ends(BEN_AGAIN, true);
    has_room(FULL);
}
END_TEST

/* A pulse is there for no longer than its unit. */
START_TEST(at_once_where_it_is_a_pulse)
{
    const struct request pulse = {
        .op = TSD_OP_OUT, .has = TSD_HAS(PULSE), .putting = {.pulse = true}};
    limit(QUOTA_TUPLES, 1);
    for (int i = 0; i < 3; i++)
        gets(put_as(BEN, pulse, "own", 1, 1), TS_OK);
    refused(put_as(BEN, pulse, "own", 1, 2), TS_LIMIT, "user-tuples");
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 0);
}
END_TEST

/* Moved by another, it still is whose it was; a copy is the copier's. */
START_TEST(what_moves_stays_charged_and_copies_are_the_copiers)
{
    fill();
    gets(ask(ADA, (struct request){.op = TSD_OP_COLLECT, .has = TSD_HAS(TO), .to = span_of("a")},
             "own", "[1]"),
         TS_OK);
    has_room(0);
    ck_assert_uint_eq(used(ADA, QUOTA_TUPLES), 0);
    const struct request copy = {.op = TSD_OP_COPY, .has = TSD_HAS(TO), .to = span_of("b")};
    gets(ask(ADA, copy, "a", "[1]"), TS_OK);
    ck_assert_uint_eq(used(ADA, QUOTA_TUPLES), FULL - 1);
    refused(ask(ADA, copy, "a", "[1]"), TS_LIMIT, "user-tuples: user 101 has 3 tuples, and 3 more");
    ck_assert_uint_eq(counts(ADA, "b"), FULL - 1);
    drop(ADA, "b", true);
    ck_assert_uint_eq(used(ADA, QUOTA_TUPLES), 0);
    drop(ADA, "a", true);
    has_room(FULL - 1);
}
END_TEST

START_TEST(a_dead_letter_stays_charged)
{
    fill();
    request(BEN, &(struct request){.op = TSD_OP_SPACE,
                                   .space = span_of("own"),
                                   .has = TSD_HAS(DEAD_LETTER) | TSD_HAS(MAX_RETURNS),
                                   .dead_letter = span_of("dead")});
    ask(ADA, at_once(TSD_OP_HOLD), "own", "[1]");
    with_token(ADA, (struct request){.op = TSD_OP_RELEASE}, w->told[w->number].token, "", 0);
    ck_assert_uint_eq(counts(BEN, "dead"), 1);
    has_room(0);
    drop(BEN, "dead", true);
    has_room(1);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("accounts");
    TCase *tcase = tcase_create("accounts");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, the_last_that_fits_is_done_and_one_more_is_refused, 0, QUOTAS);
    tcase_add_loop_test(tcase, what_is_refused_changes_nothing, 0, QUOTAS);
    tcase_add_test(tcase, when_it_is_taken_and_acknowledged);
    tcase_add_test(tcase, when_it_is_finished_but_not_when_given_back);
    tcase_add_test(tcase, when_its_life_is_over);
    tcase_add_test(tcase, when_it_is_deleted_or_its_space_is_removed);
    tcase_add_test(tcase, when_what_it_is_bound_to_ends);
    tcase_add_test(tcase, at_once_where_it_is_a_pulse);
    tcase_add_test(tcase, what_moves_stays_charged_and_copies_are_the_copiers);
    tcase_add_test(tcase, a_dead_letter_stays_charged);
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

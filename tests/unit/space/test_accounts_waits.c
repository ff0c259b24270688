/* SPDX-License-Identifier: MIT */
/*
 * Quotas of what waits, of wills and of keys; limits below what is used.
 */
#include "unit/space/users_fixture.h"

enum { FULL = 4 };

/* ---- Requests that wait ---- */

/* Three ways in which they end, after which all that they were charged for is given back. */
START_TEST(a_request_gives_back_what_it_was_charged_for)
{
    const uint64_t served = ask(BEN, waiting(TSD_OP_RD), "own", "[1]"),
                   cancelled = ask(BEN, waiting(TSD_OP_IN), "own", "[2]");
    ask(BEN, (struct request){.op = TSD_OP_IN, .has = TSD_HAS(TIMEOUT), .timeout_us = 5}, "own",
        "[3]|own:[4]");
    ask(BEN, waiting(TSD_OP_WATCH), "own", "[5]");
    ask(BEN_AGAIN, waiting(TSD_OP_ATOMIC), "own", "in [6]|rd [7]");
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS), 5);
    ck_assert_uint_eq(used(BEN, QUOTA_INTERESTS), 7);
    ck_assert_uint_eq(used(BEN, QUOTA_WATCHES), 1);
    put(BEN, "own", 1, 1);
    gets(served, TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS), 4);
    request(BEN, &(struct request){.op = TSD_OP_CANCEL, .target = cancelled});
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS), 3);
    pass(5);
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS), 2);
    ck_assert_uint_eq(used(BEN, QUOTA_INTERESTS), 3);
    drop(BEN, "own", true);
    for (int quota = 0; quota < QUOTAS; quota++)
        ck_assert_uint_eq(used(BEN, (enum quota)quota), 0);
}
END_TEST

static void bound_space(const char *name)
{
    gets(request(BEN, &(struct request){.op = TSD_OP_SPACE,
                                        .space = span_of(name),
                                        .has = TSD_HAS(CAPACITY),
                                        .capacity = 1}),
         TS_OK);
    gets(put(BEN, name, 1, 1), TS_OK);
}

START_TEST(what_waits_to_put_is_charged_for_that)
{
    limit(QUOTA_TUPLES, 3);
    bound_space("own");
    const uint64_t first = put(BEN, "own", 2, 1), second = put(BEN, "own", 3, 1);
    ck_assert(waits(first) && waits(second));
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 3);
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 6);
    refused(put(BEN, "own", 4, 1), TS_LIMIT, "user-tuples");
    gets(ask(BEN, at_once(TSD_OP_IN), "own", "[1]"), TS_OK);
    acknowledge(BEN, 1);
    gets(first, TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 2);
    request(BEN, &(struct request){.op = TSD_OP_CANCEL, .target = second});
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 1);
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 2);
}
END_TEST

START_TEST(so_is_what_waits_to_finish)
{
    limit(QUOTA_TUPLES, 3);
    bound_space("own");
    put(BEN, "other", 1, 1);
    ask(BEN, at_once(TSD_OP_HOLD), "other", "[1]");
    const struct token token = w->told[w->number].token;
    const uint64_t finish = with_token(BEN, (struct request){.op = TSD_OP_FINISH}, token, "own", 1);
    ck_assert(waits(finish));
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 3);
    gets(ask(BEN, at_once(TSD_OP_IN), "own", "[1]"), TS_OK);
    acknowledge(BEN, 1);
    gets(finish, TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 1);
}
END_TEST

START_TEST(an_atomic_is_charged_for_its_body)
{
    limit(QUOTA_TUPLES, 1);
    const uint64_t waits_first =
        atomic_to(BEN, waiting(TSD_OP_ATOMIC), "own", "rd t:[1]", "own", 2);
    ck_assert(waits(waits_first));
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 1);
    refused(atomic_to(BEN, waiting(TSD_OP_ATOMIC), "own", "rd t:[1]", "own", 3), TS_LIMIT,
            "user-tuples");
    make(BEN, "t", 0777);
    put(ADA, "t", 1, 1);
    gets(waits_first, TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 1);
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 2);
    refused(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd t:[1]", "own", 3), TS_LIMIT,
            "user-tuples");
    gets(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd t:[7]", "own", 3), TS_LIMIT);
    gets(ask(BEN, at_once(TSD_OP_ATOMIC), "own", "in [2]"), TS_OK); /* it puts nothing */
}
END_TEST

/* ADA's tuple of 201 bytes; BEN's body names its field in a few. */
static void put_large(void)
{
    uint8_t tuple[201] = {0x91, 0xd9, 198};
    memset(tuple + 3, 'x', 198);
    make(BEN, "t", 0777);
    gets(request(ADA, &(struct request){.op = TSD_OP_OUT,
                                        .space = span_of("t"),
                                        .tuples = {tuple, sizeof tuple},
                                        .tuple_count = 1}),
         TS_OK);
}

START_TEST(fields_of_guards_count_too)
{
    put_large();
    limit(QUOTA_BYTES, 200);
    refused(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd t:[?]", "own", 0), TS_LIMIT,
            "user-bytes: user 102");
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 0);
    limit(QUOTA_BYTES, 201);
    gets(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd t:[?]", "own", 0), TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_BYTES), 201);
}
END_TEST

START_TEST(also_where_it_waited)
{
    put_large();
    for (int fits = 0; fits < 2; fits++) {
        limit(QUOTA_BYTES, 0);
        const uint64_t asked =
            atomic_to(BEN, waiting(TSD_OP_ATOMIC), "own", "rd t:[?]|in [1]", "own", 0);
        ck_assert(waits(asked));
        limit(QUOTA_BYTES, fits ? 203 : 202);
        gets(put(BEN, "own", 1, 1), TS_OK);
        gets(asked, fits ? TS_OK : TS_LIMIT);
        ck_assert_uint_eq(used(BEN, QUOTA_BYTES), fits ? 201 : 2);
        gets(ask(BEN, waiting(TSD_OP_COLLECT), "own", "[1]"), TS_OK);
    }
}
END_TEST

/* ---- Wills ---- */

static uint64_t will(uint64_t session, const char *space, uint32_t count)
{
    return put_as(session, (struct request){.op = TSD_OP_WILL}, space, 1, count);
}

START_TEST(a_will_is_charged_until_it_is_put_or_forgotten)
{
    limit(QUOTA_TUPLES, FULL);
    gets(will(BEN, "own", 3), TS_OK);
    refused(will(BEN, "other", 2), TS_LIMIT, "user-tuples");
    refused(put(BEN, "own", 1, 2), TS_LIMIT, "user-tuples");
    ck_assert_uint_eq(used(BEN, QUOTA_WILLS), 6);
    gets(will(BEN, "own", 0), TS_OK); /* taken back */
    ck_assert_uint_eq(used(BEN, QUOTA_WILLS) + used(BEN, QUOTA_TUPLES), 0);
    gets(will(BEN, "own", FULL), TS_OK);
    ends(BEN, true); /* a goodbye: it is not put */
    ck_assert_uint_eq(used(BEN_AGAIN, QUOTA_WILLS) + used(BEN_AGAIN, QUOTA_TUPLES), 0);
    gets(will(BEN_AGAIN, "own", FULL), TS_OK);
    ends(BEN_AGAIN, false);
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), FULL); /* the tuples are its, though it is gone */
    ck_assert_uint_eq(used(BEN, QUOTA_WILLS), 0);
    drop(ROOT, "own", true);
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), 0);
}
END_TEST

START_TEST(one_at_its_limit_may_be_replaced)
{
    limit(QUOTA_WILLS, 8);
    gets(will(BEN, "own", FULL), TS_OK);
    refused(will(BEN, "other", 1), TS_LIMIT, "user-will-bytes: user 102 has 8 bytes");
    gets(will(BEN, "own", FULL), TS_OK);
    refused(will(BEN, "own", FULL + 1), TS_LIMIT, "user-will-bytes");
    gets(will(BEN, "own", 1), TS_OK);
    gets(will(BEN, "other", FULL - 1), TS_OK);
    limit(QUOTA_WILLS, 4); /* less than it has */
    gets(will(BEN, "other", FULL - 1), TS_OK);
    refused(will(BEN, "other", FULL), TS_LIMIT, "user-will-bytes");
    gets(will(BEN, "other", 0), TS_OK);
    ck_assert_uint_eq(used(BEN, QUOTA_WILLS), 2);
}
END_TEST

/* It may not be put (rule S32), and so is nobody's. */
START_TEST(one_without_the_right_is_charged_no_more)
{
    make(ADA, "t", 0777);
    gets(will(BEN, "t", 2), TS_OK);
    make(ADA, "t", 0700);
    ends(BEN, false);
    for (int quota = 0; quota < QUOTAS; quota++)
        ck_assert_uint_eq(used(BEN, (enum quota)quota), 0);
}
END_TEST

/* ---- Keys ---- */

static uint64_t keyed(const char *key, uint32_t count)
{
    return put_as(BEN,
                  (struct request){.op = TSD_OP_OUT,
                                   .has = TSD_HAS(KEY) | TSD_HAS(WINDOW),
                                   .key = span_of(key),
                                   .window_us = 1000},
                  "own", 1, count);
}

START_TEST(a_key_is_charged_for_its_window)
{
    limit(QUOTA_KEYS, 1);
    gets(keyed("a", 1), TS_OK);
    refused(keyed("b", 1), TS_LIMIT, "user-keys: user 102 has 1 keys");
    pass(1000);
    gets(keyed("b", 1), TS_OK);
    drop(BEN, "own", true); /* keys outlive their space (rule S28) */
    refused(keyed("c", 1), TS_LIMIT, "user-keys");
}
END_TEST

/* rule S28: it is safe to repeat what has used up all that there was. */
START_TEST(what_is_repeated_is_not_refused)
{
    limit(QUOTA_TUPLES, 1);
    const uint64_t first = keyed("a", 1);
    gets(first, TS_OK);
    gets(keyed("a", 1), TS_OK);
    ck_assert_uint_eq(w->told[w->number].value, w->told[first].value);
    refused(keyed("b", 1), TS_LIMIT, "user-tuples");
    limit(QUOTA_KEYS, 1);
    gets(keyed("a", 1), TS_OK);
}
END_TEST

/* ---- Limits below what is used ---- */

START_TEST(nothing_that_needs_nothing_is_refused)
{
    gets(put(BEN, "own", 1, 4), TS_OK);
    ask(BEN, at_once(TSD_OP_HOLD), "own", "[1]");
    struct token token = w->told[w->number].token;
    struct engine_settings settings = {.quotas = {.all_bytes = 1}};
    for (int quota = 0; quota < QUOTAS; quota++)
        settings.quotas.user[quota] = quota == QUOTA_SPACES ? 0 : 1; /* a target is made */
    set(&settings);
    gets(with_token(BEN, (struct request){.op = TSD_OP_RENEW, .duration_us = 1000}, token, "", 0),
         TS_OK);
    gets(with_token(BEN, (struct request){.op = TSD_OP_RELEASE}, token, "", 0), TS_OK);
    ask(BEN, at_once(TSD_OP_HOLD), "own", "[1]");
    token = w->told[w->number].token;
    refused(with_token(BEN, (struct request){.op = TSD_OP_FINISH}, token, "own", 1), TS_LIMIT,
            "user-tuples");
    gets(with_token(BEN, (struct request){.op = TSD_OP_FINISH}, token, "own", 0), TS_OK);
    gets(ask(BEN, at_once(TSD_OP_IN), "own", "[1]"), TS_OK);
    gets(ask(BEN, at_once(TSD_OP_ATOMIC), "own", "in [1]"), TS_OK);
    gets(ask(BEN, (struct request){.op = TSD_OP_COLLECT, .has = TSD_HAS(TO), .to = span_of("b")},
             "own", "[1]"),
         TS_OK);
    gets(ask(BEN, (struct request){.op = TSD_OP_COPY, .has = TSD_HAS(TO), .to = span_of("c")},
             "own", "[1]"),
         TS_OK); /* there is none */
}
END_TEST

/* ---- All users together ---- */

START_TEST(the_last_eighth_is_roots)
{
    set(&(struct engine_settings){.quotas = {.all_bytes = 16}});
    gets(put(ADA, "a", 1, 3), TS_OK);
    gets(put(BEN, "b", 1, 4), TS_OK);
    refused(put(ADA, "a", 1, 1), TS_LIMIT, "all-bytes: the tuples of all users have 14 bytes");
    refused(put(BEN, "b", 1, 1), TS_LIMIT, "all-bytes");
    gets(put(ROOT, "r", 1, 1), TS_OK);
    refused(put(ROOT, "r", 1, 1), TS_LIMIT, "all-bytes");
    drop(ADA, "a", true);
    gets(put(BEN, "b", 1, 2), TS_OK);
    refused(put(BEN, "b", 1, 1), TS_LIMIT, "all-bytes");
}
END_TEST

/* ---- Looks in pieces ---- */

enum { PIECE = 3, MANY = 20 };
static void setup_small_pieces(void)
{
    setup_pieces(PIECE);
}

START_TEST(a_look_in_pieces_is_charged_while_it_goes_on)
{
    put(BEN, "own", 1, MANY);
    limit(QUOTA_REQUESTS, 2);
    const uint64_t count = ask(BEN, waiting(TSD_OP_COUNT), "own", "[?]"),
                   inp = ask(BEN, at_once(TSD_OP_IN), "own", "[>=9]");
    ck_assert(waits(count) && waits(inp));
    refused(ask(BEN, at_once(TSD_OP_RD), "own", "[>=9]"), TS_LIMIT, "user-requests");
    refused(ask(BEN, waiting(TSD_OP_COUNT), "own", "[?]"), TS_LIMIT, "user-requests");
    refused(ask(BEN, waiting(TSD_OP_COLLECT), "own", "[>=9]"), TS_LIMIT, "user-requests");
    refused(atomic_to(BEN, at_once(TSD_OP_ATOMIC), "own", "rd [>=9]", "own", 1), TS_LIMIT,
            "user-requests");
    pass(0);
    gets(count, TS_OK);
    gets(inp, TS_NOMATCH);
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS) + used(BEN, QUOTA_WAITING), 0);
    /* of a session that ends meanwhile */
    ask(BEN, waiting(TSD_OP_COUNT), "own", "[?]");
    ask(BEN, waiting(TSD_OP_COLLECT), "own", "[>=9]");
    ends(BEN, false);
    ck_assert_uint_eq(used(BEN, QUOTA_REQUESTS), 0);
}
END_TEST

START_TEST(a_copy_in_pieces_is_checked_when_it_is_made)
{
    put(BEN, "own", 1, MANY);
    put(BEN, "own", 9, 2);
    const struct request copy = {.op = TSD_OP_COPY, .has = TSD_HAS(TO), .to = span_of("b")};
    for (uint64_t room = 1; room <= 2; room++) {
        limit(QUOTA_TUPLES, MANY + 2 + room);
        const uint64_t asked = ask(BEN, copy, "own", "[>=9]");
        ck_assert(waits(asked));
        pass(0);
        gets(asked, room == 1 ? TS_LIMIT : TS_OK);
    }
    ck_assert_uint_eq(used(BEN, QUOTA_TUPLES), MANY + 4);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("accounts_waits");
    TCase *tcase = tcase_create("accounts_waits");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_request_gives_back_what_it_was_charged_for);
    tcase_add_test(tcase, what_waits_to_put_is_charged_for_that);
    tcase_add_test(tcase, so_is_what_waits_to_finish);
    tcase_add_test(tcase, an_atomic_is_charged_for_its_body);
    tcase_add_test(tcase, fields_of_guards_count_too);
    tcase_add_test(tcase, also_where_it_waited);
    tcase_add_test(tcase, a_will_is_charged_until_it_is_put_or_forgotten);
    tcase_add_test(tcase, one_at_its_limit_may_be_replaced);
    tcase_add_test(tcase, one_without_the_right_is_charged_no_more);
    tcase_add_test(tcase, a_key_is_charged_for_its_window);
    tcase_add_test(tcase, what_is_repeated_is_not_refused);
    tcase_add_test(tcase, nothing_that_needs_nothing_is_refused);
    tcase_add_test(tcase, the_last_eighth_is_roots);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("pieces");
    tcase_add_checked_fixture(tcase, setup_small_pieces, teardown);
    tcase_add_test(tcase, a_look_in_pieces_is_charged_while_it_goes_on);
    tcase_add_test(tcase, a_copy_in_pieces_is_checked_when_it_is_made);
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

/* SPDX-License-Identifier: MIT */
/*
 * A client's turn, and its end.
 */
#include "server/input.h"
#include "unit/server/served.h"

#define MANY 12000 /* tuples that a count goes past in several pieces */

static struct input input = {.handler = &handler, .limits = &limits};

static void put_many(void)
{
    static uint8_t tuples[MANY * 2];
    struct request request = {.number = 1,
                              .op = TSD_OP_OUT,
                              .space = {(const uint8_t *)"main", 4},
                              .tuples = {tuples, sizeof(tuples)},
                              .tuple_count = MANY};

    for (size_t i = 0; i < sizeof(tuples); i += 2) {
        tuples[i] = 0x91;
        tuples[i + 1] = 7;
    }
    request_encode(&request, &out);
    arrives(connection);
}

static void counts(struct connection *from, uint64_t number)
{
    static const uint8_t above_8[] = {0x91, 0x92, TSD_M_GT, 8};
    struct request request = {.number = number,
                              .op = TSD_OP_COUNT,
                              .space = {(const uint8_t *)"main", 4},
                              .alternative_count = 1};

    request.alternatives[0].pattern.bytes = above_8;
    request.alternatives[0].pattern.size = sizeof(above_8);
    request_encode(&request, &out);
    arrives(from);
    ck_assert(handler_works(&handler, from));
}

/* Its client has shut its direction, and that is noticed. */
static void shut(struct connection *at, int end)
{
    ck_assert_int_eq(shutdown(end, SHUT_WR), 0);
    input_read(&input, at);
    ck_assert(at->eof);
}

START_TEST(who_shuts_its_direction_has_ended)
{
    shut(connection, ends[1]);
    ck_assert_int_eq(connection->end, END_EOF);
}
END_TEST

START_TEST(its_own_count_is_answered_before_it_ends)
{
    put_many();
    counts(connection, 2);
    shut(connection, ends[1]);
    while (handler_works(&handler, connection)) {
        ck_assert_int_eq(connection->end, END_NOT);
        ck_assert(connection->in_backlog);
        handler_tick(&handler);
    }
    input_continue(&input, connection);
    ck_assert_int_eq(connection->end, END_EOF);
}
END_TEST

START_TEST(a_count_of_others_does_not_keep_it)
{
    struct connection *second;
    int pair[2];

    second = make(pair);
    says_hello(second);
    put_many();
    counts(connection, 2);
    shut(second, pair[1]);
    ck_assert_int_eq(second->end, END_EOF);
    ck_assert_int_eq(connection->end, END_NOT);
    drop(second, pair[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/input");
    TCase *tcase = tcase_create("input");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, who_shuts_its_direction_has_ended);
    tcase_add_test(tcase, its_own_count_is_answered_before_it_ends);
    tcase_add_test(tcase, a_count_of_others_does_not_keep_it);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

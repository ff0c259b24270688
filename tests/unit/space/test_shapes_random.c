/* SPDX-License-Identifier: MIT */
/*
 * Waiting requests by shape, against trying each of them: SHAPES_SEED chooses other runs.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shapes_fixture.h"
#include "space/match.h"

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

/* The first so many are in some order. */
enum { ORDERED = 15, VALUES = 22 };

static void some_value(char *text, size_t size, uint32_t bound)
{
    static const char *const values[VALUES] = {"0",
                                               "1",
                                               "1.0",
                                               "2",
                                               "-1",
                                               "0.5",
                                               "1e300",
                                               "9007199254740993",
                                               "\"\"",
                                               "\"a\"",
                                               "\"ab\"",
                                               "\"b\"",
                                               "b\"YQ==\"",
                                               "\"abcdefgh\"",
                                               "\"abcdefghi\"",
                                               "null",
                                               "true",
                                               "nan",
                                               "b\"YWI=\"",
                                               "[1]",
                                               "[\"a\"]",
                                               "{\"a\":1}"};
    (void)snprintf(text, size, "%s", values[random_below(bound)]);
}

static void some_matcher(char *text, size_t size)
{
    static const char *const fixed[] = {"?",
                                        "?int",
                                        "?str",
                                        "?num",
                                        "$\"b\"",
                                        "*\"a\"",
                                        "#1",
                                        "[?int]",
                                        "(1 | \"a\")",
                                        "!\"a\"",
                                        "!=1",
                                        "^\"a\"",
                                        "^\"\"",
                                        "^\"abcdefgh\"",
                                        "^b\"YQ==\"",
                                        "{\"a\": ?}",
                                        "(>=0 & <2)",
                                        "(^\"a\" & !\"ab\")",
                                        "0..1",
                                        "\"a\"..\"b\"",
                                        "1..0",
                                        ">=\"abcdefghi\"",
                                        "(>=0 & ^\"a\")",
                                        "(<0 | >1)"};
    static const char *const ops[] = {"<", "<=", ">", ">="};
    char value[40];
    switch (random_below(4)) {
    case 0:
        (void)snprintf(text, size, "%s", fixed[random_below(24)]);
        break;
    case 1:
        some_value(value, sizeof value, ORDERED);
        (void)snprintf(text, size, "%s%s", ops[random_below(4)], value);
        break;
    default:
        some_value(text, size, VALUES);
    }
}

static struct waiter *some_waiter(void)
{
    char text[300] = "[", matcher[60];
    const uint32_t fields = random_below(4);
    for (uint32_t i = 0; i < fields; i++) {
        some_matcher(matcher, sizeof matcher);
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? ", " : "",
                       matcher);
    }
    const bool rest = fields == 0 || random_below(4) == 0;
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s]",
                   !rest    ? ""
                   : fields ? ", ..."
                            : "...");
    struct waiter *waiter = waiter_new(text);
    if (join(waiter, (enum chain_queue)random_below(QUEUES)) < 0)
        ck_abort_msg("it does not join");
    return waiter;
}

/* Puts a random tuple; those that it concerns are those whose pattern matches. */
static uint32_t put_some(struct waiter *const *list, uint32_t count)
{
    char text[200] = "[", value[40];
    const uint32_t fields = 1 + random_below(3);
    uint32_t found, matching = 0;
    for (uint32_t i = 0; i < fields; i++) {
        some_value(value, sizeof value, VALUES);
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? ", " : "",
                       value);
    }
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "]");
    found = put(text, NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct match match = {0};
        const bool matches = match_tuple(&match, &list[i]->part.pattern, bytes.bytes);
        if (list[i]->found != matches)
            ck_abort_msg("%s: %s", text, matches ? "not found" : "found, and does not match");
        list[i]->found = false;
        matching += matches;
    }
    ck_assert_uint_eq(found, matching);
    return matching;
}

START_TEST(finds_those_whose_pattern_matches_and_no_others)
{
    enum { MOST = 500 };
    const char *seed = getenv("SHAPES_SEED");
    static struct waiter *list[MOST];
    uint32_t count = 0, matching = 0;
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)_i + 1;
    for (int round = 0; round < 120; round++) {
        const uint32_t wanted = random_below(round % 20 == 19 ? 3 : MOST);
        while (count < wanted)
            list[count++] = some_waiter();
        while (count > wanted) {
            const uint32_t gone = random_below(count);
            waiter_free(list[gone]);
            list[gone] = list[--count];
        }
        ck_assert_uint_eq(shapes_check(space), count);
        for (int i = 0; i < 10; i++)
            matching += put_some(list, count);
    }
    ck_assert_uint_gt(matching, 1000);
    all_leave(list, count);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shapes, at random");
    TCase *tcase = tcase_create("random");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, finds_those_whose_pattern_matches_and_no_others, 0, 6);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Clients that leave very much behind at once: bound tuples by the hundred thousand, holds, a last will
 * as large as may be. It is worked off in order, and others are served meanwhile.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "system/asking.h"

enum { UNIT = 16384, UNITS = 7 }; /* 114,688 tuples */

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
    wire_open(&wire, daemon_.socket);
}

static void teardown(void)
{
    wire_ping(&other, 1);
    wire_close(&other);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

/* A request with a unit of tuples, all [first]. */
static void ask_with_unit(struct wire *to, struct request *request, uint8_t first)
{
    static uint8_t tuples[UNIT][2];

    for (int i = 0; i < UNIT; i++)
        memcpy(tuples[i], (uint8_t[]){0x91, first}, 2);
    request->space = text_span("main");
    request->tuples = (struct span){tuples[0], sizeof tuples};
    request->tuple_count = UNIT;
    request_encode(request, &asked);
    wire_flush(to, &asked);
    wire_expect(to, request->number, TS_OK);
}

/* They are all there or gone. */
static void expect_count(const char *pattern, uint64_t count)
{
    ck_assert_uint_eq(wire_count(daemon_.socket, pattern), count);
}

/* Waits for a tuple of the will, which comes last, and is served while the others go. */
static void await_will(void)
{
    struct request rd = {.number = 2, .op = TSD_OP_RD};

    ask(&other, &rd, "[9]", NULL);
    for (uint64_t number = 3; number < 1000; number++)
        wire_add_plain(&asked, TSD_OP_PING, number, 0);
    wire_flush(&other, &asked);
    for (uint64_t number = 3; number < 1000;) {
        struct problem problem;
        struct frame frame;

        ck_assert(wire_read(&other, &frame));
        ck_assert_int_eq(reply_decode(&frame, &other.reply, &problem), 0);
        ck_assert_int_eq((int)other.reply.status, TS_OK);
        number += other.reply.number != 2;
        if (other.reply.number == 2)
            rd.number = 0;
    }
    if (rd.number)
        wire_expect(&other, 2, TS_OK);
}

START_TEST(bound_tuples_and_a_will_of_one_that_is_gone)
{
    struct request will = {.number = 1, .op = TSD_OP_WILL};

    ask_with_unit(&wire, &will, 9);
    for (uint64_t number = 2; number < 2 + UNITS; number++) {
        struct request bound = {.number = number, .op = TSD_OP_OUT, .has = TSD_HAS(BOUND)};

        bound.putting.has = TSD_HAS(BOUND);
        bound.putting.bound = true;
        ask_with_unit(&wire, &bound, 7);
    }
    expect_count("[7]", UNITS * UNIT);
    wire_close(&wire);
    await_will();
    expect_count("[7]", 0);
    expect_count("[9]", UNIT);
    tried("bound_tuples_and_a_will_of_one_that_is_gone", (UNITS + 1) * UNIT);
}
END_TEST

START_TEST(holds_and_a_will_of_one_that_is_gone)
{
    struct request will = {.number = 1, .op = TSD_OP_WILL};

    for (uint64_t number = 2; number < 2 + UNITS; number++) {
        struct request put = {.number = number, .op = TSD_OP_OUT};
        struct request hold = {.number = number,
                               .op = TSD_OP_HOLD,
                               .min = UNIT,
                               .max = UNIT,
                               .has = TSD_HAS(MIN) | TSD_HAS(MAX)};

        ask_with_unit(&other, &put, 7);
        ask(&wire, &hold, "[7]", NULL);
        wire_expect(&wire, number, TS_OK);
    }
    ask_with_unit(&wire, &will, 9);
    expect_count("[7]", 0);
    wire_close(&wire);
    await_will();
    expect_count("[7]", UNITS * UNIT);
    expect_count("[9]", UNIT);
    tried("holds_and_a_will_of_one_that_is_gone", (UNITS + 1) * UNIT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/leaving");
    TCase *tcase = tcase_create("leaving");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, bound_tuples_and_a_will_of_one_that_is_gone);
    tcase_add_test(tcase, holds_and_a_will_of_one_that_is_gone);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

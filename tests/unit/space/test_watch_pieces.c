/* SPDX-License-Identifier: MIT */
/*
 * What is put and taken while a watch tells what is stored, piece by piece (rule S19).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/stored.h"

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static struct buffer frame, told;
static uint64_t number;

static void step(const struct command *command)
{
    static const char *const names[] = {[TSD_EVENT_PUT] = "put",
                                        [TSD_EVENT_TAKEN] = "taken",
                                        [TSD_EVENT_RETURNED] = "returned",
                                        [TSD_EVENT_READY] = "ready"};
    engine_step(engine, 0, command, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        const struct effect *effect = &effects.list[i];
        char text[64] = "";
        if (effect->kind != EFFECT_EVENT)
            continue;
        if (effect->item_count > 0)
            snprintf(text, sizeof text, " %u",
                     effects.items[effect->items].tuple->bytes[1]); /* [N], N up to 127 */
        buffer_append(&told, names[effect->event], strlen(names[effect->event]));
        buffer_append(&told, text, strlen(text));
        buffer_append(&told, "; ", 2);
    }
    effects_clear(engine, &effects);
}

static void request(struct request fields)
{
    static struct request decoded;
    struct frame body;
    struct problem problem;
    size_t want;
    fields.number = ++number;
    fields.min = fields.max = 1;
    fields.space = (struct span){(const uint8_t *)"main", 4};
    fields.alternatives[0].space = fields.space;
    buffer_clear(&frame);
    request_encode(&fields, &frame);
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    step(&(struct command){.kind = COMMAND_REQUEST, .session = 1, .request = &decoded});
}

static void put(uint8_t value, int8_t priority)
{
    const uint8_t tuple[] = {0x91, value};
    request((struct request){.op = TSD_OP_OUT,
                             .has = TSD_HAS(PRIORITY),
                             .putting = {.has = TSD_HAS(PRIORITY), .priority = priority},
                             .tuples = {tuple, sizeof tuple},
                             .tuple_count = 1});
}

static void ask(enum tsd_operation op, const char *pattern)
{
    struct request fields = {
        .op = op, .alternative_count = 1, .has = TSD_HAS(TIMEOUT), .timeout_us = 0};
    struct buffer bytes = BUFFER_INIT;
    struct problem problem;
    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &bytes, &problem), 0);
    if (op == TSD_OP_WATCH) {
        fields.has = TSD_HAS(NOW);
        fields.now = true;
    }
    fields.alternatives[0].pattern.bytes = bytes.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)bytes.size;
    request(fields);
    buffer_deinit(&bytes);
}

static void tick(void)
{
    step(&(struct command){.kind = COMMAND_TICK});
}

static void expect(const char *events)
{
    ck_assert_msg(told.size == strlen(events) && memcmp(told.bytes, events, told.size) == 0,
                  "%.*s instead of %s", (int)told.size, (const char *)told.bytes, events);
    buffer_clear(&told);
}

/* Of [1] to [4] a piece is told: [1]. */
static void setup(void)
{
    engine = engine_new(&(struct engine_options){.key = {3, 4}, .piece = 1});
    step(&(struct command){.kind = COMMAND_COMES, .session = 1});
    for (uint8_t i = 1; i <= 4; i++)
        put(i, 0);
    ask(TSD_OP_WATCH, "[...]");
    expect("put 1; ");
}

/* Once ready is told, each change is. */
static void teardown(void)
{
    put(9, 0);
    expect("put 9; ");
    engine_check(engine);
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
    buffer_deinit(&frame);
    buffer_deinit(&told);
}

static void rest(void)
{
    for (int i = 0; i < 20 && engine_due(engine) != UINT64_MAX; i++)
        tick();
}

START_TEST(without_a_change_each_is_told_once)
{
    rest();
    expect("put 2; put 3; put 4; ready; ");
}
END_TEST

START_TEST(what_is_put_behind_is_told_once_when_it_is_reached)
{
    put(5, 0);
    expect("");
    rest();
    expect("put 2; put 3; put 4; put 5; ready; ");
}
END_TEST

START_TEST(what_is_put_before_is_told_at_once)
{
    put(5, 1);
    expect("put 5; ");
    rest();
    expect("put 2; put 3; put 4; ready; ");
}
END_TEST

START_TEST(what_was_told_and_is_taken_is_told_at_once)
{
    ask(TSD_OP_IN, "[1]");
    expect("taken 1; ");
    rest();
    expect("put 2; put 3; put 4; ready; ");
}
END_TEST

START_TEST(what_is_taken_before_it_is_reached_is_not_mentioned)
{
    ask(TSD_OP_IN, "[3]");
    expect("");
    rest();
    expect("put 2; put 4; ready; ");
}
END_TEST

START_TEST(what_came_and_went_before_it_was_reached_is_not_mentioned)
{
    put(5, 0);
    ask(TSD_OP_IN, "[5]");
    expect("");
    rest();
    expect("put 2; put 3; put 4; ready; ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch in pieces");
    TCase *tcase = tcase_create("watch in pieces");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_a_change_each_is_told_once);
    tcase_add_test(tcase, what_is_put_behind_is_told_once_when_it_is_reached);
    tcase_add_test(tcase, what_is_put_before_is_told_at_once);
    tcase_add_test(tcase, what_was_told_and_is_taken_is_told_at_once);
    tcase_add_test(tcase, what_is_taken_before_it_is_reached_is_not_mentioned);
    tcase_add_test(tcase, what_came_and_went_before_it_was_reached_is_not_mentioned);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

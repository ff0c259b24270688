/* SPDX-License-Identifier: MIT */
/*
 * What scenarios cannot show: pieces of long work, an answer's bytes, and running out of memory.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/stored.h"

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static struct buffer frame;
static uint64_t number;

static void start(uint32_t piece, uint32_t reply_bytes)
{
    engine = engine_new(
        &(struct engine_options){.key = {3, 4}, .piece = piece, .reply_bytes = reply_bytes});
    engine_step(engine, 0, &(struct command){.kind = COMMAND_COMES, .session = 1}, &effects);
}

static void stop(void)
{
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
    buffer_deinit(&frame);
}

/* Does the request, and leaves its effects to be looked at; returns the first one. */
static const struct effect *request(struct request *fields)
{
    static struct request decoded;
    struct frame body;
    struct problem problem;
    size_t want;
    fields->number = ++number;
    if (fields->min == 0)
        fields->min = fields->max = 1;
    fields->space = (struct span){(const uint8_t *)"main", 4};
    fields->alternatives[0].space = fields->space;
    buffer_clear(&frame);
    request_encode(fields, &frame);
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    effects_clear(engine, &effects);
    engine_step(engine, 0,
                &(struct command){
                    .kind = COMMAND_REQUEST, .session = 1, .ack = decoded.ack, .request = &decoded},
                &effects);
    return effects.count > 0 ? &effects.list[0] : NULL;
}

static struct buffer bytes;

static const struct effect *put(const char *tuple, uint32_t times)
{
    struct problem problem;
    buffer_clear(&bytes);
    for (uint32_t i = 0; i < times; i++)
        ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &bytes, &problem), 0);
    return request(&(struct request){
        .op = TSD_OP_OUT, .tuples = {bytes.bytes, (uint32_t)bytes.size}, .tuple_count = times});
}

static const struct effect *ask(enum tsd_operation op, const char *pattern, struct request fields)
{
    struct problem problem;
    buffer_clear(&bytes);
    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &bytes, &problem), 0);
    fields.op = op;
    fields.alternative_count = 1;
    fields.alternatives[0].pattern.bytes = bytes.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)bytes.size;
    return request(&fields);
}

static const struct effect *tick(void)
{
    effects_clear(engine, &effects);
    engine_step(engine, 0, &(struct command){.kind = COMMAND_TICK}, &effects);
    return effects.count > 0 ? &effects.list[0] : NULL;
}

/* rule S17: a count goes on in pieces; what is put and taken meanwhile may be counted or not. */
START_TEST(count_goes_on_in_pieces)
{
    start(100, 0);
    put("[\"t\", 1]", 1000);
    ck_assert_ptr_null(ask(TSD_OP_COUNT, "[\"t\", ?]", (struct request){0}));
    const uint64_t counting = number;
    ck_assert(engine_waits(engine, 1, counting));
    ck_assert_uint_eq(engine_due(engine), 0); /* at once */
    /* Others are served between the pieces. */
    ck_assert_int_eq(ask(TSD_OP_RD, "[\"t\", ?]", (struct request){0})->status, TS_OK);
    const struct effect *effect = NULL;
    int pieces = 1;
    for (; !effect; pieces++)
        effect = tick();
    ck_assert_int_ge(pieces, 10);
    ck_assert_uint_eq(effect->number, counting);
    ck_assert_uint_eq(effect->value, 1000);
    ck_assert_uint_gt(effect->at, effect->since); /* rule S35 */
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    engine_check(engine);
    stop();
}
END_TEST

START_TEST(count_in_pieces_can_be_cancelled)
{
    start(10, 0);
    put("[1]", 100);
    ck_assert_ptr_null(ask(TSD_OP_COUNT, "[...]", (struct request){0}));
    const struct effect *effect = request(&(struct request){.op = TSD_OP_CANCEL, .target = number});
    ck_assert_uint_eq(effects.count, 2);
    ck_assert_int_eq(effect[0].status, TS_CANCELLED);
    ck_assert_int_eq(effect[1].status, TS_OK);
    ck_assert_ptr_null(tick());
    engine_check(engine);
    stop();
}
END_TEST

START_TEST(session_may_end_while_it_counts)
{
    start(10, 0);
    put("[1]", 100);
    ck_assert_ptr_null(ask(TSD_OP_COUNT, "[...]", (struct request){0}));
    effects_clear(engine, &effects);
    engine_step(engine, 0, &(struct command){.kind = COMMAND_ENDS, .session = 1}, &effects);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    engine_check(engine);
    stop();
}
END_TEST

/* rule S17: a scan's answer ends after so many looked at, with a cursor, even with nothing in it. */
START_TEST(scan_goes_on_by_cursor)
{
    start(100, 0);
    put("[\"t\", 1]", 250);
    put("[\"t\", 2]", 1);
    struct request fields = {0};
    int pieces = 0;
    uint32_t found = 0;
    for (bool more = true; more; pieces++) {
        const struct effect *effect = ask(TSD_OP_SCAN, "[\"t\", 2]", fields);
        found += effect->item_count;
        more = effect->has_next;
        fields.has |= TSD_HAS(CURSOR);
        fields.cursor = effect->next;
    }
    ck_assert_uint_eq(found, 1);
    ck_assert_int_eq(pieces, 3);
    stop();
}
END_TEST

/* rule S17: as many as fit an answer, even where that is fewer than were waited for; one always. */
START_TEST(answer_is_bounded_in_bytes)
{
    start(0, 100);
    put("[\"0123456789012345678901234567890123456789\"]", 5);
    const struct effect *effect = ask(
        TSD_OP_RD, "[?]", (struct request){.has = TSD_HAS(MIN) | TSD_HAS(MAX), .min = 4, .max = 5});
    ck_assert_uint_eq(effect->item_count, 2);
    ck_assert(effect->more);
    put("[\"01234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789\", 1]",
        1);
    effect = ask(TSD_OP_RD, "[?, 1]", (struct request){.has = TSD_HAS(MAX), .min = 1, .max = 5});
    ck_assert_uint_eq(effect->item_count, 1);
    ck_assert(!effect->more);
    stop();
}
END_TEST

/* rule S36: what is refused for want of memory has changed nothing. */
START_TEST(out_without_memory_changes_nothing)
{
    start(0, 0);
    put("[\"warm\"]", 1);
    ask(TSD_OP_IN, "[\"x\", ?]", (struct request){0}); /* waits */
    int refused = 0;
    uint64_t stored = 0;
    for (size_t n = 1;; n++) {
        struct buffer many = BUFFER_INIT;
        struct problem problem;
        char text[64];
        for (int i = 0; i < 200; i++) {
            snprintf(text, sizeof text, "[%d, %zu, \"some bytes\"]", i, n);
            text_read_tuple(text, strlen(text), NULL, &many, &problem);
        }
        const uint64_t hash = engine_state_hash(engine);
        struct request fields = {
            .op = TSD_OP_OUT, .tuples = {many.bytes, (uint32_t)many.size}, .tuple_count = 200};
        fault_set(n);
        const struct effect *effect = request(&fields);
        const bool spent = !fault_pending();
        fault_set(0);
        buffer_deinit(&many);
        engine_check(engine);
        if (effect->status == TS_OK)
            stored += 200;
        if (effect->status == TS_OK && !spent)
            break;
        if (effect->status == TS_OK)
            continue; /* only growing a table failed, which is no failure */
        ck_assert_int_eq(effect->status, TS_NO_MEMORY);
        refused++;
        ck_assert_uint_ne(engine_state_hash(engine), hash); /* the position was given out */
        ck_assert_uint_eq(ask(TSD_OP_COUNT, "[...]", (struct request){0})->value, 1 + stored);
    }
    ck_assert_int_ge(refused, 3);
    ck_assert_uint_eq(ask(TSD_OP_COUNT, "[?, ?, ?]", (struct request){0})->value, stored);
    stop();
}
END_TEST

START_TEST(wait_without_memory_is_refused)
{
    start(0, 0);
    put("[\"warm\"]", 1);
    int refused = 0;
    for (size_t n = 1;; n++) {
        char pattern[64];
        snprintf(pattern, sizeof pattern, "[\"new\", %zu, ?, ...]", n);
        fault_set(n);
        const struct effect *effect = ask(TSD_OP_IN, pattern, (struct request){0});
        const bool spent = !fault_pending();
        fault_set(0);
        engine_check(engine);
        if (!effect && !spent)
            break;
        if (!effect)
            continue;
        ck_assert_int_eq(effect->status, TS_NO_MEMORY);
        ck_assert(!engine_waits(engine, 1, number));
        refused++;
    }
    ck_assert_int_gt(refused, 1);
    stop();
}
END_TEST

/* An atomic that waits for a tuple and puts two. */
static const struct effect *ask_atomic(void)
{
    static const char step[] = "[1, null, [[0, 1]], {}]";
    struct buffer body = BUFFER_INIT;
    struct problem problem;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(text_read_value(step, strlen(step), &body, &problem), 0);
    const struct effect *effect = ask(TSD_OP_ATOMIC, "[\"none\"]",
                                      (struct request){.guards = {{.kind = TSD_GUARD_RD}},
                                                       .body = {body.bytes, (uint32_t)body.size},
                                                       .body_count = 2});
    buffer_deinit(&body);
    return effect;
}

/* rule S30: one that never fits does not wait, be there memory to find that out or not. */
START_TEST(atomic_that_never_fits_does_not_wait_without_memory)
{
    int refused = 0;
    for (size_t n = 1;; n++) {
        start(0, 0);
        request(&(struct request){.op = TSD_OP_SPACE, .has = TSD_HAS(CAPACITY), .capacity = 1});
        fault_set(n);
        const struct effect *effect = ask_atomic();
        const bool spent = !fault_pending();
        fault_set(0);
        ck_assert(!engine_waits(engine, 1, number));
        ck_assert_ptr_nonnull(effect);
        ck_assert_int_eq(effect->status, spent ? TS_NO_MEMORY : TS_FULL);
        refused += spent;
        stop();
        if (!spent)
            break;
    }
    ck_assert_int_gt(refused, 0);
}
END_TEST

/* rule P3: an expression that several of a request's alternatives have is tried once a value. */
START_TEST(overrun_counts_once_a_value)
{
    static const char pattern[] = "[/^(a+)+$/]";
    struct request fields = {.has = TSD_HAS(ALTERNATIVES), .alternative_count = 8};
    struct problem problem;
    struct buffer alternatives = BUFFER_INIT;
    start(0, 0);
    text_read_pattern(pattern, strlen(pattern), NULL, &alternatives, &problem);
    for (int i = 0; i < 8; i++) {
        fields.alternatives[i].space = (struct span){(const uint8_t *)"main", 4};
        fields.alternatives[i].pattern.bytes = alternatives.bytes;
        fields.alternatives[i].pattern.size = (uint32_t)alternatives.size;
    }
    fields.op = TSD_OP_IN;
    ck_assert_ptr_null(request(&fields));
    const uint64_t waiting = number;
    for (int i = 1; i < LIMIT_REGEX_OVERRUNS; i++) {
        put("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"]", 1);
        ck_assert(engine_waits(engine, 1, waiting));
    }
    put("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"]", 1);
    ck_assert(!engine_waits(engine, 1, waiting));
    ck_assert_int_eq(effects.list[1].status, TS_LIMIT);
    buffer_deinit(&alternatives);
    stop();
}
END_TEST

/* What one tuple may have to be sent to one connection is bounded. */
START_TEST(waiting_requests_ask_for_so_many_at_most)
{
    const struct request many = {.has = TSD_HAS(MAX), .min = 1, .max = LIMIT_UNIT_TUPLES};
    start(0, 0);
    for (int i = 0; i < LIMIT_WAITING_TUPLES / LIMIT_UNIT_TUPLES; i++)
        ck_assert_ptr_null(ask(TSD_OP_RD, "[?]", many));
    ck_assert_int_eq(ask(TSD_OP_RD, "[?]", (struct request){0})->status, TS_LIMIT);
    const struct effect *effect =
        request(&(struct request){.op = TSD_OP_CANCEL, .target = number - 1});
    ck_assert_int_eq(effect[1].status, TS_OK);
    ck_assert_ptr_null(ask(TSD_OP_RD, "[?]", (struct request){0}));
    engine_check(engine);
    stop();
}
END_TEST

/* However many shapes wait at a length, each request is found. */
START_TEST(many_shapes_are_all_served)
{
    enum { SHAPES = 120 };
    start(0, 0);
    for (int i = 0; i < SHAPES; i++) {
        char pattern[64] = "[";
        for (int field = 0; field < 7; field++)
            strcat(pattern, i >> field & 1 ? "\"x\"," : "?,");
        pattern[strlen(pattern) - 1] = ']';
        ck_assert_ptr_null(ask(TSD_OP_RD, pattern, (struct request){0}));
    }
    engine_check(engine);
    put("[\"x\",\"y\",\"x\",\"x\",\"x\",\"x\",\"x\"]", 1); /* those without the second */
    ck_assert_uint_eq(effects.count, 1 + SHAPES / 2);
    put("[\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\"]", 1);
    ck_assert_uint_eq(effects.count, 1 + SHAPES / 2);
    ck_assert_uint_eq(engine_waiting(engine, 1), 0);
    engine_check(engine);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine");
    TCase *tcase = tcase_create("engine");
    tcase_add_test(tcase, count_goes_on_in_pieces);
    tcase_add_test(tcase, count_in_pieces_can_be_cancelled);
    tcase_add_test(tcase, session_may_end_while_it_counts);
    tcase_add_test(tcase, scan_goes_on_by_cursor);
    tcase_add_test(tcase, answer_is_bounded_in_bytes);
    tcase_add_test(tcase, out_without_memory_changes_nothing);
    tcase_add_test(tcase, wait_without_memory_is_refused);
    tcase_add_test(tcase, atomic_that_never_fits_does_not_wait_without_memory);
    tcase_add_test(tcase, overrun_counts_once_a_value);
    tcase_add_test(tcase, waiting_requests_ask_for_so_many_at_most);
    tcase_add_test(tcase, many_shapes_are_all_served);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

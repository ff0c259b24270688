/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "protocol/request.h"
#include "random_patterns.h"

static struct pattern_room room;
static struct problem problem;
static struct request request; /* as it came back */

static const char *const argument_letters[] = {
#define LETTERS(number, NAME, name, arguments, options, text) [number] = arguments,
    TSD_OPERATIONS(LETTERS)};
static const uint32_t option_sets[] = {
#define OPTIONS(number, NAME, name, arguments, options, text) [number] = options,
    TSD_OPERATIONS(OPTIONS)};

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static struct span random_span(struct random *random, bool pattern)
{
    static struct buffer kept[64]; /* as long as a request lives */
    static unsigned next;
    struct buffer *out = &kept[next++ % 64];
    struct source source = source_of(random);

    buffer_clear(out);
    if (pattern)
        put_random_pattern(out, &source);
    else
        put_random_tuple(out, &source, true);
    return (struct span){out->bytes, (uint32_t)out->size};
}

static void give_arguments(struct random *random, struct request *r)
{
    static struct buffer tuples;

    for (const char *letter = argument_letters[r->op]; *letter; letter++)
        switch ((enum tsd_argument) * letter) {
        case TSD_ARG_SPACE:
            r->space = text_span(random_below(random, 2) ? "main" : "\xc3\xa4/#");
            break;
        case TSD_ARG_NUMBER:
            r->target = random_next(random);
            break;
        case TSD_ARG_TUPLES:
            buffer_clear(&tuples);
            r->tuple_count = 1 + random_below(random, 20);
            for (uint32_t i = 0; i < r->tuple_count; i++) {
                struct span tuple = random_span(random, false);
                buffer_append(&tuples, tuple.bytes, tuple.size);
            }
            r->tuples = (struct span){tuples.bytes, (uint32_t)tuples.size};
            break;
        case TSD_ARG_PATTERN: {
            struct span pattern = random_span(random, true);
            r->alternatives[0].pattern.bytes = pattern.bytes;
            r->alternatives[0].pattern.size = pattern.size;
            r->alternative_count = 1;
            break;
        }
        }
}

static void give_options(struct random *random, struct request *r, uint32_t has)
{
    r->has = has;
    if (has & TSD_HAS(TIMEOUT))
        r->timeout_us = random_next(random) >> random_below(random, 64);
    if (has & TSD_HAS(MIN))
        r->min = r->max = 1 + random_below(random, 100);
    if (has & TSD_HAS(MAX))
        r->max = r->min + random_below(random, 100);
    if (has & TSD_HAS(ID))
        r->id = random_next(random);
    if (has & TSD_HAS(PRIORITY))
        r->priority = (int8_t)random_next(random);
    if (has & TSD_HAS(CURSOR))
        r->cursor = (struct place){(int8_t)random_next(random), random_next(random)};
    if (has & TSD_HAS(REVERSE))
        r->reverse = random_below(random, 2);
    if (has & TSD_HAS(AFTER))
        r->after = text_span(random_below(random, 2) ? "jobs" : "\xc3\xa9");
    if (has & TSD_HAS(ALTERNATIVES)) {
        r->alternative_count = 1 + random_below(random, LIMIT_ALTERNATIVES);
        for (uint32_t i = 1; i < r->alternative_count; i++) {
            struct span pattern = random_span(random, true);
            r->alternatives[i].space = text_span(i % 2 ? "other" : "main");
            r->alternatives[i].pattern.bytes = pattern.bytes;
            r->alternatives[i].pattern.size = pattern.size;
        }
    }
}

static void assert_same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    ck_assert_uint_eq(a_size, b_size);
    if (a_size > 0)
        ck_assert_mem_eq(a, b, a_size);
}

static void assert_same(const struct request *a, const struct request *b)
{
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_int_eq(a->op, b->op);
    ck_assert_uint_eq(a->ack, b->ack);
    ck_assert_uint_eq(a->has, b->has);
    assert_same_bytes(a->space.bytes, a->space.size, b->space.bytes, b->space.size);
    assert_same_bytes(a->tuples.bytes, a->tuples.size, b->tuples.bytes, b->tuples.size);
    ck_assert_uint_eq(a->tuple_count, b->tuple_count);
    ck_assert_uint_eq(a->target, b->target);
    ck_assert_uint_eq(a->alternative_count, b->alternative_count);
    for (uint32_t i = 0; i < a->alternative_count; i++) {
        const struct alternative *x = &a->alternatives[i], *y = &b->alternatives[i];
        if (i > 0)
            assert_same_bytes(x->space.bytes, x->space.size, y->space.bytes, y->space.size);
        assert_same_bytes(x->pattern.bytes, x->pattern.size, y->pattern.bytes, y->pattern.size);
    }
    ck_assert_uint_eq(a->timeout_us, b->timeout_us);
    ck_assert_uint_eq(a->min, b->min);
    ck_assert_uint_eq(a->max, b->max);
    ck_assert_uint_eq(a->id, b->id);
    ck_assert_int_eq(a->priority, b->priority);
    ck_assert_int_eq(a->cursor.priority, b->cursor.priority);
    ck_assert_uint_eq(a->cursor.id, b->cursor.id);
    ck_assert_int_eq(a->reverse, b->reverse);
    assert_same_bytes(a->after.bytes, a->after.size, b->after.bytes, b->after.size);
}

static void assert_comes_back(const struct request *sent)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    size_t want;

    request_encode(sent, &out);
    ck_assert_int_eq(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     (long)out.size);
    int error = request_decode(&frame, &room, &request, &problem);
    ck_assert_msg(!error, "%s: %s", operation_name(sent->op), problem.text);
    assert_same(sent, &request);
    buffer_deinit(&out);
}

static struct request request_of(struct random *random, enum tsd_operation op)
{
    struct request r = {.op = op, .min = 1, .max = 1};

    r.number = 1 + random_next(random) % UINT64_MAX;
    r.ack = random_next(random) >> random_below(random, 64);
    give_arguments(random, &r);
    return r;
}

START_TEST(each_operation_comes_back_with_all_its_options_and_none)
{
    struct random random = random_seeded("test_request");
    struct request r = request_of(&random, (enum tsd_operation)_i);

    assert_comes_back(&r);
    give_options(&random, &r, option_sets[_i]);
    assert_comes_back(&r);
    ck_assert_str_ne(operation_name(r.op), "unknown");
}
END_TEST

START_TEST(each_option_comes_back_alone)
{
    struct random random = random_seeded("test_request");

    for (unsigned key = 0; key < TSD_OPTION_END; key++)
        if (option_sets[_i] & 1u << key) {
            struct request r = request_of(&random, (enum tsd_operation)_i);
            give_options(&random, &r, 1u << key);
            assert_comes_back(&r);
        }
}
END_TEST

START_TEST(random_requests_come_back)
{
    struct random random = random_seeded("test_request");

    for (unsigned i = 0; i < 5000; i++) {
        enum tsd_operation op = 1 + random_below(&random, TSD_OP_END - 1);
        struct request r = request_of(&random, op);
        give_options(&random, &r, option_sets[op] & (uint32_t)random_next(&random));
        assert_comes_back(&r);
    }
}
END_TEST

START_TEST(an_operation_that_is_none_has_no_name)
{
    ck_assert_str_eq(operation_name((enum tsd_operation)0), "unknown");
    ck_assert_str_eq(operation_name(TSD_OP_END), "unknown");
    ck_assert_str_eq(operation_name(TSD_OP_ACK), "ack");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request_encode");
    TCase *tests = tcase_create("request_encode");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, each_operation_comes_back_with_all_its_options_and_none, 1,
                        TSD_OP_END);
    tcase_add_loop_test(tests, each_option_comes_back_alone, 1, TSD_OP_END);
    tcase_add_test(tests, random_requests_come_back);
    tcase_add_test(tests, an_operation_that_is_none_has_no_name);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

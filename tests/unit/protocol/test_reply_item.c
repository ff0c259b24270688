/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "protocol/reply.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "random_patterns.h"

static struct problem problem;
static struct buffer body, out;
static struct reply reply;

static bool span_is(const struct span *span, const char *bytes)
{
    return span->size == strlen(bytes) &&
           (span->size == 0 || memcmp(span->bytes, bytes, span->size) == 0);
}

static struct frame frame_of_text(const char *text)
{
    buffer_clear(&body);
    int error = text_read_value(text, strlen(text), &body, &problem);
    ck_assert_msg(!error, "%s: %s", text, problem.text);
    return (struct frame){body.bytes, body.size};
}

static int decode_text(const char *text)
{
    struct frame frame = frame_of_text(text);

    return reply_decode(&frame, &reply, &problem);
}

/* What was written to `out`, as text. */
static const char *written(void)
{
    static struct buffer text;
    struct frame frame;
    size_t want;

    ck_assert_int_eq(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     (long)out.size);
    buffer_clear(&text);
    text_write_value(frame.body, &text);
    buffer_append_byte(&text, 0);
    return (const char *)text.bytes;
}

/* Begins and ends an answer whose result is an array of `count`. */
static size_t begin(uint32_t count)
{
    buffer_clear(&out);
    size_t begun = frame_begin(&out);
    reply_begin(&out, 1, TS_OK, false);
    reply_array(&out, count);
    return begun;
}

static void end_and_decode(size_t begun)
{
    reply_end(&out, NULL);
    frame_end(&out, begun);
    struct frame frame = {out.bytes + FRAME_HEAD, out.size - FRAME_HEAD};
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
}

/* --- Items --------------------------------------------------------------------------------------- */

START_TEST(an_item_has_extras_only_where_it_says_so)
{
    struct item plain = {.id = 7, .tuple = {(const uint8_t *)"\x91\x01", 2}, .returns = 9};
    struct item full = {.id = 8,
                        .tuple = {(const uint8_t *)"\x91\xc0", 2},
                        .has = ITEM_HAS(RETURNS) | ITEM_HAS(OF) | ITEM_HAS(ITEM_PRIORITY),
                        .returns = 2,
                        .of = 3,
                        .priority = -4};
    size_t begun = frame_begin(&out);

    reply_begin(&out, 1, TS_OK, false);
    reply_array(&out, 2);
    reply_item(&out, &plain);
    reply_item_begin(&out, &full);
    buffer_append(&out, full.tuple.bytes, full.tuple.size);
    reply_item_end(&out, &full);
    reply_end(&out, NULL);
    frame_end(&out, begun);
    ck_assert_str_eq(written(), "[1,0,[[7,[1]],[8,[null],{1:2,2:3,3:-4}]]]");
}
END_TEST

START_TEST(a_token_is_16_bytes)
{
    struct item item = {.id = 8,
                        .tuple = {(const uint8_t *)"\x91\xc0", 2},
                        .has = ITEM_HAS(TOKEN),
                        .token = {false, 1, 2}};
    size_t begun = begin(1);

    reply_item(&out, &item);
    end_and_decode(begun);
    ck_assert_str_eq(written(), "[1,0,[[8,[null],{4:b\"AAAAAAAAAAEAAAAAAAAAAg==\"}]]]");
}
END_TEST

START_TEST(items_are_walked_over)
{
    const uint8_t *p = NULL;
    struct item item;

    ck_assert_int_eq(decode_text("[1, 0, [[7, [1, 2]], [8, [null], {2: 3, 3: -4}]]]"), 0);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.id, 7);
    ck_assert_uint_eq(item.has, 0);
    ck_assert(span_is(&item.tuple, "\x92\x01\x02"));
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.id, 8);
    ck_assert_uint_eq(item.has, ITEM_HAS(OF) | ITEM_HAS(ITEM_PRIORITY));
    ck_assert_uint_eq(item.of, 3);
    ck_assert_int_eq(item.priority, -4);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

START_TEST(no_items_are_no_items)
{
    const uint8_t *p = NULL;
    struct item item;

    ck_assert_int_eq(decode_text("[1, 0, []]"), 0);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

static const char *const bad_items[] = {
    "[1, 0, null]",
    "[1, 0, [1]]",
    "[1, 0, [[]]]",
    "[1, 0, [[1]]]",
    "[1, 0, [[-1, [1]]]]",
    "[1, 0, [[1, 1]]]",
    "[1, 0, [[1, []]]]",
    "[1, 0, [[1, [1], 1]]]",
    "[1, 0, [[1, [1], {}, 1]]]",
    "[1, 0, [[1, [1], {3: 128}]]]",
    "[1, 0, [[1, [1], {1: 4294967296}]]]",
    "[1, 0, [[1, [1], {\"a\": 1}]]]",
    "[1, 0, [[1, [1], {4: b\"AAAA\"}]]]",
    "[1, 0, [[1, [1], {4: 1}]]]",
    "[1, 0, [[1, [1], {5: -1}]]]",
    "[1, 0, [[1, [1], {9: 1}]]]",
    "[1, 0, [[1, [1], {10: -1}]]]",
    "[1, 0, [[1, [1], {11: 4294967296}]]]",
    "[1, 0, [[1, [1], {14: 4294967296}]]]",
    "[1, 0, [[1, [1], {15: 1}]]]",
};

START_TEST(what_is_no_item_is_malformed)
{
    const uint8_t *p = NULL;
    struct item item;

    ck_assert_int_eq(decode_text(bad_items[_i]), 0);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), -TS_PROTOCOL);
}
END_TEST

static void assert_same(const struct item *a, const struct item *b)
{
    ck_assert_uint_eq(a->id, b->id);
    ck_assert_uint_eq(a->tuple.size, b->tuple.size);
    if (a->tuple.size > 0)
        ck_assert_mem_eq(a->tuple.bytes, b->tuple.bytes, a->tuple.size);
    ck_assert_uint_eq(a->has, b->has);
    ck_assert_uint_eq(a->returns, b->returns);
    ck_assert_uint_eq(a->of, b->of);
    ck_assert_int_eq(a->priority, b->priority);
    ck_assert(!a->token.delivery && !b->token.delivery);
    ck_assert_uint_eq(a->token.number, b->token.number);
    ck_assert_uint_eq(a->token.secret, b->token.secret);
    ck_assert_uint_eq(a->reason, b->reason);
    ck_assert_uint_eq(a->exit_status, b->exit_status);
    ck_assert_uint_eq(a->uid, b->uid);
    ck_assert_uint_eq(a->pid, b->pid);
    ck_assert_uint_eq(a->program.size, b->program.size);
    if (a->program.size > 0)
        ck_assert_mem_eq(a->program.bytes, b->program.bytes, a->program.size);
    ck_assert_uint_eq(a->age_us, b->age_us);
    ck_assert_uint_eq(a->state, b->state);
    ck_assert_uint_eq(a->holder, b->holder);
    ck_assert_uint_eq(a->left_us, b->left_us);
    ck_assert_uint_eq(a->holder_pid, b->holder_pid);
    ck_assert_uint_eq(a->holder_program.size, b->holder_program.size);
    if (a->holder_program.size > 0)
        ck_assert_mem_eq(a->holder_program.bytes, b->holder_program.bytes, a->holder_program.size);
}

#define EACH_ITEM_EXTRA(number, ...) | 1u << (number)
enum { ALL_EXTRAS = 0 TSD_ITEM_EXTRAS(EACH_ITEM_EXTRA) };

/* A tuple with the extras that `has` says. */
static struct item random_item(struct random *random, struct buffer *tuple, uint32_t has)
{
    static const uint8_t program[300] = "a program's name";
    struct source source = source_of(random);
    struct item item = {.id = random_next(random), .has = has};
    const uint32_t few = (uint32_t)random_next(random) >> random_below(random, 32);
    const uint64_t many = random_next(random) >> random_below(random, 64);

    buffer_clear(tuple);
    put_random_tuple(tuple, &source, true);
    item.tuple = (struct span){tuple->bytes, (uint32_t)tuple->size};
    item.returns = has & ITEM_HAS(RETURNS) ? few : 0;
    item.of = has & ITEM_HAS(OF) ? few / 2 : 0;
    item.priority = has & ITEM_HAS(ITEM_PRIORITY) ? (int8_t)few : 0;
    item.token = has & ITEM_HAS(TOKEN) ? (struct token){false, many, ~many} : (struct token){0};
    item.reason = has & ITEM_HAS(REASON) ? few / 3 : 0;
    item.exit_status = has & ITEM_HAS(EXIT_STATUS) ? few / 4 : 0;
    item.uid = has & ITEM_HAS(UID) ? ~few : 0;
    item.pid = has & ITEM_HAS(PID) ? few / 5 : 0;
    if (has & ITEM_HAS(PROGRAM))
        item.program = (struct span){program, random_below(random, sizeof program)};
    item.age_us = has & ITEM_HAS(AGE) ? many : 0;
    item.state = has & ITEM_HAS(STATE) ? few / 6 : 0;
    item.holder = has & ITEM_HAS(HOLDER) ? many / 2 : 0;
    item.left_us = has & ITEM_HAS(LEFT) ? many / 3 : 0;
    item.holder_pid = has & ITEM_HAS(HOLDER_PID) ? few / 7 : 0;
    if (has & ITEM_HAS(HOLDER_PROGRAM))
        item.holder_program = (struct span){program + 2, random_below(random, sizeof program - 2)};
    return item;
}

START_TEST(each_extra_comes_back_alone)
{
    struct random random = random_seeded("test_reply_item");
    struct buffer tuple = BUFFER_INIT;
    const uint8_t *p = NULL;
    struct item read, item;

    if (!(ALL_EXTRAS & 1u << _i))
        return;
    item = random_item(&random, &tuple, 1u << _i);
    size_t begun = begin(1);
    reply_item(&out, &item);
    end_and_decode(begun);
    ck_assert_int_eq(reply_next_item(&reply, &p, &read), 1);
    assert_same(&item, &read);
    buffer_deinit(&tuple);
}
END_TEST

START_TEST(random_items_come_back)
{
    struct random random = random_seeded("test_reply_item");
    struct buffer tuples[8] = {0};
    struct item items[8], item;

    for (unsigned round = 0; round < 500; round++) {
        const uint8_t *p = NULL;
        uint32_t count = random_below(&random, 9);
        size_t begun = begin(count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t has = random_below(&random, 2) ? (uint32_t)random_next(&random) : 0;
            items[i] = random_item(&random, &tuples[i], has & ALL_EXTRAS);
            reply_item(&out, &items[i]);
        }
        end_and_decode(begun);
        for (uint32_t i = 0; i < count; i++) {
            ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
            assert_same(&items[i], &item);
        }
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
    }
    for (unsigned i = 0; i < 8; i++)
        buffer_deinit(&tuples[i]);
}
END_TEST

/* --- Events -------------------------------------------------------------------------------------- */

START_TEST(an_event_is_an_item_or_about_none)
{
    const struct event put = {
        TSD_EVENT_PUT, {.id = 7, .tuple = {(const uint8_t *)"\x91\x01", 2}}, false, 0};
    const struct event taken = {TSD_EVENT_TAKEN,
                                {.id = 7,
                                 .tuple = {(const uint8_t *)"\x91\x01", 2},
                                 .has = ITEM_HAS(RETURNS),
                                 .returns = 2},
                                true,
                                9};
    const struct event ready = {.kind = TSD_EVENT_READY, .has_at = true, .at = 3};
    size_t begun = begin(3);

    reply_event(&out, &put);
    reply_event_begin(&out, &taken);
    buffer_append(&out, taken.item.tuple.bytes, taken.item.tuple.size);
    reply_event_end(&out, &taken);
    reply_event(&out, &ready);
    end_and_decode(begun);
    ck_assert_str_eq(written(), "[1,0,[[1,7,[1]],[2,7,[1],{1:2,32:9}],[5]]]");
}
END_TEST

START_TEST(random_events_come_back)
{
    struct random random = random_seeded("test_reply_item");
    struct buffer tuple = BUFFER_INIT;

    for (unsigned round = 0; round < 1000; round++) {
        struct event event = {.kind = 1 + random_below(&random, TSD_EVENT_END - 1)}, read;
        const uint8_t *p = NULL;
        if (event.kind < TSD_EVENT_READY) {
            uint32_t has = random_below(&random, 2) ? (uint32_t)random_next(&random) : 0;
            event.item = random_item(&random, &tuple, has & ALL_EXTRAS);
            event.has_at = random_below(&random, 2);
            event.at = event.has_at ? random_next(&random) : 0;
        }
        size_t begun = begin(1);
        reply_event(&out, &event);
        end_and_decode(begun);
        ck_assert_int_eq(reply_next_event(&reply, &p, &read), 1);
        ck_assert_uint_eq(read.kind, event.kind);
        ck_assert_int_eq(read.has_at, event.has_at);
        ck_assert_uint_eq(read.at, event.at);
        assert_same(&event.item, &read.item);
        ck_assert_int_eq(reply_next_event(&reply, &p, &read), 0);
    }
    buffer_deinit(&tuple);
}
END_TEST

static const char *const bad_events[] = {
    "[1, 0, null]",
    "[1, 0, [1]]",
    "[1, 0, [[]]]",
    "[1, 0, [[\"put\"]]]",
    "[1, 0, [[4294967296]]]",
    "[1, 0, [[1, 2]]]",
    "[1, 0, [[1, [1], 2]]]",
    "[1, 0, [[1, 2, []]]]",
    "[1, 0, [[1, 2, [1], 1]]]",
    "[1, 0, [[1, 2, [1], {}, 1]]]",
    "[1, 0, [[1, 2, [1], {32: -1}]]]",
    "[1, 0, [[1, 2, [1], {3: 128}]]]",
};

START_TEST(what_is_no_event_is_malformed)
{
    const uint8_t *p = NULL;
    struct event event;

    ck_assert_int_eq(decode_text(bad_events[_i]), 0);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), -TS_PROTOCOL);
}
END_TEST

START_TEST(what_a_newer_daemon_adds_to_an_event_is_passed_over)
{
    const uint8_t *p = NULL;
    struct event event;

    ck_assert_int_eq(decode_text("[1, 0, [[77], [1, 2, [3], {99: [1], 32: 8}]]]"), 0);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.kind, 77);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.at, 8);
    ck_assert_uint_eq(event.item.has, 0);
}
END_TEST

START_TEST(a_changed_byte_of_an_event_never_makes_it_read_past_the_end)
{
    static const char text[] = "[1, 0, [[1, 7, [\"a\", 2], {4: b\"AAAAAAAAAAEAAAAAAAAAAg==\", 9: "
                               "\"prog\", 32: 300}], [6]]]";
    struct random random = random_seeded("test_reply_item");

    for (unsigned i = 0; i < 20000; i++) {
        struct frame frame = frame_of_text(text);
        const uint8_t *p = NULL;
        struct event event;
        uint8_t *block = malloc(frame.size); /* of its size, so that reading past it shows */
        ck_assert_ptr_nonnull(block);
        memcpy(block, frame.body, frame.size);
        for (unsigned n = 1 + random_below(&random, 3); n > 0; n--)
            block[random_below(&random, (uint32_t)frame.size)] = (uint8_t)random_next(&random);
        frame.body = block;
        if (reply_decode(&frame, &reply, &problem) == 0)
            while (reply_next_event(&reply, &p, &event) > 0)
                ck_assert_uint_le(event.item.tuple.size, frame.size);
        free(block);
    }
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("reply_item");
    TCase *tests = tcase_create("reply_item");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, an_item_has_extras_only_where_it_says_so);
    tcase_add_test(tests, a_token_is_16_bytes);
    tcase_add_test(tests, items_are_walked_over);
    tcase_add_test(tests, no_items_are_no_items);
    tcase_add_loop_test(tests, what_is_no_item_is_malformed, 0, COUNT_OF(bad_items));
    tcase_add_loop_test(tests, each_extra_comes_back_alone, 0, 32);
    tcase_add_test(tests, random_items_come_back);
    tcase_add_test(tests, an_event_is_an_item_or_about_none);
    tcase_add_test(tests, random_events_come_back);
    tcase_add_loop_test(tests, what_is_no_event_is_malformed, 0, COUNT_OF(bad_events));
    tcase_add_test(tests, what_a_newer_daemon_adds_to_an_event_is_passed_over);
    tcase_add_test(tests, a_changed_byte_of_an_event_never_makes_it_read_past_the_end);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * What the engine's effects become on the wire: each answer is decoded again as a client does.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/text_read.h"
#include "server/answer.h"

static struct engine *engine;
static struct effects effects;
static struct outbox outbox;
static struct pattern_room *room;
static struct buffer bytes; /* of the last request */
static struct buffer written;
static struct reply reply;
static int released;

static void on_release(void *context, void *owner)
{
    engine_unref(*(struct engine **)context, owner);
    released++;
}

static void setup(void)
{
    const struct engine_options options = {.piece = 0};

    released = 0;
    engine = engine_new(&options);
    room = malloc(sizeof(*room));
    outbox_init(&outbox, on_release, &engine);
    engine_step(engine, 1, &(struct command){.kind = COMMAND_COMES, .session = 1}, &effects);
}

static void teardown(void)
{
    outbox_deinit(&outbox);
    effects_deinit(engine, &effects);
    engine_check(engine);
    engine = engine_free(engine);
    free(room);
    buffer_deinit(&bytes);
    buffer_deinit(&written);
}

/* Feeds a request of session 1 to the engine; its effect is the first of the effects. */
static void request(struct request *asked)
{
    static struct request decoded;
    struct problem problem;
    struct frame frame;
    size_t want;

    effects_clear(engine, &effects);
    buffer_clear(&bytes);
    asked->space = (struct span){(const uint8_t *)"main", 4};
    request_encode(asked, &bytes);
    ck_assert_int_gt(
        frame_next(bytes.bytes, bytes.size, LIMIT_FRAME_BYTES, &frame, &want, &problem), 0);
    ck_assert_int_eq(request_decode(&frame, room, &decoded, &problem), 0);
    engine_step(engine, 2,
                &(struct command){.kind = COMMAND_REQUEST, .session = 1, .request = &decoded},
                &effects);
}

static void put(const char *tuple)
{
    struct request asked = {.number = 1, .op = TSD_OP_OUT, .tuple_count = 1};
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;

    ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &encoded, &problem), 0);
    asked.tuples = (struct span){encoded.bytes, (uint32_t)encoded.size};
    request(&asked);
    buffer_deinit(&encoded);
}

static void ask(enum tsd_operation op, const char *pattern, uint32_t max)
{
    struct request asked = {.number = 9, .op = op, .has = TSD_HAS(TIMEOUT), .min = 1, .max = max};
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;

    if (max > 1)
        asked.has |= TSD_HAS(MAX);
    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &encoded, &problem), 0);
    asked.alternatives[0].pattern.bytes = encoded.bytes;
    asked.alternatives[0].pattern.size = (uint32_t)encoded.size;
    asked.alternative_count = 1;
    request(&asked);
    buffer_deinit(&encoded);
}

/* Writes the answer of the first effect through the outbox and decodes what comes out. */
static void answer_it(uint64_t delivery, bool positions)
{
    const struct answer answer = {&effects.list[0], &effects, delivery, positions};
    struct problem problem;
    struct frame frame;
    ssize_t size;
    size_t want;
    int ends[2];

    ck_assert_uint_ge(effects.count, 1);
    answer_write(&outbox, engine, &answer);
    buffer_clear(&written);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    while (outbox_unread(&outbox) > 0) {
        ck_assert_int_ge(outbox_write(&outbox, ends[0]), 0);
        while ((size = read(ends[1], buffer_reserve(&written, 65536), 65536)) > 0)
            written.size += (size_t)size;
    }
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(
        frame_next(written.bytes, written.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
        written.size); /* one frame and nothing else */
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
}

START_TEST(an_out_is_answered_with_the_first_id)
{
    uint64_t id = 0;

    put("[1]");
    answer_it(0, false);
    ck_assert_uint_eq(reply.number, 1);
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_int_eq(reply_result_uint(&reply, &id), 0);
    ck_assert_uint_eq(id, effects.list[0].value);
    ck_assert_uint_eq(reply.extras.has, 0);
}
END_TEST

START_TEST(positions_are_told_only_where_they_are_asked_for)
{
    put("[1]");
    answer_it(0, true);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(SINCE) | REPLY_HAS(AT));
    ck_assert_uint_eq(reply.extras.since, effects.list[0].since);
    ck_assert_uint_eq(reply.extras.at, effects.list[0].at);
}
END_TEST

START_TEST(a_delivery_has_the_connections_own_number)
{
    put("[1]");
    ask(TSD_OP_IN, "[?int]", 1);
    answer_it(77, false);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(DELIVERY));
    ck_assert_uint_eq(reply.extras.delivery, 77);
}
END_TEST

START_TEST(no_match_is_nil)
{
    ask(TSD_OP_RD, "[?int]", 1);
    answer_it(0, false);
    ck_assert_int_eq(reply.status, TS_NOMATCH);
    ck_assert_uint_eq(reply.result.size, 1);
    ck_assert_uint_eq(reply.result.bytes[0], 0xc0);
}
END_TEST

START_TEST(several_tuples_are_items_in_order_and_more_is_told)
{
    struct item item = {0};
    const uint8_t *p = NULL;

    put("[1]");
    put("[2]");
    put("[3]");
    ask(TSD_OP_RD, "[?int]", 2);
    answer_it(0, false);
    ck_assert(reply.extras.more);
    for (uint8_t i = 1; i <= 2; i++) {
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
        ck_assert_uint_eq(item.tuple.bytes[1], i);
        ck_assert_uint_eq(item.has, 0);
    }
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

START_TEST(a_count_is_a_number)
{
    uint64_t count = 0;

    put("[1]");
    put("[2]");
    ask(TSD_OP_COUNT, "[?int]", 1);
    answer_it(0, false);
    ck_assert_int_eq(reply_result_uint(&reply, &count), 0);
    ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(spaces_are_rows)
{
    struct request asked = {.number = 2, .op = TSD_OP_SPACES};
    struct space_row row = {0};
    const uint8_t *p = NULL;

    put("[1]");
    request(&asked);
    answer_it(0, false);
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), 1);
    ck_assert_uint_eq(row.name.size, 4);
    ck_assert_mem_eq(row.name.bytes, "main", 4);
    ck_assert_uint_eq(row.tuples, 1);
    ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), 0);
}
END_TEST

/* A tuple of a str of so many bytes. */
static void put_sized(size_t size)
{
    char *text = malloc(size + 5);

    memset(text, 'x', size + 5);
    text[0] = '[';
    text[1] = text[size + 2] = '"';
    text[size + 3] = ']';
    text[size + 4] = '\0';
    put(text);
    free(text);
}

START_TEST(a_large_tuple_is_shared_and_given_back_once_it_is_written)
{
    const size_t sizes[] = {OUTBOX_SHARE - 10, OUTBOX_SHARE, 1 << 20};
    struct item item = {0};
    const uint8_t *p = NULL;

    put_sized(sizes[_i]);
    ask(TSD_OP_RD, "[?str]", 1);
    answer_it(0, _i % 2 == 0);
    ck_assert_int_eq(released, sizes[_i] >= OUTBOX_SHARE);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_ge(item.tuple.size, sizes[_i]);
    ck_assert_uint_eq(item.tuple.bytes[item.tuple.size - 1], 'x');
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

START_TEST(a_shared_tuple_outlives_its_space)
{
    put_sized(1 << 20);
    ask(TSD_OP_IN, "[?str]", 1);
    ck_assert_uint_eq(effects.count, 1);
    answer_write(&outbox, engine, &(struct answer){&effects.list[0], &effects, 1, false});
    effects_clear(engine, &effects);
    engine_step(engine, 3, &(struct command){.kind = COMMAND_ACK, .session = 1, .ack = 1},
                &effects); /* it is consumed */
    ck_assert_int_eq(released, 0);
    outbox_deinit(&outbox);
    ck_assert_int_eq(released, 1);
    outbox_init(&outbox, on_release, &engine);
}
END_TEST

START_TEST(a_refusal_of_the_server_says_why)
{
    struct problem problem;
    struct frame frame;
    struct span text;
    size_t want;

    answer_plain(&outbox, 5, TS_MALFORMED, "the reason");
    ck_assert_int_gt(
        frame_next(outbox.copied.bytes, outbox.copied.size, 100, &frame, &want, &problem), 0);
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_uint_eq(reply.number, 5);
    ck_assert_int_eq(reply.status, TS_MALFORMED);
    ck_assert_int_eq(reply_result_text(&reply, &text), 0);
    ck_assert_mem_eq(text.bytes, "the reason", text.size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/answer");
    TCase *tcase = tcase_create("answer");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_out_is_answered_with_the_first_id);
    tcase_add_test(tcase, positions_are_told_only_where_they_are_asked_for);
    tcase_add_test(tcase, a_delivery_has_the_connections_own_number);
    tcase_add_test(tcase, no_match_is_nil);
    tcase_add_test(tcase, several_tuples_are_items_in_order_and_more_is_told);
    tcase_add_test(tcase, a_count_is_a_number);
    tcase_add_test(tcase, spaces_are_rows);
    tcase_add_loop_test(tcase, a_large_tuple_is_shared_and_given_back_once_it_is_written, 0, 3);
    tcase_add_test(tcase, a_shared_tuple_outlives_its_space);
    tcase_add_test(tcase, a_refusal_of_the_server_says_why);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* What is recorded is read again, but for a record that was cut off. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/format.h"
#include "history/verdict.h"
#include "protocol/reply.h"
#include "protocol/text_read.h"

static char folder[64];
static struct recorder recorder;
static struct buffer frame, bytes;

static void setup(void)
{
    const uint64_t session = 41;
    (void)snprintf(folder, sizeof folder, "/tmp/history-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(recorder_open(&recorder, folder, "one", 7), 0);
    record(&recorder, RECORD_OPENED, 3, &session, sizeof session);
}

static void teardown(void)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/one.hist", folder);
    unlink(path);
    rmdir(folder);
    recorder_close(&recorder);
    buffer_deinit(&frame);
    buffer_deinit(&bytes);
}

static struct span read_text(bool pattern, const char *text)
{
    struct problem problem;
    (void)buffer_reserve(&bytes, 4096);
    const size_t start = bytes.size;
    ck_assert_int_eq(
        (pattern ? text_read_pattern : text_read_tuple)(text, strlen(text), NULL, &bytes, &problem),
        0);
    return (struct span){bytes.bytes + start, (uint32_t)(bytes.size - start)};
}

static void asked(const struct request *request)
{
    buffer_clear(&frame);
    request_encode(request, &frame);
    record(&recorder, RECORD_ASKED, 3, frame.bytes + FRAME_HEAD, frame.size - FRAME_HEAD);
}

static void told(void)
{
    record(&recorder, RECORD_TOLD, 3, frame.bytes + FRAME_HEAD, frame.size - FRAME_HEAD);
}

static struct span text(const char *string)
{
    return (struct span){(const uint8_t *)string, (uint32_t)strlen(string)};
}

static void ask_out(void)
{
    struct request request = {.number = 1,
                              .op = TSD_OP_OUT,
                              .ack = 5,
                              .has = TSD_HAS(KEY),
                              .space = text("jobs"),
                              .tuple_count = 1,
                              .key = text("k")};
    request.putting = (struct putting){.has = TSD_HAS(PRIORITY), .priority = -3};
    request.tuples = read_text(false, "[\"task\", 7]");
    asked(&request);
    const struct reply_extras extras = {
        .has = REPLY_HAS(SINCE) | REPLY_HAS(AT), .since = 10, .at = 10};
    buffer_clear(&frame);
    const size_t begun = frame_begin(&frame);
    reply_begin(&frame, 1, TS_OK, true);
    reply_uint(&frame, 10);
    reply_end(&frame, &extras);
    frame_end(&frame, begun);
    told();
}

static void ask_hold(void)
{
    struct request request = {.number = 2,
                              .op = TSD_OP_HOLD,
                              .has = TSD_HAS(TIMEOUT) | TSD_HAS(HOLD_TIME),
                              .space = text("jobs"),
                              .timeout_us = 99,
                              .hold_us = 77,
                              .alternative_count = 1,
                              .min = 1,
                              .max = 1};
    const struct span pattern = read_text(true, "[\"task\", ?int]");
    request.alternatives[0].space = request.space;
    request.alternatives[0].pattern.bytes = pattern.bytes;
    request.alternatives[0].pattern.size = pattern.size;
    asked(&request);
    const struct reply_extras extras = {
        .has = REPLY_HAS(SINCE) | REPLY_HAS(AT), .since = 9, .at = 11};
    const struct item item = {.id = 10,
                              .tuple = read_text(false, "[\"task\", 7]"),
                              .has = ITEM_HAS(RETURNS) | ITEM_HAS(TOKEN),
                              .returns = 2,
                              .token = {.number = 4, .secret = 0}};
    buffer_clear(&frame);
    const size_t begun = frame_begin(&frame);
    reply_begin(&frame, 2, TS_OK, true);
    reply_array(&frame, 1);
    reply_item(&frame, &item);
    reply_end(&frame, &extras);
    frame_end(&frame, begun);
    told();
}

START_TEST(test_all_fields_come_back)
{
    ask_out();
    ask_hold();
    record(&recorder, RECORD_ENDED, 3, NULL, 0);
    struct history *history = history_read(folder);
    ck_assert_ptr_nonnull(history);
    ck_assert_uint_eq(history->op_count, 2);
    const struct op *out = &history->ops[0], *hold = &history->ops[1];
    ck_assert(out->answered && out->placed && out->status == TS_OK);
    ck_assert_uint_eq(out->ack, 5);
    ck_assert_uint_eq(out->value, 10);
    ck_assert_uint_eq(out->tuple_count, 1);
    ck_assert_int_eq(out->putting.priority, -3);
    ck_assert_uint_eq(out->key.size, 1);
    ck_assert_uint_eq(hold->since, 9);
    ck_assert_uint_eq(hold->at, 11);
    ck_assert_uint_eq(hold->timeout_us, 99);
    ck_assert_uint_eq(hold->hold_us, 77);
    ck_assert_uint_eq(hold->item_count, 1);
    ck_assert_uint_eq(hold->items[0].returns, 2);
    ck_assert_uint_eq(hold->items[0].token.number, 4);
    ck_assert_int_eq(hold->space, out->space);
    ck_assert_uint_ge(hold->call_ns, out->answer_ns);
    ck_assert_uint_eq(history->sessions[0].number, 41);
    ck_assert_int_eq(history->sessions[0].end, SESSION_LOST);
    history_free(history);
}
END_TEST

START_TEST(test_cut_off_record_is_left_out)
{
    char path[128];
    ask_out();
    ask_hold();
    (void)snprintf(path, sizeof path, "%s/one.hist", folder);
    FILE *file = fopen(path, "r");
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    ck_assert_int_eq(truncate(path, ftell(file) - 1), 0);
    (void)fclose(file);
    struct history *history = history_read(folder);
    ck_assert_ptr_nonnull(history);
    ck_assert_uint_eq(history->op_count, 2);
    ck_assert(history->ops[0].answered);
    ck_assert(!history->ops[1].answered);
    history_free(history);
}
END_TEST

START_TEST(test_kill_ends_all_connections_of_a_client)
{
    const uint64_t before = 123;
    ask_out();
    record(&recorder, RECORD_KILLED, 0, &before, sizeof before);
    struct history *history = history_read(folder);
    ck_assert_ptr_nonnull(history);
    ck_assert_int_eq(history->sessions[0].end, SESSION_LOST);
    ck_assert_uint_eq(history->sessions[0].end_low_ns, 123);
    history_free(history);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *tests = tcase_create("format");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_all_fields_come_back);
    tcase_add_test(tests, test_cut_off_record_is_left_out);
    tcase_add_test(tests, test_kill_ends_all_connections_of_a_client);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: MIT */
/*
 * Bad input at a real daemon: an error frame that says what was wrong, the connection is closed,
 * and nobody else notices. What is well-formed and only breaks a rule refuses the request alone.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/tried.h"
#include "protocol/limits.h"
#include "system/bystander.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void add(const char *bytes, size_t size)
{
    buffer_append(&out, bytes, size);
}

/* A frame with that body. */
static void add_frame(const char *body, size_t size)
{
    size_t begun = frame_begin(&out);

    add(body, size);
    frame_end(&out, begun);
}
#define ADD_FRAME(body) add_frame(body, sizeof(body) - 1)

struct bad {
    const char *body;
    size_t size;
    const char *text; /* that the error has in it */
};
#define BAD(body, text)                                                                            \
    {                                                                                              \
        body, sizeof(body) - 1, text                                                               \
    }

/* Bodies of requests, after the opening. */
static const struct bad bad_requests[] = {
    BAD("\xc0", "array"),
    BAD("\xc1", "not MessagePack"),
    BAD("\x93\x01", "operation"),
    BAD("\x92\x01\x03", "at least"),
    BAD("\x93\x01\xcc\xc8\x00", "unknown operation 200"),
    BAD("\x93\x00\x03\x00", "number 0"),
    BAD("\x93\xff\x03\x00", "number"),
    BAD("\x93\x01\x03\x01", "beyond the last delivery"),
    BAD("\x93\x01\x03\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "beyond the last delivery"),
    BAD("\x93\x01\x03\x00\x00", "after the end"),
    BAD("\x95\x01\x05\x00\xa4main", "tuples"),
    BAD("\x95\x01\x05\x00\x07\x91\x91\x01", "space"),
    BAD("\x95\x01\x05\x00\xa4main\xdd\xff\xff\xff\xff", "MessagePack"),
    BAD("\x95\x01\x05\x00\xa4main\x91\xdd\xff\xff\xff\xff", "MessagePack"),
    BAD("\x95\x01\x06\x00\xa4main\x91\x91\x63", "matcher"),
    BAD("\x96\x01\x06\x00\xa4main\x91\x91\x01\x81\x01\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
        "timeout"),
    BAD("\x96\x01\x06\x00\xa4main\x91\x91\x01\x81\x01\xff", "timeout"),
};

START_TEST(a_malformed_request_is_told_and_the_connection_closed)
{
    const struct bad *bad = &bad_requests[_i];

    wire_open(&wire, daemon_.socket);
    add_frame(bad->body, bad->size);
    wire_flush(&wire, &out);
    wire_expect_error(&wire, TS_PROTOCOL, bad->text);
    wire_close(&wire);
    tried("a_malformed_request_is_told_and_the_connection_closed", COUNT(bad_requests));
}
END_TEST

START_TEST(what_came_before_a_malformed_frame_is_answered_and_what_comes_after_is_not)
{
    wire_open(&wire, daemon_.socket);
    wire_add_out(&out, 1, "main", "[\"before\"]");
    ADD_FRAME("\xc0");
    wire_add_out(&out, 2, "main", "[\"after\"]");
    wire_flush(&wire, &out);
    wire_expect(&wire, 1, TS_OK);
    wire_expect_error(&wire, TS_PROTOCOL, "array");
    wire_close(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"before\"]"), 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"after\"]"), 0);
    tried("what_came_before_a_malformed_frame_is_answered_and_what_comes_after_is_not", 1);
}
END_TEST

/* Heads of frames, after the opening. */
static const struct {
    const char *head;
    enum ts_status status;
    const char *text;
} bad_heads[] = {
    {"\x93\x01\x03\x00\x00", TS_PROTOCOL, "0xce"},
    {"GET /", TS_PROTOCOL, "0xce"},
    {"\xce\x00\x00\x00\x00", TS_PROTOCOL, "without a body"},
    {"\xce\x01\x10\x00\x01", TS_LIMIT, "17825792"},
    {"\xce\xff\xff\xff\xff", TS_LIMIT, "17825792"},
};

START_TEST(a_head_that_is_none_or_too_large_is_told_at_once)
{
    wire_open(&wire, daemon_.socket);
    wire_send(&wire, bad_heads[_i].head, FRAME_HEAD);
    wire_expect_error(&wire, bad_heads[_i].status, bad_heads[_i].text);
    wire_close(&wire);
    tried("a_head_that_is_none_or_too_large_is_told_at_once", COUNT(bad_heads));
}
END_TEST

static const struct bad bad_openings[] = {
    BAD("\x92\xa3tsx\x01", "tsd"),
    BAD("\x92\xa3tsd\x63", "version 99"),
    BAD("\x93\xa3tsd\x01\x81\x63\x01", "option 99"),
    BAD("\x93\x01\x03\x00", "opening"), /* a request before the opening */
    BAD("\xc0", "array"),
};

START_TEST(a_malformed_opening_is_told_and_the_connection_closed)
{
    wire_connect(&wire, daemon_.socket);
    add_frame(bad_openings[_i].body, bad_openings[_i].size);
    wire_flush(&wire, &out);
    wire_expect_error(&wire, TS_PROTOCOL, bad_openings[_i].text);
    wire_close(&wire);
    tried("a_malformed_opening_is_told_and_the_connection_closed", COUNT(bad_openings));
}
END_TEST

START_TEST(an_opening_of_more_than_4_kib_is_refused_by_its_head)
{
    wire_connect(&wire, daemon_.socket);
    wire_send(&wire, "\xce\x00\x00\x0f\xfc", FRAME_HEAD); /* 4092 and the head's 5 */
    wire_expect_error(&wire, TS_LIMIT, "opening-bytes");
    wire_close(&wire);
    wire_connect(&wire, daemon_.socket);
    wire_send(&wire, "\xce\x00\x00\x0f\xfb", FRAME_HEAD);
    wire_send(&wire, "x", 1);
    wire_close(&wire); /* one byte less would have been fine */
    tried("an_opening_of_more_than_4_kib_is_refused_by_its_head", 2);
}
END_TEST

START_TEST(a_second_opening_is_malformed)
{
    wire_open(&wire, daemon_.socket);
    wire_add_hello(&out);
    wire_flush(&wire, &out);
    wire_expect_error(&wire, TS_PROTOCOL, "");
    wire_close(&wire);
    tried("a_second_opening_is_malformed", 1);
}
END_TEST

START_TEST(a_frame_cut_by_the_end_is_told)
{
    wire_open(&wire, daemon_.socket);
    wire_add_out(&out, 1, "main", "[\"cut\"]");
    out.size -= (size_t)_i;
    wire_flush(&wire, &out);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    wire_expect_error(&wire, TS_PROTOCOL, "within a frame");
    wire_close(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"cut\"]"), 0);
    tried("a_frame_cut_by_the_end_is_told", 19);
}
END_TEST

START_TEST(a_request_that_breaks_a_rule_is_refused_alone)
{
    wire_open(&wire, daemon_.socket);
    ADD_FRAME("\x95\x07\x05\x00\xa4main\x91\x91\xa2\xc3\x28");     /* not UTF-8 */
    ADD_FRAME("\x95\x08\x06\x00\xa4main\x91\x93\x16\xa1(\x00");    /* does not compile */
    ADD_FRAME("\x96\x06\x06\x00\xa4main\x91\x91\x01\x81\x63\x01"); /* unknown option 99 */
    wire_add_out(&out, 9, "main", "[\"next\"]");
    wire_flush(&wire, &out);
    wire_expect(&wire, 7, TS_MALFORMED);
    wire_expect(&wire, 8, TS_MALFORMED);
    wire_expect(&wire, 6, TS_INVALID);
    wire_expect(&wire, 9, TS_OK);
    wire_close(&wire);
    tried("a_request_that_breaks_a_rule_is_refused_alone", 3);
}
END_TEST

START_TEST(a_number_that_is_in_use_is_a_protocol_error)
{
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_IN, 5, "main", "[\"none\"]", UINT64_MAX);
    wire_add_plain(&out, TSD_OP_PING, 6, 0);
    wire_add_plain(&out, TSD_OP_PING, 6, 0); /* answered, so that it may be used again */
    wire_add_plain(&out, TSD_OP_PING, 5, 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 6, TS_OK);
    wire_expect(&wire, 6, TS_OK);
    wire_expect_error(&wire, TS_PROTOCOL, "number 5 is still in use");
    wire_close(&wire);
    tried("a_number_that_is_in_use_is_a_protocol_error", 1);
}
END_TEST

START_TEST(a_split_at_any_byte_changes_nothing)
{
    wire_connect(&wire, daemon_.socket);
    wire_add_hello(&out);
    wire_add_out(&out, 1, "main", "[\"split\", 1]");
    wire_add_match(&out, TSD_OP_IN, 2, "main", "[\"split\", ?int]", 0);
    for (size_t at = 1; at < out.size; at++) {
        struct welcome welcome;
        struct problem problem;
        struct frame frame;

        if (at > 1)
            wire_connect(&wire, daemon_.socket);
        wire_send(&wire, out.bytes, at);
        wire_ping(&other, at + 100); /* so that the daemon has seen the first part alone */
        wire_send(&wire, out.bytes + at, out.size - at);
        ck_assert(wire_read(&wire, &frame));
        ck_assert_int_eq(welcome_decode(&frame, &welcome, &problem), 0);
        wire_expect(&wire, 1, TS_OK);
        wire_expect(&wire, 2, TS_OK);
        buffer_clear(&wire.frame);
        struct buffer ack = BUFFER_INIT;
        wire_add_plain(&ack, TSD_OP_CLOSE, 3, 1);
        wire_flush(&wire, &ack);
        buffer_deinit(&ack);
        wire_expect(&wire, 3, TS_OK);
        wire_expect_end(&wire);
        wire_close(&wire);
    }
    tried("a_split_at_any_byte_changes_nothing", (unsigned)out.size - 1);
}
END_TEST

START_TEST(byte_by_byte_is_the_same_too)
{
    wire_open(&wire, daemon_.socket);
    wire_add_out(&out, 1, "main", "[\"slow\", 1]");
    for (size_t i = 0; i < out.size; i++) {
        wire_send(&wire, out.bytes + i, 1);
        wire_ping(&other, 100 + i);
    }
    wire_expect(&wire, 1, TS_OK);
    wire_close(&wire);
    tried("byte_by_byte_is_the_same_too", 1);
}
END_TEST

/* A small generator, so that a failure comes again with the same seed. */
static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

START_TEST(random_changes_never_harm_the_daemon)
{
    uint64_t state = (uint64_t)_i + 1;

    for (int round = 0; round < 200; round++) {
        struct frame frame;

        wire_connect(&wire, daemon_.socket);
        wire_add_hello(&out);
        wire_add_out(&out, 1, "main", "[\"random\", {\"k\": [1, 2.5, null]}, b\"aGk=\"]");
        wire_add_match(&out, TSD_OP_RD, 2, "main", "[?, (?int | {\"k\": [...], ...}), ...]", 0);
        wire_add_match(&out, TSD_OP_SCAN, 3, "main", "[^\"ran\", !5, /x/i]", UINT64_MAX);
        for (uint32_t changes = 1 + random_next(&state) % 4; changes > 0; changes--)
            out.bytes[random_next(&state) % out.size] = (uint8_t)random_next(&state);
        out.size -= random_next(&state) % 16;
        (void)wire_try_send(&wire, out.bytes, out.size);
        buffer_clear(&out);
        shutdown(wire.fd, SHUT_WR);
        while (wire_read(&wire, &frame)) /* answers or an error, and then the end */
            continue;
        wire_close(&wire);
    }
    tried("random_changes_never_harm_the_daemon", 3 * 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/frames");
    TCase *tcase = tcase_create("frames");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_malformed_request_is_told_and_the_connection_closed, 0,
                        COUNT(bad_requests));
    tcase_add_test(tcase,
                   what_came_before_a_malformed_frame_is_answered_and_what_comes_after_is_not);
    tcase_add_loop_test(tcase, a_head_that_is_none_or_too_large_is_told_at_once, 0,
                        COUNT(bad_heads));
    tcase_add_loop_test(tcase, a_malformed_opening_is_told_and_the_connection_closed, 0,
                        COUNT(bad_openings));
    tcase_add_test(tcase, an_opening_of_more_than_4_kib_is_refused_by_its_head);
    tcase_add_test(tcase, a_second_opening_is_malformed);
    tcase_add_loop_test(tcase, a_frame_cut_by_the_end_is_told, 1, 20);
    tcase_add_test(tcase, a_request_that_breaks_a_rule_is_refused_alone);
    tcase_add_test(tcase, a_number_that_is_in_use_is_a_protocol_error);
    tcase_add_test(tcase, a_split_at_any_byte_changes_nothing);
    tcase_add_test(tcase, byte_by_byte_is_the_same_too);
    tcase_add_loop_test(tcase, random_changes_never_harm_the_daemon, 0, 3);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

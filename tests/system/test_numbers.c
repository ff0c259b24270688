/* SPDX-License-Identifier: MIT */
/*
 * Numbers that no program means: each option that is a number, with each of these values, at a real
 * daemon. It is refused with the option's name, or it does what it says, however far away that is.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define BYTES(text) text, sizeof(text) - 1

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;

static const struct option {
    const char *name;
    enum tsd_operation op;
    const char *argument; /* after the space: a pattern, or tuples; each has one field */
    size_t size;
    uint8_t number;
} options[] = {
    {"timeout", TSD_OP_IN, BYTES("\x91\x91\x01"), 1},
    {"min", TSD_OP_RD, BYTES("\x91\x91\x01"), 2},
    {"max", TSD_OP_IN, BYTES("\x91\x91\x01"), 3},
    {"id", TSD_OP_IN, BYTES("\x91\x91\x01"), 5},
    {"priority", TSD_OP_OUT, BYTES("\x91\x91\x01"), 6},
    {"hold-time", TSD_OP_HOLD, BYTES("\x91\x91\x01"), 10},
    {"delay", TSD_OP_OUT, BYTES("\x91\x91\x01"), 12},
    {"ttl", TSD_OP_OUT, BYTES("\x91\x91\x01"), 13},
    {"window", TSD_OP_OUT, BYTES("\x91\x91\x01"), 17},
    {"events", TSD_OP_WATCH, BYTES("\x91\x91\x01"), 21},
    {"capacity", TSD_OP_SPACE, BYTES(""), 24},
    {"max-returns", TSD_OP_SPACE, BYTES(""), 25},
};

static const struct value {
    const char *bytes;
    size_t size;
    bool far; /* a time so long does not pass */
} values[] = {
    {BYTES("\x00"), false},
    {BYTES("\xce\x7f\xff\xff\xff"), true},
    {BYTES("\xce\xff\xff\xff\xff"), true},
    {BYTES("\xcf\x00\x20\x00\x00\x00\x00\x00\x00"), true}, /* 2^53 */
    {BYTES("\xcf\x00\x41\x89\x37\x4b\xc6\xa7\xef"), true}, /* 2^64 ns in us, about */
    {BYTES("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), true},
    {BYTES("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), true},
    {BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), true},
    {BYTES("\xff"), false},                                 /* -1 */
    {BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), false}, /* -2^63 */
    {BYTES("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), false}, /* nan */
    {BYTES("\xcb\x7f\xe1\xcc\xf3\x85\xeb\xc8\xa0"), false}, /* 1e308 */
    {BYTES("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), false}, /* inf */
    {BYTES("\xca\x3f\x80\x00\x00"), false},                 /* 1.0 */
    {BYTES("\xa1\x31"), false},                             /* "1" */
    {BYTES("\xc0"), false},
};

enum { NUMBER = 7, PING = 8 };

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
}

static void teardown(void)
{
    wire_ping(&other, 1);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

/* The request in that space, and a ping. */
static void add(const struct option *option, const struct value *value, const char *space)
{
    const size_t begun = frame_begin(&out);
    msgpack_packer packer = buffer_packer(&out);
    const size_t length = strlen(space);

    msgpack_pack_array(&packer, option->size ? 6 : 5);
    msgpack_pack_uint32(&packer, NUMBER);
    msgpack_pack_uint32(&packer, option->op);
    msgpack_pack_uint32(&packer, 0);
    buffer_pack_str(&out, space, (uint32_t)length);
    buffer_append(&out, option->argument, option->size);
    msgpack_pack_map(&packer, 1);
    msgpack_pack_uint32(&packer, option->number);
    buffer_append(&out, value->bytes, value->size);
    frame_end(&out, begun);
    wire_add_plain(&out, TSD_OP_PING, PING, 0);
}

static void expect_named(const struct option *option, int value)
{
    struct span text = {0};
    char told[512];

    ck_assert_int_eq(reply_result_text(&wire.reply, &text), 0);
    (void)snprintf(told, sizeof told, "%.*s", (int)text.size, (const char *)text.bytes);
    ck_assert_msg(strstr(told, option->name) != NULL, "%s, value %d: \"%s\" does not name it",
                  option->name, value, told);
}

/* What is refused names the option; what is malformed ends the connection. Returns whether the request
 * was answered before the ping, with *status. */
static bool try(const struct option *option, int value, const char *space, enum ts_status *status)
{
    bool answered = false, over = false;
    struct problem problem;
    struct frame frame;

    wire_open(&wire, daemon_.socket);
    add(option, &values[value], space);
    wire_flush(&wire, &out);
    while (!over) {
        ck_assert(wire_read(&wire, &frame));
        ck_assert_int_eq(reply_decode(&frame, &wire.reply, &problem), 0);
        over = wire.reply.number == PING || wire.reply.number == 0;
        if (wire.reply.number == PING)
            continue;
        *status = wire.reply.status;
        answered = true;
        if (*status == TS_PROTOCOL || *status == TS_MALFORMED || *status == TS_INVALID ||
            *status == TS_LIMIT)
            expect_named(option, value);
    }
    if (wire.reply.number == 0)
        wire_expect_end(&wire);
    return answered;
}

/* What was accepted, and is to be so far from now that nothing is seen of it. */
static void expect_far(const struct option *option, int value, const char *space, bool answered,
                       enum ts_status status)
{
    uint64_t count = option->op == TSD_OP_OUT;

    if (option->number == 1) {
        ck_assert_msg(!answered, "a timeout of value %d is over", value);
    } else if (answered && status == TS_OK && option->number == 13) {
        wire_add_match(&out, TSD_OP_COUNT, 2, space, "[?]", UINT64_MAX);
        wire_flush(&other, &out);
        wire_expect(&other, 2, TS_OK);
        ck_assert_int_eq(reply_result_uint(&other.reply, &count), 0);
        ck_assert_msg(count == 1, "a life of value %d is over", value);
    } else if (answered && status == TS_OK && option->number == 12) {
        wire_add_match(&out, TSD_OP_RD, 2, space, "[?]", 0);
        wire_flush(&other, &out);
        wire_expect(&other, 2, TS_NOMATCH);
    }
}

START_TEST(a_number_out_of_range_is_named_or_does_what_it_says)
{
    const struct option *option = &options[_i];

    for (int value = 0; value < COUNT(values); value++) {
        enum ts_status status = TS_OK;
        char space[16];

        (void)snprintf(space, sizeof space, "n%d", value);
        const bool answered = try(option, value, space, &status);
        if (values[value].far)
            expect_far(option, value, space, answered, status);
        wire_close(&wire);
    }
    tried("a_number_out_of_range_is_named_or_does_what_it_says",
          (unsigned)(COUNT(options) * COUNT(values)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/numbers");
    TCase *tcase = tcase_create("numbers");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_number_out_of_range_is_named_or_does_what_it_says, 0,
                        COUNT(options));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Frames that are built to cost the daemon much more than they cost the client: promises, nesting,
 * keys that are alike, expressions that backtrack. Each is refused or done, and others are served.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tried.h"
#include "protocol/limits.h"
#include "system/bystander.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_FACTOR 4 /* the sanitizer keeps what is freed, and more beside what is not */
#else
#define MEMORY_FACTOR 1
#endif

/* Bytes of memory that the daemon had in use at most. */
static uint64_t peak(void)
{
    unsigned long long kib = 0;
    char path[64], line[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)daemon_.pid);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        (void)sscanf(line, "VmHWM: %llu", &kib);
    (void)fclose(file);
    return (uint64_t)kib << 10;
}

START_TEST(large_frames_that_are_never_finished_stay_within_what_a_user_may_have)
{
    enum { CLIENTS = 24, FRAME = 15 << 20, FIT = 8 }; /* of 15 MiB in 128 */
    uint8_t *part = calloc(1, FRAME);
    struct wire wires[CLIENTS];
    int refused = 0;

    ck_assert_ptr_nonnull(part);
    frame_write_head(part, FRAME - FRAME_HEAD);
    for (int i = 0; i < CLIENTS; i++) {
        wire_open(&wires[i], daemon_.socket);
        refused += !wire_try_send(&wires[i], part, FRAME - 1);
        wire_ping(&other, 10 + (uint64_t)i);
    }
    ck_assert_int_eq(refused, CLIENTS - FIT);
    for (int i = FIT; i < CLIENTS; i++)
        wire_expect_error(&wires[i], TS_LIMIT, "unfinished-bytes");
    ck_assert_uint_lt(peak(), MEMORY_FACTOR * MIB(128 + 32));
    for (int i = 0; i < CLIENTS; i++)
        wire_close(&wires[i]);
    free(part);
    tried("large_frames_that_are_never_finished_stay_within_what_a_user_may_have", CLIENTS);
}
END_TEST

/* ---- Values ---- */

enum position { TUPLE, PATTERN, FRAME, PLACES };

static void repeat(const char *bytes, size_t size, size_t times)
{
    while (times-- > 0)
        buffer_append(&out, bytes, size);
}

static void nested_arrays(void)
{
    repeat("\x91", 1, 100000);
    repeat("\x01", 1, 1);
}

static void nested_maps(void)
{
    repeat("\x81\x01", 2, 100000);
    repeat("\x01", 1, 1);
}

static void keys_of_maps(void) /* a map as a key, a hundred thousand times */
{
    repeat("\x81", 1, 100000);
    repeat("\x01", 1, 100001);
}

static void keys_alike(void)
{
    repeat("\xdf\x00\x03\x0d\x40", 5, 1); /* 200,000 */
    repeat("\x07\x01", 2, 200000);
}

static void keys_all_different(void)
{
    msgpack_packer packer = buffer_packer(&out);

    repeat("\xdf\x00\x03\x0d\x40", 5, 1);
    for (uint32_t i = 0; i < 200000; i++)
        (void)(msgpack_pack_uint32(&packer, i << 12), msgpack_pack_nil(&packer));
}

static void many_values(void)
{
    repeat("\xdd\x00\x1e\x84\x80", 5, 1); /* 2,000,000 */
    repeat("\xc0", 1, 2000000);
}

static void many_empty(void)
{
    repeat("\xdd\x00\x1e\x84\x80", 5, 1);
    repeat("\x90", 1, 2000000);
}

static void array_of_4_gi(void)
{
    repeat("\xdd\xff\xff\xff\xff", 5, 1);
}

static void map_of_4_gi(void)
{
    repeat("\xdf\xff\xff\xff\xff", 5, 1);
}

static void str_of_4_gib(void)
{
    repeat("\xdb\xff\xff\xff\xff", 5, 1);
}

static void promises_in_promises(void)
{
    repeat("\xdd\xff\xff\xff\xff", 5, 30);
}

static void (*const values[])(void) = {
    nested_arrays, nested_maps,   keys_of_maps, keys_alike,   keys_all_different,  many_values,
    many_empty,    array_of_4_gi, map_of_4_gi,  str_of_4_gib, promises_in_promises};

/* A request with the value in a tuple, as a literal of a pattern, or where an option is to be. */
static void add(void (*value)(void), enum position place)
{
    const size_t begun = frame_begin(&out);

    if (place == TUPLE)
        buffer_append(&out, "\x95\x07\x05\x00\xa4main\x91\x91", 11);
    else if (place == PATTERN)
        buffer_append(&out, "\x95\x07\x07\x00\xa4main\x91\x92\x00", 12);
    else
        buffer_append(&out, "\x94\x07\x03\x00", 4);
    value();
    frame_end(&out, begun);
}

START_TEST(a_value_built_to_cost_much_is_refused)
{
    struct problem problem;
    struct frame frame;

    for (enum position place = TUPLE; place < PLACES; place++) {
        wire_open(&wire, daemon_.socket);
        add(values[_i], place);
        (void)wire_try_send(&wire, out.bytes, out.size);
        buffer_clear(&out);
        ck_assert(wire_read(&wire, &frame));
        ck_assert_int_eq(reply_decode(&frame, &wire.reply, &problem), 0);
        ck_assert_msg(wire.reply.status == TS_PROTOCOL || wire.reply.status == TS_MALFORMED ||
                          wire.reply.status == TS_LIMIT || wire.reply.status == TS_INVALID,
                      "value %d in place %d is answered %d", _i, (int)place,
                      (int)wire.reply.status);
        if (wire.reply.number == 0)
            wire_expect_end(&wire);
        else
            wire_ping(&wire, 8);
        wire_close(&wire);
    }
    ck_assert_uint_lt(peak(), MEMORY_FACTOR * MIB(48));
    tried("a_value_built_to_cost_much_is_refused", (unsigned)(COUNT(values) * PLACES));
}
END_TEST

/* ---- Expressions ---- */

static const char *const expressions[] = {"(a+)+$",
                                          "(a|a)*$",
                                          "(a|aa)+$",
                                          "(.*a){12}$",
                                          "^(([a-z])+.)+[A-Z]$",
                                          "(a*)*b",
                                          "((a*)*)*b",
                                          "(?=(a+))\\1*b",
                                          "(x+x+)+y|a+a+a+a+a+a+z",
                                          "(a?){40}a{40}b"};

START_TEST(an_expression_that_backtracks_is_told_its_limit)
{
    enum { TUPLES = 200 };
    char tuple[128], pattern[128];
    struct problem problem;
    struct frame frame;

    for (int i = 0; i < TUPLES; i++) {
        (void)snprintf(tuple, sizeof tuple, "[%d, \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"]",
                       i);
        wire_out(&other, 10 + (uint64_t)i, tuple);
    }
    wire_open(&wire, daemon_.socket);
    (void)snprintf(pattern, sizeof pattern, "[?int, /%s/]", expressions[_i]);
    wire_add_match(&out, TSD_OP_RD, 7, "main", pattern, 0);
    wire_flush(&wire, &out);
    wire_ping(&other, 1);
    ck_assert(wire_read(&wire, &frame));
    ck_assert_int_eq(reply_decode(&frame, &wire.reply, &problem), 0);
    /* past its steps a value does not match (rule P3); a request with too many of them is refused */
    ck_assert_msg(wire.reply.status == TS_LIMIT || wire.reply.status == TS_NOMATCH,
                  "/%s/ is answered %d", expressions[_i], (int)wire.reply.status);
    wire_ping(&wire, 8);
    wire_close(&wire);
    tried("an_expression_that_backtracks_is_told_its_limit", COUNT(expressions));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/bombs");
    TCase *tcase = tcase_create("bombs");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, large_frames_that_are_never_finished_stay_within_what_a_user_may_have);
    tcase_add_loop_test(tcase, a_value_built_to_cost_much_is_refused, 0, COUNT(values));
    tcase_add_loop_test(tcase, an_expression_that_backtracks_is_told_its_limit, 0,
                        COUNT(expressions));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

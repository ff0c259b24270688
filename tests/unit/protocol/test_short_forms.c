/* SPDX-License-Identifier: MIT */
/*
 * What is usual is read by shorter ways than the rest: short ints, strs, arrays and maps, ASCII, plain
 * matchers. Here each stands beside its nearest neighbours that are not, whole and cut at each byte.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/name_check.h"
#include "protocol/numbers.h"
#include "protocol/pattern.h"
#include "protocol/request.h"
#include "protocol/tuple.h"

static struct pattern_room room;
static struct problem problem;
static struct request request;
static struct buffer body;

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Bytes of a form, and what they mean. */
struct form {
    const char *bytes;
    size_t size;
    uint64_t meaning;
};
#define FORM(bytes, meaning)                                                                       \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, meaning                                                          \
    }

static void put(const struct form *form)
{
    buffer_append(&body, form->bytes, form->size);
}

/* A copy in a block of exactly its size, so that reading past it shows. */
static const uint8_t *block_of(size_t size)
{
    static uint8_t *block;

    free(block);
    block = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(block);
    if (size > 0)
        memcpy(block, body.bytes, size);
    return block;
}

static int decode(size_t size)
{
    return request_decode(&(struct frame){block_of(size), size}, &room, &request, &problem);
}

static void ck_assert_every_cut_is_malformed(void)
{
    for (size_t size = 0; size < body.size; size++)
        ck_assert_msg(decode(size) == -TS_PROTOCOL, "cut at byte %zu", size);
}

static const struct form uints[] = {
    FORM("\x01", 1),
    FORM("\x7f", 127),
    FORM("\xcc\x01", 1),
    FORM("\xcc\x80", 128),
    FORM("\xcc\xff", 255),
    FORM("\xcd\x00\x01", 1),
    FORM("\xcd\x01\x02", 0x102),
    FORM("\xcd\xff\xff", 0xffff),
    FORM("\xce\x00\x00\x00\x01", 1),
    FORM("\xce\x01\x02\x03\x04", 0x1020304),
    FORM("\xce\xff\xff\xff\xff", 0xffffffff),
    FORM("\xcf\x01\x02\x03\x04\x05\x06\x07\x08", 0x102030405060708),
    FORM("\xd0\x7f", 127),
    FORM("\xd1\x7f\xff", 0x7fff),
    FORM("\xd2\x7f\xff\xff\xff", 0x7fffffff),
    FORM("\xd3\x00\x00\x00\x00\x00\x00\x00\x05", 5),
};

static const struct form no_uints[] = {
    FORM("\xe0", 0),  FORM("\xff", 0), FORM("\xd0\x80", 0), FORM("\xd1\xff\xff", 0),
    FORM("\xa1x", 0), FORM("\xc0", 0), FORM("\x90", 0),
};

START_TEST(a_number_in_any_form)
{
    buffer_append(&body, "\x94", 1);
    put(&uints[_i]);
    buffer_append(&body, "\x04\x00", 2);
    put(&uints[_i]);
    ck_assert_int_eq(decode(body.size), 0);
    ck_assert_uint_eq(request.number, uints[_i].meaning);
    ck_assert_uint_eq(request.target, uints[_i].meaning);
    ck_assert_every_cut_is_malformed();
}
END_TEST

START_TEST(what_is_no_uint_is_no_number)
{
    buffer_append(&body, "\x93", 1);
    put(&no_uints[_i]);
    buffer_append(&body, "\x03\x00", 2);
    ck_assert_int_eq(decode(body.size), -TS_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(problem.text, "request's number: not uint"));
}
END_TEST

/* A request `ping` whose array, and options, have heads of every form. */
static const struct form arrays[] = {FORM("\x94", 0), FORM("\xdc\x00\x04", 0),
                                     FORM("\xdd\x00\x00\x00\x04", 0)};
static const struct form maps[] = {FORM("\x80", 0), FORM("\xde\x00\x00", 0),
                                   FORM("\xdf\x00\x00\x00\x00", 0)};

START_TEST(an_array_and_a_map_in_any_form)
{
    put(&arrays[_i / COUNT_OF(maps)]);
    buffer_append(&body, "\x01\x03\x00", 3);
    put(&maps[_i % COUNT_OF(maps)]);
    ck_assert_int_eq(decode(body.size), 0);
    ck_assert_every_cut_is_malformed();
}
END_TEST

/* A request `out` to a space whose name has so many bytes, its tuple an array of 15 or 16 fields. */
START_TEST(names_and_tuples_about_the_longest_short_form)
{
    const size_t size = (size_t)_i / 2 + 1, fields = 15 + (size_t)_i % 2;
    msgpack_packer packer = buffer_packer(&body);
    char name[64];

    memset(name, 'n', sizeof name);
    buffer_append(&body, "\x95\x01\x05\x00", 4);
    buffer_pack_str(&body, name, size);
    buffer_append(&body, "\x91", 1);
    msgpack_pack_array(&packer, fields);
    for (size_t i = 0; i < fields; i++)
        buffer_pack_str(&body, name, size);
    ck_assert_int_eq(decode(body.size), 0);
    ck_assert_uint_eq(request.space.size, size);
    ck_assert_mem_eq(request.space.bytes, name, size);
    ck_assert_uint_eq(tuple_at(request.tuples.bytes).fields, fields);
    ck_assert_uint_eq(tuple_at(request.tuples.bytes).size, request.tuples.size);
    ck_assert_every_cut_is_malformed();
}
END_TEST

/* A byte at each place of a name of each size: what is a character is one everywhere. */
START_TEST(a_byte_at_each_place_of_a_name)
{
    static const struct {
        uint8_t byte;
        bool good;
    } bytes[] = {{0x20, true},  {0x7e, true},  {0x1f, false}, {0x00, false},
                 {0x7f, false}, {0x80, false}, {0xc2, false}, {0xff, false}};
    const size_t size = (size_t)_i;

    for (int i = 0; i < COUNT_OF(bytes); i++) {
        for (size_t at = 0; at < size; at++) {
            buffer_clear(&body);
            memset(buffer_reserve(&body, size), 'n', size);
            body.bytes[at] = bytes[i].byte;
            int error = name_check(block_of(size), size, "space", &problem);
            ck_assert_int_eq(error, bytes[i].good ? 0 : -TS_MALFORMED);
            if (bytes[i].byte < 0x80 && !bytes[i].good)
                ck_assert_uint_eq(problem.offset, at);
        }
    }
}
END_TEST

START_TEST(a_byte_at_each_place_of_a_str_in_a_tuple)
{
    const size_t size = (size_t)_i;
    struct tuple_view tuple;

    for (size_t at = 0; at < size; at++) {
        buffer_clear(&body);
        buffer_append(&body, "\x92\x2a", 2);
        buffer_pack_str(&body, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", size);
        const size_t first = body.size - size;
        for (int bad = 0; bad < 2; bad++) {
            body.bytes[first + at] = bad ? 0x80 : 0x7f;
            const uint8_t *block = block_of(body.size);
            int error = tuple_check(block, block + body.size, &tuple, &problem);
            ck_assert_int_eq(error, bad ? -TS_MALFORMED : 0);
            if (bad)
                ck_assert_uint_eq(problem.offset, 2);
            else
                ck_assert_uint_eq(tuple.size, body.size);
        }
    }
}
END_TEST

/* A whole value for each first byte that there is, zeroes after it, and the same cut. */
START_TEST(a_field_of_each_form)
{
    struct tuple_view tuple;
    size_t whole = 0;

    buffer_append(&body, "\x91", 1);
    buffer_append_byte(&body, (uint8_t)_i);
    memset(buffer_reserve(&body, 64), 0, 64);
    for (size_t size = 1; size <= 64 && whole == 0; size++) {
        const uint8_t *block = block_of(size);
        int error = tuple_check(block, block + size, &tuple, &problem);
        if (error == -TS_PROTOCOL)
            continue;
        ck_assert_msg(error == 0 || _i >= 0x82, "%s", problem.text); /* maps of one key again */
        whole = size;
        if (error == 0)
            ck_assert_uint_eq(tuple.size, size);
    }
    ck_assert_uint_eq(whole == 0, _i == 0xc1);
}
END_TEST

/* Matchers as they are usually written, and in longer forms: the same nodes come of them. */
static const struct form matchers[] = {
    FORM("\x91\x01", TSD_M_ANY),
    FORM("\xdc\x00\x01\x01", TSD_M_ANY),
    FORM("\x91\xcc\x01", TSD_M_ANY),
    FORM("\x91\x0c", TSD_M_EXT),
    FORM("\xdd\x00\x00\x00\x01\xcd\x00\x0c", TSD_M_EXT),
    FORM("\x92\x00\x05", TSD_M_EQ),
    FORM("\x92\x00\xa1x", TSD_M_EQ),
    FORM("\x92\x00\xd9\x01x", TSD_M_EQ),
    FORM("\x92\x00\xa2\xc3\xa9", TSD_M_EQ),
    FORM("\x92\x00\x91\x01", TSD_M_EQ),
    FORM("\x92\xcc\x00\x05", TSD_M_EQ),
    FORM("\xdc\x00\x02\x00\x05", TSD_M_EQ),
    FORM("\x92\x0d\x05", TSD_M_LT),
    FORM("\x92\x11\xcd\x01\x00", TSD_M_NE),
};

static int check_pattern(size_t size, struct pattern *pattern)
{
    const uint8_t *block = block_of(size);

    room.used = 0;
    return pattern_check(block, block + size, &room, pattern, NULL, &problem);
}

START_TEST(a_matcher_in_any_form)
{
    const struct form *form = &matchers[_i];
    struct pattern pattern;

    buffer_append(&body, "\x92", 1);
    put(form);
    put(form);
    ck_assert_int_eq(check_pattern(body.size, &pattern), 0);
    ck_assert_uint_eq(pattern.size, body.size);
    ck_assert_uint_eq(pattern.fields, 2);
    ck_assert_uint_eq(pattern.node_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(pattern.nodes[i].op, form->meaning);
        ck_assert_uint_eq(pattern.nodes[i].skip, 1);
        ck_assert_int_eq(pattern_is_literal(&pattern, i), form->meaning == TSD_M_EQ);
    }
    for (size_t size = 0; size < body.size; size++) {
        ck_assert_int_eq(check_pattern(size, &pattern), -TS_PROTOCOL);
        ck_assert_uint_eq(problem.offset, 0);
        ck_assert_uint_eq(room.used, 0);
    }
}
END_TEST

/* Refused for what is in it only where it is all there: else the frame is malformed. */
START_TEST(a_wrong_matcher_in_a_pattern_that_is_cut_off)
{
    static const struct form wrong = FORM("\x92\x92\x0d\xc0\x92\x00\xa3xyz", 0);
    struct pattern pattern;

    put(&wrong);
    ck_assert_int_eq(check_pattern(body.size, &pattern), -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 3);
    ck_assert_int_eq(check_pattern(body.size - 1, &pattern), -TS_PROTOCOL);
    ck_assert_uint_eq(problem.offset, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("short forms");
    TCase *tests = tcase_create("short forms");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, a_number_in_any_form, 0, COUNT_OF(uints));
    tcase_add_loop_test(tests, what_is_no_uint_is_no_number, 0, COUNT_OF(no_uints));
    tcase_add_loop_test(tests, an_array_and_a_map_in_any_form, 0,
                        COUNT_OF(arrays) * COUNT_OF(maps));
    tcase_add_loop_test(tests, names_and_tuples_about_the_longest_short_form, 0, 2 * 34);
    tcase_add_loop_test(tests, a_byte_at_each_place_of_a_name, 1, 34);
    tcase_add_loop_test(tests, a_byte_at_each_place_of_a_str_in_a_tuple, 1, 34);
    tcase_add_loop_test(tests, a_field_of_each_form, 0, 256);
    tcase_add_loop_test(tests, a_matcher_in_any_form, 0, COUNT_OF(matchers));
    tcase_add_test(tests, a_wrong_matcher_in_a_pattern_that_is_cut_off);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Patterns are written here as their bytes: the head of a matcher and its number have a name, then
 * come its operands.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/numbers.h"
#include "protocol/pattern.h"
#include "unit/protocol/no_memory.h"

#define EQ "\x92\x00"
#define ANY "\x91\x01"
#define REST "\x91\x02"
#define LT "\x92\x0d"
#define NE "\x92\x11"
#define RANGE "\x93\x12"
#define PREFIX "\x92\x13"
#define REGEX "\x93\x16"
#define LENGTH "\x92\x17"

static struct pattern_room room;
static struct pattern pattern;
static struct problem problem;
static struct buffer out;

static int check(const void *bytes, size_t size)
{
    const uint8_t *after = NULL;
    room.used = 0;
    memset(&problem, 0, sizeof problem);
    int result =
        pattern_check(bytes, (const uint8_t *)bytes + size, &room, &pattern, &after, &problem);
    if (result == 0)
        ck_assert_ptr_eq(after, (const uint8_t *)bytes + size);
    return result;
}

#define ck_assert_passes(bytes)                                                                    \
    ck_assert_msg(check(bytes, sizeof(bytes) - 1) == 0, "%s", problem.text)

#define ck_assert_refuses(bytes, status_, offset_)                                                 \
    do {                                                                                           \
        ck_assert_int_eq(check(bytes, sizeof(bytes) - 1), -status_);                               \
        ck_assert_int_eq(problem.status, status_);                                                 \
        ck_assert_uint_eq(problem.offset, offset_);                                                \
        ck_assert_uint_eq(room.used, 0);                                                           \
    } while (0)

static void ck_assert_node(int at, enum tsd_matcher op, unsigned children, unsigned skip)
{
    ck_assert_int_lt(at, pattern.node_count);
    ck_assert_int_eq(pattern.nodes[at].op, op);
    ck_assert_uint_eq(pattern.nodes[at].children, children);
    ck_assert_uint_eq(pattern.nodes[at].skip, skip);
}

START_TEST(fields_and_literals)
{
    static const char bytes[] = "\x93" EQ "\xa4task" ANY EQ "\x05";

    ck_assert_passes(bytes);
    ck_assert_uint_eq(pattern.fields, 3);
    ck_assert_uint_eq(pattern.node_count, 3);
    ck_assert_uint_eq(room.used, 3);
    ck_assert(!pattern.rest);
    ck_assert(pattern_is_literal(&pattern, 0));
    ck_assert(!pattern_is_literal(&pattern, 1));
    ck_assert(pattern_is_literal(&pattern, 2));
    ck_assert(!pattern_is_literal(&pattern, 3));
    ck_assert_ptr_eq(pattern_literal(&pattern, 0), bytes + 3);
    ck_assert_ptr_null(pattern_literal(&pattern, 1));
    ck_assert_ptr_eq(pattern_literal(&pattern, 2), bytes + sizeof bytes - 2);
}
END_TEST

START_TEST(literal_after_a_nested_matcher)
{
    static const char bytes[] = "\x92\x93\x1a" ANY "\x92\x1c" ANY EQ "\x05"; /* [(? | !?), 5] */

    ck_assert_passes(bytes);
    ck_assert_node(0, TSD_M_OR, 2, 4);
    ck_assert_node(1, TSD_M_ANY, 0, 1);
    ck_assert_node(2, TSD_M_NOT, 1, 2);
    ck_assert_node(4, TSD_M_EQ, 0, 1);
    ck_assert_ptr_eq(pattern_literal(&pattern, 1), bytes + sizeof bytes - 2);
}
END_TEST

START_TEST(rest_at_the_end)
{
    ck_assert_passes("\x92" ANY REST);
    ck_assert_uint_eq(pattern.fields, 1);
    ck_assert(pattern.rest);
    ck_assert_passes("\x91" REST); /* rule P6: matches every tuple */
    ck_assert_uint_eq(pattern.fields, 0);
    ck_assert_uint_eq(pattern.node_count, 0);
    ck_assert(pattern.rest);
}
END_TEST

START_TEST(rest_anywhere_else)
{
    ck_assert_refuses("\x92" REST ANY, TS_MALFORMED, 1);
    ck_assert_refuses("\x91\x92\x1c" REST, TS_MALFORMED, 3);
    ck_assert_refuses("\x91\x93\x1a" ANY REST, TS_MALFORMED, 5);
    ck_assert_refuses("\x91\x93\x18" REST ANY, TS_MALFORMED, 3);
    ck_assert_refuses("\x91\x92\x02\x01", TS_PROTOCOL, 1);
}
END_TEST

START_TEST(empty_pattern) /* rule P6 */
{
    ck_assert_refuses("\x90", TS_MALFORMED, 0);
}
END_TEST

START_TEST(what_is_no_pattern)
{
    ck_assert_refuses("", TS_PROTOCOL, 0);
    ck_assert_refuses("\x05", TS_PROTOCOL, 0);
    ck_assert_refuses("\x92" ANY, TS_PROTOCOL, 0);
    ck_assert_refuses("\x91\xc1", TS_PROTOCOL, 0);
}
END_TEST

START_TEST(what_is_no_matcher)
{
    ck_assert_refuses("\x92" ANY "\x05", TS_PROTOCOL, 3);
    ck_assert_refuses("\x91\x90", TS_PROTOCOL, 1);
    ck_assert_refuses("\x91\x91\xa1x", TS_PROTOCOL, 1);
    ck_assert_refuses("\x91\x91\xff", TS_PROTOCOL, 1);
    ck_assert_refuses("\x91\x91\x1d", TS_PROTOCOL, 1); /* the first number not in use */
    ck_assert_refuses("\x91\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff", TS_PROTOCOL, 1);
}
END_TEST

START_TEST(the_field_is_told)
{
    ck_assert_refuses("\x92" ANY "\x91\x1d", TS_PROTOCOL, 3);
    ck_assert_str_eq(problem.text, "field 2: there is no matcher 29");
}
END_TEST

/* How many operands each takes; -1: any number. */
static int operands_of(int op)
{
    if (op == TSD_M_ANY || op == TSD_M_REST || (op >= TSD_M_NIL && op <= TSD_M_EXT))
        return 0;
    if (op == TSD_M_RANGE || op == TSD_M_REGEX)
        return 2;
    return op >= TSD_M_ELEMENTS && op <= TSD_M_AND ? -1 : 1;
}

START_TEST(numbers_of_operands)
{
    for (int op = 0; op < TSD_M_END; op++) {
        /* operands that are right as far as they are needed: a str, and `i` as its flag; a matcher */
        bool inner = op == TSD_M_NOT || op == TSD_M_LENGTH;
        const char *operand = inner ? EQ "\x01" : "\xa1i";
        for (int operands = 0; operands_of(op) >= 0 && operands < 4; operands++) {
            buffer_clear(&out);
            buffer_append_byte(&out, 0x91);
            buffer_append_byte(&out, (uint8_t)(0x91 + operands));
            buffer_append_byte(&out, (uint8_t)op);
            for (int i = 0; i < operands; i++)
                buffer_append(&out, operand, inner ? 3 : 2);
            int expected = operands == operands_of(op) ? 0 : -TS_PROTOCOL;
            ck_assert_int_eq(check(out.bytes, out.size), expected);
        }
    }
    buffer_deinit(&out);
}
END_TEST

START_TEST(literals_are_valid_values) /* rules V1, V2 */
{
    ck_assert_passes("\x91" EQ "\x82\x01\xa1x\x02\xa1y");
    ck_assert_refuses("\x91" EQ "\x82\x01\xa1x\x01\xa1y", TS_MALFORMED, 7);
    ck_assert_refuses("\x91" EQ "\xa1\xff", TS_MALFORMED, 3);
    ck_assert_refuses("\x92" ANY NE "\xa1\xff", TS_MALFORMED, 5);
}
END_TEST

START_TEST(ordered_operands) /* rule P2 */
{
    ck_assert_passes("\x91" LT "\x05");
    ck_assert_passes("\x91" LT "\xca\x3f\x80\x00\x00");
    ck_assert_passes("\x91" LT "\xa1x");
    ck_assert_passes("\x91" LT "\xc4\x01x");
    ck_assert_refuses("\x91" LT "\xc0", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LT "\xc3", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LT "\x90", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LT "\xd4\x05x", TS_MALFORMED, 3);
    ck_assert_passes("\x91" NE "\xc0"); /* any value */
}
END_TEST

START_TEST(ends_of_a_range) /* rule P2 */
{
    ck_assert_passes("\x91" RANGE "\x01\xca\x3f\x80\x00\x00");
    ck_assert_uint_eq(pattern.nodes[0].a, 3);
    ck_assert_uint_eq(pattern.nodes[0].b, 4);
    ck_assert_passes("\x91" RANGE "\xa1x\xa0");
    ck_assert_passes("\x91" RANGE "\x05\x01"); /* matches nothing */
    ck_assert_refuses("\x91" RANGE "\x05\xa1x", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" RANGE "\xa1x\xc4\x01x", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" RANGE "\xc0\xc0", TS_MALFORMED, 3);
}
END_TEST

START_TEST(parts_of_strs_and_bins) /* rule P3 */
{
    ck_assert_passes("\x91" PREFIX "\xa1x");
    ck_assert_passes("\x91" PREFIX "\xc4\x01x");
    ck_assert_refuses("\x91" PREFIX "\x05", TS_MALFORMED, 3);
}
END_TEST

START_TEST(expressions) /* rule P3 */
{
    ck_assert_passes("\x92" REGEX "\xa2^x\xa0" REGEX "\xa2x$\xa1i");
    ck_assert_uint_eq(pattern.expressions, 2);
    ck_assert_uint_eq(pattern.nodes[0].b, 0);
    ck_assert_uint_eq(pattern.nodes[0].children, 0);
    ck_assert_uint_eq(pattern.nodes[1].b, 1);
    ck_assert_uint_eq(pattern.nodes[1].children, 1);
    ck_assert_refuses("\x91" REGEX "\xa1x\xa1s", TS_MALFORMED, 5);
    ck_assert_refuses("\x91" REGEX "\xa1x\xa2ii", TS_MALFORMED, 5);
    ck_assert_refuses("\x91" REGEX "\xc4\x01x\xa0", TS_MALFORMED, 1);
    ck_assert_refuses("\x91" REGEX "\xa1x\x01", TS_MALFORMED, 1);
}
END_TEST

static int check_expression(uint32_t size)
{
    buffer_clear(&out);
    buffer_append(&out, "\x91" REGEX, 3);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_str(&packer, size);
    memset(buffer_reserve(&out, size), 'x', size);
    out.size += size;
    buffer_append_byte(&out, 0xa0);
    return check(out.bytes, out.size);
}

START_TEST(bytes_of_an_expression_are_limited)
{
    ck_assert_int_eq(check_expression(4096), 0);
    ck_assert_int_eq(check_expression(4097), -TS_LIMIT);
    buffer_deinit(&out);
}
END_TEST

START_TEST(lengths) /* rule P4 */
{
    ck_assert_passes("\x91" LENGTH EQ "\x05");
    ck_assert_node(0, TSD_M_LENGTH, 1, 2);
    ck_assert_node(1, TSD_M_EQ, 0, 1);
    ck_assert(!pattern_is_literal(&pattern, 0));
    ck_assert_passes("\x91" LENGTH LT "\xcd\x01\x00");
    ck_assert_passes("\x91" LENGTH RANGE "\x00\x05");
    ck_assert_refuses("\x91" LENGTH EQ "\xff", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LENGTH EQ "\xca\x3f\x80\x00\x00", TS_MALFORMED, 3); /* 1.0 */
    ck_assert_refuses("\x91" LENGTH EQ "\xa1x", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LENGTH RANGE "\x00\xff", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LENGTH RANGE "\xff\x00", TS_MALFORMED, 3);
    ck_assert_refuses("\x91" LENGTH ANY, TS_PROTOCOL, 3);
    ck_assert_refuses("\x91" LENGTH NE "\x05", TS_PROTOCOL, 3);
    ck_assert_refuses("\x91" LENGTH "\x05", TS_PROTOCOL, 3);
}
END_TEST

START_TEST(elements)
{
    ck_assert_passes("\x91\x94\x18" ANY EQ "\x05" REST); /* [[?, 5, ...]] */
    ck_assert_node(0, TSD_M_ELEMENTS, 2, 3);
    ck_assert(pattern.nodes[0].rest);
    ck_assert(!pattern.rest);
    ck_assert_passes("\x91\x92\x18" ANY);
    ck_assert(!pattern.nodes[0].rest);
    ck_assert_passes("\x91\x91\x18");
    ck_assert_node(0, TSD_M_ELEMENTS, 0, 1);
    ck_assert_passes("\x91\x92\x18" REST); /* any array */
    ck_assert_node(0, TSD_M_ELEMENTS, 0, 1);
}
END_TEST

START_TEST(pairs)
{
    static const char bytes[] = "\x91\x96\x19\xa1k" ANY "\x01\x92\x1c" ANY REST;

    ck_assert_passes(bytes); /* [{"k": ?, 1: !?, ...}] */
    ck_assert_node(0, TSD_M_PAIRS, 2, 6);
    ck_assert(pattern.nodes[0].rest);
    ck_assert_node(1, TSD_M_EQ, 0, 1);
    ck_assert_uint_eq(pattern.nodes[1].a, 3);
    ck_assert_node(2, TSD_M_ANY, 0, 1);
    ck_assert_node(3, TSD_M_EQ, 0, 1);
    ck_assert_node(4, TSD_M_NOT, 1, 2);
    ck_assert_passes("\x91\x91\x19"); /* the empty map */
    ck_assert_node(0, TSD_M_PAIRS, 0, 1);
    ck_assert(!pattern.nodes[0].rest);
    ck_assert_passes("\x91\x92\x19" REST); /* any map */
    ck_assert_refuses("\x91\x92\x19" ANY, TS_PROTOCOL, 1);
    ck_assert_refuses("\x91\x93\x19\xa1k\x05", TS_PROTOCOL, 5);
    ck_assert_refuses("\x91\x93\x19\xa1k" REST, TS_MALFORMED, 5);
    ck_assert_refuses("\x91\x93\x19\xa1\xff" ANY, TS_MALFORMED, 3);
}
END_TEST

START_TEST(repeated_keys) /* rule P7 */
{
    ck_assert_passes("\x91\x95\x19\x01" ANY "\xc3" ANY); /* 1 and true */
    ck_assert_refuses("\x91\x95\x19\x01" ANY "\x01" ANY, TS_MALFORMED, 6);
    ck_assert_refuses("\x91\x95\x19\x01" ANY "\xca\x3f\x80\x00\x00" ANY, TS_MALFORMED, 6);
    ck_assert_refuses("\x91\x96\x19\x01" ANY "\x01" ANY REST, TS_MALFORMED, 6);
}
END_TEST

/* So many pairs of a number and any value. */
static int check_pairs(uint32_t pairs)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, 1);
    msgpack_pack_array(&packer, 1 + 2 * pairs);
    msgpack_pack_int(&packer, TSD_M_PAIRS);
    for (uint32_t i = 0; i < pairs; i++) {
        msgpack_pack_uint32(&packer, i);
        buffer_append(&out, ANY, 2);
    }
    return check(out.bytes, out.size);
}

START_TEST(no_memory_for_many_keys)
{
    ck_assert_int_eq(check_pairs(100), 0);
    buffer_reserve(&out, 10000);
    no_memory = true;
    int few = check_pairs(10), many = check_pairs(100);
    no_memory = false;
    ck_assert_int_eq(few, 0);
    ck_assert_int_eq(many, -TS_NO_MEMORY);
    buffer_deinit(&out);
}
END_TEST

START_TEST(or_and_and_take_two) /* rule P5 */
{
    ck_assert_passes("\x91\x93\x1a" ANY ANY);
    ck_assert_passes("\x91\x93\x1b" ANY ANY);
    ck_assert_passes("\x91\x94\x1b" ANY ANY ANY);
    ck_assert_node(0, TSD_M_AND, 3, 4);
    ck_assert_refuses("\x91\x92\x1a" ANY, TS_MALFORMED, 1);
    ck_assert_refuses("\x91\x92\x1b" ANY, TS_MALFORMED, 1);
    ck_assert_refuses("\x91\x91\x1a", TS_MALFORMED, 1);
}
END_TEST

static int check_levels(unsigned levels)
{
    buffer_clear(&out);
    buffer_append_byte(&out, 0x91);
    for (unsigned i = 0; i < levels; i++)
        buffer_append(&out, "\x92\x1c", 2);
    buffer_append(&out, ANY, 2);
    return check(out.bytes, out.size);
}

START_TEST(levels_are_limited) /* rule P8 */
{
    ck_assert_int_eq(check_levels(32), 0);
    ck_assert_int_eq(check_levels(33), -TS_LIMIT);
    ck_assert_int_eq(check_levels(20000), -TS_LIMIT);
    buffer_deinit(&out);
}
END_TEST

START_TEST(levels_side_by_side_do_not_add_up)
{
    buffer_clear(&out);
    buffer_append(&out, "\xdc\x00\x64", 3);
    for (int i = 0; i < 100; i++)
        buffer_append(&out, "\x92\x1c" ANY, 4);
    ck_assert_int_eq(check(out.bytes, out.size), 0);
    buffer_deinit(&out);
}
END_TEST

/* [[?, ...]] with so many matchers in all. */
static int check_matchers(uint32_t matchers)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, 1);
    msgpack_pack_array(&packer, matchers);
    msgpack_pack_int(&packer, TSD_M_ELEMENTS);
    for (uint32_t i = 1; i < matchers; i++)
        buffer_append(&out, ANY, 2);
    return check(out.bytes, out.size);
}

START_TEST(matchers_are_limited) /* rule P8 */
{
    ck_assert_int_eq(check_matchers(1024), 0);
    ck_assert_uint_eq(pattern.node_count, 1024);
    ck_assert_int_eq(check_matchers(1025), -TS_LIMIT);
    buffer_deinit(&out);
}
END_TEST

static int check_fields(uint32_t fields, bool rest)
{
    buffer_clear(&out);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_array(&packer, fields + rest);
    for (uint32_t i = 0; i < fields; i++)
        buffer_append(&out, i % 2 ? EQ "\x05" : ANY, i % 2 ? 3 : 2);
    buffer_append(&out, REST, rest ? 2 : 0);
    return check(out.bytes, out.size);
}

START_TEST(fields_are_limited)
{
    ck_assert_int_eq(check_fields(255, true), 0);
    for (unsigned i = 0; i < 255; i++)
        ck_assert_int_eq(pattern_is_literal(&pattern, i), i % 2);
    ck_assert_ptr_eq(pattern_literal(&pattern, 253), out.bytes + out.size - 2 - 2 - 1);
    ck_assert_int_eq(check_fields(256, false), -TS_LIMIT);
    buffer_deinit(&out);
}
END_TEST

static int check_size(size_t size)
{
    buffer_clear(&out);
    buffer_append(&out, "\x91" EQ, 3);
    msgpack_packer packer = buffer_packer(&out);
    msgpack_pack_bin(&packer, size - 3 - 5);
    while (out.size < size)
        buffer_append_byte(&out, 'x');
    return check(out.bytes, out.size);
}

START_TEST(bytes_are_limited) /* rule P8 */
{
    ck_assert_int_eq(check_size(65535 + 5), -TS_LIMIT);
    buffer_clear(&out);
    buffer_append(&out, "\x91" EQ "\xc5\xff\xfa", 6);
    while (out.size < 65536)
        buffer_append_byte(&out, 'x');
    ck_assert_int_eq(check(out.bytes, out.size), 0);
    buffer_deinit(&out);
}
END_TEST

START_TEST(cut_at_each_byte)
{
    static const char bytes[] =
        "\x94\x96\x19\xa1k" ANY "\x01\x92\x1c" ANY REST RANGE "\xa1x\xa1y" REGEX "\xa2^x\xa1i" REST;

    ck_assert_passes(bytes);
    for (size_t size = 0; size < sizeof bytes - 1; size++) {
        uint8_t *cut = malloc(size + 1); /* so that ASan sees whoever reads past it */
        memcpy(cut + 1, bytes, size);
        ck_assert_int_eq(check(cut + 1, size), -TS_PROTOCOL);
        free(cut);
    }
}
END_TEST

START_TEST(patterns_share_a_room)
{
    static const uint8_t bytes[] = "\x92" ANY EQ "\x05";
    struct pattern first, second;
    room.used = 0;
    ck_assert_int_eq(pattern_check(bytes, bytes + 6, &room, &first, NULL, &problem), 0);
    ck_assert_int_eq(pattern_check(bytes, bytes + 6, &room, &second, NULL, &problem), 0);
    ck_assert_uint_eq(room.used, 4);
    ck_assert_ptr_eq(second.nodes, first.nodes + 2);
    ck_assert_ptr_eq(pattern_literal(&second, 1), bytes + 5);
}
END_TEST

START_TEST(copy_stands_alone)
{
    struct pattern copy;
    uint8_t bytes[] = "\x92" ANY EQ "\x05";

    ck_assert_int_eq(check(bytes, 6), 0);
    void *block = malloc(pattern_copy_size(&pattern));
    pattern_copy(&pattern, block, &copy);
    memset(bytes, 0xff, sizeof bytes);
    memset(&room, 0xff, sizeof room);
    ck_assert_uint_eq(copy.fields, 2);
    ck_assert_int_eq(copy.nodes[0].op, TSD_M_ANY);
    ck_assert(pattern_is_literal(&copy, 1));
    ck_assert_uint_eq(*pattern_literal(&copy, 1), 5);
    free(block);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tests = tcase_create("pattern");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, fields_and_literals);
    tcase_add_test(tests, literal_after_a_nested_matcher);
    tcase_add_test(tests, rest_at_the_end);
    tcase_add_test(tests, rest_anywhere_else);
    tcase_add_test(tests, empty_pattern);
    tcase_add_test(tests, what_is_no_pattern);
    tcase_add_test(tests, what_is_no_matcher);
    tcase_add_test(tests, the_field_is_told);
    tcase_add_test(tests, numbers_of_operands);
    tcase_add_test(tests, literals_are_valid_values);
    tcase_add_test(tests, ordered_operands);
    tcase_add_test(tests, ends_of_a_range);
    tcase_add_test(tests, parts_of_strs_and_bins);
    tcase_add_test(tests, expressions);
    tcase_add_test(tests, bytes_of_an_expression_are_limited);
    tcase_add_test(tests, lengths);
    tcase_add_test(tests, elements);
    tcase_add_test(tests, pairs);
    tcase_add_test(tests, repeated_keys);
    tcase_add_test(tests, no_memory_for_many_keys);
    tcase_add_test(tests, or_and_and_take_two);
    tcase_add_test(tests, levels_are_limited);
    tcase_add_test(tests, levels_side_by_side_do_not_add_up);
    tcase_add_test(tests, matchers_are_limited);
    tcase_add_test(tests, fields_are_limited);
    tcase_add_test(tests, bytes_are_limited);
    tcase_add_test(tests, cut_at_each_byte);
    tcase_add_test(tests, patterns_share_a_room);
    tcase_add_test(tests, copy_stands_alone);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

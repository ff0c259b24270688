/* SPDX-License-Identifier: MIT */
#include "decoded.h"
#include "random_patterns.h"

/* --- What is right ------------------------------------------------------------------------------- */

static const char *const good[] = {
    "[1, 1, 0]",
    "[0, 1, 7]",
    "[1, 2, 0]",
    "[1, 3, 18446744073709551615]",
    "[18446744073709551615, 4, 0, 18446744073709551615]",
    "[1, 5, 0, \"s\", [[1]]]",
    "[1, 5, 0, \"s\", [[1], [2, \"a\"]], {6: -128}]",
    "[1, 6, 0, \"s\", [[1]]]",
    "[1, 6, 0, \"s\", [[0, 1], [2]], {1: 0, 2: 1, 3: 5, 4: [[\"t\", [[1]]]], 5: 9}]",
    "[1, 7, 0, \"s\", [[2]], {1: 18446744073709551615}]",
    "[1, 8, 0, \"s\", [[2]]]",
    "[1, 9, 0, \"s\", [[2]], {3: 100, 7: [-1, 18446744073709551615], 8: true}]",
    "[1, 10, 0]",
    "[1, 10, 0, {}]",
    "[1, 5, 0, \"s\", [[1]], {1: 0, 6: -1, 12: 5, 13: 6, 14: false, 15: false, 16: \"k\", 17: 1}]",
    "[1, 5, 0, \"s\", [[1]], {13: 1, 14: true}]",
    "[1, 5, 0, \"s\", [[1]], {1: 7, 6: 1, 14: false, 15: true}]",
    "[1, 9, 0, \"s\", [[1]], {22: true, 23: true}]",
    "[1, 11, 0, \"s\", [[1]], {10: 0, 11: true, 23: false}]",
    "[1, 11, 0, \"s\", [[1]], {11: false}]",
    "[1, 12, 0, [" TOKEN "], \"s\", []]",
    "[1, 12, 0, [" TOKEN ", " TOKEN "], \"s\", [[1], [2]], {16: \"a\\u0000b\", 12: 1}]",
    "[1, 13, 0, [" TOKEN ", [3, 18446744073709551615]], {12: 5, 18: true, 28: 383}]",
    "[1, 14, 0, [" TOKEN "], 18446744073709551615]",
    "[1, 15, 0, \"s\", [[1, null, [[1]]]], []]",
    "[1, 15, 0, \"s\", [[1, \"t\", [[0, 5], [2]], {}], [2, null, [[1]]], [3, null, [[1]], {10: 9, "
    "11: "
    "true}], [4, null, [[1]]]], [[1, null, [[0, [{1: \"a\"}]], [1, 2, 254, -9223372036854775808], "
    "[1, 0, 0]], {6: 127, 12: 1, 13: 300, 14: true, 15: false}], [2, " TOKEN "], [1, \"u\", [[0, "
    "1]]]], {1: 0}]",
    "[1, 16, 0, \"s\", [[1]]]",
    "[1, 16, 0, \"s\", [[1]], {3: 7, 19: \"t\"}]",
    "[1, 17, 0, \"s\", [[1]], {19: \"t\"}]",
    "[1, 18, 0, \"s\", [[1]], {20: true, 21: 126}]",
    "[1, 19, 0, \"s\", [[1]], {1: 0}]",
    "[1, 20, 0, \"s\", []]",
    "[1, 20, 0, \"s\", [[1]], {6: 1, 12: 2, 13: 3}]",
    "[1, 21, 0, \"s\", {24: 0, 25: 4294967296, 26: \"\"}]",
    "[1, 21, 0, \"s\", {26: \"dead\"}]",
    "[1, 22, 0, \"s\", {27: true}]",
    "[1, 23, 0]",
    "[1, 23, 0, {9: \"jobs\"}]",
    "[1, 24, 0, \"s\", [[1]]]",
    "[1, 24, 0, \"s\", [[1]], {3: 10, 29: [1, \"a\"]}]",
};
#define GOOD (sizeof good / sizeof good[0])

START_TEST(good_requests_are_decoded)
{
    for (size_t i = 0; i < GOOD; i++)
        ck_assert_msg(decode_text(good[i]) == 0, "%s: %s", good[i], problem.text);
}
END_TEST

START_TEST(fields_come_where_they_belong)
{
    ck_assert_int_eq(decode_text("[300, 6, 7, \"main\", [[0, 1]], {1: 5000000, 2: 2, 3: 9, "
                                 "4: [[\"other\", [[1]]]], 5: 42, 23: true}]"),
                     0);
    ck_assert_uint_eq(request.number, 300);
    ck_assert_int_eq(request.op, TSD_OP_IN);
    ck_assert_uint_eq(request.ack, 7);
    ck_assert_uint_eq(request.has, TSD_HAS_MATCHING);
    ck_assert(span_is(&request.space, "main"));
    ck_assert_uint_eq(request.alternative_count, 2);
    ck_assert(span_is(&request.alternatives[0].space, "main"));
    ck_assert(span_is(&request.alternatives[1].space, "other"));
    ck_assert(pattern_is_literal(&request.alternatives[0].pattern, 0));
    ck_assert(!pattern_is_literal(&request.alternatives[1].pattern, 0));
    ck_assert_uint_eq(request.timeout_us, 5000000);
    ck_assert_uint_eq(request.min, 2);
    ck_assert_uint_eq(request.max, 9);
    ck_assert_uint_eq(request.id, 42);
    ck_assert(request.who);
}
END_TEST

START_TEST(tuples_are_those_between_the_array_and_the_options)
{
    static const uint8_t tuples[] = {0x91, 1, 0x92, 2, 0xc0};

    ck_assert_int_eq(decode_text("[1, 5, 0, \"s\", [[1], [2, null]], {6: -7}]"), 0);
    ck_assert_uint_eq(request.tuple_count, 2);
    ck_assert_uint_eq(request.tuples.size, sizeof tuples);
    ck_assert_mem_eq(request.tuples.bytes, tuples, sizeof tuples);
    ck_assert_int_eq(request.putting.priority, -7);
    ck_assert_uint_eq(request.alternative_count, 0);
}
END_TEST

START_TEST(a_cursor_is_a_place)
{
    ck_assert_int_eq(decode_text("[1, 9, 0, \"s\", [[1]], {7: [-128, 18446744073709551615]}]"), 0);
    ck_assert_int_eq(request.cursor.priority, -128);
    ck_assert_uint_eq(request.cursor.id, UINT64_MAX);
    ck_assert(!request.reverse);
    ck_assert_int_eq(decode_text("[1, 9, 0, \"s\", [[1]], {8: true}]"), 0);
    ck_assert(request.reverse);
}
END_TEST

START_TEST(after_is_a_name)
{
    ck_assert_int_eq(decode_text("[1, 10, 0, {9: \"jobs\"}]"), 0);
    ck_assert_uint_eq(request.has, TSD_HAS(AFTER));
    ck_assert_uint_eq(request.after.size, 4);
    ck_assert_mem_eq(request.after.bytes, "jobs", 4);
    ck_assert_int_eq(decode_text("[1, 10, 0]"), 0);
    ck_assert_uint_eq(request.after.size, 0);
    ck_assert_int_eq(decode_text("[1, 10, 0, {9: \"\"}]"), -TS_MALFORMED);
    ck_assert_int_eq(decode_text("[1, 10, 0, {9: 1}]"), -TS_PROTOCOL);
}
END_TEST

START_TEST(a_tuple_may_be_given_to_be_explained)
{
    static const uint8_t tuple[] = {0x92, 1, 0xc0};

    ck_assert_int_eq(decode_text("[1, 24, 0, \"s\", [[1]], {29: [1, null], 3: 2}]"), 0);
    ck_assert_uint_eq(request.has, TSD_HAS(TUPLE) | TSD_HAS(MAX));
    ck_assert_uint_eq(request.tuple_count, 1);
    ck_assert_uint_eq(request.tuples.size, sizeof tuple);
    ck_assert_mem_eq(request.tuples.bytes, tuple, sizeof tuple);
    ck_assert_uint_eq(request.max, 2);
    ck_assert_uint_eq(request.alternative_count, 1);
}
END_TEST

/* min 1; max 1, or min where that is more; larger ones are cut to a unit (rule S17) */
static const struct {
    const char *options;
    uint32_t min, max;
} counts[] = {
    {"{}", 1, 1},
    {"{2: 5}", 5, 5},
    {"{3: 5}", 1, 5},
    {"{2: 3, 3: 5}", 3, 5},
    {"{3: 5, 2: 5}", 5, 5},
    {"{3: 16384}", 1, 16384},
    {"{3: 16385}", 1, 16384},
    {"{2: 18446744073709551615}", 16384, 16384},
};

START_TEST(counts_have_their_defaults_and_are_cut_to_a_unit)
{
    char text[128];

    (void)snprintf(text, sizeof text, "[1, 6, 0, \"s\", [[1]], %s]", counts[_i].options);
    ck_assert_msg(decode_text(text) == 0, "%s: %s", text, problem.text);
    ck_assert_uint_eq(request.min, counts[_i].min);
    ck_assert_uint_eq(request.max, counts[_i].max);
}
END_TEST

/* --- What is wrong ------------------------------------------------------------------------------- */

/* The connection is closed (design, section 4). */
static const struct bad malformed[] = {
    {"1", TS_PROTOCOL, "request: not array, but int"},
    {"{1: 3}", TS_PROTOCOL, "request: not array, but map"},
    {"[]", TS_PROTOCOL, "at least number, operation and acknowledgement"},
    {"[1, 3]", TS_PROTOCOL, "at least number, operation and acknowledgement"},
    {"[-1, 3, 0]", TS_PROTOCOL, "request's number: not uint, but a negative int"},
    {"[\"1\", 3, 0]", TS_PROTOCOL, "request's number: not uint, but str"},
    {"[1, 0, 0]", TS_PROTOCOL, "unknown operation 0"},
    {"[1, 28, 0]", TS_PROTOCOL, "unknown operation 28"},
    {"[1, 18446744073709551615, 0]", TS_PROTOCOL, "unknown operation 18446744073709551615"},
    {"[1, null, 0]", TS_PROTOCOL, "operation: not uint, but nil"},
    {"[1, 3, 1.0]", TS_PROTOCOL, "acknowledgement: not uint, but float"},
    {"[0, 3, 0]", TS_PROTOCOL, "request number 0 is for ack only, not ping"},
    {"[1, 3, 0, 1]", TS_PROTOCOL, "options: not map, but int"},
    {"[1, 3, 0, {}, {}]", TS_PROTOCOL, "ping has 0 arguments and a map of options, not 2 values"},
    {"[1, 4, 0]", TS_PROTOCOL, "cancel has 1 arguments and a map of options, not 0 values"},
    {"[1, 4, 0, {}]", TS_PROTOCOL, "argument number: not uint, but map"},
    {"[1, 4, 0, -1]", TS_PROTOCOL, "argument number: not uint, but a negative int"},
    {"[1, 5, 0, \"s\"]", TS_PROTOCOL, "out has 2 arguments"},
    {"[1, 5, 0, [[1]], \"s\"]", TS_PROTOCOL, "argument space: not str, but array"},
    {"[1, 5, 0, b\"aGk=\", [[1]]]", TS_PROTOCOL, "argument space: not str, but bin"},
    {"[1, 5, 0, \"s\", {1: 1}]", TS_PROTOCOL, "argument tuples: not array of 1 to 16,384"},
    {"[1, 5, 0, \"s\", [[1]], [6, 1]]", TS_PROTOCOL, "options: not map, but array"},
    {"[1, 5, 0, \"s\", [[1]], {\"priority\": 5}]", TS_PROTOCOL, "number of an option: not uint"},
    {"[1, 5, 0, \"s\", [[1]], {6: 1.0}]", TS_PROTOCOL, "option priority: not int, but float"},
    {"[1, 6, 0, \"s\", [[1]], {1: -1}]", TS_PROTOCOL, "option timeout: not uint, but a negative"},
    {"[1, 6, 0, \"s\", [[1]], {1: nan}]", TS_PROTOCOL, "option timeout: not uint, but float"},
    {"[1, 6, 0, \"s\", [[1]], {2: \"1\"}]", TS_PROTOCOL, "option min: not uint, but str"},
    {"[1, 6, 0, \"s\", [[1]], {4: {}}]", TS_PROTOCOL, "option alternatives: not array of up to 7"},
    {"[1, 6, 0, \"s\", [[1]], {4: [\"t\", [[1]]]}]", TS_PROTOCOL, "alternative 1: option altern"},
    {"[1, 6, 0, \"s\", [[1]], {4: [[\"t\", [[1]], 1]]}]", TS_PROTOCOL, "alternative 1: option"},
    {"[1, 9, 0, \"s\", [[1]], {7: [1]}]", TS_PROTOCOL,
     "option cursor: not [priority, id], but arr"},
    {"[1, 9, 0, \"s\", [[1]], {7: [128, 1]}]", TS_PROTOCOL, "option cursor: not [priority, id]"},
    {"[1, 9, 0, \"s\", [[1]], {7: [0, -1]}]", TS_PROTOCOL, "option cursor: not [priority, id]"},
    {"[1, 9, 0, \"s\", [[1]], {8: 1}]", TS_PROTOCOL, "option reverse: not bool, but int"},
    {"[1, 21, 0, \"s\", {32: \"rwt\"}]", TS_PROTOCOL, "option mode: not uint, but str"},
    {"[1, 21, 0, \"s\", {33: 1}]", TS_PROTOCOL, "option existing: not bool, but int"},
    {"[1, 25, 0, {34: -1}]", TS_PROTOCOL, "option beyond: not uint, but a negative int"},
    {"[1, 27, 0]", TS_PROTOCOL, "kill has 1 arguments and a map of options, not 0 values"},
    {"[1, 27, 0, \"1\"]", TS_PROTOCOL, "argument client: not uint, but str"},
    {"[1, 6, 0, \"s\", 1]", TS_PROTOCOL, "a pattern is an array"},
    {"[1, 6, 0, \"s\", [[29]]]", TS_PROTOCOL, "29"},
    {"[1, 6, 0, \"s\", [[1, 1]]]", TS_PROTOCOL, "operands"},
};

/* The request is refused: it changes nothing, the connection stays. */
static const struct bad refused[] = {
    {"[9, 5, 3, \"s\", [[1]], {2: 5}]", TS_INVALID, "out has no option min"},
    {"[9, 5, 3, \"s\", [[1]], {29: [5]}]", TS_INVALID, "out has no option tuple"},
    {"[9, 5, 3, \"s\", [[1]], {35: 5}]", TS_INVALID, "unknown option 35"},
    {"[9, 5, 3, \"s\", [[1]], {64: 5}]", TS_INVALID, "unknown option 64"},
    {"[9, 21, 3, \"s\", {30: 4294967295}]", TS_MALFORMED, "option owner: out of range"},
    {"[9, 21, 3, \"s\", {31: 4294967295}]", TS_MALFORMED, "option group: out of range"},
    {"[9, 21, 3, \"s\", {32: 512}]", TS_MALFORMED, "option mode: out of range"},
    {"[9, 5, 3, \"s\", [[1]], {9: \"a\"}]", TS_INVALID, "out has no option after"},
    {"[9, 5, 3, \"s\", [[1]], {0: 5}]", TS_INVALID, "unknown option 0"},
    {"[9, 5, 3, \"s\", [[1]], {32: 5}]", TS_INVALID, "out has no option mode"},
    {"[9, 5, 3, \"s\", [[1]], {18446744073709551615: 5}]", TS_INVALID, "unknown option 1844"},
    {"[9, 5, 3, \"\", [[1]]]", TS_MALFORMED, "the name of a space has at least 1 byte"},
    {"[9, 5, 3, \"a\\nb\", [[1]]]", TS_MALFORMED, "a control character at byte 1"},
    {"[9, 5, 3, \"s\\u007f\", [[1]]]", TS_MALFORMED, "a control character at byte 1"},
    {"[9, 5, 3, \"\\u0085\", [[1]]]", TS_MALFORMED, "a control character at byte 0"},
    {"[9, 5, 3, \"s\", []]", TS_MALFORMED, "no tuples to put"},
    {"[9, 24, 3, \"s\", [[1]], {29: 5}]", TS_MALFORMED, "option tuple: "},
    {"[9, 24, 3, \"s\", [[1]], {29: []}]", TS_MALFORMED, "option tuple: "},
    {"[9, 24, 3, \"s\", [[1]], {3: 0}]", TS_MALFORMED, "option max: 0, where it is at least 1"},
    {"[9, 5, 3, \"s\", [1]]", TS_MALFORMED, "tuple 1: a tuple is an array of fields"},
    {"[9, 5, 3, \"s\", [[1], []]]", TS_MALFORMED, "tuple 2: a tuple has at least one field"},
    {"[9, 5, 3, \"s\", [[1]], {6: 128}]", TS_MALFORMED, "option priority: out of range"},
    {"[9, 5, 3, \"s\", [[1]], {6: -129}]", TS_MALFORMED, "option priority: out of range"},
    {"[9, 5, 3, \"s\", [[1]], {6: 18446744073709551615}]", TS_MALFORMED, "option priority: out of"},
    {"[9, 6, 3, \"s\", []]", TS_MALFORMED, "a pattern has at least one"},
    {"[9, 6, 3, \"s\", [[1], [13, null]]]", TS_MALFORMED, "field 2: only numbers, strs and bins"},
    {"[9, 6, 3, \"s\", [[1]], {2: 0}]", TS_MALFORMED, "option min: 0"},
    {"[9, 6, 3, \"s\", [[1]], {3: 0}]", TS_MALFORMED, "option max: 0"},
    {"[9, 6, 3, \"s\", [[1]], {2: 3, 3: 2}]", TS_MALFORMED, "option min: 3 is more than max, 2"},
    {"[9, 6, 3, \"s\", [[1]], {4: [[\"t\", [[1]]], [\"\", [[1]]]]}]", TS_MALFORMED,
     "alternative 2: the name of a space"},
    {"[9, 6, 3, \"s\", [[1]], {4: [[\"t\", [[1], [26, [1]]]]]}]", TS_MALFORMED,
     "alternative 1: field 2: "},
    {"[9, 6, 3, \"s\", [[1]], {4: [[\"t\", [[1]]], [\"t\", [[1]]], [\"t\", [[1]]], [\"t\", [[1]]], "
     "[\"t\", [[1]]], [\"t\", [[1]]], [\"t\", [[1]]], [\"t\", [[1]]]]}]",
     TS_LIMIT, "option alternatives: 8 further ones, where the limit is 7"},
};

START_TEST(malformed_requests_close_the_connection)
{
    check_bad(&malformed[_i]);
}
END_TEST

START_TEST(refused_requests_tell_whose_they_are)
{
    check_bad(&refused[_i]);
    ck_assert_uint_eq(request.number, 9);
    ck_assert_uint_eq(request.op, body.bytes[2]);
    ck_assert_uint_eq(request.ack, 3);
}
END_TEST

START_TEST(a_problem_tells_the_byte_of_the_frame)
{
    static const uint8_t repeated[] = {0x95, 9, 5,    3,    0xa1, 's', 0x92, 0x91, 1,
                                       0x92, 2, 0x82, 0xa1, 'a',  1,   0xa1, 'a',  2};

    ck_assert_int_eq(decode_bytes(repeated, sizeof repeated), -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 15); /* the second key */
    ck_assert_str_eq(problem.text, "tuple 2: field 2: a map with a repeated key");
    ck_assert_int_eq(decode_text("[9, 6, 3, \"s\", [[1], [13, null]]]"), -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 11); /* the operand */
    ck_assert_int_eq(decode_text("[9, 6, 3, \"s\", [[1]], {4: [[\"t\", [[13, null]]]]}]"),
                     -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 18);
}
END_TEST

START_TEST(an_option_stands_once)
{
    static const uint8_t twice[] = {0x96, 1, 6, 0, 0xa1, 's', 0x91, 0x91, 1, 0x82, 1, 5, 1, 5};

    ck_assert_int_eq(decode_bytes(twice, sizeof twice), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, "option timeout stands twice");
}
END_TEST

START_TEST(every_cut_of_a_good_request_is_malformed)
{
    ck_assert_int_eq(decode_text(good[_i]), 0);
    for (size_t size = 0; size < body.size; size++)
        ck_assert_msg(decode_bytes(body.bytes, size) == -TS_PROTOCOL, "%s: %zu bytes", good[_i],
                      size);
}
END_TEST

START_TEST(nothing_follows_a_request)
{
    ck_assert_int_eq(decode_text(good[_i]), 0);
    buffer_append_byte(&body, 0xc0);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, "bytes after the end of the request");
}
END_TEST

START_TEST(a_refused_request_in_a_malformed_frame_is_malformed)
{
    ck_assert_int_eq(decode_text(refused[_i].text), -(int)refused[_i].status);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size - 1), -TS_PROTOCOL);
    buffer_append_byte(&body, 0xc0);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_PROTOCOL);
}
END_TEST

START_TEST(a_changed_byte_never_makes_it_read_past_the_end)
{
    struct random random = random_seeded("test_request");

    for (unsigned i = 0; i < 20000; i++) {
        decode_text(good[random_below(&random, GOOD)]);
        for (unsigned n = 1 + random_below(&random, 3); n > 0; n--)
            body.bytes[random_below(&random, (uint32_t)body.size)] = (uint8_t)random_next(&random);
        int result = decode_bytes(body.bytes, body.size);
        ck_assert(result == 0 || result == -(int)problem.status);
    }
}
END_TEST

/* --- Names --------------------------------------------------------------------------------------- */

START_TEST(a_name_of_255_bytes_is_one_and_of_256_is_not)
{
    char text[400];

    for (size_t size = 255; size <= 256; size++) {
        int length = snprintf(text, sizeof text, "[1, 8, 0, \"%0*d\", [[2]]]", (int)size, 0);
        ck_assert_int_lt(length, (int)sizeof text);
        ck_assert_int_eq(decode_text(text), size == 255 ? 0 : -TS_LIMIT);
    }
    ck_assert_str_eq(problem.text, "the name of a space has 256 bytes, where the limit is 255");
}
END_TEST

START_TEST(a_name_is_utf8)
{
    uint8_t bytes[] = {0x95, 1, 8, 0, 0xa2, 0xc3, 0xa4, 0x91, 0x91, 1};

    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), 0);
    bytes[6] = 'a';
    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), -TS_MALFORMED);
    ck_assert_str_eq(problem.text, "the name of a space is not valid UTF-8");
    bytes[5] = 0xc0, bytes[6] = 0xa0; /* a space in a form too long */
    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), -TS_MALFORMED);
}
END_TEST

/* --- Limits -------------------------------------------------------------------------------------- */

/* out of `count` tuples of one field, `value` each */
static void put_many(uint32_t count, const uint8_t *value, size_t size)
{
    msgpack_packer packer = buffer_packer(&body);

    buffer_clear(&body);
    buffer_append(&body, "\x95\x01\x05\x00\xa1s", 6);
    msgpack_pack_array(&packer, count);
    for (uint32_t i = 0; i < count; i++) {
        buffer_append_byte(&body, 0x91);
        buffer_append(&body, value, size);
    }
}

START_TEST(a_unit_has_16384_tuples_at_most)
{
    put_many(16384, (const uint8_t *)"\xc0", 1);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), 0);
    ck_assert_uint_eq(request.tuple_count, 16384);
    put_many(16385, (const uint8_t *)"\xc0", 1);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_LIMIT);
    ck_assert_str_eq(problem.text,
                     "16385 tuples, where the limit on the tuples of one unit is 16384");
}
END_TEST

START_TEST(a_count_that_lies_is_malformed)
{
    static const uint8_t lies[] = {0x95, 1, 5, 0, 0xa1, 's', 0xdd, 0xff, 0xff, 0xff, 0xff, 0x91, 1};

    ck_assert_int_eq(decode_bytes(lies, sizeof lies), -TS_PROTOCOL);
}
END_TEST

START_TEST(a_frame_has_1048576_values_at_most)
{
    uint8_t value[3 + 1000] = {0xdc, 1000 >> 8, 1000 & 0xff}; /* an array of 1,000 ints */
    uint32_t rest;

    /* the array, number, op, ack, name and array of tuples, then 1 + 1 + 1000 a tuple */
    put_many((1048576 - 6) / 1002, value, sizeof value);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), 0);
    put_many((1048576 - 6) / 1002 + 1, value, sizeof value);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_LIMIT);
    ck_assert_str_eq(problem.text, "the frame has more than 1048576 values");
    ck_assert_uint_eq(request.number, 1);

    /* to the value: the last tuple's array is shorter */
    rest = (1048576 - 6) % 1002 - 2;
    uint8_t *last = body.bytes + body.size - sizeof value;
    last[1] = (uint8_t)(rest >> 8), last[2] = (uint8_t)rest;
    ck_assert_int_eq(decode_bytes(body.bytes, body.size - (1000 - rest)), 0);
    last[2]++;
    ck_assert_int_eq(decode_bytes(body.bytes, body.size - (1000 - rest) + 1), -TS_LIMIT);
}
END_TEST

START_TEST(deep_nesting_is_refused_where_it_is_a_tuple_and_malformed_elsewhere)
{
    buffer_clear(&body);
    buffer_append(&body, "\x95\x01\x05\x00\xa1s\x91", 7);
    for (unsigned i = 0; i < 100000; i++)
        buffer_append_byte(&body, 0x91);
    buffer_append_byte(&body, 0xc0);
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_LIMIT);
    body.bytes[2] = 4; /* cancel: a number is to stand where the name does */
    body.bytes[0] = 0x94;
    body.bytes[4] = 0x91, body.bytes[5] = 0x91;
    ck_assert_int_eq(decode_bytes(body.bytes, body.size), -TS_PROTOCOL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request");
    TCase *tests = tcase_create("request");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, good_requests_are_decoded);
    tcase_add_test(tests, fields_come_where_they_belong);
    tcase_add_test(tests, tuples_are_those_between_the_array_and_the_options);
    tcase_add_test(tests, a_cursor_is_a_place);
    tcase_add_test(tests, after_is_a_name);
    tcase_add_test(tests, a_tuple_may_be_given_to_be_explained);
    tcase_add_loop_test(tests, counts_have_their_defaults_and_are_cut_to_a_unit, 0,
                        COUNT_OF(counts));
    tcase_add_loop_test(tests, malformed_requests_close_the_connection, 0, COUNT_OF(malformed));
    tcase_add_loop_test(tests, refused_requests_tell_whose_they_are, 0, COUNT_OF(refused));
    tcase_add_test(tests, a_problem_tells_the_byte_of_the_frame);
    tcase_add_test(tests, an_option_stands_once);
    tcase_add_loop_test(tests, every_cut_of_a_good_request_is_malformed, 0, COUNT_OF(good));
    tcase_add_loop_test(tests, nothing_follows_a_request, 0, COUNT_OF(good));
    tcase_add_loop_test(tests, a_refused_request_in_a_malformed_frame_is_malformed, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, a_changed_byte_never_makes_it_read_past_the_end);
    tcase_add_test(tests, a_name_of_255_bytes_is_one_and_of_256_is_not);
    tcase_add_test(tests, a_name_is_utf8);
    tcase_add_test(tests, a_unit_has_16384_tuples_at_most);
    tcase_add_test(tests, a_count_that_lies_is_malformed);
    tcase_add_test(tests, a_frame_has_1048576_values_at_most);
    tcase_add_test(tests, deep_nesting_is_refused_where_it_is_a_tuple_and_malformed_elsewhere);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

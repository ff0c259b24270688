/* SPDX-License-Identifier: MIT */
/* Tokens, and what one option forbids another. */
#include "decoded.h"

#define OUT(options) "[9, 5, 3, \"s\", [[1]], " options "]"
#define HOLD(options) "[9, 11, 3, \"s\", [[1]], " options "]"
#define RELEASE(tokens) "[9, 13, 3, [" tokens "]]"
#define WATCH(options) "[9, 18, 3, \"s\", [[1]], " options "]"

static const struct bad refused[] = {
    /* rules S26, S27 */
    {OUT("{13: 0}"), TS_INVALID, "option ttl: 0 s is no time to live"},
    {OUT("{12: 5, 13: 5}"), TS_INVALID,
     "option ttl: 0.000005 s is not more than the delay, 0.000005 s"},
    {OUT("{13: 1000000, 12: 20500000}"), TS_INVALID,
     "option ttl: 1 s is not more than the delay, 20.5 s"},
    {OUT("{13: 0, 12: 18446744073709551615}"), TS_INVALID,
     "option ttl: 0 s is not more than the delay, 18446744073709.551615 s"},
    {OUT("{15: true, 13: 5}"), TS_INVALID, "option pulse: not with ttl"},
    {OUT("{15: true, 12: 0}"), TS_INVALID, "option pulse: not with delay"},
    {OUT("{14: true, 15: true}"), TS_INVALID, "option pulse: not with bound"},
    {"[9, 12, 3, [" TOKEN "], \"s\", [], {15: true, 13: 5}]", TS_INVALID, "option pulse: not with"},
    {"[9, 20, 3, \"s\", [], {12: 1, 13: 1}]", TS_INVALID, "option ttl: 0.000001 s is"},
    {"[9, 20, 3, \"s\", [], {14: true}]", TS_INVALID, "will has no option bound"},
    /* rule S28 */
    {OUT("{16: \"k\", 14: true}"), TS_INVALID, "option key: not with bound"},
    {OUT("{17: 5}"), TS_INVALID, "option window: there is no key to remember"},
    {OUT("{16: \"\"}"), TS_MALFORMED, "option key: empty, where it has at least 1 byte"},
    {"[9, 6, 3, \"s\", [[1]], {16: \"k\"}]", TS_INVALID, "in has no option key"},
    {"[9, 20, 3, \"s\", [], {16: \"k\"}]", TS_INVALID, "will has no option key"},
    /* rule S7 */
    {HOLD("{11: true}"), TS_INVALID,
     "option detached: a hold that survives its connection needs a"},
    {"[9, 6, 3, \"s\", [[1]], {10: 1}]", TS_INVALID, "in has no option hold-time"},
    {RELEASE(""), TS_MALFORMED, "no tokens"},
    {RELEASE(TOKEN ", b\"AAAA\""), TS_MALFORMED, "token 2: a hold's token has 16 bytes, not 3"},
    {"[9, 12, 3, [" TOKEN ", [1, 2]], \"s\", []]", TS_INVALID,
     "token 2: finish takes tokens of holds only, and this is a delivery's"},
    {"[9, 14, 3, [[1, 2]], 5]", TS_INVALID, "token 1: renew takes tokens of holds only"},
    {"[9, 12, 3, [" TOKEN "], \"s\", [[1], []]]", TS_MALFORMED,
     "tuple 2: a tuple has at least one"},
    {"[9, 13, 3, [" TOKEN "], {28: 384}]", TS_MALFORMED, "option exit: out of range"},
    {"[9, 13, 3, [" TOKEN "], {28: 18446744073709551615}]", TS_MALFORMED, "option exit: out of"},
    /* rule S12 and others */
    {"[9, 21, 3, \"s\", {26: \"s\"}]", TS_INVALID, "option dead-letter: the space itself"},
    {"[9, 21, 3, \"s\", {26: \"a\\n\"}]", TS_MALFORMED, "a control character at byte 1"},
    {"[9, 17, 3, \"s\", [[1]]]", TS_INVALID, "copy needs the option to"},
    {"[9, 17, 3, \"s\", [[1]], {3: 5}]", TS_INVALID, "copy needs the option to"},
    {"[9, 17, 3, \"s\", [[1]], {19: \"\"}]", TS_MALFORMED, "the name of a space"},
    {WATCH("{21: 1}"), TS_INVALID, "option events: bits of unknown events"},
    {WATCH("{21: 128}"), TS_INVALID,
     "option events: bits of unknown events, where those of events 1"},
    {WATCH("{21: 4294967296}"), TS_INVALID, "option events: bits of unknown events"},
};

START_TEST(what_options_forbid_each_other_is_refused)
{
    check_bad(&refused[_i]);
    ck_assert_uint_eq(request.number, 9);
    ck_assert_uint_eq(request.ack, 3);
}
END_TEST

static const struct bad malformed[] = {
    {"[9, 12, 3, [" TOKEN "], \"s\", {}]", TS_PROTOCOL,
     "argument tuples: not array of 0 to 16,384"},
    {"[9, 13, 3, 1]", TS_PROTOCOL, "argument tokens: not array of 1 to 16,384 tokens, but int"},
    {RELEASE("1"), TS_PROTOCOL, "token 1: token: not a hold's bin or [delivery, id], but int"},
    {RELEASE("[1]"), TS_PROTOCOL, "token 1: token: not a hold's bin or [delivery, id], but array"},
    {RELEASE("[1, 2, 3]"), TS_PROTOCOL, "token 1: token: not a hold's bin or [delivery, id]"},
    {RELEASE("[1, -2]"), TS_PROTOCOL, "token 1: token: not a hold's bin or [delivery, id]"},
    {RELEASE("\"AAAAAAAAAAAAAAAA\""), TS_PROTOCOL, "token 1: token: not a hold's bin or"},
    {"[9, 14, 3, [" TOKEN "], -1]", TS_PROTOCOL, "argument duration: not uint, but a negative int"},
    {OUT("{14: 1}"), TS_PROTOCOL, "option bound: not bool, but int"},
    {OUT("{15: null}"), TS_PROTOCOL, "option pulse: not bool, but nil"},
    {OUT("{13: 1.5}"), TS_PROTOCOL, "option ttl: not uint, but float"},
    {OUT("{12: -1}"), TS_PROTOCOL, "option delay: not uint, but a negative int"},
    {OUT("{16: b\"aGk=\"}"), TS_PROTOCOL, "option key: not str, but bin"},
    {OUT("{17: true}"), TS_PROTOCOL, "option window: not uint, but bool"},
    {HOLD("{10: \"1\"}"), TS_PROTOCOL, "option hold-time: not uint, but str"},
    {HOLD("{11: 1}"), TS_PROTOCOL, "option detached: not bool, but int"},
    {HOLD("{23: 1}"), TS_PROTOCOL, "option who: not bool, but int"},
    {WATCH("{20: 1}"), TS_PROTOCOL, "option now: not bool, but int"},
    {WATCH("{21: -2}"), TS_PROTOCOL, "option events: not uint, but a negative int"},
    {"[9, 16, 3, \"s\", [[1]], {19: 5}]", TS_PROTOCOL, "option to: not str, but int"},
    {"[9, 8, 3, \"s\", [[1]], {22: 5}]", TS_PROTOCOL, "option states: not bool, but int"},
    {"[9, 21, 3, \"s\", {24: -5}]", TS_PROTOCOL, "option capacity: not uint, but a negative int"},
    {"[9, 21, 3, \"s\", {25: -5}]", TS_PROTOCOL,
     "option max-returns: not uint, but a negative int"},
    {"[9, 21, 3, \"s\", {26: null}]", TS_PROTOCOL, "option dead-letter: not str, but nil"},
    {"[9, 22, 3, \"s\", {27: 1}]", TS_PROTOCOL, "option force: not bool, but int"},
    {"[9, 13, 3, [" TOKEN "], {28: -1}]", TS_PROTOCOL, "option exit: not uint, but a negative int"},
    {"[9, 13, 3, [" TOKEN "], {18: 1}]", TS_PROTOCOL, "option untried: not bool, but int"},
};

START_TEST(options_of_another_form_are_malformed)
{
    check_bad(&malformed[_i]);
}
END_TEST

static const char *const allowed[] = {
    OUT("{12: 5, 13: 6}"),
    OUT("{13: 1}"),
    OUT("{15: true, 6: 5}"),
    OUT("{15: false, 13: 5, 14: true}"),
    OUT("{14: false, 16: \"k\"}"),
    OUT("{16: \"k\", 17: 0}"),
    OUT("{15: true, 16: \"k\"}"),
    HOLD("{11: true, 10: 5}"),
    HOLD("{11: false}"),
    "[9, 16, 3, \"s\", [[1]]]",
    "[9, 17, 3, \"s\", [[1]], {19: \"t\"}]",
    "[9, 21, 3, \"s\", {26: \"\"}]",
    "[9, 21, 3, \"s\", {26: \"t\"}]",
};

START_TEST(what_stands_beside_it_is_right)
{
    ck_assert_msg(decode_text(allowed[_i]) == 0, "%s: %s", allowed[_i], problem.text);
}
END_TEST

START_TEST(what_is_not_given_has_its_default)
{
    memset(&request, 0xff, sizeof request);
    ck_assert_int_eq(decode_text("[9, 18, 3, \"s\", [[1]]]"), 0);
    ck_assert_uint_eq(request.events, 2 + 4 + 8 + 16 + 32 + 64);
    ck_assert(!request.now && !request.who && !request.states && !request.force);
    ck_assert(!request.untried && !request.detached && !request.putting.bound);
    ck_assert(!request.putting.pulse);
    ck_assert_uint_eq(request.putting.has, 0);
    ck_assert_uint_eq(request.window_us, 60000000);
    ck_assert_uint_eq(request.max_returns, UINT32_MAX);
    ck_assert_uint_eq(request.capacity, 0);
    ck_assert_uint_eq(request.key.size + request.to.size + request.dead_letter.size, 0);
    ck_assert_uint_eq(request.token_count + request.body_count + request.body_puts, 0);
    ck_assert_int_eq(decode_text("[9, 21, 3, \"s\", {25: 4294967296}]"), 0);
    ck_assert_uint_eq(request.max_returns, UINT32_MAX);
}
END_TEST

START_TEST(the_place_of_a_problem_is_a_byte_of_the_frame)
{
    ck_assert_int_eq(decode_text(OUT("{6: 1, 17: 5}")), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 9); /* the options */
    ck_assert_int_eq(decode_text(OUT("{6: 1, 16: \"\"}")), -TS_MALFORMED);
    ck_assert_uint_eq(problem.offset, 13);
    ck_assert_int_eq(decode_text(WATCH("{21: 1}")), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 11);
    ck_assert_int_eq(decode_text("[9, 12, 3, [" TOKEN ", [1, 2]], \"s\", []]"), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 5 + 18);
}
END_TEST

START_TEST(a_key_has_255_bytes_at_most_and_is_utf8)
{
    char text[400];
    uint8_t bytes[] = {0x96, 9, 5, 3, 0xa1, 's', 0x91, 0x91, 1, 0x81, 16, 0xa2, 0xc3, 0xa4};

    for (size_t size = 255; size <= 256; size++) {
        (void)snprintf(text, sizeof text, OUT("{16: \"%0*d\"}"), (int)size, 0);
        ck_assert_int_eq(decode_text(text), size == 255 ? 0 : -TS_LIMIT);
    }
    ck_assert_str_eq(problem.text, "option key: 256 bytes, where the limit is 255");
    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), 0);
    ck_assert_uint_eq(request.key.size, 2);
    bytes[sizeof bytes - 1] = 'a';
    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), -TS_MALFORMED);
    ck_assert_str_eq(problem.text, "option key: not valid UTF-8");
}
END_TEST

/* --- Tokens -------------------------------------------------------------------------------------- */

START_TEST(tokens_come_one_after_the_other)
{
    ck_assert_int_eq(decode_text(RELEASE(TOKEN ", [3, 18446744073709551615], " TOKEN)), 0);
    ck_assert_uint_eq(request.token_count, 3);
    const uint8_t *at = request.tokens.bytes;
    struct token token = token_next(&at);
    ck_assert(!token.delivery);
    ck_assert_uint_eq(token.number, 1);
    ck_assert_uint_eq(token.secret, 2);
    token = token_next(&at);
    ck_assert(token.delivery);
    ck_assert_uint_eq(token.number, 3);
    ck_assert_uint_eq(token.secret, UINT64_MAX);
    token = token_next(&at);
    ck_assert(!token.delivery);
    ck_assert_ptr_eq(at, request.tokens.bytes + request.tokens.size);
}
END_TEST

START_TEST(a_token_may_have_any_of_its_encodings)
{
    static const uint8_t bytes[] = {0x94, 9,    13, 3, 0xdc, 0, 2, 0xc5, 0, 16, 0, 0, 0,    0,
                                    0,    0,    0,  7, 0,    0, 0, 0,    0, 0,  0, 8, 0xdc, 0,
                                    2,    0xcd, 0,  1, 0xcf, 0, 0, 0,    0, 0,  0, 0, 5};

    ck_assert_int_eq(decode_bytes(bytes, sizeof bytes), 0);
    const uint8_t *at = request.tokens.bytes;
    struct token token = token_next(&at);
    ck_assert_uint_eq(token.number, 7);
    ck_assert_uint_eq(token.secret, 8);
    token = token_next(&at);
    ck_assert_uint_eq(token.number, 1);
    ck_assert_uint_eq(token.secret, 5);
}
END_TEST

START_TEST(a_tokens_bytes_are_number_and_secret_the_highest_first)
{
    static const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xfe, 0, 0, 0, 0, 0, 1};
    uint8_t again[16];
    struct token token;

    token_from_bytes(bytes, &token);
    ck_assert(!token.delivery);
    ck_assert_uint_eq(token.number, 0x0102030405060708u);
    ck_assert_uint_eq(token.secret, 0xfffe000000000001u);
    token_to_bytes(&token, again);
    ck_assert_mem_eq(bytes, again, sizeof bytes);
}
END_TEST

START_TEST(a_unit_has_16384_tokens_at_most)
{
    for (uint32_t count = 16384; count <= 16385; count++) {
        msgpack_packer packer = buffer_packer(&body);
        buffer_clear(&body);
        buffer_append(&body, "\x94\x09\x0d\x03", 4);
        msgpack_pack_array(&packer, count);
        for (uint32_t i = 0; i < count; i++)
            token_encode(&(struct token){true, 1, i}, &body);
        ck_assert_int_eq(decode_bytes(body.bytes, body.size), count == 16384 ? 0 : -TS_LIMIT);
    }
    ck_assert_str_eq(problem.text,
                     "16385 tokens, where the limit on the tuples of one unit is 16384");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, what_options_forbid_each_other_is_refused, 0, COUNT_OF(refused));
    tcase_add_loop_test(tests, options_of_another_form_are_malformed, 0, COUNT_OF(malformed));
    tcase_add_loop_test(tests, what_stands_beside_it_is_right, 0, COUNT_OF(allowed));
    tcase_add_test(tests, what_is_not_given_has_its_default);
    tcase_add_test(tests, the_place_of_a_problem_is_a_byte_of_the_frame);
    tcase_add_test(tests, a_key_has_255_bytes_at_most_and_is_utf8);
    tcase_add_test(tests, tokens_come_one_after_the_other);
    tcase_add_test(tests, a_token_may_have_any_of_its_encodings);
    tcase_add_test(tests, a_tokens_bytes_are_number_and_secret_the_highest_first);
    tcase_add_test(tests, a_unit_has_16384_tokens_at_most);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

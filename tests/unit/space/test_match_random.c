/* SPDX-License-Identifier: MIT */
/*
 * Random patterns on random tuples: match_tuple and a naive matcher agree, and no expression is
 * tried where the answer does not hang on one. MATCH_SEED and MATCH_ROUNDS choose others.
 */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "match_fixture.h"
#include "naive_match.h"
#include "protocol/buffer.h"
#include "protocol/text_write.h"
#include "protocol/tuple.h"

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

static bool one_in(uint32_t n)
{
    return random_below(n) == 0;
}

/* --- Values: of small pools, so that they are often equal --- */

static void put_number(msgpack_packer *packer)
{
    static const uint64_t large[] = {UINT64_C(9007199254740993), UINT64_C(9007199254740992),
                                     UINT64_MAX, (uint64_t)INT64_MAX};
    static const double reals[] = {0.5,   9007199254740992.0, -0.0, INFINITY, -INFINITY, 0x1p63,
                                   0x1p64};
    int32_t small = (int32_t)random_below(7) - 3;

    switch (random_below(7)) {
    case 0:
        msgpack_pack_double(packer, small);
        break;
    case 1:
        msgpack_pack_float(packer, (float)small / 2);
        break;
    case 2:
        msgpack_pack_uint64(packer, large[random_below(4)]);
        break;
    case 3:
        msgpack_pack_double(packer, one_in(8) ? (double)NAN : reals[random_below(7)]);
        break;
    case 4:
        msgpack_pack_fix_int32(packer, small);
        break;
    default:
        msgpack_pack_int(packer, small);
    }
}

static void put_run(msgpack_packer *packer)
{
    static const char *const runs[] = {
        "",   "a",   "b", "ab",       "abb",
        "ba", "bab", "A", "\xc3\xa4", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbba"};
    const char *run = runs[random_below(sizeof(runs) / sizeof(runs[0]))];
    size_t size = strlen(run);

    if (one_in(4))
        msgpack_pack_bin_with_body(packer, run, size);
    else
        msgpack_pack_str_with_body(packer, run, size);
}

/* The keys of a map, of a matcher: none equals another, however it is packed. */
enum { KEYS = 14 };

static void put_key(msgpack_packer *packer, unsigned key)
{
    switch (key) {
    case 0:
        one_in(2) ? msgpack_pack_int(packer, 1) : msgpack_pack_double(packer, 1);
        break;
    case 1:
        msgpack_pack_true(packer);
        break;
    case 2:
        msgpack_pack_array(packer, 1);
        msgpack_pack_int(packer, 1);
        break;
    case 3:
        msgpack_pack_bin_with_body(packer, "a", 1);
        break;
    default:
        msgpack_pack_str_with_body(packer, &"abcdefghijklmn"[key], 1);
    }
}

static void put_value(msgpack_packer *packer, unsigned depth);

static void put_map(msgpack_packer *packer, unsigned depth)
{
    unsigned count = one_in(6) ? random_below(KEYS + 1) : random_below(4);
    unsigned first = random_below(KEYS),
             step = one_in(2) ? 1 : 3; /* both have no factor with KEYS */

    msgpack_pack_map(packer, count);
    for (unsigned i = 0; i < count; i++) {
        put_key(packer, (first + i * step) % KEYS);
        put_value(packer, depth);
    }
}

static void put_value(msgpack_packer *packer, unsigned depth)
{
    unsigned count;

    switch (random_below(depth > 0 ? 10 : 7)) {
    case 0:
        msgpack_pack_nil(packer);
        break;
    case 1:
        one_in(2) ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case 2:
    case 3:
        put_number(packer);
        break;
    case 4:
    case 5:
        put_run(packer);
        break;
    case 6:
        count = random_below(2);
        msgpack_pack_ext_with_body(packer, "x", count, (int8_t)random_below(2));
        break;
    case 7:
    case 8:
        count = random_below(4);
        msgpack_pack_array(packer, count);
        while (count-- > 0)
            put_value(packer, depth - 1);
        break;
    default:
        put_map(packer, depth - 1);
    }
}

/* --- Patterns: made to fit a value, and often not quite --- */

static unsigned expressions_left;

/* An equal value, seldom another one. */
static void put_operand(msgpack_packer *packer, const msgpack_object *value)
{
    if (one_in(5))
        put_value(packer, 1);
    else
        msgpack_pack_object(packer, *value);
}

static void put_matcher(msgpack_packer *packer, const msgpack_object *value, unsigned depth);

static void put_op(msgpack_packer *packer, enum tsd_matcher op, uint32_t operands)
{
    msgpack_pack_array(packer, 1 + operands);
    msgpack_pack_int(packer, op);
}

static void put_ordered(msgpack_packer *packer, const msgpack_object *value)
{
    unsigned op = TSD_M_LT + random_below(4);
    bool range = one_in(3);

    put_op(packer, range ? TSD_M_RANGE : (enum tsd_matcher)op, range ? 2 : 1);
    for (int i = 0; i <= range; i++) {
        if (naive_is_number(value))
            put_number(packer);
        else
            msgpack_pack_object(packer, *value);
    }
}

static void put_part(msgpack_packer *packer, const msgpack_object *value)
{
    static const enum tsd_matcher ops[] = {TSD_M_PREFIX, TSD_M_SUFFIX, TSD_M_INFIX};
    uint32_t size = value->via.str.size, from = random_below(size + 1);

    put_op(packer, ops[random_below(3)], 1);
    if (one_in(3) || ((unsigned char)value->via.str.ptr[0] & 0x80))
        put_run(packer);
    else if (value->type == MSGPACK_OBJECT_STR)
        msgpack_pack_str_with_body(packer, value->via.str.ptr + from,
                                   random_below(size - from + 1));
    else
        msgpack_pack_bin_with_body(packer, value->via.str.ptr + from,
                                   random_below(size - from + 1));
}

static void put_expression(msgpack_packer *packer)
{
    static const char *const expressions[] = {"a", "^a", "b$", "^(ab)*$", "^$", "b+a?b", "[^ab]"};
    const char *expression = expressions[random_below(7)];

    expressions_left--;
    put_op(packer, TSD_M_REGEX, 2);
    msgpack_pack_str_with_body(packer, expression, strlen(expression));
    msgpack_pack_str_with_body(packer, "i", one_in(4));
}

static void put_length(msgpack_packer *packer)
{
    static const enum tsd_matcher ops[] = {TSD_M_EQ, TSD_M_EQ, TSD_M_LT,   TSD_M_LE,
                                           TSD_M_GT, TSD_M_GE, TSD_M_RANGE};
    enum tsd_matcher op = ops[random_below(7)];

    put_op(packer, TSD_M_LENGTH, 1);
    put_op(packer, op, op == TSD_M_RANGE ? 2 : 1);
    msgpack_pack_int(packer, (int)random_below(4));
    if (op == TSD_M_RANGE)
        msgpack_pack_int(packer, (int)random_below(4));
}

static void put_elements(msgpack_packer *packer, const msgpack_object *value, unsigned depth)
{
    uint32_t size = value->via.array.size, count = one_in(3) ? random_below(size + 1) : size;
    bool rest = count < size ? !one_in(4) : one_in(4);

    put_op(packer, TSD_M_ELEMENTS, count + rest);
    for (uint32_t i = 0; i < count; i++)
        put_matcher(packer, &value->via.array.ptr[i], depth);
    if (rest)
        put_op(packer, TSD_M_REST, 0);
}

/* Keys of the value from some place on, and seldom one that it does not have. */
static void put_pairs(msgpack_packer *packer, const msgpack_object *value, unsigned depth)
{
    uint32_t size = value->via.map.size, count = one_in(2) ? random_below(size + 1) : size;
    uint32_t from = size ? random_below(size) : 0;
    bool rest = count < size ? !one_in(4) : one_in(4), stranger = one_in(6);

    put_op(packer, TSD_M_PAIRS, 2 * (count + stranger) + rest);
    for (uint32_t i = 0; i < count; i++) {
        const msgpack_object_kv *pair = &value->via.map.ptr[(from + i) % size];
        msgpack_pack_object(packer, pair->key);
        put_matcher(packer, &pair->val, depth);
    }
    if (stranger) {
        msgpack_pack_str_with_body(packer, "stranger", 8);
        put_op(packer, TSD_M_ANY, 0);
    }
    if (rest)
        put_op(packer, TSD_M_REST, 0);
}

static void put_joined(msgpack_packer *packer, const msgpack_object *value, unsigned depth)
{
    uint32_t count = 2 + random_below(2);

    if (one_in(3)) {
        put_op(packer, TSD_M_NOT, 1);
        count = 1;
    } else {
        put_op(packer, one_in(2) ? TSD_M_OR : TSD_M_AND, count);
    }
    while (count-- > 0)
        put_matcher(packer, value, depth);
}

static void put_type(msgpack_packer *packer, const msgpack_object *value)
{
    enum tsd_matcher op = (enum tsd_matcher)(TSD_M_NIL + random_below(TSD_M_EXT - TSD_M_NIL + 1));

    for (int i = 0; i < 20 && !naive_type(op, value); i++)
        op = (enum tsd_matcher)(TSD_M_NIL + random_below(TSD_M_EXT - TSD_M_NIL + 1));
    put_op(packer, op, 0);
}

static void put_matcher(msgpack_packer *packer, const msgpack_object *value, unsigned depth)
{
    unsigned choice = random_below(12);

    if (value->type == MSGPACK_OBJECT_STR && expressions_left > 0 && one_in(2))
        put_expression(packer);
    else if (choice < 4 && depth > 0)
        put_joined(packer, value, depth - 1);
    else if (choice < 8 && value->type == MSGPACK_OBJECT_ARRAY && depth > 0)
        put_elements(packer, value, depth - 1);
    else if (choice < 8 && value->type == MSGPACK_OBJECT_MAP && depth > 0)
        put_pairs(packer, value, depth - 1);
    else if (choice < 6 && one_in(4) && expressions_left > 0)
        put_expression(packer);
    else if (choice < 7 && naive_is_run(value) && value->via.str.size > 0)
        put_part(packer, value);
    else if (choice < 8 && (naive_is_number(value) || naive_is_run(value)))
        put_ordered(packer, value);
    else if (choice < 9)
        put_type(packer, value);
    else if (choice < 10)
        put_length(packer);
    else if (choice < 11 && one_in(3))
        put_op(packer, TSD_M_ANY, 0);
    else {
        put_op(packer, one_in(6) ? TSD_M_NE : TSD_M_EQ, 1);
        put_operand(packer, value);
    }
}

static void put_pattern(msgpack_packer *packer, const msgpack_object *tuple)
{
    uint32_t size = tuple->via.array.size, count = one_in(5) ? random_below(size) + 1 : size;
    bool rest = count < size ? !one_in(4) : one_in(6);

    expressions_left = NAIVE_EXPRESSIONS;
    msgpack_pack_array(packer, count + rest);
    for (uint32_t i = 0; i < count; i++)
        put_matcher(packer, &tuple->via.array.ptr[i], 3);
    if (rest)
        put_op(packer, TSD_M_REST, 0);
}

/* The REGEX matchers of a matcher, in the pattern's order; literals are not looked into. */
static void collect(struct naive *naive, const msgpack_object *m)
{
    const msgpack_object *operands = m->via.array.ptr + 1;
    uint32_t count = m->via.array.size - 1, step = 1, i = 0;

    switch (m->via.array.ptr[0].via.u64) {
    case TSD_M_REGEX:
        naive->expressions[naive->count++] = m;
        return;
    case TSD_M_PAIRS:
        i = 1;
        step = 2;
        break;
    case TSD_M_ELEMENTS:
    case TSD_M_OR:
    case TSD_M_AND:
    case TSD_M_NOT:
        break;
    default:
        return;
    }
    for (; i < count; i += step)
        collect(naive, &operands[i]);
}

static void unpack(msgpack_unpacked *unpacked, const struct buffer *bytes)
{
    msgpack_unpacked_init(unpacked);
    if (msgpack_unpack_next(unpacked, (const char *)bytes->bytes, bytes->size, NULL) !=
        MSGPACK_UNPACK_SUCCESS)
        ck_abort_msg("msgpack-c does not unpack what it packed");
}

static void disagree(const struct buffer *tuple, const struct pattern *pattern, bool expected)
{
    struct buffer text = BUFFER_INIT;

    text_write_pattern(pattern, &text);
    buffer_printf(&text, expected ? " matches " : " does not match ");
    text_write_value(tuple->bytes, &text);
    ck_abort_msg("%.*s", (int)text.size, (const char *)text.bytes);
}

struct tally {
    uint32_t matched, missed, hung, settled; /* settled: with expressions, and none was tried */
};

static void round_of_one(struct tally *tally)
{
    struct buffer tuple = BUFFER_INIT, pattern = BUFFER_INIT;
    msgpack_packer packer = buffer_packer(&tuple);
    uint32_t fields = 1 + random_below(4);
    msgpack_unpacked tuple_object, pattern_object;
    struct naive naive = {.assumed = -1};
    struct compiled *compiled;
    struct match match = {0};
    bool expected, hangs;

    msgpack_pack_array(&packer, fields);
    while (fields-- > 0)
        put_value(&packer, 2);
    unpack(&tuple_object, &tuple);
    packer = buffer_packer(&pattern);
    put_pattern(&packer, &tuple_object.data);
    unpack(&pattern_object, &pattern);
    for (uint32_t i = 0; i < pattern_object.data.via.array.size; i++)
        collect(&naive, &pattern_object.data.via.array.ptr[i]);

    compiled = compiled_new(pattern.bytes, pattern.size);
    expected =
        naive_run(&naive, pattern_object.data.via.array.ptr, pattern_object.data.via.array.size,
                  tuple_object.data.via.array.ptr, tuple_object.data.via.array.size);
    hangs = naive_hangs(&naive, &pattern_object.data, &tuple_object.data);
    /* Without expressions a try would crash (rule P3). */
    match.expressions = hangs ? compiled->expressions : NULL;
    if (match_tuple(&match, &compiled->pattern, tuple.bytes) != expected)
        disagree(&tuple, &compiled->pattern, expected);
    tally->matched += expected;
    tally->missed += !expected;
    tally->hung += hangs;
    tally->settled += naive.count > 0 && !hangs;

    compiled_free(compiled);
    msgpack_unpacked_destroy(&tuple_object);
    msgpack_unpacked_destroy(&pattern_object);
    buffer_deinit(&tuple);
    buffer_deinit(&pattern);
}

START_TEST(agrees_with_a_naive_matcher)
{
    const char *seed = getenv("MATCH_SEED"), *wanted = getenv("MATCH_ROUNDS");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : (uint64_t)_i * 1000000 + 1;
    uint32_t rounds = wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 10000;
    struct tally tally = {0};

    for (uint32_t i = 0; i < rounds; i++) {
        random_state = first + i;
        random_below(1);
        mark_point();
        round_of_one(&tally);
    }
    if (rounds < 1000)
        return;
    /* All four are frequent, else the test would say little. */
    ck_assert_uint_gt(tally.matched, rounds / 5);
    ck_assert_uint_gt(tally.missed, rounds / 5);
    ck_assert_uint_gt(tally.hung, rounds / 20);
    ck_assert_uint_gt(tally.settled, rounds / 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("match_random");
    TCase *tests = tcase_create("match_random");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, agrees_with_a_naive_matcher, 0, 4);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

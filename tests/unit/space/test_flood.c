/* SPDX-License-Identifier: MIT */
/*
 * Fields that a client chose so that they collide, for functions that it can know. All tables hash by a
 * key that it cannot: what they do for such fields is what they do for any.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tried.h"
#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/hashed.h"
#include "space/index.h"
#include "space/state.h"
#include "space/stored.h"

enum {
    KEYS = 100000,
    AT_ONCE = 1000,
    LOW_BITS = 20,      /* in which the hashes agree; there are 2^18 buckets at most */
    LONGEST_CHAIN = 16, /* of twice as many buckets as keys, for any hash that is good */
    LONGEST_BLOCK = 64, /* of a seventh as many */
    TEXT = 64,          /* bytes of a field as text */
};

static char keys[KEYS][TEXT];

/* ---- Fields that collide ---- */

/* Ints are their own hash in many programs. */
static void make_ints(void)
{
    for (uint64_t i = 0; i < KEYS; i++)
        snprintf(keys[i], TEXT, "%" PRIu64, (i + 4096) << LOW_BITS);
}

static uint64_t hash_identity(const char *text)
{
    return strtoull(text, NULL, 10);
}

/* h * 33 + c: "Ez" and "FY" do the same to any h. */
static void make_djb2(void)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        char *at = keys[i];
        *at++ = '"';
        for (int bit = 0; bit < 17; bit++) {
            const char *pair = i >> bit & 1 ? "Ez" : "FY";
            *at++ = pair[0];
            *at++ = pair[1];
        }
        memcpy(at, "\"", 2);
    }
}

static uint64_t hash_djb2(const char *text)
{
    uint64_t hash = 5381;
    for (const char *at = text + 1; *at != '"'; at++)
        hash = hash * 33 + (uint8_t)*at;
    return hash;
}

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)
#define FNV_BACK UINT64_C(0xce965057aff6957b) /* times the prime: 1 */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Going back from where all shall end: which three letters lead there from each state. */
static uint32_t *fnv_endings(uint64_t end)
{
    const uint64_t mask = (1u << LOW_BITS) - 1;
    uint32_t *endings = calloc(mask + 1, sizeof *endings);
    ck_assert_ptr_nonnull(endings);
    for (uint32_t i = 1; i < 64 * 64 * 64; i++) {
        uint64_t state = end;
        for (int shift = 0; shift < 18; shift += 6)
            state = state * FNV_BACK ^ (uint8_t)letters[i >> shift & 63];
        endings[state & mask] = i;
    }
    return endings;
}

static void make_fnv(void)
{
    uint32_t *endings = fnv_endings(0);
    uint32_t made = 0;
    for (uint32_t i = 0; made < KEYS; i++) {
        char *at = keys[made];
        uint64_t state = FNV_BASIS;
        *at++ = '"';
        for (int shift = 0; shift < 24; shift += 6) {
            *at = letters[i >> shift & 63];
            state = (state ^ (uint8_t)*at++) * FNV_PRIME;
        }
        const uint32_t ending = endings[state & ((1u << LOW_BITS) - 1)];
        if (ending == 0)
            continue;
        for (int shift = 12; shift >= 0; shift -= 6)
            *at++ = letters[ending >> shift & 63];
        memcpy(at, "\"", 2);
        made++;
    }
    free(endings);
}

static uint64_t hash_fnv(const char *text)
{
    uint64_t hash = FNV_BASIS;
    for (const char *at = text + 1; *at != '"'; at++)
        hash = (hash ^ (uint8_t)*at) * FNV_PRIME;
    return hash;
}

static const struct family {
    void (*make)(void);
    uint64_t (*hash)(const char *text); /* the function that they are made against */
} families[] = {{make_ints, hash_identity}, {make_djb2, hash_djb2}, {make_fnv, hash_fnv}};
enum { FAMILIES = sizeof families / sizeof families[0] };

/* ---- The engine ---- */

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static struct buffer frame, bytes;
static uint64_t number;

static void setup(void)
{
    engine = engine_new(&(struct engine_options){.key = {3, 4}, .piece = 16384});
    engine_step(engine, 0, &(struct command){.kind = COMMAND_COMES, .session = 1}, &effects);
}

static void teardown(void)
{
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
    buffer_deinit(&frame);
    buffer_deinit(&bytes);
}

/* Does the request, and what goes on by itself then; returns its answer. */
static enum ts_status request(struct request *fields)
{
    static struct request decoded;
    struct frame body;
    struct problem problem;
    size_t want;
    fields->number = ++number;
    fields->space = fields->alternatives[0].space = (struct span){(const uint8_t *)"main", 4};
    fields->min = fields->max = 1;
    buffer_clear(&frame);
    request_encode(fields, &frame);
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    effects_clear(engine, &effects);
    engine_step(engine, 0,
                &(struct command){.kind = COMMAND_REQUEST, .session = 1, .request = &decoded},
                &effects);
    while (engine_due(engine) == 0)
        engine_step(engine, 0, &(struct command){.kind = COMMAND_TICK}, &effects);
    ck_assert_uint_eq(effects.count, 1);
    return effects.list[0].status;
}

/* All keys, each in a tuple that `format` makes of it. */
static void put_all(const char *format)
{
    struct problem problem;
    char text[2 * TEXT];
    for (uint32_t i = 0; i < KEYS;) {
        buffer_clear(&bytes);
        for (uint32_t end = i + AT_ONCE; i < end; i++) {
            snprintf(text, sizeof text, format, keys[i]);
            ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, &bytes, &problem), 0);
        }
        ck_assert_int_eq(request(&(struct request){.op = TSD_OP_OUT,
                                                   .tuples = {bytes.bytes, (uint32_t)bytes.size},
                                                   .tuple_count = AT_ONCE}),
                         TS_OK);
    }
}

static void find(const char *format, const char *key)
{
    struct problem problem;
    struct request fields = {.op = TSD_OP_RD, .alternative_count = 1};
    char text[2 * TEXT];
    snprintf(text, sizeof text, format, key);
    buffer_clear(&bytes);
    ck_assert_int_eq(text_read_pattern(text, strlen(text), NULL, &bytes, &problem), 0);
    fields.alternatives[0].pattern.bytes = bytes.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)bytes.size;
    ck_assert_int_eq(request(&fields), TS_OK);
}

static const struct space *main_space(void)
{
    return engine_find_space(engine, &(struct span){(const uint8_t *)"main", 4});
}

static uint32_t longest_chain(const struct table *table)
{
    uint32_t longest = 0;
    for (uint32_t i = 0; i < table->buckets; i++) {
        uint32_t length = 0;
        for (table_link link = *table_bucket_at(table, i); link; link = table_linked(link)->next)
            length++;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* ---- Tests ---- */

/* Else the others would show nothing. */
START_TEST(the_fields_do_collide)
{
    const struct family *family = &families[_i];
    family->make();
    for (uint32_t i = 0; i < KEYS; i++)
        if ((family->hash(keys[i]) ^ family->hash(keys[0])) & ((1u << LOW_BITS) - 1))
            ck_abort_msg("%s does not collide", keys[i]);
}
END_TEST

START_TEST(first_fields_that_collide_are_spread)
{
    families[_i].make();
    put_all("[%s, 1]");
    ck_assert_uint_eq(table_count(&main_space()->firsts.table), KEYS); /* none is twice */
    ck_assert_uint_le(longest_chain(&main_space()->firsts.table), LONGEST_CHAIN);
    for (uint32_t i = 0; i < KEYS; i += 100)
        find("[%s, ?]", keys[i]);
    tried("first_fields_that_collide_are_spread", FAMILIES * KEYS);
}
END_TEST

START_TEST(fields_of_an_index_that_collide_are_spread)
{
    families[_i].make();
    put_all("[\"t\", 1, %s]");
    for (int i = 0; i < 4; i++)
        find("[?, ?, %s]", keys[KEYS - 1]); /* until there is an index */
    const struct indexes *indexes = main_space()->lengths[3].indexes;
    ck_assert_ptr_nonnull(indexes);
    ck_assert_uint_eq(indexes->count, 1);
    ck_assert(indexes->list[0]->ready && indexes->list[0]->shape.ordered == 0);
    ck_assert_uint_eq(index_entries(indexes->list[0]), KEYS);
    ck_assert_uint_ge(indexes->list[0]->hashed.slots, KEYS - KEYS / 100); /* not in groups */
    ck_assert_uint_le(hashed_longest(&indexes->list[0]->hashed), LONGEST_BLOCK);
    for (uint32_t i = 0; i < KEYS; i += 100)
        find("[?, ?, %s]", keys[i]);
    ck_assert_uint_gt(indexes->list[0]->hits, KEYS / 200);
    tried("fields_of_an_index_that_collide_are_spread", FAMILIES * KEYS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flood");
    TCase *tests = tcase_create("flood");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, the_fields_do_collide, 0, FAMILIES);
    tcase_add_loop_test(tests, first_fields_that_collide_are_spread, 0, FAMILIES);
    tcase_add_loop_test(tests, fields_of_an_index_that_collide_are_spread, 0, FAMILIES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * What stats and explain tell: keys as TSD_STATS, TSD_INDEXES, TSD_SHAPES and TSD_EXPLAINS number them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "protocol/value.h"
#include "space/engine.h"
#include "space/stored.h"

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static struct buffer frame, bytes, text;
static uint64_t number;

static void start_with(struct engine_options options)
{
    engine = engine_new(&options);
    engine_step(engine, 0, &(struct command){.kind = COMMAND_COMES, .session = 1}, &effects);
    number = 0;
}

static void start(void)
{
    start_with((struct engine_options){.key = {3, 4}});
}

static void stop(void)
{
    engine_check(engine);
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
    buffer_deinit(&frame);
    buffer_deinit(&bytes);
    buffer_deinit(&text);
}

/* Leaves the effects to be looked at; returns the first one. */
static const struct effect *request(struct request *fields)
{
    static struct request decoded;
    struct frame body;
    struct problem problem;
    size_t want;
    fields->number = ++number;
    if (!fields->space.bytes)
        fields->space = (struct span){(const uint8_t *)"main", 4};
    buffer_clear(&frame);
    request_encode(fields, &frame);
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    effects_clear(engine, &effects);
    engine_step(engine, 0,
                &(struct command){.kind = COMMAND_REQUEST, .session = 1, .request = &decoded},
                &effects);
    return effects.count > 0 ? &effects.list[0] : NULL;
}

static struct span read_tuple(const char *tuple)
{
    struct problem problem;
    const size_t from = bytes.size;
    ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &bytes, &problem), 0);
    return (struct span){bytes.bytes + from, (uint32_t)(bytes.size - from)};
}

static void put_in(const char *space, const char *tuple)
{
    buffer_clear(&bytes);
    struct request out = {
        .op = TSD_OP_OUT,
        .space = {(const uint8_t *)space, (uint32_t)strlen(space)},
        .tuple_count = 1,
    };
    out.tuples = read_tuple(tuple);
    ck_assert_int_eq(request(&out)->status, TS_OK);
}

static void put(const char *tuple)
{
    put_in("main", tuple);
}

/* ["t", i, i % 7], so many */
static void put_some(unsigned count)
{
    char tuple[64];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(tuple, sizeof tuple, "[\"t\", %u, %u]", i, i % 7);
        put(tuple);
    }
}

static const struct effect *ask(enum tsd_operation op, const char *pattern, struct request fields)
{
    struct problem problem;
    buffer_clear(&bytes);
    /* room for the tuple, too, so that nothing moves */
    ck_assert_ptr_nonnull(buffer_reserve(&bytes, 1 << 16));
    ck_assert_msg(text_read_pattern(pattern, strlen(pattern), NULL, &bytes, &problem) == 0, "%s",
                  problem.text);
    fields.op = op;
    fields.alternative_count = 1;
    fields.alternatives[0].pattern.bytes = bytes.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)bytes.size;
    return request(&fields);
}

static void look(const char *pattern)
{
    ask(TSD_OP_RD, pattern, (struct request){.has = TSD_HAS(TIMEOUT)});
}

static void wait_for(const char *pattern)
{
    ck_assert_ptr_null(ask(TSD_OP_IN, pattern, (struct request){0}));
}

/* What an effect tells, in the notation. */
static const char *told(const struct effect *effect)
{
    ck_assert_int_eq(effect->status, TS_OK);
    const uint8_t *report = effects.text.bytes + effect->text;
    ck_assert_uint_eq(value_skip_trusted(report) - report, effect->text_size);
    buffer_clear(&text);
    text_write_value(report, &text);
    buffer_append_byte(&text, '\0');
    return (const char *)text.bytes;
}

static const char *explain(const char *pattern)
{
    return told(ask(TSD_OP_EXPLAIN, pattern, (struct request){0}));
}

static const char *explain_for(const char *pattern, const char *tuple)
{
    struct request fields = {.has = TSD_HAS(TUPLE), .tuple_count = 1};
    struct buffer other = BUFFER_INIT;
    struct problem problem;
    ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &other, &problem), 0);
    fields.tuples = (struct span){other.bytes, (uint32_t)other.size};
    const char *what = told(ask(TSD_OP_EXPLAIN, pattern, fields));
    buffer_deinit(&other);
    return what;
}

/* The tuples that it speaks of, one after the other. */
static const char *items(void)
{
    const struct effect *effect = &effects.list[0];
    buffer_clear(&text);
    for (uint32_t i = 0; i < effect->item_count; i++)
        text_write_value(effects.items[effect->items + i].tuple->bytes, &text);
    buffer_append_byte(&text, '\0');
    return (const char *)text.bytes;
}

static const struct effect *stats_after(const char *after)
{
    struct request fields = {.op = TSD_OP_STATS};
    if (after) {
        fields.has = TSD_HAS(AFTER);
        fields.after = (struct span){(const uint8_t *)after, (uint32_t)strlen(after)};
    }
    return request(&fields);
}

/* A value of the only row, in the notation. */
static const char *stat(uint32_t key)
{
    struct value head;
    told(stats_after(NULL));
    const uint8_t *p = effects.text.bytes + effects.list[0].text;
    p = value_read_trusted(p, &head);
    ck_assert_uint_eq(head.length, 1);
    p = value_skip_trusted(value_read_trusted(p, &head)); /* past the name */
    p = value_read_trusted(p, &head);
    for (uint32_t i = 0; i < head.length; i++) {
        struct value name;
        p = value_read_trusted(p, &name);
        if (name.u64 == key) {
            buffer_clear(&text);
            text_write_value(p, &text);
            buffer_append_byte(&text, '\0');
            return (const char *)text.bytes;
        }
        p = value_skip_trusted(p);
    }
    return NULL;
}

/* ---- explain ---- */

START_TEST(a_tuple_that_is_given_is_told_of_field_by_field)
{
    start();
    ck_assert_str_eq(explain_for("[\"a\", ?int, >5]", "[\"a\", 1, 6]"),
                     "{1:true,5:[[true,true,true]],2:[]}");
    ck_assert_str_eq(explain_for("[\"a\", ?int, >5]", "[\"a\", 1.5, 5]"),
                     "{1:false,5:[[true,false,false]],2:[]}");
    ck_assert_str_eq(explain_for("[/b+/, [?, ...], {\"k\": !1}]", "[\"abb\", [1, 2], {\"k\": 2}]"),
                     "{1:true,5:[[true,true,true]],2:[]}");
    ck_assert_str_eq(explain_for("[/b+/, [?, ...], {\"k\": !1}]", "[\"ac\", [], {\"k\": 1}]"),
                     "{1:false,5:[[false,false,false]],2:[]}");
    stop();
}
END_TEST

START_TEST(a_field_that_is_not_there_does_not_match)
{
    start();
    ck_assert_str_eq(explain_for("[?, ?, ?]", "[1]"), "{1:false,5:[[true,false,false]],2:[]}");
    ck_assert_str_eq(explain_for("[?, ?, ...]", "[1]"), "{1:false,5:[[true,false]],2:[]}");
    stop();
}
END_TEST

START_TEST(fields_beyond_the_pattern_do_not_match_it_without_a_rest)
{
    start();
    ck_assert_str_eq(explain_for("[?]", "[1, 2]"), "{1:false,5:[[true]],2:[]}");
    ck_assert_str_eq(explain_for("[?, ...]", "[1, 2]"), "{1:true,5:[[true]],2:[]}");
    stop();
}
END_TEST

START_TEST(what_is_stored_is_walked_to_the_first_match)
{
    start();
    put("[\"a\", 1]");
    put("[\"a\", 2]");
    put("[\"a\", 3]");
    ck_assert_str_eq(explain("[\"a\", >=2]"), "{1:true,3:2,4:false,5:[[true,true],[true,false]],"
                                              "2:[{1:1,2:2,3:[0],5:3,9:3}]}");
    ck_assert_str_eq(items(), "[\"a\",2][\"a\",1]");
    stop();
}
END_TEST

START_TEST(a_space_that_is_not_there_has_nothing)
{
    start();
    ck_assert_str_eq(explain("[?]"), "{1:false,3:0,4:false,5:[],2:[]}");
    ck_assert_str_eq(items(), "");
    stop();
}
END_TEST

/* Nothing matches: also what stands under another first field, or has another length, may be near. */
START_TEST(the_nearest_have_the_most_fields_that_match)
{
    start();
    put("[\"a\", 1, 2]");
    put("[\"b\", 1, 3]");
    put("[\"a\", 9, 9]");
    put("[\"a\", 1]");
    put("[\"a\", 1, 3, 4]");
    ck_assert_str_eq(explain("[\"a\", 1, 3]"),
                     "{1:false,3:2,4:false,"
                     "5:[[true,true,false],[false,true,true],[true,true,false]],"
                     "2:[{1:1,2:3,3:[0],5:3,9:2}]}");
    ck_assert_str_eq(items(), "[\"a\",1,2][\"b\",1,3][\"a\",1]");
    ask(TSD_OP_EXPLAIN, "[\"a\", 1, 3]", (struct request){.has = TSD_HAS(MAX), .max = 5});
    ck_assert_str_eq(items(), "[\"a\",1,2][\"b\",1,3][\"a\",1][\"a\",1,3,4][\"a\",9,9]");
    ask(TSD_OP_EXPLAIN, "[\"a\", 1, 3]", (struct request){.has = TSD_HAS(MAX), .max = 1});
    ck_assert_str_eq(items(), "[\"a\",1,2]");
    stop();
}
END_TEST

START_TEST(a_pattern_with_a_rest_goes_over_all_lengths)
{
    start();
    put("[1, 2, 3]");
    put("[1]");
    put("[1, 2]");
    ck_assert_str_eq(explain("[1, 2, ...]"),
                     "{1:true,3:1,4:false,5:[[true,true]],"
                     "2:[{1:1,2:2,3:[0],5:1,9:1},{1:1,2:3,3:[0],5:1,9:1}]}");
    ck_assert_str_eq(explain("[?, 3, ...]"),
                     "{1:false,3:2,4:false,5:[[true,false],[true,false],[true,false]],"
                     "2:[{1:0,2:2,3:[],5:1},{1:0,2:3,3:[],5:1}]}");
    ck_assert_str_eq(items(), "[1,2,3][1][1,2]");
    stop();
}
END_TEST

START_TEST(an_index_by_hash_is_told_with_what_is_under_it)
{
    start_with((struct engine_options){.key = {3, 4}, .index = {.walk = 1}});
    put_some(70);
    look("[\"t\", ?, 6]");
    look("[\"t\", ?, 8]");
    look("[\"t\", ?, 6]");
    ck_assert_str_eq(explain("[\"t\", ?, 6]"),
                     "{1:true,3:1,4:false,5:[[true,true,true]],2:[{1:2,2:3,3:[0,2],5:70,9:10}]}");
    ck_assert_str_eq(items(), "[\"t\",6,6]");
    stop();
}
END_TEST

START_TEST(an_index_by_order_is_told_with_its_field)
{
    start_with((struct engine_options){.key = {3, 4}, .index = {.walk = 1}});
    put_some(70);
    look("[\"t\", >=69, ?]");
    ck_assert_str_eq(explain("[\"t\", >=69, ?]"),
                     "{1:true,3:1,4:false,5:[[true,true,true]],2:[{1:3,2:3,3:[0],5:70,4:1}]}");
    ck_assert_str_eq(items(), "[\"t\",69,6]");
    stop();
}
END_TEST

START_TEST(a_walk_that_is_too_long_stops_and_what_it_would_find_is_not_known)
{
    start();
    put_some(16390);
    put("[\"t\", 1, \"end\"]");
    const char *what = explain("[\"t\", ?, \"end\"]");
    ck_assert_msg(strncmp(what, "{3:16384,4:true,", 16) == 0, "%s", what);
    stop();
}
END_TEST

/* It looks, but as if it had not: neither what is stored, nor what is counted, nor an index changes. */
START_TEST(explaining_changes_nothing)
{
    struct buffer before = BUFFER_INIT;
    start_with((struct engine_options){.key = {3, 4}, .index = {.walk = 100}});
    put_some(200);
    look("[\"t\", >=199, ?]"); /* makes an index by order */
    look("[\"t\", >=199, ?]");
    put("[\"t\", 1, 1]");
    const char *what = told(stats_after(NULL));
    buffer_append(&before, what, strlen(what) + 1);
    for (int i = 0; i < 3; i++) {
        explain("[\"t\", ?, 9]");
        explain("[\"t\", >=199, ?]");
        explain_for("[\"t\", /a/]", "[\"t\", \"a\"]");
    }
    ck_assert_str_eq(told(stats_after(NULL)), (const char *)before.bytes);
    buffer_deinit(&before);
    stop();
}
END_TEST

/* Each try takes thousands of steps, fewer than the limit: it stops after a few, not after 16,384. */
START_TEST(expressions_that_take_long_stop_it_early)
{
    unsigned tried;
    start();
    for (unsigned i = 0; i < 200; i++)
        put("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]");
    const char *what = explain("[/^a*a*a*[^a]/]");
    ck_assert_msg(sscanf(what, "{3:%u,4:true,", &tried) == 1, "%s", what);
    ck_assert_uint_lt(tried, 100);
    stop();
}
END_TEST

/* rule P3 */
START_TEST(expressions_that_overrun_too_often_are_refused)
{
    char tuple[64];
    start();
    for (int i = 0; i < 2 * LIMIT_REGEX_OVERRUNS; i++) {
        (void)snprintf(tuple, sizeof tuple, "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%db\"]", i);
        put(tuple);
    }
    ck_assert_int_eq(ask(TSD_OP_EXPLAIN, "[/^(a+)+$/]", (struct request){0})->status, TS_LIMIT);
    ck_assert_uint_eq(effects.count, 1);
    ck_assert_uint_eq(effects.item_count, 0);
    stop();
}
END_TEST

START_TEST(tuples_that_do_not_fit_an_answer_are_left_out)
{
    start_with((struct engine_options){.key = {3, 4}, .reply_bytes = 20});
    put("[1, \"123456789\"]");
    put("[2, \"123456789\"]");
    put("[3, 3]");
    ck_assert_str_eq(explain("[?, ?bin]"),
                     "{1:false,3:3,4:false,5:[[true,false],[true,false]],2:[{1:0,2:2,3:[],5:3}]}");
    ck_assert_str_eq(items(), "[1,\"123456789\"][3,3]");
    stop();
}
END_TEST

static uint64_t random_state;

static unsigned random_below(unsigned bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % bound;
}

static void add_random_field(struct buffer *out, bool pattern)
{
    const unsigned number = random_below(9);
    switch (pattern ? random_below(10) : 0) {
    case 6:
        buffer_printf(out, ">=%u", number);
        break;
    case 7:
        buffer_printf(out, "%u..7", number % 8);
        break;
    case 8:
        buffer_printf(out, "(%u | \"a\")", number);
        break;
    case 9:
        buffer_printf(out, "?");
        break;
    default:
        buffer_printf(out, "%u", number);
    }
}

static const char *random_fields(bool pattern)
{
    static struct buffer all[2];
    struct buffer *out = &all[pattern];
    const unsigned count = 1 + random_below(3);
    buffer_clear(out);
    for (unsigned i = 0; i < count; i++) {
        buffer_append_byte(out, i > 0 ? ',' : '[');
        add_random_field(out, pattern);
    }
    buffer_printf(out, "%s]", pattern && random_below(4) == 0 ? ", ..." : "");
    buffer_append_byte(out, '\0');
    return (const char *)out->bytes;
}

/* The tuple that matches is the one that is found then, whichever indexes there are. */
START_TEST(what_is_explained_to_match_is_what_is_found)
{
    const struct request at_once = {.has = TSD_HAS(TIMEOUT)};
    const char *seed = getenv("TEST_SEED");
    unsigned found = 0;
    random_state = seed ? strtoull(seed, NULL, 10) : 20;
    start_with((struct engine_options){.key = {3, 4},
                                       .index = {.free = UINT32_MAX, .walk = 1, .idle = 20}});
    for (int i = 0; i < 4000; i++) {
        if (random_below(2))
            put(random_fields(false));
        const char *pattern = random_fields(true);
        struct stored *explained = NULL;
        const struct effect *effect = ask(TSD_OP_EXPLAIN, pattern, (struct request){0});
        if (strncmp(told(effect), "{1:true,", 8) == 0)
            explained = effects.items[effect->items].tuple;
        effect = ask(random_below(3) ? TSD_OP_RD : TSD_OP_IN, pattern, at_once);
        ck_assert_msg((effect->status == TS_OK) == (explained != NULL), "%d: %s", i, pattern);
        if (explained)
            ck_assert_ptr_eq(effects.items[effect->items].tuple, explained);
        found += explained != NULL;
    }
    ck_assert_uint_gt(found, 500);
    stop();
}
END_TEST

/* ---- stats ---- */

START_TEST(a_space_tells_what_it_has)
{
    start();
    put("[1, 2]");
    put("[2, 3]");
    put("[3]");
    ck_assert_str_eq(told(stats_after(NULL)),
                     "[[\"main\",{1:3,2:8,3:0,4:0,5:0,6:0,7:0,8:0,9:0,10:0,12:0,13:0,"
                     "11:[0,0,0,0,0,0,0,0,0],"
                     "14:[{1:1,2:1,3:[0],5:1},{1:1,2:2,3:[0],5:2}],15:[]}]]");
    ask(TSD_OP_IN, "[3]", (struct request){0}); /* it is kept until it is acknowledged */
    wait_for("[9]");
    ask(TSD_OP_WATCH, "[...]", (struct request){0});
    ck_assert_str_eq(stat(TSD_STATS_KEPT), "1");
    ck_assert_str_eq(stat(TSD_STATS_WAITING), "1");
    ck_assert_str_eq(stat(TSD_STATS_WATCHES), "1");
    stop();
}
END_TEST

START_TEST(walks_are_counted_by_their_length)
{
    start_with((struct engine_options){.key = {3, 4}, .index = {.off = true}});
    put_some(150);
    look("[\"t\", ?, 0]");   /* past none: no walk */
    look("[\"t\", 30, ?]");  /* past 30 */
    look("[\"t\", 149, ?]"); /* past 149 */
    look("[\"t\", 999, ?]"); /* past all */
    ck_assert_str_eq(stat(TSD_STATS_LOOKS), "4");
    ck_assert_str_eq(stat(TSD_STATS_WALKS), "3");
    ck_assert_str_eq(stat(TSD_STATS_WALKED), "329");
    ck_assert_str_eq(stat(TSD_STATS_LONGEST), "150");
    ck_assert_str_eq(stat(TSD_STATS_LENGTHS), "[0,0,1,2,0,0,0,0,0]");
    stop();
}
END_TEST

START_TEST(indexes_tell_what_they_are_of_and_how_they_are_used)
{
    start_with((struct engine_options){.key = {3, 4}, .index = {.walk = 1}});
    put_some(70);
    look("[\"t\", ?, 9]");
    look("[\"t\", >=69, ?]");
    look("[\"t\", ?, 9]");
    put_some(1);
    ck_assert_str_eq(stat(TSD_STATS_INDEXES), "[{1:1,2:3,3:[0],5:71},"
                                              "{1:2,2:3,3:[0,2],5:71,6:true,7:1,8:1},"
                                              "{1:3,2:3,3:[0],5:71,4:1,6:true,7:0,8:1}]");
    stop();
}
END_TEST

START_TEST(shapes_tell_what_waits_under_them)
{
    start();
    wait_for("[\"a\", ?, 1]");
    wait_for("[\"b\", ?, 1]");
    wait_for("[\"b\", ?, 1]");
    wait_for("[\"a\", >=5]");
    wait_for("[?, ...]");
    const char *shapes = stat(TSD_STATS_SHAPES);
    ck_assert_ptr_nonnull(strstr(shapes, "{1:3,2:false,3:[0,2],5:2,6:3}"));
    ck_assert_ptr_nonnull(strstr(shapes, "{1:2,2:false,3:[0],4:1,5:1,6:1}"));
    ck_assert_ptr_nonnull(strstr(shapes, "{1:1,2:true,3:[],5:1,6:1}"));
    ck_assert_ptr_null(stat(TSD_STATS_SHAPES_MORE));
    stop();
}
END_TEST

START_TEST(what_expressions_could_not_look_at_is_counted)
{
    start();
    struct buffer tuple = BUFFER_INIT;
    buffer_append(&tuple, "[\"", 2);
    for (unsigned i = 0; i <= LIMIT_REGEX_SUBJECT; i++)
        buffer_append_byte(&tuple, 'a');
    buffer_append(&tuple, "\"]", 3);
    put((const char *)tuple.bytes);
    put("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"]");
    look("[/^(a+)+$/]");
    ck_assert_str_eq(stat(TSD_STATS_OVERSIZED), "1");
    ck_assert_str_eq(stat(TSD_STATS_OVERRUNS), "1");
    buffer_deinit(&tuple);
    stop();
}
END_TEST

/* That the answer tells of these spaces. */
static void expect_names(const struct effect *effect, const char *names, bool more)
{
    struct value head, name;
    ck_assert_int_eq(effect->more, more);
    const uint8_t *p = value_read_trusted(effects.text.bytes + effect->text, &head);
    buffer_clear(&text);
    for (uint32_t i = 0; i < head.length; i++, p = value_skip_trusted(p)) {
        struct value row;
        value_read_trusted(value_read_trusted(p, &row), &name);
        buffer_append(&text, name.bytes, name.length);
        buffer_append_byte(&text, ' ');
    }
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq((const char *)text.bytes, names);
}

START_TEST(spaces_come_by_name_as_far_as_they_fit)
{
    const char *const names[] = {"c", "ab", "a", "b", "B"};
    start_with((struct engine_options){.key = {3, 4}, .reply_bytes = 180}); /* two rows */
    expect_names(stats_after(NULL), "", false);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put_in(names[i], "[1]");
    expect_names(stats_after(NULL), "B a ", true);
    expect_names(stats_after("a"), "ab b ", true);
    expect_names(stats_after("b"), "c ", false);
    stop();
    start_with((struct engine_options){.key = {3, 4}, .reply_bytes = 1});
    put_in("a", "[1]");
    put_in("b", "[1]");
    expect_names(stats_after(NULL), "a ", true); /* the first one always does */
    stop();
}
END_TEST

static void do_some_work(void)
{
    put_some(120);
    for (int i = 0; i < 3; i++) {
        look("[\"t\", ?, 3]");
        look("[\"t\", 90..95, ?]");
        look("[?, 77, ?]");
    }
    wait_for("[\"t\", 1000..2000, ?]");
    wait_for("[\"u\", \"v\"]");
}

START_TEST(nothing_of_it_depends_on_the_hash_key)
{
    struct buffer first = BUFFER_INIT;
    for (uint64_t key = 1; key <= 5; key++) {
        struct buffer now = BUFFER_INIT;
        const char *const patterns[] = {"[\"t\", ?, 3]", "[\"t\", 90..95, ?]", "[?, 5, 9]"};
        start_with((struct engine_options){.key = {key, 9 * key}, .index = {.walk = 10}});
        do_some_work();
        for (int i = 0; i < 3; i++) {
            const char *what = explain(patterns[i]);
            buffer_append(&now, what, strlen(what));
        }
        const char *what = told(stats_after(NULL));
        buffer_append(&now, what, strlen(what));
        if (key == 1)
            buffer_append(&first, now.bytes, now.size);
        ck_assert_uint_eq(now.size, first.size);
        ck_assert_mem_eq(now.bytes, first.bytes, first.size);
        buffer_deinit(&now);
        stop();
    }
    buffer_deinit(&first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space/report");
    TCase *tcase = tcase_create("report");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_tuple_that_is_given_is_told_of_field_by_field);
    tcase_add_test(tcase, a_field_that_is_not_there_does_not_match);
    tcase_add_test(tcase, fields_beyond_the_pattern_do_not_match_it_without_a_rest);
    tcase_add_test(tcase, what_is_stored_is_walked_to_the_first_match);
    tcase_add_test(tcase, a_space_that_is_not_there_has_nothing);
    tcase_add_test(tcase, the_nearest_have_the_most_fields_that_match);
    tcase_add_test(tcase, a_pattern_with_a_rest_goes_over_all_lengths);
    tcase_add_test(tcase, an_index_by_hash_is_told_with_what_is_under_it);
    tcase_add_test(tcase, an_index_by_order_is_told_with_its_field);
    tcase_add_test(tcase, a_walk_that_is_too_long_stops_and_what_it_would_find_is_not_known);
    tcase_add_test(tcase, explaining_changes_nothing);
    tcase_add_test(tcase, expressions_that_take_long_stop_it_early);
    tcase_add_test(tcase, expressions_that_overrun_too_often_are_refused);
    tcase_add_test(tcase, tuples_that_do_not_fit_an_answer_are_left_out);
    tcase_add_test(tcase, what_is_explained_to_match_is_what_is_found);
    tcase_add_test(tcase, a_space_tells_what_it_has);
    tcase_add_test(tcase, walks_are_counted_by_their_length);
    tcase_add_test(tcase, indexes_tell_what_they_are_of_and_how_they_are_used);
    tcase_add_test(tcase, shapes_tell_what_waits_under_them);
    tcase_add_test(tcase, what_expressions_could_not_look_at_is_counted);
    tcase_add_test(tcase, spaces_come_by_name_as_far_as_they_fit);
    tcase_add_test(tcase, nothing_of_it_depends_on_the_hash_key);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * What is too much for one step: the end of a session that keeps much, a space that is removed with
 * much in it, copies of many. What a step does is counted, in units that are small for it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/stored.h"

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static struct buffer frame, bytes;
static uint64_t number, now_ns;

static void step(const struct command *command)
{
    effects_clear(engine, &effects);
    engine_step(engine, now_ns, command, &effects);
    engine_check(engine);
}

static void start(uint32_t unit, uint32_t piece)
{
    engine = engine_new(&(struct engine_options){.key = {3, 4}, .piece = piece, .unit = unit});
    number = now_ns = 0;
    for (uint64_t i = 1; i <= 4; i++)
        step(&(struct command){.kind = COMMAND_COMES, .session = i});
}

static void stop(void)
{
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
    buffer_deinit(&frame);
    buffer_deinit(&bytes);
}

static void ends(uint64_t session)
{
    step(&(struct command){.kind = COMMAND_ENDS, .session = session});
}

static void tick(void)
{
    step(&(struct command){.kind = COMMAND_TICK});
}

static bool is_due(void)
{
    return engine_due(engine) <= now_ns;
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

/* Does the request; returns the first of its effects, NULL: none. */
static const struct effect *request(uint64_t session, const char *space, struct request fields)
{
    static struct request decoded;
    struct frame body;
    struct problem problem;
    size_t want;
    fields.number = ++number;
    fields.space = fields.alternatives[0].space = span_of(space);
    if (fields.min == 0)
        fields.min = 1;
    if (fields.max == 0)
        fields.max = fields.min;
    buffer_clear(&frame);
    request_encode(&fields, &frame);
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    room.used = 0;
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    step(&(struct command){
        .kind = COMMAND_REQUEST, .session = session, .ack = decoded.ack, .request = &decoded});
    return effects.count > 0 ? &effects.list[0] : NULL;
}

static const struct effect *ask(uint64_t session, enum tsd_operation op, const char *space,
                                const char *pattern, struct request fields)
{
    struct problem problem;
    buffer_clear(&bytes);
    ck_assert_int_eq(text_read_pattern(pattern, strlen(pattern), NULL, &bytes, &problem), 0);
    fields.op = op;
    fields.alternative_count = 1;
    fields.alternatives[0].pattern.bytes = bytes.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)bytes.size;
    return request(session, space, fields);
}

static void put_so(uint64_t session, const char *space, const char *tuple, uint32_t times,
                   struct putting putting)
{
    struct problem problem;
    buffer_clear(&bytes);
    for (uint32_t i = 0; i < times; i++)
        ck_assert_int_eq(text_read_tuple(tuple, strlen(tuple), NULL, &bytes, &problem), 0);
    const struct effect *effect =
        request(session, space,
                (struct request){.op = TSD_OP_OUT,
                                 .has = putting.has,
                                 .tuples = {bytes.bytes, (uint32_t)bytes.size},
                                 .tuple_count = times,
                                 .putting = putting});
    ck_assert_int_eq(effect->status, TS_OK);
}

static void put(uint64_t session, const char *space, uint32_t times)
{
    put_so(session, space, "[\"t\"]", times, (struct putting){.has = 0});
}

static void put_bound(uint64_t session, const char *space, uint32_t times)
{
    put_so(session, space, "[\"t\"]", times,
           (struct putting){.has = TSD_HAS(BOUND), .bound = true});
}

static uint64_t count(const char *space, bool states)
{
    const struct effect *effect =
        ask(1, TSD_OP_COUNT, space, "[...]",
            (struct request){.has = states ? TSD_HAS(STATES) : 0, .states = states});
    return effect->value;
}

static void take(uint64_t session, enum tsd_operation op, const char *space, uint32_t most)
{
    const struct effect *effect =
        ask(session, op, space, "[...]", (struct request){.has = TSD_HAS(MAX), .max = most});
    ck_assert_uint_eq(effect->item_count, most);
}

static uint64_t id_of(const struct effect *effect, uint32_t item)
{
    return stored_id(effects.items[effect->items + item].tuple);
}

/* The answers of this step to a session's request, NULL: none. */
static const struct effect *answer_to(uint64_t session, enum tsd_operation op)
{
    for (uint32_t i = 0; i < effects.count; i++)
        if (effects.list[i].session == session && effects.list[i].op == op)
            return &effects.list[i];
    return NULL;
}

static uint32_t events_told(enum tsd_event event)
{
    uint32_t told = 0;
    for (uint32_t i = 0; i < effects.count; i++)
        told += effects.list[i].kind == EFFECT_EVENT && effects.list[i].event == event;
    return told;
}

/* rule S10: of more than a unit's tuples as many go in each step, best-placed first; others come
 * between, and who waits is served after each. */
START_TEST(an_end_of_many_goes_in_units)
{
    start(4, 100);
    put(1, "main", 10);
    take(2, TSD_OP_HOLD, "main", 3); /* the ids 1 to 3 */
    take(2, TSD_OP_IN, "main", 7);
    ask(1, TSD_OP_WATCH, "main", "[...]", (struct request){0});
    ck_assert_ptr_null(ask(3, TSD_OP_IN, "main", "[...]", (struct request){0}));
    ends(2);
    uint64_t back = 0, next = 1;
    int units = 0;
    while (is_due()) {
        tick();
        const uint32_t told = events_told(TSD_EVENT_RETURNED);
        for (uint32_t i = 0; i < effects.count; i++)
            if (effects.list[i].event == TSD_EVENT_RETURNED)
                ck_assert_uint_eq(id_of(&effects.list[i], 0), next++);
        ck_assert_uint_le(told, 4);
        units += told > 0;
        if (told > 0 && back == 0) /* between the units */
            ck_assert_uint_eq(id_of(answer_to(3, TSD_OP_IN), 0), 1);
        back += told;
        const uint64_t there = count("main", false), all = count("main", true);
        ck_assert_uint_eq(there, back - (back > 0));
        ck_assert_uint_eq(all, 10); /* rule S16: what is to come is kept */
    }
    ck_assert(units == 3 && back == 10);
    ck_assert_uint_eq(engine_due(engine), UINT64_MAX);
    stop();
}
END_TEST

START_TEST(an_end_of_few_is_one_unit)
{
    start(5, 100); /* one is bound and kept */
    put_bound(2, "main", 1);
    put(1, "main", 3);
    take(2, TSD_OP_IN, "main", 2);
    take(2, TSD_OP_HOLD, "main", 2);
    ends(2);
    ck_assert(!is_due());
    ck_assert_uint_eq(count("main", true), 3);
    stop();
}
END_TEST

/* Priorities, and takes in any order: what goes back is put in order as a whole. */
START_TEST(an_end_goes_in_the_order_of_place)
{
    start(3, 100);
    for (int i = 0; i < 20; i++)
        put_so(1, "main", "[\"t\"]", 1,
               (struct putting){.has = TSD_HAS(PRIORITY), .priority = (int8_t)(i * 7 % 5)});
    for (int i = 0; i < 20; i++) { /* by id, from the youngest on */
        const struct effect *effect =
            ask(2, i % 3 ? TSD_OP_IN : TSD_OP_HOLD, "main", "[...]",
                (struct request){.has = TSD_HAS(ID), .id = (uint64_t)(20 - i)});
        ck_assert_int_eq(effect->status, TS_OK);
    }
    ask(1, TSD_OP_WATCH, "main", "[...]", (struct request){0});
    ends(2);
    uint64_t last = 0, back = 0;
    while (is_due()) {
        tick();
        for (uint32_t i = 0; i < effects.count; i++, back++) {
            const uint64_t key = stored_key(effects.items[effects.list[i].items].tuple);
            ck_assert_uint_gt(key, last);
            last = key;
        }
    }
    ck_assert_uint_eq(back, 20);
    stop();
}
END_TEST

static void leave_a_will(uint64_t session)
{
    const struct request will = {
        .op = TSD_OP_WILL, .tuples = {(const uint8_t *)"\x91\xa1w", 3}, .tuple_count = 1};
    ck_assert_int_eq(request(session, "will", will)->status, TS_OK);
}

START_TEST(the_will_comes_with_the_last_unit)
{
    start(3, 100);
    put(1, "main", 8);
    take(2, TSD_OP_IN, "main", 8);
    leave_a_will(2);
    ends(2);
    while (is_due()) {
        ck_assert_uint_eq(count("will", false), 0);
        tick();
    }
    ck_assert_uint_eq(count("will", false), 1);
    ck_assert_uint_eq(count("main", false), 8);
    stop();
}
END_TEST

/* rule S13: one that is bound to a session that is ending does not come back, nor is it copied. */
START_TEST(bound_tuples_do_not_outlive_an_end_in_units)
{
    start(3, 100);
    put_bound(2, "main", 10);
    take(3, TSD_OP_HOLD, "main", 1);
    ends(2);
    tick(); /* the first three: one is held */
    ck_assert_uint_eq(count("main", false), 7);
    const struct effect *effect = ask(3, TSD_OP_COPY, "main", "[...]",
                                      (struct request){.has = TSD_HAS(TO), .to = span_of("copy")});
    ck_assert(effect->status == TS_OK && effect->value == 0);
    take(3, TSD_OP_IN, "main", 1);
    take(4, TSD_OP_IN, "main", 1);
    ends(4); /* it would come back */
    ck_assert_uint_eq(count("main", false), 5);
    effect = ask(1, TSD_OP_COLLECT, "main", "[...]",
                 (struct request){.has = TSD_HAS(TO) | TSD_HAS(MAX), .max = 2, .to = span_of("b")});
    ck_assert_uint_eq(effect->value, 2); /* those are found all the same */
    while (is_due())
        tick();
    ck_assert_uint_eq(count("main", false) + count("b", false) + count("copy", true), 0);
    ends(3);
    ck_assert_uint_eq(count("main", true), 0);
    stop();
}
END_TEST

/* rule S5: a hold whose time is over goes back then, and once. */
START_TEST(holds_end_by_their_time_while_a_session_ends)
{
    start(2, 100);
    put(1, "main", 9);
    ask(2, TSD_OP_HOLD, "main", "[...]",
        (struct request){.has = TSD_HAS(MAX) | TSD_HAS(HOLD_TIME), .max = 9, .hold_us = 10});
    ask(1, TSD_OP_WATCH, "main", "[...]", (struct request){0});
    ends(2);
    tick();
    tick(); /* some are in order, some are not */
    now_ns = 10000;
    tick();
    ck_assert_uint_eq(events_told(TSD_EVENT_RETURNED), 9);
    while (is_due()) {
        tick();
        ck_assert_uint_eq(effects.count, 0);
    }
    const struct effect *effect = ask(1, TSD_OP_SCAN, "main", "[...]", (struct request){0});
    for (uint32_t i = 0; i < 9; i++) {
        const struct effect_item *item = &effects.items[effect->items + i];
        const struct effect_detail *detail = &effects.details[item->detail - 1];
        ck_assert(detail->returns == 1 && detail->reason == TSD_REASON_HOLD_OVER);
    }
    stop();
}
END_TEST

/* A session that ends is found by nobody; its number is not its any more. */
START_TEST(a_session_that_is_ending_is_none)
{
    start(2, 100);
    put(1, "main", 9);
    take(2, TSD_OP_IN, "main", 9);
    ends(2);
    ck_assert(engine_waiting(engine, 2) == 0 && !engine_waits(engine, 2, 1));
    step(&(struct command){.kind = COMMAND_COMES, .session = 2});
    while (is_due())
        tick();
    take(2, TSD_OP_IN, "main", 9);
    stop();
}
END_TEST

START_TEST(an_engine_is_freed_while_sessions_end)
{
    start(2, 100);
    put_bound(2, "main", 9);
    put(1, "main", 9);
    take(3, TSD_OP_HOLD, "main", 12);
    ends(2);
    ends(3);
    tick();
    stop(); /* the slab asserts that nothing is left */
}
END_TEST

/* ---- Cut and uncut ---- */

static uint64_t seed;

static uint32_t below(uint32_t end)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(seed >> 33) % end;
}

static void some_puts(void)
{
    for (int i = 0; i < 40; i++) {
        const uint64_t session = 1 + below(3);
        struct putting putting = {.has = TSD_HAS(PRIORITY), .priority = (int8_t)below(3)};
        if (below(3) == 0)
            putting = (struct putting){.has = TSD_HAS(BOUND), .bound = true};
        put_so(session, below(2) ? "a" : "b", "[\"t\"]", 1 + below(4), putting);
    }
}

static void some_takes(void)
{
    for (int i = 0; i < 30; i++) {
        static const enum tsd_operation takes[] = {TSD_OP_IN, TSD_OP_HOLD};
        ask(2 + below(2), takes[below(2)], below(2) ? "a" : "b", "[...]",
            (struct request){.has = TSD_HAS(MAX) | TSD_HAS(TIMEOUT), .max = 1 + below(5)});
    }
}

/* All that is told by a scan of both spaces. */
static void all_there(struct buffer *all)
{
    static const char *const spaces[] = {"a", "b"};
    for (int i = 0; i < 2; i++) {
        const struct effect *effect = ask(1, TSD_OP_SCAN, spaces[i], "[...]", (struct request){0});
        for (uint32_t k = 0; k < effect->item_count; k++) {
            const struct effect_item *item = &effects.items[effect->items + k];
            uint64_t told[3] = {stored_key(item->tuple), 0, 0};
            if (item->detail) {
                told[1] = effects.details[item->detail - 1].returns;
                told[2] = effects.details[item->detail - 1].reason;
            }
            buffer_append(all, told, sizeof told);
        }
    }
}

/* What there is after the ends of two sessions is the same, however they are cut. */
START_TEST(ends_cut_and_uncut_leave_the_same)
{
    for (uint64_t from = 1; from <= 200; from++) {
        struct buffer all[3] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
        for (int i = 0; i < 3; i++) {
            seed = from;
            start(i == 0 ? 0 : 3, i == 1 ? 0 : 100); /* whole; in units at once; in ticks */
            some_puts();
            some_takes();
            ends(2);
            tick();
            ends(3);
            ck_assert(i == 2 || !is_due());
            while (is_due())
                tick();
            all_there(&all[i]);
            stop();
        }
        ck_assert_uint_gt(all[0].size, 0);
        for (int i = 1; i < 3; i++) {
            ck_assert_uint_eq(all[0].size, all[i].size);
            ck_assert_int_eq(memcmp(all[0].bytes, all[i].bytes, all[0].size), 0);
        }
        for (int i = 0; i < 3; i++)
            buffer_deinit(&all[i]);
    }
}
END_TEST

/* ---- Spaces that are removed ---- */

static const struct effect *remove_space(const char *space)
{
    return request(1, space,
                   (struct request){.op = TSD_OP_REMOVE, .has = TSD_HAS(FORCE), .force = true});
}

/* rule S31: its name is free at once, and what was in it is nowhere; it is freed in pieces. */
START_TEST(a_removed_space_goes_in_pieces)
{
    start(4, 100);
    put(1, "main", 30);
    take(2, TSD_OP_HOLD, "main", 6);
    take(2, TSD_OP_IN, "main", 6);
    put_so(1, "main", "[\"t\"]", 6, (struct putting){.has = TSD_HAS(DELAY), .delay_us = 1});
    ck_assert_int_eq(remove_space("main")->status, TS_OK);
    ck_assert(is_due());
    ck_assert_uint_eq(count("main", true), 0);
    const struct effect *spaces = request(1, "main", (struct request){.op = TSD_OP_SPACES});
    ck_assert_uint_eq(spaces->row_count, 0);
    put(1, "main", 2);
    now_ns = 1000; /* the delays are over */
    tick();
    int ticks = 1;
    for (; is_due(); ticks++)
        tick();
    ck_assert(ticks >= 6 && ticks < 30);
    ck_assert_uint_eq(count("main", true), 2);
    ends(2);
    while (is_due())
        tick();
    ck_assert_uint_eq(count("main", true), 2); /* nothing has come back */
    stop();
}
END_TEST

static const struct effect *with_token(uint64_t session, enum tsd_operation op,
                                       const struct token *token)
{
    struct buffer tokens = BUFFER_INIT;
    token_encode(token, &tokens);
    const struct effect *effect =
        request(session, "main",
                (struct request){.op = op,
                                 .tokens = {tokens.bytes, (uint32_t)tokens.size},
                                 .token_count = 1,
                                 .duration_us = 1});
    buffer_deinit(&tokens);
    return effect;
}

START_TEST(what_a_removed_space_kept_is_late)
{
    start(1, 100);
    put(1, "main", 4);
    take(2, TSD_OP_HOLD, "main", 3);
    struct token last = {0};
    for (uint32_t i = 0; i < 3; i++)
        last = effects.details[effects.items[effects.list[0].items + i].detail - 1].token;
    const struct effect *effect = ask(2, TSD_OP_IN, "main", "[...]", (struct request){0});
    const struct token delivered = {
        .delivery = true, .number = effect->delivery, .secret = id_of(effect, 0)};
    remove_space("main");
    ck_assert(is_due()); /* the last hold has not gone */
    ck_assert_int_eq(with_token(2, TSD_OP_RENEW, &last)->status, TS_LATE);
    ck_assert_int_eq(with_token(2, TSD_OP_FINISH, &last)->status, TS_LATE);
    ck_assert_int_eq(with_token(2, TSD_OP_RELEASE, &last)->status, TS_LATE);
    ck_assert_int_eq(with_token(2, TSD_OP_RELEASE, &delivered)->status, TS_LATE);
    step(&(struct command){.kind = COMMAND_ACK, .session = 2, .ack = 1});
    while (is_due())
        tick();
    stop();
}
END_TEST

/* rule S28: none is forgotten early, also where its space is removed. */
START_TEST(keys_outlive_a_removed_space)
{
    start(1, 100);
    put(1, "main", 4);
    struct request out = {.op = TSD_OP_OUT,
                          .has = TSD_HAS(KEY),
                          .tuples = {(const uint8_t *)"\x91\x01", 2},
                          .tuple_count = 1,
                          .key = span_of("k"),
                          .window_us = 1000};
    const uint64_t first = request(1, "main", out)->value;
    remove_space("main");
    for (int i = 0; i < 2; i++) {
        const struct effect *effect = request(1, "main", out);
        ck_assert(effect->repeated && effect->value == first);
        while (is_due())
            tick();
    }
    remove_space("main");
    ck_assert(request(1, "main", out)->repeated);
    stop();
}
END_TEST

START_TEST(an_engine_is_freed_while_spaces_go)
{
    start(1, 100);
    put_bound(3, "main", 4);
    take(2, TSD_OP_HOLD, "main", 1);
    take(2, TSD_OP_IN, "main", 1);
    put(1, "main", 4);
    remove_space("main");
    put(1, "main", 4);
    ends(2);
    remove_space("main");
    stop();
}
END_TEST

/* ---- scan of those that are away ---- */

/* Scans all of them, in answers of at most so many; checks that they come in order, once, and how many
 * they are in which state. */
static void scan_all(uint32_t max, bool reverse, const uint32_t expected[static 5])
{
    struct request fields = {.has = TSD_HAS(STATES) | TSD_HAS(MAX), .states = true, .max = max};
    uint32_t found[5] = {0};
    uint64_t last = reverse ? UINT64_MAX : 0;
    bool more;
    if (reverse) {
        fields.has |= TSD_HAS(REVERSE);
        fields.reverse = true;
    }
    do {
        const struct effect *effect = ask(1, TSD_OP_SCAN, "main", "[...]", fields);
        for (; !effect; effect = effects.count > 0 ? &effects.list[0] : NULL) {
            ck_assert(is_due());
            tick();
        }
        ck_assert_uint_le(effect->item_count, max);
        for (uint32_t i = 0; i < effect->item_count; i++) {
            const struct effect_item *item = &effects.items[effect->items + i];
            const uint64_t key = stored_key(item->tuple);
            ck_assert(reverse ? key < last : key > last);
            last = key;
            found[item->detail ? effects.details[item->detail - 1].state : TSD_STATE_STORED]++;
        }
        more = effect->has_next;
        fields.has |= TSD_HAS(CURSOR);
        fields.cursor = effect->next;
    } while (more);
    for (int i = TSD_STATE_STORED; i < 5; i++)
        ck_assert_uint_eq(found[i], expected[i]);
}

START_TEST(a_scan_of_many_that_are_away_goes_in_pieces)
{
    start(100, 1); /* sixteen are passed in a step */
    for (int i = 0; i < 60; i++)
        put_so(1, "main", "[\"t\"]", 1,
               (struct putting){.has = TSD_HAS(PRIORITY), .priority = (int8_t)below(3)});
    put_so(1, "main", "[\"t\"]", 7, (struct putting){.has = TSD_HAS(DELAY), .delay_us = 1000});
    put(1, "other", 40);
    for (int i = 0; i < 10; i++) {
        take(2 + below(2), TSD_OP_HOLD, "main", 2);
        take(2, TSD_OP_IN, "other", 4);
        take(2 + below(2), TSD_OP_IN, "main", 3);
    }
    const uint32_t expected[5] = {[TSD_STATE_STORED] = 10,
                                  [TSD_STATE_DELAYED] = 7,
                                  [TSD_STATE_DELIVERED] = 30,
                                  [TSD_STATE_HELD] = 20};
    const struct effect *effect = ask(1, TSD_OP_COUNT, "main", "[...]",
                                      (struct request){.has = TSD_HAS(STATES), .states = true});
    ck_assert_ptr_null(effect);
    while (!(effect = answer_to(1, TSD_OP_COUNT)))
        tick();
    ck_assert_uint_eq(effect->value, 67);
    for (uint32_t max = 1; max <= 70; max += 1 + max / 4) {
        scan_all(max, false, expected);
        scan_all(max, true, expected);
    }
    stop();
}
END_TEST

/* Between the pieces of a scan: holds are given back, delays end, deliveries are acknowledged. */
static void disturb(uint32_t at)
{
    if (at == 3)
        now_ns = 1000;
    if (at == 5)
        step(&(struct command){.kind = COMMAND_ACK, .session = 3, .ack = 1 + below(9)});
    tick();
}

/* The answer to a scan of session 1, which what `disturb` does comes before. */
static const struct effect *scan_disturbed(struct request fields, uint32_t *at)
{
    const struct effect *effect = ask(1, TSD_OP_SCAN, "main", "[\"t\"]", fields);
    while (!effect) {
        disturb(++*at);
        effect = answer_to(1, TSD_OP_SCAN);
    }
    return effect;
}

/* It is where it is told to be. */
static void check_told(const struct effect_item *item)
{
    static const enum life lives[] = {[TSD_STATE_STORED] = LIFE_STORED,
                                      [TSD_STATE_DELAYED] = LIFE_DELAYED,
                                      [TSD_STATE_DELIVERED] = LIFE_DELIVERED,
                                      [TSD_STATE_HELD] = LIFE_HELD};
    const uint32_t state = item->detail ? effects.details[item->detail - 1].state : 0;
    ck_assert_int_eq(item->tuple->life, lives[state ? state : TSD_STATE_STORED]);
}

/* rule S17: what stays where it is, is met once, whatever comes and goes between the pieces. */
START_TEST(a_scan_goes_on_while_what_it_stands_on_goes)
{
    for (uint64_t from = 1; from <= 60; from++) {
        struct request fields = {.has = TSD_HAS(STATES), .states = true};
        uint32_t held = 0, at = 0;
        uint64_t last = 0;
        bool more;
        seed = from;
        start(3, 1);
        put(1, "main", 60);
        put_so(1, "main", "[\"u\"]", 20, (struct putting){.has = TSD_HAS(DELAY), .delay_us = 1});
        for (int i = 0; i < 10; i++) {
            take(2, TSD_OP_HOLD, "main", 1 + below(2));
            take(2, TSD_OP_IN, "main", 1);
            take(3, TSD_OP_HOLD, "main", 1);
            take(3, TSD_OP_IN, "main", 1);
        }
        ends(2); /* it goes on with each tick */
        do {
            const struct effect *effect = scan_disturbed(fields, &at);
            for (uint32_t i = 0; i < effect->item_count; i++) {
                const uint32_t detail = effects.items[effect->items + i].detail;
                const uint64_t key = stored_key(effects.items[effect->items + i].tuple);
                ck_assert_uint_gt(key, last);
                last = key;
                check_told(&effects.items[effect->items + i]);
                held += detail > 0 && effects.details[detail - 1].state == TSD_STATE_HELD &&
                        effects.details[detail - 1].holder == 3;
            }
            more = effect->has_next;
            fields.has |= TSD_HAS(CURSOR);
            fields.cursor = effect->next;
        } while (more);
        ck_assert_uint_gt(at, 3);
        ck_assert_uint_eq(held, 10); /* what 3 holds stayed */
        stop();
    }
}
END_TEST

/* Also the session that the walk is to go on with. */
START_TEST(a_scan_goes_on_while_sessions_end)
{
    start(100, 1);
    put(1, "main", 60);
    for (uint64_t session = 1; session <= 3; session++)
        take(session, TSD_OP_IN, "main", 20);
    ask(4, TSD_OP_SCAN, "main", "[...]", (struct request){.has = TSD_HAS(STATES), .states = true});
    uint64_t session = 1;
    const struct effect *effect;
    while (!(effect = answer_to(4, TSD_OP_SCAN))) {
        if (session <= 2)
            ends(session++);
        tick();
    }
    for (uint32_t i = 0; i < effect->item_count; i++)
        check_told(&effects.items[effect->items + i]);
    stop();
}
END_TEST

START_TEST(a_scan_tells_of_nothing_that_is_elsewhere_by_then)
{
    start(100, 1);
    put(1, "main", 60);
    ask(2, TSD_OP_HOLD, "main", "[...]",
        (struct request){.has = TSD_HAS(MAX) | TSD_HAS(HOLD_TIME), .max = 60, .hold_us = 10});
    ask(4, TSD_OP_SCAN, "main", "[...]", (struct request){.has = TSD_HAS(STATES), .states = true});
    now_ns = 10000; /* the holds end */
    tick();
    const struct effect *effect = answer_to(4, TSD_OP_SCAN);
    ck_assert(effect && effect->item_count > 0);
    for (uint32_t i = 0; i < effect->item_count; i++)
        check_told(&effects.items[effect->items + i]);
    stop();
}
END_TEST

START_TEST(a_scan_in_pieces_ends_with_its_session_and_its_space)
{
    for (int i = 0; i < 3; i++) {
        start(3, 1);
        put(1, "main", 40);
        take(2, TSD_OP_HOLD, "main", 40);
        ask(3, TSD_OP_SCAN, "main", "[...]",
            (struct request){.has = TSD_HAS(STATES), .states = true});
        ck_assert(engine_working(engine, 3));
        if (i == 0) {
            ends(3);
        } else if (i == 1) {
            remove_space("main");
            ck_assert_int_eq(answer_to(3, TSD_OP_SCAN)->status, TS_REMOVED);
        }
        stop(); /* also while it is under way */
    }
}
END_TEST

/* ---- copy, spaces ---- */

/* rule S17: the next unit goes on after the place that the answer names. */
START_TEST(a_copy_goes_on_by_cursor)
{
    start(0, 0);
    put(1, "main", 50);
    struct request fields = {.has = TSD_HAS(TO) | TSD_HAS(MAX), .to = span_of("copy"), .max = 15};
    uint64_t copied = 0;
    int units = 0;
    bool more;
    do {
        const struct effect *effect = ask(1, TSD_OP_COPY, "main", "[...]", fields);
        ck_assert(effect->status == TS_OK && effect->more == effect->has_next);
        copied += effect->value;
        fields.has |= TSD_HAS(CURSOR);
        fields.cursor = effect->next;
        more = effect->has_next;
        put(1, "main", 1); /* after the cursor: it is copied, too */
        units++;
    } while (more);
    ck_assert(copied == 53 && units == 4);
    ck_assert_uint_eq(count("copy", false), 53);
    stop();
}
END_TEST

/* rule S17: as many as fit an answer, one at least. */
START_TEST(a_unit_of_a_copy_is_bounded_by_bytes)
{
    static const enum tsd_operation ops[] = {TSD_OP_COPY, TSD_OP_COLLECT};
    for (int i = 0; i < 2; i++) {
        engine = engine_new(&(struct engine_options){.key = {3, 4}, .reply_bytes = 10});
        step(&(struct command){.kind = COMMAND_COMES, .session = 1});
        put(1, "main", 5); /* of three bytes */
        put_so(1, "main", "[\"a tuple of many bytes\"]", 1, (struct putting){.has = 0});
        const struct request fields = {.has = TSD_HAS(TO), .to = span_of("to")};
        const struct effect *effect = ask(1, ops[i], "main", "[...]", fields);
        ck_assert(effect->value == 3 && effect->more);
        effect = ask(1, ops[i], "main", "[?str]", fields);
        ck_assert(effect->value == (i ? 2 : 3) && effect->more);
        effect = ask(1, ops[i], "main", "[*\"many\"]", fields);
        ck_assert(effect->value == 1 && !effect->more);
        stop();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space/ends");
    TCase *tests = tcase_create("ends");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, an_end_of_many_goes_in_units);
    tcase_add_test(tests, an_end_of_few_is_one_unit);
    tcase_add_test(tests, an_end_goes_in_the_order_of_place);
    tcase_add_test(tests, the_will_comes_with_the_last_unit);
    tcase_add_test(tests, bound_tuples_do_not_outlive_an_end_in_units);
    tcase_add_test(tests, holds_end_by_their_time_while_a_session_ends);
    tcase_add_test(tests, a_session_that_is_ending_is_none);
    tcase_add_test(tests, an_engine_is_freed_while_sessions_end);
    tcase_add_test(tests, ends_cut_and_uncut_leave_the_same);
    tcase_add_test(tests, a_removed_space_goes_in_pieces);
    tcase_add_test(tests, what_a_removed_space_kept_is_late);
    tcase_add_test(tests, keys_outlive_a_removed_space);
    tcase_add_test(tests, an_engine_is_freed_while_spaces_go);
    tcase_add_test(tests, a_scan_of_many_that_are_away_goes_in_pieces);
    tcase_add_test(tests, a_scan_goes_on_while_what_it_stands_on_goes);
    tcase_add_test(tests, a_scan_goes_on_while_sessions_end);
    tcase_add_test(tests, a_scan_tells_of_nothing_that_is_elsewhere_by_then);
    tcase_add_test(tests, a_scan_in_pieces_ends_with_its_session_and_its_space);
    tcase_add_test(tests, a_copy_goes_on_by_cursor);
    tcase_add_test(tests, a_unit_of_a_copy_is_bounded_by_bytes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

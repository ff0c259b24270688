/* SPDX-License-Identifier: MIT */
/*
 * For tests of requests whose looks go on in pieces: an engine with small ones, two sessions.
 *
 * A tuple is [K, N]; those of kind 0 are in the way of who looks for N. There is no index, so all of
 * them have to be walked past, PIECE a step. Session 1 asks, session 2 does what comes between.
 */
#ifndef TSD_TESTS_LOOKUP_FIXTURE_H
#define TSD_TESTS_LOOKUP_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/stored.h"

enum { PIECE = 10, IN_THE_WAY = 45, PIECES = 5 /* for those */, NUMBERS = 400 };

/* What was answered to each request, by its number. */
struct told {
    bool is;
    enum ts_status status;
    uint64_t since, at, value;
    bool more;
    struct place next;
    struct token token;
    char text[64]; /* N of each tuple, in their order */
};

static struct engine *engine;
static struct effects effects;
static struct pattern_room room;
static uint64_t number, now_us, position;
static struct told told[NUMBERS];

/* --- Steps --- */

static inline void write_down(const struct effect *effect)
{
    struct told *to = &told[effect->number];
    size_t used = 0;
    if (effect->kind == EFFECT_EVENT)
        return;
    ck_assert(!to->is);
    *to = (struct told){.is = true,
                        .status = (enum ts_status)effect->status,
                        .since = effect->since,
                        .at = effect->at,
                        .value = effect->value,
                        .more = effect->more,
                        .next = effect->next};
    position = effect->at;
    for (uint32_t i = 0; i < effect->item_count; i++) {
        const struct effect_item *item = &effects.items[effect->items + i];
        used += (size_t)snprintf(to->text + used, sizeof to->text - used, "%s%u", i ? " " : "",
                                 item->tuple->bytes[2]); /* [K, N], N up to 127 */
        if (item->detail)
            to->token = effects.details[item->detail - 1].token;
    }
}

static inline void step(const struct command *command)
{
    engine_step(engine, 1000 * now_us, command, &effects);
    for (uint32_t i = 0; i < effects.count; i++)
        write_down(&effects.list[i]);
    effects_clear(engine, &effects);
    engine_check(engine);
}

static inline void tick(void)
{
    step(&(struct command){.kind = COMMAND_TICK});
}

/* Until it is answered; returns how many there were. */
static inline int ticks(uint64_t request)
{
    int count = 0;
    while (!told[request].is) {
        ck_assert_uint_le(engine_due(engine), 1000 * now_us); /* it is under way */
        ck_assert_int_lt(count, 100);
        tick();
        count++;
    }
    return count;
}

static inline void comes(uint64_t session)
{
    step(&(struct command){.kind = COMMAND_COMES, .session = session});
}

static inline void ends(uint64_t session)
{
    step(&(struct command){.kind = COMMAND_ENDS, .session = session});
}

/* --- Requests --- */

static inline struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static inline uint64_t request(uint64_t session, struct request *fields)
{
    static struct request decoded;
    struct buffer frame = BUFFER_INIT;
    struct frame body;
    struct problem problem;
    size_t want;
    fields->number = ++number;
    if (fields->min == 0)
        fields->min = fields->max = 1;
    request_encode(fields, &frame);
    room.used = 0;
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &room, &decoded, &problem) == 0, "%s", problem.text);
    step(&(struct command){.kind = COMMAND_REQUEST,
                           .session = session,
                           .ack = decoded.ack,
                           .random = {1, 2},
                           .request = &decoded});
    buffer_deinit(&frame);
    return number;
}

static inline uint64_t put_at(uint8_t n, int8_t priority)
{
    const uint8_t tuple[] = {0x92, 1, n};
    request(2, &(struct request){.op = TSD_OP_OUT,
                                 .space = span_of("main"),
                                 .has = TSD_HAS(PRIORITY),
                                 .putting = {.has = TSD_HAS(PRIORITY), .priority = priority},
                                 .tuples = {tuple, sizeof tuple},
                                 .tuple_count = 1});
    return told[number].at; /* its id */
}

static inline uint64_t put(uint8_t n)
{
    return put_at(n, 0);
}

static inline void put_in_the_way(const char *space, uint32_t count)
{
    static const uint8_t tuple[] = {0x92, 0, 0};
    struct buffer tuples = BUFFER_INIT;
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&tuples, tuple, sizeof tuple);
    request(2, &(struct request){.op = TSD_OP_OUT,
                                 .space = span_of(space),
                                 .tuples = {tuples.bytes, (uint32_t)tuples.size},
                                 .tuple_count = count});
    buffer_deinit(&tuples);
}

/* Asks with these patterns, separated by bars; "other:" before one: in that space; guards by kind. */
static inline uint64_t ask_as(uint64_t session, struct request fields, const char *patterns)
{
    struct buffer bytes[4] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    static const char *const kinds[] = {[TSD_GUARD_IN] = "in ",
                                        [TSD_GUARD_HOLD] = "hold ",
                                        [TSD_GUARD_RD] = "rd ",
                                        [TSD_GUARD_ABSENT] = "absent "};
    struct problem problem;
    uint32_t count = 0;
    for (const char *at = patterns; *at; count++) {
        struct alternative *alternative = &fields.alternatives[count];
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (kinds[i] && strncmp(at, kinds[i], strlen(kinds[i])) == 0) {
                fields.guards[count].kind = (enum tsd_guard)i;
                at += strlen(kinds[i]);
            }
        const bool other = strncmp(at, "other:", 6) == 0;
        at += other ? 6 : 0;
        if (count == 0)
            fields.space = span_of(other ? "other" : "main");
        const size_t size = strcspn(at, "|");
        ck_assert_int_eq(text_read_pattern(at, size, NULL, &bytes[count], &problem), 0);
        alternative->space = span_of(other ? "other" : "main");
        alternative->pattern.bytes = bytes[count].bytes;
        alternative->pattern.size = (uint32_t)bytes[count].size;
        at += size + (at[size] == '|');
    }
    fields.alternative_count = count;
    if (count > 1 && fields.op != TSD_OP_ATOMIC)
        fields.has |= TSD_HAS(ALTERNATIVES);
    request(session, &fields);
    for (uint32_t i = 0; i < count; i++)
        buffer_deinit(&bytes[i]);
    return number;
}

static inline struct request at_once(enum tsd_operation op)
{
    return (struct request){.op = op, .has = TSD_HAS(TIMEOUT)};
}

static inline struct request counted(enum tsd_operation op, uint32_t min, uint32_t max)
{
    return (struct request){.op = op, .has = TSD_HAS(MIN) | TSD_HAS(MAX), .min = min, .max = max};
}

static inline uint64_t ask(enum tsd_operation op, const char *patterns)
{
    return ask_as(1, at_once(op), patterns);
}

static inline uint64_t wait_for(enum tsd_operation op, const char *patterns)
{
    return ask_as(1, (struct request){.op = op}, patterns);
}

/* Somebody else takes that tuple, by its id: no walk is needed. */
static inline struct token take(uint64_t id)
{
    const uint64_t asked = ask_as(
        2, (struct request){.op = TSD_OP_HOLD, .has = TSD_HAS(TIMEOUT) | TSD_HAS(ID), .id = id},
        "[?, ?]");
    ck_assert_int_eq(told[asked].status, TS_OK);
    return told[asked].token;
}

static inline void settle_hold(enum tsd_operation op, struct token token)
{
    struct buffer bytes = BUFFER_INIT;
    token_encode(&token, &bytes);
    const uint64_t asked =
        request(2, &(struct request){.op = op,
                                     .space = span_of("main"),
                                     .tokens = {bytes.bytes, (uint32_t)bytes.size},
                                     .token_count = 1});
    ck_assert_int_eq(told[asked].status, TS_OK);
    buffer_deinit(&bytes);
}

static inline void gets(uint64_t request, const char *text)
{
    ticks(request);
    ck_assert_int_eq(told[request].status, TS_OK);
    ck_assert_str_eq(told[request].text, text);
}

static inline void ends_as(uint64_t request, enum ts_status status)
{
    ticks(request);
    ck_assert_int_eq(told[request].status, status);
    ck_assert_str_eq(told[request].text, "");
}

/* Nothing was taken: it is there for somebody else. */
static inline void is_there(uint64_t id)
{
    settle_hold(TSD_OP_RELEASE, take(id));
}

/* --- Each test begins with two sessions and nothing --- */

static inline void start(const struct engine_options *options)
{
    engine = engine_new(options);
    number = now_us = 0;
    memset(told, 0, sizeof told);
    comes(1);
    comes(2);
}

static inline void setup(void)
{
    start(&(struct engine_options){.key = {3, 4}, .piece = PIECE, .index.off = true});
}

static inline void teardown(void)
{
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
}

/* Long work goes on until there is none. */
static inline void tick_on(void)
{
    while (engine_due(engine) <= 1000 * now_us)
        tick();
}

#endif

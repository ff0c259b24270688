/* SPDX-License-Identifier: MIT */
/*
 * For tests of what users may do and have: engines that are told the same, sessions of several users,
 * and all that was answered as text, so that two engines can be compared byte for byte.
 *
 * There are two worlds; `in(&worlds[i])` makes one the one that all else is about. A tuple is [N].
 */
#ifndef TSD_TESTS_USERS_FIXTURE_H
#define TSD_TESTS_USERS_FIXTURE_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/text_read.h"
#include "space/engine.h"
#include "space/stored.h"

/* Sessions by who they are. The first three have the group SHARED too; SHARED is CLEO's own. */
enum { ADA = 1, ADA_AGAIN, BEN, BEN_AGAIN, CLEO, NOBODY, ROOT, SESSIONS };
enum { SHARED = 103, NUMBERS = 3000 };

/* What was answered to a request; `ended`: that was its last word. */
struct told {
    bool ended;
    enum ts_status status;
    uint64_t value, delivery;
    uint32_t items, events;
    struct token token;
    char text[256]; /* why it was refused, or N of each tuple */
};

struct world {
    struct engine *engine;
    struct effects effects;
    struct pattern_room room;
    struct buffer said; /* all effects since it was cleared */
    uint64_t number, now_us;
    uint64_t delivered[SESSIONS]; /* the number of the last delivery */
    struct told told[NUMBERS];
};

static struct world worlds[2], *w = &worlds[0];

static inline void in(struct world *world)
{
    w = world;
}

/* --- What is said --- */

static inline void say_bytes(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buffer_printf(&w->said, "%02x", bytes[i]);
}

static inline void say_item(const struct effect_item *item, struct told *to)
{
    const struct stored *tuple = item->tuple;
    buffer_printf(&w->said, " %" PRIu64 ":", stored_key(tuple));
    say_bytes(tuple->bytes, stored_size(tuple));
    const size_t used = strlen(to->text);
    (void)snprintf(to->text + used, sizeof to->text - used, "%s%u", used ? " " : "",
                   tuple->bytes[1]);
    if (!item->detail)
        return;
    const struct effect_detail *detail = &w->effects.details[item->detail - 1];
    buffer_printf(&w->said, "(%u %u %u %" PRIu64 ")", detail->has, detail->returns, detail->state,
                  detail->token.number);
    to->token = detail->token;
}

static inline void say_row(const struct space_row *row)
{
    buffer_printf(&w->said,
                  " %.*s %" PRIu64 "/%" PRIu64 "/%" PRIu64 " %" PRIu64 ":%" PRIu64 " %" PRIo64,
                  (int)row->name.size, (const char *)row->name.bytes, row->tuples, row->waiting,
                  row->watches, row->owner, row->group, row->mode);
}

static inline void say(const struct effect *effect)
{
    struct told *to = &w->told[effect->number];
    buffer_printf(&w->said,
                  "%u %u %u %u %d%d%d %u s%" PRIu64 " n%" PRIu64 " %" PRIu64 "-%" PRIu64
                  " v%" PRIu64 " d%" PRIu64,
                  effect->kind, effect->op, effect->status, effect->event, effect->more,
                  effect->has_next, effect->repeated, effect->alternative, effect->session,
                  effect->number, effect->since, effect->at, effect->value, effect->delivery);
    to->status = (enum ts_status)effect->status;
    to->value = effect->value;
    to->delivery = effect->delivery;
    if (effect->delivery)
        w->delivered[effect->session] = effect->delivery;
    to->items += effect->item_count;
    to->events += effect->kind == EFFECT_EVENT;
    to->ended = effect->kind != EFFECT_EVENT;
    if (effect->kind == EFFECT_REFUSED) {
        const char *why = (const char *)w->effects.text.bytes + effect->text;
        buffer_printf(&w->said, " %s", why);
        (void)snprintf(to->text, sizeof to->text, "%s", why);
    }
    for (uint32_t i = 0; i < effect->item_count; i++)
        say_item(&w->effects.items[effect->items + i], to);
    for (uint32_t i = 0; i < effect->row_count; i++)
        say_row(&w->effects.rows[effect->rows + i]);
    say_bytes(w->effects.text.bytes + effect->text, effect->text_size);
    buffer_append_byte(&w->said, '\n');
}

/* The text so far; it begins anew. */
static inline const char *said(void)
{
    static char text[8][131072];
    static int next;
    char *copy = text[next++ % 8];
    ck_assert_uint_lt(w->said.size, sizeof text[0]);
    if (w->said.size > 0)
        memcpy(copy, w->said.bytes, w->said.size);
    copy[w->said.size] = '\0';
    buffer_clear(&w->said);
    return copy;
}

/* --- Steps --- */

static inline void step(const struct command *command)
{
    engine_step(w->engine, 1000 * w->now_us, command, &w->effects);
    for (uint32_t i = 0; i < w->effects.count; i++)
        say(&w->effects.list[i]);
    effects_clear(w->engine, &w->effects);
    engine_check(w->engine);
}

/* Long work goes on until there is none, and what is due by then happens. */
static inline void pass(uint64_t microseconds)
{
    w->now_us += microseconds;
    do
        step(&(struct command){.kind = COMMAND_TICK});
    while (engine_due(w->engine) <= 1000 * w->now_us);
}

static inline uint32_t user_of(uint64_t session)
{
    static const uint32_t users[SESSIONS] = {
        [ADA] = 101,  [ADA_AGAIN] = 101, [BEN] = 102, [BEN_AGAIN] = 102,
        [CLEO] = 103, [NOBODY] = 104,    [ROOT] = 0};
    return users[session];
}

static inline void comes(uint64_t session)
{
    const uint32_t groups[2] = {user_of(session), SHARED};
    step(&(struct command){.kind = COMMAND_COMES,
                           .session = session,
                           .user = user_of(session),
                           .groups = groups,
                           .group_count = session < CLEO      ? 2
                                          : session == NOBODY ? 0
                                                              : 1,
                           .administrator = session == ROOT,
                           .reserve = session == ROOT});
}

static inline void ends(uint64_t session, bool goodbye)
{
    step(&(struct command){.kind = COMMAND_ENDS, .session = session, .goodbye = goodbye});
}

static inline void acknowledge(uint64_t session, uint64_t delivery)
{
    step(&(struct command){.kind = COMMAND_ACK, .session = session, .ack = delivery});
}

static inline void set(const struct engine_settings *settings)
{
    step(&(struct command){.kind = COMMAND_SETTINGS, .settings = settings});
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
    fields->number = ++w->number;
    ck_assert_uint_lt(w->number, NUMBERS);
    if (fields->min == 0)
        fields->min = fields->max = 1;
    request_encode(fields, &frame);
    w->room.used = 0;
    frame_next(frame.bytes, frame.size, LIMIT_FRAME_BYTES, &body, &want, &problem);
    ck_assert_msg(request_decode(&body, &w->room, &decoded, &problem) == 0, "%s", problem.text);
    step(&(struct command){.kind = COMMAND_REQUEST,
                           .session = session,
                           .ack = decoded.ack,
                           .random = {1, 2},
                           .request = &decoded});
    buffer_deinit(&frame);
    return w->number;
}

/* One part of a query, "KIND SPACE:PATTERN"; kind and space may be left out. */
static inline void part_of(const char *text, size_t size, struct request *fields,
                           struct buffer *bytes)
{
    static const char *const kinds[] = {[TSD_GUARD_IN] = "in ",
                                        [TSD_GUARD_HOLD] = "hold ",
                                        [TSD_GUARD_RD] = "rd ",
                                        [TSD_GUARD_ABSENT] = "absent "};
    const uint32_t at = fields->alternative_count++;
    struct alternative *alternative = &fields->alternatives[at];
    struct problem problem;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i] && strncmp(text, kinds[i], strlen(kinds[i])) == 0) {
            fields->guards[at].kind = (enum tsd_guard)i;
            size -= strlen(kinds[i]);
            text += strlen(kinds[i]);
        }
    const size_t name = strcspn(text, ":[");
    alternative->space = fields->space;
    if (text[name] == ':') {
        alternative->space = (struct span){(const uint8_t *)text, (uint32_t)name};
        text += name + 1;
        size -= name + 1;
    }
    ck_assert_int_eq(text_read_pattern(text, size, NULL, bytes, &problem), 0);
    alternative->pattern.bytes = bytes->bytes;
    alternative->pattern.size = (uint32_t)bytes->size;
}

/* Asks with such parts, separated by bars. */
static inline uint64_t ask(uint64_t session, struct request fields, const char *space,
                           const char *parts)
{
    struct buffer bytes[4] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    fields.space = span_of(space);
    for (const char *at = parts; *at; at += *at == '|') {
        const size_t size = strcspn(at, "|");
        part_of(at, size, &fields, &bytes[fields.alternative_count]);
        at += size;
    }
    if (fields.alternative_count > 1 && fields.op != TSD_OP_ATOMIC)
        fields.has |= TSD_HAS(ALTERNATIVES);
    request(session, &fields);
    for (uint32_t i = 0; i < 4; i++)
        buffer_deinit(&bytes[i]);
    return w->number;
}

/* So many tuples [n], each of two bytes. */
static inline uint64_t put_as(uint64_t session, struct request fields, const char *space, uint8_t n,
                              uint32_t count)
{
    const uint8_t tuple[] = {0x91, n};
    struct buffer tuples = BUFFER_INIT;
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&tuples, tuple, sizeof tuple);
    fields.space = span_of(space);
    fields.tuples = (struct span){tuples.bytes, (uint32_t)tuples.size};
    fields.tuple_count = count;
    fields.putting.has = fields.has & TSD_HAS_PUTTING;
    request(session, &fields);
    buffer_deinit(&tuples);
    return w->number;
}

static inline uint64_t put(uint64_t session, const char *space, uint8_t n, uint32_t count)
{
    return put_as(session, (struct request){.op = TSD_OP_OUT}, space, n, count);
}

/* finish, release and renew; with tuples [n] where there are any. */
static inline uint64_t with_token(uint64_t session, struct request fields, struct token token,
                                  const char *space, uint32_t count)
{
    struct buffer bytes = BUFFER_INIT;
    token_encode(&token, &bytes);
    fields.tokens = (struct span){bytes.bytes, (uint32_t)bytes.size};
    fields.token_count = 1;
    put_as(session, fields, space, 7, count);
    buffer_deinit(&bytes);
    return w->number;
}

/* The step that puts [n] into a space, or what field 0 of guard 0's tuple is where n is 0. */
static inline void add_step(struct request *fields, struct buffer *body, const char *space,
                            uint8_t n)
{
    msgpack_packer packer = buffer_packer(body);
    msgpack_pack_array(&packer, 4);
    msgpack_pack_uint32(&packer, TSD_STEP_OUT);
    buffer_pack_str(body, (const uint8_t *)space, (uint32_t)strlen(space));
    msgpack_pack_array(&packer, 1);
    msgpack_pack_array(&packer, n ? 2 : 3);
    msgpack_pack_uint32(&packer, n ? TSD_TEMPLATE_VALUE : TSD_TEMPLATE_FIELD);
    msgpack_pack_uint32(&packer, n);
    if (!n)
        msgpack_pack_uint32(&packer, 0);
    msgpack_pack_map(&packer, 0);
    fields->body = (struct span){body->bytes, (uint32_t)body->size};
    fields->body_count++;
    fields->body_puts++;
}

/* An atomic whose body puts [n] into `to`. */
static inline uint64_t atomic_to(uint64_t session, struct request fields, const char *space,
                                 const char *parts, const char *to, uint8_t n)
{
    struct buffer body = BUFFER_INIT;
    fields.op = TSD_OP_ATOMIC;
    add_step(&fields, &body, to, n);
    ask(session, fields, space, parts);
    buffer_deinit(&body);
    return w->number;
}

static inline struct request at_once(enum tsd_operation op)
{
    return (struct request){.op = op, .has = TSD_HAS(TIMEOUT)};
}

static inline struct request waiting(enum tsd_operation op)
{
    return (struct request){.op = op};
}

/* Makes the space anew as it is to be. */
static inline uint64_t make(uint64_t session, const char *space, uint32_t mode)
{
    return request(session, &(struct request){.op = TSD_OP_SPACE,
                                              .space = span_of(space),
                                              .has = TSD_HAS(MODE),
                                              .mode = mode});
}

static inline void drop(uint64_t session, const char *space, bool force)
{
    request(session, &(struct request){.op = TSD_OP_REMOVE,
                                       .space = span_of(space),
                                       .has = force ? TSD_HAS(FORCE) : 0,
                                       .force = force});
    ck_assert_int_eq(w->told[w->number].status, TS_OK);
}

/* --- What is expected --- */

static inline bool waits(uint64_t number)
{
    return !w->told[number].ended;
}

static inline void gets(uint64_t number, enum ts_status status)
{
    ck_assert_msg(w->told[number].ended, "it waits");
    ck_assert_msg(w->told[number].status == status, "status %d: %s", w->told[number].status,
                  w->told[number].text);
}

static inline void refused(uint64_t number, enum ts_status status, const char *with)
{
    gets(number, status);
    ck_assert_msg(strstr(w->told[number].text, with), "%s", w->told[number].text);
}

static inline uint64_t counts(uint64_t session, const char *space)
{
    ask(session, waiting(TSD_OP_COUNT), space, "[?]");
    pass(0);
    gets(w->number, TS_OK);
    return w->told[w->number].value;
}

/* --- Quotas --- */

/* One user may have so much of it. */
static inline void limit(enum quota quota, uint64_t most)
{
    struct engine_settings settings = {.rule_count = 0};
    settings.quotas.user[quota] = most;
    set(&settings);
}

static inline uint64_t used(uint64_t session, enum quota quota)
{
    return engine_usage(w->engine, user_of(session), quota).used;
}

/* --- Each test begins with all sessions and nothing --- */

static inline void start(struct world *world, const struct engine_options *options)
{
    in(world);
    *world = (struct world){.engine = engine_new(options)};
    for (uint64_t session = ADA; session < SESSIONS; session++)
        comes(session);
}

static inline void stop(struct world *world)
{
    in(world);
    if (!world->engine)
        return;
    effects_deinit(world->engine, &world->effects);
    world->engine = engine_free(world->engine);
    buffer_deinit(&world->said);
}

/* The keys of the hash tables differ: no effect depends on them. */
static inline void setup_pieces(uint32_t piece)
{
    for (uint64_t i = 0; i < 2; i++)
        start(&worlds[i],
              &(struct engine_options){.key = {3 + i, 4}, .piece = piece, .index.off = piece > 0});
    in(&worlds[0]);
}

static inline void setup(void)
{
    setup_pieces(0);
}

static inline void teardown(void)
{
    stop(&worlds[0]);
    stop(&worlds[1]);
}

#endif

/* SPDX-License-Identifier: MIT */
/* Random requests of every kind. Tuples are [kind, client, n, k], so that each is its own. */
#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"
#include "torture/torture.h"

enum { KINDS = 5, CELLS = 200, ABSENT = 300, BYTES = 16384 };

/* --- The wire's bytes --- */

static const uint8_t *here(const struct client *client)
{
    return client->bytes.bytes + client->bytes.size;
}

static struct span since(const struct client *client, const uint8_t *start)
{
    return (struct span){start, (uint32_t)(here(client) - start)};
}

static void pack_tuple(struct client *client, int64_t kind, uint32_t k)
{
    msgpack_packer packer = buffer_packer(&client->bytes);
    msgpack_pack_array(&packer, 4);
    if (kind % KINDS == 4 && kind < CELLS) /* one kind is a str, one a float that equals an int */
        buffer_pack_str(&client->bytes, "four", 4);
    else if (kind % KINDS == 3 && kind < CELLS)
        msgpack_pack_double(&packer, 3);
    else
        msgpack_pack_int64(&packer, kind);
    msgpack_pack_uint32(&packer, client->number);
    msgpack_pack_uint64(&packer, client->tuples);
    msgpack_pack_uint32(&packer, k);
}

static void set_tuples(struct client *client, struct request *request, int64_t kind, uint32_t count)
{
    const uint8_t *start = here(client);
    client->tuples++;
    for (uint32_t k = 0; k < count; k++)
        pack_tuple(client, kind, k);
    request->tuples = since(client, start);
    request->tuple_count = count;
}

static void pack_matcher(struct client *client, enum tsd_matcher matcher)
{
    msgpack_packer packer = buffer_packer(&client->bytes);
    msgpack_pack_array(&packer, 1);
    msgpack_pack_int(&packer, (int)matcher);
}

static void pack_literal(struct client *client, enum tsd_matcher matcher, int64_t kind)
{
    msgpack_packer packer = buffer_packer(&client->bytes);
    msgpack_pack_array(&packer, 2);
    msgpack_pack_int(&packer, (int)matcher);
    if (kind == 4)
        buffer_pack_str(&client->bytes, "four", 4);
    else
        msgpack_pack_int64(&packer, kind);
}

/* [kind, ?int, ?, ?], with a few other shapes among them */
static struct span pack_pattern(struct client *client, int64_t kind)
{
    const uint8_t *start = here(client);
    msgpack_packer packer = buffer_packer(&client->bytes);
    const uint64_t shape = kind >= CELLS ? 0 : dice_below(&client->dice, 10);
    if (shape == 1) {
        msgpack_pack_array(&packer, 1);
        pack_matcher(client, TSD_M_REST);
        return since(client, start);
    }
    msgpack_pack_array(&packer, shape == 2 ? 2 : 4);
    if (shape == 3)
        pack_matcher(client, TSD_M_STR);
    else if (shape == 4)
        pack_literal(client, TSD_M_NE, kind);
    else if (shape == 5)
        pack_literal(client, TSD_M_GE, kind % 4);
    else
        pack_literal(client, TSD_M_EQ, kind);
    if (shape == 2) {
        pack_matcher(client, TSD_M_REST);
        return since(client, start);
    }
    pack_matcher(client, TSD_M_INT);
    pack_matcher(client, TSD_M_ANY);
    pack_literal(client, TSD_M_GE, (int64_t)(shape == 6));
    return since(client, start);
}

/* --- Parts of requests --- */

static struct span some_space(struct client *client)
{
    static const enum torture_space often[] = {SPACE_MAIN,  SPACE_MAIN,  SPACE_MAIN, SPACE_OTHER,
                                               SPACE_OTHER, SPACE_SMALL, SPACE_JOBS};
    return text_span(torture_spaces[often[dice_below(&client->dice, 7)]]);
}

static int64_t some_kind(struct client *client)
{
    return (int64_t)dice_below(&client->dice, KINDS);
}

static void set_timeout(struct client *client, struct request *request, bool always)
{
    if (!always && dice_one_in(&client->dice, 12))
        return;
    request->has |= TSD_HAS(TIMEOUT);
    request->timeout_us =
        dice_one_in(&client->dice, 3) ? 0 : 100 + dice_below(&client->dice, 20000);
}

static void set_pattern(struct client *client, struct request *request)
{
    request->alternatives[0].space = request->space;
    const struct span pattern = pack_pattern(client, some_kind(client));
    request->alternatives[0].pattern.bytes = pattern.bytes;
    request->alternatives[0].pattern.size = pattern.size;
    request->alternative_count = 1;
}

static void set_putting(struct client *client, struct putting *putting, bool keyed)
{
    struct dice *dice = &client->dice;
    if (dice_one_in(dice, 6)) {
        putting->has |= TSD_HAS(PRIORITY);
        putting->priority = (int8_t)((int)dice_below(dice, 5) - 2);
    }
    if (dice_one_in(dice, 20)) {
        putting->has |= TSD_HAS(PULSE);
        putting->pulse = true;
        return;
    }
    if (dice_one_in(dice, 8)) {
        putting->has |= TSD_HAS(DELAY);
        putting->delay_us = 100 + dice_below(dice, 20000);
    }
    if (dice_one_in(dice, 8)) {
        putting->has |= TSD_HAS(TTL);
        putting->ttl_us = putting->delay_us + 1000 + dice_below(dice, 200000);
    }
    if (!keyed && dice_one_in(dice, 12)) {
        putting->has |= TSD_HAS(BOUND);
        putting->bound = true;
    }
}

static void set_key(struct client *client, struct request *request)
{
    char text[32];
    const int size = snprintf(text, sizeof text, "key %u", (unsigned)dice_below(&client->dice, 40));
    const uint8_t *start = here(client);
    buffer_append(&client->bytes, text, (size_t)size);
    request->key = since(client, start);
    request->has |= TSD_HAS(KEY) | TSD_HAS(WINDOW);
    request->window_us = 2000 + dice_below(&client->dice, 500000);
}

/* --- Requests, each filled in by its own --- */

static void ask_out(struct client *client, struct link *link, struct request *request)
{
    const bool keyed = dice_one_in(&client->dice, 8);
    (void)link;
    set_tuples(client, request, some_kind(client),
               dice_one_in(&client->dice, 4) ? 1 + (uint32_t)dice_below(&client->dice, 5) : 1);
    set_putting(client, &request->putting, keyed);
    if (dice_one_in(&client->dice, 2))
        set_timeout(client, request, true);
    if (keyed)
        set_key(client, request);
}

static void ask_match(struct client *client, struct link *link, struct request *request)
{
    struct dice *dice = &client->dice;
    set_pattern(client, request);
    set_timeout(client, request, false);
    if (dice_one_in(dice, 5)) {
        request->min = 1 + (uint32_t)dice_below(dice, 2);
        request->max = request->min + (uint32_t)dice_below(dice, 5);
        request->has |= TSD_HAS(MIN) | TSD_HAS(MAX);
    }
    if (dice_one_in(dice, 6)) {
        request->alternatives[1].space = some_space(client);
        const struct span pattern = pack_pattern(client, some_kind(client));
        request->alternatives[1].pattern.bytes = pattern.bytes;
        request->alternatives[1].pattern.size = pattern.size;
        request->alternative_count = 2;
        request->has |= TSD_HAS(ALTERNATIVES);
    } else if (link->seen_count > 0 && dice_one_in(dice, 12)) {
        request->id = link->seen[dice_below(dice, link->seen_count)];
        request->has |= TSD_HAS(ID);
    }
}

static void ask_in(struct client *client, struct link *link, struct request *request)
{
    ask_match(client, link, request);
}

static void ask_hold(struct client *client, struct link *link, struct request *request)
{
    ask_match(client, link, request);
    if (dice_one_in(&client->dice, 2)) {
        request->has |= TSD_HAS(HOLD_TIME);
        request->hold_us = 500 + dice_below(&client->dice, 50000);
        if (dice_one_in(&client->dice, 3)) {
            request->has |= TSD_HAS(DETACHED);
            request->detached = true;
        }
    }
}

static void set_token(struct client *client, struct request *request, const struct token *token)
{
    const uint8_t *start = here(client);
    token_encode(token, &client->bytes);
    request->tokens = since(client, start);
    request->token_count = 1;
}

static struct token take_hold(struct client *client, struct link *link)
{
    const unsigned which = (unsigned)dice_below(&client->dice, link->hold_count);
    const struct token token = link->holds[which];
    if (!dice_one_in(&client->dice, 6)) /* else it is named again, and is late */
        link->holds[which] = link->holds[--link->hold_count];
    return token;
}

static void ask_finish(struct client *client, struct link *link, struct request *request)
{
    const struct token token = take_hold(client, link);
    set_token(client, request, &token);
    set_tuples(client, request, some_kind(client), (uint32_t)dice_below(&client->dice, 3));
    set_putting(client, &request->putting, false);
    if (dice_one_in(&client->dice, 2))
        set_timeout(client, request, true);
}

static void ask_release(struct client *client, struct link *link, struct request *request)
{
    struct dice *dice = &client->dice;
    if (link->delivery_count > 0 && (link->hold_count == 0 || dice_one_in(dice, 2))) {
        const struct token token = link->deliveries[--link->delivery_count];
        request->ack = token.number - 1 < request->ack ? token.number - 1 : request->ack;
        set_token(client, request, &token);
    } else {
        const struct token token = take_hold(client, link);
        set_token(client, request, &token);
    }
    if (dice_one_in(dice, 3)) {
        request->putting.has |= TSD_HAS(DELAY);
        request->has |= TSD_HAS(DELAY);
        request->putting.delay_us = 100 + dice_below(dice, 10000);
    }
    if (dice_one_in(dice, 3)) {
        request->has |= TSD_HAS(UNTRIED);
        request->untried = true;
    }
}

static void ask_renew(struct client *client, struct link *link, struct request *request)
{
    const struct token token = link->holds[dice_below(&client->dice, link->hold_count)];
    set_token(client, request, &token);
    request->duration_us = 500 + dice_below(&client->dice, 50000);
}

static void ask_look(struct client *client, struct link *link, struct request *request)
{
    (void)link;
    set_pattern(client, request);
    if (dice_one_in(&client->dice, 4)) {
        request->has |= TSD_HAS(STATES);
        request->states = true;
    }
    if (request->op == TSD_OP_SCAN) {
        request->has |= TSD_HAS(MAX);
        request->max = 20;
    }
}

static void ask_move(struct client *client, struct link *link, struct request *request)
{
    (void)link;
    set_pattern(client, request);
    request->has |= TSD_HAS(MAX);
    request->max = 1 + (uint32_t)dice_below(&client->dice, 8);
    if (request->op == TSD_OP_COPY) {
        request->to = text_span(torture_spaces[SPACE_COPIES]);
        request->has |= TSD_HAS(TO);
    } else if (dice_one_in(&client->dice, 2)) {
        request->space = request->alternatives[0].space =
            text_span(torture_spaces[dice_one_in(&client->dice, 2) ? SPACE_COPIES : SPACE_DEAD]);
    } else if (!dice_one_in(&client->dice, 4)) {
        request->space = request->alternatives[0].space = text_span(torture_spaces[SPACE_MAIN]);
        request->to = text_span(torture_spaces[SPACE_OTHER]);
        request->has |= TSD_HAS(TO);
    }
}

static void ask_watch(struct client *client, struct link *link, struct request *request)
{
    (void)link;
    set_pattern(client, request);
    request->has |= TSD_HAS(NOW);
    request->now = dice_one_in(&client->dice, 2);
    if (dice_one_in(&client->dice, 3)) {
        request->has |= TSD_HAS(EVENTS);
        request->events = 1u << TSD_EVENT_PUT | 1u << TSD_EVENT_RETURNED;
    }
}

static void ask_drained(struct client *client, struct link *link, struct request *request)
{
    (void)link;
    set_pattern(client, request);
    set_timeout(client, request, true);
}

static void ask_will(struct client *client, struct link *link, struct request *request)
{
    (void)link;
    set_tuples(client, request, some_kind(client), (uint32_t)dice_below(&client->dice, 3));
}

static void ask_cancel(struct client *client, struct link *link, struct request *request)
{
    request->space = (struct span){NULL, 0};
    request->target = link->pending[dice_below(&client->dice, link->pending_count)].number;
}

static void ask_plain(struct client *client, struct link *link, struct request *request)
{
    (void)client;
    (void)link;
    request->space = (struct span){NULL, 0};
}

/* --- atomic --- */

static void set_guard(struct client *client, struct request *request, enum tsd_guard kind,
                      struct span space, int64_t tuple_kind)
{
    const uint32_t i = request->alternative_count++;
    const struct span pattern = pack_pattern(client, tuple_kind);
    request->guards[i] = (struct guard){.kind = kind};
    request->alternatives[i].space = space;
    request->alternatives[i].pattern.bytes = pattern.bytes;
    request->alternatives[i].pattern.size = pattern.size;
}

/* One step: a tuple of this kind, whose first field may be a guard's with something added. */
static void pack_step(struct client *client, int64_t kind, int guard, int64_t add)
{
    msgpack_packer packer = buffer_packer(&client->bytes);
    const uint64_t fields[] = {client->number, client->tuples, 0};
    msgpack_pack_array(&packer, 3);
    msgpack_pack_int(&packer, TSD_STEP_OUT);
    msgpack_pack_nil(&packer);
    msgpack_pack_array(&packer, 4);
    if (guard >= 0) {
        msgpack_pack_array(&packer, 4);
        msgpack_pack_int(&packer, TSD_TEMPLATE_FIELD);
        msgpack_pack_int(&packer, guard);
        msgpack_pack_int(&packer, 0);
        msgpack_pack_int64(&packer, add);
    } else {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_int(&packer, TSD_TEMPLATE_VALUE);
        msgpack_pack_int64(&packer, kind);
    }
    for (int i = 0; i < 3; i++) {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_int(&packer, TSD_TEMPLATE_VALUE);
        msgpack_pack_uint64(&packer, fields[i]);
    }
}

static void pack_finish_step(struct client *client, const struct token *token)
{
    msgpack_packer packer = buffer_packer(&client->bytes);
    msgpack_pack_array(&packer, 2);
    msgpack_pack_int(&packer, TSD_STEP_FINISH);
    token_encode(token, &client->bytes);
}

/* A cell that is set to its value less or more one; several cells, so that it wanders. */
static void ask_atomic(struct client *client, struct link *link, struct request *request)
{
    struct dice *dice = &client->dice;
    const int64_t cell = CELLS + (int64_t)dice_below(dice, 6);
    const uint8_t *start;
    set_timeout(client, request, false);
    client->tuples++;
    switch (dice_below(dice, 5)) {
    case 0: /* two forks, without a body */
        set_guard(client, request, TSD_GUARD_IN, request->space, some_kind(client));
        set_guard(client, request, TSD_GUARD_IN, request->space, some_kind(client));
        return;
    case 1: /* one held, where another is read */
        set_guard(client, request, TSD_GUARD_RD, some_space(client), some_kind(client));
        set_guard(client, request, TSD_GUARD_HOLD, request->space, some_kind(client));
        return;
    case 2: /* insert if absent */
        set_guard(client, request, TSD_GUARD_ABSENT, request->space,
                  ABSENT + (int64_t)dice_below(dice, 4));
        start = here(client);
        pack_step(client, ABSENT + (int64_t)dice_below(dice, 4), -1, 0);
        break;
    case 3: /* compare and set, with what is held finished */
        set_guard(client, request, TSD_GUARD_IN, request->space, cell);
        start = here(client);
        pack_step(client, 0, 0, dice_one_in(dice, 2) && cell > CELLS ? -1 : 1);
        if (link->hold_count > 0) {
            const struct token token = take_hold(client, link);
            pack_finish_step(client, &token);
            request->body_count++;
        }
        break;
    default: /* a new cell, where something is taken for good */
        set_guard(client, request, TSD_GUARD_IN, some_space(client), some_kind(client));
        start = here(client);
        pack_step(client, cell, -1, 0);
    }
    request->body = since(client, start);
    request->body_count++;
    request->body_puts = 1;
}

/* --- Which --- */

struct kind {
    enum tsd_operation op;
    unsigned weight;
    void (*ask)(struct client *client, struct link *link, struct request *request);
};

static const struct kind kinds[] = {
    {TSD_OP_OUT, 30, ask_out},    {TSD_OP_IN, 28, ask_in},         {TSD_OP_RD, 10, ask_match},
    {TSD_OP_HOLD, 10, ask_hold},  {TSD_OP_FINISH, 8, ask_finish},  {TSD_OP_RELEASE, 6, ask_release},
    {TSD_OP_RENEW, 2, ask_renew}, {TSD_OP_ATOMIC, 10, ask_atomic}, {TSD_OP_CANCEL, 6, ask_cancel},
    {TSD_OP_COUNT, 2, ask_look},  {TSD_OP_SCAN, 2, ask_look},      {TSD_OP_COLLECT, 3, ask_move},
    {TSD_OP_COPY, 1, ask_move},   {TSD_OP_WATCH, 1, ask_watch},    {TSD_OP_DRAINED, 2, ask_drained},
    {TSD_OP_WILL, 1, ask_will},   {TSD_OP_ACK, 3, ask_plain},      {TSD_OP_PING, 1, ask_plain},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static bool is_possible(const struct kind *kind, const struct link *link)
{
    if (kind->op == TSD_OP_FINISH || kind->op == TSD_OP_RENEW)
        return link->hold_count > 0;
    if (kind->op == TSD_OP_RELEASE)
        return link->hold_count > 0 || link->delivery_count > 0;
    return kind->op != TSD_OP_CANCEL || link->pending_count > 0;
}

static const struct kind *some_request(struct client *client, const struct link *link)
{
    unsigned all = 0;
    for (int i = 0; i < KIND_COUNT; i++)
        all += is_possible(&kinds[i], link) ? kinds[i].weight : 0;
    unsigned at = (unsigned)dice_below(&client->dice, all);
    for (int i = 0;; i++) {
        const unsigned weight = is_possible(&kinds[i], link) ? kinds[i].weight : 0;
        if (at < weight)
            return &kinds[i];
        at -= weight;
    }
}

static void start_request(struct client *client, struct request *request)
{
    memset(request, 0, sizeof *request);
    request->min = request->max = 1;
    buffer_clear(&client->bytes);
    (void)buffer_reserve(&client->bytes, BYTES); /* so that what points into it stays right */
}

void ask_something(struct client *client, struct link *link, struct request *request)
{
    const struct kind *kind = some_request(client, link);
    start_request(client, request);
    request->op = kind->op;
    request->space = some_space(client);
    request->ack = link->read_delivery;
    if (dice_one_in(&client->dice, 4) && request->ack > 0)
        request->ack--; /* the last is kept back */
    kind->ask(client, link, request);
}

void ask_kept(struct client *client, struct request *request)
{
    start_request(client, request);
    request->op = TSD_OP_OUT;
    request->space = text_span(torture_spaces[SPACE_MAIN]);
    request->tuples = (struct span){client->kept_tuple, client->kept_size};
    request->tuple_count = 1;
    request->key = text_span(client->kept_key);
    request->has |= TSD_HAS(KEY);
}

/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"

static uint64_t random_take(struct random *random, size_t count)
{
    uint64_t taken = 0;
    for (; count > 0 && random->left > 0; count--, random->left--)
        taken = taken << 8 | *random->bytes++;
    return taken;
}

uint64_t random_next(struct random *random)
{
    if (random->left > 0)
        return random_take(random, 8);
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    if (random->left > 0)
        return random_take(random, bound <= 256 ? 1 : bound <= 65536 ? 2 : 8) % bound;
    return random_next(random) % bound;
}

bool random_one_in(struct random *random, uint64_t n)
{
    return random_below(random, n) == 0;
}

/* --- Values, tuples, patterns --- */

static struct naive_value some_value(struct random *random)
{
    struct naive_value value = {.kind = (enum naive_kind)random_below(random, 5)};
    if (random_one_in(random, 2))
        value.kind = NAIVE_INT;
    if (value.kind == NAIVE_BOOL || value.kind == NAIVE_STR)
        value.number = (int)random_below(random, 2);
    else if (value.kind != NAIVE_NIL)
        value.number = (int)random_below(random, 4) - 1;
    return value;
}

/* The few that most tuples are made of, and most patterns ask for. */
static struct naive_value common_value(struct random *random)
{
    return (struct naive_value){NAIVE_INT, (int)random_below(random, 2)};
}

static struct naive_tuple some_tuple(struct random *random, bool common)
{
    struct naive_tuple tuple = {.fields = 1 + (int)random_below(random, common ? 2 : 3)};
    if (random_one_in(random, common ? 30 : 8))
        tuple.fields = NAIVE_FIELDS;
    for (int i = 0; i < tuple.fields; i++)
        tuple.values[i] = common ? common_value(random) : some_value(random);
    return tuple;
}

static struct naive_matcher some_matcher(struct random *random, bool common)
{
    static const enum tsd_matcher ops[] = {TSD_M_EQ,  TSD_M_EQ,  TSD_M_EQ,  TSD_M_EQ,
                                           TSD_M_ANY, TSD_M_ANY, TSD_M_INT, TSD_M_STR,
                                           TSD_M_NUM, TSD_M_NE,  TSD_M_GE,  TSD_M_RANGE};
    struct naive_matcher matcher = {.op = ops[random_below(random, common ? 7 : 12)],
                                    .value = some_value(random)};
    if (common)
        matcher.value = common_value(random);
    if (matcher.op == TSD_M_GE || matcher.op == TSD_M_RANGE) {
        const bool str = random_one_in(random, 4);
        matcher.value = (struct naive_value){str ? NAIVE_STR : NAIVE_INT,
                                             (int)random_below(random, str ? 2 : 4)};
        matcher.high = matcher.value;
        matcher.high.number += (int)random_below(random, str ? 1 : 3);
    }
    return matcher;
}

static struct naive_pattern some_pattern(struct random *random, bool common)
{
    struct naive_pattern pattern = {.fields = 1 + (int)random_below(random, common ? 2 : 3)};
    pattern.rest = random_one_in(random, 4);
    if (pattern.rest)
        pattern.fields--;
    for (int i = 0; i < pattern.fields; i++)
        pattern.matchers[i] = some_matcher(random, common);
    return pattern;
}

static int some_space(struct random *random)
{
    return random_one_in(random, 3) ? (int)random_below(random, NAIVE_SPACES) : 0;
}

/* --- Options --- */

static uint64_t some_time(struct random *random, uint64_t most)
{
    return 100 * (1 + random_below(random, most));
}

static void some_timeout(struct random *random, struct naive_request *request)
{
    request->has_timeout = !random_one_in(random, 6);
    request->timeout_us = random_one_in(random, 3) ? 0 : some_time(random, 30);
}

static int8_t some_priority(struct random *random)
{
    if (!random_one_in(random, 8))
        return 0;
    return (int8_t)(random_one_in(random, 2) ? 1 : -1 - (int)random_below(random, 128));
}

/* rules S26, S27: a pulse has no times and is not bound, a life is longer than the delay */
static struct naive_putting some_putting(struct random *random, bool may_be_bound)
{
    struct naive_putting putting = {.priority = some_priority(random)};
    if (random_one_in(random, 8)) {
        putting.pulse = true;
        return putting;
    }
    if (random_one_in(random, 6))
        putting.delay_us = some_time(random, 15);
    if (random_one_in(random, 6))
        putting.ttl_us = putting.delay_us + some_time(random, 30);
    putting.bound = may_be_bound && random_one_in(random, 8);
    return putting;
}

static void some_key(struct random *random, struct naive_request *request)
{
    if (!random_one_in(random, 6))
        return;
    request->key = 1 + (int)random_below(random, 3);
    request->window_us = random_one_in(random, 8) ? LIMIT_WINDOW_US : some_time(random, 40);
}

static void some_hold_time(struct random *random, bool *has, uint64_t *hold_us, bool *detached)
{
    *has = random_one_in(random, 2);
    *hold_us = random_one_in(random, 20) ? 0 : some_time(random, 30);
    *detached = *has && random_one_in(random, 2);
}

static void some_tuples(struct random *random, struct naive_request *request, bool common)
{
    request->tuple_count = random_one_in(random, 5) ? 1 + (int)random_below(random, 5) : 1;
    if (!common && random_one_in(random, 60))
        request->tuple_count = NAIVE_UNIT;
    for (int i = 0; i < request->tuple_count; i++)
        request->tuples[i] = some_tuple(random, common && !random_one_in(random, 8));
}

static void some_parts(struct random *random, struct naive_request *request, int count, bool common)
{
    request->part_count = count;
    for (int i = 0; i < count; i++) {
        request->parts[i].space = i == 0 ? request->space : some_space(random);
        request->parts[i].pattern = some_pattern(random, common && !random_one_in(random, 8));
    }
}

/* --- Operations --- */

/* The oldest of a length, many at once: so that leaves of an order go whole, and come back. */
static void take_many(struct random *random, struct naive_request *request)
{
    struct naive_pattern *pattern = &request->parts[0].pattern;
    *pattern = (struct naive_pattern){.fields = 1 + (int)random_below(random, 3)};
    for (int i = 0; i < pattern->fields; i++)
        pattern->matchers[i].op = TSD_M_ANY;
    request->counted = request->has_timeout = true;
    request->min = 1;
    request->max = 60 + (uint32_t)random_below(random, 60);
}

static void fill_take(struct random *random, enum generate_mix mix, struct naive_request *request)
{
    const int most = mix == GENERATE_ALL ? 8 : 3;
    const int parts = random_one_in(random, 6) ? 1 + (int)random_below(random, (uint64_t)most) : 1;
    some_parts(random, request, parts, mix == GENERATE_ALL);
    if (request->op == TSD_OP_HOLD)
        some_hold_time(random, &request->has_hold_time, &request->hold_us, &request->detached);
    if (random_one_in(random, mix == GENERATE_ALL ? 300 : 30)) {
        request->part_count = 1;
        take_many(random, request);
        return;
    }
    some_timeout(random, request);
    request->who = random_one_in(random, 8);
    if (random_one_in(random, 5)) {
        request->counted = true;
        request->min = 1 + (uint32_t)random_below(random, 3);
        request->max = request->min + (uint32_t)random_below(random, 4);
    }
}

static void fill_out(struct random *random, enum generate_mix mix, struct naive_request *request)
{
    some_tuples(random, request, mix == GENERATE_ALL);
    if (mix == GENERATE_PLAIN) {
        request->putting.priority = some_priority(random);
        return;
    }
    some_key(random, request);
    some_timeout(random, request);
    request->putting = some_putting(random, request->key == 0);
    if (request->op == TSD_OP_FINISH && random_one_in(random, 3))
        request->tuple_count = 0;
}

static void fill_step(struct random *random, struct naive_request *request, struct naive_step *step)
{
    step->finishes = random_one_in(random, 4);
    step->space = random_one_in(random, 2) ? request->space : some_space(random);
    step->fields = 1 + (int)random_below(random, 2);
    step->putting = some_putting(random, request->key == 0);
    for (int i = 0; i < step->fields; i++) {
        struct naive_field *field = &step->template[i];
        field->value = common_value(random);
        field->guard = (int)random_below(random, (uint64_t)request->part_count);
        field->field = random_one_in(random, 5) ? (int)random_below(random, 3) : 0;
        field->takes =
            random_one_in(random, 2) && request->parts[field->guard].guard != TSD_GUARD_ABSENT;
        field->adds = random_one_in(random, 3);
        field->add = random_one_in(random, 8) ? INT64_MIN : (int)random_below(random, 3) - 1;
    }
}

/* Few take: which get what is found by trying all. */
static void fill_guards(struct random *random, struct naive_request *request)
{
    int takers = 0;
    for (int i = 0; i < request->part_count; i++) {
        struct naive_part *guard = &request->parts[i];
        static const enum tsd_guard kinds[] = {TSD_GUARD_IN,   TSD_GUARD_IN, TSD_GUARD_IN,
                                               TSD_GUARD_HOLD, TSD_GUARD_RD, TSD_GUARD_ABSENT};
        guard->guard = kinds[random_below(random, 6)];
        takers += guard->guard == TSD_GUARD_IN || guard->guard == TSD_GUARD_HOLD;
        if (takers > 4)
            guard->guard = TSD_GUARD_RD;
        if (guard->guard == TSD_GUARD_HOLD)
            some_hold_time(random, &guard->has_hold_time, &guard->hold_us, &guard->detached);
        if (!random_one_in(random, 3))
            guard->space = request->space;
    }
}

static void fill_atomic(struct random *random, struct naive_request *request)
{
    int count = 1 + (int)random_below(random, 3);
    if (random_one_in(random, 20))
        count = 1 + (int)random_below(random, NAIVE_PARTS);
    some_parts(random, request, count, true);
    fill_guards(random, request);
    some_key(random, request);
    some_timeout(random, request);
    request->step_count = (int)random_below(random, 4);
    for (int i = 0; i < request->step_count; i++)
        fill_step(random, request, &request->steps[i]);
}

static void fill_collect(struct random *random, struct naive_request *request)
{
    some_parts(random, request, 1, true);
    request->to = random_one_in(random, 3) && request->op == TSD_OP_COLLECT
                      ? -1
                      : (int)random_below(random, NAIVE_SPACES);
    request->counted = random_one_in(random, 2);
    request->max = request->counted ? 1 + (uint32_t)random_below(random, 4) : LIMIT_UNIT_TUPLES;
}

static void fill_space(struct random *random, struct naive_request *request)
{
    request->has_capacity = random_one_in(random, 2);
    request->capacity = random_one_in(random, 4) ? 0 : 2 + random_below(random, 4);
    request->has_max_returns = random_one_in(random, 2);
    request->max_returns =
        random_one_in(random, 4) ? UINT32_MAX : (uint32_t)random_below(random, 3);
    request->has_dead_letter = random_one_in(random, 2);
    request->dead_letter = (int)random_below(random, NAIVE_SPACES + 1) - 1;
    if (request->dead_letter == request->space) /* the decoder refuses it */
        request->dead_letter = -1;
}

static void fill_watch(struct random *random, struct naive_request *request)
{
    some_parts(random, request, 1, true);
    request->now = random_one_in(random, 2);
    request->events =
        random_one_in(random, 3) ? 2 * (1 + (uint32_t)random_below(random, 15)) : UINT32_MAX;
    if (random_one_in(random, 3))
        request->parts[0].pattern = (struct naive_pattern){.rest = true};
}

static void fill_look(struct random *random, enum generate_mix mix, struct naive_request *request)
{
    some_parts(random, request, 1, mix == GENERATE_ALL);
    request->states = mix == GENERATE_ALL && random_one_in(random, 2);
    if (request->op == TSD_OP_COUNT)
        return;
    request->who = mix == GENERATE_ALL && random_one_in(random, 4);
    request->counted = true;
    request->max = random_one_in(random, 2) ? 1 + (uint32_t)random_below(random, 5) : 16384;
    request->reverse = random_one_in(random, 2);
}

static void fill(struct random *random, enum generate_mix mix, struct naive_request *request)
{
    switch (request->op) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        fill_out(random, mix, request);
        break;
    case TSD_OP_WILL:
        some_tuples(random, request, true);
        request->tuple_count = random_one_in(random, 4) ? 0 : request->tuple_count;
        request->putting = some_putting(random, false);
        request->putting.pulse = false;
        break;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        fill_take(random, mix, request);
        break;
    case TSD_OP_RELEASE:
        request->untried = random_one_in(random, 3);
        request->has_exit = random_one_in(random, 3);
        request->exit_status = (uint32_t)random_below(random, 300);
        request->delay_us = random_one_in(random, 2) ? 0 : some_time(random, 15);
        break;
    case TSD_OP_RENEW:
        request->duration_us = some_time(random, 30);
        break;
    case TSD_OP_ATOMIC:
        fill_atomic(random, request);
        break;
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        fill_collect(random, request);
        break;
    case TSD_OP_WATCH:
        fill_watch(random, request);
        break;
    case TSD_OP_DRAINED:
        some_parts(random, request, 1, true);
        some_timeout(random, request);
        break;
    case TSD_OP_SPACE:
        fill_space(random, request);
        break;
    case TSD_OP_REMOVE:
        request->force = random_one_in(random, 2);
        break;
    case TSD_OP_COUNT:
    case TSD_OP_SCAN:
        fill_look(random, mix, request);
        break;
    default:
        break;
    }
}

/* How often each is asked for, of 100. */
static enum tsd_operation some_operation(struct random *random)
{
    static const struct {
        uint64_t weight;
        enum tsd_operation op;
    } ops[] = {{22, TSD_OP_OUT},    {11, TSD_OP_IN},     {5, TSD_OP_RD},     {12, TSD_OP_HOLD},
               {8, TSD_OP_FINISH},  {7, TSD_OP_RELEASE}, {3, TSD_OP_RENEW},  {13, TSD_OP_ATOMIC},
               {2, TSD_OP_COLLECT}, {2, TSD_OP_COPY},    {2, TSD_OP_WATCH},  {2, TSD_OP_DRAINED},
               {1, TSD_OP_WILL},    {1, TSD_OP_SPACE},   {1, TSD_OP_REMOVE}, {2, TSD_OP_COUNT},
               {2, TSD_OP_SCAN},    {4, TSD_OP_CANCEL}};
    uint64_t at = random_below(random, 100);
    for (size_t i = 0;; at -= ops[i++].weight)
        if (at < ops[i].weight)
            return ops[i].op;
}

void generate_request(struct random *random, enum generate_mix mix, struct naive_request *request)
{
    static const enum tsd_operation plain[] = {
        TSD_OP_OUT, TSD_OP_OUT, TSD_OP_OUT, TSD_OP_OUT,   TSD_OP_IN,   TSD_OP_IN,    TSD_OP_IN,
        TSD_OP_IN,  TSD_OP_RD,  TSD_OP_RD,  TSD_OP_COUNT, TSD_OP_SCAN, TSD_OP_CANCEL};
    memset(request, 0, sizeof *request);
    request->op = mix == GENERATE_ALL ? some_operation(random)
                                      : plain[random_below(random, sizeof plain / sizeof *plain)];
    request->min = request->max = 1;
    request->to = request->dead_letter = -1;
    request->events = UINT32_MAX;
    request->space = some_space(random);
    fill(random, mix, request);
}

void generate_discard(struct random *random, struct naive_request *request)
{
    memset(request, 0, sizeof *request);
    request->op = TSD_OP_COLLECT;
    request->space = (int)random_below(random, NAIVE_SPACES);
    request->to = -1;
    request->max = LIMIT_UNIT_TUPLES;
    request->part_count = 1;
    request->parts[0].space = request->space;
    request->parts[0].pattern.rest = true;
}

/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

static const char *const spaces[GENERATE_SPACES] = {"main", "jobs", "\xc3\xa9t\xc3\xa9"};
static const char *const strs[] = {"a", "b", "a long string that does not fit into a few bytes",
                                   ""};

uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    return random_next(random) % bound;
}

static bool one_in(struct random *random, uint64_t n)
{
    return random_below(random, n) == 0;
}

static struct naive_value some_value(struct random *random)
{
    struct naive_value value = {.kind = (enum naive_kind)random_below(random, 5)};
    if (one_in(random, 2))
        value.kind = NAIVE_INT;
    if (value.kind == NAIVE_BOOL)
        value.number = (int)random_below(random, 2);
    else if (value.kind == NAIVE_STR)
        value.number = (int)random_below(random, 2);
    else if (value.kind != NAIVE_NIL)
        value.number = (int)random_below(random, 4) - 1;
    return value;
}

static struct naive_tuple some_tuple(struct random *random)
{
    struct naive_tuple tuple = {.fields = 1 + (int)random_below(random, 3)};
    if (one_in(random, 8))
        tuple.fields = NAIVE_FIELDS;
    for (int i = 0; i < tuple.fields; i++)
        tuple.values[i] = some_value(random);
    return tuple;
}

static struct naive_matcher some_matcher(struct random *random)
{
    static const enum tsd_matcher ops[] = {TSD_M_EQ,  TSD_M_EQ,  TSD_M_EQ,  TSD_M_EQ,
                                           TSD_M_ANY, TSD_M_ANY, TSD_M_INT, TSD_M_STR,
                                           TSD_M_NUM, TSD_M_NE,  TSD_M_GE,  TSD_M_RANGE};
    struct naive_matcher matcher = {.op = ops[random_below(random, sizeof ops / sizeof ops[0])],
                                    .value = some_value(random)};
    if (matcher.op == TSD_M_GE || matcher.op == TSD_M_RANGE) {
        const bool str = one_in(random, 4);
        matcher.value = (struct naive_value){str ? NAIVE_STR : NAIVE_INT,
                                             (int)random_below(random, str ? 2 : 4)};
        matcher.high = matcher.value;
        matcher.high.number += (int)random_below(random, str ? 1 : 3);
    }
    return matcher;
}

static struct naive_pattern some_pattern(struct random *random)
{
    struct naive_pattern pattern = {.fields = 1 + (int)random_below(random, 3)};
    pattern.rest = one_in(random, 4);
    if (pattern.rest)
        pattern.fields--;
    for (int i = 0; i < pattern.fields; i++)
        pattern.matchers[i] = some_matcher(random);
    return pattern;
}

static int some_space(struct random *random)
{
    return one_in(random, 4) ? (int)random_below(random, GENERATE_SPACES) : 0;
}

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

static void fill_take(struct random *random, struct naive_request *request)
{
    if (one_in(random, 30)) {
        take_many(random, request);
        return;
    }
    if (one_in(random, 6))
        request->part_count = 1 + (int)random_below(random, NAIVE_PARTS);
    request->has_timeout = !one_in(random, 6);
    request->timeout_us = one_in(random, 3) ? 0 : 100 * (1 + random_below(random, 30));
    if (one_in(random, 5)) {
        request->counted = true;
        request->min = 1 + (uint32_t)random_below(random, 4);
        request->max = request->min + (uint32_t)random_below(random, 4);
    }
}

void generate_request(struct random *random, struct naive_request *request)
{
    static const enum tsd_operation ops[] = {
        TSD_OP_OUT, TSD_OP_OUT, TSD_OP_OUT, TSD_OP_OUT,   TSD_OP_IN,   TSD_OP_IN,    TSD_OP_IN,
        TSD_OP_IN,  TSD_OP_RD,  TSD_OP_RD,  TSD_OP_COUNT, TSD_OP_SCAN, TSD_OP_CANCEL};
    *request = (struct naive_request){.op = ops[random_below(random, sizeof ops / sizeof ops[0])],
                                      .part_count = 1,
                                      .min = 1,
                                      .max = 1};
    request->space = some_space(random);
    if (one_in(random, 8))
        request->priority = (int8_t)(one_in(random, 2) ? 1 : -1 - (int)random_below(random, 128));
    request->tuple_count = one_in(random, 5) ? 1 + (int)random_below(random, 5) : 1;
    if (one_in(random, 60))
        request->tuple_count = NAIVE_UNIT;
    for (int i = 0; i < request->tuple_count; i++)
        request->tuples[i] = some_tuple(random);
    for (int i = 0; i < NAIVE_PARTS; i++)
        request->parts[i] =
            (struct naive_part){i == 0 ? request->space : some_space(random), some_pattern(random)};
    if (request->op == TSD_OP_IN || request->op == TSD_OP_RD)
        fill_take(random, request);
    if (request->op == TSD_OP_SCAN) {
        request->max = one_in(random, 2) ? 1 + (uint32_t)random_below(random, 5) : 16384;
        request->reverse = one_in(random, 2);
    }
}

static void pack_value(struct buffer *out, const struct naive_value *value)
{
    msgpack_packer packer = buffer_packer(out);
    switch (value->kind) {
    case NAIVE_NIL:
        msgpack_pack_nil(&packer);
        break;
    case NAIVE_BOOL:
        if (value->number)
            msgpack_pack_true(&packer);
        else
            msgpack_pack_false(&packer);
        break;
    case NAIVE_INT:
        msgpack_pack_int(&packer, value->number);
        break;
    case NAIVE_FLOAT:
        msgpack_pack_double(&packer, value->number);
        break;
    case NAIVE_STR:
        buffer_pack_str(out, strs[value->number], strlen(strs[value->number]));
        break;
    }
}

static void pack_tuple(struct buffer *out, const struct naive_tuple *tuple)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, (size_t)tuple->fields);
    for (int i = 0; i < tuple->fields; i++)
        pack_value(out, &tuple->values[i]);
}

static void pack_matcher(struct buffer *out, const struct naive_matcher *matcher)
{
    const bool two = matcher->op == TSD_M_RANGE;
    const bool one = matcher->op == TSD_M_EQ || matcher->op == TSD_M_NE || matcher->op == TSD_M_GE;
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, two ? 3 : one ? 2 : 1);
    msgpack_pack_int(&packer, matcher->op);
    if (one || two)
        pack_value(out, &matcher->value);
    if (two)
        pack_value(out, &matcher->high);
}

static void pack_pattern(struct buffer *out, const struct naive_pattern *pattern)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, (size_t)pattern->fields + pattern->rest);
    for (int i = 0; i < pattern->fields; i++)
        pack_matcher(out, &pattern->matchers[i]);
    if (pattern->rest) {
        msgpack_pack_array(&packer, 1);
        msgpack_pack_int(&packer, TSD_M_REST);
    }
}

static struct span name_of(int space)
{
    return (struct span){(const uint8_t *)spaces[space], (uint32_t)strlen(spaces[space])};
}

uint32_t generate_tuple_bytes(const struct naive_tuple *tuple)
{
    struct buffer bytes = BUFFER_INIT;
    pack_tuple(&bytes, tuple);
    const uint32_t size = (uint32_t)bytes.size;
    buffer_deinit(&bytes);
    return size;
}

const char *operation_text(enum tsd_operation op)
{
    return operation_name(op);
}

static void encode_options(const struct naive_request *from, struct request *to)
{
    const bool takes = from->op == TSD_OP_IN || from->op == TSD_OP_RD;
    if (from->op == TSD_OP_OUT && from->priority != 0)
        to->has |= TSD_HAS(PRIORITY);
    if (takes && from->has_timeout)
        to->has |= TSD_HAS(TIMEOUT);
    if (takes && from->counted)
        to->has |= TSD_HAS(MIN) | TSD_HAS(MAX);
    if (takes && from->by_id)
        to->has |= TSD_HAS(ID);
    if (takes && from->part_count > 1)
        to->has |= TSD_HAS(ALTERNATIVES);
    if (from->op == TSD_OP_SCAN)
        to->has |= TSD_HAS(MAX) | (from->reverse ? TSD_HAS(REVERSE) : 0) |
                   (from->has_cursor ? TSD_HAS(CURSOR) : 0);
}

void generate_encode(const struct naive_request *from, struct buffer *frame)
{
    struct buffer bytes = BUFFER_INIT;
    uint32_t starts[NAIVE_PARTS + 1];
    for (int i = 0; i < from->part_count; i++) {
        starts[i] = (uint32_t)bytes.size;
        pack_pattern(&bytes, &from->parts[i].pattern);
    }
    starts[from->part_count] = (uint32_t)bytes.size;
    for (int i = 0; i < from->tuple_count; i++)
        pack_tuple(&bytes, &from->tuples[i]);
    struct request to = {.number = from->number,
                         .op = from->op,
                         .ack = from->ack,
                         .space = name_of(from->space),
                         .tuple_count = (uint32_t)from->tuple_count,
                         .target = from->target,
                         .alternative_count = (uint32_t)from->part_count,
                         .timeout_us = from->timeout_us,
                         .min = from->min,
                         .max = from->max,
                         .id = from->id,
                         .priority = from->priority,
                         .cursor = {from->cursor_priority, from->cursor_id},
                         .reverse = from->reverse};
    const uint32_t tuples = starts[from->part_count];
    to.tuples = (struct span){bytes.bytes + tuples, (uint32_t)bytes.size - tuples};
    for (int i = 0; i < from->part_count; i++) {
        to.alternatives[i].space = name_of(from->parts[i].space);
        to.alternatives[i].pattern.bytes = bytes.bytes + starts[i];
        to.alternatives[i].pattern.size = starts[i + 1] - starts[i];
    }
    encode_options(from, &to);
    request_encode(&to, frame);
    buffer_deinit(&bytes);
}

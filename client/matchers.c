/* SPDX-License-Identifier: MIT */
/*
 * Patterns: each ts_value as the matcher that it stands for. A formal is a matcher of what fits the
 * type that it points to, so that nothing is taken that could not be bound (rule P10).
 */
#include <stdint.h>

#include "client/values.h"
#include "protocol/limits.h"
#include "protocol/value.h"

struct encoder {
    struct buffer *out;
    struct problem *problem;
    bool no_formals; /* inside ts_or, ts_not */
};

static int encode_matcher(struct encoder *e, const ts_value *value, unsigned depth);

/* The head of a matcher: an array of its number and `operands` operands. */
static void begin(struct encoder *e, enum tsd_matcher op, size_t operands)
{
    msgpack_packer packer = buffer_packer(e->out);

    msgpack_pack_array(&packer, 1 + operands);
    msgpack_pack_uint32(&packer, op);
}

static void pack_int(struct encoder *e, int64_t number)
{
    msgpack_packer packer = buffer_packer(e->out);

    msgpack_pack_int64(&packer, number);
}

/* (?int & lo..hi) */
static void int_between(struct encoder *e, int64_t lo, uint64_t hi)
{
    msgpack_packer packer = buffer_packer(e->out);

    begin(e, TSD_M_AND, 2);
    begin(e, TSD_M_INT, 0);
    begin(e, TSD_M_RANGE, 2);
    pack_int(e, lo);
    msgpack_pack_uint64(&packer, hi);
}

static int encode_formal(struct encoder *e, const ts_value *value)
{
    if (e->no_formals)
        return problem_set(e->problem, TS_INVALID, 0,
                           "a pointer that is to be set stands inside ts_or or ts_not");
    switch (value->kind) {
    case TS_KIND_TO_BOOL:
        begin(e, TSD_M_BOOL, 0);
        return 0;
    case TS_KIND_TO_INT8:
        int_between(e, INT8_MIN, INT8_MAX);
        return 0;
    case TS_KIND_TO_UINT8:
        int_between(e, 0, UINT8_MAX);
        return 0;
    case TS_KIND_TO_INT16:
        int_between(e, INT16_MIN, INT16_MAX);
        return 0;
    case TS_KIND_TO_UINT16:
        int_between(e, 0, UINT16_MAX);
        return 0;
    case TS_KIND_TO_INT32:
        int_between(e, INT32_MIN, INT32_MAX);
        return 0;
    case TS_KIND_TO_UINT32:
        int_between(e, 0, UINT32_MAX);
        return 0;
    case TS_KIND_TO_INT64:
        int_between(e, INT64_MIN, INT64_MAX);
        return 0;
    case TS_KIND_TO_UINT64:
        int_between(e, 0, UINT64_MAX);
        return 0;
    case TS_KIND_TO_DOUBLE:
        begin(e, TSD_M_OR, 2);
        begin(e, TSD_M_FLOAT, 0);
        int_between(e, -(INT64_C(1) << 53), UINT64_C(1) << 53);
        return 0;
    case TS_KIND_TO_TEXT:
        begin(e, TSD_M_AND, 2);
        begin(e, TSD_M_STR, 0);
        begin(e, TSD_M_NOT, 1);
        begin(e, TSD_M_INFIX, 1);
        buffer_pack_str(e->out, "", 1); /* one NUL */
        return 0;
    case TS_KIND_TO_STR:
        begin(e, TSD_M_STR, 0);
        return 0;
    case TS_KIND_TO_BIN:
        begin(e, TSD_M_BIN, 0);
        return 0;
    default: /* TS_KIND_TO_RAW */
        begin(e, TSD_M_ANY, 0);
        return 0;
    }
}

static bool is_rest(const ts_value *value)
{
    return value->kind == TS_KIND_NOTHING && value->matcher == TSD_M_REST;
}

static int encode_element(struct encoder *e, const ts_value *value, bool last, unsigned depth)
{
    if (!is_rest(value))
        return encode_matcher(e, value, depth);
    if (!last)
        return problem_set(e->problem, TS_INVALID, 0, "TS_REST is not the last");
    begin(e, TSD_M_REST, 0);
    return 0;
}

static int encode_elements(struct encoder *e, const ts_value *array, unsigned depth)
{
    begin(e, TSD_M_ELEMENTS, array->size);
    for (uint32_t i = 0; i < array->size; i++) {
        int error = encode_element(e, &array->as.items[i], i + 1 == array->size, depth);
        if (error)
            return error;
    }
    return 0;
}

static int encode_pairs(struct encoder *e, const ts_value *map, unsigned depth)
{
    const bool rest = map->size % 2 && is_rest(&map->as.items[map->size - 1]);

    if (map->size % 2 && !rest)
        return problem_set(e->problem, TS_INVALID, 0, "TS_MAP with a key that has no value");
    begin(e, TSD_M_PAIRS, map->size);
    for (uint32_t i = 0; i + 1 < map->size; i += 2) {
        int error = value_encode(&map->as.items[i], depth, e->out, e->problem);
        if (!error)
            error = encode_element(e, &map->as.items[i + 1], false, depth);
        if (error)
            return error;
    }
    if (rest)
        begin(e, TSD_M_REST, 0);
    return 0;
}

/* The type of an operand: what ts_value can be looked at without the space. */
static enum value_type type_of(const ts_value *value)
{
    switch (value->kind) {
    case TS_KIND_INT:
    case TS_KIND_UINT:
        return VALUE_INT;
    case TS_KIND_FLOAT:
        return VALUE_FLOAT;
    case TS_KIND_STR:
        return VALUE_STR;
    case TS_KIND_BIN:
        return VALUE_BIN;
    case TS_KIND_RAW:
        return value->size > 0 ? value_type_of(value->as.bytes) : VALUE_NIL;
    default:
        return VALUE_NIL;
    }
}

static bool is_ordered(enum value_type type)
{
    return type == VALUE_INT || type == VALUE_FLOAT || type == VALUE_STR || type == VALUE_BIN;
}

/* A matcher of one plain operand. */
static int encode_operand(struct encoder *e, const ts_value *value, unsigned depth)
{
    const enum value_type type = type_of(value);
    const enum tsd_matcher op = (enum tsd_matcher)value->matcher;
    ts_value operand = *value;

    if (op >= TSD_M_LT && op <= TSD_M_GE && !is_ordered(type))
        return problem_set(e->problem, TS_INVALID, 0,
                           "a comparison is with a number, a str or a bin");
    if (op >= TSD_M_PREFIX && op <= TSD_M_INFIX && type != VALUE_STR && type != VALUE_BIN)
        return problem_set(e->problem, TS_INVALID, 0,
                           "ts_prefix, ts_suffix and ts_infix take a str or a bin");
    operand.matcher = TSD_M_EQ;
    begin(e, op, op == TSD_M_REGEX ? 2 : 1);
    int error = value_encode(&operand, depth, e->out, e->problem);
    if (!error && op == TSD_M_REGEX)
        buffer_pack_str(e->out, "i", value->flags & 1);
    return error;
}

static int encode_range(struct encoder *e, const ts_value *group, unsigned depth)
{
    const ts_value *ends = group->as.items;
    int error;

    if (group->size != 2 || !is_ordered(type_of(&ends[0])) || !is_ordered(type_of(&ends[1])))
        return problem_set(e->problem, TS_INVALID, 0,
                           "ts_range takes two numbers, two strs or two bins");
    begin(e, TSD_M_RANGE, 2);
    error = value_encode(&ends[0], depth, e->out, e->problem);
    return error ? error : value_encode(&ends[1], depth, e->out, e->problem);
}

/* A number, a comparison with one, or a range of two. */
static bool is_length(const ts_value *m)
{
    if (m->kind == TS_KIND_GROUP)
        return m->matcher == TSD_M_RANGE && m->size == 2 && type_of(&m->as.items[0]) == VALUE_INT &&
               type_of(&m->as.items[1]) == VALUE_INT;
    return type_of(m) == VALUE_INT &&
           (m->matcher == TSD_M_EQ || (m->matcher >= TSD_M_LT && m->matcher <= TSD_M_GE));
}

static int encode_group(struct encoder *e, const ts_value *group, unsigned depth)
{
    const bool outer = e->no_formals;
    int error = 0;

    if (group->matcher == TSD_M_RANGE)
        return encode_range(e, group, depth);
    if (group->size == 0)
        return problem_set(e->problem, TS_INVALID, 0, "a matcher without operands");
    if (group->matcher == TSD_M_LENGTH && !is_length(&group->as.items[0]))
        return problem_set(e->problem, TS_INVALID, 0,
                           "ts_length takes a whole number, a comparison with one or a range");
    if (group->size > 1 || (group->matcher != TSD_M_OR && group->matcher != TSD_M_AND))
        begin(e, (enum tsd_matcher)group->matcher, group->size); /* one of one is that one */
    if (group->matcher != TSD_M_AND)
        e->no_formals = true;
    for (uint32_t i = 0; !error && i < group->size; i++)
        error = encode_element(e, &group->as.items[i], false, depth);
    e->no_formals = outer;
    return error;
}

static int encode_matcher(struct encoder *e, const ts_value *value, unsigned depth)
{
    if (depth >= LIMIT_DEPTH)
        return problem_set(e->problem, TS_LIMIT, 0, "more than %d levels of matchers", LIMIT_DEPTH);
    if (value_is_plain(value)) {
        begin(e, TSD_M_EQ, 1);
        return value_encode(value, 0, e->out, e->problem);
    }
    if (value->kind >= TS_KIND_TO_BOOL && value->kind <= TS_KIND_TO_RAW)
        return encode_formal(e, value);
    if (value->kind == TS_KIND_GROUP)
        return encode_group(e, value, depth + 1);
    if (value->kind == TS_KIND_ARRAY && value->matcher == TSD_M_EQ)
        return encode_elements(e, value, depth + 1);
    if (value->kind == TS_KIND_MAP && value->matcher == TSD_M_EQ)
        return encode_pairs(e, value, depth + 1);
    if (value->kind == TS_KIND_NOTHING && value->matcher >= TSD_M_ANY &&
        value->matcher <= TSD_M_EXT) {
        begin(e, (enum tsd_matcher)value->matcher, 0);
        return 0;
    }
    if (value->kind >= TS_KIND_NIL && value->kind <= TS_KIND_MAP)
        return encode_operand(e, value, depth);
    if (value->kind == TS_KIND_FROM)
        return problem_set(e->problem, TS_INVALID, 0,
                           "ts_from stands in a pattern: it belongs in the tuple of a step");
    return problem_set(e->problem, TS_INVALID, 0, "a NULL pointer, or a matcher of a matcher");
}

static int encode_encoded(const ts_bytes *encoded, struct pattern_room *room, struct buffer *out,
                          struct problem *problem)
{
    const uint8_t *bytes = encoded->bytes;
    const uint8_t *after;
    struct pattern pattern;
    int error;

    room->used = 0;
    error = pattern_check(bytes, bytes + encoded->size, room, &pattern, &after, problem);
    if (!error && after != bytes + encoded->size)
        error = problem_set(problem, TS_INVALID, 0, "bytes after the end of the pattern");
    if (error == -TS_PROTOCOL)
        problem->status = TS_INVALID;
    if (error)
        return -(int)problem->status;
    buffer_append(out, bytes, encoded->size);
    return 0;
}

int values_encode_pattern(const ts_values *values, struct pattern_room *room, struct buffer *out,
                          struct problem *problem)
{
    struct encoder e = {out, problem, false};
    msgpack_packer packer = buffer_packer(out);

    if (values->encoded.bytes)
        return encode_encoded(&values->encoded, room, out, problem);
    if (values->count == 0)
        return problem_set(problem, TS_INVALID, 0, "no pattern");
    msgpack_pack_array(&packer, values->count);
    for (size_t i = 0; i < values->count; i++) {
        int error = encode_element(&e, &values->items[i], i + 1 == values->count, 0);
        if (error) {
            problem_within(problem, "field %zu", i + 1);
            return error;
        }
    }
    return 0;
}

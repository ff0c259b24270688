/* SPDX-License-Identifier: MIT */
#include "client/values.h"

#include "protocol/limits.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

static int not_plain(const ts_value *value, struct problem *problem)
{
    const char *what = value->kind == TS_KIND_INVALID ? "a NULL pointer, or a matcher of a matcher"
                       : value->kind >= TS_KIND_TO_BOOL && value->kind <= TS_KIND_TO_RAW
                           ? "a pointer that is to be set"
                       : value->kind == TS_KIND_FROM
                           ? "ts_from, which is a field of the tuple of an atomic's step,"
                           : "a matcher";

    return problem_set(problem, TS_INVALID, 0, "%s stands where only a value may", what);
}

/* Bytes that the user says are one value. */
static int encode_raw(const ts_value *value, unsigned depth, struct buffer *out,
                      struct problem *problem)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH - depth};
    const uint8_t *bytes = value->as.bytes;
    const uint8_t *after;

    if (value->size == 0)
        return problem_set(problem, TS_INVALID, 0, "TS_RAW without bytes");
    after = value_check(bytes, bytes + value->size, &budget, problem);
    if (!after) {
        problem_within(problem, "TS_RAW");
        if (problem->status == TS_PROTOCOL)
            problem->status = TS_INVALID;
        return -(int)problem->status;
    }
    if (after != bytes + value->size)
        return problem_set(problem, TS_INVALID, 0, "TS_RAW has bytes after the end of its value");
    buffer_append(out, bytes, value->size);
    return 0;
}

static int encode_items(const ts_value *value, unsigned depth, struct buffer *out,
                        struct problem *problem)
{
    if (depth >= LIMIT_DEPTH)
        return problem_set(problem, TS_LIMIT, 0, "more than %d levels of arrays and maps",
                           LIMIT_DEPTH);
    for (uint32_t i = 0; i < value->size; i++) {
        int error = value_encode(&value->as.items[i], depth + 1, out, problem);
        if (error)
            return error;
    }
    return 0;
}

static int encode_map(const ts_value *value, unsigned depth, struct buffer *out,
                      struct problem *problem)
{
    msgpack_packer packer = buffer_packer(out);

    if (value->size % 2)
        return problem_set(problem, TS_INVALID, 0, "TS_MAP with a key that has no value");
    msgpack_pack_map(&packer, value->size / 2);
    return encode_items(value, depth, out, problem);
}

int value_encode(const ts_value *value, unsigned depth, struct buffer *out, struct problem *problem)
{
    msgpack_packer packer = buffer_packer(out);

    if (value->matcher != TSD_M_EQ)
        return not_plain(value, problem);
    switch (value->kind) {
    case TS_KIND_NIL:
        msgpack_pack_nil(&packer);
        return 0;
    case TS_KIND_BOOL:
        buffer_append_byte(out, value->as.boolean ? 0xc3 : 0xc2);
        return 0;
    case TS_KIND_INT:
        msgpack_pack_int64(&packer, value->as.i64);
        return 0;
    case TS_KIND_UINT:
        msgpack_pack_uint64(&packer, value->as.u64);
        return 0;
    case TS_KIND_FLOAT:
        msgpack_pack_double(&packer, value->as.real);
        return 0;
    case TS_KIND_STR:
        buffer_pack_str(out, value->as.bytes, value->size);
        return 0;
    case TS_KIND_BIN:
        buffer_pack_bin(out, value->as.bytes, value->size);
        return 0;
    case TS_KIND_EXT:
        msgpack_pack_ext(&packer, value->size, value->ext_type);
        buffer_append(out, value->as.bytes, value->size);
        return 0;
    case TS_KIND_RAW:
        return encode_raw(value, depth, out, problem);
    case TS_KIND_ARRAY:
        msgpack_pack_array(&packer, value->size);
        return encode_items(value, depth, out, problem);
    case TS_KIND_MAP:
        return encode_map(value, depth, out, problem);
    default:
        return not_plain(value, problem);
    }
}

bool value_is_plain(const ts_value *value)
{
    if (value->matcher != TSD_M_EQ || value->kind < TS_KIND_NIL || value->kind > TS_KIND_MAP)
        return false;
    if (value->kind != TS_KIND_ARRAY && value->kind != TS_KIND_MAP)
        return true;
    for (uint32_t i = 0; i < value->size; i++)
        if (!value_is_plain(&value->as.items[i]))
            return false;
    return true;
}

static int encode_encoded(const ts_bytes *encoded, struct buffer *out, struct problem *problem)
{
    const uint8_t *bytes = encoded->bytes;
    struct tuple_view tuple;
    int error = tuple_check(bytes, bytes + encoded->size, &tuple, problem);

    if (!error && tuple.size != encoded->size)
        error = problem_set(problem, TS_INVALID, tuple.size, "bytes after the end of the tuple");
    if (error == -TS_PROTOCOL)
        problem->status = TS_INVALID;
    if (error)
        return -(int)problem->status;
    buffer_append(out, bytes, tuple.size);
    return 0;
}

int values_encode_tuple(const ts_values *values, struct buffer *out, struct problem *problem)
{
    msgpack_packer packer = buffer_packer(out);

    if (values->encoded.bytes)
        return encode_encoded(&values->encoded, out, problem);
    if (values->count == 0)
        return problem_set(problem, TS_INVALID, 0, "a tuple without fields");
    if (values->count > LIMIT_TUPLE_FIELDS)
        return problem_set(problem, TS_LIMIT, 0, "%zu fields, where the limit is %d", values->count,
                           LIMIT_TUPLE_FIELDS);
    msgpack_pack_array(&packer, values->count);
    for (size_t i = 0; i < values->count; i++) {
        int error = value_encode(&values->items[i], 0, out, problem);
        if (error) {
            problem_within(problem, "field %zu", i + 1);
            return error;
        }
    }
    return 0;
}

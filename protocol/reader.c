/* SPDX-License-Identifier: MIT */
#include "protocol/reader.h"

#include <string.h>

struct reader reader_of_span(const struct span *span)
{
    return (struct reader){span->bytes, span->bytes, span->bytes + span->size};
}

/* Reads the next head where it is of the given type; returns where the one after it stands. */
static const uint8_t *read_typed(const struct reader *in, enum value_type type, struct value *value)
{
    const uint8_t *next = value_read(in->p, in->end, value);

    return next && value->type == type ? next : NULL;
}

static bool move(struct reader *in, const uint8_t *next)
{
    if (!next)
        return false;
    in->p = next;
    return true;
}

bool reader_uint_long(struct reader *in, uint64_t *value)
{
    struct value v;
    const uint8_t *next = read_typed(in, VALUE_INT, &v);

    if (!next || v.negative)
        return false;
    *value = v.u64;
    return move(in, next);
}

bool reader_int(struct reader *in, int64_t *value)
{
    struct value v;
    const uint8_t *next = read_typed(in, VALUE_INT, &v);

    if (!next || (!v.negative && v.u64 > INT64_MAX))
        return false;
    *value = v.negative ? v.i64 : (int64_t)v.u64;
    return move(in, next);
}

bool reader_bool(struct reader *in, bool *value)
{
    struct value v;
    const uint8_t *next = read_typed(in, VALUE_BOOL, &v);

    if (next)
        *value = v.boolean;
    return move(in, next);
}

bool reader_nil(struct reader *in)
{
    struct value v;

    return move(in, read_typed(in, VALUE_NIL, &v));
}

bool reader_str_long(struct reader *in, struct span *bytes)
{
    struct value v;
    const uint8_t *next = read_typed(in, VALUE_STR, &v);

    if (next)
        *bytes = (struct span){v.bytes, v.length};
    return move(in, next);
}

static bool reader_count(struct reader *in, enum value_type type, uint32_t *count)
{
    struct value v;
    const uint8_t *next = read_typed(in, type, &v);

    if (next)
        *count = v.length;
    return move(in, next);
}

bool reader_array_long(struct reader *in, uint32_t *count)
{
    return reader_count(in, VALUE_ARRAY, count);
}

bool reader_map_long(struct reader *in, uint32_t *pairs)
{
    return reader_count(in, VALUE_MAP, pairs);
}

bool reader_place(struct reader *in, struct place *place)
{
    struct reader ahead = *in;
    uint32_t count;
    int64_t priority;
    uint64_t id;

    if (!reader_array(&ahead, &count) || count != 2 || !reader_int(&ahead, &priority) ||
        priority < INT8_MIN || priority > INT8_MAX || !reader_uint(&ahead, &id))
        return false;
    *place = (struct place){(int8_t)priority, id};
    return move(in, ahead.p);
}

bool reader_skip(struct reader *in, struct span *value)
{
    const uint8_t *next = value_skip(in->p, in->end);

    if (next && value)
        *value = (struct span){in->p, (uint32_t)(next - in->p)};
    return move(in, next);
}

int reader_fail(const struct reader *in, struct problem *problem, const char *name,
                const char *form)
{
    const size_t offset = reader_offset(in);
    struct value v;

    if (reader_at_end(in))
        return problem_set(problem, TS_PROTOCOL, offset, "%s: the frame ends before it", name);
    if (!value_skip(in->p, in->end))
        return problem_set(problem, TS_PROTOCOL, offset, "%s: not MessagePack, or cut off", name);
    value_read(in->p, in->end, &v);
    return problem_set(
        problem, TS_PROTOCOL, offset, "%s: not %.*s, but %s%s", name, (int)strcspn(form, ":"), form,
        v.type == VALUE_INT && v.negative ? "a negative " : "", value_type_name(v.type));
}

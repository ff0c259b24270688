/* SPDX-License-Identifier: MIT */
/* Shapes: where tuples and patterns meet in an index. And templates, which are much alike. */
#include <math.h>
#include <string.h>

#include "history/match.h"
#include "protocol/value.h"

/* Wide enough for the sum of any two. */
__extension__ typedef __int128 wide;

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* Equal values have the same hash; of arrays and maps only the length is looked at. */
static uint64_t hash_of(const uint8_t *p)
{
    struct value value;
    value_read_trusted(p, &value);
    if (value.type == VALUE_INT || value.type == VALUE_FLOAT) {
        const long double number = value.type == VALUE_FLOAT ? (long double)value.real
                                   : value.negative          ? (long double)value.i64
                                                             : (long double)value.u64;
        const long double rest = fmodl(number, 4294967296.0L);
        return mix(1, isfinite(rest) ? (uint64_t)(int64_t)rest : 7);
    }
    uint64_t hash = mix(2 + (uint64_t)value.type, value.length);
    if (value.type == VALUE_BOOL)
        return mix(hash, value.boolean);
    if (value.type == VALUE_STR || value.type == VALUE_BIN || value.type == VALUE_EXT)
        for (uint32_t i = 0; i < value.length; i++)
            hash = mix(hash, value.bytes[i]);
    return hash;
}

struct shape tuple_shape(struct span tuple)
{
    struct value head;
    const uint8_t *first = value_read_trusted(tuple.bytes, &head);
    return (struct shape){head.length, true, hash_of(first)};
}

struct shape pattern_shape(struct span pattern)
{
    struct value head, inner, number;
    struct shape shape = {0};
    const uint8_t *p = value_read_trusted(pattern.bytes, &head);
    for (uint32_t i = 0; i < head.length; i++, p = value_skip_trusted(p)) {
        const uint8_t *operand = value_read_trusted(value_read_trusted(p, &inner), &number);
        if (number.u64 == TSD_M_REST)
            return (struct shape){0}; /* any length: a first field alone is no index */
        if (i == 0 && number.u64 == TSD_M_EQ) {
            shape.first = true;
            shape.hash = hash_of(operand);
        }
    }
    shape.length = head.length;
    return shape;
}

bool template_may_make(struct span template, uint32_t fields, struct span tuple)
{
    struct value head;
    const uint8_t *at = value_read_trusted(tuple.bytes, &head);
    const uint8_t *p = template.bytes;
    if (head.length != fields)
        return false;
    for (uint32_t i = 0; i < fields; i++, at = value_skip_trusted(at)) {
        const struct template_field field = template_next(&p);
        if (field.value && ((size_t)(value_skip_trusted(at) - at) != field.size ||
                            memcmp(field.value, at, field.size) != 0))
            return false;
    }
    return true;
}

/* The field at p with so much added; false where it is no int, or the sum is none. */
static bool add_to(const uint8_t *p, int64_t add, struct buffer *out)
{
    struct value value;
    msgpack_packer packer = buffer_packer(out);
    value_read_trusted(p, &value);
    if (value.type != VALUE_INT)
        return false;
    const wide sum = (value.negative ? (wide)value.i64 : (wide)value.u64) + add;
    if (sum < INT64_MIN || sum > UINT64_MAX)
        return false;
    if (sum < 0)
        msgpack_pack_int64(&packer, (int64_t)sum);
    else
        msgpack_pack_uint64(&packer, (uint64_t)sum);
    return true;
}

bool template_make(struct span template, uint32_t fields, const struct span *guards,
                   uint32_t guard_count, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);
    const uint8_t *p = template.bytes;
    msgpack_pack_array(&packer, fields);
    for (uint32_t i = 0; i < fields; i++) {
        const struct template_field field = template_next(&p);
        struct value head;
        if (field.value) {
            buffer_append(out, field.value, field.size);
            continue;
        }
        if (field.guard >= guard_count || !guards[field.guard].bytes)
            return false;
        const uint8_t *at = value_read_trusted(guards[field.guard].bytes, &head);
        if (field.field >= head.length)
            return false;
        for (uint32_t k = 0; k < field.field; k++)
            at = value_skip_trusted(at);
        if (field.adds && !add_to(at, field.add, out))
            return false;
        if (!field.adds)
            buffer_append(out, at, (size_t)(value_skip_trusted(at) - at));
    }
    return true;
}

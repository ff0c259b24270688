/* SPDX-License-Identifier: MIT */
#include "client/bind.h"

#include <string.h>

#include "client/values.h"
#include "protocol/buffer.h"
#include "protocol/equal.h"
#include "protocol/value.h"

static ts_status bind_value(const ts_value *pattern, const uint8_t *p, struct arena *texts);

static bool has_formals(const ts_value *value)
{
    if (value->kind >= TS_KIND_TO_BOOL && value->kind <= TS_KIND_TO_RAW)
        return true;
    if (value->kind != TS_KIND_ARRAY && value->kind != TS_KIND_MAP && value->kind != TS_KIND_GROUP)
        return false;
    for (uint32_t i = 0; i < value->size; i++)
        if (has_formals(&value->as.items[i]))
            return true;
    return false;
}

/* Whether the int is between lo and hi, and it as the bits that a target of any width takes. */
static bool int_fits(const struct value *field, int64_t lo, uint64_t hi)
{
    if (field->type != VALUE_INT)
        return false;
    return field->negative ? field->i64 >= lo : field->u64 <= hi;
}

#define SET_INT(type, lo, hi)                                                                      \
    if (!int_fits(&field, lo, hi))                                                                 \
        return TS_INVALID;                                                                         \
    *(type *)target = (type)field.u64;                                                             \
    return TS_OK

static ts_status set_int(const ts_value *formal, struct value field)
{
    void *target = formal->as.target;

    switch (formal->kind) {
    case TS_KIND_TO_INT8:
        SET_INT(int8_t, INT8_MIN, INT8_MAX);
    case TS_KIND_TO_UINT8:
        SET_INT(uint8_t, 0, UINT8_MAX);
    case TS_KIND_TO_INT16:
        SET_INT(int16_t, INT16_MIN, INT16_MAX);
    case TS_KIND_TO_UINT16:
        SET_INT(uint16_t, 0, UINT16_MAX);
    case TS_KIND_TO_INT32:
        SET_INT(int32_t, INT32_MIN, INT32_MAX);
    case TS_KIND_TO_UINT32:
        SET_INT(uint32_t, 0, UINT32_MAX);
    case TS_KIND_TO_INT64:
        SET_INT(int64_t, INT64_MIN, INT64_MAX);
    default:
        SET_INT(uint64_t, 0, UINT64_MAX);
    }
}

static ts_status set_double(double *target, const struct value *field)
{
    if (field->type == VALUE_FLOAT)
        *target = field->real;
    else if (int_fits(field, -(INT64_C(1) << 53), UINT64_C(1) << 53))
        *target = field->negative ? (double)field->i64 : (double)field->u64;
    else
        return TS_INVALID;
    return TS_OK;
}

static ts_status set_text(const char **target, const struct value *field, struct arena *texts)
{
    if (field->type != VALUE_STR || memchr(field->bytes, '\0', field->length))
        return TS_INVALID;
    const char *text = arena_text(texts, field->bytes, field->length);
    if (!text)
        return TS_NO_MEMORY;
    *target = text;
    return TS_OK;
}

static ts_status set_bytes(ts_bytes *target, const struct value *field, enum value_type type)
{
    if (field->type != type)
        return TS_INVALID;
    *target = (ts_bytes){field->bytes, field->length};
    return TS_OK;
}

ts_status bind_field(const ts_value *formal, const uint8_t *p, struct arena *texts)
{
    struct value field;

    value_read_trusted(p, &field);
    switch (formal->kind) {
    case TS_KIND_TO_BOOL:
        if (field.type != VALUE_BOOL)
            return TS_INVALID;
        *(bool *)formal->as.target = field.boolean;
        return TS_OK;
    case TS_KIND_TO_DOUBLE:
        return set_double(formal->as.target, &field);
    case TS_KIND_TO_TEXT:
        return set_text(formal->as.target, &field, texts);
    case TS_KIND_TO_STR:
        return set_bytes(formal->as.target, &field, VALUE_STR);
    case TS_KIND_TO_BIN:
        return set_bytes(formal->as.target, &field, VALUE_BIN);
    case TS_KIND_TO_RAW:
        *(ts_bytes *)formal->as.target = (ts_bytes){p, (size_t)(value_skip_trusted(p) - p)};
        return TS_OK;
    default:
        return set_int(formal, field);
    }
}

/* The matchers of an array, or of a tuple, each with its element. */
static ts_status bind_list(const ts_value *items, size_t count, const uint8_t *p,
                           struct arena *texts)
{
    struct value array;
    const uint8_t *element = value_read_trusted(p, &array);

    if (array.type != VALUE_ARRAY)
        return TS_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind == TS_KIND_NOTHING && items[i].matcher == TSD_M_REST)
            break;
        if (i >= array.length)
            return TS_INVALID;
        ts_status status = bind_value(&items[i], element, texts);
        if (status != TS_OK)
            return status;
        element = value_skip_trusted(element);
    }
    return TS_OK;
}

/* Where the value of the key stands in the map at p; NULL where it has no such key. */
static const uint8_t *find_key(const uint8_t *p, const uint8_t *key)
{
    struct value map;
    const uint8_t *at = value_read_trusted(p, &map);

    if (map.type != VALUE_MAP)
        return NULL;
    for (uint32_t i = 0; i < map.length; i++) {
        const uint8_t *value = value_skip_trusted(at);
        if (value_equal(at, key))
            return value;
        at = value_skip_trusted(value);
    }
    return NULL;
}

static ts_status bind_pair(const ts_value *key, const ts_value *matcher, const uint8_t *map,
                           struct arena *texts)
{
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;
    const uint8_t *value = NULL;
    ts_status status = TS_INVALID;

    if (value_encode(key, 0, &encoded, &problem) == 0 && !encoded.failed)
        value = find_key(map, encoded.bytes);
    if (value)
        status = bind_value(matcher, value, texts);
    else if (encoded.failed)
        status = TS_NO_MEMORY;
    buffer_deinit(&encoded);
    return status;
}

static ts_status bind_map(const ts_value *map, const uint8_t *p, struct arena *texts)
{
    for (uint32_t i = 0; i + 1 < map->size; i += 2) {
        ts_status status = has_formals(&map->as.items[i + 1])
                               ? bind_pair(&map->as.items[i], &map->as.items[i + 1], p, texts)
                               : TS_OK;
        if (status != TS_OK)
            return status;
    }
    return TS_OK;
}

/* Every operand of an `and` looks at the same value. */
static ts_status bind_all(const ts_value *group, const uint8_t *p, struct arena *texts)
{
    for (uint32_t i = 0; i < group->size; i++) {
        ts_status status = bind_value(&group->as.items[i], p, texts);
        if (status != TS_OK)
            return status;
    }
    return TS_OK;
}

static ts_status bind_value(const ts_value *pattern, const uint8_t *p, struct arena *texts)
{
    if (!has_formals(pattern))
        return TS_OK;
    switch (pattern->kind) {
    case TS_KIND_ARRAY:
        return bind_list(pattern->as.items, pattern->size, p, texts);
    case TS_KIND_MAP:
        return bind_map(pattern, p, texts);
    case TS_KIND_GROUP:
        return bind_all(pattern, p, texts);
    default:
        return bind_field(pattern, p, texts);
    }
}

ts_status bind_tuple(const ts_values *pattern, const uint8_t *tuple, struct arena *texts)
{
    if (pattern->encoded.bytes)
        return TS_OK;
    return bind_list(pattern->items, pattern->count, tuple, texts);
}

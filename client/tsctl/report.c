/* SPDX-License-Identifier: MIT */
#include "tsctl/report.h"

#include <stddef.h>
#include <string.h>

#include "protocol/numbers.h"
#include "protocol/value.h"

const uint8_t *report_find(const uint8_t *map, uint32_t key)
{
    struct value head, name;
    const uint8_t *at = map != NULL ? value_read_trusted(map, &head) : NULL;
    if (at == NULL || head.type != VALUE_MAP)
        return NULL;
    for (uint32_t i = 0; i < head.length; i++) {
        value_read_trusted(at, &name);
        at = value_skip_trusted(at);
        if (name.type == VALUE_INT && !name.negative && name.u64 == key)
            return at;
        at = value_skip_trusted(at);
    }
    return NULL;
}

uint64_t report_uint(const uint8_t *map, uint32_t key)
{
    const uint8_t *at = report_find(map, key);
    struct value value;
    if (at == NULL)
        return 0;
    value_read_trusted(at, &value);
    return value.type == VALUE_INT && !value.negative ? value.u64 : 0;
}

bool report_bool(const uint8_t *map, uint32_t key)
{
    const uint8_t *at = report_find(map, key);
    struct value value;
    if (at == NULL)
        return false;
    value_read_trusted(at, &value);
    return value.type == VALUE_BOOL && value.boolean;
}

struct report_list report_list(const uint8_t *array)
{
    struct value head;
    const uint8_t *first = array != NULL ? value_read_trusted(array, &head) : NULL;
    if (first == NULL || head.type != VALUE_ARRAY)
        return (struct report_list){NULL, 0};
    return (struct report_list){first, head.length};
}

const uint8_t *report_next(struct report_list *list)
{
    if (list->count == 0)
        return NULL;
    const uint8_t *element = list->at;
    if (--list->count > 0)
        list->at = value_skip_trusted(element);
    return element;
}

uint64_t report_next_uint(struct report_list *list)
{
    const uint8_t *at = report_next(list);
    struct value value = {.type = VALUE_NIL};
    if (at != NULL)
        value_read_trusted(at, &value);
    return value.type == VALUE_INT && !value.negative ? value.u64 : 0;
}

/* ---- For programs ---- */

#define NAME_OF(number, NAME, name, ...) [number] = name,
static const char *const kinds[TSD_KIND_END] = {TSD_INDEX_KINDS(NAME_OF)};
static const char *const index_names[TSD_INDEX_END] = {TSD_INDEXES(NAME_OF)};
static const char *const shape_names[TSD_SHAPE_END] = {TSD_SHAPES(NAME_OF)};
#undef NAME_OF

const char *report_kind(const uint8_t *index)
{
    const uint64_t kind = report_uint(index, TSD_INDEX_KIND);
    return kind < TSD_KIND_END ? kinds[kind] : "other";
}

/* How a value is told. */
enum telling { AS_IT_IS, AS_KIND, AS_FIELD, AS_FIELDS };

static const enum telling index_telling[TSD_INDEX_END] = {
    [TSD_INDEX_KIND] = AS_KIND, [TSD_INDEX_LITERALS] = AS_FIELDS, [TSD_INDEX_ORDERED] = AS_FIELD};
static const enum telling shape_telling[TSD_SHAPE_END] = {
    [TSD_SHAPE_FIXED] = AS_FIELDS, [TSD_SHAPE_BOUNDED] = AS_FIELD};

static void tell(struct buffer *out, const uint8_t *map, uint32_t key, enum telling telling)
{
    const uint8_t *value = report_find(map, key);
    msgpack_packer packer = buffer_packer(out);
    struct report_list list = report_list(value);
    switch (telling) {
    case AS_IT_IS:
        buffer_append(out, value, (size_t)(value_skip_trusted(value) - value));
        break;
    case AS_KIND:
        buffer_pack_str(out, report_kind(map), strlen(report_kind(map)));
        break;
    case AS_FIELD:
        msgpack_pack_uint64(&packer, report_uint(map, key) + 1);
        break;
    case AS_FIELDS:
        msgpack_pack_array(&packer, list.count);
        while (list.count > 0)
            msgpack_pack_uint64(&packer, report_next_uint(&list) + 1);
        break;
    }
}

static void tell_map(struct buffer *out, const uint8_t *map, const char *const *names, uint32_t end,
                     const enum telling *telling)
{
    msgpack_packer packer = buffer_packer(out);
    uint32_t count = 0;
    for (uint32_t key = 1; key < end; key++)
        count += report_find(map, key) != NULL;
    msgpack_pack_map(&packer, count);
    for (uint32_t key = 1; key < end; key++) {
        if (report_find(map, key) == NULL)
            continue;
        buffer_pack_str(out, names[key], strlen(names[key]));
        tell(out, map, key, telling[key]);
    }
}

static void tell_all(struct buffer *out, const uint8_t *array, const char *const *names,
                     uint32_t end, const enum telling *telling)
{
    msgpack_packer packer = buffer_packer(out);
    struct report_list list = report_list(array);
    const uint8_t *map;
    msgpack_pack_array(&packer, list.count);
    while ((map = report_next(&list)) != NULL)
        tell_map(out, map, names, end, telling);
}

void report_indexes(struct buffer *out, const uint8_t *array)
{
    tell_all(out, array, index_names, TSD_INDEX_END, index_telling);
}

void report_shapes(struct buffer *out, const uint8_t *array)
{
    tell_all(out, array, shape_names, TSD_SHAPE_END, shape_telling);
}

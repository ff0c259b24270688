/* SPDX-License-Identifier: MIT */
/*
 * What msgpack-c unpacks, beside what the reader says of the same bytes, and rule V2 as it is said.
 *
 * msgpack-c allocates what an array or map promises: it is to be given only what cannot promise
 * much. It knows 32 levels, the outermost value included, and is not to be asked about more.
 */
#ifndef TSD_TESTS_PLAIN_VALUES_H
#define TSD_TESTS_PLAIN_VALUES_H

#include "protocol/value.h"
#include "random_values.h"

enum { PLAIN_PROMISED = 20000, PLAIN_LEVELS = 32 };

/* Everything that any byte, if it were a head, would promise. */
static inline bool promises_little(const uint8_t *bytes, size_t size)
{
    uint64_t promised = 0;

    for (size_t i = 0; i < size; i++) {
        size_t width = bytes[i] == 0xdc || bytes[i] == 0xde   ? 2
                       : bytes[i] == 0xdd || bytes[i] == 0xdf ? 4
                                                              : 0;
        uint64_t count = 0;
        for (size_t j = i + 1; j <= i + width; j++)
            count = count << 8 | (j < size ? bytes[j] : 0xff);
        promised += width > 0 ? count : 0;
    }
    return promised <= PLAIN_PROMISED;
}

/* Levels of arrays and maps below and at a head that value_skip passes. */
static inline unsigned levels_of(const uint8_t **p)
{
    struct value value;
    *p = value_read_trusted(*p, &value);
    uint64_t inside = value.type == VALUE_ARRAY ? value.length
                      : value.type == VALUE_MAP ? 2 * (uint64_t)value.length
                                                : 0;
    unsigned levels = 0;
    for (uint64_t i = 0; i < inside; i++) {
        unsigned below = levels_of(p);
        levels = below > levels ? below : levels;
    }
    return levels + (value.type == VALUE_ARRAY || value.type == VALUE_MAP);
}

static inline bool same_run(enum value_type type, const struct value *ours, const char *bytes,
                            uint32_t size)
{
    return ours->type == type && ours->length == size && same_bytes(ours->bytes, bytes, size);
}

static inline bool plain_same(const msgpack_object *theirs, const uint8_t **p);

static inline bool same_pairs(const msgpack_object_map *theirs, const uint8_t **p)
{
    for (uint32_t i = 0; i < theirs->size; i++)
        if (!plain_same(&theirs->ptr[i].key, p) || !plain_same(&theirs->ptr[i].val, p))
            return false;
    return true;
}

static inline bool same_elements(const msgpack_object_array *theirs, const uint8_t **p)
{
    for (uint32_t i = 0; i < theirs->size; i++)
        if (!plain_same(&theirs->ptr[i], p))
            return false;
    return true;
}

/* Whether what they unpacked is what stands at *p, which moves to its end. */
static inline bool plain_same(const msgpack_object *theirs, const uint8_t **p)
{
    struct value ours;
    *p = value_read_trusted(*p, &ours);
    switch (theirs->type) {
    case MSGPACK_OBJECT_NIL:
        return ours.type == VALUE_NIL;
    case MSGPACK_OBJECT_BOOLEAN:
        return ours.type == VALUE_BOOL && ours.boolean == theirs->via.boolean;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return ours.type == VALUE_INT && !ours.negative && ours.u64 == theirs->via.u64;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return ours.type == VALUE_INT && ours.negative && ours.i64 == theirs->via.i64;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return ours.type == VALUE_FLOAT &&
               (ours.real == theirs->via.f64 || (isnan(ours.real) && isnan(theirs->via.f64)));
    case MSGPACK_OBJECT_STR:
        return same_run(VALUE_STR, &ours, theirs->via.str.ptr, theirs->via.str.size);
    case MSGPACK_OBJECT_BIN:
        return same_run(VALUE_BIN, &ours, theirs->via.bin.ptr, theirs->via.bin.size);
    case MSGPACK_OBJECT_EXT:
        return same_run(VALUE_EXT, &ours, theirs->via.ext.ptr, theirs->via.ext.size) &&
               ours.ext_type == theirs->via.ext.type;
    case MSGPACK_OBJECT_ARRAY:
        return ours.type == VALUE_ARRAY && ours.length == theirs->via.array.size &&
               same_elements(&theirs->via.array, p);
    case MSGPACK_OBJECT_MAP:
        return ours.type == VALUE_MAP && ours.length == theirs->via.map.size &&
               same_pairs(&theirs->via.map, p);
    }
    return false;
}

/* Decodes, checks the range, and whether it was the shortest form: another way than utf8.c's. */
static inline bool plain_utf8(const char *text, uint32_t size)
{
    for (uint32_t i = 0; i < size;) {
        uint8_t lead = (uint8_t)text[i++];
        unsigned more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : 3;
        uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
        if (lead >= 0x80 && (lead < 0xc0 || lead >= 0xf8))
            return false;
        if (more > size - i)
            return false;
        for (unsigned j = 0; j < more; j++, i++) {
            if (((uint8_t)text[i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | ((uint8_t)text[i] & 0x3f);
        }
        uint32_t least = more == 0 ? 0 : more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

static inline bool plain_valid(const msgpack_object *object);

static inline bool plain_valid_map(const msgpack_object_map *map)
{
    for (uint32_t i = 0; i < map->size; i++) {
        if (!plain_valid(&map->ptr[i].key) || !plain_valid(&map->ptr[i].val))
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (plain_equal(&map->ptr[i].key, &map->ptr[j].key))
                return false;
    }
    return true;
}

/* Rule V2 as it is said, but for the limits. */
static inline bool plain_valid(const msgpack_object *object)
{
    if (object->type == MSGPACK_OBJECT_STR)
        return plain_utf8(object->via.str.ptr, object->via.str.size);
    if (object->type == MSGPACK_OBJECT_ARRAY) {
        for (uint32_t i = 0; i < object->via.array.size; i++)
            if (!plain_valid(&object->via.array.ptr[i]))
                return false;
    }
    return object->type != MSGPACK_OBJECT_MAP || plain_valid_map(&object->via.map);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Matching once more, as plainly as the rules say it, on msgpack-c's decoded objects: numbers are
 * long doubles, maps are looked through, expressions are POSIX's. Shares nothing with daemon/space.
 */
#ifndef TSD_TESTS_NAIVE_MATCH_H
#define TSD_TESTS_NAIVE_MATCH_H

#include <assert.h>
#include <float.h>
#include <msgpack.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/numbers.h"

_Static_assert(LDBL_MANT_DIG >= 64, "a long double holds every int and every double");

enum { NAIVE_EXPRESSIONS = 4 };

struct naive {
    const msgpack_object
        *expressions[NAIVE_EXPRESSIONS]; /* REGEX matchers, in the pattern's order */
    unsigned count;
    int assumed; /* their answers on strs, a bit each; -1: what they really are */
};

static inline bool naive_is_number(const msgpack_object *o)
{
    return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
           o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER || o->type == MSGPACK_OBJECT_FLOAT32 ||
           o->type == MSGPACK_OBJECT_FLOAT64;
}

static inline long double naive_number(const msgpack_object *o)
{
    if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
        return (long double)o->via.u64;
    if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
        return (long double)o->via.i64;
    return (long double)o->via.f64;
}

static inline bool naive_equal(const msgpack_object *a, const msgpack_object *b);

/* msgpack-c's pointers to no bytes may be NULL, which memcmp does not take. */
static inline bool naive_same(const char *a, const char *b, uint32_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

static inline const msgpack_object *naive_find(const msgpack_object *map, const msgpack_object *key)
{
    for (uint32_t i = 0; i < map->via.map.size; i++)
        if (naive_equal(&map->via.map.ptr[i].key, key))
            return &map->via.map.ptr[i].val;
    return NULL;
}

static inline bool naive_equal_inner(const msgpack_object *a, const msgpack_object *b)
{
    if (a->type == MSGPACK_OBJECT_ARRAY) {
        for (uint32_t i = 0; i < a->via.array.size && i < b->via.array.size; i++)
            if (!naive_equal(&a->via.array.ptr[i], &b->via.array.ptr[i]))
                return false;
        return a->via.array.size == b->via.array.size;
    }
    for (uint32_t i = 0; i < a->via.map.size; i++) {
        const msgpack_object *other = naive_find(b, &a->via.map.ptr[i].key);
        if (!other || !naive_equal(&a->via.map.ptr[i].val, other))
            return false;
    }
    return a->via.map.size == b->via.map.size;
}

static inline bool naive_equal(const msgpack_object *a, const msgpack_object *b)
{
    if (naive_is_number(a) && naive_is_number(b))
        return naive_number(a) == naive_number(b);
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case MSGPACK_OBJECT_NIL:
        return true;
    case MSGPACK_OBJECT_BOOLEAN:
        return a->via.boolean == b->via.boolean;
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_BIN:
        return a->via.str.size == b->via.str.size &&
               naive_same(a->via.str.ptr, b->via.str.ptr, a->via.str.size);
    case MSGPACK_OBJECT_EXT:
        return a->via.ext.type == b->via.ext.type && a->via.ext.size == b->via.ext.size &&
               naive_same(a->via.ext.ptr, b->via.ext.ptr, a->via.ext.size);
    default:
        return naive_equal_inner(a, b);
    }
}

static inline bool naive_is_run(const msgpack_object *o)
{
    return o->type == MSGPACK_OBJECT_STR || o->type == MSGPACK_OBJECT_BIN;
}

static inline bool naive_less(const msgpack_object *a, const msgpack_object *b)
{
    uint32_t i = 0;

    if (naive_is_number(a) && naive_is_number(b))
        return naive_number(a) < naive_number(b);
    if (a->type != b->type || !naive_is_run(a))
        return false;
    for (; i < a->via.str.size && i < b->via.str.size; i++)
        if (a->via.str.ptr[i] != b->via.str.ptr[i])
            return (unsigned char)a->via.str.ptr[i] < (unsigned char)b->via.str.ptr[i];
    return a->via.str.size < b->via.str.size;
}

static inline bool naive_less_or_equal(const msgpack_object *a, const msgpack_object *b)
{
    bool ordered = naive_is_number(a) || naive_is_run(a);

    return ordered && (naive_less(a, b) || naive_equal(a, b));
}

static inline bool naive_contains(unsigned op, const msgpack_object *part, const msgpack_object *v)
{
    if (v->type != part->type || part->via.str.size > v->via.str.size)
        return false;
    if (part->via.str.size == 0) /* msgpack-c may have no bytes of it */
        return true;
    for (uint32_t i = 0; i + part->via.str.size <= v->via.str.size; i++)
        if (naive_same(v->via.str.ptr + i, part->via.str.ptr, part->via.str.size) &&
            (op != TSD_M_PREFIX || i == 0) &&
            (op != TSD_M_SUFFIX || i + part->via.str.size == v->via.str.size))
            return true;
    return false;
}

static inline bool naive_find_expression(const msgpack_object *m, const msgpack_object *v)
{
    const msgpack_object *text = &m->via.array.ptr[1], *flags = &m->via.array.ptr[2];
    int cflags = REG_EXTENDED | REG_NOSUB | (flags->via.str.size ? REG_ICASE : 0);
    char expression[64], subject[64];
    regex_t regex;
    bool found;
    int code;

    (void)snprintf(expression, sizeof(expression), "%.*s", (int)text->via.str.size,
                   text->via.str.ptr);
    (void)snprintf(subject, sizeof(subject), "%.*s", (int)v->via.str.size, v->via.str.ptr);
    code = regcomp(&regex, expression, cflags);
    assert(code == 0);
    found = code == 0 && regexec(&regex, subject, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static inline bool naive_regex(const struct naive *naive, const msgpack_object *m,
                               const msgpack_object *v)
{
    unsigned i = 0;

    if (v->type != MSGPACK_OBJECT_STR)
        return false;
    if (naive->assumed < 0)
        return naive_find_expression(m, v);
    while (naive->expressions[i] != m)
        i++;
    return naive->assumed >> i & 1;
}

static inline bool naive_type(unsigned op, const msgpack_object *v)
{
    bool is_int =
        v->type == MSGPACK_OBJECT_POSITIVE_INTEGER || v->type == MSGPACK_OBJECT_NEGATIVE_INTEGER;

    switch (op) {
    case TSD_M_NIL:
        return v->type == MSGPACK_OBJECT_NIL;
    case TSD_M_BOOL:
        return v->type == MSGPACK_OBJECT_BOOLEAN;
    case TSD_M_INT:
        return is_int;
    case TSD_M_FLOAT:
        return naive_is_number(v) && !is_int;
    case TSD_M_NUM:
        return naive_is_number(v);
    case TSD_M_STR:
        return v->type == MSGPACK_OBJECT_STR;
    case TSD_M_BIN:
        return v->type == MSGPACK_OBJECT_BIN;
    case TSD_M_ARRAY:
        return v->type == MSGPACK_OBJECT_ARRAY;
    case TSD_M_MAP:
        return v->type == MSGPACK_OBJECT_MAP;
    default:
        return v->type == MSGPACK_OBJECT_EXT;
    }
}

static inline bool naive_match(const struct naive *naive, const msgpack_object *m,
                               const msgpack_object *v);

static inline bool naive_is_rest(const msgpack_object *m)
{
    return m->type == MSGPACK_OBJECT_ARRAY && m->via.array.ptr[0].via.u64 == TSD_M_REST;
}

/* Matchers m[0..count) against the values; also the top level. */
static inline bool naive_run(const struct naive *naive, const msgpack_object *m, uint32_t count,
                             const msgpack_object *values, uint32_t value_count)
{
    bool rest = count > 0 && naive_is_rest(&m[count - 1]);

    count -= rest;
    if (rest ? value_count < count : value_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!naive_match(naive, &m[i], &values[i]))
            return false;
    return true;
}

static inline bool naive_pairs(const struct naive *naive, const msgpack_object *m,
                               const msgpack_object *v)
{
    uint32_t operands = m->via.array.size - 1, count = operands / 2;

    if (v->type != MSGPACK_OBJECT_MAP || (operands % 2 == 0 && v->via.map.size != count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const msgpack_object *value = naive_find(v, &m->via.array.ptr[1 + 2 * i]);
        if (!value || !naive_match(naive, &m->via.array.ptr[2 + 2 * i], value))
            return false;
    }
    return true;
}

static inline bool naive_length(const struct naive *naive, const msgpack_object *m,
                                const msgpack_object *v)
{
    msgpack_object length = {.type = MSGPACK_OBJECT_POSITIVE_INTEGER};

    if (naive_is_run(v))
        length.via.u64 = v->via.str.size;
    else if (v->type == MSGPACK_OBJECT_ARRAY)
        length.via.u64 = v->via.array.size;
    else if (v->type == MSGPACK_OBJECT_MAP)
        length.via.u64 = v->via.map.size;
    else
        return false;
    return naive_match(naive, &m->via.array.ptr[1], &length);
}

/* Whether the matcher m, as on the wire, matches the value. */
static inline bool naive_match(const struct naive *naive, const msgpack_object *m,
                               const msgpack_object *v)
{
    unsigned op = (unsigned)m->via.array.ptr[0].via.u64;
    const msgpack_object *a = &m->via.array.ptr[1];
    uint32_t operands = m->via.array.size - 1;

    switch (op) {
    case TSD_M_ANY:
        return true;
    case TSD_M_EQ:
        return naive_equal(a, v);
    case TSD_M_NE:
        return !naive_equal(a, v);
    case TSD_M_LT:
        return naive_less(v, a);
    case TSD_M_LE:
        return naive_less_or_equal(v, a);
    case TSD_M_GT:
        return naive_less(a, v);
    case TSD_M_GE:
        return naive_less_or_equal(a, v);
    case TSD_M_RANGE:
        return naive_less_or_equal(a, v) && naive_less_or_equal(v, a + 1);
    case TSD_M_PREFIX:
    case TSD_M_SUFFIX:
    case TSD_M_INFIX:
        return naive_contains(op, a, v);
    case TSD_M_REGEX:
        return naive_regex(naive, m, v);
    case TSD_M_LENGTH:
        return naive_length(naive, m, v);
    case TSD_M_ELEMENTS:
        return v->type == MSGPACK_OBJECT_ARRAY &&
               naive_run(naive, a, operands, v->via.array.ptr, v->via.array.size);
    case TSD_M_PAIRS:
        return naive_pairs(naive, m, v);
    case TSD_M_OR:
    case TSD_M_AND:
        for (uint32_t i = 0; i < operands; i++)
            if (naive_match(naive, a + i, v) == (op == TSD_M_OR))
                return op == TSD_M_OR;
        return op == TSD_M_AND;
    case TSD_M_NOT:
        return !naive_match(naive, a, v);
    default:
        return naive_type(op, v);
    }
}

/* Whether the answer hangs on an expression: whether other results of theirs would change it. */
static inline bool naive_hangs(struct naive *naive, const msgpack_object *pattern,
                               const msgpack_object *tuple)
{
    bool answers[2] = {false, false};

    for (naive->assumed = 0; naive->assumed < 1 << naive->count; naive->assumed++)
        answers[naive_run(naive, pattern->via.array.ptr, pattern->via.array.size,
                          tuple->via.array.ptr, tuple->via.array.size)] = true;
    naive->assumed = -1;
    return answers[0] && answers[1];
}

#endif

/* SPDX-License-Identifier: MIT */
#include "history/match.h"

#include <math.h>
#include <string.h>

#include "protocol/value.h"

/*
 * Every int and every double is exactly a long double, here and on other machines of 64 bits (64
 * or 113 bits of mantissa): so numbers are compared in it, naively.
 */
static long double number_of(const struct value *value)
{
    if (value->type == VALUE_FLOAT)
        return (long double)value->real;
    return value->negative ? (long double)value->i64 : (long double)value->u64;
}

static bool is_number(const struct value *value)
{
    return value->type == VALUE_INT || value->type == VALUE_FLOAT;
}

static bool same_bytes(const struct value *a, const struct value *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The value of the key that equals this one, in a map of which the first pair stands at p. */
static const uint8_t *value_of_key(const uint8_t *p, uint32_t pairs, const uint8_t *key)
{
    for (uint32_t i = 0; i < pairs; i++) {
        const uint8_t *value = value_skip_trusted(p);
        if (values_same(p, key))
            return value;
        p = value_skip_trusted(value);
    }
    return NULL;
}

static bool same_elements(const uint8_t *a, const uint8_t *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!values_same(a, b))
            return false;
        a = value_skip_trusted(a);
        b = value_skip_trusted(b);
    }
    return true;
}

static bool same_pairs(const uint8_t *a, const uint8_t *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *value = value_skip_trusted(a);
        const uint8_t *other = value_of_key(b, count, a);
        if (!other || !values_same(value, other))
            return false;
        a = value_skip_trusted(value);
    }
    return true;
}

bool values_same(const uint8_t *a, const uint8_t *b)
{
    struct value x, y;
    a = value_read_trusted(a, &x);
    b = value_read_trusted(b, &y);
    if (is_number(&x) && is_number(&y))
        return number_of(&x) == number_of(&y);
    if (x.type != y.type)
        return false;
    switch (x.type) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return x.boolean == y.boolean;
    case VALUE_EXT:
        return x.ext_type == y.ext_type && same_bytes(&x, &y);
    case VALUE_ARRAY:
        return x.length == y.length && same_elements(a, b, x.length);
    case VALUE_MAP:
        return x.length == y.length && same_pairs(a, b, x.length);
    default:
        return same_bytes(&x, &y);
    }
}

/* Less than 0, 0, greater; 2 where there is no order (rule V5). */
static int compare(const struct value *a, const struct value *b)
{
    if (is_number(a) && is_number(b)) {
        const long double x = number_of(a), y = number_of(b);
        return isnan((double)x) || isnan((double)y) ? 2 : (x > y) - (x < y);
    }
    if (a->type != b->type || (a->type != VALUE_STR && a->type != VALUE_BIN))
        return 2;
    const uint32_t shorter = a->length < b->length ? a->length : b->length;
    const int bytes = memcmp(a->bytes, b->bytes, shorter);
    if (bytes != 0)
        return bytes < 0 ? -1 : 1;
    return (a->length > b->length) - (a->length < b->length);
}

static bool in_order(enum tsd_matcher op, const struct value *value, const uint8_t *operand)
{
    struct value low, high;
    operand = value_read_trusted(operand, &low);
    const int order = compare(value, &low);
    switch ((int)op) {
    case TSD_M_LT:
        return order == -1;
    case TSD_M_LE:
        return order == -1 || order == 0;
    case TSD_M_GT:
        return order == 1;
    case TSD_M_GE:
        return order == 1 || order == 0;
    default:
        value_read_trusted(operand, &high);
        return (order == 0 || order == 1) && compare(value, &high) < 1;
    }
}

static bool has_part(enum tsd_matcher op, const struct value *value, const uint8_t *operand)
{
    struct value part;
    value_read_trusted(operand, &part);
    if (value->type != part.type || value->length < part.length)
        return false;
    const uint32_t rest = value->length - part.length;
    if (op == TSD_M_PREFIX)
        return memcmp(value->bytes, part.bytes, part.length) == 0;
    if (op == TSD_M_SUFFIX)
        return memcmp(value->bytes + rest, part.bytes, part.length) == 0;
    for (uint32_t i = 0; i <= rest; i++)
        if (memcmp(value->bytes + i, part.bytes, part.length) == 0)
            return true;
    return false;
}

static bool of_type(enum tsd_matcher op, enum value_type type)
{
    static const enum value_type types[] = {
        [TSD_M_NIL] = VALUE_NIL,     [TSD_M_BOOL] = VALUE_BOOL, [TSD_M_INT] = VALUE_INT,
        [TSD_M_FLOAT] = VALUE_FLOAT, [TSD_M_STR] = VALUE_STR,   [TSD_M_BIN] = VALUE_BIN,
        [TSD_M_ARRAY] = VALUE_ARRAY, [TSD_M_MAP] = VALUE_MAP,   [TSD_M_EXT] = VALUE_EXT,
    };
    if (op == TSD_M_NUM)
        return type == VALUE_INT || type == VALUE_FLOAT;
    return types[op] == type;
}

static bool matches(const uint8_t *matcher, const uint8_t *at);

/* The number of the matcher at p; *count is its operands, *operand where the first stands. */
static enum tsd_matcher matcher_read(const uint8_t *p, uint32_t *count, const uint8_t **operand)
{
    struct value head, number;
    p = value_read_trusted(p, &head);
    *operand = value_read_trusted(p, &number);
    *count = head.length - 1;
    return (enum tsd_matcher)number.u64;
}

static bool is_rest(const uint8_t *matcher)
{
    const uint8_t *operand;
    uint32_t count;
    return matcher_read(matcher, &count, &operand) == TSD_M_REST;
}

/* `count` matchers, the last of which may be a rest, against the values one after the other. */
static bool row_matches(const uint8_t *matcher, uint32_t count, const uint8_t *at, uint32_t values)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_rest(matcher))
            return true;
        if (i >= values || !matches(matcher, at))
            return false;
        matcher = value_skip_trusted(matcher);
        at = value_skip_trusted(at);
    }
    return count == values;
}

/* Pairs of a key, as it is, and a matcher; last maybe a rest. */
static bool pairs_match(const uint8_t *p, uint32_t count, const uint8_t *at, uint32_t pairs)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < count; i += 2, keys++) {
        if (i + 1 == count)
            return is_rest(p);
        const uint8_t *matcher = value_skip_trusted(p);
        const uint8_t *value = value_of_key(at, pairs, p);
        if (!value || !matches(matcher, value))
            return false;
        p = value_skip_trusted(matcher);
    }
    return keys == pairs;
}

static bool any_or_all(enum tsd_matcher op, const uint8_t *p, uint32_t count, const uint8_t *at)
{
    for (uint32_t i = 0; i < count; i++, p = value_skip_trusted(p))
        if (matches(p, at) == (op == TSD_M_OR))
            return op == TSD_M_OR;
    return op == TSD_M_AND;
}

/* The operand is a number, or a matcher of numbers: tried on the length as an int. */
static bool length_matches(const struct value *value, const uint8_t *operand)
{
    uint8_t length[5] = {0xce, (uint8_t)(value->length >> 24), (uint8_t)(value->length >> 16),
                         (uint8_t)(value->length >> 8), (uint8_t)value->length};
    struct value head;
    if (value->type != VALUE_STR && value->type != VALUE_BIN && value->type != VALUE_ARRAY &&
        value->type != VALUE_MAP)
        return false;
    value_read_trusted(operand, &head);
    return head.type == VALUE_INT ? values_same(length, operand) : matches(operand, length);
}

static bool matches(const uint8_t *matcher, const uint8_t *at)
{
    struct value value;
    const uint8_t *operand;
    uint32_t count;
    const enum tsd_matcher op = matcher_read(matcher, &count, &operand);
    const uint8_t *inside = value_read_trusted(at, &value);
    switch (op) {
    case TSD_M_EQ:
        return values_same(operand, at);
    case TSD_M_NE:
        return !values_same(operand, at);
    case TSD_M_ANY:
    case TSD_M_REST:
        return true;
    case TSD_M_LT:
    case TSD_M_LE:
    case TSD_M_GT:
    case TSD_M_GE:
    case TSD_M_RANGE:
        return in_order(op, &value, operand);
    case TSD_M_PREFIX:
    case TSD_M_SUFFIX:
    case TSD_M_INFIX:
        return has_part(op, &value, operand);
    case TSD_M_LENGTH:
        return length_matches(&value, operand);
    case TSD_M_ELEMENTS:
        return value.type == VALUE_ARRAY && row_matches(operand, count, inside, value.length);
    case TSD_M_PAIRS:
        return value.type == VALUE_MAP && pairs_match(operand, count, inside, value.length);
    case TSD_M_OR:
    case TSD_M_AND:
        return any_or_all(op, operand, count, at);
    case TSD_M_NOT:
        return !matches(operand, at);
    case TSD_M_REGEX:
    case TSD_M_END:
        return false;
    default:
        return of_type(op, value.type);
    }
}

bool pattern_matches(struct span pattern, struct span tuple)
{
    struct value matchers, fields;
    const uint8_t *p = value_read_trusted(pattern.bytes, &matchers);
    const uint8_t *at = value_read_trusted(tuple.bytes, &fields);
    return row_matches(p, matchers.length, at, fields.length);
}

static bool unknown(const uint8_t *matcher)
{
    const uint8_t *p;
    uint32_t count;
    const enum tsd_matcher op = matcher_read(matcher, &count, &p);
    if (op == TSD_M_REGEX)
        return true;
    if (op == TSD_M_ELEMENTS || op == TSD_M_OR || op == TSD_M_AND || op == TSD_M_NOT) {
        for (uint32_t i = 0; i < count; i++, p = value_skip_trusted(p))
            if (unknown(p))
                return true;
    }
    for (uint32_t i = 0; op == TSD_M_PAIRS && i + 1 < count; i += 2) {
        p = value_skip_trusted(p);
        if (unknown(p))
            return true;
        p = value_skip_trusted(p);
    }
    return false;
}

bool pattern_unknown(struct span pattern)
{
    struct value head;
    const uint8_t *p = value_read_trusted(pattern.bytes, &head);
    for (uint32_t i = 0; i < head.length; i++, p = value_skip_trusted(p))
        if (unknown(p))
            return true;
    return false;
}

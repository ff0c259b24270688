/* SPDX-License-Identifier: MIT */
#include "protocol/scalar.h"

#include <string.h>

#define TWO63 9223372036854775808.0
#define TWO64 18446744073709551616.0

static inline enum order order_of(bool less, bool greater)
{
    return less ? ORDER_LESS : greater ? ORDER_GREATER : ORDER_EQUAL;
}

static enum order compare_ints(const struct value *a, const struct value *b)
{
    if (a->negative != b->negative)
        return a->negative ? ORDER_LESS : ORDER_GREATER;
    if (a->negative)
        return order_of(a->i64<b->i64, a->i64> b->i64);
    return order_of(a->u64<b->u64, a->u64> b->u64);
}

static enum order compare_reals(double a, double b)
{
    if (a != a || b != b)
        return ORDER_NONE;
    return order_of(a<b, a> b);
}

/*
 * Exact: the float is cut to a whole number, which is then within the bounds of the cast, and only
 * where that equals the int does the fraction decide (rules V3, V5).
 */
static enum order compare_int_real(const struct value *a, double b)
{
    if (b != b)
        return ORDER_NONE;
    if (b >= TWO64)
        return ORDER_LESS;
    if (b < -TWO63)
        return ORDER_GREATER;
    if (a->negative) {
        if (b >= 0)
            return ORDER_LESS;
        int64_t whole = (int64_t)b;
        if (a->i64 != whole)
            return a->i64 < whole ? ORDER_LESS : ORDER_GREATER;
        return order_of(false, (double)whole > b);
    }
    if (b < 0)
        return ORDER_GREATER;
    uint64_t whole = (uint64_t)b;
    if (a->u64 != whole)
        return a->u64 < whole ? ORDER_LESS : ORDER_GREATER;
    return order_of((double)whole < b, false);
}

static enum order compare_bytes(const struct value *a, const struct value *b)
{
    uint32_t common = a->length < b->length ? a->length : b->length;
    int difference = memcmp(a->bytes, b->bytes, common);
    if (difference != 0)
        return difference < 0 ? ORDER_LESS : ORDER_GREATER;
    return order_of(a->length<b->length, a->length> b->length);
}

enum order scalar_compare(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_INT && b->type == VALUE_FLOAT)
        return compare_int_real(a, b->real);
    if (a->type == VALUE_FLOAT && b->type == VALUE_INT) {
        enum order order = compare_int_real(b, a->real);
        return order == ORDER_LESS ? ORDER_GREATER : order == ORDER_GREATER ? ORDER_LESS : order;
    }
    if (a->type != b->type)
        return ORDER_NONE;
    switch (a->type) {
    case VALUE_INT:
        return compare_ints(a, b);
    case VALUE_FLOAT:
        return compare_reals(a->real, b->real);
    case VALUE_STR:
    case VALUE_BIN:
        return compare_bytes(a, b);
    default:
        return ORDER_NONE;
    }
}

static bool equal_bytes(const struct value *a, const struct value *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

bool scalar_equal_other(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return (a->type == VALUE_INT && b->type == VALUE_FLOAT &&
                compare_int_real(a, b->real) == ORDER_EQUAL) ||
               (a->type == VALUE_FLOAT && b->type == VALUE_INT &&
                compare_int_real(b, a->real) == ORDER_EQUAL);
    switch (a->type) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_FLOAT:
        return a->real == b->real;
    case VALUE_BIN:
        return equal_bytes(a, b);
    case VALUE_EXT:
        return a->ext_type == b->ext_type && equal_bytes(a, b);
    case VALUE_INT: /* these two are scalar_equal's */
    case VALUE_STR:
    case VALUE_ARRAY:
    case VALUE_MAP:
        break;
    }
    return false;
}

static void hash_int(struct siphash *s, bool negative, uint64_t bits)
{
    siphash_word(s, scalar_tag(VALUE_INT, negative));
    siphash_word(s, bits);
}

/* The bounds come before the casts. */
void scalar_make_int(struct value *value)
{
    const double real = value->real;

    if (real >= 0 && real < TWO64) {
        uint64_t whole = (uint64_t)real;
        if ((double)whole == real)
            *value = (struct value){.type = VALUE_INT, .u64 = whole};
    } else if (real < 0 && real >= -TWO63) {
        int64_t whole = (int64_t)real;
        if ((double)whole == real)
            *value = (struct value){.type = VALUE_INT, .negative = true, .i64 = whole};
    }
}

static void hash_real(struct siphash *s, const struct value *value)
{
    struct value same = *value;
    uint64_t bits;

    scalar_make_int(&same);
    if (same.type == VALUE_INT) {
        hash_int(s, same.negative, same.u64);
        return;
    }
    memcpy(&bits, &value->real, sizeof bits);
    siphash_word(s, scalar_tag(VALUE_FLOAT, 0));
    siphash_word(s, bits);
}

static void hash_run(struct siphash *s, uint64_t tag, const struct value *value)
{
    siphash_word(s, tag);
    const uint8_t *rest = siphash_words(s, value->bytes, value->length);
    if (value->length % 8)
        siphash_word(s, siphash_tail(rest, value->length % 8));
}

void scalar_hash(struct siphash *s, const struct value *value)
{
    switch (value->type) {
    case VALUE_NIL:
        siphash_word(s, scalar_tag(VALUE_NIL, 0));
        break;
    case VALUE_BOOL:
        siphash_word(s, scalar_tag(VALUE_BOOL, value->boolean));
        break;
    case VALUE_INT:
        hash_int(s, value->negative, value->u64);
        break;
    case VALUE_FLOAT:
        hash_real(s, value);
        break;
    case VALUE_STR:
    case VALUE_BIN:
        hash_run(s, scalar_tag(value->type, value->length), value);
        break;
    case VALUE_EXT:
        hash_run(s, scalar_tag(VALUE_EXT, value->length) | (uint64_t)(uint8_t)value->ext_type << 40,
                 value);
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
        break;
    }
}

/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "space/match_leaf.h"

#include <assert.h>

static bool is_num(const uint8_t *p)
{
    enum value_type type = value_type_of(p);

    return type == VALUE_INT || type == VALUE_FLOAT;
}

/* `order` is how the value compares to the operand; what is unordered matches nothing (rule V5). */
static bool order_matches(unsigned op, enum order order)
{
    switch (op) {
    case TSD_M_EQ:
        return order == ORDER_EQUAL;
    case TSD_M_LT:
        return order == ORDER_LESS;
    case TSD_M_LE:
        return order == ORDER_LESS || order == ORDER_EQUAL;
    case TSD_M_GT:
        return order == ORDER_GREATER;
    default:
        assert(op == TSD_M_GE);
        return order == ORDER_GREATER || order == ORDER_EQUAL;
    }
}

static bool in_range(const uint8_t *bytes, const struct matcher *node, const uint8_t *p)
{
    return order_matches(TSD_M_GE, value_compare(p, bytes + node->a)) &&
           order_matches(TSD_M_LE, value_compare(p, bytes + node->b));
}

/* A str operand looks in strs, a bin operand in bins (rule P3). */
static bool contains(unsigned op, const uint8_t *operand, const uint8_t *p)
{
    struct value part, whole;

    if (value_type_of(operand) != value_type_of(p))
        return false;
    value_read_trusted(operand, &part);
    value_read_trusted(p, &whole);
    if (part.length > whole.length)
        return false;
    if (op == TSD_M_PREFIX)
        return memcmp(whole.bytes, part.bytes, part.length) == 0;
    if (op == TSD_M_SUFFIX)
        return memcmp(whole.bytes + (whole.length - part.length), part.bytes, part.length) == 0;
    return memmem(whole.bytes, whole.length, part.bytes, part.length) != NULL;
}

/* Bytes of a str or bin, elements of an array, pairs of a map (rule P4). */
static bool length_matches(const uint8_t *bytes, const struct matcher *compared, const uint8_t *p)
{
    struct value value;
    uint8_t length[5];

    value_read_trusted(p, &value);
    if (value.type != VALUE_STR && value.type != VALUE_BIN && value.type != VALUE_ARRAY &&
        value.type != VALUE_MAP)
        return false;
    length[0] = 0xce; /* as a uint32 */
    for (int i = 0; i < 4; i++)
        length[1 + i] = (uint8_t)(value.length >> (24 - 8 * i));
    if (compared->op == TSD_M_RANGE)
        return in_range(bytes, compared, length);
    return order_matches(compared->op, value_compare(length, bytes + compared->a));
}

bool match_leaf_other(const uint8_t *bytes, const struct matcher *node, const uint8_t *p)
{
    switch (node->op) {
    case TSD_M_NIL:
        return value_type_of(p) == VALUE_NIL;
    case TSD_M_BOOL:
        return value_type_of(p) == VALUE_BOOL;
    case TSD_M_FLOAT:
        return value_type_of(p) == VALUE_FLOAT;
    case TSD_M_NUM:
        return is_num(p);
    case TSD_M_BIN:
        return value_type_of(p) == VALUE_BIN;
    case TSD_M_ARRAY:
        return value_type_of(p) == VALUE_ARRAY;
    case TSD_M_MAP:
        return value_type_of(p) == VALUE_MAP;
    case TSD_M_EXT:
        return value_type_of(p) == VALUE_EXT;
    case TSD_M_NE: /* rule P2: of whatever type */
        return !value_equal(p, bytes + node->a);
    case TSD_M_RANGE:
        return in_range(bytes, node, p);
    case TSD_M_PREFIX:
    case TSD_M_SUFFIX:
    case TSD_M_INFIX:
        return contains(node->op, bytes + node->a, p);
    case TSD_M_LENGTH:
        return length_matches(bytes, node + 1, p);
    default: /* LT, LE, GT, GE */
        return order_matches(node->op, value_compare(p, bytes + node->a));
    }
}

/* SPDX-License-Identifier: MIT */
#include "space/rank.h"

#include <string.h>

#include "protocol/equal.h"
#include "protocol/numbers.h"
#include "protocol/value.h"

/* The two highest bits of a rank tell the kind, so that none is RANK_NONE; the others the order. */
enum kind { KIND_NONE, KIND_NUMBER, KIND_STR, KIND_BIN };

#define KIND_SHIFT 62
#define RANK_MOST ((UINT64_C(1) << KIND_SHIFT) - 1)

static uint64_t rank_make(enum kind kind, uint64_t order)
{
    return (uint64_t)kind << KIND_SHIFT | order >> (64 - KIND_SHIFT);
}

/* Ints are rounded to the nearest double, which keeps their order. */
static uint64_t rank_of_number(double real)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits;

    if (real != real)
        return RANK_NONE;
    real += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &real, sizeof bits);
    return rank_make(KIND_NUMBER, bits & sign ? ~bits : bits | sign);
}

/* The first bytes, as if it went on with `fill` forever. */
static uint64_t rank_of_bytes(const struct value *value, uint8_t fill)
{
    uint64_t order = 0;

    for (unsigned i = 0; i < sizeof order; i++)
        order = order << 8 | (i < value->length ? value->bytes[i] : fill);
    return rank_make(value->type == VALUE_STR ? KIND_STR : KIND_BIN, order);
}

uint64_t rank_of(const uint8_t *p)
{
    struct value value;

    value_read_trusted(p, &value);
    switch (value.type) {
    case VALUE_INT:
        return rank_of_number(value.negative ? (double)value.i64 : (double)value.u64);
    case VALUE_FLOAT:
        return rank_of_number(value.real);
    case VALUE_STR:
    case VALUE_BIN:
        return rank_of_bytes(&value, 0);
    default:
        return RANK_NONE;
    }
}

static uint64_t kind_of(uint64_t rank)
{
    return rank >> KIND_SHIFT;
}

/* The operand is one of the kind that is bounded; the first one says which that is. What is in no
 * order bounds nothing, and of two kinds nothing can be: then either will do. */
static bool fits_kind(struct bounds *bounds, uint64_t rank)
{
    const uint64_t kind = kind_of(rank);

    if (rank == RANK_NONE)
        return false;
    if (bounds->low_rank != RANK_NONE)
        return kind == kind_of(bounds->low_rank);
    bounds->low_rank = kind << KIND_SHIFT;
    bounds->high_rank = bounds->low_rank | RANK_MOST;
    return true;
}

static void bound_below(struct bounds *bounds, const uint8_t *low, bool open)
{
    const uint64_t rank = rank_of(low);
    enum order order = ORDER_GREATER;

    if (!fits_kind(bounds, rank))
        return;
    if (bounds->low)
        order = value_compare(low, bounds->low);
    if (order == ORDER_EQUAL) {
        bounds->low_open |= open;
    } else if (order == ORDER_GREATER) {
        bounds->low = low;
        bounds->low_open = open;
    }
    if (rank > bounds->low_rank)
        bounds->low_rank = rank;
}

static void bound_above(struct bounds *bounds, const uint8_t *high, bool open)
{
    const uint64_t rank = rank_of(high);
    enum order order = ORDER_LESS;

    if (!fits_kind(bounds, rank))
        return;
    if (bounds->high)
        order = value_compare(high, bounds->high);
    if (order == ORDER_EQUAL) {
        bounds->high_open |= open;
    } else if (order == ORDER_LESS) {
        bounds->high = high;
        bounds->high_open = open;
    }
    if (rank < bounds->high_rank)
        bounds->high_rank = rank;
}

static void bound_prefix(struct bounds *bounds, const uint8_t *prefix)
{
    struct value value, before;
    uint64_t low, high;

    value_read_trusted(prefix, &value);
    low = rank_of_bytes(&value, 0);
    high = rank_of_bytes(&value, UINT8_MAX);
    if (!fits_kind(bounds, low))
        return;
    if (bounds->prefix)
        value_read_trusted(bounds->prefix, &before);
    if (!bounds->prefix || value.length > before.length)
        bounds->prefix = prefix;
    if (low > bounds->low_rank)
        bounds->low_rank = low;
    if (high < bounds->high_rank)
        bounds->high_rank = high;
}

/* Narrows the bounds by what the matcher says. */
static void bound(struct bounds *bounds, const struct pattern *pattern, const struct matcher *node)
{
    const uint8_t *a = pattern->bytes + node->a;
    const struct matcher *child = node + 1;

    switch (node->op) {
    case TSD_M_LT:
    case TSD_M_LE:
        bound_above(bounds, a, node->op == TSD_M_LT);
        break;
    case TSD_M_GT:
    case TSD_M_GE:
        bound_below(bounds, a, node->op == TSD_M_GT);
        break;
    case TSD_M_EQ:
    case TSD_M_RANGE:
        bound_below(bounds, a, false);
        bound_above(bounds, node->op == TSD_M_EQ ? a : pattern->bytes + node->b, false);
        break;
    case TSD_M_PREFIX:
        bound_prefix(bounds, a);
        break;
    case TSD_M_AND:
        for (unsigned i = 0; i < node->children; i++, child += child->skip)
            bound(bounds, pattern, child);
        break;
    default:
        break;
    }
}

static bool bounds_of_node(const struct pattern *pattern, const struct matcher *node,
                           struct bounds *bounds)
{
    *bounds = (struct bounds){0};
    if (node->op != TSD_M_EQ) /* that is a literal */
        bound(bounds, pattern, node);
    return bounds->low_rank != RANK_NONE;
}

bool bounds_of(const struct pattern *pattern, unsigned position, struct bounds *bounds)
{
    const struct matcher *node = pattern->nodes;

    if (position >= pattern->fields)
        return false;
    while (position-- > 0)
        node += node->skip;
    return bounds_of_node(pattern, node, bounds);
}

int bounds_position(const struct pattern *pattern)
{
    const struct matcher *node = pattern->nodes;
    struct bounds bounds;

    for (int i = 0; i < pattern->fields; i++, node += node->skip)
        if (bounds_of_node(pattern, node, &bounds))
            return i;
    return -1;
}

/* How the value's beginning compares to the prefix. */
static int prefix_side(const uint8_t *prefix, const uint8_t *p)
{
    struct value part, whole;
    int order;

    value_read_trusted(prefix, &part);
    value_read_trusted(p, &whole);
    order =
        memcmp(whole.bytes, part.bytes, whole.length < part.length ? whole.length : part.length);
    return order == 0 && whole.length < part.length ? -1 : order;
}

/* What is before any of the bounds is before what is after any of them, so that the range may be
 * empty and values still stand in order: all before it, then all after it. */
int bounds_side(const struct bounds *bounds, const uint8_t *value)
{
    const int prefix = bounds->prefix ? prefix_side(bounds->prefix, value) : 0;
    const int low = bounds->low ? (int)value_compare(value, bounds->low) : 1;
    const int high = bounds->high ? (int)value_compare(value, bounds->high) : -1;

    if (prefix < 0 || low < 0 || (low == 0 && bounds->low_open))
        return -1;
    if (prefix > 0 || high > 0 || (high == 0 && bounds->high_open))
        return 1;
    return 0;
}

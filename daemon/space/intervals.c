/* SPDX-License-Identifier: MIT */
#include "space/intervals.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/value.h"

/* One end of an interval; of a prefix's high end the value is the prefix. */
struct edge {
    const uint8_t *value; /* NULL: it goes on to the end of its kind */
    bool open;
    bool prefix;
};

static struct edge low_edge(struct bounds bounds)
{
    return bounds.low ? (struct edge){bounds.low, bounds.low_open, false}
                      : (struct edge){bounds.prefix, false, false};
}

static struct edge high_edge(struct bounds bounds)
{
    return bounds.high ? (struct edge){bounds.high, bounds.high_open, false}
                       : (struct edge){bounds.prefix, false, bounds.prefix != NULL};
}

static int compare_values(const uint8_t *a, const uint8_t *b)
{
    const enum order order = value_compare(a, b);
    return order == ORDER_NONE ? 0 : (int)order;
}

static int compare_low(struct edge a, struct edge b)
{
    if (!a.value || !b.value)
        return (a.value != NULL) - (b.value != NULL);
    const int order = compare_values(a.value, b.value);
    return order ? order : a.open - b.open;
}

/* A prefix stands after all that start with it: of two that do, the longer one is before. */
static int compare_prefix(struct edge a, struct edge b)
{
    struct value x, y;
    value_read_trusted(a.value, &x);
    value_read_trusted(b.value, &y);
    const int order = memcmp(x.bytes, y.bytes, x.length < y.length ? x.length : y.length);
    if (order)
        return order;
    if (a.prefix && b.prefix)
        return (x.length < y.length) - (x.length > y.length);
    return a.prefix ? 1 : -1;
}

static int compare_high(struct edge a, struct edge b)
{
    if (!a.value || !b.value)
        return (b.value != NULL) - (a.value != NULL);
    if (a.prefix || b.prefix)
        return compare_prefix(a, b);
    const int order = compare_values(a.value, b.value);
    return order ? order : b.open - a.open;
}

static struct edge edge_of(const struct intervals *intervals, const struct interval *interval,
                           struct edge (*end)(struct bounds))
{
    struct bounds bounds;
    intervals->bounds(interval, &bounds);
    return end(bounds);
}

static bool begins_before(const struct intervals *intervals, const struct interval *a,
                          const struct interval *b)
{
    if (a->low != b->low)
        return a->low < b->low;
    return compare_low(edge_of(intervals, a, low_edge), edge_of(intervals, b, low_edge)) < 0;
}

static bool reaches_beyond(const struct intervals *intervals, const struct interval *a,
                           const struct interval *b)
{
    if (a->high != b->high)
        return a->high > b->high;
    return compare_high(edge_of(intervals, a, high_edge), edge_of(intervals, b, high_edge)) > 0;
}

/* ---- The tree ---- */

static uint32_t height(const struct interval *node)
{
    return node ? node->height : 0;
}

static struct interval *farthest_of(const struct intervals *intervals, struct interval *node)
{
    struct interval *farthest = node;
    for (int side = 0; side < 2; side++) {
        const struct interval *child = node->children[side];
        if (child && reaches_beyond(intervals, child->farthest, farthest))
            farthest = child->farthest;
    }
    return farthest;
}

static void update(const struct intervals *intervals, struct interval *node)
{
    const uint32_t left = height(node->children[0]), right = height(node->children[1]);
    node->height = (left > right ? left : right) + 1;
    node->farthest = farthest_of(intervals, node);
    node->reach = node->farthest->high;
}

/* `to` stands where `from` did; NULL: nothing does. */
static void replace(struct intervals *intervals, struct interval *from, struct interval *to)
{
    struct interval *parent = from->parent;
    if (!parent)
        intervals->root = to;
    else
        parent->children[parent->children[1] == from] = to;
    if (to)
        to->parent = parent;
}

static void adopt(struct interval *parent, int side, struct interval *child)
{
    parent->children[side] = child;
    if (child)
        child->parent = parent;
}

/* The child on that side comes up, and is returned. */
static struct interval *rotate(struct intervals *intervals, struct interval *top, int side)
{
    struct interval *up = top->children[side];
    replace(intervals, top, up);
    adopt(top, side, up->children[!side]);
    adopt(up, !side, top);
    update(intervals, top);
    update(intervals, up);
    return up;
}

/* Something has changed below the node, or it has come there: from it to the root all is put right. */
static void mend(struct intervals *intervals, struct interval *node)
{
    for (; node; node = node->parent) {
        update(intervals, node);
        const int lean = (int)height(node->children[1]) - (int)height(node->children[0]);
        if (lean >= -1 && lean <= 1)
            continue;
        const int side = lean > 0;
        const struct interval *child = node->children[side];
        assert(child); /* it is the higher side, by two */
        if (height(child->children[side]) < height(child->children[!side]))
            rotate(intervals, node->children[side], !side);
        node = rotate(intervals, node, side);
    }
}

void intervals_init(struct intervals *intervals, interval_bounds *bounds)
{
    *intervals = (struct intervals){NULL, bounds};
}

void intervals_insert(struct intervals *intervals, struct interval *interval)
{
    struct interval *parent = NULL, **at = &intervals->root;
    struct bounds bounds;
    intervals->bounds(interval, &bounds);
    *interval = (struct interval){.low = bounds.low_rank, .high = bounds.high_rank};
    while (*at) {
        parent = *at;
        at = &parent->children[!begins_before(intervals, interval, parent)];
    }
    *at = interval;
    interval->parent = parent;
    mend(intervals, interval);
}

void intervals_remove(struct intervals *intervals, struct interval *interval)
{
    struct interval *next = interval->children[1], *from = interval->parent;
    if (interval->children[0] && next) { /* the next one in order takes its place */
        while (next->children[0])
            next = next->children[0];
        from = next->parent == interval ? next : next->parent;
        replace(intervals, next, next->children[1]);
        replace(intervals, interval, next);
        adopt(next, 0, interval->children[0]);
        adopt(next, 1, interval->children[1]);
    } else {
        replace(intervals, interval, next ? next : interval->children[0]);
    }
    mend(intervals, from);
}

/* ---- Finding ---- */

struct finding {
    const struct intervals *intervals;
    const uint8_t *value;
    uint64_t rank;
    void (*found)(void *context, struct interval *interval);
    void *context;
};

static bool is_before(const struct finding *finding, const struct interval *interval)
{
    if (finding->rank != interval->low)
        return finding->rank < interval->low;
    const struct edge edge = {finding->value, false, false};
    return compare_low(edge, edge_of(finding->intervals, interval, low_edge)) < 0;
}

static bool is_beyond(const struct finding *finding, const struct interval *interval)
{
    if (finding->rank != interval->high)
        return finding->rank > interval->high;
    const struct edge edge = {finding->value, false, false};
    return compare_high(edge, edge_of(finding->intervals, interval, high_edge)) > 0;
}

static bool is_beyond_all(const struct finding *finding, const struct interval *node)
{
    if (finding->rank != node->reach)
        return finding->rank > node->reach;
    return is_beyond(finding, node->farthest);
}

static void find(const struct finding *finding, struct interval *node)
{
    while (node && !is_beyond_all(finding, node)) {
        if (is_before(finding, node)) {
            node = node->children[0];
            continue;
        }
        find(finding, node->children[0]);
        if (!is_beyond(finding, node))
            finding->found(finding->context, node);
        node = node->children[1];
    }
}

void intervals_find(const struct intervals *intervals, const uint8_t *value, uint64_t rank,
                    void (*found)(void *, struct interval *), void *context)
{
    const struct finding finding = {intervals, value, rank, found, context};
    if (rank != RANK_NONE)
        find(&finding, intervals->root);
}

/* ---- Checking ---- */

static uint64_t check(const struct intervals *intervals, struct interval *node,
                      const struct interval **before)
{
    const uint32_t left = height(node->children[0]), right = height(node->children[1]);
    uint64_t count = 1;
    for (int side = 0; side < 2; side++) {
        struct interval *child = node->children[side];
        if (side == 1) {
            assert(!*before || !begins_before(intervals, node, *before));
            *before = node;
        }
        assert(!child || child->parent == node);
        count += child ? check(intervals, child, before) : 0;
    }
    assert(left <= right + 1 && right <= left + 1);
    assert(node->height == (left > right ? left : right) + 1);
    assert(node->reach == node->farthest->high);
    assert(!reaches_beyond(intervals, farthest_of(intervals, node), node->farthest));
    return count;
}

uint64_t intervals_check(const struct intervals *intervals)
{
    const struct interval *before = NULL;
    assert(!intervals->root || !intervals->root->parent);
    return intervals->root ? check(intervals, intervals->root, &before) : 0;
}

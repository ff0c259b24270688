/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/alloc.h"
#include "base/must.h"
#include "space/ranked_node.h"

/*
 * What is left of a range is a heap of spans, entries of a node that stand beside each other. The one
 * with the least weight gives its least entry: a member, or a child, which is a span in its place.
 * Nothing is looked at before it has to be: the rest of a span, and a child that the range ends in,
 * wait with a weight that none in them is below.
 */
enum state {
    KNOWN, /* entries; `least` is what one of them has */
    REST,  /* entries; `least` is a lower bound */
    EDGE,  /* a node in which the range begins or ends; the same */
};

struct ranked_span {
    uint64_t least;
    const struct ranked_node *node;
    uint16_t begin, end;
    uint8_t state;
    bool low, high; /* EDGE: the range begins in it, ends in it */
};

/* Of equal weights what is known comes first: then less has to be looked at. */
static bool span_less(const struct ranked_span *a, const struct ranked_span *b)
{
    return a->least < b->least || (a->least == b->least && a->state < b->state);
}

static void span_push(struct ranked_search *search, const struct ranked_span *span)
{
    if (search->count == search->capacity)
        search->spans = must_grow(search->spans, &search->capacity, sizeof *span);
    uint32_t at = search->count++;
    while (at > 0 && span_less(span, &search->spans[(at - 1) / 2])) {
        search->spans[at] = search->spans[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    search->spans[at] = *span;
}

static struct ranked_span span_pop(struct ranked_search *search)
{
    struct ranked_span *spans = search->spans;
    const struct ranked_span top = spans[0], last = spans[--search->count];
    uint32_t at = 0, child = 1;
    while (child < search->count) {
        if (child + 1 < search->count && span_less(&spans[child + 1], &spans[child]))
            child++;
        if (!span_less(&spans[child], &last))
            break;
        spans[at] = spans[child];
        at = child;
        child = 2 * at + 1;
    }
    spans[at] = last;
    return top;
}

static void push_rest(struct ranked_search *search, const struct ranked_node *node, int begin,
                      int end, uint64_t least)
{
    if (begin < end)
        span_push(search, &(struct ranked_span){.least = least,
                                                .node = node,
                                                .begin = (uint16_t)begin,
                                                .end = (uint16_t)end,
                                                .state = REST});
}

static void push_edge(struct ranked_search *search, const struct ranked_span *edge, int index,
                      bool low, bool high)
{
    span_push(search, &(struct ranked_span){.least = node_leasts(edge->node)[index],
                                            .node = node_child(edge->node, index),
                                            .state = EDGE,
                                            .low = low,
                                            .high = high});
}

/* The first entry of the node that is not before the range or, with `after`, that is after it. */
static int boundary(const struct ranked_range *range, const struct ranked_node *node, bool after)
{
    const uint64_t *ranks = node_column(node, RANK), rank = after ? range->high : range->low;
    int low = words_lower(ranks, 0, node->count, rank);
    int high = words_upper(ranks, low, node->count, rank);

    if (!range->side)
        return after ? high : low;
    while (low < high) {
        const int middle = (low + high) / 2;
        const struct ranked_member member = node_member(node, middle);
        const int side = range->side(range->context, &member);
        if (after ? side > 0 : side >= 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Parts an edge: the entries that are in the range, and the children that it begins or ends in. A
 * child is known by its first member: what is below it stands between that and the next one's. */
static void edge_part(struct ranked_search *search, const struct ranked_span *edge)
{
    const struct ranked_node *node = edge->node;
    node_prefetch(node);
    const int begin = edge->low ? boundary(&search->range, node, false) : 0;
    const int end = edge->high ? boundary(&search->range, node, true) : node->count;

    if (node->leaf) {
        push_rest(search, node, begin, end, edge->least);
        return;
    }
    const bool both = edge->high && end == begin;
    const bool last = edge->high && end > begin;
    if (edge->low && begin > 0)
        push_edge(search, edge, begin - 1, true, both);
    push_rest(search, node, begin, end - last, edge->least);
    if (last)
        push_edge(search, edge, end - 1, false, true);
}

void ranked_search(struct ranked_search *search, const struct ranked *ranked,
                   const struct ranked_range *range)
{
    search->count = 0;
    search->range = *range;
    if (ranked->root && range->low <= range->high)
        span_push(search, &(struct ranked_span){
                              .node = ranked->root, .state = EDGE, .low = true, .high = true});
}

/* The index of an entry of the span that has its least weight. */
static int span_find(const struct ranked_span *span)
{
    const uint64_t *leasts = node_leasts(span->node);
    int index = span->begin;
    while (leasts[index] != span->least)
        index++;
    assert(index < span->end);
    return index;
}

/* The member of the least weight, which is that of the span: down to its leaf. */
static void take_least(struct ranked_search *search, struct ranked_span span)
{
    for (;;) {
        const int index = span_find(&span);
        push_rest(search, span.node, span.begin, index, span.least);
        push_rest(search, span.node, index + 1, span.end, span.least);
        if (span.node->leaf) {
            search->found = node_member(span.node, index);
            return;
        }
        span.node = node_child(span.node, index);
        node_prefetch(span.node);
        span.begin = 0;
        span.end = span.node->count;
    }
}

const struct ranked_member *ranked_next(struct ranked_search *search)
{
    while (search->count > 0) {
        struct ranked_span span = span_pop(search);
        if (span.state == EDGE) {
            edge_part(search, &span);
            continue;
        }
        if (span.state == REST) {
            const uint64_t *leasts = node_leasts(span.node);
            span.least = leasts[words_least(leasts, span.begin, span.end)];
            span.state = KNOWN;
            if (search->count > 0 && !span_less(&span, &search->spans[0])) {
                span_push(search, &span);
                continue;
            }
        }
        take_least(search, span);
        return &search->found;
    }
    return NULL;
}

void ranked_search_deinit(struct ranked_search *search)
{
    mem_free(search->spans);
    *search = (struct ranked_search){0};
}

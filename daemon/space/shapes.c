/* SPDX-License-Identifier: MIT */
#include "space/shapes.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "protocol/value.h"
#include "space/interest.h"
#include "space/space.h"
#include "space/stored.h"

/*
 * Shapes of one length that a tuple is looked up under. Waits of further ones go under the shape
 * without literals, where each is tried: what one user's odd patterns cost others is bounded.
 */
#define SHAPES_MOST 64

struct shape {
    struct space *space;
    struct shape *next; /* of the same length and rest */
    uint32_t number;    /* from 1 at the end of the list: how many the list has from here on */
    uint32_t fields;
    bool rest;
    struct literal_set literals;
    struct table chains;
};

static bool set_has(const struct literal_set *set, unsigned position)
{
    return set->bits[position / 64] >> position % 64 & 1;
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    return (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

/* The literals' hash, from a pattern. */
static uint32_t pattern_chain_hash(const struct hash_key *key, const struct literal_set *literals,
                                   const struct pattern *pattern)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < pattern->fields; i++)
        if (set_has(literals, i))
            hash = mix(hash, value_hash(key, pattern_literal(pattern, i)));
    return (uint32_t)(hash >> 32);
}

/* The same from a tuple's fields at the shape's positions. */
static uint32_t tuple_chain_hash(const struct hash_key *key, const struct shape *shape,
                                 const struct stored *tuple)
{
    uint64_t hash = 0;
    const uint8_t *field = tuple_first(tuple->bytes);
    for (unsigned i = 0; i < shape->fields; i++) {
        if (set_has(&shape->literals, i))
            hash = mix(hash, value_hash(key, field));
        field = value_skip_trusted(field);
    }
    return (uint32_t)(hash >> 32);
}

/* Any pattern of a chain: all have equal literals at the shape's positions. */
static const struct pattern *chain_pattern(const struct chain *chain)
{
    return &interest_part_of(chain_any(chain))->pattern;
}

static bool same_literals(const struct literal_set *literals, const struct pattern *a,
                          const struct pattern *b)
{
    for (unsigned i = 0; i < a->fields; i++)
        if (set_has(literals, i) && !value_equal(pattern_literal(a, i), pattern_literal(b, i)))
            return false;
    return true;
}

static bool tuple_has_literals(const struct literal_set *literals, const struct stored *tuple,
                               const struct pattern *pattern)
{
    const uint8_t *field = tuple_first(tuple->bytes);
    for (unsigned i = 0; i < pattern->fields; i++) {
        if (set_has(literals, i) && !value_equal(pattern_literal(pattern, i), field))
            return false;
        field = value_skip_trusted(field);
    }
    return true;
}

/* Where the list begins that a shape of this pattern stands in. */
static struct shape **shape_list(struct space *space, uint32_t fields, bool rest)
{
    if (rest)
        return &space->rest_shapes;
    struct length *length = space_make_length(space, fields);
    return length ? &length->shapes : NULL;
}

static struct shape *shape_find(struct shape *shape, uint32_t fields,
                                const struct literal_set *literals)
{
    while (shape &&
           (shape->fields != fields || memcmp(&shape->literals, literals, sizeof *literals) != 0))
        shape = shape->next;
    return shape;
}

static struct shape *shape_make(struct space *space, const struct pattern *pattern)
{
    struct shape **list = shape_list(space, pattern->fields, pattern->rest);
    const struct literal_set none = {{0}}, *literals = &pattern->literals;
    if (!list)
        return NULL;
    struct shape *shape = shape_find(*list, pattern->fields, literals);
    if (!shape && *list && (*list)->number >= SHAPES_MOST) {
        literals = &none;
        shape = shape_find(*list, pattern->fields, literals);
    }
    if (shape)
        return shape;
    shape = mem_zalloc(sizeof *shape);
    if (!shape)
        return NULL;
    *shape = (struct shape){.space = space,
                            .next = *list,
                            .number = *list ? (*list)->number + 1 : 1,
                            .fields = pattern->fields,
                            .rest = pattern->rest,
                            .literals = *literals};
    table_init(&shape->chains);
    *list = shape;
    return shape;
}

static void shape_drop_if_empty(struct shape *shape)
{
    if (table_count(&shape->chains) > 0)
        return;
    struct shape **at = shape_list(shape->space, shape->fields, shape->rest);
    for (; *at != shape; at = &(*at)->next)
        (*at)->number--;
    *at = shape->next;
    table_deinit(&shape->chains);
    mem_free(shape);
}

static struct chain *chain_make(struct shape *shape, const struct hash_key *key,
                                const struct pattern *pattern)
{
    const uint32_t hash = pattern_chain_hash(key, &shape->literals, pattern);
    struct table_node *node = table_first(&shape->chains, hash);
    for (; node; node = table_next(node, hash)) {
        struct chain *chain = container_of(node, struct chain, node);
        if (chain->waits > 0 && same_literals(&shape->literals, chain_pattern(chain), pattern))
            return chain;
    }
    struct chain *chain = mem_alloc(sizeof *chain);
    if (!chain)
        return NULL;
    chain_init(chain, CHAIN_SHAPE);
    chain->shape = shape;
    if (table_insert(&shape->chains, &chain->node, hash) < 0) {
        mem_free(chain);
        return NULL;
    }
    return chain;
}

int shapes_link(struct space *space, const struct hash_key *key, struct wait *wait,
                const struct pattern *pattern, enum chain_queue queue)
{
    struct shape *shape = shape_make(space, pattern);
    if (!shape)
        return -1;
    struct chain *chain = chain_make(shape, key, pattern);
    if (!chain) {
        shape_drop_if_empty(shape);
        return -1;
    }
    chain_link(chain, wait, queue);
    return 0;
}

void shapes_drop_chain(struct chain *chain)
{
    struct shape *shape = chain->shape;
    table_remove(&shape->chains, &chain->node);
    mem_free(chain);
    shape_drop_if_empty(shape);
}

static void visit(const struct shape *shape, const struct hash_key *key, const struct stored *tuple,
                  void (*found)(void *, struct chain *), void *context)
{
    if (tuple->fields < shape->fields)
        return;
    const uint32_t hash = tuple_chain_hash(key, shape, tuple);
    struct table_node *node = table_first(&shape->chains, hash);
    for (; node; node = table_next(node, hash)) {
        struct chain *chain = container_of(node, struct chain, node);
        if (chain->waits > 0 && tuple_has_literals(&shape->literals, tuple, chain_pattern(chain)))
            found(context, chain);
    }
}

void shapes_for_tuple(const struct space *space, const struct hash_key *key,
                      const struct stored *tuple, void (*found)(void *, struct chain *),
                      void *context)
{
    const struct length *length = space_length(space, tuple->fields);
    for (const struct shape *shape = length ? length->shapes : NULL; shape; shape = shape->next)
        visit(shape, key, tuple, found, context);
    for (const struct shape *shape = space->rest_shapes; shape; shape = shape->next)
        visit(shape, key, tuple, found, context);
}

static uint64_t check_shapes(const struct shape *shape)
{
    uint64_t count = 0;
    for (; shape; shape = shape->next) {
        assert(table_count(&shape->chains) > 0);
        struct table_node *node = NULL;
        while ((node = table_walk(&shape->chains, node))) {
            const uint64_t waits = chain_check(container_of(node, struct chain, node));
            assert(waits > 0);
            count += waits;
        }
    }
    return count;
}

uint64_t shapes_check(const struct space *space)
{
    uint64_t count = check_shapes(space->rest_shapes);
    for (uint32_t i = 0; i < space->length_count; i++)
        count += check_shapes(space->lengths[i].shapes);
    return count;
}

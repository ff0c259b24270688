/* SPDX-License-Identifier: MIT */
#include "space/shapes.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "space/interest.h"
#include "space/shape.h"
#include "space/space.h"

/*
 * Shapes of one length that a tuple is looked up under. Waits of further ones go under the shape
 * without literals and bounds, where each pattern is tried: what one user's odd patterns cost others
 * is bounded.
 */
#define SHAPES_MOST 64

static struct alike *alike_of(const struct chain *chain)
{
    return container_of(chain, struct alike, chain);
}

static void bounds_of_alike(const struct interval *interval, struct bounds *bounds)
{
    const struct alike *alike = container_of(interval, struct alike, interval);
    bounds_of(alike->pattern, (unsigned)alike->shape->bounded, bounds);
}

/* ---- Nodes ---- */

static void nodes_deinit(struct nodes *nodes)
{
    table_deinit(&nodes->others);
}

static int nodes_insert(struct nodes *nodes, struct table_node *node, uint32_t hash)
{
    if (nodes->one)
        return table_insert(&nodes->others, node, hash);
    nodes->one = node;
    nodes->hash = node->hash = hash;
    return 0;
}

static void nodes_remove(struct nodes *nodes, struct table_node *node)
{
    if (nodes->one == node)
        nodes->one = NULL;
    else
        table_remove(&nodes->others, node);
}

static struct table_node *nodes_walk(const struct nodes *nodes, const struct table_node *after)
{
    if (!after && nodes->one)
        return nodes->one;
    return table_walk(&nodes->others, after == nodes->one ? NULL : after);
}

/* ---- Shapes ---- */

/* Where the list begins that a shape of this pattern stands in. */
static struct shape **shape_list(struct space *space, uint32_t fields, bool rest)
{
    if (rest)
        return &space->rest_shapes;
    struct length *length = space_make_length(space, fields);
    return length ? &length->shapes : NULL;
}

static struct shape *shape_find(struct shape *shape, uint32_t fields,
                                const struct literal_set *literals, int bounded)
{
    while (shape && (shape->fields != fields || shape->bounded != bounded ||
                     !literals_same(&shape->literals, literals)))
        shape = shape->next;
    return shape;
}

static struct shape *shape_alloc(const struct literal_set *literals)
{
    struct shape *shape = mem_zalloc(sizeof *shape + literals_count(literals));
    if (!shape)
        return NULL;
    shape->literals = *literals;
    for (unsigned i = literals_next(literals, 0); i < LITERALS_END;
         i = literals_next(literals, i + 1))
        shape->positions[shape->literal_count++] = (uint8_t)i;
    return shape;
}

static struct shape *shape_new(struct space *space, struct shape **list,
                               const struct pattern *pattern, const struct literal_set *literals,
                               int bounded)
{
    struct shape *shape = shape_alloc(literals);
    if (!shape)
        return NULL;
    shape->space = space;
    shape->next = *list;
    shape->number = *list ? (*list)->number + 1 : 1;
    shape->fields = pattern->fields;
    shape->rest = pattern->rest;
    shape->bounded = bounded;
    table_init(&shape->groups.others);
    table_init(&shape->chains.others);
    *list = shape;
    return shape;
}

static struct shape *shape_make(struct space *space, const struct pattern *pattern)
{
    struct shape **list = shape_list(space, pattern->fields, pattern->rest);
    const struct literal_set none = {{0}}, *literals = &pattern->literals;
    int bounded = bounds_position(pattern);
    if (!list)
        return NULL;
    struct shape *shape = shape_find(*list, pattern->fields, literals, bounded);
    if (!shape && *list && (*list)->number >= SHAPES_MOST) {
        literals = &none;
        bounded = -1;
        shape = shape_find(*list, pattern->fields, literals, bounded);
    }
    return shape ? shape : shape_new(space, list, pattern, literals, bounded);
}

static void shape_drop_if_empty(struct shape *shape)
{
    if (shape->patterns > 0)
        return;
    struct shape **at = shape_list(shape->space, shape->fields, shape->rest);
    for (; *at != shape; at = &(*at)->next)
        (*at)->number--;
    *at = shape->next;
    nodes_deinit(&shape->groups);
    nodes_deinit(&shape->chains);
    mem_free(shape);
}

/* ---- Chains ---- */

static struct group *group_make(struct shape *shape, struct slab *slab, uint32_t hash)
{
    struct group *group = group_find(shape, hash);
    if (group)
        return group;
    group = slab_alloc(slab, sizeof *group);
    if (!group)
        return NULL;
    *group = (struct group){0};
    if (shape->bounded >= 0)
        intervals_init(&group->intervals, bounds_of_alike);
    if (nodes_insert(&shape->groups, &group->node, hash) == 0)
        return group;
    slab_free(slab, group, sizeof *group);
    return NULL;
}

static void group_drop_if_empty(struct shape *shape, struct group *group, struct slab *slab)
{
    if (shape->bounded >= 0 ? group->intervals.root != NULL : !LIST_EMPTY(&group->list))
        return;
    nodes_remove(&shape->groups, &group->node);
    slab_free(slab, group, sizeof *group);
}

static struct alike *alike_find(const struct shape *shape, const struct pattern *pattern,
                                uint32_t hash)
{
    struct table_node *node = nodes_first(&shape->chains, hash);
    for (; node; node = nodes_next(&shape->chains, node, hash)) {
        struct alike *alike = container_of(node, struct alike, chain.node);
        const struct pattern *other = alike->pattern;
        if (other->size == pattern->size &&
            memcmp(other->bytes, pattern->bytes, pattern->size) == 0)
            return alike;
    }
    return NULL;
}

/* A chain without waits: in its shape's table, not yet in its group. */
static struct alike *alike_new(struct shape *shape, struct slab *slab, const struct hash_key *key,
                               const struct pattern *pattern, uint32_t hash)
{
    struct alike *alike = slab_alloc(slab, sizeof *alike);
    if (!alike)
        return NULL;
    *alike = (struct alike){.shape = shape, .pattern = pattern};
    chain_init(&alike->chain, CHAIN_SHAPE);
    if (nodes_insert(&shape->chains, &alike->chain.node, hash) == 0) {
        alike->group =
            group_make(shape, slab, literals_hash_pattern(key, &shape->literals, pattern));
        if (alike->group) {
            shape->patterns++;
            return alike;
        }
        nodes_remove(&shape->chains, &alike->chain.node);
    }
    slab_free(slab, alike, sizeof *alike);
    return NULL;
}

int shapes_link(struct space *space, struct slab *slab, const struct hash_key *key,
                struct wait *wait, const struct pattern *pattern, enum chain_queue queue)
{
    const uint32_t hash = (uint32_t)hash_bytes(key, pattern->bytes, pattern->size);
    struct shape *shape = shape_make(space, pattern);
    if (!shape)
        return -1;
    struct alike *alike = alike_find(shape, pattern, hash);
    const bool made = !alike;
    if (made)
        alike = alike_new(shape, slab, key, pattern, hash);
    if (!alike) {
        shape_drop_if_empty(shape);
        return -1;
    }
    chain_link(&alike->chain, wait, queue);
    shape->waits++;
    if (made && shape->bounded >= 0)
        intervals_insert(&alike->group->intervals, &alike->interval);
    else if (made)
        LIST_INSERT_HEAD(&alike->group->list, alike, link);
    return 0;
}

/* Takes an empty chain out of its shape, which goes with its last one. */
static void alike_leave(struct alike *alike, struct slab *slab)
{
    struct shape *shape = alike->shape;
    if (shape->bounded >= 0)
        intervals_remove(&alike->group->intervals, &alike->interval);
    else
        LIST_REMOVE(alike, link);
    group_drop_if_empty(shape, alike->group, slab);
    nodes_remove(&shape->chains, &alike->chain.node);
    shape->patterns--;
    shape_drop_if_empty(shape);
    alike->shape = NULL;
    alike->group = NULL;
    alike->pattern = NULL;
}

void shapes_left(struct chain *chain, struct slab *slab)
{
    struct alike *alike = alike_of(chain);
    const struct wait *wait = chain_any(chain);
    alike->shape->waits--;
    if (wait)
        alike->pattern = &interest_part_of(wait)->pattern; /* it may have been that of who left */
    else
        alike_leave(alike, slab);
}

void shapes_free_chain(struct chain *chain, struct slab *slab)
{
    struct alike *alike = alike_of(chain);
    assert(chain->waits == 0 && !alike->shape);
    slab_free(slab, alike, sizeof *alike);
}

/* ---- Looking at them ---- */

static void each_of(const struct shape *shape, void (*visit)(void *, const struct shape_info *),
                    void *context)
{
    for (; shape; shape = shape->next) {
        const struct shape_info info = {&shape->literals, shape->fields, shape->rest,
                                        shape->bounded,   shape->waits,  shape->patterns};
        visit(context, &info);
    }
}

void shapes_each(const struct space *space, void (*visit)(void *, const struct shape_info *),
                 void *context)
{
    for (uint32_t i = 0; i < space->length_count; i++)
        each_of(space->lengths[i].shapes, visit, context);
    each_of(space->rest_shapes, visit, context);
}

/* Returns how many chains are in the group. */
static uint64_t check_group(const struct shape *shape, const struct group *group)
{
    const struct alike *alike;
    uint64_t count = 0;
    if (shape->bounded >= 0)
        return intervals_check(&group->intervals);
    LIST_FOREACH (alike, &group->list, link) {
        assert(alike->group == group);
        count++;
    }
    assert(count > 0);
    return count;
}

static void check_alike(const struct shape *shape, const struct alike *alike)
{
    const struct pattern *pattern = alike->pattern;
    assert(alike->shape == shape && alike->group);
    assert(pattern->fields == shape->fields && pattern->rest == shape->rest);
    if (shape->bounded >= 0)
        assert(bounds_position(pattern) == shape->bounded);
    assert(alike_find(shape, pattern, alike->chain.node.hash) == alike); /* there is no other */
}

static uint64_t check_shape(const struct shape *shape)
{
    struct table_node *node = NULL;
    uint64_t waits = 0, patterns = 0, grouped = 0;
    while ((node = nodes_walk(&shape->groups, node)))
        grouped += check_group(shape, container_of(node, struct group, node));
    while ((node = nodes_walk(&shape->chains, node))) {
        const struct alike *alike = container_of(node, struct alike, chain.node);
        waits += chain_check(&alike->chain);
        check_alike(shape, alike);
        patterns++;
    }
    assert(waits == shape->waits && patterns == shape->patterns && grouped == patterns);
    assert(patterns > 0 && waits >= patterns);
    return waits;
}

static uint64_t check_list(const struct shape *shape)
{
    uint64_t waits = 0;
    for (; shape; shape = shape->next) {
        assert(shape->number == (shape->next ? shape->next->number + 1 : 1));
        waits += check_shape(shape);
    }
    return waits;
}

uint64_t shapes_check(const struct space *space)
{
    uint64_t waits = check_list(space->rest_shapes);
    for (uint32_t i = 0; i < space->length_count; i++)
        waits += check_list(space->lengths[i].shapes);
    return waits;
}

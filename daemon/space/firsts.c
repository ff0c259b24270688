/* SPDX-License-Identifier: MIT */
#include "space/firsts.h"

#include <assert.h>

#include "protocol/tuple.h"
#include "space/stored.h"

/* What stands in the table: a tuple alone, or a group; a tuple in a group keeps GROUPED. */
enum tag { SINGLE, GROUP, GROUPED };

struct group {
    struct table_node node;
    struct places places;
};

void firsts_init(struct firsts *firsts)
{
    table_init(&firsts->table);
}

static struct group *group_of(struct table_node *node)
{
    return container_of(node, struct group, node);
}

static void group_free(struct group *group, struct slab *slab)
{
    places_deinit(&group->places, slab);
    slab_free(slab, group, sizeof *group);
}

void firsts_deinit(struct firsts *firsts, struct slab *slab)
{
    struct table_node *node = table_walk(&firsts->table, NULL);
    while (node) {
        struct table_node *next = table_walk(&firsts->table, node);
        if (node->tag == GROUP)
            group_free(group_of(node), slab);
        node = next;
    }
    table_deinit(&firsts->table);
}

uint32_t firsts_hash(uint64_t first, uint32_t fields)
{
    return (uint32_t)first + fields * 0x9e3779b1u;
}

/* Any tuple under the entry: they are all alike in what the index looks at. */
static const struct stored *representative(struct table_node *node)
{
    if (node->tag == GROUP)
        return places_first(&group_of(node)->places);
    return container_of(node, struct stored, node);
}

static struct table_node *find(const struct firsts *firsts, uint32_t hash, uint32_t fields,
                               const uint8_t *first)
{
    struct table_node *node = table_first(&firsts->table, hash);
    for (; node; node = table_next(node, hash)) {
        const struct stored *tuple = representative(node);
        if (stored_fields(tuple) == fields && value_equal(tuple_first(tuple->bytes), first))
            break;
    }
    return node;
}

/* Makes a group of a tuple that was alone and one more. */
static int pair_up(struct firsts *firsts, struct slab *slab, struct stored *alone,
                   struct stored *tuple)
{
    struct group *group = slab_alloc(slab, sizeof *group);
    if (!group)
        return -1;
    *group = (struct group){.node.tag = GROUP};
    if (places_insert(&group->places, slab, alone) < 0 ||
        places_insert(&group->places, slab, tuple) < 0) {
        group_free(group, slab);
        return -1;
    }
    const uint32_t hash = alone->node.hash;
    table_remove(&firsts->table, &alone->node);
    const int inserted = table_insert(&firsts->table, &group->node, hash);
    assert(inserted == 0); /* the table has buckets */
    alone->node.tag = tuple->node.tag = GROUPED;
    return 0;
}

int firsts_insert(struct firsts *firsts, struct slab *slab, struct stored *tuple, uint32_t hash)
{
    struct table_node *node = find(firsts, hash, stored_fields(tuple), tuple_first(tuple->bytes));
    tuple->node.hash = hash;
    if (!node) {
        tuple->node.tag = SINGLE;
        return table_insert(&firsts->table, &tuple->node, hash);
    }
    if (node->tag == SINGLE)
        return pair_up(firsts, slab, container_of(node, struct stored, node), tuple);
    if (places_insert(&group_of(node)->places, slab, tuple) < 0)
        return -1;
    tuple->node.tag = GROUPED;
    return 0;
}

void firsts_remove(struct firsts *firsts, struct slab *slab, struct stored *tuple)
{
    if (tuple->node.tag == SINGLE) {
        table_remove(&firsts->table, &tuple->node);
        return;
    }
    struct table_node *node =
        find(firsts, tuple->node.hash, stored_fields(tuple), tuple_first(tuple->bytes));
    assert(node && node->tag == GROUP);
    struct group *group = group_of(node);
    places_remove(&group->places, slab, tuple);
    if (group->places.count == 0) {
        table_remove(&firsts->table, node);
        group_free(group, slab);
    }
}

struct firsts_found firsts_find(const struct firsts *firsts, uint32_t hash, uint32_t fields,
                                const uint8_t *first)
{
    struct table_node *node = find(firsts, hash, fields, first);
    if (!node)
        return (struct firsts_found){NULL, NULL};
    if (node->tag == GROUP)
        return (struct firsts_found){NULL, &group_of(node)->places};
    return (struct firsts_found){container_of(node, struct stored, node), NULL};
}

void firsts_ask(const struct firsts *firsts, uint32_t hash, unsigned stage)
{
    if (firsts->table.count == 0)
        return;
    const table_link *bucket = table_bucket(&firsts->table, hash);
    if (stage == 0) {
        __builtin_prefetch(bucket, 1);
        return;
    }
    if (stage == 1) {
        __builtin_prefetch(table_linked(*bucket), 1);
        return;
    }
    struct table_node *node = table_follow(*bucket, hash);
    if (!node || node->tag != GROUP)
        return;
    const struct places *places = &group_of(node)->places;
    __builtin_prefetch(stage == 2 ? (const void *)places->root : places_first(places), 1);
}

void firsts_check(const struct firsts *firsts, uint64_t tuples)
{
    uint64_t count = 0;
    struct table_node *node = NULL;
    while ((node = table_walk(&firsts->table, node))) {
        if (node->tag == GROUP) {
            places_check(&group_of(node)->places);
            assert(group_of(node)->places.count > 0);
            count += group_of(node)->places.count;
        } else {
            assert(node->tag == SINGLE);
            count++;
        }
    }
    assert(count == tuples);
}

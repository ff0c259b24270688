/* SPDX-License-Identifier: MIT */
#include "base/table.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

enum {
    BUCKETS_MIN = 8, /* of a table with anything in it, a power of two */
    AHEAD = 8,       /* buckets before a chain is split, it is asked for */
    STEPS = 4,       /* buckets split or merged by one operation, so that the size keeps up */
};

void table_init(struct table *table)
{
    *table = (struct table){0};
}

static uint32_t segments_in_use(uint32_t buckets)
{
    return buckets > 0 ? table_segment(buckets - 1) + 1 : 0;
}

static size_t segment_size(uint32_t segment)
{
    const uint32_t buckets = segment > 0 ? TABLE_SEGMENT << (segment - 1) : TABLE_SEGMENT;

    return buckets * sizeof(table_link);
}

/* It is not touched here: what is not used yet of a large one takes no memory. */
static table_link *segment_new(uint32_t segment)
{
    const size_t size = segment_size(segment);

    return size >= MAP_UNIT ? map_alloc(size, true) : mem_alloc(size);
}

static void segment_free(struct table *table, uint32_t segment)
{
    if (segment_size(segment) >= MAP_UNIT)
        map_free(table->segments[segment], segment_size(segment));
    else
        mem_free(table->segments[segment]);
    table->segments[segment] = NULL;
}

void table_deinit(struct table *table)
{
    for (uint32_t i = 0; i < segments_in_use(table->buckets); i++)
        segment_free(table, i);
    mem_free(table->segments);
    table_init(table);
}

static int grow_first(struct table *table, uint32_t buckets)
{
    table_link *segment = mem_realloc_array(table->segments[0], buckets, sizeof(table_link));

    if (!segment)
        return -1;
    table->segments[0] = segment;
    table->first = buckets;
    return 0;
}

static int grow_directory(struct table *table, uint32_t places)
{
    table_link **segments = mem_realloc_array(table->segments, places, sizeof(table_link *));

    if (!segments)
        return -1;
    for (uint32_t i = table->directory; i < places; i++)
        segments[i] = NULL;
    table->segments = segments;
    table->directory = places;
    return 0;
}

int table_reserve(struct table *table)
{
    if (table->buckets > 0)
        return 0;
    if (table->directory == 0 && grow_directory(table, 1) < 0)
        return -1;
    if (grow_first(table, BUCKETS_MIN) < 0)
        return -1;
    memset(table->segments[0], 0, BUCKETS_MIN * sizeof(table_link));
    table->buckets = BUCKETS_MIN;
    table->mask = BUCKETS_MIN - 1;
    return 0;
}

/* Makes room for one bucket more at the end. */
static int table_extend(struct table *table)
{
    const uint32_t segment = table_segment(table->buckets);

    if (segment == 0)
        return table->buckets < table->first ? 0 : grow_first(table, 2 * table->first);
    if (segment >= table->directory && grow_directory(table, 2 * table->directory) < 0)
        return -1;
    if (!table->segments[segment])
        table->segments[segment] = segment_new(segment);
    return table->segments[segment] ? 0 : -1;
}

/* Puts a node before the others of a chain. */
static void chain_push(table_link *chain, struct table_node *node)
{
    node->next = *chain;
    *chain = (table_link)node | table_tag(node->hash) | (*chain ? 0 : TABLE_LAST);
}

/* Adds a bucket and moves to it what belongs there from the one that it is split off. */
static int table_split(struct table *table)
{
    const uint32_t added = table->buckets;
    table_link *from, *to, link;

    if (added == UINT32_MAX || table_extend(table) < 0)
        return -1;
    if (added > table->mask)
        table->mask = 2 * table->mask + 1;
    from = table_bucket_at(table, added & (table->mask >> 1));
    to = table_bucket_at(table, added);
    link = *from;
    __builtin_prefetch(table_linked(*table_bucket_at(table, (added + AHEAD) & (table->mask >> 1))));
    *from = *to = 0;
    while (link) {
        struct table_node *node = table_linked(link);
        link = node->next;
        chain_push((node->hash & table->mask) == added ? to : from, node);
    }
    table->buckets++;
    return 0;
}

/* Takes the last bucket away: its nodes go back to the one that it was split off. */
static void table_merge(struct table *table)
{
    const uint32_t last = table->buckets - 1;
    table_link *to = table_bucket_at(table, last & (table->mask >> 1));

    for (table_link link = *table_bucket_at(table, last); link;) {
        struct table_node *node = table_linked(link);
        link = node->next;
        chain_push(to, node);
    }
    table->buckets = last;
    if (last == (table->mask >> 1) + 1)
        table->mask >>= 1;
    if (table_segment(last) != table_segment(last - 1))
        segment_free(table, table_segment(last));
}

int table_insert(struct table *table, struct table_node *node, uint32_t hash)
{
    if (table_reserve(table) < 0)
        return -1;
    node->hash = hash;
    chain_push(table_bucket(table, hash), node);
    table->count++;
    /* Without memory to grow, chains get longer: that is no failure. */
    for (int i = 0; i < STEPS && 3 * table->count > 2 * (size_t)table->buckets; i++)
        if (table_split(table) < 0)
            break;
    return 0;
}

void table_remove(struct table *table, struct table_node *node)
{
    table_link *at, *before = NULL;

    assert(table->count > 0);
    at = table_bucket(table, node->hash);
    while (table_linked(*at) != node) {
        assert(*at);
        before = at;
        at = &table_linked(*at)->next;
    }
    *at = node->next;
    node->next = 0;
    if (*at == 0 && before)
        *before |= TABLE_LAST;
    table->count--;
    /* Half as many as it grew for: going to and fro at one size moves nothing. */
    for (int i = 0; i < STEPS && table->buckets > BUCKETS_MIN; i++) {
        if (3 * table->count >= table->buckets)
            break;
        table_merge(table);
    }
}

struct table_node *table_walk(const struct table *table, const struct table_node *after)
{
    uint32_t bucket = 0;

    if (after) {
        if (after->next)
            return table_linked(after->next);
        bucket = after->hash & table->mask;
        if (bucket >= table->buckets)
            bucket &= table->mask >> 1;
        bucket++;
    }
    for (; bucket < table->buckets; bucket++)
        if (*table_bucket_at(table, bucket))
            return table_linked(*table_bucket_at(table, bucket));
    return NULL;
}

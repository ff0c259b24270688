/* SPDX-License-Identifier: MIT */
#include "space/walk.h"

#include "space/space.h"
#include "space/stored.h"

static void add_order(struct walk *walk, const struct places *places, uint64_t from)
{
    struct walk_source *source = &walk->sources[walk->count];
    source->cursor = walk->reverse ? places_seek_back(places, from) : places_seek(places, from);
    source->next = places_at(&source->cursor);
    walk->count += source->next != NULL;
}

static void add_single(struct walk *walk, struct stored *tuple, uint64_t from)
{
    const uint64_t key = stored_key(tuple);
    if (walk->reverse ? key <= from : key >= from)
        walk->sources[walk->count++] = (struct walk_source){.next = tuple};
}

static void add_length(struct walk *walk, const struct space *space, uint32_t fields,
                       const uint8_t *first, uint64_t hash, uint64_t from)
{
    const struct length *length = space_length(space, fields);
    if (!length || length->all.count == 0)
        return;
    if (!first) {
        add_order(walk, &length->all, from);
        return;
    }
    const struct firsts_found found =
        firsts_find(&space->firsts, firsts_hash(hash, fields), fields, first);
    if (found.single)
        add_single(walk, found.single, from);
    else if (found.group)
        add_order(walk, found.group, from);
}

/* The longest tuple that the pattern may match in this space. */
static uint32_t longest(const struct space *space, const struct pattern *pattern)
{
    if (!pattern->rest)
        return pattern->fields;
    return space->length_count > 0 ? space->length_count - 1 : 0;
}

static uint32_t shortest(const struct pattern *pattern)
{
    return pattern->fields > 0 ? pattern->fields : 1;
}

void walk_begin(struct walk *walk, const struct space *space, const struct hash_key *key,
                const struct pattern *pattern, uint64_t from, bool reverse)
{
    const uint8_t *first = pattern_literal(pattern, 0);
    walk->count = 0;
    walk->reverse = reverse;
    if (!space)
        return;
    const uint64_t hash = first ? value_hash(key, first) : 0;
    for (uint32_t fields = shortest(pattern); fields <= longest(space, pattern); fields++)
        add_length(walk, space, fields, first, hash, from);
}

static void source_advance(struct walk *walk, struct walk_source *source)
{
    if (!source->cursor.leaf) {
        source->next = NULL;
    } else {
        if (walk->reverse)
            places_previous(&source->cursor);
        else
            places_next(&source->cursor);
        source->next = places_at(&source->cursor);
    }
    if (!source->next)
        *source = walk->sources[--walk->count];
}

struct stored *walk_next(struct walk *walk)
{
    if (walk->count == 0)
        return NULL;
    struct walk_source *best = &walk->sources[0];
    for (unsigned i = 1; i < walk->count; i++) {
        const uint64_t key = stored_key(walk->sources[i].next);
        if (walk->reverse ? key > stored_key(best->next) : key < stored_key(best->next))
            best = &walk->sources[i];
    }
    struct stored *tuple = best->next;
    source_advance(walk, best);
    return tuple;
}

static struct stored *find_key(const struct space *space, const struct pattern *pattern,
                               uint64_t key)
{
    for (uint32_t fields = shortest(pattern); fields <= longest(space, pattern); fields++) {
        const struct length *length = space_length(space, fields);
        if (!length)
            continue;
        const struct places_cursor at = places_seek(&length->all, key);
        struct stored *tuple = places_at(&at);
        if (tuple && stored_key(tuple) == key)
            return tuple;
    }
    return NULL;
}

struct stored *walk_find_id(const struct space *space, const struct pattern *pattern, uint64_t id)
{
    if (!space || id >> PLACE_ID_BITS)
        return NULL;
    for (unsigned bit = 0; bit < 256; bit++) {
        if (!(space->priorities[bit / 64] & UINT64_C(1) << bit % 64))
            continue;
        struct stored *tuple = find_key(space, pattern, place_key((int8_t)(127 - (int)bit), id));
        if (tuple)
            return tuple;
    }
    return NULL;
}

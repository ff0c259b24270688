/* SPDX-License-Identifier: MIT */
#include "space/walk.h"

#include <string.h>

#include "base/must.h"
#include "space/index.h"
#include "space/space.h"
#include "space/state.h"
#include "space/stored.h"

/* One more length of which there is something. */
static struct walk_source *add(struct walk *walk, uint32_t fields, struct stored *next)
{
    struct walk_source *source = &walk->sources[walk->count++];
    source->next = next;
    source->cursor.leaf = NULL;
    source->few = source->few_count = source->search = 0;
    source->fields = fields;
    source->past = 0;
    return source;
}

static void add_order(struct walk *walk, uint32_t fields, const struct places *places,
                      uint64_t from)
{
    const struct places_cursor cursor =
        walk->reverse ? places_seek_back(places, from) : places_seek(places, from);
    struct stored *next = places_at(&cursor);
    if (!next)
        return;
    add(walk, fields, next)->cursor = cursor;
}

static bool is_due(const struct walk *walk, const struct stored *tuple, uint64_t from)
{
    return walk->reverse ? stored_key(tuple) <= from : stored_key(tuple) >= from;
}

static void add_first(struct walk *walk, const struct space *space, uint32_t fields, uint64_t from)
{
    const struct firsts_found found =
        firsts_find(&space->firsts, firsts_hash(walk->first_hash, fields), fields, walk->first);
    if (found.group)
        add_order(walk, fields, found.group, from);
    else if (found.single && is_due(walk, found.single, from))
        add(walk, fields, found.single);
}

/* A few, in the order in which they are to come. */
static void add_few(struct walk *walk, uint32_t fields, const struct hashed_found *found,
                    uint64_t from)
{
    const uint32_t begin = walk->few_count;
    for (unsigned i = 0; i < found->count; i++) {
        struct stored *tuple = found->few[walk->reverse ? found->count - 1 - i : i];
        if (!is_due(walk, tuple, from))
            continue;
        if (walk->few_count == walk->few_capacity)
            walk->few = must_grow(walk->few, &walk->few_capacity, sizeof *walk->few);
        walk->few[walk->few_count++] = tuple;
    }
    if (walk->few_count == begin)
        return;
    struct walk_source *source = add(walk, fields, walk->few[begin]);
    source->few = begin + 1;
    source->few_count = walk->few_count;
}

static struct walk_search *make_search(struct walk *walk)
{
    if (walk->search_count == walk->search_capacity) {
        const uint32_t before = walk->search_capacity;
        walk->searches = must_grow(walk->searches, &walk->search_capacity, sizeof *walk->searches);
        memset(&walk->searches[before], 0,
               (walk->search_capacity - before) * sizeof *walk->searches);
    }
    struct walk_search **search = &walk->searches[walk->search_count++];
    if (!*search)
        *search = must_have(mem_zalloc(sizeof **search));
    return *search;
}

static void add_range(struct walk *walk, uint32_t fields, const struct pattern *pattern,
                      struct index *index)
{
    struct walk_search *search = make_search(walk);
    index_range(walk->engine, index, pattern, &search->range);
    ranked_search(&search->search, &index->ranked, &search->range.range);
    const struct ranked_member *member = ranked_next(&search->search);
    if (member)
        add(walk, fields, member->item)->search = walk->search_count;
}

static void add_length(struct walk *walk, const struct space *space, uint32_t fields,
                       const struct pattern *pattern, uint64_t from)
{
    const struct length *length = space_length(space, fields);
    if (!length || length->all.count == 0)
        return;
    struct index *index = length->indexes ? index_choose(length, pattern, walk->placed) : NULL;
    if (index && !walk->unnoticed)
        index_used(index);
    if (index && index->shape.ordered) {
        add_range(walk, fields, pattern, index);
    } else if (index) {
        struct hashed_found found;
        index_find(walk->engine, index, pattern, &found);
        if (found.group)
            add_order(walk, fields, found.group, from);
        else
            add_few(walk, fields, &found, from);
    } else if (walk->first) {
        add_first(walk, space, fields, from);
    } else {
        add_order(walk, fields, &length->all, from);
    }
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

static void begin(struct walk *walk, const struct space *space, const struct pattern *pattern,
                  uint64_t from)
{
    walk->count = walk->all = 0;
    walk->past = 0;
    walk->few_count = walk->search_count = 0;
    walk->last = NULL;
    if (!space)
        return;
    walk->first = pattern_literal(pattern, 0);
    if (walk->first)
        walk->first_hash = value_hash(&walk->engine->options.key, walk->first);
    for (uint32_t fields = shortest(pattern); fields <= longest(space, pattern); fields++)
        add_length(walk, space, fields, pattern, from);
    walk->all = walk->count;
}

void walk_begin(struct walk *walk, const struct engine *engine, const struct space *space,
                const struct pattern *pattern)
{
    walk->engine = engine;
    walk->reverse = walk->placed = false;
    begin(walk, space, pattern, 0);
}

void walk_begin_at(struct walk *walk, const struct engine *engine, const struct space *space,
                   const struct pattern *pattern, uint64_t from, bool reverse)
{
    walk->engine = engine;
    walk->reverse = reverse;
    walk->placed = true;
    begin(walk, space, pattern, from);
}

bool walk_is_ranged(const struct space *space, const struct pattern *pattern)
{
    for (uint32_t n = shortest(pattern); n <= longest(space, pattern); n++) {
        const struct length *length = space_length(space, n);
        const struct index *index =
            length && length->indexes ? index_choose(length, pattern, false) : NULL;
        if (index && index->shape.ordered)
            return true;
    }
    return false;
}

void walk_deinit(struct walk *walk)
{
    for (uint32_t i = 0; i < walk->search_capacity && walk->searches[i]; i++) {
        ranked_search_deinit(&walk->searches[i]->search);
        mem_free(walk->searches[i]);
    }
    mem_free(walk->searches);
    mem_free(walk->few);
}

/* The next tuple of a source, NULL at its end. */
static struct stored *source_next(struct walk *walk, struct walk_source *source)
{
    if (source->cursor.leaf) {
        if (walk->reverse)
            places_previous(&source->cursor);
        else
            places_next(&source->cursor);
        return places_at(&source->cursor);
    }
    if (source->search) {
        const struct ranked_member *member =
            ranked_next(&walk->searches[source->search - 1]->search);
        return member ? member->item : NULL;
    }
    return source->few < source->few_count ? walk->few[source->few++] : NULL;
}

/* One without a tuple goes behind those that have one: what it walked past is still to be told. */
static void source_advance(struct walk *walk, struct walk_source *source)
{
    source->next = source_next(walk, source);
    if (source->next)
        return;
    struct walk_source *end = &walk->sources[--walk->count];
    if (source == end)
        return;
    const struct walk_source done = *source;
    *source = *end;
    *end = done;
}

struct stored *walk_next(struct walk *walk)
{
    if (walk->last)
        source_advance(walk, walk->last);
    walk->last = NULL;
    if (walk->count == 0)
        return NULL;
    struct walk_source *best = &walk->sources[0];
    for (unsigned i = 1; i < walk->count; i++) {
        const uint64_t key = stored_key(walk->sources[i].next);
        if (walk->reverse ? key > stored_key(best->next) : key < stored_key(best->next))
            best = &walk->sources[i];
    }
    walk->last = best;
    return best->next;
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

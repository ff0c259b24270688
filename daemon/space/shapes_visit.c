/* SPDX-License-Identifier: MIT */
/*
 * Whom a tuple concerns.
 */
#include "protocol/value.h"
#include "space/match.h"
#include "space/shape.h"
#include "space/shapes.h"
#include "space/space.h"
#include "space/stored.h"

/* What has been found out about the tuple, for whichever shape needs it next. */
struct visit {
    const struct hash_key *key;
    const struct stored *tuple;
    void (*found)(void *context, struct chain *chain);
    void *context;
    uint64_t tried;
    unsigned known;            /* so many of `fields` */
    struct literal_set hashed; /* which of `hashes` */
    struct literal_set ranked; /* which of `ranks` */
    const uint8_t *fields[LIMIT_TUPLE_FIELDS];
    uint64_t hashes[LIMIT_TUPLE_FIELDS], ranks[LIMIT_TUPLE_FIELDS];
};

static const uint8_t *field_at(struct visit *visit, unsigned position)
{
    for (; visit->known <= position; visit->known++)
        visit->fields[visit->known] = value_skip_trusted(visit->fields[visit->known - 1]);
    return visit->fields[position];
}

/* Whether it is in the set for the first time. */
static bool is_first(struct literal_set *set, unsigned position)
{
    const uint64_t bit = UINT64_C(1) << position % 64, before = set->bits[position / 64];
    set->bits[position / 64] = before | bit;
    return !(before & bit);
}

static uint64_t hash_at(struct visit *visit, unsigned position)
{
    if (is_first(&visit->hashed, position))
        visit->hashes[position] = value_hash(visit->key, field_at(visit, position));
    return visit->hashes[position];
}

static uint64_t rank_at(struct visit *visit, unsigned position)
{
    if (is_first(&visit->ranked, position))
        visit->ranks[position] = rank_of(field_at(visit, position));
    return visit->ranks[position];
}

/* That of a pattern that has the tuple's fields as literals. */
static uint32_t literals_hash(struct visit *visit, const struct shape *shape)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < shape->literal_count; i++)
        hash = literals_mix(hash, hash_at(visit, shape->positions[i]));
    return (uint32_t)(hash >> 32);
}

/* rule P3: what expressions cost is charged to each request, so each tries its own. */
static void visit_alike(struct visit *visit, struct alike *alike)
{
    const struct pattern *pattern = alike->pattern;
    struct match match = {0};
    visit->tried++;
    if (pattern->expressions > 0 || match_tuple(&match, pattern, visit->tuple->bytes))
        visit->found(visit->context, &alike->chain);
}

static void visit_interval(void *context, struct interval *interval)
{
    visit_alike(context, container_of(interval, struct alike, interval));
}

static void visit_group(struct visit *visit, const struct shape *shape, const struct group *group)
{
    struct alike *alike;
    if (shape->bounded < 0) {
        LIST_FOREACH (alike, &group->list, link)
            visit_alike(visit, alike);
        return;
    }
    const unsigned position = (unsigned)shape->bounded;
    intervals_find(&group->intervals, field_at(visit, position), rank_at(visit, position),
                   visit_interval, visit);
}

static void visit_shapes(struct visit *visit, const struct shape *shape)
{
    for (; shape; shape = shape->next) {
        if (stored_fields(visit->tuple) < shape->fields)
            continue;
        const struct group *group = group_find(shape, literals_hash(visit, shape));
        if (group)
            visit_group(visit, shape, group);
    }
}

uint64_t shapes_for_tuple(const struct space *space, const struct hash_key *key,
                          const struct stored *tuple, void (*found)(void *, struct chain *),
                          void *context)
{
    const struct length *length = space_length(space, stored_fields(tuple));
    struct shape *shapes = length ? length->shapes : NULL;
    struct visit visit; /* large, and only what is used of it is ever touched */
    if (!shapes && !space->rest_shapes)
        return 0;
    visit.key = key;
    visit.tuple = tuple;
    visit.found = found;
    visit.context = context;
    visit.tried = 0;
    visit.known = 1;
    visit.hashed = visit.ranked = (struct literal_set){{0}};
    visit.fields[0] = tuple_first(tuple->bytes);
    visit_shapes(&visit, shapes);
    visit_shapes(&visit, space->rest_shapes);
    return visit.tried;
}

/* SPDX-License-Identifier: MIT */
/* The best-placed matches, over alternatives, by the buckets. */
#include "history/model.h"

/* A part's cursor: the next match in its bucket. */
struct cursor {
    const struct places *places;
    size_t at;
    struct tup *tup; /* NULL: there is no more */
};

static bool fits(const struct query *query, const struct part *part, const struct tup *tup)
{
    return !(query->certain && tup->maybe) && pattern_matches(part->pattern, tup->bytes);
}

static void advance(struct cursor *cursor, const struct query *query, uint32_t of)
{
    cursor->tup = NULL;
    while (cursor->places && cursor->at < cursor->places->count && !cursor->tup) {
        struct tup *tup = cursor->places->list[cursor->places->head + cursor->at++];
        if (fits(query, &query->parts[of], tup))
            cursor->tup = tup;
    }
}

static void start(const struct model *model, struct cursor *cursor, const struct query *query,
                  uint32_t of)
{
    const struct part *part = &query->parts[of];
    const struct shape shape = pattern_shape(part->pattern);
    const struct bucket *bucket = bucket_find(model, part->space, &shape);
    *cursor = (struct cursor){0};
    if (bucket)
        cursor->places = query->hidden ? &bucket->hidden : &bucket->stored;
    advance(cursor, query, of);
}

static bool better(const struct tup *a, const struct tup *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->id < b->id;
}

static size_t gather_by_id(const struct model *model, const struct query *query,
                           struct found *found)
{
    struct tup *tup = tup_find(model, query->id);
    if (!tup || !tup_is_there(tup) || tup->hidden != query->hidden)
        return 0;
    for (uint32_t i = 0; i < query->part_count; i++) {
        if (query->parts[i].space == tup->space && fits(query, &query->parts[i], tup)) {
            *found = (struct found){tup, i};
            return 1;
        }
    }
    return 0;
}

size_t gather(const struct model *model, const struct query *query, struct found *list, size_t most)
{
    if (query->id != 0)
        return most ? gather_by_id(model, query, list) : 0;
    struct cursor cursors[LIMIT_GUARDS];
    size_t count = 0;
    for (uint32_t i = 0; i < query->part_count; i++)
        start(model, &cursors[i], query, i);
    while (count < most) {
        uint32_t best = query->part_count;
        for (uint32_t i = 0; i < query->part_count; i++)
            if (cursors[i].tup &&
                (best == query->part_count || better(cursors[i].tup, cursors[best].tup)))
                best = i;
        if (best == query->part_count)
            break;
        struct tup *tup = cursors[best].tup;
        list[count++] = (struct found){tup, best};
        for (uint32_t i = 0; i < query->part_count; i++) /* once, whatever else it matches */
            if (cursors[i].tup == tup)
                advance(&cursors[i], query, i);
    }
    return count;
}

struct tup *gather_one(const struct model *model, const struct part *part, bool hidden,
                       bool certain)
{
    const struct query query = {
        .parts = part, .part_count = 1, .hidden = hidden, .certain = certain};
    struct found found;
    return gather(model, &query, &found, 1) ? found.tup : NULL;
}

struct tup *gather_there(const struct model *model, const struct part *part, bool certain)
{
    struct tup *tup = gather_one(model, part, false, certain);
    return tup ? tup : gather_one(model, part, true, certain);
}

/* SPDX-License-Identifier: MIT */
/*
 * Indexes that come and go by themselves, beside the one by first field that is always there.
 *
 * Of a length of tuples, by shape: which positions are literal, and at most one that is bounded by a
 * comparison, a range or a prefix. Without such a position it is by hash (hashed.h), with one it is by
 * order (ranked.h), tuples with equal literals lying together. Looks that walk past many tuples ask
 * for one (index_walked); it is built over the stored tuples in pieces, from place to place, while
 * what comes and goes is kept up; and goes, in pieces, when many tuples have come and gone since it
 * was last used. Which ones there are changes what a look costs, never what it finds.
 *
 * Without memory for an entry the index goes: no put is refused for it.
 */
#ifndef TSD_SPACE_INDEX_H
#define TSD_SPACE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern.h"
#include "space/hashed.h"
#include "space/rank.h"
#include "space/ranked.h"
#include "space/work.h"

struct engine;
struct length;
struct space;
struct stored;

#define INDEXES_MOST 8  /* of a length */
#define INDEX_DEMANDS 8 /* shapes of a length that are counted for an index at one time */

struct index_shape {
    struct literal_set literals;
    uint8_t ordered; /* the position that is bounded, from 1; 0: none */
};

struct index {
    struct work work; /* runs while it is built, and while it goes */
    struct space *space;
    uint32_t fields; /* of its tuples */
    struct index_shape shape;
    bool ready;
    uint64_t next_key; /* while it is built: tuples placed before this are in it */
    uint64_t hits;     /* looks that used it */
    uint64_t unused;   /* tuples that came or went since the last one */
    union {
        struct hashed hashed;
        struct ranked ranked; /* shape.ordered > 0 */
    };
};

/* What looks of a shape have walked past. */
struct index_demand {
    struct index_shape shape;
    uint64_t walked;
};

/* Of a length; made when the first look asks for an index. */
struct indexes {
    struct index *list[INDEXES_MOST];
    uint32_t count;
    struct index_demand demands[INDEX_DEMANDS];
    uint32_t demand_count;
};

/* The tuples of an index: how many are in it. */
uint64_t index_entries(const struct index *index);

/* The index that a look for this pattern among tuples of the length is best done by; NULL: that by
 * first field, or none. `placed`: it has to give them in the order of place from anywhere on, so none
 * by order will do. */
struct index *index_choose(const struct length *length, const struct pattern *pattern, bool placed);

/* A look uses it. */
static inline void index_used(struct index *index)
{
    index->hits++;
    index->unused = 0;
}

/* What an index by hash has for the pattern. Void after any change. */
void index_find(const struct engine *engine, const struct index *index,
                const struct pattern *pattern, struct hashed_found *found);
/* The range of an index by order that the pattern bounds, which points into the pattern. */
struct index_range {
    const struct index *index;
    struct bounds bounds;
    struct ranked_range range;
};
void index_range(const struct engine *engine, const struct index *index,
                 const struct pattern *pattern, struct index_range *range);

/* A look for the pattern walked past so many tuples of this length: an index may be made. */
void index_walked(struct engine *engine, struct space *space, struct length *length,
                  const struct pattern *pattern, bool placed, uint64_t past);

/* A tuple of the length comes to its place, or leaves it. */
void indexes_put(struct engine *engine, struct length *length, struct stored *tuple);
void indexes_drop(struct engine *engine, struct length *length, struct stored *tuple);

/* All of the length go, at once. */
void indexes_free(struct engine *engine, struct length *length);

void indexes_check(const struct engine *engine, const struct length *length);

#endif

/* SPDX-License-Identifier: MIT */
#include "space/index.h"

#include <assert.h>
#include <string.h>

#include "base/cold.h"
#include "base/container.h"
#include "base/must.h"
#include "protocol/equal.h"
#include "space/literals.h"
#include "space/rank.h"
#include "space/state.h"
#include "space/stored.h"

/* ---- Entries ---- */

/* Tuples with equal literals lie together: a part of their hash stands above the rank. */
#define LITERALS_SHIFT 40
#define LITERALS_MASK 0xffffffu

static bool has_literals(const struct index *index)
{
    return literals_count(&index->shape.literals) > 0;
}

static uint64_t rank_under(uint32_t hash, uint64_t rank)
{
    return (uint64_t)(hash & LITERALS_MASK) << LITERALS_SHIFT | rank >> (64 - LITERALS_SHIFT);
}

static const uint8_t *bounded_field(const struct index *index, const struct stored *tuple)
{
    return literals_field(tuple->bytes, index->shape.ordered - 1u);
}

/* Of equal rank: by the field, then by place. Equal ranks are of one kind, so the fields compare. */
static int compare(const void *context, const struct ranked_member *a,
                   const struct ranked_member *b)
{
    const struct index *index = context;
    const enum order order =
        value_compare(bounded_field(index, a->item), bounded_field(index, b->item));
    if (order == ORDER_LESS || order == ORDER_GREATER)
        return order;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/* Where the tuple stands in an index by order; false: in none. */
static bool member_of(const struct engine *engine, const struct index *index, struct stored *tuple,
                      struct ranked_member *member)
{
    uint64_t rank = rank_of(bounded_field(index, tuple));
    if (rank == RANK_NONE)
        return false;
    if (has_literals(index))
        rank = rank_under(
            literals_hash_tuple(&engine->options.key, &index->shape.literals, tuple->bytes), rank);
    *member = (struct ranked_member){rank, stored_key(tuple), tuple};
    return true;
}

static int add(struct engine *engine, struct index *index, struct stored *tuple)
{
    struct ranked_member member;
    if (index->shape.ordered == 0)
        return hashed_insert(
            &index->hashed, &engine->slab, tuple,
            literals_hash_tuple(&engine->options.key, &index->shape.literals, tuple->bytes));
    if (!member_of(engine, index, tuple, &member))
        return 0;
    return ranked_insert(&index->ranked, &engine->slab, &member);
}

static void take_out(struct engine *engine, struct index *index, struct stored *tuple)
{
    struct ranked_member member;
    if (index->shape.ordered == 0)
        hashed_remove(
            &index->hashed, &engine->slab, tuple,
            literals_hash_tuple(&engine->options.key, &index->shape.literals, tuple->bytes));
    else if (member_of(engine, index, tuple, &member))
        ranked_remove(&index->ranked, &engine->slab, &member);
}

uint64_t index_entries(const struct index *index)
{
    return index->shape.ordered ? index->ranked.count : index->hashed.count;
}

/* ---- Searching ---- */

/* The range of a pattern's bounds in the index: what ranked asks, of members at its ends. */
static int side(const void *context, const struct ranked_member *member)
{
    const struct index_range *range = context;
    return bounds_side(&range->bounds, bounded_field(range->index, member->item));
}

void index_range(const struct engine *engine, const struct index *index,
                 const struct pattern *pattern, struct index_range *range)
{
    range->index = index;
    const bool bounded = bounds_of(pattern, index->shape.ordered - 1u, &range->bounds);
    assert(bounded); /* or it would not have been chosen */
    range->range = (struct ranked_range){.low = range->bounds.low_rank,
                                         .high = range->bounds.high_rank,
                                         .side = side,
                                         .context = range};
    if (has_literals(index)) {
        const uint32_t hash =
            literals_hash_pattern(&engine->options.key, &index->shape.literals, pattern);
        range->range.low = rank_under(hash, range->range.low);
        range->range.high = rank_under(hash, range->range.high);
    }
}

void index_find(const struct engine *engine, const struct index *index,
                const struct pattern *pattern, struct hashed_found *found)
{
    hashed_find(&index->hashed,
                literals_hash_pattern(&engine->options.key, &index->shape.literals, pattern),
                found);
}

/* How much of the pattern the index looks at; 0: it cannot be used. */
static unsigned worth(const struct index *index, const struct pattern *pattern, bool placed)
{
    struct bounds bounds;
    if (!index->ready || !literals_within(&index->shape.literals, &pattern->literals))
        return 0;
    if (index->shape.ordered && (placed || !bounds_of(pattern, index->shape.ordered - 1u, &bounds)))
        return 0;
    return 2 * literals_count(&index->shape.literals) + (index->shape.ordered > 0);
}

struct index *index_choose(const struct length *length, const struct pattern *pattern, bool placed)
{
    struct index *best = NULL;
    unsigned most = pattern_is_literal(pattern, 0) ? 2 : 0; /* what that by first field is worth */
    for (uint32_t i = 0; length->indexes && i < length->indexes->count; i++) {
        struct index *index = length->indexes->list[i];
        const unsigned worth_of = worth(index, pattern, placed);
        if (worth_of > most) {
            most = worth_of;
            best = index;
        }
    }
    return best;
}

/* ---- Coming and going ---- */

static void free_piece(struct engine *engine, struct work *work)
{
    struct index *index = container_of(work, struct index, work);
    const uint64_t piece = engine_piece(engine);
    const uint32_t some = piece < UINT32_MAX ? (uint32_t)piece : UINT32_MAX;
    const bool gone = index->shape.ordered
                          ? ranked_deinit_some(&index->ranked, &engine->slab, some / 64 + 1)
                          : hashed_deinit_some(&index->hashed, &engine->slab, some);
    if (!gone)
        return;
    work_end(engine, work);
    slab_free(&engine->slab, index, sizeof *index);
}

/* Nobody looks for it any more; its memory goes in pieces. */
static void go(struct engine *engine, struct indexes *indexes, uint32_t at)
{
    struct index *index = indexes->list[at];
    indexes->list[at] = indexes->list[--indexes->count];
    engine->indexes_gone++;
    work_end(engine, &index->work);
    index->space = NULL;
    work_begin_own(engine, &index->work, free_piece);
    if (engine->options.piece == 0)
        free_piece(engine, &index->work);
}

static void build_piece(struct engine *engine, struct work *work)
{
    struct index *index = container_of(work, struct index, work);
    const struct length *length = space_length(index->space, index->fields);
    const uint64_t piece = engine_piece(engine) / 4 + 1; /* an entry costs more than a look */
    uint64_t count = 0;
    struct places_cursor at = places_seek(&length->all, index->next_key);
    struct stored *tuple;
    for (; (tuple = places_at(&at)) && count < piece; places_next(&at), count++) {
        if (add(engine, index, tuple) < 0) {
            struct indexes *indexes = length->indexes;
            uint32_t i = 0;
            while (indexes->list[i] != index)
                i++;
            go(engine, indexes, i);
            return;
        }
        index->next_key = stored_key(tuple) + 1;
    }
    if (tuple)
        return;
    index->ready = true;
    engine->indexes_made++;
    work_end(engine, work);
}

static void make(struct engine *engine, struct space *space, struct length *length,
                 const struct index_shape *shape, uint32_t fields)
{
    struct index *index = slab_alloc(&engine->slab, sizeof *index);
    if (!index)
        return; /* looks go on to walk */
    *index = (struct index){.space = space, .fields = fields, .shape = *shape};
    if (shape->ordered)
        ranked_init(&index->ranked, compare, index);
    else
        hashed_init(&index->hashed);
    length->indexes->list[length->indexes->count++] = index;
    work_begin_own(engine, &index->work, build_piece);
    if (engine->options.piece == 0)
        build_piece(engine, &index->work);
}

static bool is_shape(const struct index_shape *a, const struct index_shape *b)
{
    return a->ordered == b->ordered && literals_same(&a->literals, &b->literals);
}

/* The shape of an index that leaves a look for the pattern nothing to walk past but what no index
 * could; false: none could do better than that by first field. */
static bool shape_for(const struct pattern *pattern, bool placed, struct index_shape *shape)
{
    *shape = (struct index_shape){.literals = pattern->literals};
    if (!placed)
        shape->ordered = (uint8_t)(bounds_position(pattern) + 1);
    const unsigned literals = literals_count(&shape->literals);
    return shape->ordered > 0 || literals > 1 || (literals == 1 && !pattern_is_literal(pattern, 0));
}

static bool is_there(const struct indexes *indexes, const struct index_shape *shape)
{
    for (uint32_t i = 0; i < indexes->count; i++)
        if (is_shape(&indexes->list[i]->shape, shape))
            return true;
    return false;
}

/* The demand for this shape; where too many are counted it takes the place of the least. */
static struct index_demand *demand_for(struct indexes *indexes, const struct index_shape *shape)
{
    struct index_demand *least = &indexes->demands[0];
    for (uint32_t i = 0; i < indexes->demand_count; i++) {
        struct index_demand *demand = &indexes->demands[i];
        if (is_shape(&demand->shape, shape))
            return demand;
        if (demand->walked < least->walked)
            least = demand;
    }
    if (indexes->demand_count < INDEX_DEMANDS)
        least = &indexes->demands[indexes->demand_count++];
    *least = (struct index_demand){*shape, 0};
    return least;
}

/* Tuples that came or went without a use until it does not pay any more. */
static uint64_t patience(const struct engine *engine, const struct index *index)
{
    const uint64_t entries = 2 * index_entries(index);
    return entries > engine->options.index.idle ? entries : engine->options.index.idle;
}

/* Room for one more: the one longest unused goes, if that was as long as building another takes. */
static bool make_room(struct engine *engine, const struct length *length)
{
    struct indexes *indexes = length->indexes;
    uint32_t at = 0;
    if (indexes->count < INDEXES_MOST)
        return true;
    for (uint32_t i = 1; i < indexes->count; i++)
        if (indexes->list[i]->unused > indexes->list[at]->unused)
            at = i;
    if (indexes->list[at]->unused <= index_entries(indexes->list[at]))
        return false;
    go(engine, indexes, at);
    return true;
}

void index_walked(struct engine *engine, struct space *space, struct length *length,
                  const struct pattern *pattern, bool placed, uint64_t past)
{
    const struct index_options *options = &engine->options.index;
    struct index_shape shape;
    if (options->off || !shape_for(pattern, placed, &shape))
        return;
    if (!length->indexes && !(length->indexes = mem_zalloc(sizeof *length->indexes)))
        return;
    if (is_there(length->indexes, &shape))
        return;
    struct index_demand *demand = demand_for(length->indexes, &shape);
    demand->walked += past;
    /* What has been walked in vain is what building it costs. */
    if (demand->walked < options->walk || demand->walked < length->all.count / 4)
        return;
    *demand = length->indexes->demands[--length->indexes->demand_count];
    if (make_room(engine, length))
        make(engine, space, length, &shape, (uint32_t)(length - space->lengths));
}

/* Whether the index has, or should have, the tuple at this place. */
static bool reaches(const struct index *index, const struct stored *tuple)
{
    return index->ready || stored_key(tuple) < index->next_key;
}

/* One more that came or went. Returns whether the index pays no more. */
static bool wears(const struct engine *engine, struct index *index)
{
    return ++index->unused > patience(engine, index) && index->ready;
}

COLD void indexes_put(struct engine *engine, struct length *length, struct stored *tuple)
{
    for (uint32_t i = length->indexes->count; i-- > 0;) {
        struct index *index = length->indexes->list[i];
        if (wears(engine, index) || (reaches(index, tuple) && add(engine, index, tuple) < 0))
            go(engine, length->indexes, i);
    }
}

COLD void indexes_drop(struct engine *engine, struct length *length, struct stored *tuple)
{
    for (uint32_t i = length->indexes->count; i-- > 0;) {
        struct index *index = length->indexes->list[i];
        if (reaches(index, tuple))
            take_out(engine, index, tuple);
        if (wears(engine, index))
            go(engine, length->indexes, i);
    }
}

void indexes_free(struct engine *engine, struct length *length)
{
    if (!length->indexes)
        return;
    while (length->indexes->count > 0)
        go(engine, length->indexes, length->indexes->count - 1);
    mem_free(length->indexes);
    length->indexes = NULL;
}

void indexes_check(const struct engine *engine, const struct length *length)
{
    for (uint32_t i = 0; length->indexes && i < length->indexes->count; i++) {
        const struct index *index = length->indexes->list[i];
        uint64_t count = 0;
        struct places_cursor at = places_seek(&length->all, 0);
        struct stored *tuple;
        for (; (tuple = places_at(&at)); places_next(&at)) {
            struct ranked_member member;
            if (reaches(index, tuple))
                count += !index->shape.ordered || member_of(engine, index, tuple, &member);
        }
        assert(count == index_entries(index));
        assert(index->ready != work_runs(&index->work));
        if (index->shape.ordered)
            ranked_check(&index->ranked);
        else
            hashed_check(&index->hashed);
    }
}

/* SPDX-License-Identifier: MIT */
#include "space/report.h"

#include <assert.h>

#include "base/must.h"
#include "space/index.h"
#include "space/literals.h"
#include "space/shapes.h"
#include "space/state.h"

/* ---- Maps and arrays ---- */

#define HEAD_ARRAY 0xdc /* each followed by two bytes, the count */
#define HEAD_MAP 0xde

static struct report begin(struct buffer *out, uint8_t head)
{
    const struct report report = {.out = out, .at = out->size};
    const uint8_t bytes[] = {head, 0, 0};
    buffer_append(out, bytes, sizeof bytes);
    must(out->failed ? -1 : 0);
    return report;
}

struct report report_map(struct buffer *out)
{
    return begin(out, HEAD_MAP);
}

struct report report_array(struct buffer *out)
{
    return begin(out, HEAD_ARRAY);
}

void report_end(const struct report *report)
{
    assert(report->count <= UINT16_MAX);
    must(report->out->failed ? -1 : 0);
    report->out->bytes[report->at + 1] = (uint8_t)(report->count >> 8);
    report->out->bytes[report->at + 2] = (uint8_t)report->count;
}

static struct buffer *pair(struct report *map, uint32_t key)
{
    msgpack_packer packer = buffer_packer(map->out);
    map->count++;
    msgpack_pack_uint32(&packer, key);
    return map->out;
}

struct report report_map_at(struct report *map, uint32_t key)
{
    return begin(pair(map, key), HEAD_MAP);
}

struct report report_array_at(struct report *map, uint32_t key)
{
    return begin(pair(map, key), HEAD_ARRAY);
}

static void pack_uint(struct buffer *out, uint64_t value)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_uint64(&packer, value);
}

static void pack_bool(struct buffer *out, bool value)
{
    buffer_append_byte(out, value ? 0xc3 : 0xc2);
}

void report_uint_at(struct report *map, uint32_t key, uint64_t value)
{
    pack_uint(pair(map, key), value);
}

void report_bool_at(struct report *map, uint32_t key, bool value)
{
    pack_bool(pair(map, key), value);
}

void report_uint(struct report *array, uint64_t value)
{
    array->count++;
    pack_uint(array->out, value);
}

void report_bool(struct report *array, bool value)
{
    array->count++;
    pack_bool(array->out, value);
}

/* ---- Indexes and shapes ---- */

static struct report element(struct report *array)
{
    array->count++;
    return report_map(array->out);
}

static void literals_at(struct report *map, uint32_t key, const struct literal_set *literals)
{
    struct report positions = report_array_at(map, key);
    for (unsigned i = 0; i < LIMIT_TUPLE_FIELDS; i++)
        if (literals_has(literals, i))
            report_uint(&positions, i);
    report_end(&positions);
}

/* What every index tells, also none and that by first field. */
static struct report begin_index(struct report *array, enum tsd_index_kind kind, uint32_t fields,
                                 const struct literal_set *literals, uint64_t entries)
{
    struct report map = element(array);
    report_uint_at(&map, TSD_INDEX_KIND, kind);
    report_uint_at(&map, TSD_INDEX_FIELDS, fields);
    literals_at(&map, TSD_INDEX_LITERALS, literals);
    report_uint_at(&map, TSD_INDEX_ENTRIES, entries);
    return map;
}

static const struct literal_set none = {{0}}, first = {{1}};

static struct report begin_made(struct report *array, const struct index *index)
{
    const uint8_t ordered = index->shape.ordered;
    struct report map = begin_index(array, ordered ? TSD_KIND_ORDER : TSD_KIND_HASH, index->fields,
                                    &index->shape.literals, index_entries(index));
    if (ordered)
        report_uint_at(&map, TSD_INDEX_ORDERED, ordered - 1u);
    return map;
}

static void report_index(struct report *array, const struct index *index)
{
    struct report map = begin_made(array, index);
    report_bool_at(&map, TSD_INDEX_READY, index->ready);
    report_uint_at(&map, TSD_INDEX_HITS, index->hits);
    report_uint_at(&map, TSD_INDEX_UNUSED, index->unused);
    report_end(&map);
}

static void report_indexes(struct report *row, const struct space *space)
{
    struct report array = report_array_at(row, TSD_STATS_INDEXES);
    for (uint32_t fields = 1; fields < space->length_count; fields++) {
        const struct length *length = &space->lengths[fields];
        if (length->all.count > 0) {
            const struct report map =
                begin_index(&array, TSD_KIND_FIRST, fields, &first, length->all.count);
            report_end(&map);
        }
        for (uint32_t i = 0; length->indexes && i < length->indexes->count; i++)
            report_index(&array, length->indexes->list[i]);
    }
    report_end(&array);
}

struct reporting_shapes {
    struct report array;
    uint64_t more;
};

static void report_shape(void *context, const struct shape_info *info)
{
    struct reporting_shapes *reporting = context;
    if (reporting->array.count == REPORT_SHAPES_MOST) {
        reporting->more++;
        return;
    }
    struct report map = element(&reporting->array);
    report_uint_at(&map, TSD_SHAPE_SIZE, info->fields);
    report_bool_at(&map, TSD_SHAPE_OPEN, info->rest);
    literals_at(&map, TSD_SHAPE_FIXED, info->literals);
    if (info->bounded >= 0)
        report_uint_at(&map, TSD_SHAPE_BOUNDED, (uint64_t)info->bounded);
    report_uint_at(&map, TSD_SHAPE_PATTERNS, info->patterns);
    report_uint_at(&map, TSD_SHAPE_WAITS, info->waits);
    report_end(&map);
}

static void report_shapes(struct report *row, const struct space *space)
{
    struct reporting_shapes reporting = {.array = report_array_at(row, TSD_STATS_SHAPES)};
    shapes_each(space, report_shape, &reporting);
    report_end(&reporting.array);
    if (reporting.more > 0)
        report_uint_at(row, TSD_STATS_SHAPES_MORE, reporting.more);
}

/* ---- Rows and ways ---- */

/* What stands in the space and in its counts of walks, each by its key. */
#define SPACE_UINTS(X)                                                                             \
    X(TUPLES, tuples)                                                                              \
    X(BYTES, bytes)                                                                                \
    X(KEPT, kept)                                                                                  \
    X(DELAYED, delayed)                                                                            \
    X(WAITING, waiting)                                                                            \
    X(WATCHES, watches)                                                                            \
    X(LOOKS, walks.looks)                                                                          \
    X(WALKS, walks.walks)                                                                          \
    X(WALKED, walks.walked)                                                                        \
    X(LONGEST, walks.longest)                                                                      \
    X(OVERSIZED, walks.oversized)                                                                  \
    X(OVERRUNS, walks.overruns)

void report_space(struct buffer *out, const struct space *space)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, 2);
    buffer_pack_str(out, space->name, space->name_size);
    struct report row = report_map(out);
#define UINT_AT(NAME, member) report_uint_at(&row, TSD_STATS_##NAME, space->member);
    SPACE_UINTS(UINT_AT)
#undef UINT_AT
    struct report lengths = report_array_at(&row, TSD_STATS_LENGTHS);
    for (unsigned i = 0; i < WALK_LENGTHS; i++)
        report_uint(&lengths, space->walks.lengths[i]);
    report_end(&lengths);
    report_indexes(&row, space);
    report_shapes(&row, space);
    report_end(&row);
}

/* How many tuples of the length have the pattern's first field, which is literal. */
static uint64_t under_first(const struct engine *engine, const struct space *space, uint32_t fields,
                            const uint8_t *literal)
{
    const uint64_t hash = value_hash(&engine->options.key, literal);
    const struct firsts_found found =
        firsts_find(&space->firsts, firsts_hash(hash, fields), fields, literal);
    return found.group ? found.group->count : found.single != NULL;
}

static uint64_t under_hash(const struct engine *engine, const struct index *index,
                           const struct pattern *pattern)
{
    struct hashed_found found;
    index_find(engine, index, pattern, &found);
    return found.group ? found.group->count : found.count;
}

void report_way(struct report *ways, const struct engine *engine, const struct space *space,
                uint32_t fields, const struct pattern *pattern)
{
    const struct length *length = space_length(space, fields);
    const struct index *index = length->indexes ? index_choose(length, pattern, false) : NULL;
    const uint8_t *literal = pattern_literal(pattern, 0);
    struct report map;
    if (index) {
        map = begin_made(ways, index);
        if (!index->shape.ordered)
            report_uint_at(&map, TSD_INDEX_UNDER, under_hash(engine, index, pattern));
    } else if (literal) {
        map = begin_index(ways, TSD_KIND_FIRST, fields, &first, length->all.count);
        report_uint_at(&map, TSD_INDEX_UNDER, under_first(engine, space, fields, literal));
    } else {
        map = begin_index(ways, TSD_KIND_ALL, fields, &none, length->all.count);
    }
    report_end(&map);
}

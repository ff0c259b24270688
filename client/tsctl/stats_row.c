/* SPDX-License-Identifier: MIT */
#include "tsctl/stats_row.h"

#include <stdio.h>
#include <string.h>

#include <tsclient.h>

#include "protocol/value.h"
#include "tsctl/memory.h"
#include "tsctl/quantity.h"
#include "tsctl/report.h"

bool stats_row_read(const uint8_t *element, struct stats_row *row)
{
    struct report_list parts = report_list(element);
    const uint8_t *name = report_next(&parts);
    struct value text;
    row->map = report_next(&parts);
    if (row->map == NULL)
        return false;
    value_read_trusted(name, &text);
    if (text.type != VALUE_STR || text.length >= sizeof(row->name))
        return false;
    memcpy(row->name, text.bytes, text.length);
    row->name[text.length] = '\0';
    return true;
}

/* ---- A space a row ---- */

/* The numbers, with their keys; for people those that may hide are shown where there are some. */
#define NUMBERS(X)                                                                                 \
    X(TUPLES, "tuples", false)                                                                     \
    X(BYTES, "bytes", false)                                                                       \
    X(WAITING, "waiting", false)                                                                   \
    X(KEPT, "kept", true)                                                                          \
    X(DELAYED, "delayed", true)                                                                    \
    X(WATCHES, "watches", true)                                                                    \
    X(LOOKS, "looks", false)                                                                       \
    X(WALKS, "walks", false)                                                                       \
    X(LONGEST, "longest", false)                                                                   \
    X(OVERSIZED, "oversized", true)                                                                \
    X(OVERRUNS, "overruns", true)

/* The last three are for programs alone: so that it fits a screen. */
#define COLUMN(NAME, name, may_hide) {name, true, may_hide},
static const struct table_column columns[] = {
    {"space", false, false}, NUMBERS(COLUMN){"indexes", true, true},
    {"shapes", true, true},  {"shapes-more", true, true},
    {"walked", true, true},  {"lengths", true, true},
};
#undef COLUMN
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), COLUMNS_FOR_PEOPLE = COLUMNS - 3 };

void stats_row_table(struct table *table, bool people)
{
    table_init(table, columns, people ? COLUMNS_FOR_PEOPLE : COLUMNS);
}

/* Indexes that came by themselves. */
static uint64_t count_made(const uint8_t *indexes)
{
    struct report_list list = report_list(indexes);
    const uint8_t *index;
    uint64_t count = 0;
    while ((index = report_next(&list)) != NULL)
        count += report_uint(index, TSD_INDEX_KIND) != TSD_KIND_FIRST;
    return count;
}

static void add_lengths(struct table *table, const uint8_t *lengths)
{
    struct report_list list = report_list(lengths);
    msgpack_packer packer = buffer_packer(&table->rows);
    msgpack_pack_array(&packer, list.count);
    while (list.count > 0)
        msgpack_pack_uint64(&packer, report_next_uint(&list));
}

void stats_row_add(struct table *table, const struct stats_row *row, bool people)
{
    const uint8_t *indexes = report_find(row->map, TSD_STATS_INDEXES);
    const uint8_t *shapes = report_find(row->map, TSD_STATS_SHAPES);
    const uint64_t more = report_uint(row->map, TSD_STATS_SHAPES_MORE);
    table_row(table);
    table_str(table, row->name);
#define ADD(NAME, name, may_hide) table_uint(table, report_uint(row->map, TSD_STATS_##NAME));
    NUMBERS(ADD)
#undef ADD
    if (people) {
        table_uint(table, count_made(indexes));
        table_uint(table, report_list(shapes).count + more);
        return;
    }
    report_indexes(&table->rows, indexes);
    report_shapes(&table->rows, shapes);
    table_uint(table, more);
    table_uint(table, report_uint(row->map, TSD_STATS_WALKED));
    add_lengths(table, report_find(row->map, TSD_STATS_LENGTHS));
}

/* ---- What belongs to one space ---- */

static void print_details(struct table *table, struct output *output)
{
    if (table->rows.size > 0) {
        output_end_record(output);
        table_print(table, output);
    }
    table_deinit(table);
}

/* "3", with a rest "3+". */
static void add_size(struct table *table, uint64_t fields, bool rest)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%u%s", (unsigned)fields, rest ? "+" : "");
    table_str(table, text);
}

/* "1,3"; nil for none. */
static void add_fields(struct table *table, const uint8_t *array)
{
    struct report_list list = report_list(array);
    struct buffer text = BUFFER_INIT;
    if (list.count == 0) {
        table_nil(table);
        return;
    }
    for (const char *comma = ""; list.count > 0; comma = ",")
        buffer_printf(&text, "%s%u", comma, (unsigned)report_next_uint(&list) + 1);
    buffer_append_byte(&text, '\0');
    memory_check(!text.failed);
    table_str(table, (const char *)text.bytes);
    buffer_deinit(&text);
}

static void add_field(struct table *table, const uint8_t *map, uint32_t key)
{
    if (report_find(map, key) != NULL)
        table_uint(table, report_uint(map, key) + 1);
    else
        table_nil(table);
}

static void add_uint(struct table *table, const uint8_t *map, uint32_t key)
{
    if (report_find(map, key) != NULL)
        table_uint(table, report_uint(map, key));
    else
        table_nil(table);
}

static void print_indexes(const uint8_t *indexes, struct output *output)
{
    static const struct table_column index_columns[] = {
        {"index", false, false}, {"fields", true, false}, {"literal", false, false},
        {"ordered", true, true}, {"tuples", true, false}, {"hits", true, true},
        {"unused", true, true},  {"state", false, true},
    };
    struct report_list list = report_list(indexes);
    const uint8_t *index;
    struct table table;
    table_init(&table, index_columns, sizeof(index_columns) / sizeof(index_columns[0]));
    while ((index = report_next(&list)) != NULL) {
        const bool made = report_find(index, TSD_INDEX_READY) != NULL;
        table_row(&table);
        table_str(&table, report_kind(index));
        table_uint(&table, report_uint(index, TSD_INDEX_FIELDS));
        add_fields(&table, report_find(index, TSD_INDEX_LITERALS));
        add_field(&table, index, TSD_INDEX_ORDERED);
        table_uint(&table, report_uint(index, TSD_INDEX_ENTRIES));
        add_uint(&table, index, TSD_INDEX_HITS);
        add_uint(&table, index, TSD_INDEX_UNUSED);
        if (made && !report_bool(index, TSD_INDEX_READY))
            table_str(&table, "building");
        else
            table_nil(&table);
    }
    print_details(&table, output);
}

static void print_shapes(const uint8_t *shapes, uint64_t more, struct output *output)
{
    static const struct table_column shape_columns[] = {
        {"shape", false, false},  {"literal", false, false}, {"bounded", true, true},
        {"patterns", true, true}, {"waits", true, false},
    };
    struct report_list list = report_list(shapes);
    const uint8_t *shape;
    struct table table;
    table_init(&table, shape_columns, sizeof(shape_columns) / sizeof(shape_columns[0]));
    while ((shape = report_next(&list)) != NULL) {
        table_row(&table);
        add_size(&table, report_uint(shape, TSD_SHAPE_SIZE), report_bool(shape, TSD_SHAPE_OPEN));
        add_fields(&table, report_find(shape, TSD_SHAPE_FIXED));
        add_field(&table, shape, TSD_SHAPE_BOUNDED);
        add_uint(&table, shape, TSD_SHAPE_PATTERNS);
        table_uint(&table, report_uint(shape, TSD_SHAPE_WAITS));
    }
    print_details(&table, output);
    if (more > 0) {
        buffer_printf(&output->bytes, "and %llu more", (unsigned long long)more);
        output_end_record(output);
    }
}

static void print_lengths(const uint8_t *lengths, struct output *output)
{
    static const struct table_column length_columns[] = {{"walks", true, false},
                                                         {"past", false, false}};
    struct report_list list = report_list(lengths);
    struct table table;
    uint64_t most = 1;
    table_init(&table, length_columns, sizeof(length_columns) / sizeof(length_columns[0]));
    for (; list.count > 0; most *= 10) {
        char count[QUANTITY_TUPLES_SIZE], text[QUANTITY_TUPLES_SIZE + 16];
        const bool last = list.count == 1;
        const uint64_t walks = report_next_uint(&list);
        if (walks == 0)
            continue;
        (void)snprintf(text, sizeof(text), "%s %s", last ? "more than" : "up to",
                       quantity_tuples(last ? most / 10 : most, count));
        table_row(&table);
        table_uint(&table, walks);
        table_str(&table, text);
    }
    print_details(&table, output);
}

void stats_row_details(const struct stats_row *row, struct output *output)
{
    print_indexes(report_find(row->map, TSD_STATS_INDEXES), output);
    print_shapes(report_find(row->map, TSD_STATS_SHAPES),
                 report_uint(row->map, TSD_STATS_SHAPES_MORE), output);
    print_lengths(report_find(row->map, TSD_STATS_LENGTHS), output);
}

/* SPDX-License-Identifier: MIT */
/*
 * The order of a table's rows that --sort asks for.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"
#include "tsctl/table.h"

static size_t find(const struct table *table, const char *name)
{
    size_t i = 0;
    while (i < table->column_count && strcmp(table->columns[i].name, name) != 0)
        i++;
    return i;
}

int table_check_sort(const struct table *table, const struct options *options)
{
    if (options->sort == NULL || find(table, options->sort) < table->column_count)
        return 0;
    complain("--sort: no column '%s'", options->sort);
    struct buffer names = BUFFER_INIT;
    for (size_t i = 0; i < table->column_count; i++)
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", table->columns[i].name);
    memory_check(!names.failed);
    complain_hint("there are %.*s", (int)names.size, (const char *)names.bytes);
    buffer_deinit(&names);
    return EXIT_USAGE;
}

struct sorted {
    const uint8_t *row, *cell;
    size_t size; /* of the row */
};

/* nil last, strs before lists before numbers: in one column there are only these and one other. */
static int class_of(const struct value *value)
{
    return value->type == VALUE_NIL     ? 3
           : value->type == VALUE_STR   ? 0
           : value->type == VALUE_ARRAY ? 1
                                        : 2;
}

static bool is_number(const struct value *str)
{
    uint32_t i = 0;
    while (i < str->length && str->bytes[i] >= '0' && str->bytes[i] <= '9')
        i++;
    return i > 0 && i == str->length;
}

/* Ids, which are strs, by the numbers that they are. */
static int compare_strs(const struct sorted *one, const struct sorted *other,
                        const struct value *left, const struct value *right)
{
    if (left->length != right->length && is_number(left) && is_number(right))
        return left->length < right->length ? -1 : 1;
    return (int)value_compare(one->cell, other->cell);
}

static int compare(const void *a, const void *b)
{
    const struct sorted *one = a, *other = b;
    struct value left, right;
    value_read_trusted(one->cell, &left);
    value_read_trusted(other->cell, &right);
    int order = class_of(&left) - class_of(&right);
    if (order == 0 && left.type == VALUE_ARRAY)
        order = (left.length < right.length) - (left.length > right.length);
    else if (order == 0 && left.type == VALUE_STR)
        order = compare_strs(one, other, &left, &right);
    else if (order == 0 && left.type != VALUE_NIL)
        order = -(int)value_compare(one->cell, other->cell);
    return order != 0 ? order : (one->row > other->row) - (one->row < other->row);
}

/* Returns how many rows there are. */
static size_t list_rows(const struct table *table, size_t column, struct sorted *rows)
{
    const uint8_t *at = table->rows.bytes, *end = at + table->rows.size;
    size_t count = 0;
    for (; at < end; count++) {
        const uint8_t *next = value_skip_trusted(at);
        if (rows != NULL) {
            struct value head;
            const uint8_t *cell = value_read_trusted(at, &head);
            for (size_t i = 0; i < column; i++)
                cell = value_skip_trusted(cell);
            rows[count] = (struct sorted){at, cell, (size_t)(next - at)};
        }
        at = next;
    }
    return count;
}

void table_sort(struct table *table, const struct options *options)
{
    memory_check(!table->rows.failed);
    if (options->sort == NULL || table->rows.size == 0)
        return;
    const size_t column = find(table, options->sort);
    const size_t count = list_rows(table, column, NULL);
    struct sorted *rows = memory_resize(NULL, count * sizeof(*rows));
    struct buffer ordered = BUFFER_INIT;
    list_rows(table, column, rows);
    qsort(rows, count, sizeof(*rows), compare);
    for (size_t i = 0; i < count; i++)
        buffer_append(&ordered, rows[i].row, rows[i].size);
    memory_check(!ordered.failed);
    free(rows);
    buffer_deinit(&table->rows);
    table->rows = ordered;
}

/* SPDX-License-Identifier: MIT */
#include "tsctl/table.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/text_write.h"
#include "protocol/value.h"
#include "tsctl/color.h"
#include "tsctl/memory.h"
#include "tsctl/quantity.h"
#include "tsctl/width.h"

#define CELL_COLUMNS 34 /* of a tuple: with what else is told of a hold it is a line */

void table_init(struct table *table, const struct table_column *columns, size_t count)
{
    *table = (struct table){.columns = columns, .column_count = count};
}

void table_deinit(struct table *table)
{
    buffer_deinit(&table->rows);
}

void table_row(struct table *table)
{
    msgpack_packer packer = buffer_packer(&table->rows);
    msgpack_pack_array(&packer, table->column_count);
}

void table_str(struct table *table, const char *text)
{
    buffer_pack_str(&table->rows, text, strlen(text));
}

void table_uint(struct table *table, uint64_t number)
{
    msgpack_packer packer = buffer_packer(&table->rows);
    msgpack_pack_uint64(&packer, number);
}

void table_id(struct table *table, uint64_t id)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, id);
    table_str(table, text);
}

void table_seconds(struct table *table, double seconds)
{
    msgpack_packer packer = buffer_packer(&table->rows);
    msgpack_pack_double(&packer, quantity_to_ms(seconds));
}

void table_value(struct table *table, const uint8_t *value, size_t size)
{
    buffer_append(&table->rows, value, size);
}

void table_nil(struct table *table)
{
    msgpack_packer packer = buffer_packer(&table->rows);
    msgpack_pack_nil(&packer);
}

static const uint8_t *first_cell(const uint8_t *row)
{
    struct value head;
    return value_read_trusted(row, &head);
}

/* The text of a cell as a table shows it, in a buffer that is emptied before. Returns its columns. */
static unsigned show_cell(const uint8_t *cell, struct buffer *text)
{
    struct value head;
    char age[QUANTITY_AGE_SIZE];
    buffer_clear(text);
    value_read_trusted(cell, &head);
    if (head.type == VALUE_NIL)
        buffer_append_byte(text, '-');
    else if (head.type == VALUE_FLOAT)
        buffer_printf(text, "%s", quantity_age(head.real, age));
    else
        output_plain(text, cell);
    memory_check(!text->failed);
    return head.type == VALUE_ARRAY ? width_cut(text, 0, CELL_COLUMNS)
                                    : width_of((const char *)text->bytes, text->size);
}

static bool is_nothing(const uint8_t *cell)
{
    struct value head;
    value_read_trusted(cell, &head);
    return head.type == VALUE_NIL || (head.type == VALUE_INT && head.u64 == 0);
}

#define HIDDEN UINT_MAX /* as a column's width */

/* The columns' widths; of one that has nothing to show HIDDEN. */
static void measure(const struct table *table, bool no_headers, unsigned *widths)
{
    bool *shown = memory_resize(NULL, table->column_count * sizeof(*shown));
    for (size_t i = 0; i < table->column_count; i++) {
        widths[i] = no_headers ? 0 : (unsigned)strlen(table->columns[i].name);
        shown[i] = !table->columns[i].may_hide;
    }
    struct buffer text = BUFFER_INIT;
    const uint8_t *end = table->rows.bytes + table->rows.size;
    for (const uint8_t *row = table->rows.bytes; row < end; row = value_skip_trusted(row)) {
        const uint8_t *cell = first_cell(row);
        for (size_t i = 0; i < table->column_count; i++, cell = value_skip_trusted(cell)) {
            unsigned width = show_cell(cell, &text);
            widths[i] = width > widths[i] ? width : widths[i];
            shown[i] = shown[i] || !is_nothing(cell);
        }
    }
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = shown[i] ? widths[i] : HIDDEN;
    buffer_deinit(&text);
    free(shown);
}

static void pad(struct buffer *out, unsigned columns)
{
    while (columns-- > 0)
        buffer_append_byte(out, ' ');
}

/* One cell, padded to its column; the last one is not padded at its right. */
static void write_cell(const struct table *table, size_t column, const unsigned *widths,
                       const void *text, size_t size, unsigned width, struct buffer *out)
{
    if (widths[column] == HIDDEN)
        return;
    unsigned room = widths[column] - width;
    if (column > 0)
        pad(out, 2);
    if (table->columns[column].is_number)
        pad(out, room);
    buffer_append(out, text, size);
    if (!table->columns[column].is_number && column + 1 < table->column_count)
        pad(out, room);
}

static void write_heads(const struct table *table, const unsigned *widths, struct buffer *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        char head[32];
        size_t size = strlen(table->columns[i].name);
        for (size_t j = 0; j < size; j++)
            head[j] = (char)toupper((unsigned char)table->columns[i].name[j]);
        write_cell(table, i, widths, head, size, (unsigned)size, out);
    }
}

static void print_heads(const struct table *table, const unsigned *widths, struct output *output)
{
    bool color = color_is_wanted(output->options->color, STDOUT_FILENO);
    buffer_printf(&output->bytes, "%s", color ? "\033[1m" : "");
    write_heads(table, widths, &output->bytes);
    buffer_printf(&output->bytes, "%s", color ? "\033[0m" : "");
    output_end_record(output);
}

static void print_aligned(const struct table *table, struct output *output)
{
    unsigned *widths = memory_resize(NULL, table->column_count * sizeof(*widths));
    measure(table, output->options->no_headers, widths);
    if (!output->options->no_headers)
        print_heads(table, widths, output);
    struct buffer text = BUFFER_INIT;
    const uint8_t *end = table->rows.bytes + table->rows.size;
    for (const uint8_t *row = table->rows.bytes; row < end; row = value_skip_trusted(row)) {
        const uint8_t *cell = first_cell(row);
        for (size_t i = 0; i < table->column_count; i++, cell = value_skip_trusted(cell)) {
            unsigned width = show_cell(cell, &text);
            write_cell(table, i, widths, text.bytes, text.size, width, &output->bytes);
        }
        output_end_record(output);
    }
    buffer_deinit(&text);
    free(widths);
}

static void print_json_row(const struct table *table, const uint8_t *row, struct output *output)
{
    const uint8_t *cell = first_cell(row);
    for (size_t i = 0; i < table->column_count; i++, cell = value_skip_trusted(cell)) {
        buffer_printf(&output->bytes, "%c\"%s\":", i == 0 ? '{' : ',', table->columns[i].name);
        text_write_json(cell, &output->bytes);
    }
    buffer_append_byte(&output->bytes, '}');
    output_end_record(output);
}

static void print_sh_row(const struct table *table, const uint8_t *row, struct output *output)
{
    const uint8_t *cell = first_cell(row);
    for (size_t i = 0; i < table->column_count; i++, cell = value_skip_trusted(cell)) {
        if (i > 0)
            buffer_append_byte(&output->bytes, ' ');
        for (const char *c = table->columns[i].name; *c != '\0'; c++)
            buffer_append_byte(&output->bytes, *c == '-' ? '_' : (uint8_t)*c); /* a shell's name */
        buffer_append_byte(&output->bytes, '=');
        output_sh(&output->bytes, cell);
    }
    output_end_record(output);
}

static void print_raw_row(const struct table *table, const uint8_t *row, struct output *output)
{
    msgpack_packer packer = buffer_packer(&output->bytes);
    msgpack_pack_map(&packer, table->column_count);
    const uint8_t *cell = first_cell(row);
    for (size_t i = 0; i < table->column_count; i++) {
        const uint8_t *next = value_skip_trusted(cell);
        buffer_pack_str(&output->bytes, table->columns[i].name, strlen(table->columns[i].name));
        buffer_append(&output->bytes, cell, (size_t)(next - cell));
        cell = next;
    }
}

static void print_row(const struct table *table, const uint8_t *row, struct output *output)
{
    bool picked = output->options->fields.count > 0;
    if (picked || output->options->output == FORMAT_TSV)
        output_tuple(output, row);
    else if (output->options->output == FORMAT_SH)
        print_sh_row(table, row, output);
    else if (output->options->output == FORMAT_RAW)
        print_raw_row(table, row, output);
    else
        print_json_row(table, row, output);
}

void table_print(const struct table *table, struct output *output)
{
    memory_check(!table->rows.failed);
    enum format format = output->options->output;
    if (output->options->fields.count == 0 &&
        (format == FORMAT_DEFAULT || format == FORMAT_TABLE)) {
        print_aligned(table, output);
        return;
    }
    const uint8_t *end = table->rows.bytes + table->rows.size;
    for (const uint8_t *row = table->rows.bytes; row < end; row = value_skip_trusted(row))
        print_row(table, row, output);
}

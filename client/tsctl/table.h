/* SPDX-License-Identifier: MIT */
/*
 * A table of strs and numbers, in the format of -o.
 *
 * As a table: upper-case heads, two blanks between columns, numbers to the right. As JSON: an object
 * a row, its keys the columns' names, which never change. As sh: name='value' pairs. As tsv, or with
 * -f: the columns alone, tab-separated. As raw: a map a row.
 */
#ifndef TSCTL_TABLE_H
#define TSCTL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "tsctl/output.h"

struct table_column {
    const char *name;
    bool is_number; /* shown to the right */
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    struct buffer rows; /* MessagePack arrays, one after the other */
};

void table_init(struct table *table, const struct table_column *columns, size_t count);
void table_deinit(struct table *table);

/* Starts a row; as many cells as there are columns follow, in their order. */
void table_row(struct table *table);
void table_str(struct table *table, const char *text);
void table_uint(struct table *table, uint64_t number);
void table_id(struct table *table, uint64_t id); /* a str in every format (jq) */

void table_print(const struct table *table, struct output *output);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A table of strs, numbers, times and tuples, in the format of -o.
 *
 * As a table: upper-case heads, two blanks between columns, numbers to the right, times as 3m12s, what
 * is not there as -, what is long cut. As JSON: an object a row, its keys the columns' names, which
 * never change; times in seconds. As sh: name='value' pairs. As tsv, or with -f: the columns alone,
 * tab-separated. As raw: a map a row.
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
    bool may_hide;  /* as a table: not shown where it has nothing but nil and 0 */
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
void table_id(struct table *table, uint64_t id);         /* a str in every format (jq) */
void table_seconds(struct table *table, double seconds); /* a time that has passed or is left */
void table_value(struct table *table, const uint8_t *value, size_t size);
void table_nil(struct table *table); /* not there */

void table_print(const struct table *table, struct output *output);

/*
 * Puts the rows into the order of the column that --sort names: numbers and lists from the greatest
 * on, strs from the least, what is not there last; rows that are alike stay in their order. Without
 * the option it does nothing.
 */
void table_sort(struct table *table, const struct options *options);

/* Whether there is such a column; EXIT_USAGE after it has complained that there is none. */
int table_check_sort(const struct table *table, const struct options *options);

#endif

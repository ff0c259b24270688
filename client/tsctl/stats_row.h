/* SPDX-License-Identifier: MIT */
/*
 * A row of what the daemon tells of matching in a space (ts_stats), for tables.
 */
#ifndef TSCTL_STATS_ROW_H
#define TSCTL_STATS_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "tsctl/output.h"
#include "tsctl/table.h"

struct stats_row {
    char name[256]; /* of the space, ended by NUL */
    const uint8_t *map;
};

/* False where it is not one. */
bool stats_row_read(const uint8_t *element, struct stats_row *row);

/* The columns, as --sort takes them. */
#define STATS_ROW_COLUMNS                                                                          \
    "space tuples bytes waiting kept delayed watches looks walks longest oversized overruns "      \
    "indexes "                                                                                     \
    "shapes"

/* A table for people tells how many indexes and shapes there are, one for programs all of each. */
void stats_row_table(struct table *table, bool people);
void stats_row_add(struct table *table, const struct stats_row *row, bool people);

/* What that for people leaves out, each a table of its own after an empty line: the indexes, the shapes
 * of patterns that wait, the lengths of walks. */
void stats_row_details(const struct stats_row *row, struct output *output);

#endif

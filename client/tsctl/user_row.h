/* SPDX-License-Identifier: MIT */
/*
 * A row of what the daemon tells of users (ts_users), for tables: what each has, and may have.
 */
#ifndef TSCTL_USER_ROW_H
#define TSCTL_USER_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <tsclient.h>

#include "tsctl/output.h"
#include "tsctl/table.h"

struct user_row {
    uint32_t uid;
    const uint8_t *map; /* TSD_USAGE_... */
};

/* False where it is not one. */
bool user_row_read(const uint8_t *element, struct user_row *row);

/* What --sort is completed with. */
#define USER_ROW_COLUMNS "user connections requests tuples bytes percent of"

/* A table for people has the most important quotas, and how near the fullest is to its limit; one for
 * programs has all, each with its limit. */
void user_row_table(struct table *table, bool people);
void user_row_add(struct table *table, const struct user_row *row, bool people);

/* Every quota of one user: a table of its own after an empty line. */
void user_row_details(const struct user_row *row, struct output *output);

#endif

/* SPDX-License-Identifier: MIT */
#include "tsctl/user_row.h"

#include <string.h>

#include "protocol/value.h"
#include "tsctl/people.h"
#include "tsctl/report.h"

bool user_row_read(const uint8_t *element, struct user_row *row)
{
    struct report_list parts = report_list(element), number = parts;
    row->uid = (uint32_t)report_next_uint(&number);
    (void)report_next(&parts);
    row->map = report_next(&parts);
    return row->map != NULL;
}

/* How much of a quota; a limit of 0: there is none. */
struct usage {
    uint64_t used, limit;
};

static struct usage usage_of(const struct user_row *row, uint32_t key)
{
    struct report_list pair = report_list(report_find(row->map, key));
    struct usage usage = {0};
    usage.used = report_next_uint(&pair);
    usage.limit = report_next_uint(&pair);
    if (usage.limit == UINT64_MAX) /* so much is no limit either */
        usage.limit = 0;
    return usage;
}

static uint64_t percent_of(struct usage usage)
{
    return usage.limit == 0 ? 0 : (uint64_t)((double)usage.used / (double)usage.limit * 100);
}

#define NAME_OF(number, NAME, name, text) [number] = name,
static const char *const names[TSD_USAGE_END] = {TSD_USAGES(NAME_OF)};
#undef NAME_OF

/* The quota that is nearest to its limit; 0 where none has one. */
static uint32_t fullest(const struct user_row *row)
{
    uint32_t most = 0;
    for (uint32_t key = 1; key < TSD_USAGE_END; key++) {
        const struct usage usage = usage_of(row, key);
        if (usage.limit == 0)
            continue;
        if (most == 0 || percent_of(usage) > percent_of(usage_of(row, most)))
            most = key;
    }
    return most;
}

static const struct table_column people_columns[] = {
    {"user", false, false},  {"connections", true, false}, {"requests", true, false},
    {"tuples", true, false}, {"bytes", true, false},       {"percent", true, false},
    {"of", false, false},
};

/* Each quota and its limit. */
#define COLUMN(number, NAME, name, text) {name, true, false}, {name "-limit", true, false},
static const struct table_column columns[] = {
    {"user", false, false}, {"uid", true, false}, TSD_USAGES(COLUMN)};
#undef COLUMN

void user_row_table(struct table *table, bool people)
{
    if (people)
        table_init(table, people_columns, sizeof(people_columns) / sizeof(people_columns[0]));
    else
        table_init(table, columns, sizeof(columns) / sizeof(columns[0]));
}

static void add_limit(struct table *table, uint64_t limit)
{
    if (limit > 0)
        table_uint(table, limit);
    else
        table_nil(table);
}

static void add_for_programs(struct table *table, const struct user_row *row)
{
    table_uint(table, row->uid);
    for (uint32_t key = 1; key < TSD_USAGE_END; key++) {
        const struct usage usage = usage_of(row, key);
        table_uint(table, usage.used);
        add_limit(table, usage.limit);
    }
}

void user_row_add(struct table *table, const struct user_row *row, bool people)
{
    const uint32_t most = fullest(row);
    table_row(table);
    table_str(table, people_user(row->uid));
    if (!people) {
        add_for_programs(table, row);
        return;
    }
    table_uint(table, usage_of(row, TSD_USAGE_CONNECTIONS).used);
    table_uint(table, usage_of(row, TSD_USAGE_REQUESTS).used);
    table_uint(table, usage_of(row, TSD_USAGE_TUPLES).used);
    table_uint(table, usage_of(row, TSD_USAGE_BYTES).used);
    if (most == 0) {
        table_nil(table);
        table_nil(table);
        return;
    }
    table_uint(table, percent_of(usage_of(row, most)));
    table_str(table, names[most]);
}

void user_row_details(const struct user_row *row, struct output *output)
{
    static const struct table_column detail_columns[] = {{"quota", false, false},
                                                         {"used", true, false},
                                                         {"limit", true, false},
                                                         {"percent", true, false}};
    struct table table;
    table_init(&table, detail_columns, sizeof(detail_columns) / sizeof(detail_columns[0]));
    for (uint32_t key = 1; key < TSD_USAGE_END; key++) {
        const struct usage usage = usage_of(row, key);
        table_row(&table);
        table_str(&table, names[key]);
        table_uint(&table, usage.used);
        add_limit(&table, usage.limit);
        if (usage.limit > 0)
            table_uint(&table, percent_of(usage));
        else
            table_nil(&table);
    }
    output_end_record(output);
    table_print(&table, output);
    table_deinit(&table);
}

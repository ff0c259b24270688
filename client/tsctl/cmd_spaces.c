/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/people.h"
#include "tsctl/rights.h"
#include "tsctl/table.h"

static const char *const spaces_examples[] = {
    "tsctl out -s jobs '[\"task\", 1]'",
    "tsctl spaces",
    "tsctl spaces -o json jobs",
    "tsctl spaces -f 1",
    NULL,
};

/* The columns; those of the wire, so that a new one has one place. */
static const struct table_column columns[] = {
    {"name", false, false},       {"tuples", true, false},  {"bytes", true, false},
    {"waiting", true, false},     {"kept", true, false},    {"delayed", true, true},
    {"watches", true, true},      {"capacity", true, true}, {"max-returns", true, true},
    {"dead-letter", false, true}, {"owner", false, false},  {"group", false, false},
    {"mode", false, false},
};

static void add_access(struct table *table, const ts_space_row *row)
{
    char mode[RIGHTS_SIZE];
    table_str(table, people_user(row->owner));
    table_str(table, people_group(row->group));
    table_str(table, rights_show(row->mode, mode));
}

static void add_row(struct table *table, const ts_space_row *row)
{
    table_row(table);
    table_str(table, row->name);
    table_uint(table, row->tuples);
    table_uint(table, row->bytes);
    table_uint(table, row->waiting);
    table_uint(table, row->kept);
    table_uint(table, row->delayed);
    table_uint(table, row->watches);
    if (row->capacity != 0)
        table_uint(table, row->capacity);
    else
        table_nil(table);
    if (row->max_returns < UINT32_MAX)
        table_uint(table, row->max_returns);
    else
        table_nil(table);
    if (row->dead_letter[0] != '\0')
        table_str(table, row->dead_letter);
    else
        table_nil(table);
    add_access(table, row);
}

static bool is_wanted(const struct call *call, const char *name)
{
    for (int i = 0; i < call->argument_count; i++)
        if (strcmp(call->arguments[i], name) == 0)
            return true;
    return call->argument_count == 0;
}

static int print_spaces(const struct call *call, const ts_result *result)
{
    struct table table;
    struct output output;
    table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
    output_init(&output, &call->options);
    bool any = false;
    const ts_space_row *row;
    for (size_t i = 0; (row = ts_space_at(result, i)) != NULL; i++) {
        if (!is_wanted(call, row->name))
            continue;
        any = true;
        add_row(&table, row);
    }
    if (any)
        table_print(&table, &output);
    int status = output_flush(&output);
    output_deinit(&output);
    table_deinit(&table);
    return status == 0 && !any ? EXIT_NO_MATCH : status;
}

static int run_spaces(struct call *call)
{
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status;
    status = connect_exit(call, client, ts_spaces(client));
    if (status == 0)
        status = print_spaces(call, ts_last(client));
    ts_disconnect(client);
    return status;
}

const struct command cmd_spaces = {
    .name = "spaces",
    .arguments = "[NAME...]",
    .summary = "list the spaces",
    .completes = {COMPLETE_SPACE, COMPLETE_SPACE},
    .help = "Lists the spaces, or those named: tuples and bytes stored, requests that wait,\n"
            "tuples kept by clients (held, or not yet acknowledged). Where there are some:\n"
            "tuples delayed, watches, and what space set has set. Whose a space is, and what\n"
            "its owner, its group and others may do there: r to read, w to write, t to take.\n"
            "A space that is not used, and was not made by space create, is not there, nor is\n"
            "one in which you have no right. The status is 1 for none.\n",
    .examples = spaces_examples,
    .run = run_spaces,
};

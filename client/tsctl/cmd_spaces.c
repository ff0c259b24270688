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

/* For programs: those of the wire, then whose it is. */
static const struct table_column columns[] = {
    {"name", false, false},       {"tuples", true, false},  {"bytes", true, false},
    {"waiting", true, false},     {"kept", true, false},    {"delayed", true, true},
    {"watches", true, true},      {"capacity", true, true}, {"max-returns", true, true},
    {"dead-letter", false, true}, {"owner", false, false},  {"group", false, false},
    {"mode", false, false},
};

/* For people: so that a line fits the screen what not every space has is a table of its own. */
static const struct table_column first_columns[] = {
    {"name", false, false},   {"tuples", true, false}, {"bytes", true, false},
    {"waiting", true, false}, {"kept", true, false},   {"owner", false, false},
    {"group", false, false},  {"mode", false, false},
};
static const struct table_column second_columns[] = {
    {"name", false, false},   {"delayed", true, true},     {"watches", true, true},
    {"capacity", true, true}, {"max-returns", true, true}, {"dead-letter", false, true},
};

static void add_use(struct table *table, const ts_space_row *row)
{
    table_row(table);
    table_str(table, row->name);
    table_uint(table, row->tuples);
    table_uint(table, row->bytes);
    table_uint(table, row->waiting);
    table_uint(table, row->kept);
}

static void add_access(struct table *table, const ts_space_row *row)
{
    char mode[RIGHTS_SIZE];
    table_str(table, people_user(row->owner));
    table_str(table, people_group(row->group));
    table_str(table, rights_show(row->mode, mode));
}

static void add_rest(struct table *table, const ts_space_row *row)
{
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
}

static bool has_rest(const ts_space_row *row)
{
    return row->delayed > 0 || row->watches > 0 || row->capacity != 0 ||
           row->max_returns < UINT32_MAX || row->dead_letter[0] != '\0';
}

struct spaces {
    bool people;
    struct table first, second; /* for programs the first alone */
};

static void spaces_init(struct spaces *spaces, const struct options *options)
{
    spaces->people = options->fields.count == 0 &&
                     (options->output == FORMAT_DEFAULT || options->output == FORMAT_TABLE);
    if (spaces->people)
        table_init(&spaces->first, first_columns, sizeof(first_columns) / sizeof(first_columns[0]));
    else
        table_init(&spaces->first, columns, sizeof(columns) / sizeof(columns[0]));
    table_init(&spaces->second, second_columns, sizeof(second_columns) / sizeof(second_columns[0]));
}

static void add_row(struct spaces *spaces, const ts_space_row *row)
{
    add_use(&spaces->first, row);
    if (!spaces->people)
        add_rest(&spaces->first, row);
    add_access(&spaces->first, row);
    if (!spaces->people || !has_rest(row))
        return;
    table_row(&spaces->second);
    table_str(&spaces->second, row->name);
    add_rest(&spaces->second, row);
}

static void print(const struct spaces *spaces, struct output *output)
{
    table_print(&spaces->first, output);
    if (spaces->second.rows.size == 0)
        return;
    output_end_record(output);
    table_print(&spaces->second, output);
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
    struct spaces spaces;
    struct output output;
    spaces_init(&spaces, &call->options);
    output_init(&output, &call->options);
    bool any = false;
    const ts_space_row *row;
    for (size_t i = 0; (row = ts_space_at(result, i)) != NULL; i++) {
        if (!is_wanted(call, row->name))
            continue;
        any = true;
        add_row(&spaces, row);
    }
    if (any)
        print(&spaces, &output);
    int status = output_flush(&output);
    output_deinit(&output);
    table_deinit(&spaces.first);
    table_deinit(&spaces.second);
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
            "tuples kept by clients (held, or not yet acknowledged); whose each is, and what\n"
            "its owner, its group and others may do there: r to read, w to write, t to take.\n"
            "Of those that have some: tuples delayed, watches, and what space set has set. A\n"
            "space that is not used, and was not made by space create, is not there, nor is\n"
            "one in which you have no right. The status is 1 for none.\n",
    .examples = spaces_examples,
    .run = run_spaces,
};

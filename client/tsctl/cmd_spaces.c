/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
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
    {"name", false}, {"tuples", true}, {"bytes", true}, {"waiting", true}, {"kept", true},
};

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
        table_row(&table);
        table_str(&table, row->name);
        table_uint(&table, row->tuples);
        table_uint(&table, row->bytes);
        table_uint(&table, row->waiting);
        table_uint(&table, row->kept);
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
    .help = "Lists the spaces, or those named: how many tuples and bytes are stored in each,\n"
            "how many requests wait, and how many tuples are with clients that have not yet\n"
            "acknowledged them. A space that is not used is not there. The status is 1 where\n"
            "there is none.\n",
    .examples = spaces_examples,
    .run = run_spaces,
};

/* SPDX-License-Identifier: MIT */
#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/pieces.h"
#include "tsctl/table.h"
#include "tsctl/told.h"
#include "tsctl/words.h"

static const char *const holds_examples[] = {
    "tsctl out '[\"disk\"]' '[\"disk\"]'",
    "tsctl hold '[\"disk\"]' -- tsctl holds",
    "tsctl hold '[\"disk\"]' -- tsctl holds -o json '[\"disk\"]'",
    NULL,
};

static const struct table_column columns[] = {
    {"state", false, false},  {"held-by", false, false}, {"held-pid", true, false},
    {"left", true, true},     {"returns", true, true},   {"age", true, false},
    {"put-by", false, false}, {"put-pid", true, false},  {"tuple", false, false},
};

/* Nobody, where a detached hold has outlived the connection that took it. */
static void add_holder(struct table *table, const ts_tuple *tuple)
{
    if (tuple->holder_pid == 0) {
        table_nil(table);
        table_nil(table);
        return;
    }
    table_str(table, tuple->holder_program);
    table_uint(table, tuple->holder_pid);
}

static void add_row(struct table *table, const ts_tuple *tuple)
{
    table_row(table);
    table_str(table, told_state(tuple->state));
    add_holder(table, tuple);
    if (tuple->left > 0)
        table_seconds(table, tuple->left);
    else
        table_nil(table);
    table_uint(table, tuple->returns);
    table_seconds(table, tuple->age);
    table_str(table, tuple->program);
    table_uint(table, tuple->pid);
    table_value(table, tuple->bytes, tuple->size);
}

static int add_piece(void *context, const ts_result *result)
{
    const ts_tuple *tuple;
    for (size_t i = 0; (tuple = ts_tuple_at(result, i)) != NULL; i++)
        if (tuple->state == TSD_STATE_DELIVERED || tuple->state == TSD_STATE_HELD)
            add_row(context, tuple);
    return 0;
}

static int list(struct call *call, ts_client *client, ts_values pattern)
{
    struct table table;
    struct output output;
    ts_request request = {
        .operation = TSD_OP_SCAN, .pattern = pattern, .states = true, .who = true};
    table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
    output_init(&output, &call->options);
    int status = pieces_read(call, client, &request, COUNT_ALL, add_piece, &table);
    if (status == 0 && table.rows.size == 0)
        status = EXIT_NO_MATCH;
    if (status == 0) {
        table_print(&table, &output);
        status = output_flush(&output);
    }
    output_deinit(&output);
    table_deinit(&table);
    return status;
}

static int run_holds(struct call *call)
{
    struct word_list pattern = {0};
    int status = words_read_pattern_or_any(call, &pattern);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = list(call, client, pattern.values[0]);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_holds = {
    .name = "holds",
    .arguments = "[PATTERN]",
    .summary = "list the tuples that are held",
    .help = "Lists the tuples of the space that are held, or delivered and not acknowledged\n"
            "yet: which program and process has each (none where the one that took a hold\n"
            "with --for has ended), the time until its hold ends, how often it came back, how\n"
            "long ago it was put, and by which program and process. The status is 1 where\n"
            "there is none.\n",
    .examples = holds_examples,
    .run = run_holds,
};

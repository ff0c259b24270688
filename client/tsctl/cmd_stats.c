/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/report.h"
#include "tsctl/stats_row.h"

static const struct option_spec stats_options[] = {
    {"sort", 0, "COLUMN", "the greatest first; names: the least", .set = option_set_sort},
    {"watch", 0, "DURATION", "again after so long, until ^C", .set = option_set_watch},
    {"no-headers", 0, NULL, "a table without its heads",
     .flag = offsetof(struct options, no_headers)},
    {0},
};

static const char *const stats_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]'",
    "tsctl stats",
    "tsctl stats main",
    "tsctl stats -o json --sort walked",
    NULL,
};

/* What is printed at one time. */
struct showing {
    const struct call *call;
    bool people; /* a table, not a format for programs */
    bool any;    /* a space was listed */
    struct table table;
    struct output output;
    char after[256];
};

static bool is_wanted(const struct call *call, const char *name)
{
    for (int i = 0; i < call->argument_count; i++)
        if (strcmp(call->arguments[i], name) == 0)
            return true;
    return call->argument_count == 0;
}

static void print_table(struct showing *showing)
{
    table_sort(&showing->table, &showing->call->options);
    if (showing->table.rows.size > 0)
        table_print(&showing->table, &showing->output);
    buffer_clear(&showing->table.rows);
}

/* Of a space that was named people see everything. */
static void add_row(struct showing *showing, const struct stats_row *row)
{
    const bool whole = showing->people && showing->call->argument_count > 0;
    if (whole && showing->any)
        output_end_record(&showing->output);
    showing->any = true;
    stats_row_add(&showing->table, row, showing->people);
    if (!whole)
        return;
    print_table(showing);
    stats_row_details(row, &showing->output);
}

/* The rows of one answer. */
static void add_rows(struct showing *showing, const ts_result *result)
{
    struct report_list list = report_list(result->report.bytes);
    const uint8_t *element;
    struct stats_row row;
    while ((element = report_next(&list)) != NULL) {
        if (!stats_row_read(element, &row))
            continue;
        memcpy(showing->after, row.name, sizeof(row.name));
        if (is_wanted(showing->call, row.name))
            add_row(showing, &row);
    }
}

static int ask(struct showing *showing, ts_client *client)
{
    bool more;
    showing->after[0] = '\0';
    do {
        ts_status status = ts_stats(client, showing->after[0] != '\0' ? showing->after : NULL);
        if (status != TS_OK)
            return connect_exit(showing->call, client, status);
        more = ts_last(client)->more && ts_last(client)->count > 0;
        add_rows(showing, ts_last(client));
    } while (more);
    return 0;
}

static int show(struct showing *showing, ts_client *client)
{
    const struct options *options = &showing->call->options;
    showing->any = false;
    int status = ask(showing, client);
    print_table(showing);
    if (status == 0)
        status = output_flush(&showing->output);
    if (status == 0 && !showing->any && (options->quiet || showing->call->argument_count > 0))
        status = EXIT_NO_MATCH;
    return status;
}

/* Again and again; people see an empty line between. */
static int show_on(struct showing *showing, ts_client *client)
{
    const uint64_t us = showing->call->options.watch_us;
    const struct timespec pause = {.tv_sec = (time_t)(us / 1000000),
                                   .tv_nsec = (long)(us % 1000000 * 1000)};
    int status = show(showing, client);
    while (us > 0 && (status == 0 || status == EXIT_NO_MATCH)) {
        nanosleep(&pause, NULL);
        if (showing->people)
            output_end_record(&showing->output);
        status = show(showing, client);
    }
    return status;
}

static int run_stats(struct call *call)
{
    const struct options *options = &call->options;
    struct showing showing = {
        .call = call,
        .people = options->fields.count == 0 &&
                  (options->output == FORMAT_DEFAULT || options->output == FORMAT_TABLE)};
    stats_row_table(&showing.table, showing.people);
    int status = table_check_sort(&showing.table, options);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    output_init(&showing.output, options);
    if (client != NULL) {
        status = show_on(&showing, client);
        ts_disconnect(client);
    }
    output_deinit(&showing.output);
    table_deinit(&showing.table);
    return status;
}

const struct command cmd_stats = {
    .name = "stats",
    .arguments = "[NAME...]",
    .summary = "tell how matching goes, space by space",
    .options = stats_options,
    .help = "Tells of each space its tuples and bytes, the requests that wait, how often\n"
            "tuples were looked for (looks), how many of these went past more than a few\n"
            "tuples that do not match (walks), and the longest of them past how many. Of a\n"
            "space that is named: its indexes, the shapes of patterns that wait, and the\n"
            "lengths of walks, too. The status is 1 where none of those named is there; with\n"
            "-q, where there is none.\n",
    .examples = stats_examples,
    .run = run_stats,
};

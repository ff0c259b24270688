/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/listing.h"
#include "tsctl/report.h"
#include "tsctl/stats_row.h"

static const struct option_spec stats_options[] = {LISTING_OPTIONS(STATS_ROW_COLUMNS), {0}};

static const char *const stats_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]'",
    "tsctl stats",
    "tsctl stats main",
    "tsctl stats -o json --sort walked",
    NULL,
};

/* Of a space that was named people see everything. */
static void add_row(struct listing *listing, const struct stats_row *row)
{
    const bool whole = listing->people && listing->call->argument_count > 0;
    if (whole && listing->any)
        output_end_record(&listing->output);
    listing->any = true;
    stats_row_add(&listing->table, row, listing->people);
    if (!whole)
        return;
    listing_print(listing);
    stats_row_details(row, &listing->output);
}

/* The rows of one answer; `after` becomes the name of the last. */
static void add_rows(struct listing *listing, const ts_result *result, char *after)
{
    struct report_list list = report_list(result->report.bytes);
    const uint8_t *element;
    struct stats_row row;
    while ((element = report_next(&list)) != NULL) {
        if (!stats_row_read(element, &row))
            continue;
        memcpy(after, row.name, sizeof(row.name));
        if (listing_wants(listing, row.name))
            add_row(listing, &row);
    }
}

static int add(struct listing *listing, ts_client *client)
{
    char after[256] = "";
    bool more;
    do {
        ts_status status = ts_stats(client, after[0] != '\0' ? after : NULL);
        if (status != TS_OK)
            return connect_exit(listing->call, client, status);
        more = ts_last(client)->more && ts_last(client)->count > 0;
        add_rows(listing, ts_last(client), after);
    } while (more);
    return 0;
}

static int run_stats(struct call *call)
{
    struct listing listing = listing_of(call);
    stats_row_table(&listing.table, listing.people);
    return listing_run(&listing, add);
}

const struct command cmd_stats = {
    .name = "stats",
    .arguments = "[NAME...]",
    .summary = "tell how matching goes, space by space",
    .options = stats_options,
    .completes = {COMPLETE_SPACE, COMPLETE_SPACE},
    .help = "Tells of each space its tuples and bytes, the requests that wait, how often\n"
            "tuples were looked for (looks), how many of these went past more than a few\n"
            "tuples that do not match (walks), and the longest of them past how many. Of a\n"
            "space that is named: its indexes, the shapes of patterns that wait, and the\n"
            "lengths of walks, too. The status is 1 where none of those named is there; with\n"
            "-q, where there is none.\n",
    .examples = stats_examples,
    .run = run_stats,
};

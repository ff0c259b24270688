/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "tsctl/client_row.h"
#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/listing.h"
#include "tsctl/people.h"
#include "tsctl/report.h"
#include "tsctl/width.h"

#define NAME_COLUMNS 16 /* of what a client calls itself, so that a line fits the screen */

static const struct option_spec clients_options[] = {
    {"stuck", 0, NULL, "only those that do not read what they are sent",
     .flag = offsetof(struct options, stuck)},
    LISTING_OPTIONS("id user pid name age idle requests watches kept unread stuck"),
    {0},
};

static const char *const clients_examples[] = {
    "tsctl clients",
    "tsctl clients --sort idle",
    "tsctl clients --stuck",
    "tsctl clients -o json",
    NULL,
};

/* The last ones are for programs alone: so that it fits a screen. */
static const struct table_column columns[] = {
    {"id", true, false},       {"user", false, false},  {"pid", true, false},
    {"name", false, false},    {"age", true, false},    {"idle", true, false},
    {"requests", true, false}, {"watches", true, true}, {"kept", true, false},
    {"unread", true, false},   {"stuck", false, true},  {"uid", true, true},
    {"gid", true, true},       {"will", true, true},    {"unfinished", true, true},
    {"own", true, true},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), COLUMNS_FOR_PEOPLE = COLUMNS - 5 };

static void add_bool(struct table *table, bool value)
{
    buffer_append_byte(&table->rows, value ? 0xc3 : 0xc2);
}

static void add_name(struct listing *listing, const char *name)
{
    struct buffer text = BUFFER_INIT;
    buffer_append(&text, name, strlen(name));
    if (listing->people)
        width_cut(&text, 0, NAME_COLUMNS);
    buffer_append_byte(&text, '\0');
    table_str(&listing->table, text.failed ? "" : (const char *)text.bytes);
    buffer_deinit(&text);
}

static void add_for_programs(struct table *table, const uint8_t *map)
{
    add_bool(table, report_bool(map, TSD_CLIENT_STUCK));
    table_uint(table, report_uint(map, TSD_CLIENT_USER));
    table_uint(table, report_uint(map, TSD_CLIENT_GROUP));
    table_uint(table, report_uint(map, TSD_CLIENT_WILL));
    table_uint(table, report_uint(map, TSD_CLIENT_UNFINISHED));
    add_bool(table, report_bool(map, TSD_CLIENT_OWN));
}

static void add_seconds(struct table *table, const uint8_t *map, uint32_t key)
{
    table_seconds(table, (double)report_uint(map, key) / 1e6);
}

static void add_row(struct listing *listing, const struct client_row *row)
{
    struct table *table = &listing->table;
    table_row(table);
    table_id(table, row->number);
    table_str(table, people_user((uint32_t)report_uint(row->map, TSD_CLIENT_USER)));
    table_uint(table, report_uint(row->map, TSD_CLIENT_PROCESS));
    add_name(listing, row->name);
    add_seconds(table, row->map, TSD_CLIENT_AGE);
    add_seconds(table, row->map, TSD_CLIENT_IDLE);
    table_uint(table, report_uint(row->map, TSD_CLIENT_REQUESTS));
    table_uint(table, report_uint(row->map, TSD_CLIENT_WATCHES));
    table_uint(table, report_uint(row->map, TSD_CLIENT_KEPT));
    table_uint(table, report_uint(row->map, TSD_CLIENT_UNREAD));
    if (!listing->people)
        add_for_programs(table, row->map);
    else if (report_bool(row->map, TSD_CLIENT_STUCK))
        table_str(table, "stuck");
    else
        table_nil(table);
}

static bool is_wanted(const struct call *call, const struct client_row *row)
{
    if (call->options.stuck && !report_bool(row->map, TSD_CLIENT_STUCK))
        return false;
    for (int i = 0; i < call->argument_count; i++)
        if (client_row_number(call->arguments[i]) == row->number)
            return true;
    return call->argument_count == 0;
}

static void each(void *context, const struct client_row *row)
{
    struct listing *listing = context;
    if (!is_wanted(listing->call, row))
        return;
    listing->any = true;
    add_row(listing, row);
}

static int add(struct listing *listing, ts_client *client)
{
    return connect_exit(listing->call, client, client_row_each(client, each, listing));
}

static int run_clients(struct call *call)
{
    int status = client_row_check(call);
    struct listing listing = listing_of(call);
    table_init(&listing.table, columns, listing.people ? COLUMNS_FOR_PEOPLE : COLUMNS);
    return status == 0 ? listing_run(&listing, add) : status;
}

const struct command cmd_clients = {
    .name = "clients",
    .arguments = "[ID...]",
    .summary = "list who is connected",
    .options = clients_options,
    .completes = {COMPLETE_CLIENT, COMPLETE_CLIENT},
    .help = "Lists the clients of your own, as administrator all: the user and process of\n"
            "each when it connected, what it calls itself, how long it has been there and\n"
            "idle, its requests that wait or are under way, the tuples that it keeps (holds,\n"
            "or was given and has not acknowledged), and the bytes of answers that it has not\n"
            "read. Stuck is one that does not read: it is read no more until it does. The\n"
            "status is 1 where none of those named is there; with -q, where there is none.\n",
    .examples = clients_examples,
    .run = run_clients,
};

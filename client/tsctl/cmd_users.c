/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/listing.h"
#include "tsctl/people.h"
#include "tsctl/report.h"
#include "tsctl/user_row.h"

static const struct option_spec users_options[] = {LISTING_OPTIONS(USER_ROW_COLUMNS), {0}};

static const char *const users_examples[] = {
    "tsctl users", "tsctl users --sort percent", "tsctl users \"$(id -un)\"", "tsctl users -o json",
    NULL,
};

static bool is_wanted(const struct call *call, uint32_t uid)
{
    uint32_t wanted;
    for (int i = 0; i < call->argument_count; i++)
        if (people_find_user(call->arguments[i], &wanted) && wanted == uid)
            return true;
    return call->argument_count == 0;
}

/* Of a user that was named people see everything. */
static void add_row(struct listing *listing, const struct user_row *row)
{
    const bool whole = listing->people && listing->call->argument_count > 0;
    if (whole && listing->any)
        output_end_record(&listing->output);
    listing->any = true;
    user_row_add(&listing->table, row, listing->people);
    if (!whole)
        return;
    listing_print(listing);
    user_row_details(row, &listing->output);
}

/* The rows of one answer; `last` becomes the number of the last. */
static void add_rows(struct listing *listing, const ts_result *result, uint64_t *last)
{
    struct report_list list = report_list(result->report.bytes);
    const uint8_t *element;
    struct user_row row;
    while ((element = report_next(&list)) != NULL) {
        if (!user_row_read(element, &row))
            continue;
        *last = row.uid;
        if (is_wanted(listing->call, row.uid))
            add_row(listing, &row);
    }
}

static int add(struct listing *listing, ts_client *client)
{
    const uint64_t *beyond = NULL;
    uint64_t last = 0;
    bool more;
    do {
        ts_status status = ts_users(client, beyond);
        if (status != TS_OK)
            return connect_exit(listing->call, client, status);
        more = ts_last(client)->more && ts_last(client)->count > 0;
        add_rows(listing, ts_last(client), &last);
        beyond = &last;
    } while (more);
    return 0;
}

static int run_users(struct call *call)
{
    struct listing listing = listing_of(call);
    uint32_t ignored;
    int status = 0;
    for (int i = 0; i < call->argument_count && status == 0; i++)
        status = people_read_user("users", call->arguments[i], &ignored);
    user_row_table(&listing.table, listing.people);
    return status == 0 ? listing_run(&listing, add) : status;
}

const struct command cmd_users = {
    .name = "users",
    .arguments = "[NAME | UID...]",
    .summary = "tell what users have of what they may have",
    .options = users_options,
    .completes = {COMPLETE_USER, COMPLETE_USER},
    .help = "Tells of each user its connections, the requests of these that wait or are under\n"
            "way, the tuples that are its and their bytes, and which of its quotas is nearest\n"
            "to its limit. Of a user that is named: all quotas. At a limit its requests are\n"
            "refused, and others do not notice. You see yourself, administrators all. The\n"
            "status is 1 where none of those named is there; with -q, where there is none.\n",
    .examples = users_examples,
    .run = run_users,
};

/* SPDX-License-Identifier: MIT */
#include "tsctl/listing.h"

#include <string.h>
#include <time.h>

#include "tsctl/connect.h"
#include "tsctl/exits.h"

struct listing listing_of(const struct call *call)
{
    const struct options *options = &call->options;
    return (struct listing){
        .call = call,
        .people = options->fields.count == 0 &&
                  (options->output == FORMAT_DEFAULT || options->output == FORMAT_TABLE)};
}

bool listing_wants(const struct listing *listing, const char *text)
{
    for (int i = 0; i < listing->call->argument_count; i++)
        if (strcmp(listing->call->arguments[i], text) == 0)
            return true;
    return listing->call->argument_count == 0;
}

void listing_print(struct listing *listing)
{
    table_sort(&listing->table, &listing->call->options);
    if (listing->table.rows.size > 0)
        table_print(&listing->table, &listing->output);
    buffer_clear(&listing->table.rows);
}

typedef int add_function(struct listing *listing, ts_client *client);

static int show(struct listing *listing, ts_client *client, add_function *add)
{
    const struct call *call = listing->call;
    listing->any = false;
    int status = add(listing, client);
    listing_print(listing);
    if (status == 0)
        status = output_flush(&listing->output);
    if (status == 0 && !listing->any && (call->options.quiet || call->argument_count > 0))
        status = EXIT_NO_MATCH;
    return status;
}

/* Again and again; people see an empty line between. */
static int show_on(struct listing *listing, ts_client *client, add_function *add)
{
    const uint64_t us = listing->call->options.watch_us;
    const struct timespec pause = {.tv_sec = (time_t)(us / 1000000),
                                   .tv_nsec = (long)(us % 1000000 * 1000)};
    int status = show(listing, client, add);
    while (us > 0 && (status == 0 || status == EXIT_NO_MATCH)) {
        nanosleep(&pause, NULL);
        if (listing->people)
            output_end_record(&listing->output);
        status = show(listing, client, add);
    }
    return status;
}

int listing_run(struct listing *listing, add_function *add)
{
    int status = table_check_sort(&listing->table, &listing->call->options);
    ts_client *client = status == 0 ? connect_daemon(listing->call, &status) : NULL;
    output_init(&listing->output, &listing->call->options);
    if (client != NULL) {
        status = show_on(listing, client, add);
        ts_disconnect(client);
    }
    output_deinit(&listing->output);
    table_deinit(&listing->table);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/table.h"

static const char *const ping_examples[] = {
    "tsctl ping",
    "tsctl ping -q -w 5 && echo \"the daemon is there\"",
    "tsctl ping -o json",
    NULL,
};

static const struct table_column columns[] = {
    {.name = "socket"},
    {.name = "release"},
    {.name = "run"},
};

static int print_answer(const struct call *call, const ts_client *client)
{
    const ts_daemon *daemon = ts_client_daemon(client);
    struct output output;
    output_init(&output, &call->options);
    if (call->options.output == FORMAT_DEFAULT && call->options.fields.count == 0) {
        buffer_printf(&output.bytes, "tsd %s answers at %s", daemon->release,
                      ts_client_path(client));
        output_end_record(&output);
    } else {
        struct table table;
        table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
        table_row(&table);
        table_str(&table, ts_client_path(client));
        table_str(&table, daemon->release);
        table_id(&table, daemon->run);
        table_print(&table, &output);
        table_deinit(&table);
    }
    int status = output_flush(&output);
    output_deinit(&output);
    return status;
}

static int run_ping(struct call *call)
{
    if (call->argument_count > 0)
        return complain_usage("ping takes no arguments; another socket is named by -S PATH");
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status;
    status = connect_exit(call, client, ts_ping(client));
    if (status == 0)
        status = print_answer(call, client);
    ts_disconnect(client);
    return status;
}

const struct command cmd_ping = {
    .name = "ping",
    .arguments = "",
    .summary = "ask whether the daemon answers, and where",
    .help = "Asks the daemon for an answer and says at which socket it came, and of which\n"
            "release the daemon is. The status is 5 where none answers.\n",
    .examples = ping_examples,
    .run = run_ping,
};

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include <tsclient.h>

#include "tsctl/client_row.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"

static const struct option_spec kill_options[] = {
    {"yes", 0, NULL, "a must where several clients are named",
     .flag = offsetof(struct options, yes)},
    {0},
};

static const char *const kill_examples[] = {
    "tsctl in '[\"never\"]' 2>/dev/null &",
    "until tsctl spaces -q; do sleep 0.1; done",
    "tsctl clients",
    "tsctl kill \"$(tsctl clients -f 1 | head -n 1)\"",
    NULL,
};

/* One that is not there does not keep the others. */
static int kill_one(const struct call *call, ts_client *client, uint64_t number,
                    struct output *output)
{
    const ts_status status = ts_kill(client, number);
    if (status == TS_NOMATCH) {
        complain("there is no client %" PRIu64, number);
        return EXIT_NO_MATCH;
    }
    if (status != TS_OK)
        return connect_exit(call, client, status);
    output_number(output, ts_last(client)->total);
    return output_flush(output);
}

static int kill_all(const struct call *call, ts_client *client)
{
    struct output output;
    int status = 0;
    output_init(&output, &call->options);
    for (int i = 0; i < call->argument_count && (status == 0 || status == EXIT_NO_MATCH); i++) {
        const int got = kill_one(call, client, client_row_number(call->arguments[i]), &output);
        status = got != 0 ? got : status;
    }
    output_deinit(&output);
    return status;
}

static int run_kill(struct call *call)
{
    if (call->argument_count == 0) {
        complain("kill needs the number of a client");
        complain_hint("tsctl clients lists them");
        return EXIT_USAGE;
    }
    int status = client_row_check(call);
    if (status != 0)
        return status;
    if (call->argument_count > 1 && !call->options.yes) {
        complain("kill: %d clients at once", call->argument_count);
        complain_hint("--yes disconnects them all");
        return EXIT_USAGE;
    }
    ts_client *client = connect_daemon(call, &status);
    if (client != NULL) {
        status = kill_all(call, client);
        ts_disconnect(client);
    }
    return status;
}

const struct command cmd_kill = {
    .name = "kill",
    .arguments = "CLIENT...",
    .summary = "disconnect clients: what they keep goes back",
    .options = kill_options,
    .completes = {COMPLETE_CLIENT, COMPLETE_CLIENT},
    .help = "Disconnects clients by their numbers, which tsctl clients tells, as if they had\n"
            "died: what they had taken and not acknowledged and what they held goes back, all\n"
            "that is bound to them goes, their wills are put. Prints for each how many tuples\n"
            "went back. Your own clients; as administrator all. A program may connect anew.\n"
            "The status is 1 where one is not there.\n",
    .examples = kill_examples,
    .run = run_kill,
};

/* SPDX-License-Identifier: MIT */
#include "tsctl/command.h"
#include "tsctl/quantity.h"
#include "tsctl/tokens.h"

static const struct option_spec release_options[] = {
    {"delay", 0, "DURATION", "nobody sees them before", .set = option_set_delay},
    {0},
};

static const char *const release_examples[] = {
    "tsctl out '[\"task\", 1]'",
    "token=$(tsctl hold --for 1m -o tsv '[\"task\", ?int]' | cut -f1)",
    "tsctl release --delay 0.1 \"$token\"",
    "tsctl in '[\"task\", ?int]'",
    NULL,
};

static int run_release(struct call *call)
{
    ts_request request = {
        .operation = TSD_OP_RELEASE,
        .delay = quantity_seconds(call->options.delay_us),
    };
    return tokens_run(call, &request);
}

const struct command cmd_release = {
    .name = "release",
    .arguments = "TOKEN...",
    .summary = "give held tuples back",
    .options = release_options,
    .help = "Gives the tuples that hold --for has held back to their old places, and counts\n"
            "it as a return. All of them, or none: the status is 4 where a hold was over.\n",
    .examples = release_examples,
    .run = run_release,
};

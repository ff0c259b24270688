/* SPDX-License-Identifier: MIT */
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/quantity.h"
#include "tsctl/tokens.h"

static const struct option_spec renew_options[] = {
    {"for", 0, "DURATION", "hold them for so long from now", .set = option_set_for},
    {0},
};

static const char *const renew_examples[] = {
    "tsctl out '[\"task\", 1]'",
    "token=$(tsctl hold --for 1m -o tsv '[\"task\", ?int]' | cut -f1)",
    "tsctl renew --for 10m \"$token\" && tsctl holds",
    "tsctl finish \"$token\" && ! tsctl renew --for 1m \"$token\" 2>/dev/null",
    NULL,
};

static int run_renew(struct call *call)
{
    if (call->argument_count > 0 && call->options.hold_us == 0) {
        complain("renew needs --for, how long from now");
        complain_hint("such as tsctl renew --for 1m %.40s", call->arguments[0]);
        return EXIT_USAGE;
    }
    ts_request request = {
        .operation = TSD_OP_RENEW,
        .hold_time = quantity_seconds(call->options.hold_us),
    };
    return tokens_run(call, &request);
}

const struct command cmd_renew = {
    .name = "renew",
    .arguments = "--for DURATION TOKEN...",
    .summary = "hold tuples longer",
    .options = renew_options,
    .help = "Lets the holds of hold --for end so much later than now; that may be sooner than\n"
            "they would have. All of them, or none: the status is 4 where a hold was over.\n",
    .examples = renew_examples,
    .run = run_renew,
};

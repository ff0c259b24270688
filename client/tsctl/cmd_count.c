/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

static const struct option_spec count_options[] = {
    {"state", 0, NULL, "count delayed and kept ones, too", .flag = offsetof(struct options, state)},
    {0},
};

static const char *const count_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]'",
    "tsctl count '[\"task\", ...]'",
    "tsctl count -q '[\"error\", ...]' || echo \"no errors\"",
    NULL,
};

static int count(struct call *call, ts_client *client, ts_values pattern)
{
    ts_request request = {
        .operation = TSD_OP_COUNT, .pattern = pattern, .states = call->options.state};
    ts_status got = ts_call(client, &request);
    if (got != TS_OK)
        return refused_exit(call, client, got);
    uint64_t total = ts_last(client)->total;
    if (call->options.quiet)
        return total > 0 ? 0 : EXIT_NO_MATCH;
    struct output output;
    output_init(&output, &call->options);
    output_number(&output, total);
    int status = output_flush(&output);
    output_deinit(&output);
    return status;
}

static int run_count(struct call *call)
{
    struct word_list pattern = {0};
    int status = words_read_pattern_or_any(call, &pattern);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = count(call, client, pattern.values[0]);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_count = {
    .name = "count",
    .arguments = "[PATTERN]",
    .summary = "print how many tuples match",
    .options = count_options,
    .help = "Prints how many stored tuples match the pattern, or how many there are. The\n"
            "status is 0 also where there is none; with -q it is 1 then.\n",
    .examples = count_examples,
    .run = run_count,
};

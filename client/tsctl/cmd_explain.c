/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/explained.h"
#include "tsctl/record.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

static const char *const explain_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 200, \"b.png\"]'",
    "tsctl explain '[\"task\", >=100, ?str]'",
    "tsctl explain '[\"task\", >=100]' || echo \"none\"",
    "tsctl explain '[\"task\", >=100, ?str]' '[\"task\", 7, \"a.png\"]' || echo \"no\"",
    NULL,
};

static uint32_t nearest(const struct options *options)
{
    if (!options->has_count)
        return 0;
    return options->max < UINT32_MAX ? (uint32_t)options->max : UINT32_MAX;
}

static int explain(struct call *call, ts_client *client, ts_values pattern, const ts_values *tuple)
{
    const ts_request request = {.operation = TSD_OP_EXPLAIN,
                                .pattern = pattern,
                                .max = nearest(&call->options),
                                .tuples = tuple,
                                .tuple_count = tuple != NULL};
    struct output output;
    ts_status got = ts_call(client, &request);
    if (got != TS_OK)
        return refused_exit(call, client, got);
    const struct explained explained = {.pattern = pattern.encoded.bytes,
                                        .tuple = tuple != NULL ? tuple->encoded.bytes : NULL,
                                        .result = ts_last(client)};
    output_init(&output, &call->options);
    if (call->options.output == FORMAT_DEFAULT)
        explained_print(&explained, &output);
    else
        explained_record(&explained, &output);
    int status = output_flush(&output);
    output_deinit(&output);
    return status == 0 && !explained_matches(&explained) ? EXIT_NO_MATCH : status;
}

static int run_explain(struct call *call)
{
    struct word_list pattern = {0}, tuple = {0};
    if (call->options.fields.count > 0)
        return complain_usage("--fields: what is explained has none");
    int status = record_check(&call->options);
    if (status == 0)
        status = words_read_pattern_and_tuple(call, &pattern, &tuple);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = explain(call, client, pattern.values[0], tuple.count > 0 ? tuple.values : NULL);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    word_list_deinit(&tuple);
    return status;
}

const struct command cmd_explain = {
    .name = "explain",
    .arguments = "PATTERN [TUPLE]",
    .summary = "tell why a pattern matches or not",
    .uses = USE_COUNT,
    .help = "Tells which index a look for the pattern uses, how many tuples it tries until\n"
            "one matches, and of those that nearly do (3, or -n) field by field what does\n"
            "not. Of a tuple that is given: whether it matches, field by field. Nothing is\n"
            "taken. The status is 1 where it does not match, or none that was tried does.\n",
    .examples = explain_examples,
    .run = run_explain,
};

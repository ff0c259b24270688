/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/pieces.h"
#include "tsctl/record.h"
#include "tsctl/told.h"
#include "tsctl/words.h"

static const struct option_spec scan_options[] = {
    {"reverse", 0, NULL, "the youngest first", .flag = offsetof(struct options, reverse)},
    {"state", 0, NULL, "delayed and kept ones, too, and their state",
     .flag = offsetof(struct options, state)},
    {0},
};

static const char *const scan_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]' '[\"done\", 0]'",
    "tsctl scan -n 1 --reverse '[\"task\", ...]'",
    "tsctl scan -f 3 '[\"task\", ?int, ?str]'",
    "tsctl scan -o json >dump.ndjson",
    "tsctl out -s copy -i json - <dump.ndjson && rm dump.ndjson",
    "tsctl scan --state -n 1",
    NULL,
};

struct scan {
    struct output output;
    struct record record;
};

/* A tuple with its state, who has it and for how long. */
static void add_state(struct scan *scan, const ts_tuple *tuple)
{
    static const uint8_t nil[] = {0xc0};
    record_str(&scan->record, "state", told_state(tuple->state));
    if (tuple->holder != 0)
        record_id(&scan->record, "holder", tuple->holder);
    else
        record_value(&scan->record, "holder", nil, sizeof(nil));
    if (tuple->holder_pid != 0) {
        record_str(&scan->record, "held-by", tuple->holder_program);
        record_uint(&scan->record, "held-pid", tuple->holder_pid);
    } else {
        record_value(&scan->record, "held-by", nil, sizeof(nil));
        record_value(&scan->record, "held-pid", nil, sizeof(nil));
    }
    if (tuple->left > 0)
        record_seconds(&scan->record, "left", tuple->left);
    else
        record_value(&scan->record, "left", nil, sizeof(nil));
    told_tuple(&scan->record, tuple);
    record_print(&scan->record, &scan->output);
}

/* One piece of the answer; -f picks fields of tuples also where states are asked for. */
static int print_piece(void *context, const ts_result *result)
{
    struct scan *scan = context;
    const struct options *options = scan->output.options;
    const ts_tuple *tuple;
    for (size_t i = 0; (tuple = ts_tuple_at(result, i)) != NULL; i++) {
        if (options->state && options->fields.count == 0)
            add_state(scan, tuple);
        else
            output_tuple(&scan->output, tuple->bytes);
    }
    return output_flush(&scan->output);
}

static int scan(struct call *call, ts_client *client, ts_values pattern)
{
    struct scan scan = {0};
    const struct options *options = &call->options;
    ts_request request = {
        .operation = TSD_OP_SCAN,
        .pattern = pattern,
        .reverse = options->reverse,
        .states = options->state,
    };
    output_init(&scan.output, options);
    uint64_t most = options->has_count ? options->max : COUNT_ALL;
    int status = pieces_read(call, client, &request, most, print_piece, &scan);
    record_deinit(&scan.record);
    output_deinit(&scan.output);
    return status;
}

static int run_scan(struct call *call)
{
    const struct options *options = &call->options;
    if (options->has_count && options->min > 1)
        return complain_usage("--count: scan does not wait, so it takes N or all, not M..N");
    int status = options->state && options->fields.count == 0 ? record_check(options)
                                                              : output_check_tuples(options);
    if (status != 0)
        return status;
    struct word_list pattern = {0};
    status = words_read_pattern_or_any(call, &pattern);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = scan(call, client, pattern.values[0]);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_scan = {
    .name = "scan",
    .arguments = "[PATTERN]",
    .summary = "print all tuples that match",
    .options = scan_options,
    .uses = USE_COUNT,
    .help = "Prints all stored tuples that match the pattern, or all tuples, the oldest\n"
            "first, those of a higher priority before; the tuples stay. Each tuple that is\n"
            "there throughout is printed once. With -n prints at most so many. The status is\n"
            "1 where there is none. Priorities are not printed, but for --state: that prints\n"
            "an object for each, with its state, who has it, priority and returns.\n",
    .examples = scan_examples,
    .run = run_scan,
};

/* SPDX-License-Identifier: MIT */
#include <tsclient.h>

#include "protocol/limits.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

static const struct option_spec scan_options[] = {
    {"reverse", 0, NULL, "the youngest first", .flag = offsetof(struct options, reverse)},
    {0},
};

static const char *const scan_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]' '[\"done\", 0]'",
    "tsctl scan",
    "tsctl scan -n 1 --reverse '[\"task\", ...]'",
    "tsctl scan -f 3 '[\"task\", ?int, ?str]'",
    "tsctl scan -o json >dump.ndjson",
    "tsctl out -s copy -i json - <dump.ndjson && rm dump.ndjson",
    NULL,
};

/* Prints piece by piece; a tuple that is stored throughout is printed once (rule S17). */
static int scan(struct call *call, ts_client *client, ts_values pattern)
{
    struct output output;
    output_init(&output, &call->options);
    uint64_t left = call->options.has_count ? call->options.max : COUNT_ALL;
    bool any = false;
    int status = 0;
    ts_cursor cursor = {.reverse = call->options.reverse};
    while (status == 0 && left > 0) {
        cursor.max = left < LIMIT_UNIT_TUPLES ? (uint32_t)left : 0;
        ts_status got = ts_scan(client, pattern, &cursor);
        if (got != TS_OK) {
            status = got == TS_NOMATCH && any ? 0 : refused_exit(call, client, got);
            break;
        }
        const ts_tuple *tuple;
        for (size_t i = 0; left > 0 && (tuple = ts_tuple_at(ts_last(client), i)) != NULL; i++) {
            output_tuple(&output, tuple->bytes);
            left -= left != COUNT_ALL;
        }
        any = true;
        status = output_flush(&output);
    }
    output_deinit(&output);
    return status;
}

static int run_scan(struct call *call)
{
    if (call->options.has_count && call->options.min > 1)
        return complain_usage("--count: scan does not wait, so it takes N or all, not M..N");
    int status = output_check_tuples(&call->options);
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
            "1 where there is none. Priorities are not printed: tuples that out puts again\n"
            "from what scan printed have none.\n",
    .examples = scan_examples,
    .run = run_scan,
};

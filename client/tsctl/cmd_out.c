/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tsclient.h>

#include "tsctl/bulk.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/help.h"
#include "tsctl/output.h"
#include "tsctl/putting.h"
#include "tsctl/words.h"

static int set_ttl(struct options *options, char **values)
{
    return option_read_duration("ttl", values[0], "such a tuple is gone at once", &options->ttl_us);
}

static int set_key(struct options *options, char **values)
{
    options->key = values[0];
    return 0;
}

static int set_window(struct options *options, char **values)
{
    return option_read_duration("window", values[0], "the key is forgotten at once",
                                &options->window_us);
}

static int set_each(struct options *options, char **values)
{
    options->each = values[0];
    return 0;
}

static const struct option_spec out_options[] = {
    {"ttl", 0, "DURATION", "they are gone after so long", .set = set_ttl},
    {"delay", 0, "DURATION", "they are seen after so long", .set = option_set_delay},
    {"priority", 0, "N", "from -128 to 127, the higher is taken first (0)",
     .set = option_set_priority},
    {"bound", 0, NULL, "they go when tsctl ends", .flag = offsetof(struct options, bound)},
    {"pulse", 0, NULL, "only for those who wait now", .flag = offsetof(struct options, pulse)},
    {"key", 0, "KEY", "put once, however often repeated in 60 s", .set = set_key},
    {"window", 0, "DURATION", "the time of --key", .set = set_window},
    {"ids", 0, NULL, "print the tuples' ids", .flag = offsetof(struct options, ids)},
    {"atomic", 0, NULL, "put all that is read as one unit",
     .flag = offsetof(struct options, atomic)},
    {"each", 0, "TEMPLATE", "put this tuple for each record, which is $line", .set = set_each},
    {0},
};

static const char *const out_examples[] = {
    "tsctl out --arg f \"it's a name.png\" '[\"task\", 1, $f]'",
    "printf '[\"n\", %d]\\n' 1 2 3 | tsctl out --ttl 1m -",
    "find /etc -maxdepth 1 -print0 | tsctl out -0 --each '[\"file\", $line]' -",
    NULL,
};

static int put_words(struct call *call)
{
    struct word_list tuples = {0};
    int status = words_read_tuples(call, &tuples);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        ts_request request = putting_request(call);
        request.tuples = tuples.values;
        request.tuple_count = tuples.count;
        ts_status put = ts_call(client, &request);
        status = putting_exit(call, client, put, ts_error_text(client));
        if (status == 0 && call->options.ids) {
            struct output output;
            output_init(&output, &call->options);
            for (size_t i = 0; i < tuples.count; i++)
                output_id(&output, ts_last(client)->id + i);
            status = output_flush(&output);
            output_deinit(&output);
        }
        ts_disconnect(client);
    }
    word_list_deinit(&tuples);
    return status;
}

/* `-` among tuples. */
static bool has_dash(const struct call *call)
{
    for (int i = 0; i < call->argument_count; i++)
        if (strcmp(call->arguments[i], "-") == 0)
            return true;
    return false;
}

static int complain_nothing(const struct call *call)
{
    if (call->argument_count == 0 && words_complain_taken(call, "tuple"))
        return EXIT_USAGE;
    complain(call->argument_count == 0 ? "no tuple to put" : "--each makes tuples of what is read");
    complain_hint("to read from standard input: ... | tsctl out %s-",
                  call->options.each != NULL ? "--each TEMPLATE " : "");
    return EXIT_USAGE;
}

static int run_out(struct call *call)
{
    bool from_stdin = call->argument_count == 1 && strcmp(call->arguments[0], "-") == 0;
    if (call->argument_count > 1 && has_dash(call)) {
        complain("- stands alone: with it all tuples are read from standard input");
        complain_hint("tuples that are words go in by another tsctl out");
        return EXIT_USAGE;
    }
    if (call->argument_count == 0 && call->options.last_named.option == NULL &&
        isatty(STDIN_FILENO)) {
        help_print_short(stderr, call->command);
        return EXIT_USAGE;
    }
    if (call->argument_count == 0 || (call->options.each != NULL && !from_stdin))
        return complain_nothing(call);
    if (!from_stdin)
        return put_words(call);
    if (call->options.key != NULL && !call->options.atomic) {
        complain("--key is for one unit, and - puts one after the other");
        complain_hint("with --atomic all that is read is one unit");
        return EXIT_USAGE;
    }
    if (call->options.named.reads_stdin)
        return complain_usage("standard input is read by --rawfile or --binfile already");
    if (isatty(STDIN_FILENO)) {
        help_print_short(stderr, call->command);
        (void)fputs("\nReading tuples from this terminal, one a line, until ^D.\n", stderr);
    }
    return bulk_out(call);
}

const struct command cmd_out = {
    .name = "out",
    .arguments = "TUPLE... | -",
    .summary = "put tuples",
    .options = out_options,
    .uses = USE_TIMEOUT,
    .help = "Puts tuples, several as one unit; with - those it reads, one a line, in batches.\n"
            "Shell variables go in by name. Waits for room in a full space, or for -t.\n",
    .examples = out_examples,
    .run = run_out,
};

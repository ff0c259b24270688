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
#include "tsctl/quantity.h"
#include "tsctl/words.h"

static int set_priority(struct options *options, char **values)
{
    if (quantity_parse_int(values[0], -128, 127, &options->priority))
        return 0;
    return complain_usage("--priority: '%s' is not a number from -128 to 127", values[0]);
}

static int set_each(struct options *options, char **values)
{
    options->each = values[0];
    return 0;
}

static const struct option_spec out_options[] = {
    {"priority", 0, "N", "from -128 to 127, the higher is taken first (0)", .set = set_priority},
    {"ids", 0, NULL, "print the tuples' ids", .flag = offsetof(struct options, ids)},
    {"atomic", 0, NULL, "put all that is read as one unit",
     .flag = offsetof(struct options, atomic)},
    {"each", 0, "TEMPLATE", "put this tuple for each record, which is $line", .set = set_each},
    {0},
};

static const char *const out_examples[] = {
    "file=\"it's a name.png\"",
    "tsctl out --arg f \"$file\" '[\"task\", 1, $f]'",
    "tsctl out '[\"task\", 2, \"b.png\"]' '[\"task\", 3, \"c.png\"]'",
    "tsctl out --priority 5 --ids '[\"task\", 4, \"now.png\"]'",
    "printf '[\"n\", %d]\\n' 1 2 3 | tsctl out -",
    "find /etc -maxdepth 1 -print0 | tsctl out -0 --each '[\"file\", $line]' -",
    NULL,
};

static int put_words(struct call *call)
{
    struct word_list tuples = {0};
    int status = words_read_tuples(call, &tuples);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        ts_request request = {
            .operation = TSD_OP_OUT,
            .tuples = tuples.values,
            .tuple_count = tuples.count,
            .priority = call->options.priority,
        };
        status = connect_exit(call, client, ts_call(client, &request));
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
    .help = "Puts tuples, several as one unit, in the order given. What a shell variable\n"
            "holds goes in by name, as below: never paste it into the text.\n"
            "With - it puts what it reads, one tuple a line (-0: each ended by a zero byte;\n"
            "-i raw: MessagePack), in batches of up to 1,024 tuples or 1 MiB, each a unit,\n"
            "also where nothing more comes for 0.1 s. A bad line stops it with its number;\n"
            "nothing of its unit goes in, and it says how many tuples went in before.\n",
    .examples = out_examples,
    .run = run_out,
};

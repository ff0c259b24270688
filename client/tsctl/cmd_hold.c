/* SPDX-License-Identifier: MIT */

#include "tsctl/await.h"
#include "tsctl/child.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/guard.h"
#include "tsctl/interrupt.h"
#include "tsctl/quantity.h"
#include "tsctl/record.h"
#include "tsctl/refused.h"
#include "tsctl/taken.h"
#include "tsctl/words.h"

static const struct option_spec hold_options[] = {
    {"finish", 0, NULL, "take it for good where CMD succeeds",
     .flag = offsetof(struct options, finish)},
    {"for", 0, "DURATION", "hold it for so long, and print its token", .set = option_set_for},
    {0},
};

static const char *const hold_examples[] = {
    "tsctl out '[\"disk\"]' '[\"task\", 1, \"a.png\"]'",
    "tsctl hold '[\"disk\"]' -- sync",
    "tsctl hold -t 5 --finish '[\"task\", ?int, ?str]' -- echo resize {3}",
    "eval \"$(tsctl hold --for 1m -o sh '[\"disk\"]')\"; tsctl release \"$token\"",
    NULL,
};

static double timeout_of(const struct call *call)
{
    return call->options.has_timeout ? quantity_seconds(call->options.timeout_us) : TS_FOREVER;
}

/* A tuple that is held, as its token and itself. */
static int print_held(struct call *call, ts_client *client, const ts_tuple *tuple)
{
    char token[TS_TOKEN_TEXT];
    struct record record = {0};
    struct output output;
    struct taken taken = {0};
    output_init(&output, &call->options);
    ts_token_text(&tuple->token, token);
    record_str(&record, "token", token);
    record_value(&record, "tuple", tuple->bytes, tuple->size);
    record_print(&record, &output);
    taken_note(&taken, &output, &tuple->token);
    int status = taken_print(&taken, call, client, &output);
    taken_deinit(&taken);
    record_deinit(&record);
    output_deinit(&output);
    return status;
}

static int on_detached(void *context, ts_client *client, ts_status status, const ts_result *result)
{
    struct call *call = context;
    if (status == TS_CANCELLED)
        return 0;
    if (status != TS_OK)
        return refused_exit_text(call, client, status, result->text);
    return print_held(call, client, ts_tuple_at(result, 0));
}

static int check_detached(const struct call *call)
{
    if (call->options.finish)
        return complain_usage("hold: --finish is for a command that is run, without --for");
    if (call->dashes >= 0 || call->argument_count > 1) {
        complain("hold: with --for no command is run");
        complain_hint("without --for the tuple is held for as long as the command runs");
        return EXIT_USAGE;
    }
    if (call->options.fields.count > 0) {
        complain("hold: -f does not go with --for, whose record has the token, too");
        complain_hint("eval \"$(tsctl hold --for 1m -o sh ...)\" sets $token and $tuple");
        return EXIT_USAGE;
    }
    return record_check(&call->options);
}

static int hold_detached(struct call *call, const struct word_list *pattern)
{
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status;
    ts_request request = {
        .operation = TSD_OP_HOLD,
        .pattern = pattern->values[0],
        .timeout = timeout_of(call),
        .hold_time = quantity_seconds(call->options.hold_us),
        .detached = true,
    };
    interrupt_catch();
    status = await_answer(client, &request, on_detached, call);
    ts_disconnect(client);
    interrupt_end();
    return status;
}

/* Where a command is run its status stands for it: tsctl's own failures have theirs. */
static int exit_beside_command(struct call *call, ts_client *client, ts_status status)
{
    if (status == TS_TIMEOUT || status == TS_NOMATCH)
        return EXIT_RUN_TIMED_OUT;
    int exit_status = refused_exit(call, client, status);
    return exit_status == EXIT_USAGE ? EXIT_USAGE : EXIT_RUN_FAILED;
}

static int hold_command(struct call *call, const struct word_list *pattern, char **words)
{
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status == EXIT_USAGE ? EXIT_USAGE : EXIT_RUN_FAILED;
    ts_status got = ts_hold(client, pattern->values[0], timeout_of(call), TS_FOREVER);
    if (got == TS_OK)
        return guard_run(client, words, call->options.finish);
    status = exit_beside_command(call, client, got);
    ts_disconnect(client);
    return status;
}

static int complain_no_pattern(const struct call *call)
{
    if (!words_complain_taken(call, "pattern")) {
        complain("hold needs a pattern");
        complain_hint("such as tsctl hold '[\"disk\"]' -- CMD");
    }
    return EXIT_USAGE;
}

static int run_hold(struct call *call)
{
    const bool detached = call->options.hold_us != 0;
    char **words = NULL;
    if (call->argument_count == 0)
        return complain_no_pattern(call);
    int status = detached ? check_detached(call) : child_command(call, 1, "pattern", &words);
    if (status != 0)
        return status;
    call->argument_count = 1;
    struct word_list pattern = {0};
    status = words_read_patterns(call, &pattern);
    if (status == 0)
        status = detached ? hold_detached(call, &pattern) : hold_command(call, &pattern, words);
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_hold = {
    .name = "hold",
    .arguments = "PATTERN -- CMD [ARGUMENT...]",
    .summary = "hold a tuple while a command runs: a lock",
    .options = hold_options,
    .uses = USE_TIMEOUT,
    .help = "Holds the oldest tuple that matches while CMD runs, then gives it back. In CMD's\n"
            "words {} is the tuple and {1} its first field, as is $TSD_1. Were tsctl killed,\n"
            "so are CMD and its children, and then the tuple is back; where the daemon ends\n"
            "CMD gets a SIGTERM. The status is CMD's; 124: timed out, 125: tsctl failed,\n"
            "126 and 127: CMD cannot be run.\n"
            "hold --for D PATTERN prints {\"token\":\"...\",\"tuple\":[...]}, and the tuple is\n"
            "held for so long unless finish, release or renew come first.\n",
    .runs_another = true,
    .before_dashes = 1,
    .examples = hold_examples,
    .run = run_hold,
};

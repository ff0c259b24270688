/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tsctl/batch.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/gather.h"
#include "tsctl/memory.h"
#include "tsctl/putting.h"
#include "tsctl/tokens.h"
#include "tsctl/words.h"

static const char *const finish_examples[] = {
    "tsctl out '[\"task\", 1]'",
    "token=$(tsctl hold --for 1m -o tsv '[\"task\", ?int]' | cut -f1)",
    "tsctl finish \"$token\" '[\"done\", 1]' '[\"log\", \"one\"]'",
    "tsctl scan",
    NULL,
};

static int finish(struct call *call, const ts_token *token, const ts_values *results, size_t count)
{
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status;
    ts_request request = putting_request(call);
    request.operation = TSD_OP_FINISH;
    request.tokens = token;
    request.token_count = 1;
    request.tuples = results;
    request.tuple_count = count;
    ts_status done = ts_call(client, &request);
    status = putting_exit(call, client, done, ts_error_text(client));
    ts_disconnect(client);
    return status;
}

static int finish_words(struct call *call, const ts_token *token)
{
    struct word_list results = {0};
    int status = call->argument_count > 0 ? words_read_tuples(call, &results) : 0;
    if (status == 0)
        status = finish(call, token, results.values, results.count);
    word_list_deinit(&results);
    return status;
}

static int finish_input(struct call *call, const ts_token *token)
{
    if (call->argument_count > 1)
        return complain_usage("- stands alone: with it all results are read from standard input");
    if (call->options.named.reads_stdin)
        return complain_usage("standard input is read by --rawfile or --binfile already");
    struct batch *batch = memory_resize(NULL, sizeof(*batch));
    batch->bytes = BUFFER_INIT;
    batch->count = 0;
    int status = gather_unit(call, batch);
    if (status == 0)
        status = finish(call, token, batch_values(batch), batch->count);
    buffer_deinit(&batch->bytes);
    free(batch);
    return status;
}

static bool has_dash(const struct call *call)
{
    for (int i = 0; i < call->argument_count; i++)
        if (strcmp(call->arguments[i], "-") == 0)
            return true;
    return false;
}

static int run_finish(struct call *call)
{
    ts_token token;
    if (call->argument_count == 0)
        return tokens_complain_none(call);
    int status = tokens_read_word(call->arguments[0], &token);
    if (status != 0)
        return status;
    call->arguments++;
    call->argument_count--;
    return has_dash(call) ? finish_input(call, &token) : finish_words(call, &token);
}

const struct command cmd_finish = {
    .name = "finish",
    .arguments = "TOKEN [TUPLE... | -]",
    .summary = "consume a held tuple and put results",
    .uses = USE_TIMEOUT,
    .help = "Consumes the tuple that hold --for has held, and puts the results (with -: all\n"
            "that it reads, one a line), as one unit: done once or not at all. The status is\n"
            "4 where the hold was over before, and then nothing was put. Waits for room in a\n"
            "full space, or for -t.\n",
    .examples = finish_examples,
    .run = run_finish,
};

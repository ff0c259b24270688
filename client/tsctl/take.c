/* SPDX-License-Identifier: MIT */
#include "tsctl/take.h"

#include "protocol/limits.h"
#include "tsctl/await.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/interrupt.h"
#include "tsctl/output.h"
#include "tsctl/refused.h"
#include "tsctl/taken.h"
#include "tsctl/words.h"

struct take {
    struct call *call;
    ts_client *client;
    struct output output;
    ts_request request;
    struct taken taken;
    uint64_t left; /* how many more are wanted */
    bool more;     /* the last answer: more matched */
};

/* Prints what the answer brought, then acknowledges it: never the other way round. */
static int print_answer(struct take *take, const ts_result *result)
{
    const bool takes = take->request.operation == TSD_OP_IN;
    for (size_t i = 0; i < result->count; i++) {
        const ts_tuple *tuple = ts_tuple_at(result, i);
        output_tuple(&take->output, tuple->bytes);
        if (takes)
            taken_note(&take->taken, &take->output, &tuple->token);
    }
    take->left -= result->count < take->left ? result->count : take->left;
    return takes ? taken_print(&take->taken, take->call, take->client, &take->output)
                 : output_flush(&take->output);
}

static int on_answer(void *context, ts_client *client, ts_status status, const ts_result *result)
{
    struct take *take = context;
    if (status == TS_CANCELLED)
        return 0;
    if (status != TS_OK)
        return refused_exit_text(take->call, client, status, result->text);
    take->more = result->more;
    return print_answer(take, result);
}

/* One request and its answer. *more: more tuples matched than came. */
static int ask(struct take *take, bool *more)
{
    take->request.max = take->left < LIMIT_UNIT_TUPLES ? (uint32_t)take->left : LIMIT_UNIT_TUPLES;
    take->more = false;
    int status = await_answer(take->client, &take->request, on_answer, take);
    *more = take->more && interrupt_caught() == 0;
    return status;
}

/* Takes up to -n tuples: as many answers as they need, only the first of which may wait. */
static int take_some(struct take *take)
{
    bool more = false;
    int status = ask(take, &more);
    if (take->request.operation == TSD_OP_RD) {
        if (status == 0 && more && take->left > 0 && !take->call->options.quiet) {
            complain("more tuples match than fit one answer");
            complain_hint("tsctl scan reads all of them");
        }
        return status;
    }
    take->request.timeout = 0;
    take->request.min = 1;
    while (status == 0 && more && take->left > 0) {
        more = false;
        status = ask(take, &more);
        if (status == EXIT_NO_MATCH) /* somebody else was faster */
            return 0;
    }
    return status;
}

/* Takes one after the other until ^C, -n, or -t without a tuple. */
static int take_follow(struct take *take)
{
    int status = 0;
    while (status == 0 && take->left > 0 && interrupt_caught() == 0) {
        uint64_t left = take->left;
        bool more;
        take->left = 1;
        status = ask(take, &more);
        take->left = left == COUNT_ALL ? COUNT_ALL : left - 1;
    }
    return status;
}

static int check(const struct call *call)
{
    const struct options *options = &call->options;
    if (call->argument_count == 0 && words_complain_taken(call, "pattern"))
        return EXIT_USAGE;
    if (call->argument_count == 0) {
        complain("%s needs a pattern", call->command->name);
        complain_hint("such as tsctl %s '[\"task\", ?int, ?str]'", call->command->name);
        return EXIT_USAGE;
    }
    if (options->has_count && options->min > LIMIT_UNIT_TUPLES)
        return complain_usage("--count: at most %d tuples can be waited for at once",
                              LIMIT_UNIT_TUPLES);
    if (options->follow && options->has_count && options->min > 1)
        return complain_usage("--follow takes one tuple at a time: -n N, not M..N");
    return output_check_tuples(options);
}

static void set_request(struct take *take, enum tsd_operation operation, enum take_wait wait,
                        const struct word_list *patterns, ts_alternative *alternatives)
{
    const struct options *options = &take->call->options;
    for (size_t i = 1; i < patterns->count; i++)
        alternatives[i - 1] = (ts_alternative){.pattern = patterns->values[i]};
    double timeout = options->has_timeout ? (double)options->timeout_us / 1e6 : TS_FOREVER;
    take->request = (ts_request){
        .operation = operation,
        .pattern = patterns->values[0],
        .alternatives = alternatives,
        .alternative_count = patterns->count - 1,
        .timeout = wait == TAKE_WAITS ? timeout : 0,
        .min = options->has_count ? (uint32_t)options->min : 1,
    };
    uint64_t all = options->follow ? COUNT_ALL : 1;
    take->left = options->has_count ? options->max : all;
}

int take_run(struct call *call, enum tsd_operation operation, enum take_wait wait)
{
    int status = check(call);
    if (status != 0)
        return status;
    struct word_list patterns = {0};
    status = words_read_patterns(call, &patterns);
    struct take take = {.call = call};
    output_init(&take.output, &call->options);
    if (status == 0)
        take.client = connect_daemon(call, &status);
    if (take.client != NULL) {
        ts_alternative alternatives[LIMIT_ALTERNATIVES];
        set_request(&take, operation, wait, &patterns, alternatives);
        if (operation == TSD_OP_IN)
            interrupt_catch();
        status = call->options.follow ? take_follow(&take) : take_some(&take);
        ts_disconnect(take.client);
        interrupt_end();
    }
    taken_deinit(&take.taken);
    output_deinit(&take.output);
    word_list_deinit(&patterns);
    return status;
}

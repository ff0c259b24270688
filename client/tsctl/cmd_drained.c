/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "tsctl/await.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/interrupt.h"
#include "tsctl/quantity.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

#define LOOK_MS 500

static const struct option_spec drained_options[] = {
    {"progress", 0, NULL, "tell on standard error how many are left",
     .flag = offsetof(struct options, progress)},
    {0},
};

static const char *const drained_examples[] = {
    "tsctl out '[\"task\", 1]'",
    "tsctl drained -t 0.1 '[\"task\", ...]' || echo \"still tasks\"",
    "tsctl in -q '[\"task\", ...]'",
    "tsctl drained '[\"task\", ...]' && echo \"all done\"",
    NULL,
};

struct drained {
    struct call *call;
    ts_values pattern;
    bool terminal;
    uint64_t told; /* how many were left, the last time; UINT64_MAX: not told yet */
};

static void end_line(const struct drained *drained)
{
    if (drained->terminal && drained->told != UINT64_MAX)
        (void)fputs("\r\033[K", stderr);
}

/* On a terminal a line that is redrawn, else a line for each change. */
static void tell(void *context, ts_client *client)
{
    struct drained *drained = context;
    char text[QUANTITY_TUPLES_SIZE];
    ts_request request = {.operation = TSD_OP_COUNT, .pattern = drained->pattern, .states = true};
    if (ts_call(client, &request) != TS_OK || ts_last(client)->total == drained->told)
        return;
    drained->told = ts_last(client)->total;
    (void)fprintf(stderr, drained->terminal ? "\r%s left\033[K" : "%s left\n",
                  quantity_tuples(drained->told, text));
    (void)fflush(stderr);
}

static int on_answer(void *context, ts_client *client, ts_status status, const ts_result *result)
{
    const struct drained *drained = context;
    end_line(drained);
    if (status == TS_CANCELLED)
        return 0;
    return refused_exit_text(drained->call, client, status, result->text);
}

static int wait_until_drained(struct call *call, ts_client *client, ts_values pattern)
{
    static const struct await_tick tick = {.run = tell, .ms = LOOK_MS};
    const struct options *options = &call->options;
    struct drained drained = {
        .call = call,
        .pattern = pattern,
        .terminal = isatty(STDERR_FILENO),
        .told = UINT64_MAX,
    };
    ts_request request = {
        .operation = TSD_OP_DRAINED,
        .pattern = pattern,
        .timeout = options->has_timeout ? quantity_seconds(options->timeout_us) : TS_FOREVER,
    };
    interrupt_catch();
    return await_ticking(client, &request, on_answer, &drained,
                         options->progress && !options->quiet ? &tick : NULL);
}

static int run_drained(struct call *call)
{
    struct word_list pattern = {0};
    int status = words_read_one_pattern(call, &pattern);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = wait_until_drained(call, client, pattern.values[0]);
        ts_disconnect(client);
        interrupt_end();
    }
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_drained = {
    .name = "drained",
    .arguments = "PATTERN",
    .summary = "wait until no tuple that matches is left",
    .options = drained_options,
    .uses = USE_TIMEOUT,
    .help = "Waits until no tuple that matches is there or may come back: stored, delayed,\n"
            "held, or taken and not acknowledged, by anybody. So all tasks are done, also\n"
            "those that others work on. The status is 3 after -t, 1 with -t 0.\n",
    .examples = drained_examples,
    .run = run_drained,
};

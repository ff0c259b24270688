/* SPDX-License-Identifier: MIT */
#include "tsctl/move.h"

#include "protocol/limits.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/quantity.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

static int print_total(const struct call *call, uint64_t total)
{
    struct output output;
    output_init(&output, &call->options);
    output_number(&output, total);
    int status = output_flush(&output);
    output_deinit(&output);
    return status;
}

/* What went wrong after so many were done, or that there was none. */
static int end(const struct call *call, uint64_t total, int status)
{
    char text[QUANTITY_TUPLES_SIZE];
    if (status != 0) {
        if (total > 0)
            complain_hint("%s were done before", quantity_tuples(total, text));
        return status;
    }
    status = print_total(call, total);
    return status == 0 && total == 0 ? EXIT_NO_MATCH : status;
}

/* What is copied stays: the next unit goes on after it. */
static bool goes_on(const ts_request *request, const ts_result *result, ts_cursor *cursor)
{
    *cursor = result->next;
    return result->more && (request->operation == TSD_OP_COPY ? !cursor->ended : result->total > 0);
}

int move_all(struct call *call, ts_client *client, ts_request *request)
{
    uint64_t left = call->options.has_count ? call->options.max : COUNT_ALL, total = 0;
    ts_cursor cursor = {0};
    bool more = true;
    int status = 0;
    if (request->operation == TSD_OP_COPY)
        request->cursor = &cursor;
    while (status == 0 && more && left > 0) {
        request->max = left < LIMIT_UNIT_TUPLES ? (uint32_t)left : 0;
        status = refused_exit(call, client, ts_call(client, request));
        uint64_t done = status == 0 ? ts_last(client)->total : 0;
        more = status == 0 && goes_on(request, ts_last(client), &cursor);
        total += done;
        left -= left == COUNT_ALL || done > left ? 0 : done;
    }
    request->cursor = NULL;
    return end(call, total, status);
}

int move_run(struct call *call, enum tsd_operation operation)
{
    const char *name = call->command->name;
    if (call->options.has_count && call->options.min > 1)
        return complain_usage("--count: %s does not wait, so it takes N or all, not M..N", name);
    struct word_list pattern = {0};
    int status = words_read_one_pattern(call, &pattern);
    if (status == 0 && call->options.to == NULL) {
        complain("%s needs --to, the space that they go to", name);
        complain_hint(operation == TSD_OP_COLLECT ? "to delete them: tsctl clear"
                                                  : "such as tsctl copy --to mirror '[...]'");
        status = EXIT_USAGE;
    }
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        ts_request request = {
            .operation = operation, .pattern = pattern.values[0], .to = call->options.to};
        status = move_all(call, client, &request);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    return status;
}

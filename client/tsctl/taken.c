/* SPDX-License-Identifier: MIT */
#include "tsctl/taken.h"

#include <signal.h>
#include <stdlib.h>

#include "tsctl/connect.h"
#include "tsctl/memory.h"

void taken_deinit(struct taken *taken)
{
    free(taken->tokens);
    free(taken->ends);
    *taken = (struct taken){0};
}

void taken_note(struct taken *taken, const struct output *output, const ts_token *token)
{
    if (taken->count == taken->room) {
        taken->room = taken->room > 0 ? 2 * taken->room : 16;
        taken->tokens = memory_resize(taken->tokens, taken->room * sizeof(*taken->tokens));
        taken->ends = memory_resize(taken->ends, taken->room * sizeof(*taken->ends));
    }
    taken->tokens[taken->count] = *token;
    taken->ends[taken->count++] = output->bytes.size;
}

/*
 * From before a record is written until its tuple is acknowledged signals wait, but for the time that
 * a full pipe takes; one of a pipe that nobody reads waits until the rest has been given back.
 */
static void hold_signals(sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, before);
}

/* Releases the tuples whose records were not written whole. */
static ts_status release_rest(const struct taken *taken, ts_client *client, size_t written)
{
    size_t first = 0;
    while (first < taken->count && taken->ends[first] <= written)
        first++;
    if (first == taken->count)
        return TS_OK;
    ts_request request = {
        .operation = TSD_OP_RELEASE,
        .tokens = taken->tokens + first,
        .token_count = taken->count - first,
        .untried = true,
    };
    return ts_call(client, &request);
}

int taken_print(struct taken *taken, const struct call *call, ts_client *client,
                struct output *output)
{
    sigset_t before;
    hold_signals(&before);
    output->mask = &before;
    int status = output_flush(output);
    output->mask = NULL;
    ts_status settled = TS_OK;
    if (status != 0)
        settled = release_rest(taken, client, output->written);
    if (settled == TS_OK)
        settled = ts_client_ack(client);
    int settled_exit = connect_exit(call, client, settled);
    taken->count = 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status != 0 ? status : settled_exit;
}

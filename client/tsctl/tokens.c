/* SPDX-License-Identifier: MIT */
#include "tsctl/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"
#include "tsctl/words.h"

int tokens_read_word(const char *word, ts_token *token)
{
    if (ts_token_parse(word, token) == TS_OK)
        return 0;
    complain("'%.*s%s' is no token", 40, word, strlen(word) > 40 ? "..." : "");
    complain_hint("a token is 32 hexadecimal digits, as tsctl hold --for prints it");
    return EXIT_USAGE;
}

int tokens_complain_none(const struct call *call)
{
    if (words_complain_taken(call, "token"))
        return EXIT_USAGE;
    complain("%s needs a token", call->command->name);
    complain_hint("tsctl hold --for 1m '[\"disk\"]' prints one");
    return EXIT_USAGE;
}

int tokens_read(const struct call *call, ts_token **tokens)
{
    *tokens = NULL;
    if (call->argument_count == 0)
        return tokens_complain_none(call);
    if (call->argument_count > LIMIT_UNIT_TUPLES)
        return complain_usage("%d tokens: a unit has at most %d", call->argument_count,
                              LIMIT_UNIT_TUPLES);
    *tokens = memory_resize(NULL, (size_t)call->argument_count * sizeof(**tokens));
    for (int i = 0; i < call->argument_count; i++)
        if (tokens_read_word(call->arguments[i], *tokens + i) != 0)
            return EXIT_USAGE;
    return 0;
}

int tokens_run(struct call *call, ts_request *request)
{
    ts_token *tokens;
    int status = tokens_read(call, &tokens);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        request->tokens = tokens;
        request->token_count = (size_t)call->argument_count;
        status = connect_exit(call, client, ts_call(client, request));
        ts_disconnect(client);
    }
    free(tokens);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "tsctl/pieces.h"

#include "protocol/limits.h"
#include "tsctl/exits.h"
#include "tsctl/refused.h"

int pieces_read(const struct call *call, ts_client *client, ts_request *request, uint64_t most,
                int (*piece)(void *context, const ts_result *result), void *context)
{
    ts_cursor cursor = {0};
    bool any = false;
    uint64_t left = most;
    int status = 0;
    while (status == 0 && left > 0 && !cursor.ended) {
        request->max = left < LIMIT_UNIT_TUPLES ? (uint32_t)left : 0;
        request->cursor = cursor.started ? &cursor : NULL;
        ts_status got = ts_call(client, request);
        if (got != TS_OK)
            return got == TS_NOMATCH && any ? 0 : refused_exit(call, client, got);
        const ts_result *result = ts_last(client);
        cursor = result->next;
        cursor.started = true;
        any = any || result->count > 0;
        if (left != COUNT_ALL)
            left -= result->count < left ? result->count : left;
        if (result->count > 0)
            status = piece(context, result);
    }
    return status == 0 && !any ? EXIT_NO_MATCH : status;
}

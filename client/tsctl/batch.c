/* SPDX-License-Identifier: MIT */
#include "tsctl/batch.h"

#include <string.h>

void batch_count(struct batch *batch, size_t size)
{
    batch->sizes[batch->count++] = size;
}

ts_status batch_put(struct batch *batch, ts_client *client, int priority)
{
    const uint8_t *at = batch->bytes.bytes;
    for (size_t i = 0; i < batch->count; at += batch->sizes[i++])
        batch->values[i] = ts_encoded(at, batch->sizes[i]);
    ts_request request = {
        .operation = TSD_OP_OUT,
        .tuples = batch->values,
        .tuple_count = batch->count,
        .priority = priority,
    };
    return ts_call(client, &request);
}

void batch_clear(struct batch *batch, size_t keep)
{
    if (keep > 0)
        memmove(batch->bytes.bytes, batch->bytes.bytes + batch->bytes.size - keep, keep);
    batch->bytes.size = keep;
    batch->count = 0;
}

/* SPDX-License-Identifier: MIT */
#include "tsctl/batch.h"

#include <string.h>

void batch_count(struct batch *batch, size_t size)
{
    batch->sizes[batch->count++] = size;
}

const ts_values *batch_values(struct batch *batch)
{
    const uint8_t *at = batch->bytes.bytes;
    for (size_t i = 0; i < batch->count; at += batch->sizes[i++])
        batch->values[i] = ts_encoded(at, batch->sizes[i]);
    return batch->values;
}

void batch_clear(struct batch *batch, size_t keep)
{
    if (keep > 0)
        memmove(batch->bytes.bytes, batch->bytes.bytes + batch->bytes.size - keep, keep);
    batch->bytes.size = keep;
    batch->count = 0;
}

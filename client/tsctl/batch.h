/* SPDX-License-Identifier: MIT */
/*
 * Tuples gathered to be put as one unit: as MessagePack one after the other.
 */
#ifndef TSCTL_BATCH_H
#define TSCTL_BATCH_H

#include <tsclient.h>

#include "protocol/buffer.h"
#include "protocol/limits.h"

struct batch {
    struct buffer bytes;
    size_t sizes[LIMIT_UNIT_TUPLES];
    ts_values values[LIMIT_UNIT_TUPLES];
    size_t count;
};

/* The last `size` bytes of batch->bytes are one more tuple. */
void batch_count(struct batch *batch, size_t size);

/* The tuples as values, valid until the batch changes. */
const ts_values *batch_values(struct batch *batch);

/* Empties it but for its last `keep` bytes, which are no tuple of it yet. */
void batch_clear(struct batch *batch, size_t keep);

#endif

/* SPDX-License-Identifier: MIT */
#include "server/tally.h"

#include <assert.h>
#include <string.h>

void tally_add(struct tally *tally, uint64_t end, uint64_t bytes)
{
    struct tally_block *last = tally->count ? &tally->blocks[tally->count - 1] : NULL;

    assert(!last || end >= last->end);
    if (!last || (last->bytes >= TALLY_BLOCK && tally->count < TALLY_BLOCKS)) {
        last = &tally->blocks[tally->count++];
        last->bytes = 0;
    }
    last->end = end;
    last->bytes += bytes;
}

uint64_t tally_unread(struct tally *tally, uint64_t front)
{
    uint32_t read = 0;
    uint64_t bytes = 0;

    while (read < tally->count && tally->blocks[read].end <= front)
        read++;
    if (read > 0) {
        tally->count -= read;
        memmove(tally->blocks, tally->blocks + read, tally->count * sizeof(*tally->blocks));
    }
    for (uint32_t i = 0; i < tally->count; i++)
        bytes += tally->blocks[i].bytes;
    return bytes;
}

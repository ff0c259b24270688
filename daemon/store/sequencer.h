/* SPDX-License-Identifier: MIT */
/*
 * The sequencer between sessions and the engine of one store.
 *
 * Commands are submitted as they come and flushed at the end of a loop round. What comes back is
 * `apply`, in the one order of the store, for an entry of one or more commands, and `durable` once an
 * entry may be told to clients: never before its apply, and in the order of entries. The memory
 * sequencer applies each command at once, inside submit, and an entry is durable as soon as applied.
 *
 * What a sequencer promises whatever its kind: commands of one session keep their order; times never
 * go back; an entry is applied once.
 */
#ifndef TSD_STORE_SEQUENCER_H
#define TSD_STORE_SEQUENCER_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/command.h"

struct sequencer;

struct sequencer_calls {
    void (*apply)(void *context, uint64_t entry, uint64_t now_ns, const struct command *commands,
                  size_t count);
    void (*durable)(void *context, uint64_t entry);
};

/* NULL without memory. `calls` is copied. */
struct sequencer *sequencer_memory_new(const struct sequencer_calls *calls, void *context);
struct sequencer *sequencer_free(struct sequencer *sequencer);

/* The command, and what it points to, need live only until submit returns. */
void sequencer_submit(struct sequencer *sequencer, uint64_t now_ns, const struct command *command);
void sequencer_flush(struct sequencer *sequencer);

#endif

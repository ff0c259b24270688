/* SPDX-License-Identifier: MIT */
/*
 * The memory sequencer: each command is an entry of its own, applied and durable at once, so that
 * nothing is ever queued and flush has nothing to do.
 */
#include "base/alloc.h"
#include "base/container.h"
#include "store/kind.h"

struct memory {
    struct sequencer sequencer;
    uint64_t entry; /* of the last command */
};

static void memory_submit(struct sequencer *sequencer, uint64_t now_ns,
                          const struct command *command)
{
    struct memory *memory = container_of(sequencer, struct memory, sequencer);
    uint64_t entry = ++memory->entry;

    sequencer->calls.apply(sequencer->context, entry, now_ns, command, 1);
    sequencer->calls.durable(sequencer->context, entry);
}

static void memory_flush(struct sequencer *sequencer)
{
    (void)sequencer;
}

static void memory_free(struct sequencer *sequencer)
{
    mem_free(container_of(sequencer, struct memory, sequencer));
}

static const struct sequencer_kind memory_kind = {
    .submit = memory_submit,
    .flush = memory_flush,
    .free = memory_free,
};

struct sequencer *sequencer_memory_new(const struct sequencer_calls *calls, void *context)
{
    struct memory *memory = mem_zalloc(sizeof(*memory));

    if (!memory)
        return NULL;
    sequencer_init(&memory->sequencer, &memory_kind, calls, context);
    return &memory->sequencer;
}

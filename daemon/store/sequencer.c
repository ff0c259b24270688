/* SPDX-License-Identifier: MIT */
#include "store/kind.h"

void sequencer_init(struct sequencer *sequencer, const struct sequencer_kind *kind,
                    const struct sequencer_calls *calls, void *context)
{
    sequencer->kind = kind;
    sequencer->calls = *calls;
    sequencer->context = context;
    sequencer->last_ns = 0;
}

struct sequencer *sequencer_free(struct sequencer *sequencer)
{
    if (sequencer)
        sequencer->kind->free(sequencer);
    return NULL;
}

void sequencer_submit(struct sequencer *sequencer, uint64_t now_ns, const struct command *command)
{
    if (now_ns > sequencer->last_ns)
        sequencer->last_ns = now_ns;
    sequencer->kind->submit(sequencer, sequencer->last_ns, command);
}

void sequencer_flush(struct sequencer *sequencer)
{
    sequencer->kind->flush(sequencer);
}

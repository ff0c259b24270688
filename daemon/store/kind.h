/* SPDX-License-Identifier: MIT */
/*
 * What a kind of sequencer has to offer: only for the files of store/.
 *
 * A kind embeds `struct sequencer` as its first member and fills it in by sequencer_init.
 */
#ifndef TSD_STORE_KIND_H
#define TSD_STORE_KIND_H

#include "store/sequencer.h"

struct sequencer_kind {
    void (*submit)(struct sequencer *sequencer, uint64_t now_ns, const struct command *command);
    void (*flush)(struct sequencer *sequencer);
    void (*free)(struct sequencer *sequencer);
};

struct sequencer {
    const struct sequencer_kind *kind;
    struct sequencer_calls calls;
    void *context;
    uint64_t last_ns; /* of the last command: times never go back */
};

void sequencer_init(struct sequencer *sequencer, const struct sequencer_kind *kind,
                    const struct sequencer_calls *calls, void *context);

#endif

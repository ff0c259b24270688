/* SPDX-License-Identifier: MIT */
/*
 * What the clients of an engine ask and are told, written down as a history for its checker
 * (tests/history): it judges by positions whether each answer was right where it took effect.
 *
 * All is known here: a request that has no answer did nothing, and an acknowledgement has the
 * position of the request that brought it. So what such a request says is left out, and only
 * requests that are taken up at once are to acknowledge anything.
 */
#ifndef TSD_TESTS_RECORDING_H
#define TSD_TESTS_RECORDING_H

#include "history/history.h"
#include "space/engine.h"

struct recording {
    struct history *history;
    uint64_t now_ns;
};

void recording_init(struct recording *recording);
void recording_deinit(struct recording *recording);

void recording_comes(struct recording *recording, uint64_t session);
/* A request's frame; it has to be one that the checker knows. */
void recording_asks(struct recording *recording, uint64_t session, const struct frame *frame);
void recording_ends(struct recording *recording, uint64_t session, bool goodbye);
void recording_told(struct recording *recording, const struct effects *effects);
/* Long work is done: from this position on all that waits is served when it can be. */
void recording_calm(struct recording *recording, uint64_t position);
/* No more is told. */
void recording_close(struct recording *recording);

#endif

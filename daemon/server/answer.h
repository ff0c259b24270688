/* SPDX-License-Identifier: MIT */
/*
 * From an effect of the engine to a frame: an answer's, or that of an event, which is an answer of one
 * event after which others come.
 */
#ifndef TSD_SERVER_ANSWER_H
#define TSD_SERVER_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "server/outbox.h"
#include "space/engine.h"

/* How an answer is told to one connection. */
struct answer {
    const struct effect *effect;
    const struct effects *effects; /* that it is one of */
    uint64_t delivery;             /* the connection's number of it, or 0 */
    bool positions;                /* tell since and at */
};

/* Appends the frame. Large tuples are shared: `engine` is asked for a reference. */
void answer_write(struct outbox *outbox, struct engine *engine, const struct answer *answer);
void answer_event(struct outbox *outbox, struct engine *engine, const struct answer *answer);

/* At least so many bytes of an effect's tuples and report will be copied, and so many be shared. */
struct answer_size {
    size_t copied, shared;
};
struct answer_size answer_size(const struct effect *effect, const struct effects *effects);

/* An event that the server gives itself: about no tuple, of the watch that the effect ends. */
void answer_gap(struct outbox *outbox, const struct answer *answer);

/* The frame of an answer that the server gives itself: OK (text NULL), or why not. */
void answer_plain(struct outbox *outbox, uint64_t number, enum ts_status status, const char *text);
/* The same, OK with a number. */
void answer_uint(struct outbox *outbox, uint64_t number, uint64_t value);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From an effect of the engine to the answer's frame.
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

/* The frame of an answer that the server gives itself: OK (text NULL), or why not. */
void answer_plain(struct outbox *outbox, uint64_t number, enum ts_status status, const char *text);

#endif

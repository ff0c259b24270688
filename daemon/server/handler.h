/* SPDX-License-Identifier: MIT */
/*
 * From a client's frame to a command, and from the engine's effects to answers.
 *
 * It joins the engine and its sequencer, which never see each other, and owns both. What it answers
 * goes to outboxes; who is to be ended is only marked (connection.h). It sees to what the engine
 * asserts: numbers of requests and acknowledgements that are not to be is a protocol error here.
 */
#ifndef TSD_SERVER_HANDLER_H
#define TSD_SERVER_HANDLER_H

#include <stdint.h>

#include "protocol/frame.h"
#include "protocol/pattern.h"
#include "protocol/request.h"
#include "server/connection.h"
#include "space/engine.h"
#include "store/sequencer.h"

struct handler {
    struct engine *engine;
    struct sequencer *sequencer;
    struct connections *connections;
    uint64_t run;               /* a random number of this run of the daemon */
    bool stopping;              /* the daemon stops: ends do not count any more (rule S10) */
    struct connection *current; /* whose frame is being handled, or NULL */
    struct effects effects;
    struct request request;
    struct pattern_room room;
};

int handler_init(struct handler *handler, struct connections *connections); /* 0, or -errno */
void handler_deinit(struct handler *handler);

/* One frame that the client sent. */
void handler_frame(struct handler *handler, struct connection *connection,
                   const struct frame *frame);

/* The connection is over for the engine: what waits is cancelled, what was not acknowledged goes
 * back. */
void handler_end(struct handler *handler, struct connection *connection);

/* A client that is being told what is stored has read: tells more of it, a piece. */
void handler_reads(struct handler *handler, struct connection *connection);

/* A client's watches have missed events: they end (events.h). */
void handler_gap(struct handler *handler, struct connection *connection);

/* What an administrator has set, for what comes from now on. */
void handler_set(struct handler *handler, const struct engine_settings *settings);

/* Does what is due. */
void handler_tick(struct handler *handler);
void handler_flush(struct handler *handler);
uint64_t handler_due(const struct handler *handler); /* when; UINT64_MAX for never */

/* Whether a request of the client is under way in pieces, and will be answered without more. */
bool handler_works(const struct handler *handler, const struct connection *connection);

/* Tells clients what the engine's effects are, and clears them. */
void handler_tell(struct handler *handler);

/* Gives a tuple back that an outbox shared: outbox.h's release. */
void handler_release(void *handler, void *tuple);

#endif

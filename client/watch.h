/* SPDX-License-Identifier: MIT */
/*
 * Watches: requests of many answers.
 *
 * A watch stays in the table of requests under way. An answer with events is copied and kept as a
 * pending of its own: among the answers that wait for their callbacks, in the order in which they
 * came, or, where ts_watch_next asks for them, with the watch. The answer that ends it is the watch's
 * own.
 */
#ifndef TSCLIENT_WATCH_H
#define TSCLIENT_WATCH_H

#include "client/connection.h"
#include "protocol/frame.h"
#include "protocol/reply.h"

/* Takes an answer to a watch, which is in the table. */
void watch_take(struct connection *connection, struct pending *watch, const struct reply *reply,
                const struct frame *frame);

/* Tells the callback of what is the first in `ready`, and was taken out: events, or the end. */
void watch_tell(struct connection *connection, struct pending *pending);

/* Ends a watch without callback, whose end nobody asks for. It acknowledges nothing. */
void watch_drop(struct connection *connection, uint64_t number);

/* What comes next is told as a gap. */
void watch_gap(struct connection *connection, struct pending *watch);

#endif

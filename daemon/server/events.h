/* SPDX-License-Identifier: MIT */
/*
 * What a client's watches are told, and what becomes of it where the client does not read (rule S19).
 *
 * Events go to the connection's outbox like answers, in the order in which things happen, but what
 * watches say is bounded on its own and never ends a connection: past `event-bytes` unread of all its
 * watches together, and one event more so that large tuples can be told of, or where answers have
 * filled the outbox, it is given no further events. It is then marked, and at the round's end the engine is told, which ends its watches, each with the event
 * `gap`. So whoever reads slowly misses nothing without being told that it does.
 */
#ifndef TSD_SERVER_EVENTS_H
#define TSD_SERVER_EVENTS_H

#include "server/answer.h"
#include "server/connection.h"

/* One event of a watch: tells it, or marks the connection. */
void events_tell(struct connection *connection, struct engine *engine, const struct answer *answer);

/* Bytes of events that it has not read, without those of a large one that is under way. */
size_t events_behind(struct connection *connection);

/* A watch is about to be answered for the last time: where it has missed events since the mark, and
 * the engine does not say so itself, this does. */
void events_end(struct connection *connection, const struct answer *answer);

#endif

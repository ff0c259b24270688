/* SPDX-License-Identifier: MIT */
/*
 * Watches: requests that are told what happens to matching tuples, until they end (rule S19).
 *
 * A watch is an interest in its shape's chain. What is stored when it begins may be told first: in
 * pieces, place by place, each time that its client has read the last one (COMMAND_READS). Until that
 * has reached a place, nothing that happens there is told: what came and went before is not mentioned.
 */
#ifndef TSD_SPACE_WATCH_H
#define TSD_SPACE_WATCH_H

#include "protocol/numbers.h"

struct engine;
struct session;
struct space;
struct stored;

/* Tells the watches of the space whom it concerns, in the order in which they began. */
void watch_event(struct engine *engine, struct space *space, struct stored *tuple,
                 enum tsd_event event);

void watch_reads(struct engine *engine, struct session *session); /* COMMAND_READS */
void watch_gap(struct engine *engine, struct session *session);   /* COMMAND_GAP */
/* At the end of a step: the watches of sessions end that could not be told of all that happened. */
void watch_gaps(struct engine *engine);

#endif

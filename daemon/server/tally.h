/* SPDX-License-Identifier: MIT */
/*
 * How many of the bytes in an outbox that a client has not read are events of its watches.
 *
 * Events and answers lie in one outbox in the order in which things happened, so what was written
 * last does not tell which are left. The tally keeps blocks of events by where in the stream of all
 * bytes they end: a block is read once the stream's front is past its end. It is exact to a block,
 * counts rather too many than too few, and costs nothing where bytes are written, only where an event
 * is added.
 */
#ifndef TSD_SERVER_TALLY_H
#define TSD_SERVER_TALLY_H

#include <stdint.h>

#include "protocol/limits.h"

#define TALLY_BLOCK KIB(128) /* bytes of events from which a new block begins */
#define TALLY_BLOCKS 9       /* of them; what is more goes into the last one */

/* Zeroed, it is empty. */
struct tally {
    struct tally_block {
        uint64_t end; /* where in the stream its last event ends */
        uint64_t bytes;
    } blocks[TALLY_BLOCKS]; /* the oldest first */
    uint32_t count;
};

/* Events of so many bytes, the last of which ends there; ends only grow. */
void tally_add(struct tally *tally, uint64_t end, uint64_t bytes);

/* The bytes of events that are beyond the stream's front; forgets those that are not. */
uint64_t tally_unread(struct tally *tally, uint64_t front);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Writing to a client, and bounding what it has not read.
 *
 * Past the soft limit a client is read and handled no more until it has read; so its own requests
 * cannot take it much further, only answers to those that wait. Past the hard limit (handler.c), or
 * without progress for a while, it is disconnected.
 */
#ifndef TSD_SERVER_OUTPUT_H
#define TSD_SERVER_OUTPUT_H

#include "server/connection.h"

/*
 * Charges what is unread to the user, past whose limit the connection is ended: false. What is put
 * in an outbox in a round need be charged only once it is OUTPUT_UNCHARGED more than before, since
 * most of it is read as soon as it is written.
 */
#define OUTPUT_UNCHARGED ((size_t)64 * 1024)
bool output_charge(struct connection *connection);

/* Writes what the socket takes, and marks the connection accordingly. Never closes it. */
void output_write(struct connection *connection);

#endif

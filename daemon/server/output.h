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

/* Writes what the socket takes, and marks the connection accordingly. Never closes it. */
void output_write(struct connection *connection);

#endif

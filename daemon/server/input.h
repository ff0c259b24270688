/* SPDX-License-Identifier: MIT */
/*
 * Reading from a client: as much as there is, every whole frame of it handled at once.
 *
 * A client has its turn: a read's worth of requests, and of them no more than fit into a bounded
 * time; what is left goes on in the next round, after the others' turns.
 */
#ifndef TSD_SERVER_INPUT_H
#define TSD_SERVER_INPUT_H

#include "server/connection.h"
#include "server/handler.h"

struct input {
    struct handler *handler;
    const struct limits *limits;
    uint8_t shared[INBOX_SHARED]; /* where clients' bytes are read to first */
};

/* The client's descriptor is ready: reads once, and handles what came. */
void input_read(struct input *input, struct connection *connection);

/* Goes on with what was read before. */
void input_continue(struct input *input, struct connection *connection);

#endif

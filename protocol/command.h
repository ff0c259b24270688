/* SPDX-License-Identifier: MIT */
/*
 * Commands: what feeds a store's engine, in one order.
 *
 * A command is a session's number, what the server adds, and a client's request. Nothing else
 * changes the state of a store, so the same commands at the same times give the same store.
 */
#ifndef TSD_PROTOCOL_COMMAND_H
#define TSD_PROTOCOL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/frame.h"
#include "protocol/request.h"

enum command_kind {
    COMMAND_COMES,   /* a client came: session, user */
    COMMAND_REQUEST, /* session, ack, request */
    COMMAND_ACK,     /* session, ack: an acknowledgement alone, also that of a refused request */
    COMMAND_ENDS,    /* a client's end: session, ack, goodbye */
    COMMAND_TICK,    /* do what is due */
};

struct command {
    enum command_kind kind;
    uint64_t session; /* from 1, never used again */
    uint64_t ack;     /* this store's deliveries to the session up to this number; 0 for none */
    uint32_t user;    /* the uid of whoever came */
    bool goodbye;     /* the session ends by its own `close` (rule S10) */
    const struct request *request; /* decoded; points into a frame that outlives the step only */
    struct frame frame;            /* of the request, as it came: what a log keeps of it */
};

#endif

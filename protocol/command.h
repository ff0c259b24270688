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

struct engine_settings;

enum command_kind {
    COMMAND_COMES,    /* a client came: session, and who it is */
    COMMAND_REQUEST,  /* session, ack, request */
    COMMAND_ACK,      /* session, ack: an acknowledgement alone, also that of a refused request */
    COMMAND_ENDS,     /* a client's end: session, ack, goodbye or stop */
    COMMAND_READS,    /* session has read what it was sent: what its watches tell first goes on */
    COMMAND_GAP,      /* session does not read: its watches end, each with the event `gap` */
    COMMAND_SETTINGS, /* settings, as an administrator has them from now on */
    COMMAND_TICK,     /* do what is due */
};

struct command {
    enum command_kind kind;
    uint64_t session; /* from 1, never used again */
    uint64_t ack;     /* this store's deliveries to the session up to this number; 0 for none */
    uint32_t user;    /* the uid of whoever came */
    uint32_t pid;
    struct span program;    /* what it calls itself; may be empty */
    const uint32_t *groups; /* its gids, the one that it makes spaces for first */
    uint32_t group_count;
    bool administrator; /* rights do not bind it (rule S32) */
    bool reserve;       /* its user is root or the daemon's own: it may have more than others */
    bool goodbye;       /* the session ends by its own `close` (rule S10) */
    bool stop;          /* the daemon stops: what comes back is not counted, wills are not put */
    uint64_t random[2]; /* of a request that may make detached holds: their tokens' secret */
    const struct request *request; /* decoded; points into a frame that outlives the step only */
    struct frame frame;            /* of the request, as it came: what a log keeps of it */
    const struct engine_settings *settings; /* the engine makes a copy */
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Requests and the client's opening: one list of fields (numbers.h), decoded for the daemon, encoded
 * for the client, read again from a log.
 */
#ifndef TSD_PROTOCOL_REQUEST_H
#define TSD_PROTOCOL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/frame.h"
#include "protocol/numbers.h"
#include "protocol/pattern.h"
#include "protocol/problem.h"

/* Bytes of somebody else's. */
struct span {
    const uint8_t *bytes;
    uint32_t size;
};

/* A place in a space: the order is priority descending, id ascending. */
struct place {
    int8_t priority;
    uint64_t id;
};

/* A space and a pattern in it; `space` is never empty in a decoded request. */
struct alternative {
    struct span space;      /* the name */
    struct pattern pattern; /* decoded: checked; to encode, only bytes and size are read */
};

/*
 * A request's fields. `has` tells which options were given (TSD_HAS bits); those not given have
 * their defaults: min 1, max 1 or min, priority 0. Everything points into the frame (and the room).
 */
struct request {
    uint64_t number;
    enum tsd_operation op;
    uint64_t ack; /* deliveries up to this number are acknowledged (rule S8) */
    uint32_t has;
    struct span space;  /* argument `s`; empty where the operation has none */
    struct span tuples; /* argument `t`: the tuples one after the other, without a head */
    uint32_t tuple_count;
    uint64_t target;                                     /* argument `n` */
    struct alternative alternatives[LIMIT_ALTERNATIVES]; /* the first is the arguments' own */
    uint32_t alternative_count;
    uint64_t timeout_us; /* with TSD_HAS(TIMEOUT) */
    uint32_t min, max;   /* 1 to LIMIT_UNIT_TUPLES; larger ones on the wire are cut to it */
    uint64_t id;         /* with TSD_HAS(ID) */
    int8_t priority;
    struct place cursor; /* with TSD_HAS(CURSOR) */
    bool reverse;
    struct span after; /* with TSD_HAS(AFTER): a name of a space, which need not exist */
};

/*
 * Decodes a frame's body. Returns 0; -TS_PROTOCOL with the problem set where the frame is malformed
 * (answer with an error frame, close); another -status where the request is refused: number, op and
 * ack are then set, the problem tells the answer, nothing else of the request may be used. Every
 * tuple and pattern has been checked, no argument or option is missing, of a wrong type or unknown.
 */
int request_decode(const struct frame *frame, struct pattern_room *room, struct request *request,
                   struct problem *problem);

/* Appends the request as a whole frame. The caller gives valid fields; alternatives[0].space is
 * ignored in favour of `space`. */
void request_encode(const struct request *request, struct buffer *out);

const char *operation_name(enum tsd_operation op);

/* The client's opening. */
struct hello {
    uint64_t version;
    bool positions;
    struct span name; /* empty where not given */
};
int hello_decode(const struct frame *frame, struct hello *hello, struct problem *problem);
void hello_encode(const struct hello *hello, struct buffer *out);

#endif

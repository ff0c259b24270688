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
#include <string.h>

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

static inline bool span_equal(const struct span *a, const struct span *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

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

/* What names a kept tuple (rule S7): on the wire a hold's bin of 16 bytes, or [delivery, id]. */
struct token {
    bool delivery;   /* number and secret are a delivery's number and a tuple's id */
    uint64_t number; /* a hold's */
    uint64_t secret; /* what the server drew for a detached one, else 0 */
};

/* How tuples are put. */
struct putting {
    uint64_t has; /* TSD_HAS bits of PRIORITY, TTL, DELAY, BOUND, PULSE */
    int8_t priority;
    bool bound, pulse;
    uint64_t ttl_us, delay_us;
};

/* A guard of an atomic; its space and pattern are the alternative of the same index. */
struct guard {
    enum tsd_guard kind;
    bool has_hold_time, detached;
    uint64_t hold_us;
};

/*
 * A request's fields. `has` tells which options were given (TSD_HAS bits); those not given have
 * their defaults: min 1, max 1 or min, priority 0. Everything points into the frame (and the room).
 */
struct request {
    uint64_t number;
    enum tsd_operation op;
    uint64_t ack; /* deliveries up to this number are acknowledged (rule S8) */
    uint64_t has;
    struct span space;  /* argument `s`; empty where the operation has none */
    struct span tuples; /* argument `t`: the tuples one after the other, without a head */
    uint32_t tuple_count;
    uint64_t target;                               /* arguments `n`, `c` */
    struct alternative alternatives[LIMIT_GUARDS]; /* the first is the arguments' own */
    uint32_t alternative_count;
    struct guard guards[LIMIT_GUARDS]; /* atomic: alternative_count of them */
    struct span body;                  /* atomic: its steps one after the other (body_next) */
    uint32_t body_count;               /* steps */
    uint32_t body_puts;                /* of them that put */
    struct span tokens;                /* argument `k`: one after the other (token_next) */
    uint32_t token_count;
    uint64_t duration_us; /* argument `d` */
    uint64_t timeout_us;  /* with TSD_HAS(TIMEOUT) */
    uint32_t min, max;    /* 1 to LIMIT_UNIT_TUPLES; larger ones on the wire are cut to it */
    uint64_t id;          /* with TSD_HAS(ID) */
    struct putting putting;
    uint64_t hold_us; /* with TSD_HAS(HOLD_TIME) */
    bool detached;
    struct span key;    /* with TSD_HAS(KEY) */
    uint64_t window_us; /* 60 s unless given */
    bool untried;
    uint32_t exit_status; /* with TSD_HAS(EXIT) */
    struct span to;       /* with TSD_HAS(TO) */
    bool now;
    uint32_t events; /* bits 1 << enum tsd_event; all where not given */
    bool states, who, force;
    uint64_t capacity;       /* with TSD_HAS(CAPACITY) */
    uint32_t max_returns;    /* with TSD_HAS(MAX_RETURNS); UINT32_MAX and more: no bound */
    struct span dead_letter; /* with TSD_HAS(DEAD_LETTER); may be empty */
    struct place cursor;     /* with TSD_HAS(CURSOR) */
    bool reverse;
    struct span after;     /* with TSD_HAS(AFTER): a name of a space, which need not exist */
    uint64_t beyond;       /* with TSD_HAS(BEYOND) */
    uint32_t owner, group; /* with TSD_HAS(OWNER), TSD_HAS(GROUP) */
    uint32_t mode;         /* with TSD_HAS(MODE): 9 bits */
    bool existing;         /* with TSD_HAS(EXISTING) */
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

/* One token after the other of a decoded request's: start with *at = tokens.bytes. */
struct token token_next(const uint8_t **at);
void token_encode(const struct token *token, struct buffer *out);
/* A token's 16 bytes: number and secret, big-endian. Not for a delivery's. */
void token_to_bytes(const struct token *token, uint8_t bytes[static 16]);
void token_from_bytes(const uint8_t bytes[static 16], struct token *token);

/* One step of a decoded atomic's body. */
struct step {
    enum tsd_step kind;
    struct token token;   /* FINISH */
    struct span space;    /* OUT: where to; the request's own where it names none */
    struct span template; /* OUT: the template's fields one after the other, without the head */
    uint32_t fields;
    struct putting putting;
};
/* The step at *at, which moves on: start with *at = body.bytes. `space` is the request's. */
struct step step_next(const uint8_t **at, const struct span *space);

/* One field of a decoded template: start with *at = template.bytes. */
struct template_field {
    const uint8_t *value;  /* VALUE: the value's first byte; NULL: FIELD */
    uint32_t size;         /* of the value */
    uint32_t guard, field; /* FIELD: both from 0 */
    bool adds;             /* FIELD: an int is added */
    int64_t add;
};
struct template_field template_next(const uint8_t **at);

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

/* SPDX-License-Identifier: MIT */
/*
 * A driver: how one server is spoken to. Requests are encoded into the caller's bytes, answers are
 * read in place; no driver keeps any state.
 */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_MAX 128 /* bytes of any one request */

enum verb {
    VERB_OPEN, /* what a client sends first, before its first request */
    VERB_PING,
    VERB_PUT,   /* the tuple of this key and tuple number */
    VERB_TAKE,  /* the oldest tuple of this key, without waiting */
    VERB_WAIT,  /* the same, waiting for ever */
    VERB_COUNT, /* all that is stored */
    VERB_LEAVE, /* the goodbye, which makes final what was acknowledged */
};

struct request_data {
    uint64_t number; /* from 1, by connection */
    uint64_t ack;    /* the last delivery read on this connection */
    uint32_t key;
    uint64_t tuple_number;
};

enum answer_kind {
    ANSWER_OPENED, /* to VERB_OPEN */
    ANSWER_DONE,   /* to a put, ping or goodbye: it says that it was done */
    ANSWER_TUPLE,  /* to a take: tuple, size */
    ANSWER_COUNT,  /* value */
    ANSWER_ECHO,   /* the request itself: tuple, size */
    ANSWER_FAILED, /* any other status, no tuple, an error; text says which */
};

struct answer {
    enum answer_kind kind;
    uint64_t number; /* the request's; 0 where answers come in the requests' order */
    const uint8_t *tuple;
    size_t size;
    uint64_t value;
    uint64_t delivery; /* 0 where the answer has none */
    char text[80];     /* ANSWER_FAILED */
};

struct driver {
    const char *name;
    /* Encodes one request, at most REQUEST_MAX bytes; 0 where the server has no such thing. */
    size_t (*encode)(uint8_t *out, enum verb verb, const struct request_data *data);
    /* Reads one answer: its bytes, 0 where it is not all there, -1 where it is none. */
    long (*decode)(const uint8_t *p, size_t size, struct answer *answer);
};

extern const struct driver driver_tsd, driver_redis, driver_echo, driver_beanstalkd;

#endif

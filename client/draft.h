/* SPDX-License-Identifier: MIT */
/*
 * A ts_request on its way into the wire's form.
 *
 * Its parts lie in the connection's scratch buffer, one after the other, and are known by where they
 * begin until the last is there, since the buffer may move. Everything that adds returns 0, or -status
 * with the draft's problem set. What is refused here would be a malformed frame, or an option that the
 * operation does not have; what only breaks a rule is left to the daemon's answer.
 */
#ifndef TSCLIENT_DRAFT_H
#define TSCLIENT_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include <tsclient.h>

#include "client/connection.h"
#include "protocol/limits.h"
#include "protocol/request.h"

/* Bytes of scratch. */
struct part {
    size_t at, size;
};

struct draft {
    ts_client *client;
    struct buffer *scratch;
    struct request wire;
    size_t patterns[LIMIT_GUARDS]; /* where in scratch each begins */
    struct part tuples, tokens, body;
    uint64_t delivery; /* the lowest delivery among the tokens; UINT64_MAX: there is none */
    struct problem problem;
};

/* An empty draft: all but number, operation and space is left to be added. */
void draft_init(struct draft *d, ts_client *client, enum tsd_operation op, uint64_t number);

/* Everything that the request says (draft.c). */
int draft_request(struct draft *d, const ts_request *request);

/* Sets the pointers into scratch, which does not change any more. */
void draft_fix(struct draft *d);

int draft_tuple(struct draft *d, const ts_values *tuple);
int draft_pattern(struct draft *d, const ts_values *pattern, const char *space);

/*
 * Seconds to microseconds: upwards, so that a little is not nothing. Returns 1 where they are beyond
 * counting, 0 with *us set, or -TS_INVALID: they are below 0, or NaN.
 */
int draft_duration(struct draft *d, const char *what, double seconds, uint64_t *us);

/* The options of every operation; refuses those that this one does not have (options.c). */
int draft_options(struct draft *d, const ts_request *request);

/* Priority, ttl, delay, bound and pulse, as a request and a step have them (options.c). */
struct putting_options {
    int priority;
    double ttl, delay;
    bool bound, pulse;
};
int draft_putting(struct draft *d, const struct putting_options *options, struct putting *putting);

/* token.c */
int draft_tokens(struct draft *d, const ts_token *tokens, size_t count);
int draft_token(struct draft *d, const ts_token *token);

/* atomic.c */
int draft_atomic(struct draft *d, const ts_request *request);

#endif

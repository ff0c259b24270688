/* SPDX-License-Identifier: MIT */
/*
 * An answer laid out for the user: a ts_result with its tuples or rows.
 *
 * Tuples point into the frame that the answer came in, whoever keeps that; rows and texts are the
 * result's own. Zeroes are an empty result, which owns nothing.
 */
#ifndef TSCLIENT_RESULT_H
#define TSCLIENT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tsclient.h>

#include "client/arena.h"
#include "protocol/problem.h"
#include "protocol/reply.h"

struct result {
    ts_result shown; /* first: the user's pointer is the result's */
    ts_tuple *tuples;
    size_t tuple_count, tuple_capacity;
    ts_space_row *rows;
    size_t row_count, row_capacity;
    struct arena texts;
    bool adds; /* rows that are read next come after those that are there */
};

void result_deinit(struct result *result);

/* What of a request its answer is read by. */
struct asked {
    enum tsd_operation op;
    bool states;         /* it asked for tuples of every state */
    uint16_t shows;      /* atomic: a bit for each guard that gives a tuple */
    uint16_t takes;      /* atomic: a bit for each guard whose tuple is delivered */
    uint32_t connection; /* by which of the client's connections its tuples come */
};
void asked_init(struct asked *asked, const ts_request *request, uint32_t connection);

/* A tuple for the user, but for its program, priority and token, from an item of an answer. */
ts_tuple result_tuple(const struct item *item);

/* Empty, with a status and its text. */
void result_set(struct result *result, uint64_t number, ts_status status, const char *text);

/* From the answer to what was asked. Returns 0, or -TS_PROTOCOL or -TS_NO_MEMORY with the problem set;
 * the result is then empty, with that status. */
int result_read(struct result *result, const struct asked *asked, const struct reply *reply,
                struct problem *problem);

#endif

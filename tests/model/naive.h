/* SPDX-License-Identifier: MIT */
/*
 * The naive reference: what rules S1 to S18 ask of a space, as a list and a linear scan.
 *
 * It shares no code with the engine, matching included: its values and patterns are small structures
 * that only the test's generator makes. Slow, and short enough to be checked by reading. It writes
 * what it would answer as text, a line an answer, in the form of trace.h.
 */
#ifndef TSD_TESTS_NAIVE_H
#define TSD_TESTS_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/numbers.h"

enum { NAIVE_FIELDS = 4, NAIVE_PARTS = 3, NAIVE_UNIT = 40 };

enum naive_kind { NAIVE_NIL, NAIVE_BOOL, NAIVE_INT, NAIVE_FLOAT, NAIVE_STR };

struct naive_value {
    enum naive_kind kind;
    int number; /* of a str: which one */
};

struct naive_tuple {
    int fields;
    struct naive_value values[NAIVE_FIELDS];
};

/* One matcher: ANY, EQ, NE, INT, STR, NUM, GE or RANGE. */
struct naive_matcher {
    enum tsd_matcher op;
    struct naive_value value, high;
};

struct naive_pattern {
    int fields;
    bool rest;
    struct naive_matcher matchers[NAIVE_FIELDS];
};

struct naive_part {
    int space;
    struct naive_pattern pattern;
};

struct naive_request {
    uint64_t number, ack;
    enum tsd_operation op;
    int space;
    int tuple_count;
    struct naive_tuple tuples[NAIVE_UNIT];
    int8_t priority;
    int part_count;
    struct naive_part parts[NAIVE_PARTS];
    bool counted;
    uint32_t min, max;
    bool by_id;
    uint64_t id;
    bool has_timeout;
    uint64_t timeout_us;
    uint64_t target;
    bool has_cursor, reverse;
    int8_t cursor_priority;
    uint64_t cursor_id;
};

struct naive;

struct naive *naive_new(uint64_t reply_bytes);
void naive_free(struct naive *naive);

/* Each does one step at this time and appends its answers. */
void naive_comes(struct naive *naive, uint64_t now_ns, uint64_t session, struct buffer *trace);
void naive_ends(struct naive *naive, uint64_t now_ns, uint64_t session, uint64_t ack, bool goodbye,
                struct buffer *trace);
void naive_ack(struct naive *naive, uint64_t now_ns, uint64_t session, uint64_t ack,
               struct buffer *trace);
void naive_tick(struct naive *naive, uint64_t now_ns, struct buffer *trace);
void naive_request(struct naive *naive, uint64_t now_ns, uint64_t session,
                   const struct naive_request *request, struct buffer *trace);

/* For the generator: what a sensible next request would name. */
uint64_t naive_delivered(const struct naive *naive, uint64_t session);
uint64_t naive_waiting(const struct naive *naive, uint64_t session, uint64_t nth); /* 0: none */
uint64_t naive_some_id(const struct naive *naive, uint64_t nth);                   /* 0: none */
uint64_t naive_stored(const struct naive *naive);
uint64_t naive_due(const struct naive *naive);

#endif

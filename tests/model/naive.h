/* SPDX-License-Identifier: MIT */
/*
 * The naive reference: what ts-rules(7) asks of a space, as a list and linear scans.
 *
 * It shares no code with the engine, matching included: its values and patterns are small
 * structures that only the test's generator makes. Slow, and short enough to be checked by reading.
 * It writes what it would answer as text, a line an answer or event, in the form of trace.h.
 */
#ifndef TSD_TESTS_NAIVE_H
#define TSD_TESTS_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/numbers.h"

enum {
    NAIVE_FIELDS = 4,
    NAIVE_PARTS = 16, /* alternatives or guards */
    NAIVE_UNIT = 40,  /* tuples put */
    NAIVE_TOKENS = 6,
    NAIVE_STEPS = 6,
    NAIVE_SPACES = 4,
    NAIVE_GROUPS = 2,
};

enum naive_kind { NAIVE_NIL, NAIVE_BOOL, NAIVE_INT, NAIVE_FLOAT, NAIVE_STR };

struct naive_value {
    enum naive_kind kind;
    int64_t number; /* of a str: which one */
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

/* An alternative; with an atomic, a guard. */
struct naive_part {
    int space;
    struct naive_pattern pattern;
    enum tsd_guard guard;
    bool has_hold_time, detached;
    uint64_t hold_us;
};

struct naive_putting {
    int8_t priority;
    uint64_t ttl_us, delay_us; /* 0: none */
    bool bound, pulse;
};

struct naive_token {
    bool delivery; /* number is a delivery's, id the tuple's */
    bool wrong;    /* the secret is not that of the hold */
    uint64_t number, id;
};

/* One field of a template: a value, or a field of a guard's tuple, perhaps with an int added. */
struct naive_field {
    bool takes, adds;
    struct naive_value value;
    int guard, field;
    int64_t add;
};

struct naive_step {
    bool finishes;
    struct naive_token token;
    int space, fields;
    struct naive_field template[NAIVE_FIELDS];
    struct naive_putting putting;
};

struct naive_request {
    uint64_t number, ack;
    enum tsd_operation op;
    int space;
    int tuple_count;
    struct naive_tuple tuples[NAIVE_UNIT];
    struct naive_putting putting;
    int part_count;
    struct naive_part parts[NAIVE_PARTS];
    bool counted; /* min and max are given */
    uint32_t min, max;
    bool by_id;
    uint64_t id;
    bool has_timeout;
    uint64_t timeout_us;
    uint64_t target;
    bool has_cursor, reverse;
    int8_t cursor_priority;
    uint64_t cursor_id;
    bool has_hold_time, detached;
    uint64_t hold_us;
    int token_count;
    struct naive_token tokens[NAIVE_TOKENS];
    uint64_t duration_us;
    int step_count;
    struct naive_step steps[NAIVE_STEPS];
    int key; /* which; 0: none */
    uint64_t window_us;
    bool untried, has_exit;
    uint32_t exit_status;
    uint64_t delay_us; /* release: 0: none */
    int to;            /* a space; -1: none */
    bool now, states, who, force;
    uint32_t events;
    bool has_capacity, has_max_returns, has_dead_letter;
    uint64_t capacity;
    uint32_t max_returns;
    int dead_letter; /* -1: none */
    bool has_owner, has_group, has_mode, existing;
    uint32_t owner, group, mode;
};

/* Whose a session is. */
struct naive_user {
    uint32_t uid;
    int group_count;
    uint32_t groups[NAIVE_GROUPS]; /* its own first */
    bool administrator;
};

/* Whose a space is when it is made: what a rule of its name says, else as without one (rule S32). */
struct naive_rule {
    bool has_owner, has_group, has_mode;
    uint32_t owner, group, mode;
};

/* What each user may have; 0: without limit. */
struct naive_quotas {
    uint64_t tuples, requests, keys, spaces;
};

struct naive;

struct naive *naive_new(uint64_t reply_bytes);
/* Before all else: the rule of each space. Else all sessions have to be administrators'. */
void naive_set_rules(struct naive *naive, const struct naive_rule rules[NAIVE_SPACES],
                     const struct naive_quotas *quotas);
void naive_free(struct naive *naive);

/* How a session ends. */
enum naive_end { NAIVE_DIES, NAIVE_GOODBYE, NAIVE_STOP };

/* Each does one step at this time and appends what it tells. */
void naive_comes(struct naive *naive, uint64_t now_ns, uint64_t session,
                 const struct naive_user *user, uint32_t pid, const char *program,
                 struct buffer *trace);
void naive_ends(struct naive *naive, uint64_t now_ns, uint64_t session, uint64_t ack,
                enum naive_end end, struct buffer *trace);
void naive_ack(struct naive *naive, uint64_t now_ns, uint64_t session, uint64_t ack,
               struct buffer *trace);
void naive_tick(struct naive *naive, uint64_t now_ns, struct buffer *trace);
void naive_gap(struct naive *naive, uint64_t now_ns, uint64_t session, struct buffer *trace);
void naive_request(struct naive *naive, uint64_t now_ns, uint64_t session,
                   const struct naive_request *request, struct buffer *trace);
/*
 * Before a step: in it this request is refused for want of memory at this position, once so many
 * bytes of the trace are told, when it is taken up, or where it waits, when it is tried.
 */
void naive_no_memory(struct naive *naive, uint64_t session, uint64_t number, uint64_t at,
                     size_t told);

/* For the generator: what a sensible next request would name. */
uint64_t naive_delivered(const struct naive *naive, uint64_t session);
uint64_t naive_waiting(const struct naive *naive, uint64_t session, uint64_t nth); /* 0: none */
uint64_t naive_waiting_count(const struct naive *naive, uint64_t session);
uint64_t naive_some_id(const struct naive *naive, uint64_t nth); /* 0: none */
/* A token of something that the session keeps, or anybody does; false: there is none. */
bool naive_some_token(const struct naive *naive, uint64_t session, bool holds, uint64_t nth,
                      struct naive_token *token);
uint64_t naive_tuples(const struct naive *naive); /* whatever their state */
uint64_t naive_due(const struct naive *naive);

#endif

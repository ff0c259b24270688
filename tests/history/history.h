/* SPDX-License-Identifier: MIT */
/*
 * A history: what the clients of a daemon asked, and what they were told, by whom and when.
 *
 * Read from recordings (format.h) or made in memory by a simulation. Everything in it belongs to
 * its arena and lives as long as the history. Spaces are small numbers; tuples and patterns are the
 * wire's bytes, heads included. Nothing is judged here.
 */
#ifndef TSD_HISTORY_H
#define TSD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/numbers.h"
#include "protocol/request.h"

enum { NO_SPACE = -1, NO_OP = -1 };

/* A space and a pattern: an alternative, or a guard of an atomic. */
struct part {
    int space;
    struct span pattern;
    enum tsd_guard guard;
    bool timed, detached; /* a hold guard's options */
    uint64_t hold_us;
};

/* A step of an atomic's body. The template is the fields one after the other. */
struct body_step {
    enum tsd_step kind;
    struct token token;
    int space;
    struct span template;
    uint32_t fields;
    struct putting putting;
};

/* One tuple of an answer, of an event. */
struct told {
    uint64_t id;
    struct span tuple;
    uint32_t returns, of;
    int8_t priority; /* of events and scans */
    uint32_t state;  /* enum tsd_state; 0 where not told */
    uint32_t reason; /* enum tsd_reason; 0 where not told */
    bool has_token;
    struct token token;
};

struct op {
    /* asked */
    int session; /* index */
    enum tsd_operation kind;
    uint64_t number, ack;
    uint64_t call_ns;
    uint64_t has; /* TSD_HAS bits */
    int space, to;
    struct part *parts;
    uint32_t part_count;
    uint32_t min, max;
    uint64_t timeout_us, id, target, hold_us;
    struct span *tuples; /* of out, finish, will */
    uint32_t tuple_count;
    struct putting putting;
    struct token *tokens;
    uint32_t token_count;
    struct body_step *steps;
    uint32_t step_count;
    struct span key;
    uint64_t window_us, capacity;
    uint64_t delay_us, renew_us; /* of release; of renew */
    uint32_t max_returns, events;
    int dead_letter;
    bool detached, untried, now, reverse, states, force;
    struct place cursor;
    /* told */
    bool answered, placed, repeated, more; /* placed: since and at were told */
    enum ts_status status;
    uint64_t answer_ns, since, at;
    uint64_t value, delivery; /* value: of out, finish the first id; of atomic too */
    struct place next;        /* with `more`, of a scan */
    struct told *items;
    uint32_t item_count;
};

/* One event of a watch. */
struct happening {
    int watch; /* index of its op */
    enum tsd_event kind;
    struct told told;
    uint64_t at, time_ns;
};

enum session_end { SESSION_OPEN, SESSION_GOODBYE, SESSION_LOST };

struct session {
    uint32_t client;
    uint64_t number; /* as the daemon told it */
    enum session_end end;
    uint64_t end_low_ns, end_ns; /* between them, but the daemon may see it later */
};

struct history {
    struct op *ops;
    size_t op_count, op_capacity;
    struct happening *events;
    size_t event_count, event_capacity;
    struct session *sessions;
    size_t session_count, session_capacity;
    struct span *spaces; /* names */
    size_t space_count, space_capacity;
    int last_scan; /* the first op of the scans that say what is left; NO_OP: all that is stored
                         * in the end is taken to be left */
    uint64_t closed_ns; /* when the last of the clients was known to be gone */
    uint64_t calm_at;   /* before this position whether nothing matches may be looked up in
                         * pieces, so that who waits for that is served later than it could be */
    struct chunk *arena;
};

struct history *history_new(void);
struct history *history_free(struct history *history);

void *history_alloc(struct history *history, size_t size); /* zeroed */
struct span history_copy(struct history *history, const void *bytes, size_t size);
int history_space(struct history *history, const void *name, size_t size);
int history_session(struct history *history, struct session session);
/* The new op, all 0 but for its defaults; valid until the next one is added. */
struct op *history_op(struct history *history, int session, enum tsd_operation kind);
struct happening *history_event(struct history *history);

void *array_new(size_t count, size_t size); /* zeroed; never NULL */
/* Grows an array that is full; `size` of an element. Ends the program without memory. */
void *grow(void *array, size_t count, size_t *capacity, size_t size);

#endif

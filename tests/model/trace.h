/* SPDX-License-Identifier: MIT */
/*
 * What a step told, as text: a line an effect. The engine's effects and the naive reference's
 * answers are written by the same functions, so that they can be compared byte for byte.
 */
#ifndef TSD_TESTS_TRACE_H
#define TSD_TESTS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/numbers.h"

/* The head of an answer's line; an event's says which in place of a status. */
struct trace_head {
    uint64_t session, number;
    enum tsd_operation op;
    enum ts_status status;
    enum tsd_event event; /* 0: an answer */
    uint64_t since, at;
};
void trace_head(struct buffer *trace, const struct trace_head *head);

/* One tuple of an answer or event. */
struct trace_item {
    uint64_t id;
    uint32_t of;
    int8_t priority;
    uint32_t returns, reason; /* 0: none */
    bool has_exit;
    uint32_t exit_status;
    uint64_t token; /* number of the hold; 0: none */
    uint32_t state; /* 0: not told; then holder and left are not either */
    uint64_t holder;
    bool has_left;
    uint64_t left_us;
    bool who;
    uint32_t uid, pid;
    const char *program;
    uint32_t program_size;
    uint64_t age_us;
};
void trace_item(struct buffer *trace, const struct trace_item *item);

/* One space of those that a user sees. */
struct trace_space {
    const char *name, *dead_letter; /* empty: none */
    uint64_t tuples, kept, delayed, watches, capacity, max_returns;
    uint64_t owner, group, mode;
};
void trace_space(struct buffer *trace, const struct trace_space *space);

/* The word, then the number. */
void trace_word(struct buffer *trace, const char *word, uint64_t number);
void trace_text(struct buffer *trace, const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Answers and the daemon's opening.
 *
 * An answer is [number, status, result] or [number, status, result, {extra: value}]. The result:
 *   out, finish            OK: the id of the unit's first tuple, the others' follow it; 0: none
 *   in, rd, hold, scan     OK: an array of items [id, tuple] or [id, tuple, {extra: value}]
 *   atomic                 OK: the items of its guards but absent ones, in their order; `of` tells which
 *   count, collect, copy   OK: a uint
 *   spaces                 OK: an array of rows [name, {key: value}]
 *   stats                  OK: an array of rows [name, {key: value}], as TSD_STATS says
 *   explain                OK: an array of items and a map {key: value}, as TSD_EXPLAINS says
 *   clients, users         OK: an array of rows [number, {key: value}], as TSD_CLIENTS, TSD_USAGES say
 *   kill                   OK: a uint: tuples that went back
 *   watch                  OK: an array of events, again and again; it ends with another status
 *   all others             OK: nil
 *   any                    NOMATCH, TIMEOUT, CANCELLED: nil; every other status: a str that says why
 * An answer to request number 0 is an error frame: the daemon closes the connection after it.
 */
#ifndef TSD_PROTOCOL_REPLY_H
#define TSD_PROTOCOL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/frame.h"
#include "protocol/request.h"

/* What an answer tells beside its result; `has` is a set of REPLY_HAS bits. */
#define REPLY_HAS(extra) (1u << TSD_EXTRA_##extra)
struct reply_extras {
    uint32_t has;
    uint64_t since, at;
    uint64_t delivery;
    bool more;
    uint32_t alternative;
    struct place next;
    bool repeated;
    uint64_t first;
};

/*
 * To write an answer: frame_begin; reply_begin; then the result, by one of reply_..., or for items
 * and rows an array head (reply_array) and each of them; reply_end; frame_end.
 */
void reply_begin(struct buffer *out, uint64_t number, enum ts_status status, bool extras);
void reply_nil(struct buffer *out);
void reply_uint(struct buffer *out, uint64_t value);
void reply_text(struct buffer *out, const char *text);
void reply_array(struct buffer *out, uint32_t count);

/* `has` bits as TSD_ITEM_EXTRAS number them. */
#define ITEM_HAS(extra) (1u << TSD_EXTRA_##extra)
struct item {
    uint64_t id;
    struct span tuple; /* the array, head included */
    uint32_t has;
    uint32_t returns;
    uint32_t of;
    int8_t priority;
    struct token token; /* never a delivery's */
    uint32_t reason;    /* enum tsd_reason */
    uint32_t exit_status;
    uint32_t uid, pid;
    struct span program;
    uint64_t age_us;
    uint32_t state; /* enum tsd_state */
    uint64_t holder;
    uint64_t left_us;
    uint32_t holder_pid;
    struct span holder_program;
};

void reply_item(struct buffer *out, const struct item *item);
/* The same in two halves, the tuple's bytes being written between them by whoever has them. */
void reply_item_begin(struct buffer *out, const struct item *item);
void reply_item_end(struct buffer *out, const struct item *item);

/* One event of a watch. An item without a tuple (tuple.size 0): READY, GAP. */
struct event {
    uint32_t kind; /* enum tsd_event */
    struct item item;
    bool has_at;
    uint64_t at;
};
void reply_event(struct buffer *out, const struct event *event);
/* In two halves, as an item. */
void reply_event_begin(struct buffer *out, const struct event *event);
void reply_event_end(struct buffer *out, const struct event *event);

struct space_row {
    struct span name;
    uint64_t tuples, bytes, waiting, kept, delayed, watches, capacity, max_returns;
    uint64_t owner, group, mode; /* uid, gid, 9 bits */
    struct span dead_letter;     /* empty: none */
};
void reply_space_row(struct buffer *out, const struct space_row *row);

void reply_end(struct buffer *out, const struct reply_extras *extras); /* NULL: has none */

/* A decoded answer; everything points into the frame. `result` is the whole result value. */
struct reply {
    uint64_t number;
    enum ts_status status;
    struct span result;
    struct reply_extras extras;
};

/*
 * Decodes an answer for the client. Unknown extras are passed over, so that an older client reads a
 * newer daemon's. Returns 0, or -TS_PROTOCOL with the problem set.
 */
int reply_decode(const struct frame *frame, struct reply *reply, struct problem *problem);

/*
 * Walks over a result that is an array of items or rows: start with *p NULL. Returns 1 and sets the
 * item, 0 at the end, -TS_PROTOCOL where it is not one.
 */
int reply_next_item(const struct reply *reply, const uint8_t **p, struct item *item);
int reply_next_event(const struct reply *reply, const uint8_t **p, struct event *event);
int reply_next_space_row(const struct reply *reply, const uint8_t **p, struct space_row *row);
/*
 * The parts of what `explain` tells: its items become the reply's result, for reply_next_item; its
 * map is set. Returns 0, or -TS_PROTOCOL where it is not so.
 */
int reply_split_explained(struct reply *reply, struct span *map);
/* The result as a uint or a text; -TS_PROTOCOL where it is not one. */
int reply_result_uint(const struct reply *reply, uint64_t *value);
int reply_result_text(const struct reply *reply, struct span *text);

/* The daemon's opening. */
struct welcome {
    uint64_t version, run, session, tuple_bytes, frame_bytes, reply_bytes;
    struct span release;
};
void welcome_encode(const struct welcome *welcome, struct buffer *out);
/* Returns 0; 1 where the frame is an answer instead (an error frame: decode it as one). */
int welcome_decode(const struct frame *frame, struct welcome *welcome, struct problem *problem);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The engine: spaces, the tuples in them, the interests that wait, as one step function.
 *
 * engine_step takes one command and the time, does what is due by then, then the command, and
 * appends to the effects what must be done outside. It calls nobody back, reads no clock, draws no
 * random number. It is deterministic: the same commands at the same times give the same effects,
 * whatever the hash key (design: the order of things is ts-rules(7)).
 *
 * Whoever submits commands has seen to it that: a session comes once and before its requests;
 * requests are decoded without an error; no request has the number of one that still waits
 * (engine_waits); no acknowledgement is beyond the last delivery. These are asserted.
 */
#ifndef TSD_SPACE_ENGINE_H
#define TSD_SPACE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/command.h"
#include "protocol/equal.h"
#include "protocol/reply.h"
#include "space/settings.h"
#include "space/stored.h"

struct engine;

/* When indexes come and go: counts alone decide. 0: the default. */
struct index_options {
    bool off;      /* there are none but that by first field */
    uint32_t free; /* tuples that a look may walk past unnoticed (16); UINT32_MAX: none */
    uint32_t walk; /* walked past by looks of one shape before there is an index for it (1,024) */
    uint32_t idle; /* tuples that come or go without a use before it goes (65,536) */
};

struct engine_options {
    struct hash_key key; /* for all hash tables; no effect depends on it */
    uint32_t piece;      /* tuples that a piece of long work looks at; 0: no end */
    struct index_options index;
    uint32_t unit; /* tuples of a unit of a session's end, and of a piece of what is removed
                      (LIMIT_UNIT_TUPLES) */
    uint32_t
        reply_bytes; /* tuples of an answer, unless it is one (LIMIT_REPLY_BYTES); 0: default */
};

struct engine *engine_new(const struct engine_options *options); /* NULL without memory */
struct engine *engine_free(struct engine *engine);               /* returns NULL */

enum effect_kind {
    EFFECT_ANSWER,  /* the answer to a request: status and what its operation gives */
    EFFECT_REFUSED, /* the answer to a request that changed nothing; text says why */
    EFFECT_EVENT,   /* an event of a watch, whose answer goes on */
};

/* One tuple of an answer. The effects own a reference until effects_clear. */
struct effect_item {
    struct stored *tuple;
    uint32_t of;     /* the alternative that it matched */
    uint32_t detail; /* 0: none; else effects->details[detail - 1] */
};

/* What is told of a tuple beside itself; `has` as TSD_ITEM_EXTRAS number them. */
struct effect_detail {
    uint32_t has;
    uint32_t returns;
    uint32_t reason;      /* enum tsd_reason */
    uint32_t exit_status; /* or 256 + signal */
    struct token token;
    uint32_t uid, pid;
    uint32_t program, program_size; /* where in effects->text */
    uint32_t state;                 /* enum tsd_state */
    uint64_t age_us, left_us;
    uint64_t holder;     /* session */
    uint32_t holder_pid; /* where that has not ended */
    uint32_t holder_program, holder_program_size;
};

/* What must be done outside. Fields that an operation does not use are 0. */
struct effect {
    uint8_t kind;   /* enum effect_kind */
    uint8_t op;     /* enum tsd_operation */
    uint8_t status; /* enum ts_status */
    uint8_t event;  /* EVENT: enum tsd_event; it is about the one item, or none */
    bool more;
    bool has_next;
    bool repeated; /* its key was known */
    uint32_t alternative;
    uint64_t session, number; /* whom to answer */
    uint64_t since, at;       /* positions (rule S35) */
    uint64_t value;    /* out, finish, atomic: first id, 0: none; count, collect, copy: how many */
    uint64_t delivery; /* in: this store's number of the delivery to this session, else 0 */
    struct place next; /* scan: with has_next */
    uint32_t items, item_count; /* in, rd, hold, atomic, scan, explain, events: effects->items */
    uint32_t rows, row_count;   /* spaces: from effects->rows */
    uint32_t text;              /* REFUSED: where in effects->text its NUL-terminated sentence is */
    uint32_t text_size;         /* stats, explain: bytes of MessagePack there */
};

/* Filled by steps, read and cleared by the caller, memory reused. Starts zeroed. */
struct effects {
    struct effect *list;
    uint32_t count, capacity;
    struct effect_item *items;
    uint32_t item_count, item_capacity;
    struct effect_detail *details;
    uint32_t detail_count, detail_capacity;
    struct space_row *rows; /* names point into the engine: valid until the next step */
    uint32_t row_count, row_capacity;
    struct buffer text;
};
void effects_clear(struct engine *engine, struct effects *effects);
void effects_deinit(struct engine *engine, struct effects *effects);

/* Does what is due by `now_ns` (monotonic, never less than before), then the command. */
void engine_step(struct engine *engine, uint64_t now_ns, const struct command *command,
                 struct effects *effects);

/* When the next tick is due, in the time of now_ns; UINT64_MAX when nothing is. */
uint64_t engine_due(const struct engine *engine);

/* Whether a request of this number of the session still waits. */
bool engine_waits(const struct engine *engine, uint64_t session, uint64_t number);

/* How many requests of the session wait. */
uint64_t engine_waiting(const struct engine *engine, uint64_t session);

/* Whether a watch of the session has told a piece of what is stored first, and goes on only when its
 * client has read it (COMMAND_READS). */
bool engine_tells(const struct engine *engine, uint64_t session);

/* Whether a request of the session is under way in pieces, and will be answered without more. */
bool engine_working(const struct engine *engine, uint64_t session);

/* What a session has, for whoever looks in from outside. */
struct engine_session {
    uint64_t requests; /* that wait or are under way, watches too */
    uint64_t watches;
    uint64_t kept; /* tuples: delivered and not acknowledged, or held until it ends */
    uint64_t will_tuples;
    struct span program; /* in the engine, until the next step */
};
bool engine_session(const struct engine *engine, uint64_t session, struct engine_session *told);

/* What a user has of what it may have; UINT64_MAX: without limit. */
struct engine_usage {
    uint64_t used, limit;
};
struct engine_usage engine_usage(const struct engine *engine, uint32_t user, enum quota quota);

/* The first user from this one on who has, or whose sessions have, anything: false where there is none. */
bool engine_user_from(const struct engine *engine, uint32_t *user);

/* Tuples of all users, also those that may come of requests and wills. */
uint64_t engine_tuples(const struct engine *engine);

/* A stored tuple beyond the effects that name it: a large one still being written to a client. */
void engine_ref(struct engine *engine, struct stored *tuple);
void engine_unref(struct engine *engine, struct stored *tuple);

/* How many objects it has allocated: what freeing it costs. */
uint64_t engine_objects(const struct engine *engine);

/* How many indexes have come, and gone, since the engine was made. */
uint64_t engine_indexes_made(const struct engine *engine);
uint64_t engine_indexes_gone(const struct engine *engine);

/* A hash of all that a client could ever find out; two engines fed alike agree in it. */
uint64_t engine_state_hash(const struct engine *engine);
/* The same but for the position: a request that is refused changes nothing else. */
uint64_t engine_contents_hash(const struct engine *engine);

/* Aborts where an invariant of any module does not hold; linear in all that is stored. */
void engine_check(const struct engine *engine);

#endif

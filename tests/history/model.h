/* SPDX-License-Identifier: MIT */
/*
 * The naive model that a history is replayed on: tuples, who keeps them, who waits.
 *
 * Tuples are found by buckets: of a space, of a space and a length, of those and the first field's
 * value; each has its tuples in order of place, and the waiting requests whose patterns lead there.
 * A bucket is a sorted array: what goes in at the end or out at the front costs nothing.
 */
#ifndef TSD_HISTORY_MODEL_H
#define TSD_HISTORY_MODEL_H

#include "history/match.h"
#include "history/table.h"
#include "history/verdict.h"

enum life {
    LIFE_STORED,
    LIFE_DELAYED,
    LIFE_KEPT,     /* held, or delivered and not acknowledged */
    LIFE_CONSUMED, /* acknowledged, finished, taken for good by an atomic */
    LIFE_EXPIRED,  /* also a pulse that is gone, what was bound to a connection that ended */
    LIFE_MOVED,    /* to another space, as a new tuple; or discarded there */
};

enum { UNKNOWN_SESSION = -1 };

struct tup {
    uint64_t id, unit; /* unit: id of the first of its unit */
    uint32_t unit_count;
    int space, put_by; /* op; NO_OP: a will's unit, a dead letter */
    struct span bytes;
    int8_t priority;
    bool pulse, returning, hidden; /* returning: released with a delay; hidden: in that index */
    bool maybe;                    /* kept or already final, nobody can know */
    bool unsure_return;            /* nobody knows whether its return was counted */
    bool unsure_life;              /* nobody knows how long it lives, to whom it is bound */
    bool dying;                    /* a pulse whose expiry was told */
    enum life life;
    uint32_t returns;
    int bound;                              /* session, or UNKNOWN_SESSION for not bound */
    uint64_t put_low, put_high;             /* when it was put at the earliest, at the latest */
    uint64_t ttl_ns, delay_ns, visible_low; /* not visible before this */
    int keeper, kept_by;                    /* session; op that took it last, also when final */
    uint64_t delivery, hold, hold_low;      /* hold_low: it does not end by time before this */
    bool held, detached, timed;
    uint64_t gone_at; /* position at which it was taken, expired, moved */
};

struct places {
    struct tup **list;
    size_t head, count, capacity; /* count: those from head on */
};

struct list {
    struct tup **list;
    size_t head, count, capacity; /* those from head to count */
};

struct waiter;
struct waiters {
    struct waiter **list;
    size_t count, capacity;
};

/* Requests without an answer that may have taken something, in order of their calls. */
struct takers {
    int *list;
    size_t count, capacity;
};

struct bucket {
    struct places stored, hidden; /* hidden: delayed and kept */
    struct waiters waiting;
    struct takers keepers, consumers; /* what these took is kept; is gone for good */
};

struct waiter {
    int op;
    bool queued, gone, room, absent; /* room: may wait for room; absent: for an absence */
    unsigned quiet;                  /* drained: arrivals since it could be answered */
};

/* A session as far as the replay has come. */
struct seat {
    bool ended;
    uint64_t maybe_ack;  /* acknowledged, if requests without an answer were taken up */
    uint64_t final_ack;  /* acknowledged by requests that were answered, without a position */
    int last_op;         /* the last that began, + 1 */
    uint64_t deliveries; /* told to it so far */
    struct list kept;    /* deliveries, in order; their numbers, as they were then */
    uint64_t *kept_numbers;
    size_t number_capacity;
    struct list held;  /* holds; in both also some that have gone since */
    struct list bound; /* what it put as bound to it */
    int *wills;        /* by space: the op of the last will, or NO_OP; NULL: none yet */
    bool said_goodbye; /* or may have: unsure_goodbye */
    bool unsure_goodbye;
    bool unsure_will; /* a will was registered or taken back without an answer */
};

struct room {
    uint64_t capacity; /* 0: no bound */
    uint64_t used;     /* tuples stored, delayed, kept, those that are `maybe` too */
    uint64_t maybe;    /* of them */
    uint32_t max_returns;
    int dead_letter;
    bool ghosts;  /* it may have delayed tuples that nobody can know of */
    int *lurkers; /* ops without an answer that may stand in the line unseen */
    size_t lurker_count, lurker_capacity;
    struct waiters line;
};

/* What a unit is expected to tell to a watch of everything, and what it told. */
struct expected {
    int space;
    enum tsd_event kind;
    struct tup *tup;
};

struct model {
    struct history *history; /* its own copy of the ops, in which what is found out is noted */
    struct verdict *verdict;
    struct table contents; /* the last tuple of these bytes, where dead letters may come of it */
    struct table tups, buckets, holds, keys;
    struct tup **all; /* in the order in which they became known */
    size_t all_count, all_capacity;
    struct bucket **bucket_list;
    size_t bucket_count, bucket_capacity;
    struct waiter **waiter_of; /* by op */
    struct waiters hungry;     /* those that may be servable now */
    struct waiters drains;
    struct seat *seats;
    struct room *rooms;
    struct list dying;         /* pulses */
    struct unit_event *events; /* of the unit */
    size_t event_count;
    struct takers takers; /* all of them, and those that move */
    int *wills;           /* all wills */
    size_t will_count, will_capacity;
    struct table unsure_tokens;   /* tokens that requests without an answer finish or renew: op */
    struct table unsure_renews;   /* and that they renew */
    struct table unsure_releases; /* and that they release */
    struct expected *expected;
    size_t expected_count, expected_capacity;
    uint64_t position;        /* of the unit */
    uint64_t low_ns, high_ns; /* it happened between them */
    uint64_t asked_ns;        /* the latest call so far, for the check of real time */
    int *numbers;             /* 0, 1, 2...: what tables point to, to name an op */
    bool *guessed;            /* by op: no answer, but it is known to have been done */
    void **owned;             /* memory that goes with the model */
    size_t owned_count, owned_capacity;
};

void model_init(struct model *model, const struct history *history, struct verdict *verdict);
void model_deinit(struct model *model);

/* --- Tuples (model.c) --- */
void model_own(struct model *model, void *memory);
struct tup *tup_find(const struct model *model, uint64_t id);
struct tup *tup_new(struct model *model, uint64_t id, int space, struct span bytes);
bool tup_is_there(const struct tup *tup); /* stored, delayed or kept */

/* Moves it to another state; the indices, the room and those who wait for it follow. */
void tup_set(struct model *model, struct tup *tup, enum life life);
void tup_maybe(struct model *model, struct tup *tup);

struct bucket *bucket_find(const struct model *model, int space, const struct shape *shape);
struct bucket *bucket_make(struct model *model, int space, const struct shape *shape);

/* --- Queries (gather.c) --- */
struct query {
    const struct part *parts;
    uint32_t part_count;
    uint64_t id;  /* 0: any */
    bool hidden;  /* of the hidden ones instead */
    bool certain; /* not those that are `maybe` */
};
struct found {
    struct tup *tup;
    uint32_t of;
};
/* The best-placed matches over all parts, at most `most`; appended in order. Returns how many. */
size_t gather(const struct model *model, const struct query *query, struct found *list,
              size_t most);
/* Whether any matches. */
struct tup *gather_one(const struct model *model, const struct part *part, bool hidden,
                       bool certain);
/* All that an `absent` or `drained` looks at; certain: no `maybe`. */
struct tup *gather_there(const struct model *model, const struct part *part, bool certain);

/* --- Those who wait (waiting.c) --- */
void waiter_add(struct model *model, int op);
void waiter_remove(struct model *model, int op);
void wake_for(struct model *model, const struct tup *tup, bool gone);
void wake_line(struct model *model, int space);
bool can_serve(struct model *model, int op);
/* A witness may be looked for in pieces, so that it is not known yet that it can be served. */
bool may_be_late(const struct model *model, const struct waiter *waiter);
/* Before a unit: whether it may come now. `served`: the waiting op that it serves, or NO_OP. */
void check_turn(struct model *model, int served);
void check_drained(struct model *model);

/* --- Atomics (guards.c) --- */
enum guards_answer { GUARDS_NO, GUARDS_YES, GUARDS_UNSURE };
/* Assigns tuples to the guards as the rules do; list[i] is NULL for `absent`. */
enum guards_answer guards_solve(const struct model *model, int op, struct tup **list);

/* --- Room (room.c) --- */
bool room_surely(const struct model *model, int space, int64_t need);
bool room_maybe(const struct model *model, int space, int64_t need);
int64_t op_needs(const struct model *model, int op, int space);
/* Whether the op has room in all spaces it puts to, and whether it may go before others there. */
bool op_has_room(const struct model *model, int op, bool surely);
bool op_can_ever_fit(const struct model *model, int op);
bool line_is_clear(const struct model *model, int op);
bool line_has_older(const struct model *model, int op); /* one that is known to stand there */
/* The session has ended by now, as far as can be told; surely: it must have. */
bool session_is_over(const struct model *model, int session);

/* --- What is done (effect*.c) --- */
void list_add(struct list *list, struct tup *tup);
void effect(struct model *model, int op, bool waited);
void effect_take(struct model *model, int op);
void effect_settle(struct model *model, int op);
void effect_atomic(struct model *model, int op);
void effect_move(struct model *model, int op);
void effect_look(struct model *model, int op);
void effect_refused(struct model *model, int op);
/* Rule S1: it may have to be looked up in pieces; then it is taken up when all is known, or ends. */
bool op_is_looked_up(const struct op *op);
void expect(struct model *model, enum tsd_event kind, struct tup *tup);
void keep(struct model *model, struct tup *tup, int op, const struct told *told);
void acknowledge(struct model *model, int session, uint64_t ack);
/* Puts one as new; `n` of `count` of its unit, whose first has this id. */
struct tup *put(struct model *model, int op, uint64_t first, int space, struct span bytes,
                const struct putting *putting, uint32_t n, uint32_t count);
/* Before an op puts: its room, its turn in the line, its key. */
void check_put(struct model *model, int op, bool waited);
/* Deliveries of a connection are numbered one after the other. */
void check_delivery(struct model *model, int op);
/* An item of an answer against what it should be (NULL: nothing). Returns the tuple it names. */
struct tup *check_item(struct model *model, int op, const struct told *told, struct tup *should);
bool same_tuple(struct span a, struct span b);
/* The tuple that a token of the op names, where the session may settle it; else NULL. */
struct tup *settled_by(const struct model *model, const struct op *op, const struct token *token);
uint64_t token_key(int session, const struct token *token);

/* --- Units that no answer tells of (unowned.c, ending.c) --- */
struct unit_event {
    int space;
    const struct happening *event;
    bool used;
};
void unowned(struct model *model);
/* A release of it that had no answer; NULL where there is none. */
const struct op *unsure_release(const struct model *model, const struct tup *tup);
/* Whether it may have been released with a delay, and come back when that is over: noted so. */
bool may_be_delayed(struct model *model, struct tup *tup);
/* What an event tells beside the tuple. */
void check_event(struct model *model, const struct unit_event *event, const struct tup *tup);
void end_session(struct model *model, int session, bool goodbye);
/* Of a tuple that nobody put: the session whose end puts it; UNKNOWN_SESSION: none. */
int will_or_dead_letter(const struct model *model, const struct unit_event *event);
/* Whether it is a tuple that was kept and has come back too often: moved then. */
bool dead_letter(struct model *model, struct unit_event *event);
/* Gives it back: what the unit's events say of it, checked. */
void give_back(struct model *model, struct tup *tup, bool counted);
/* An event of the unit that is not used: of this kind (0: any) about this id. */
struct unit_event *find_event(struct model *model, enum tsd_event kind, uint64_t id);
/* Whether its life may be over by now, so that it is dropped when it comes back (rule S13). */
bool may_be_dropped(const struct model *model, const struct tup *tup);

/* Which kind of loss it is that a tuple is gone. */
enum finding_kind blame(const struct model *model, const struct tup *tup, int *op);

/* --- Before and after (resolve.c, account.c, watches.c) --- */
/* Finds out which requests without an answer were done. */
void resolve(struct model *model);
void account(struct model *model);
void check_watches(struct model *model, const int *backbone);

#endif

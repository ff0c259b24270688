/* SPDX-License-Identifier: MIT */
/*
 * Small histories, made by a space of its own: a few lists and linear scans, with tuples of three
 * ints (kind, putter, a number that is its own) in two spaces.
 *
 * The space is a value: whoever searches through orders copies it. The same steps give the same
 * answers and events.
 */
#ifndef TSD_HISTORY_SIMULATE_H
#define TSD_HISTORY_SIMULATE_H

#include "history/history.h"

enum { SIM_TUPLES = 512, SIM_WAITS = 64, SIM_UNIT = 4, SIM_KEYS = 64, SIM_SPACES = 2 };
enum { ANY_KIND = 0 };

struct sim_item {
    uint64_t id;
    uint32_t number; /* its own; names the tuple */
    uint8_t kind, space;
    int8_t priority;
    uint32_t returns;
    uint64_t hold;  /* its token, where it was held */
    uint8_t reason; /* enum tsd_reason, of an event's */
};

/* A request and its answer. */
struct sim_op {
    int session;
    enum tsd_operation op;
    uint64_t number, ack;
    uint8_t space, kind; /* kind: of the pattern; ANY_KIND */
    uint32_t min, max;
    bool has_timeout;
    uint64_t timeout_us, hold_us; /* hold_us 0: none */
    int8_t priority;
    uint8_t put_kind;
    uint32_t puts[SIM_UNIT];
    uint32_t put_count;
    uint64_t target, token;
    uint32_t key; /* 0: none */
    uint64_t call_ns;
    /* the answer */
    bool answered, repeated;
    enum ts_status status;
    uint64_t answer_ns, since, at, value, delivery;
    struct sim_item items[16];
    uint32_t item_count;
    /* how far it is; of the simulation alone */
    bool taken_up, done;
};

struct sim_event {
    enum tsd_event kind;
    struct sim_item item;
    uint64_t at, time_ns;
};

struct sim_session {
    enum session_end end;
    uint64_t end_low_ns, end_ns;
};

struct sim_history {
    struct sim_op *ops;
    size_t op_count, op_capacity;
    struct sim_event *events;
    size_t event_count, event_capacity;
    struct sim_session *sessions;
    size_t session_count, session_capacity;
    size_t last_scan; /* the first op of those that look at what is left */
};

struct sim_tuple {
    struct sim_item item;
    int keeper, by; /* session, op; -1: stored */
    uint64_t delivery, hold;
};

struct sim_wait {
    int op;
    uint64_t since;
};

struct sim {
    uint64_t position, holds;
    size_t tuple_count, wait_count, key_count;
    struct sim_wait waits[SIM_WAITS];
    struct {
        uint32_t key;
        uint8_t space;
        uint64_t value;
    } keys[SIM_KEYS];
    struct sim_tuple tuples[SIM_TUPLES]; /* last: only those in use are copied */
};

/* What a step did: answers filled into copies of the ops, and events. */
struct sim_done {
    struct {
        int op;
        struct sim_op answer;
    } answers[24];
    size_t answer_count;
    struct sim_event events[64];
    size_t event_count;
};

void sim_init(struct sim *sim);
void sim_copy(struct sim *to, const struct sim *from);

/* Each is a step. `deliveries` counts those of each session, by the caller. */
void sim_take_up(struct sim *sim, const struct sim_history *history, int op, uint64_t *deliveries,
                 struct sim_done *done);
void sim_time_out(struct sim *sim, const struct sim_history *history, int op,
                  struct sim_done *done);
void sim_hold_ends(struct sim *sim, const struct sim_history *history, uint64_t hold,
                   uint64_t *deliveries, struct sim_done *done);
void sim_end(struct sim *sim, const struct sim_history *history, int session, uint64_t *deliveries,
             struct sim_done *done);
bool sim_waits(const struct sim *sim, int op);

struct dice {
    uint64_t state;
};
uint64_t dice_below(struct dice *dice, uint64_t bound);

/* What to make. */
struct sim_wish {
    size_t ops;
    int clients;
    bool kills, holds, keys;
};
void sim_generate(struct sim_history *made, const struct sim_wish *wish, struct dice *dice);
void sim_history_deinit(struct sim_history *made);
void sim_history_copy(struct sim_history *to, const struct sim_history *from);

/* As what the checker reads. */
struct history *sim_to_history(const struct sim_history *made);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a run of a scenario remembers: who is there and what they asked, what tuples and tokens are
 * called, and what came since the last step.
 *
 * A runner keeps one, zeroed at the start. It calls party_comes when a session is to be there,
 * party_asks before each request is sent, party_ends at an end, and scenario_came with
 * scenario_item for each answer and event; scenario_tell (scenario.h) does the rest.
 */
#ifndef TSD_TESTS_SCENARIO_STATE_H
#define TSD_TESTS_SCENARIO_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/reply.h"
#include "protocol/request.h"

enum {
    SCENARIO_SESSIONS = 26,
    SCENARIO_TUPLES = 1024,
    SCENARIO_KEPT = 1024,
    SCENARIO_REQUESTS = 256, /* of one session */
    SCENARIO_CAME = 256,     /* in one step */
    SCENARIO_ITEMS = 1024,
};

/* A request until it is answered for the last time. */
struct scenario_asked {
    enum tsd_operation op;
    bool open;
    uint32_t alternatives, puts;
    int8_t priority;
    enum tsd_guard guards[LIMIT_GUARDS];
};

struct scenario_party {
    bool there;
    uint32_t user;
    uint64_t session; /* the number that the daemon or the engine knows it by */
    uint64_t requests, deliveries, acked;
    int open;                                           /* requests under way */
    int open_before;                                    /* the same before this step */
    struct scenario_asked asked[SCENARIO_REQUESTS + 1]; /* by number */
};

/* A tuple that was given to a session to keep. */
struct scenario_kept {
    int party;
    uint64_t id;
    struct token token;
};

/* An answer, or an event of a watch. */
struct scenario_came {
    int party;
    uint64_t number, since, at;
    enum ts_status status;
    enum tsd_event event; /* 0: an answer */
    uint64_t value;
    uint64_t delivery; /* 0: none */
    uint32_t alternative;
    bool more, repeated;
    int items, item_count; /* from state->items */
    int rows, row_count;   /* likewise */
    int order;             /* in which it came */
    int rank;              /* among what has the same position */
};

struct scenario_state {
    uint32_t own_user; /* of a session of which none is said; the runner sets it */
    struct scenario_party parties[SCENARIO_SESSIONS];
    uint64_t ids[SCENARIO_TUPLES + 1]; /* of #1 at index 1 */
    int8_t priorities[SCENARIO_TUPLES + 1];
    int named;
    struct scenario_kept kept[SCENARIO_KEPT];
    int kept_count;
    struct scenario_came came[SCENARIO_CAME];
    int came_count;
    struct item items[SCENARIO_ITEMS];
    int item_count;
    struct space_row rows[SCENARIO_ITEMS];
    int row_count;
    char names[4096]; /* of programs and spaces in items and rows */
    uint32_t names_used;
};

void party_comes(struct scenario_state *state, int party, uint64_t session, uint32_t user);
void party_ends(struct scenario_state *state, int party);

/* Which party a session's number is; -1: none. */
int party_find(const struct scenario_state *state, uint64_t session);

/* Gives the request its number and its acknowledgement, and remembers what was asked. */
void party_asks(struct scenario_state *state, int party, bool unread, struct request *request);

/* Notes what came, to be filled in; then its items and rows, each copied. */
struct scenario_came *scenario_came(struct scenario_state *state, int party, uint64_t number);
void scenario_item(struct scenario_state *state, struct scenario_came *came,
                   const struct item *item);
/* Whether what an explanation tells, a map, says that it matches. */
bool scenario_matches(const uint8_t *explained);
void scenario_row(struct scenario_state *state, struct scenario_came *came,
                  const struct space_row *row);
void scenario_forget_what_came(struct scenario_state *state);

/* The name of a tuple, which is given now if it has none yet. */
int scenario_name(struct scenario_state *state, uint64_t id, int8_t priority);

/* What the session was given of a tuple last, else what anybody was; NULL: nobody was. */
const struct scenario_kept *scenario_kept_of(const struct scenario_state *state, int party,
                                             uint64_t id);
/* The n-th hold of all; NULL: none yet. */
const struct scenario_kept *scenario_hold(const struct scenario_state *state, int n);
void scenario_keep(struct scenario_state *state, int party, const struct item *item,
                   uint64_t delivery);

#endif

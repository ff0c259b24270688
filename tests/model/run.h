/* SPDX-License-Identifier: MIT */
/*
 * A run: two engines with different hash keys and the naive reference take the same actions, and
 * have to tell the same after each.
 *
 * What happens is data: an action can be made by chance, kept, and done again by another run, which
 * is how a failure is made short.
 */
#ifndef TSD_TESTS_RUN_H
#define TSD_TESTS_RUN_H

#include "generate.h"
#include "naive.h"
#include "space/engine.h"

struct settings {
    uint64_t seed, steps;
    uint64_t most; /* tuples from which no more are put */
    uint32_t reply_bytes;
    enum generate_mix mix;
    bool faults; /* the n-th allocation of a step fails; one engine alone */
    bool rights; /* sessions are of some users, and spaces have rules (users.h) */
    bool deadly; /* those that end the process too: for a run in a child */
    /*
     * Of long work; 0: large. Where work is cut into pieces the positions are others, so the
     * engines are only compared with each other, and the reference is there to choose.
     */
    uint32_t piece;
    uint64_t check_every; /* steps */
};

struct action {
    enum command_kind kind;
    uint64_t now_ns, session, ack;
    enum naive_end end;
    uint64_t random[2];
    uint64_t fault; /* which allocation fails; 0: none */
    struct naive_request request;
};

enum { RUN_SESSIONS = 8, RUN_SECRETS = 4096 };

/* How often what was told, by all runs together: what does not come up is not tested. */
struct seen {
    uint64_t statuses[TSD_OP_END][32]; /* enum ts_status */
    uint64_t events[TSD_EVENT_END];
    uint64_t reasons[4], states[8]; /* enum tsd_reason, enum tsd_state */
    uint64_t repeated, more, next, no_memory;
    uint64_t denied_later[TSD_OP_END]; /* of those that waited */
    uint64_t indexes_made, indexes_gone;
};

struct run {
    struct settings settings;
    struct random random;
    uint64_t now_ns, sessions_made, numbers_made, holds_made, steps_done;
    struct naive *naive;
    struct engine *engines[2]; /* the second is NULL with faults */
    struct effects effects;
    uint64_t secrets[RUN_SECRETS]; /* of holds, as the engine told them */
    uint64_t sessions[RUN_SESSIONS], acked[RUN_SESSIONS];
    uint64_t delivered[RUN_SESSIONS]; /* as the first engine told */
    int session_count;
    struct buffer frame, expected, traces[2];
    struct pattern_room room;
    struct seen *seen;
    bool fault_left;     /* the last step had fewer allocations than its fault is for */
    uint64_t refused;    /* number of the last request that it had no memory for; 0: none */
    const char *failure; /* what is wrong; NULL: nothing yet */
};

struct run *run_new(const struct settings *settings, struct seen *seen);
void run_free(struct run *run);

/* Some action that makes sense now. */
void run_choose(struct run *run, struct action *action);

/* Does it; false where something is wrong. */
bool run_do(struct run *run, const struct action *action);

/* The last delivery to a session of the run's. */
uint64_t run_delivered(const struct run *run, int which);

/* Whether it may be done at all: one that was chosen by another run may not. */
bool run_possible(const struct run *run, const struct action *action);

/* describe.c: an action as text */
void action_describe(const struct action *action, struct buffer *text);

/* shrink.c: prints the shortest run found that fails as this one, and how to run it again */
void run_shrink(const struct settings *settings, uint64_t steps);
/* The same of one that aborts in its last step. */
void run_shrink_abort(const struct settings *settings, uint64_t steps);

#endif

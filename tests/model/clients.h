/* SPDX-License-Identifier: MIT */
/*
 * Clients of one engine whose looks are cut into small pieces: random requests, with what each
 * client knows from its answers alone, and what it saw as a history (recording.h).
 *
 * A session of its own watches everything in every space from the start. What happens follows from
 * the seed, always the same.
 */
#ifndef TSD_TESTS_CLIENTS_H
#define TSD_TESTS_CLIENTS_H

#include "recording.h"
#include "run.h"

enum { CLIENTS_MOST = 6, CLIENTS_TOKENS = 64, CLIENTS_IDS = 64 };

struct clients_settings {
    uint64_t seed, steps;
    uint64_t most; /* tuples from which no more are put */
    uint32_t piece;
    bool indexes; /* they come and go; else there are none */
    bool trace;   /* each action and what it tells, on stderr */
};

/* What a client keeps, as it was told. */
struct kept_token {
    struct naive_token token;
    bool detached;
};

struct client {
    uint64_t session, acked, delivered;
    struct {
        uint64_t number;
        bool puts;             /* it may wait in a line */
    } waiting[CLIENTS_TOKENS]; /* requests without an answer */
    uint32_t waiting_count;
    struct kept_token kept[CLIENTS_TOKENS];
    uint32_t kept_count;
};

struct clients {
    struct clients_settings settings;
    struct random random;
    struct engine *engine;
    struct effects effects;
    struct recording recording;
    uint64_t now_ns, sessions_made, numbers_made, position, stored;
    uint64_t looked_up[TSD_OP_END]; /* how many went on in pieces */
    struct client list[CLIENTS_MOST];
    uint32_t count;
    uint64_t ids[CLIENTS_IDS], ids_seen;
    uint64_t secrets[RUN_SECRETS];
    uint64_t next[2]; /* of the last answer: its cursor; 0: none */
    struct buffer frame;
    struct pattern_room room;
};

struct clients *clients_new(const struct clients_settings *settings);
void clients_free(struct clients *clients);

/* Some actions that make sense then, so many; at the end nobody waits and no session is left. */
void clients_run(struct clients *clients);

/* clients.c, for choosing */
void clients_do(struct clients *clients, const struct action *action);
bool clients_work_is_due(const struct clients *clients);

/* clients_choose.c: some action that makes sense now */
void clients_choose(struct clients *clients, struct action *action);

#endif

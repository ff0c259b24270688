/* SPDX-License-Identifier: MIT */
/*
 * Keys that make a repeated request the same request (rule S28).
 *
 * A key is made when its request is taken up, so that the limit is known then; it is remembered, for
 * its user and the space that the request names, from when the unit is done until its window ends.
 * Until then it belongs to the request, which may wait: then others with the key wait like it, and
 * are answered when the first is done.
 */
#ifndef TSD_SPACE_KEY_H
#define TSD_SPACE_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "protocol/problem.h"
#include "protocol/request.h"
#include "space/account.h"
#include "space/timer.h"

struct engine;
struct interest;
struct session;
struct space;

/* Equal keys of requests that wait. */
struct key_group {
    struct table_node node; /* of engine->waiting_keys */
    TAILQ_HEAD(, key) keys;
};

struct key {
    struct table_node node;  /* of engine->keys, when it is done */
    struct key_group *group; /* its own until it waits, then the one that it is in; NULL: done */
    TAILQ_ENTRY(key) group_link;
    bool done;
    uint32_t user;
    struct account_charge charge;
    struct space *space;
    TAILQ_ENTRY(key) space_link; /* which holds on to the space */
    uint64_t window_us;
    uint64_t first; /* done: what the request was told */
    struct timer end;
    struct interest *interest; /* waiting: whose it is */
    uint32_t size;
    uint8_t bytes[];
};

/* The done one that the request names, NULL where there is none, or it has no key. */
struct key *key_find(const struct engine *engine, const struct session *session,
                     const struct request *request);

/* A new one for a request that has a key. NULL with the problem set where that is refused. */
struct key *key_new(struct engine *engine, const struct session *session,
                    const struct request *request, struct problem *problem);
void key_free(struct engine *engine, struct key *key); /* NULL is fine */

/* Its request waits. The process ends without memory. */
void key_wait(struct engine *engine, struct key *key, struct interest *interest);
/* Its unit is done: from now on it is remembered, and who waits with an equal one is to be told. */
void key_done(struct engine *engine, struct key *key, uint64_t first);

/* All keys of the space become those of the one that is now found by its name. */
void keys_move(struct engine *engine, struct space *space, const struct span *name);
/* All keys of the space are forgotten, with the engine: else none is early (rule S28). */
void keys_forget(struct engine *engine, struct space *space);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What `out`, `finish` and `atomic` do at once, now or when it is their turn.
 *
 * At first a unit lies in the engine's room and points into the request; one that has to wait is
 * copied behind its interest (unit_keep), has claims on the holds that it will finish, and the spaces
 * that it puts into are made and count it as waiting.
 */
#ifndef TSD_SPACE_UNIT_H
#define TSD_SPACE_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/request.h"
#include "space/chain.h"
#include "space/hold.h"
#include "space/put.h"

struct asker;
struct engine;
struct interest;
struct key;
struct query;
struct session;

struct unit {
    struct claim *claims; /* on the holds that it finishes */
    uint32_t claim_count;
    struct puts puts;           /* out, finish: made already */
    const struct guard *guards; /* atomic: one for each part of its query */
    struct span space;          /* where it puts; of an atomic, where its steps do by default */
    struct span body;           /* atomic: its steps */
    uint32_t body_count;
    uint64_t random[2];
    struct wait *lines; /* in which it waits for room */
    uint32_t line_count;
    uint32_t bytes; /* allocated, of one that waits */
    bool once;      /* its interest does not wait: it does not make the space by default */
};

/*
 * The holds that tokens name, as claims in the engine's room, none twice. Returns 0; -1 without
 * memory; 1 where one is late (rule S14). They are `named` until unit_unname.
 */
int unit_claim(struct engine *engine, const struct session *session, struct unit *unit,
               const struct span *tokens, uint32_t count);
int unit_claim_one(struct engine *engine, const struct session *session, struct unit *unit,
                   const struct token *token);
void unit_name(const struct unit *unit, bool named);

/* Fills in the engine's needs (rule S30). Guards' spaces come from the query. Returns 0, or -1. */
int unit_needs(struct engine *engine, const struct unit *unit, const struct query *query);

/* Consumes what it finishes; who else has a claim on that is late. */
void unit_finish_holds(struct engine *engine, struct unit *unit);

/* out, finish: does it all, and answers. Returns 0, or -1 without memory, nothing being changed. */
int unit_do(struct engine *engine, const struct asker *asker, struct unit *unit, struct key *key);

/* A copy that outlives the request, with claims of its own. NULL without memory; on success the
 * puts are the copy's. */
struct unit *unit_keep(struct engine *engine, struct interest *interest, struct unit *unit);
void unit_free(struct engine *engine, struct unit *unit); /* NULL is fine */

/* Whether it puts into the space of that name. */
bool unit_puts_into(const struct unit *unit, const struct span *space);
/* Whether it puts, or would by default, into the space of this name. */
bool unit_names(const struct unit *unit, const struct span *space);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The operations, a file each (op_<name>.c): what the engine does with one request.
 *
 * Each gets the asker with the position at which the request was taken up already given out; that of
 * `out` is the id of its first tuple. It appends its answer, or makes an interest that waits.
 */
#ifndef TSD_SPACE_OPERATION_H
#define TSD_SPACE_OPERATION_H

#include "protocol/command.h"
#include "space/answer.h"

struct interest;
struct key;
struct space;
struct unit;

typedef void operation(struct engine *engine, const struct asker *asker,
                       const struct command *command);
operation op_out, op_take, op_cancel, op_count, op_scan, op_spaces, op_ping, op_finish, op_release,
    op_renew, op_atomic, op_collect, op_watch, op_drained, op_will, op_space, op_remove, op_stats,
    op_explain;

/* Those that were looked up in pieces, all being known now. */
void take_looked_up(struct engine *engine, struct interest *interest);    /* in engine->gather */
void collect_looked_up(struct engine *engine, struct interest *interest); /* the same */
void atomic_looked_up(struct engine *engine, struct interest *interest);

/* ---- What out, finish and atomic have in common ---- */

/* Answers a request whose key is known (rule S28): true then. */
bool op_repeated(struct engine *engine, const struct asker *asker, const struct request *request);
/* Makes the request's key, NULL where it has none. Returns 0, or -1 with the request refused. */
int op_key(struct engine *engine, const struct asker *asker, const struct request *request,
           struct key **key);
/* Refuses one whose holds are not all its own any more, or without memory (unit_claim's result). */
void op_not_claimed(struct engine *engine, const struct asker *asker, int claimed);
/* Says that a unit can never fit. */
void op_never_fits(struct problem *problem, const struct space *space);
/* Does a unit whose puts are made, or makes it wait for room (rule S30). The key is its. */
void op_unit(struct engine *engine, const struct asker *asker, const struct request *request,
             struct unit *unit, struct key *key);

#endif

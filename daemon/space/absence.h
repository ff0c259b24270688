/* SPDX-License-Identifier: MIT */
/*
 * Patterns that somebody waits for until nothing matches them: `drained`, and atomics whose guard
 * `absent` fails (rules S16, S20, S24).
 *
 * Waiting ones with equal patterns in one space share an absence, which knows one tuple that matches:
 * its witness. Only when that is gone for good is another one looked for. So a put, and whatever
 * happens to other tuples, costs nothing, however many wait.
 */
#ifndef TSD_SPACE_ABSENCE_H
#define TSD_SPACE_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "space/chain.h"
#include "space/work.h"

struct engine;
struct query;
struct query_part;
struct space;
struct stored;

/* Whose witness a tuple is. */
struct witness {
    struct table_node node; /* of the engine's table, by the tuple's id */
    struct stored *tuple;
    TAILQ_HEAD(, absence) absences;
};

struct absence {
    struct chain chain;
    struct space *space;
    struct interest *own;    /* whose finishes do not count; then it has only this one */
    struct witness *witness; /* NULL: none is known */
    TAILQ_ENTRY(absence) witness_link;
    bool stirred; /* it is in settle's list: its witness is gone */
    TAILQ_ENTRY(absence) stirred_link;
    /* While another witness is looked for in pieces: */
    struct work work;
    bool looking; /* it is in its space's list: what comes may be one */
    LIST_ENTRY(absence) looking_link;
    uint64_t next_key; /* nothing that is placed before it is one */
    bool dry;          /* nor anything else */
};

/*
 * A tuple that matches the part and is in its space or may come back to it, held ones that are
 * `named` apart; NULL: there is none, or the query has overrun. Of those that are stored the one that
 * will stay the longest.
 */
struct stored *absence_look(struct engine *engine, struct query *query,
                            const struct query_part *part, bool *known);
/* Its halves: of those that are stored, unless the step's budget is used up before it is known; and of
 * those that are away. */
struct stored *absence_look_stored(struct engine *engine, struct query *query,
                                   const struct query_part *part, bool *known);
struct stored *absence_look_away(struct engine *engine, struct query *query,
                                 const struct query_part *part);

/* Joins the absence of that part, made if need be, where `witness` was found; NULL: it is not known yet
 * whether there is one, which goes on to be looked for in pieces. -1: no memory. */
int absence_link(struct engine *engine, struct wait *wait, enum chain_queue queue,
                 const struct query_part *part, struct interest *own, struct stored *witness);

/* The tuple is gone for good: those whose witness it was are stirred. */
void absence_witness_gone(struct engine *engine, const struct stored *tuple);

/* A tuple of a space can be seen: absences that are looking may have found their witness. */
void absence_arrives(struct engine *engine, struct space *space, struct stored *tuple);

/* Looks for another witness of a stirred one. Returns whether nothing matches. Without a witness that
 * is not known where its expressions overran: who asked is to be told so. */
bool absence_holds(struct engine *engine, struct absence *absence);

void absence_drop(struct engine *engine, struct chain *chain); /* an empty one */

void absence_check(const struct engine *engine);

#endif

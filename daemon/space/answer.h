/* SPDX-License-Identifier: MIT */
/*
 * Answers: effects appended to those of the step under way.
 */
#ifndef TSD_SPACE_ANSWER_H
#define TSD_SPACE_ANSWER_H

#include <stdint.h>

#include "protocol/problem.h"
#include "space/engine.h"

struct away;
struct gather;
struct holding;
struct interest;
struct query;
struct session;

/* Whom an answer is for. */
struct asker {
    struct session *session;
    uint64_t number; /* the request's */
    enum tsd_operation op;
    uint64_t since;
};

/* Appends an answer without tuples; the caller may fill in more. Valid until the next one. */
struct effect *answer(struct engine *engine, const struct asker *asker, uint64_t at,
                      enum ts_status status);

/* Refuses: nothing has changed (rule S36). */
void answer_refused(struct engine *engine, const struct asker *asker,
                    const struct problem *problem);
void answer_refused_at(struct engine *engine, const struct asker *asker, uint64_t at,
                       const struct problem *problem);
/* Answers one whose key is known with what the first one was told (rule S28). */
void answer_repeated(struct engine *engine, const struct asker *asker, uint64_t at, uint64_t first);
/* Refuses because its expressions have run into their limit too often (rule P3). */
void answer_overrun(struct engine *engine, const struct asker *asker, uint64_t at);
void answer_no_memory(struct engine *engine, const struct asker *asker);

/*
 * Answers with what was gathered: `in` takes it and keeps it for the session, `hold` holds it, `rd`
 * leaves it. Returns -1 without memory, nothing being changed.
 */
int answer_tuples(struct engine *engine, const struct asker *asker, uint64_t at,
                  const struct query *query, const struct gather *gather,
                  const struct holding *holding);

/* Takes the last answer of this step back, with its items. */
void answer_withdraw(struct engine *engine);

/* Appends one tuple to the items of the last answer, with what there is to be told of it. */
void answer_item(struct engine *engine, struct effect *effect, struct stored *tuple, uint32_t of);

/*
 * What is told of a tuple beside itself, for answer_detailed: its returns; who put it, if asked; the
 * token of its hold; where it is. Returns 0 where there is nothing. It must still be in a space.
 */
struct detail_wanted {
    bool who;
    const struct token *token; /* NULL: none */
    const struct away *away;   /* NULL: not told */
};
uint32_t answer_detail(struct engine *engine, const struct stored *tuple,
                       const struct detail_wanted *wanted);
void answer_detailed(struct engine *engine, struct effect *effect, struct stored *tuple,
                     uint32_t of, uint32_t detail);

/* A waiting request's answer, a unit of its own (rule S35). */
void answer_wait_refused(struct engine *engine, struct interest *interest,
                         const struct problem *problem);
void answer_ended(struct engine *engine, struct interest *interest, enum ts_status status);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Answers: effects appended to those of the step under way.
 */
#ifndef TSD_SPACE_ANSWER_H
#define TSD_SPACE_ANSWER_H

#include <stdint.h>

#include "protocol/problem.h"
#include "space/engine.h"

struct gather;
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
/* Refuses because its expressions have run into their limit too often (rule P3). */
void answer_overrun(struct engine *engine, const struct asker *asker, uint64_t at);
void answer_no_memory(struct engine *engine, const struct asker *asker);

/*
 * Answers with what was gathered: `in` takes it and keeps it for the session, `rd` leaves it.
 * Returns -1 without memory, nothing being changed.
 */
int answer_tuples(struct engine *engine, const struct asker *asker, uint64_t at,
                  const struct query *query, const struct gather *gather);

/* Takes the last answer of this step back, with its items. */
void answer_withdraw(struct engine *engine);

/* Appends one tuple to the items of the last answer. */
void answer_item(struct engine *engine, struct effect *effect, struct stored *tuple, uint32_t of);

/* A waiting request's answer; each takes a position of its own (rule S35). */
void answer_gathered(struct engine *engine, struct interest *interest);
void answer_wait_overrun(struct engine *engine, struct interest *interest);
void answer_ended(struct engine *engine, struct interest *interest, enum ts_status status);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The sentences of the right side of a scenario's line, one for each answer or event that came.
 */
#ifndef TSD_TESTS_SCENARIO_PRINT_H
#define TSD_TESTS_SCENARIO_PRINT_H

#include <stdbool.h>

#include "lib/scenario.h"

/* What came since the step is being told. */
struct telling {
    const struct scenario *scenario;
    struct scenario_state *state;
    const struct scenario_step *step;
    struct buffer *out;
};

/* Whether it is of the request that is the step itself. */
bool telling_own(const struct telling *telling, const struct scenario_came *came);

/* The request that it is an answer to. */
const struct scenario_asked *telling_asked(const struct telling *telling,
                                           const struct scenario_came *came);

/* Appends its sentence, after a `;` where one stands before it; names and keeps its tuples. */
void telling_print(const struct telling *telling, const struct scenario_came *came);

#endif

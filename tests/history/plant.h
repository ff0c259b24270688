/* SPDX-License-Identifier: MIT */
/* Errors of each kind, put into good histories. */
#ifndef TSD_HISTORY_PLANT_H
#define TSD_HISTORY_PLANT_H

#include "history/simulate.h"
#include "history/verdict.h"

struct plant {
    enum finding_kind kind;
    /* Puts one in where the history has a place for it; returns whether it did. */
    bool (*put)(struct sim_history *made, struct dice *dice);
};
extern const struct plant plants[];
extern const size_t plant_count;

#endif

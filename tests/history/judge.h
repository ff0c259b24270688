/* SPDX-License-Identifier: MIT */
/*
 * The judge of the checker: tries every total order of what the clients did, of the ends of
 * connections and of the timers, and looks whether in any of them all would have been told what
 * they were told. Exponential; for a dozen operations. Positions and ids are not looked at.
 */
#ifndef TSD_HISTORY_JUDGE_H
#define TSD_HISTORY_JUDGE_H

#include "history/simulate.h"

enum judgement { JUDGED_BAD, JUDGED_GOOD, JUDGED_TOO_LONG };

/* Where it is good, `witness` (a copy of made) gets the positions and ids of the order found. */
enum judgement judge(const struct sim_history *made, struct sim_history *witness);

#endif

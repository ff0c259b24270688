/* SPDX-License-Identifier: MIT */
/*
 * The ledger: which numbered tuples were put and which came back, each once.
 *
 * Every tuple of a run carries a number of its own, from 0. A bit a number: what is told twice,
 * what was never put and what is missing at the end all show.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

struct ledger {
    uint64_t *taken_bits;
    uint64_t capacity; /* numbers that taken_bits has room for */
    uint64_t issued;   /* numbers given out: 0 to issued - 1 */
    uint64_t put;      /* puts that the server has answered */
    uint64_t taken;
};

void ledger_deinit(struct ledger *ledger);

uint64_t ledger_issue(struct ledger *ledger);
/* False, and a check failed, where this number was never issued or was taken before. */
bool ledger_take(struct ledger *ledger, uint64_t number, const char *server);
/* At the end of a run that took everything out again. */
bool ledger_settled(const struct ledger *ledger, const char *server);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The report: a table for people, JSON with every raw figure for programs.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "contrib/bench/results.h"

/* The circumstances of a run. */
struct setting {
    bool quick;
    unsigned rounds;
    uint64_t seconds;        /* it took */
    int64_t load_percent;    /* processes that ran in the minute before, in hundredths */
    int server_cpu, own_cpu; /* pinned to; -1: not pinned */
    bool has[SERVER_KINDS];  /* measured in this run */
    char versions[SERVER_KINDS][160];
};

void report_table(const struct results *results, const struct setting *setting);
/* False, with errno set, where the file could not be written. */
bool report_json(const struct results *results, const struct setting *setting, const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What bench/engine measures inside the engine, without a server; engine/parts.h says what it prints.
 */
#ifndef BENCH_INSIDE_H
#define BENCH_INSIDE_H

#include "contrib/bench/measure.h"

struct inside_figure {
    char part[16], what[16];
    uint64_t size, requests, ns, back_ns;
};

/* Runs it for these parts, over stocks of these sizes (none: its own), and calls with each figure. A
 * check fails where it does not end with status 0. */
void inside_run(const struct plan *plan, const char *parts, const uint64_t *sizes, unsigned count,
                void (*figure)(void *context, const struct inside_figure *figure), void *context,
                struct results *results);

/* The same of a command that prints such lines. */
void inside_read(const char *command,
                 void (*figure)(void *context, const struct inside_figure *figure), void *context,
                 struct results *results);

/* The figures of one part as a row: a cell a column of its grid. */
void inside_row(const struct plan *plan, const char *part, const struct grid *grid,
                struct cell *cells, struct results *results);

/* As a sample: requests and their time. */
struct sample inside_sample(uint64_t requests, uint64_t ns);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The growth curves as a picture: BUILD/growth.dat, and by gnuplot BUILD/growth.svg.
 */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "contrib/bench/measure.h"

#define CURVES_MAX 24

struct curve {
    const char *name;
    const struct cell *cells; /* by column of the grid */
};

/* The curves in order; the columns are the tuples stored. A note tells where there is no gnuplot. */
void plot_growth(const struct plan *plan, const struct grid *grid, const struct curve *curves,
                 unsigned count, struct results *results);

#endif

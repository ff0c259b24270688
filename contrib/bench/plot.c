/* SPDX-License-Identifier: MIT */
#include "contrib/bench/plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"

/* A curve without a point has one that is not seen, so that the others keep their numbers. */
static void write_curve(FILE *out, const struct grid *grid, const struct curve *curve)
{
    unsigned points = 0;

    fprintf(out, "\"%s\"\n", curve->name);
    for (unsigned c = 0; c < grid->column_count; c++) {
        if (curve->cells[c].rounds == 0)
            continue;
        fprintf(out, "%" PRIu64 " %" PRId64 "\n", grid->columns[c], cell_ns(&curve->cells[c]));
        points++;
    }
    fputs(points ? "\n\n" : "NaN NaN\n\n\n", out);
}

void plot_growth(const struct plan *plan, const struct grid *grid, const struct curve *curves,
                 unsigned count, struct results *results)
{
    char path[512], command[2048];

    if (!plan->scripts)
        return;
    snprintf(path, sizeof path, "%s/growth.dat", plan->options.build);
    FILE *out = fopen(path, "we");
    if (!out)
        die("%s: %s", path, strerror(errno));
    for (unsigned i = 0; i < count; i++)
        write_curve(out, grid, &curves[i]);
    if (fclose(out) != 0)
        die("%s: %s", path, strerror(errno));
    snprintf(command, sizeof command,
             "gnuplot -e \"data='%s/growth.dat'; out='%s/growth.svg'\" '%s/growth.gp'",
             plan->options.build, plan->options.build, plan->scripts);
    if (system("command -v gnuplot >/dev/null 2>&1") != 0)
        results_note(results, "growth.svg, a plot of the growth: no gnuplot here (gnuplot-nox)");
    else if (system(command) != 0)
        check_failed("gnuplot failed: %s", command);
    else
        results->plot = results_text("%s/growth.svg", plan->options.build);
}

/* SPDX-License-Identifier: MIT */
/*
 * Whether a space that is there and hidden can be told by time from one that is not there (rule S31):
 * the difference of a request's time inside the engine, and how well it is known.
 */
#include "contrib/bench/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/inside.h"

#define MOST_NS 10
#define BLOCKS_MOST 65536

/* A request's nanoseconds, of each block. */
struct asked {
    const char *what, *name;
    double hidden[BLOCKS_MOST], absent[BLOCKS_MOST], more[BLOCKS_MOST];
    unsigned count;
};

static const char *const names[][2] = {{"rdp", "rdp"},
                                       {"count", "count"},
                                       {"atomic", "atomic that does not wait"},
                                       {"beside", "rdp, then one in a space of its own"}};
#define WAYS (sizeof names / sizeof *names)

static void take_figure(void *context, const struct inside_figure *figure)
{
    struct asked *asked = context;
    const double requests = (double)figure->requests;

    for (size_t i = 0; i < WAYS; i++, asked++) {
        const unsigned n = asked->count;
        if (strcmp(asked->what, figure->what) != 0 || n == BLOCKS_MOST)
            continue;
        asked->hidden[n] = (double)figure->ns / requests;
        asked->absent[n] = (double)figure->back_ns / requests;
        asked->more[n] = asked->hidden[n] - asked->absent[n];
        asked->count++;
    }
}

static int by_size(const void *a, const void *b)
{
    const double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static int64_t median_ps(double *list, unsigned count)
{
    qsort(list, count, sizeof *list, by_size);
    return count ? llround(1000 * list[count / 2]) : 0;
}

static double mean(const double *list, unsigned count)
{
    double sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += list[i];
    return count ? sum / count : 0;
}

/* Of the mean of them. */
static double error_of(const double *list, unsigned count)
{
    const double middle = mean(list, count);
    double sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += (list[i] - middle) * (list[i] - middle);
    return count > 1 ? sqrt(sum / (count - 1) / count) : 0;
}

static struct cell *add_row(struct results *results, const char *name, const char *group,
                            int64_t number)
{
    struct cell *cell = &results_row(results, name, group)->cells[SERVER_TSD];

    cell_set(cell, number);
    return cell;
}

static void report(struct results *results, struct asked *asked)
{
    const char *group = results_text("hidden: %s", asked->name);
    const int64_t more_ps = llround(1000 * mean(asked->more, asked->count));

    add_row(results, "a hidden space, median, ps", group, median_ps(asked->hidden, asked->count));
    add_row(results, "none, median, ps", group, median_ps(asked->absent, asked->count));
    struct cell *more = add_row(results, "hidden costs more, mean, ps", group, more_ps);
    add_row(results, "  its standard error, ps", group,
            llround(1000 * error_of(asked->more, asked->count)));
    target_number(results, results_text("hidden against not there, by %s", asked->name), "ps",
                  false, MOST_NS * 1000, more);
}

void measure_hidden(const struct plan *plan, struct results *results)
{
    struct asked *asked = allocate(WAYS * sizeof *asked);

    for (size_t i = 0; i < WAYS; i++) {
        asked[i].what = names[i][0];
        asked[i].name = names[i][1];
    }
    inside_run(plan, "hidden", NULL, 0, take_figure, asked, results);
    for (size_t i = 0; i < WAYS; i++)
        report(results, &asked[i]);
    free(asked);
}

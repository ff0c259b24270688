/* SPDX-License-Identifier: MIT */
/*
 * What taking costs with a thousand tuples stored, and with ten million, by what is looked for: over
 * sockets, with a daemon for each size, measured in turn; inside the engine; and by who scans.
 */
#include "contrib/bench/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/inside.h"
#include "contrib/bench/plot.h"
#include "contrib/bench/stock.h"

#define SIZES 5
#define MODES 3
#define WAYS 6 /* inside the engine also by a wide range */
#define PATIENCE_NS(tuples) (UINT64_C(10000000000) + 6000 * (uint64_t)(tuples))

static const uint64_t sizes[SIZES] = {1000, 10000, 100000, 1000000, 10000000};
#define RINDA_SIZES 3 /* the first ones: what is bearable */

static const char *const bys[GROWN_BYS] = {"first field", "third field", "second and fourth field",
                                           "range", "first field, rest"};

static const struct mode {
    const char *name, *title;
    unsigned clients, window;
    int64_t most, most_by_range; /* percent; 0: none */
} modes[MODES] = {
    {"1 client", "inp and the out that puts it back, 1 client", 1, 1, 0, 0},
    {"closed loop", "inp and the out that puts it back, 50 clients in closed loop", STOCK_CLIENTS,
     1, 110, 130},
    {"64 in flight", "inp and the out that puts it back, 50 clients, 64 in flight each",
     STOCK_CLIENTS, 64, 250, 400},
};

static const struct way {
    const char *what, *take, *put;
} ways[WAYS] = {
    {"first", "inp by first field", "  the out that puts it back"},
    {"third", "inp by third field", "  the out that puts it back"},
    {"two", "inp by second and fourth field", "  the out that puts it back"},
    {"range", "inp by range, 5 in it", "  the out that puts it back"},
    {"rest", "inp by first field, rest", "  the out that puts it back"},
    {"wide-range", "inp by range, 1 % of all in it", "  the out that puts it back"},
};

struct growth {
    const struct plan *plan;
    struct results *results;
    unsigned count; /* of sizes */
    struct grid *modes[MODES], *inside, *scans;
    struct cell *by_mode[MODES][GROWN_BYS];
    struct cell *takes[WAYS], *puts[WAYS], *scan, *rinda;
};

static void run_one(const struct plan *plan, struct stock *stock, const struct mode *mode,
                    struct cell *cell)
{
    const struct load load = {.clients = mode->clients,
                              .window = mode->window,
                              .warm_ns = plan->warm_ns / 2,
                              .measured_ns = plan->measured_ns / 4};
    struct sample sample;

    if (stock_run(stock, &load, &sample))
        cell_add(cell, &sample);
}

static void measure_by(struct growth *growth, struct stock *stocks, enum grown_by by)
{
    const struct plan *plan = growth->plan;
    const unsigned count = growth->count;
    unsigned settled = 0; /* that walk are not worth the time, nor larger ones */

    while (settled < count &&
           stock_settle(&stocks[settled], by, PATIENCE_NS(stocks[settled].grown.count)))
        settled++;
    if (settled < count)
        results_note(growth->results, "inp by %s with %u stored and more: it walks", bys[by],
                     stocks[settled].grown.count);
    for (unsigned round = 0; round < plan->rounds; round++)
        for (unsigned m = 0; m < MODES; m++)
            for (unsigned s = 0; s < settled && check_failures() == 0; s++)
                run_one(plan, &stocks[s], &modes[m], &growth->by_mode[m][by][s]);
    for (unsigned m = 0; m < MODES; m++)
        if (modes[m].most)
            target_ratio(growth->results,
                         results_text("inp by %s, %s: of 1 k", bys[by], modes[m].name), false,
                         by == GROWN_RANGE ? modes[m].most_by_range : modes[m].most,
                         &growth->by_mode[m][by][0], &growth->by_mode[m][by][count - 1]);
}

/* Each index has daemons of its own: what one costs that is not looked in is not another one's. The
 * first field's serves with a rest, too. */
static void measure_sockets(struct growth *growth)
{
    static const enum grown_by order[] = {GROWN_FIRST, GROWN_REST, GROWN_THIRD, GROWN_TWO,
                                          GROWN_RANGE};
    struct stock stocks[SIZES];

    for (int i = 0; i < GROWN_BYS && check_failures() == 0; i++) {
        for (unsigned s = 0; order[i] != GROWN_REST && s < growth->count; s++)
            stock_start(&stocks[s], &growth->plan->options, (uint32_t)sizes[s]);
        measure_by(growth, stocks, order[i]);
        for (unsigned s = 0; order[i] != GROWN_FIRST && s < growth->count; s++)
            stock_stop(&stocks[s]);
    }
}

static void add(struct cell *cells, unsigned count, const struct inside_figure *figure, uint64_t ns)
{
    const struct sample sample = inside_sample(figure->requests, ns);

    for (unsigned s = 0; s < count; s++)
        if (sizes[s] == figure->size)
            cell_add(&cells[s], &sample);
}

static void take_figure(void *context, const struct inside_figure *figure)
{
    struct growth *growth = context;

    if (strcmp(figure->part, "scan") == 0)
        add(growth->scan, growth->count, figure, figure->ns);
    else if (strcmp(figure->part, "rinda") == 0)
        add(growth->rinda, growth->count, figure, figure->ns);
    for (unsigned w = 0; w < WAYS && strcmp(figure->part, "growth") == 0; w++) {
        if (strcmp(figure->what, ways[w].what) != 0)
            continue;
        add(growth->takes[w], growth->count, figure, figure->ns);
        add(growth->puts[w], growth->count, figure, figure->back_ns);
    }
}

static void measure_inside(struct growth *growth)
{
    inside_run(growth->plan, "growth scan", sizes, growth->count, take_figure, growth,
               growth->results);
    for (unsigned w = 0; w < WAYS; w++)
        target_ratio(growth->results, results_text("%s, in the engine: of 1 k", ways[w].take),
                     false, 1000, &growth->takes[w][0], &growth->takes[w][growth->count - 1]);
}

static void measure_rinda(struct growth *growth)
{
    const struct plan *plan = growth->plan;
    char command[1024];

    if (!plan->scripts)
        return;
    if (system("ruby -r rinda/tuplespace -e 1 >/dev/null 2>&1") != 0) {
        results_note(growth->results, "Rinda: there is no ruby here (package ruby)");
        return;
    }
    size_t at = (size_t)snprintf(command, sizeof command, "ruby '%s/rinda.rb' '%s' %d",
                                 plan->scripts, plan->options.folder, plan->quick ? 200 : 1000);
    for (unsigned s = 0; s < RINDA_SIZES; s++)
        at += (size_t)snprintf(command + at, sizeof command - at, " %" PRIu64, sizes[s]);
    inside_read(command, take_figure, growth, growth->results);
}

static void lay_out(struct growth *growth)
{
    struct results *results = growth->results;

    for (unsigned m = 0; m < MODES; m++) {
        growth->modes[m] =
            results_grid(results, modes[m].title, "tuples stored", sizes, growth->count);
        for (int by = 0; by < GROWN_BYS; by++)
            growth->by_mode[m][by] = grid_row(growth->modes[m], bys[by]);
    }
    growth->inside =
        results_grid(results, "inside the engine, CPU time", "tuples stored", sizes, growth->count);
    for (unsigned w = 0; w < WAYS; w++) {
        growth->takes[w] = grid_row(growth->inside, ways[w].take);
        growth->puts[w] = grid_row(growth->inside, ways[w].put);
    }
    growth->scans = results_grid(results, "for comparison: who scans, by third field",
                                 "tuples stored", sizes, growth->count);
    growth->scan = grid_row(growth->scans, "the same tuples in an array, a look");
    growth->rinda = grid_row(growth->scans, "Rinda, take and write");
}

static void plot(const struct growth *growth)
{
    struct curve curves[CURVES_MAX];
    unsigned count = 0;

    for (int by = 0; by < GROWN_BYS; by++)
        curves[count++] = (struct curve){bys[by], growth->takes[by]};
    for (unsigned m = 1; m < MODES; m++)
        for (int by = 0; by < GROWN_BYS; by++)
            curves[count++] = (struct curve){bys[by], growth->by_mode[m][by]};
    curves[count++] = (struct curve){"scan of an array, third field", growth->scan};
    curves[count++] = (struct curve){"Rinda (closed loop), third field", growth->rinda};
    plot_growth(growth->plan, growth->inside, curves, count, growth->results);
}

void measure_growth(const struct plan *plan, struct results *results)
{
    struct growth growth = {
        .plan = plan, .results = results, .count = plan->quick ? SIZES - 1 : SIZES};

    if (!plan->has[SERVER_TSD])
        return;
    lay_out(&growth);
    measure_sockets(&growth);
    if (check_failures() == 0)
        measure_inside(&growth);
    if (check_failures() == 0)
        measure_rinda(&growth);
    plot(&growth);
}

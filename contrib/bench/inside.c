/* SPDX-License-Identifier: MIT */
#include "contrib/bench/inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "contrib/bench/check.h"

struct sample inside_sample(uint64_t requests, uint64_t ns)
{
    return (struct sample){.requests = requests, .wall_ns = ns};
}

static void list_sizes(char *text, size_t room, const uint64_t *sizes, unsigned count)
{
    size_t at = (size_t)snprintf(text, room, count ? "-n " : "");

    for (unsigned i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, room - at, i ? ",%" PRIu64 : "%" PRIu64, sizes[i]);
}

void inside_read(const char *command,
                 void (*take)(void *context, const struct inside_figure *figure), void *context,
                 struct results *results)
{
    char line[256];
    struct inside_figure figure;

    FILE *pipe = popen(command, "re");
    if (!pipe)
        die("popen: %s", strerror(errno));
    while (fgets(line, sizeof line, pipe)) {
        if (sscanf(line, "unsettled %15s %" SCNu64, figure.what, &figure.size) == 2)
            results_note(results, "inside the engine, inp by %s with %" PRIu64 " stored: it walks",
                         figure.what, figure.size);
        else if (sscanf(line, "%15s %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, figure.part,
                        figure.what, &figure.size, &figure.requests, &figure.ns,
                        &figure.back_ns) == 6)
            take(context, &figure);
        else
            check_failed("%s says: %s", command, line);
    }
    if (pclose(pipe) != 0)
        check_failed("this failed: %s", command);
}

void inside_run(const struct plan *plan, const char *parts, const uint64_t *sizes, unsigned count,
                void (*take)(void *context, const struct inside_figure *figure), void *context,
                struct results *results)
{
    char list[128], command[768];

    list_sizes(list, sizeof list, sizes, count);
    snprintf(command, sizeof command, "'%s/bench/engine' -r %u -t %" PRIu64 " %s %s",
             plan->options.build, plan->rounds, plan->measured_ns / 4000000, list, parts);
    inside_read(command, take, context, results);
}

struct row_of {
    const struct grid *grid;
    struct cell *cells;
};

static void add(void *context, const struct inside_figure *figure)
{
    const struct row_of *row = context;

    for (unsigned c = 0; c < row->grid->column_count; c++) {
        const struct sample sample = inside_sample(figure->requests, figure->ns);
        if (row->grid->columns[c] == figure->size)
            cell_add(&row->cells[c], &sample);
    }
}

void inside_row(const struct plan *plan, const char *part, const struct grid *grid,
                struct cell *cells, struct results *results)
{
    struct row_of row = {grid, cells};
    const uint64_t stock[] = {plan->quick ? plan->many / 10 : plan->many};

    inside_run(plan, part, stock, 1, add, &row, results);
}

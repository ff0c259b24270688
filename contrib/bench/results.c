/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* vasprintf */
#include "contrib/bench/results.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"

struct row *results_row(struct results *results, const char *name, const char *unit)
{
    if (results->row_count == ROWS_MAX)
        die("more than %d rows", ROWS_MAX);
    struct row *row = &results->rows[results->row_count++];
    row->name = name;
    row->unit = unit;
    return row;
}

void results_note(struct results *results, const char *format, ...)
{
    va_list list;

    if (results->note_count == NOTES_MAX)
        die("more than %d notes", NOTES_MAX);
    va_start(list, format);
    vsnprintf(results->notes[results->note_count++], sizeof results->notes[0], format, list);
    va_end(list);
}

struct grid *results_grid(struct results *results, const char *title, const char *across,
                          const uint64_t *columns, unsigned column_count)
{
    if (results->grid_count == GRIDS_MAX || column_count > GRID_COLUMNS)
        die("more than %d grids or %d columns", GRIDS_MAX, GRID_COLUMNS);
    struct grid *grid = &results->grids[results->grid_count++];
    grid->title = title;
    grid->across = across;
    grid->column_count = column_count;
    memcpy(grid->columns, columns, column_count * sizeof *columns);
    return grid;
}

struct cell *grid_row(struct grid *grid, const char *name)
{
    if (grid->row_count == GRID_ROWS)
        die("more than %d rows in a grid", GRID_ROWS);
    struct grid_row *row = &grid->rows[grid->row_count++];
    row->name = name;
    return row->cells;
}

const char *results_text(const char *format, ...)
{
    char *text;
    va_list list;

    va_start(list, format);
    if (vasprintf(&text, format, list) < 0)
        die("no memory");
    va_end(list);
    return text;
}

void cell_add(struct cell *cell, const struct sample *sample)
{
    if (cell->rounds < ROUNDS_MAX)
        cell->samples[cell->rounds++] = *sample;
}

void cell_set(struct cell *cell, int64_t number)
{
    cell->has_number = true;
    cell->number = number;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int64_t median(double *values, unsigned count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare);
    return (int64_t)((values[(count - 1) / 2] + values[count / 2]) / 2 + 0.5);
}

static double rate_of(const struct sample *sample)
{
    return sample->wall_ns ? (double)sample->requests * 1e9 / (double)sample->wall_ns : 0;
}

int64_t cell_rate(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    for (unsigned i = 0; i < cell->rounds; i++)
        values[i] = rate_of(&cell->samples[i]);
    return median(values, cell->rounds);
}

static double by_request(const struct sample *sample, uint64_t cpu_ns)
{
    return (double)cpu_ns / (double)(sample->requests ? sample->requests : 1);
}

int64_t cell_ns(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    for (unsigned i = 0; i < cell->rounds; i++)
        values[i] = by_request(&cell->samples[i], cell->samples[i].wall_ns);
    return median(values, cell->rounds);
}

int64_t cell_server_ns(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    for (unsigned i = 0; i < cell->rounds; i++)
        values[i] = by_request(&cell->samples[i], cell->samples[i].server_ns);
    return median(values, cell->rounds);
}

int64_t cell_generator_ns(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    for (unsigned i = 0; i < cell->rounds; i++)
        values[i] = by_request(&cell->samples[i], cell->samples[i].generator_ns);
    return median(values, cell->rounds);
}

int64_t cell_busy_percent(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    for (unsigned i = 0; i < cell->rounds; i++) {
        const struct sample *sample = &cell->samples[i];
        values[i] = (double)sample->generator_ns * 100 / (double)(sample->wall_ns + 1);
    }
    return median(values, cell->rounds);
}

static struct target *new_target(struct results *results, const char *name, const char *unit,
                                 bool at_least, int64_t limit)
{
    if (results->target_count == TARGETS_MAX)
        die("more than %d targets", TARGETS_MAX);
    struct target *target = &results->targets[results->target_count++];
    *target = (struct target){name, unit, at_least, false, limit, 0, 0};
    return target;
}

void target_number(struct results *results, const char *name, const char *unit, bool at_least,
                   int64_t limit, const struct cell *cell)
{
    struct target *target = new_target(results, name, unit, at_least, limit);

    target->measured = cell->has_number;
    target->value = cell->number;
}

void target_ratio(struct results *results, const char *name, bool at_least, int64_t limit_percent,
                  const struct cell *a, const struct cell *b)
{
    struct target *target = new_target(results, name, "%", at_least, limit_percent);
    unsigned rounds = a->rounds < b->rounds ? a->rounds : b->rounds;
    double rates[ROUNDS_MAX], costs[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++) {
        const struct sample *x = &a->samples[i], *y = &b->samples[i];
        rates[i] = rate_of(y) > 0 ? rate_of(x) * 100 / rate_of(y) : 0;
        costs[i] =
            x->server_ns > 0 ? by_request(y, y->server_ns) * 100 / by_request(x, x->server_ns) : 0;
    }
    target->measured = rounds > 0;
    target->value = median(rates, rounds);
    target->by_cpu = median(costs, rounds);
}

void target_time(struct results *results, const char *name, int64_t limit_percent,
                 const struct cell *a, const struct cell *b, const struct cell *c)
{
    struct target *target = new_target(results, name, "%", false, limit_percent);
    double times[ROUNDS_MAX];
    unsigned rounds = 0;

    for (; rounds < a->rounds; rounds++) {
        double best = rounds < b->rounds ? rate_of(&b->samples[rounds]) : 0;
        double other = rounds < c->rounds ? rate_of(&c->samples[rounds]) : 0;
        if (other > best)
            best = other;
        if (best == 0)
            break;
        times[rounds] = best * 100 / rate_of(&a->samples[rounds]);
    }
    target->measured = rounds > 0;
    target->value = median(times, rounds);
}

bool target_reached(const struct target *target)
{
    return target->measured &&
           (target->at_least ? target->value >= target->limit : target->value <= target->limit);
}

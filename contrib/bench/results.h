/* SPDX-License-Identifier: MIT */
/*
 * What was measured: a table of rows by servers, and the targets.
 *
 * A cell holds either a sample for each round or one number. Medians are over rounds; a ratio of two
 * cells is the median of the rounds' own ratios, each taken from samples that stand side by side in
 * time, so that what slows the whole machine down for a while does not show in it.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "contrib/bench/load.h"
#include "contrib/bench/server.h"

#define ROUNDS_MAX 32
#define ROWS_MAX 320
#define TARGETS_MAX 128
#define NOTES_MAX 40
#define GRIDS_MAX 8
#define GRID_ROWS 16
#define GRID_COLUMNS 6

struct cell {
    unsigned rounds;
    struct sample samples[ROUNDS_MAX];
    bool has_number;
    int64_t number;
};

struct row {
    const char *name;
    const char *unit; /* of samples "requests/s" or "visits/s" */
    struct cell cells[SERVER_KINDS];
};

/* What something costs by what it costs with: ns each, of samples. */
struct grid_row {
    const char *name;
    struct cell cells[GRID_COLUMNS];
};
struct grid {
    const char *title, *across; /* of what; what the columns are */
    unsigned column_count, row_count;
    uint64_t columns[GRID_COLUMNS];
    struct grid_row rows[GRID_ROWS];
};

struct target {
    const char *name;
    const char *unit; /* "%", "bytes", "wake-ups" */
    bool at_least;    /* else at most */
    bool measured;
    int64_t limit, value;
    int64_t by_cpu; /* a ratio's like by the servers' CPU time a request; 0: none */
};

struct results {
    unsigned row_count, target_count, note_count, grid_count;
    struct row rows[ROWS_MAX];
    struct target targets[TARGETS_MAX];
    struct grid grids[GRIDS_MAX];
    const char *plot;           /* the file of it; NULL: none was made */
    char notes[NOTES_MAX][160]; /* what was not measured in this run, and why */
};

struct row *results_row(struct results *results, const char *name, const char *unit);
void results_note(struct results *results, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct grid *results_grid(struct results *results, const char *title, const char *across,
                          const uint64_t *columns, unsigned column_count);
/* Its cells, one a column. */
struct cell *grid_row(struct grid *grid, const char *name);
/* A text that lives as long as the program. */
const char *results_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

void cell_add(struct cell *cell, const struct sample *sample);
void cell_set(struct cell *cell, int64_t number);
int64_t cell_rate(const struct cell *cell);         /* a second, median; 0 without samples */
int64_t cell_ns(const struct cell *cell);           /* of wall time a request, median */
int64_t cell_server_ns(const struct cell *cell);    /* CPU of the server a request, median */
int64_t cell_generator_ns(const struct cell *cell); /* CPU of the load generator a request */
int64_t cell_busy_percent(const struct cell *cell); /* of a core, the load generator */

/* Adds a target on a number, or on a's rate as a part of b's; not measured where one is missing. */
void target_number(struct results *results, const char *name, const char *unit, bool at_least,
                   int64_t limit, const struct cell *cell);
void target_ratio(struct results *results, const char *name, bool at_least, int64_t limit_percent,
                  const struct cell *a, const struct cell *b);
/* On a's time as a part of b's, or of c's where that is less; either may be without samples. */
void target_time(struct results *results, const char *name, int64_t limit_percent,
                 const struct cell *a, const struct cell *b, const struct cell *c);
bool target_reached(const struct target *target);

#endif

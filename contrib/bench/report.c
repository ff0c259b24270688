/* SPDX-License-Identifier: MIT */
#include "contrib/bench/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "contrib/bench/check.h"

#define NAME_WIDTH 46
#define BUSY_LOAD_PERCENT 50
#define BUSY_PERCENT 97 /* from here on the load generator is what is measured */

/* A number in groups of three digits: 1,234,567. */
static const char *grouped(int64_t value, char text[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, value), at = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

static void print_number(bool has, int64_t value, int width)
{
    char text[32];

    printf("  %*s", width, has ? grouped(value, text) : "-");
}

/* Only servers that have a figure in a table have a column in it. */
static bool shown[SERVER_KINDS];

static void show_those_of(const struct results *results, unsigned from)
{
    memset(shown, 0, sizeof shown);
    for (unsigned i = from; i < results->row_count; i++) {
        const struct row *row = &results->rows[i];
        if (strcmp(row->unit, results->rows[from].unit) != 0)
            return;
        for (int kind = 0; kind < SERVER_KINDS; kind++)
            shown[kind] |= row->cells[kind].rounds > 0 || row->cells[kind].has_number;
    }
}

static int shown_count(void)
{
    int count = 0;

    for (int kind = 0; kind < SERVER_KINDS; kind++)
        count += shown[kind];
    return count;
}

static void print_sampled_row(const struct row *row)
{
    printf("%-*s", NAME_WIDTH, row->name);
    for (int i = 0; i < SERVER_KINDS; i++)
        if (shown[i])
            print_number(row->cells[i].rounds > 0, cell_rate(&row->cells[i]), 10);
    printf("  ");
    for (int i = 0; i < SERVER_KINDS; i++)
        if (shown[i])
            print_number(row->cells[i].rounds > 0, cell_server_ns(&row->cells[i]), 10);
    printf("  ");
    for (int i = 0; i < SERVER_KINDS; i++)
        if (shown[i])
            print_number(row->cells[i].rounds > 0, cell_busy_percent(&row->cells[i]), 10);
    putchar('\n');
}

static void print_heads(const char *unit, bool sampled)
{
    static const char *const titles[] = {"a second", "server's CPU, ns each", "generator busy, %"};
    static const int width = 10; /* as the longest server's name */

    printf("\n%-*s", NAME_WIDTH, sampled ? "" : unit);
    for (int part = 0; sampled && part < 3; part++)
        printf("  %-*s", shown_count() * (width + 2), titles[part]);
    if (sampled)
        printf("\n%-*s", NAME_WIDTH, unit);
    for (int part = 0; part < (sampled ? 3 : 1); part++) {
        printf(part ? "  " : "");
        for (int kind = 0; kind < SERVER_KINDS; kind++)
            if (shown[kind])
                printf("  %*s", width, server_drivers[kind]->name);
    }
    putchar('\n');
}

static bool is_sampled(const struct row *row)
{
    for (int kind = 0; kind < SERVER_KINDS; kind++)
        if (row->cells[kind].has_number)
            return false;
    return true;
}

static void print_rows(const struct results *results)
{
    const char *unit = "";

    for (unsigned i = 0; i < results->row_count; i++) {
        const struct row *row = &results->rows[i];
        if (strcmp(unit, row->unit) != 0) {
            show_those_of(results, i);
            print_heads(row->unit, is_sampled(row));
        }
        unit = row->unit;
        if (is_sampled(row)) {
            print_sampled_row(row);
            continue;
        }
        printf("%-*s", NAME_WIDTH, row->name);
        for (int kind = 0; kind < SERVER_KINDS; kind++)
            if (shown[kind])
                print_number(row->cells[kind].has_number, row->cells[kind].number, 10);
        putchar('\n');
    }
}

static void print_grid(const struct grid *grid)
{
    printf("\n%s, ns each, by %s\n%-*s", grid->title, grid->across, NAME_WIDTH, "");
    for (unsigned c = 0; c < grid->column_count; c++)
        print_number(true, (int64_t)grid->columns[c], 12);
    putchar('\n');
    for (unsigned r = 0; r < grid->row_count; r++) {
        const struct grid_row *row = &grid->rows[r];
        printf("%-*s", NAME_WIDTH, row->name);
        for (unsigned c = 0; c < grid->column_count; c++)
            print_number(row->cells[c].rounds > 0, cell_ns(&row->cells[c]), 12);
        putchar('\n');
    }
}

static const char *verdict(const struct target *target)
{
    if (!target->measured)
        return "not measured";
    return target_reached(target) ? "yes" : "NO";
}

static void print_targets(const struct results *results)
{
    printf("\n%-58s  %14s  %10s  %12s  %8s\n", "targets", "to reach", "this run", "reached",
           "by CPU");
    for (unsigned i = 0; i < results->target_count; i++) {
        const struct target *target = &results->targets[i];
        char limit[48];
        snprintf(limit, sizeof limit, "%s %" PRId64 " %s",
                 target->at_least ? ">=" : "<=", target->limit, target->unit);
        printf("%-58s  %14s", target->name, limit);
        print_number(target->measured, target->value, 10);
        printf("  %12s", verdict(target));
        print_number(target->by_cpu > 0, target->by_cpu, 8);
        putchar('\n');
    }
}

static void print_busy(const struct results *results)
{
    for (unsigned i = 0; i < results->row_count; i++) {
        for (int k = 0; k < SERVER_KINDS; k++) {
            const struct cell *cell = &results->rows[i].cells[k];
            if (cell->rounds > 0 && cell_busy_percent(cell) >= BUSY_PERCENT)
                printf("%s, %s: the load generator was busy all the time; the server can do more\n",
                       results->rows[i].name, server_drivers[k]->name);
        }
    }
}

void report_table(const struct results *results, const struct setting *setting)
{
    print_rows(results);
    for (unsigned i = 0; i < results->grid_count; i++)
        print_grid(&results->grids[i]);
    print_targets(results);
    putchar('\n');
    print_busy(results);
    for (unsigned i = 0; i < results->note_count; i++)
        printf("not measured: %s\n", results->notes[i]);
    for (int i = 0; i < SERVER_KINDS; i++)
        if (setting->has[i])
            printf("%s: %s\n", server_drivers[i]->name, setting->versions[i]);
    if (setting->load_percent > BUSY_LOAD_PERCENT)
        printf("other processes were running (load %" PRId64 " %% before the run): rates and their "
               "ratios are rough; the ratios by CPU are not as sensitive\n",
               setting->load_percent);
    printf("%u rounds, medians; took %" PRIu64 " s%s\n", setting->rounds, setting->seconds,
           setting->quick ? "; quick: figures are rough" : "");
    if (check_failures() > 0)
        printf("%" PRIu64 " CHECKS FAILED, the figures mean nothing; the first: %s\n",
               check_failures(), check_first());
    else
        printf("all checks passed: every answer right, each tuple taken once, none missing\n");
}

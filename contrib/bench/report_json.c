/* SPDX-License-Identifier: MIT */
#include "contrib/bench/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/tuple.h"

static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void write_named(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\": ", name);
    write_string(out, text);
}

/* The CPU's name as /proc/cpuinfo has it, "" where it has none. */
static void cpu_model(char *model, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");

    model[0] = '\0';
    while (file && !model[0] && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':'))
            snprintf(model, size, "%.*s", (int)strcspn(strchr(line, ':') + 2, "\n"),
                     strchr(line, ':') + 2);
    if (file)
        fclose(file);
}

static void write_machine(FILE *out)
{
    struct utsname system;
    char model[200], kernel[200];

    cpu_model(model, sizeof model);
    uname(&system);
    snprintf(kernel, sizeof kernel, "%s %s %s", system.sysname, system.release, system.machine);
    fputs("  \"machine\": {", out);
    write_named(out, "cpu", model);
    fprintf(out, ", \"cores\": %ld, \"memory_bytes\": %" PRIu64 ", ", sysconf(_SC_NPROCESSORS_ONLN),
            (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
    write_named(out, "kernel", kernel);
    fputs("},\n", out);
}

static void write_setting(FILE *out, const struct setting *setting)
{
    char date[32];
    time_t now = time(NULL);

    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    fputs("  ", out);
    write_named(out, "date", date);
    fprintf(out,
            ",\n  \"quick\": %s, \"rounds\": %u, \"seconds\": %" PRIu64
            ", \"load_percent_before\": %" PRId64
            ", \"server_cpu\": %d, \"generator_cpu\": %d, \"tuple_bytes\": %d,\n",
            setting->quick ? "true" : "false", setting->rounds, setting->seconds,
            setting->load_percent, setting->server_cpu, setting->own_cpu, TUPLE_BYTES);
    write_machine(out);
    fputs("  \"versions\": {", out);
    bool more = false;
    for (int i = 0; i < SERVER_KINDS; i++) {
        if (!setting->has[i])
            continue;
        fputs(more ? ", " : "", out);
        write_named(out, server_drivers[i]->name, setting->versions[i]);
        more = true;
    }
    fputs("},\n", out);
}

static void write_cell(FILE *out, const struct cell *cell)
{
    if (cell->has_number) {
        fprintf(out, "{\"number\": %" PRId64 "}", cell->number);
        return;
    }
    fprintf(out,
            "{\"rate\": %" PRId64 ", \"server_ns\": %" PRId64 ", \"generator_ns\": %" PRId64
            ", \"generator_busy_percent\": %" PRId64 ",\n      \"rounds\": [",
            cell_rate(cell), cell_server_ns(cell), cell_generator_ns(cell),
            cell_busy_percent(cell));
    for (unsigned i = 0; i < cell->rounds; i++) {
        const struct sample *sample = &cell->samples[i];
        fprintf(out,
                "%s\n        {\"requests\": %" PRIu64 ", \"wall_ns\": %" PRIu64
                ", \"server_cpu_ns\": %" PRIu64 ", \"generator_cpu_ns\": %" PRIu64 "}",
                i ? "," : "", sample->requests, sample->wall_ns, sample->server_ns,
                sample->generator_ns);
    }
    fputs("]}", out);
}

static void write_rows(FILE *out, const struct results *results)
{
    fputs("  \"measurements\": [", out);
    for (unsigned i = 0; i < results->row_count; i++) {
        const struct row *row = &results->rows[i];
        fputs(i ? ",\n    {" : "\n    {", out);
        write_named(out, "name", row->name);
        fputs(", ", out);
        write_named(out, "unit", row->unit);
        for (int k = 0; k < SERVER_KINDS; k++) {
            if (row->cells[k].rounds == 0 && !row->cells[k].has_number)
                continue;
            fprintf(out, ",\n     \"%s\": ", server_drivers[k]->name);
            write_cell(out, &row->cells[k]);
        }
        fputc('}', out);
    }
    fputs("\n  ],\n", out);
}

static void write_grid_row(FILE *out, const struct grid *grid, const struct grid_row *row)
{
    fputs("{", out);
    write_named(out, "name", row->name);
    for (unsigned c = 0; c < grid->column_count; c++) {
        if (row->cells[c].rounds == 0)
            continue;
        fprintf(out, ",\n       \"%" PRIu64 "\": ", grid->columns[c]);
        write_cell(out, &row->cells[c]);
    }
    fputs("}", out);
}

static void write_grids(FILE *out, const struct results *results)
{
    fputs("  \"grids\": [", out);
    for (unsigned i = 0; i < results->grid_count; i++) {
        const struct grid *grid = &results->grids[i];
        fputs(i ? ",\n    {" : "\n    {", out);
        write_named(out, "name", grid->title);
        fputs(", ", out);
        write_named(out, "by", grid->across);
        fputs(", \"rows\": [", out);
        for (unsigned r = 0; r < grid->row_count; r++) {
            fputs(r ? ",\n      " : "\n      ", out);
            write_grid_row(out, grid, &grid->rows[r]);
        }
        fputs("]}", out);
    }
    fputs("\n  ],\n", out);
}

static void write_targets(FILE *out, const struct results *results)
{
    fputs("  \"targets\": [", out);
    for (unsigned i = 0; i < results->target_count; i++) {
        const struct target *target = &results->targets[i];
        fputs(i ? ",\n    {" : "\n    {", out);
        write_named(out, "name", target->name);
        fputs(", ", out);
        write_named(out, "unit", target->unit);
        fprintf(out, ", \"%s\": %" PRId64, target->at_least ? "at_least" : "at_most",
                target->limit);
        if (target->measured)
            fprintf(out, ", \"value\": %" PRId64 ", \"by_cpu\": %" PRId64 ", \"reached\": %s}",
                    target->value, target->by_cpu, target_reached(target) ? "true" : "false");
        else
            fputs(", \"value\": null, \"reached\": null}", out);
    }
    fputs("\n  ],\n", out);
}

bool report_json(const struct results *results, const struct setting *setting, const char *path)
{
    FILE *out = fopen(path, "we");

    if (!out)
        return false;
    fputs("{\n", out);
    write_setting(out, setting);
    write_rows(out, results);
    write_grids(out, results);
    write_targets(out, results);
    fputs("  \"not_measured\": [", out);
    for (unsigned i = 0; i < results->note_count; i++) {
        fputs(i ? ", " : "", out);
        write_string(out, results->notes[i]);
    }
    fprintf(out, "],\n  \"checks_failed\": %" PRIu64 ", ", check_failures());
    write_named(out, "first_failure", check_first());
    fputs("\n}\n", out);
    bool written = !ferror(out);
    return fclose(out) == 0 && written;
}

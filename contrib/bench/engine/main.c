/* SPDX-License-Identifier: MIT */
/*
 * What requests cost inside the engine, without sockets or a server. `load` starts it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/engine/parts.h"

static const char usage[] =
    "usage: engine [-r ROUNDS] [-t MILLISECONDS] [-n SIZE,...] [-o LOOK] PART...\n"
    "  PART  growth, scan, waits, timers, hidden\n";

static const struct part {
    const char *name;
    void (*run)(const struct parts *parts);
} all[] = {
    {"growth", part_growth}, {"scan", part_scan},     {"waits", part_waits},
    {"timers", part_timers}, {"hidden", part_hidden},
};

static void read_sizes(struct parts *parts, char *list)
{
    parts->size_count = 0;
    for (char *at = strtok(list, ","); at && parts->size_count < SIZES_MAX; at = strtok(NULL, ","))
        parts->sizes[parts->size_count++] = (uint32_t)strtoul(at, NULL, 10);
}

static int run(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, name) == 0) {
            all[i].run(parts);
            return 0;
        }
    }
    fputs(usage, stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct parts parts = {
        .sizes = {1000, 100000}, .size_count = 2, .rounds = 3, .measured_ns = 100000000};
    int at = 1, status = 0;

    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (argv[at][1] == 'r')
            parts.rounds = (unsigned)atoi(argv[at + 1]);
        else if (argv[at][1] == 't')
            parts.measured_ns = strtoull(argv[at + 1], NULL, 10) * 1000000;
        else if (argv[at][1] == 'n')
            read_sizes(&parts, argv[at + 1]);
        else if (argv[at][1] == 'o')
            parts.only = argv[at + 1];
    }
    for (; at < argc && status == 0; at++)
        status = run(&parts, argv[at]);
    return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * The benchmark: tsd, Redis and a bare echo, over Unix sockets, in one run. See README.md.
 */
#define _GNU_SOURCE /* sched_setaffinity, getloadavg */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/measure.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/prove.h"
#include "contrib/bench/report.h"

static const char usage[] =
    "usage: load [-q] [-r ROUNDS] [-p SERVERS,OWN] [-s NAME,...] [-m NAME,...] [-S SCRIPTS]\n"
    "            BUILD FOLDER\n"
    "  BUILD   the build folder: tsd and bench/echo are in it, bench.json goes there\n"
    "  FOLDER  an empty folder for sockets\n"
    "  -q      quick: three short rounds\n"
    "  -r      rounds\n"
    "  -p      pin all servers to one CPU and the load generator to another\n"
    "  -s      only these servers: tsd, redis, echo, beanstalkd\n"
    "  -m      only these measurements: pairs, stock, visits, idle, handoff, pool, costs, slow,\n"
    "          growth, waits, timers, held, stalls, index, refill, hostile, hidden\n"
    "  -S      the folder of rinda.rb and growth.gp: without it neither Rinda nor a plot\n";

static const struct measurement {
    const char *name;
    void (*measure)(const struct plan *plan, struct results *results);
} measurements[] = {
    {"pairs", measure_pairs},     {"stock", measure_stock},     {"visits", measure_visits},
    {"idle", measure_idle},       {"handoff", measure_handoff}, {"pool", measure_pool},
    {"costs", measure_costs},     {"slow", measure_slow},       {"growth", measure_growth},
    {"waits", measure_waits},     {"timers", measure_timers},   {"held", measure_held},
    {"stalls", measure_stalls},   {"index", measure_index},     {"refill", measure_refill},
    {"hostile", measure_hostile}, {"hidden", measure_hidden},
};

static struct plan plan = {.options.cpu = -1,
                           .rounds = 7,
                           .warm_ns = 100000000,
                           .measured_ns = 700000000,
                           .idle_ns = 5000000000,
                           .many = 1000000,
                           .few = 1000};
static struct setting setting = {.server_cpu = -1, .own_cpu = -1};
static struct results results;

/* Whether a list "a,b,c" has the name; no list has all. */
static bool listed(const char *list, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncasecmp(at, name, size) == 0 && (at[size] == ',' || at[size] == '\0'))
            return true;
    return !list;
}

static void be_quick(void)
{
    setting.quick = plan.quick = true;
    plan.rounds = 3;
    plan.warm_ns = 30000000;
    plan.measured_ns = 150000000;
    plan.idle_ns = 2000000000;
}

static void pin(const char *cpus)
{
    cpu_set_t set;

    if (sscanf(cpus, "%d,%d", &plan.options.cpu, &setting.own_cpu) != 2)
        die("-p wants two CPUs, as in -p 0,1");
    setting.server_cpu = plan.options.cpu;
    CPU_ZERO(&set);
    CPU_SET(setting.own_cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        die("CPU %d: %s", setting.own_cpu, strerror(errno));
}

static void find_servers(const char *wanted)
{
    for (int kind = 0; kind < SERVER_KINDS; kind++) {
        if (!listed(wanted, server_drivers[kind]->name)) {
            results_note(&results, "%s, not asked for", server_drivers[kind]->name);
            continue;
        }
        setting.has[kind] = plan.has[kind] = server_version(
            &plan.options, kind, setting.versions[kind], sizeof setting.versions[kind]);
        if (plan.has[kind])
            continue;
        if (kind == SERVER_BEANSTALKD) {
            results_note(&results, "beanstalkd: it is not here (package beanstalkd)");
            continue;
        }
        if (kind != SERVER_REDIS)
            die("no %s in %s: build it first", kind == SERVER_TSD ? "tsd" : "bench/echo",
                plan.options.build);
        results_note(&results, "Redis and all ratios to it: there is no redis-server here "
                               "(package redis-server, on Fedora redis or valkey-compat-redis)");
        fprintf(stderr, "bench: %s\n", results.notes[results.note_count - 1]);
    }
}

static void run(const char *wanted)
{
    uint64_t start_ns = clock_ns();
    double load = 0;
    char path[512];

    if (getloadavg(&load, 1) == 1)
        setting.load_percent = (int64_t)(load * 100);

    if (plan.has[SERVER_TSD] && plan.has[SERVER_ECHO])
        prove_checks(&plan.options);
    for (unsigned i = 0; i < sizeof measurements / sizeof *measurements; i++) {
        if (!listed(wanted, measurements[i].name)) {
            results_note(&results, "%s, not asked for", measurements[i].name);
            continue;
        }
        fprintf(stderr, "bench: measuring %s ...\n", measurements[i].name);
        measurements[i].measure(&plan, &results);
    }
    setting.rounds = plan.rounds;
    setting.seconds = (clock_ns() - start_ns) / 1000000000;
    report_table(&results, &setting);
    snprintf(path, sizeof path, "%s/bench.json", plan.options.build);
    if (!report_json(&results, &setting, path))
        die("%s: %s", path, strerror(errno));
    printf("every figure of each round: %s\n", path);
    if (results.plot)
        printf("the growth curves: %s\n", results.plot);
}

int main(int argc, char **argv)
{
    const char *servers = NULL, *wanted = NULL;
    int option;

    while ((option = getopt(argc, argv, "qr:p:s:m:S:")) != -1) {
        if (option == 'q')
            be_quick();
        else if (option == 'r')
            plan.rounds = (unsigned)atoi(optarg);
        else if (option == 'p')
            pin(optarg);
        else if (option == 's')
            servers = optarg;
        else if (option == 'm')
            wanted = optarg;
        else if (option == 'S')
            plan.scripts = optarg;
        else
            optind = argc + 1;
    }
    if (optind != argc - 2 || plan.rounds < 1 || plan.rounds > ROUNDS_MAX) {
        fputs(usage, stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* the servers then die too */
    plan.options.build = argv[optind];
    plan.options.folder = argv[optind + 1];
    find_servers(servers);
    run(wanted);
    return check_failures() > 0;
}

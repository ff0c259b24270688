/* SPDX-License-Identifier: MIT */
/*
 * What well-behaved clients notice of a hostile one: the 99th of a hundred of their requests beside it,
 * and beside a process that uses as much of a core as it did, in as many pieces, and no daemon; so that
 * the kernel's sharing of CPUs is not what is measured.
 */
#include "contrib/bench/measure.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/hostile.h"
#include "contrib/bench/plain.h"
#include "contrib/bench/polite.h"
#include "contrib/bench/proc.h"

#define MOST_PERCENT 150
#define SETTLE_MS 50

struct scene {
    struct crew crew;
    atomic_bool over;
    const struct server *server;
    hostile_work *work;            /* NULL: is busy as follows */
    uint64_t burst_ns, between_ns; /* CPU time at a time; asleep then */
};

static struct scene *scene; /* of the process that works */

static void begin(void)
{
    crew_ready(&scene->crew);
}

static void be_busy(void)
{
    begin();
    while (!atomic_load(&scene->over)) {
        const uint64_t until_ns = proc_own_cpu_ns() + scene->burst_ns;
        while (proc_own_cpu_ns() < until_ns && !atomic_load(&scene->over))
            ;
        nanosleep(&(struct timespec){.tv_sec = (time_t)(scene->between_ns / 1000000000),
                                     .tv_nsec = (long)(scene->between_ns % 1000000000)},
                  NULL);
    }
}

static void do_work(void *context, unsigned self)
{
    (void)self;
    scene = context;
    if (scene->work)
        scene->work(scene->server, begin, &scene->over);
    else
        be_busy();
}

/* What the process used while others were measured. */
struct used {
    uint64_t wall_ns, cpu_ns, server_ns, sleeps;
};

static void look(const struct scene *shared, struct used *used)
{
    const uint64_t own_ns = crew_cpu_ns(&shared->crew);
    const uint64_t sleeps = proc_sleeps(shared->crew.pids[0]);

    *used =
        (struct used){clock_ns() - used->wall_ns, own_ns - used->cpu_ns,
                      proc_cpu_ns(shared->server->pid) - used->server_ns, sleeps - used->sleeps};
}

static void measure_beside(const struct scene *before, uint64_t for_ns, struct latency *latency,
                           struct used *used)
{
    struct scene *shared = crew_share(sizeof *shared);

    *shared = *before;
    *used = (struct used){0};
    crew_add(&shared->crew, do_work, shared);
    if (crew_gather(&shared->crew)) {
        crew_go(&shared->crew);
        poll(NULL, 0, SETTLE_MS);
        look(shared, used);
        polite_run(shared->server, for_ns, latency);
        look(shared, used);
    }
    atomic_store(&shared->over, true);
    crew_end(&shared->crew);
    crew_unshare(shared, sizeof *shared);
}

struct noticed {
    int64_t figures[2][3][ROUNDS_MAX]; /* beside it, beside a busy one: p50, p99, longest */
    int64_t percent[ROUNDS_MAX], cpu[2][ROUNDS_MAX], server[2][ROUNDS_MAX];
};

static void note(struct noticed *noticed, int side, unsigned round, const struct latency *latency,
                 const struct used *used)
{
    noticed->figures[side][0][round] = latency->p50_ns;
    noticed->figures[side][1][round] = latency->p99_ns;
    noticed->figures[side][2][round] = latency->longest_ns;
    noticed->cpu[side][round] = (int64_t)(used->cpu_ns * 100 / (used->wall_ns + 1));
    noticed->server[side][round] = (int64_t)(used->server_ns * 100 / (used->wall_ns + 1));
}

static void measure_round(const struct plan *plan, const struct server *server, hostile_work *work,
                          unsigned round, struct noticed *noticed)
{
    struct scene before = {.server = server, .work = work};
    struct latency hostile = {0}, busy = {0};
    struct used used;

    measure_beside(&before, plan->measured_ns, &hostile, &used);
    note(noticed, 0, round, &hostile, &used);
    before.work = NULL;
    before.burst_ns = used.cpu_ns / (used.sleeps + 1);
    before.between_ns =
        used.wall_ns > used.cpu_ns ? (used.wall_ns - used.cpu_ns) / (used.sleeps + 1) : 0;
    measure_beside(&before, plan->measured_ns, &busy, &used);
    note(noticed, 1, round, &busy, &used);
    noticed->percent[round] = hostile.p99_ns * 100 / (busy.p99_ns + 1);
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t median(int64_t *numbers, unsigned count)
{
    qsort(numbers, count, sizeof *numbers, by_number);
    return numbers[count / 2];
}

static struct cell *add_row(struct results *results, const char *name, const char *group,
                            int64_t number)
{
    struct cell *cell = &results_row(results, name, group)->cells[SERVER_TSD];

    cell_set(cell, number);
    return cell;
}

static void report(struct results *results, const char *name, struct noticed *noticed,
                   unsigned rounds)
{
    static const char *const rows[2][3] = {{"p50, ns", "p99, ns", "longest, ns"},
                                           {"  beside a process that is as busy",
                                            "  beside a process that is as busy ",
                                            "  beside a process that is as busy  "}};
    const char *group = results_text("beside one that %s", name);

    for (int figure = 0; figure < 3; figure++)
        for (int side = 0; side < 2; side++)
            add_row(results, rows[side][figure], group,
                    median(noticed->figures[side][figure], rounds));
    add_row(results, "its CPU, % of a core", group, median(noticed->cpu[0], rounds));
    add_row(results, "  of the one that is as busy", group, median(noticed->cpu[1], rounds));
    add_row(results, "the daemon's CPU, % of a core", group, median(noticed->server[0], rounds));
    add_row(results, "  beside the one that is as busy", group, median(noticed->server[1], rounds));
    struct cell *ratio = add_row(results, "p99, % of that beside the one that is as busy", group,
                                 median(noticed->percent, rounds));
    target_number(results, results_text("p99 beside one that %s", name), "%", false, MOST_PERCENT,
                  ratio);
}

void measure_hostile(const struct plan *plan, struct results *results)
{
    const uint32_t stock = plan->quick ? plan->many / 10 : plan->many;
    struct noticed *noticed = allocate(sizeof *noticed);
    struct server server = {0};
    struct latency latency;

    if (!plan->has[SERVER_TSD])
        return;
    server_start(&plan->options, SERVER_TSD, &server);
    ts_client *client = cycles_connect(&server);
    plain_fill(client, 0, stock, NULL);
    ts_disconnect(client);
    hostile_store(&server);
    polite_run(&server, plan->warm_ns, &latency);
    for (unsigned i = 0; i < hostile_count && check_failures() == 0; i++) {
        for (unsigned round = 0; round < plan->rounds; round++)
            measure_round(plan, &server, hostiles[i].work, round, noticed);
        report(results, hostiles[i].name, noticed, plan->rounds);
    }
    free(noticed);
    server_holds(&server, stock + HOSTILE_STORED);
    server_stop(&server);
}

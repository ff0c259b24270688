/* SPDX-License-Identifier: MIT */
/*
 * What well-behaved clients notice of a hostile one: the 99th of a hundred of their requests beside it,
 * and beside a process that uses as much of a core as it did, in as many pieces, and no daemon; so that
 * the kernel's sharing of CPUs is not what is measured. And beside one that uses what the daemon did for
 * the hostile client, too: where that is nearly all, it is the same work on another core.
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

enum side { HOSTILE, AS_BUSY, BUSY_FOR_BOTH, SIDES };

struct noticed {
    int64_t figures[SIDES][4][ROUNDS_MAX]; /* p50, p99, longest, the daemon's work */
    int64_t percent[SIDES][ROUNDS_MAX];    /* p99 of the hostile side's by this one's */
    int64_t cpu[SIDES][ROUNDS_MAX], server[SIDES][ROUNDS_MAX];
};

static void note(struct noticed *noticed, enum side side, unsigned round,
                 const struct latency *latency, const struct used *used)
{
    noticed->figures[side][0][round] = latency->p50_ns;
    noticed->figures[side][1][round] = latency->p99_ns;
    noticed->figures[side][2][round] = latency->longest_ns;
    noticed->figures[side][3][round] = latency->work_ns;
    noticed->percent[side][round] =
        noticed->figures[HOSTILE][1][round] * 100 / (latency->p99_ns + 1);
    noticed->cpu[side][round] = (int64_t)(used->cpu_ns * 100 / (used->wall_ns + 1));
    noticed->server[side][round] = (int64_t)(used->server_ns * 100 / (used->wall_ns + 1));
}

/* A process that is busy for so long of that time, with so many pauses. */
static struct scene busy_scene(const struct server *server, uint64_t cpu_ns, uint64_t wall_ns,
                               uint64_t pauses)
{
    return (struct scene){.server = server,
                          .burst_ns = cpu_ns / (pauses + 1),
                          .between_ns = wall_ns > cpu_ns ? (wall_ns - cpu_ns) / (pauses + 1) : 0};
}

static uint64_t more(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void measure_round(const struct plan *plan, const struct server *server, hostile_work *work,
                          unsigned round, struct noticed *noticed)
{
    struct scene scene_of = {.server = server, .work = work};
    struct latency hostile = {.count = 1}, busy = {.count = 1}, both = {.count = 1};
    struct used used, beside, last;

    measure_beside(&scene_of, plan->measured_ns, &hostile, &used);
    note(noticed, HOSTILE, round, &hostile, &used);
    scene_of = busy_scene(server, used.cpu_ns, used.wall_ns, used.sleeps);
    measure_beside(&scene_of, plan->measured_ns, &busy, &beside);
    note(noticed, AS_BUSY, round, &busy, &beside);
    /* what the daemon did less what as many of the others' requests take, in pieces of at most 1 ms */
    const uint64_t others_ns = beside.server_ns / (busy.count + 1) * hostile.count;
    const uint64_t for_it_ns = used.server_ns > others_ns ? used.server_ns - others_ns : 0;
    scene_of = busy_scene(server, used.cpu_ns + for_it_ns, used.wall_ns,
                          more(used.sleeps, used.wall_ns / 1000000));
    measure_beside(&scene_of, plan->measured_ns, &both, &last);
    note(noticed, BUSY_FOR_BOTH, round, &both, &last);
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
    static const char *const figures[] = {"p50, ns", "p99, ns", "longest, ns",
                                          "the daemon works, p99, ns"};
    static const char *const sides[] = {"", "  beside one as busy", "  beside one busy for both"};
    const char *group = results_text("beside one that %s", name);

    for (int figure = 0; figure < 4; figure++)
        for (enum side side = HOSTILE; side < SIDES; side++)
            add_row(results, results_text("%s%s", figures[figure], sides[side]), group,
                    median(noticed->figures[side][figure], rounds));
    for (enum side side = HOSTILE; side < SIDES; side++)
        add_row(results, results_text("its CPU, %% of a core%s", sides[side]), group,
                median(noticed->cpu[side], rounds));
    for (enum side side = HOSTILE; side < SIDES; side++)
        add_row(results, results_text("the daemon's CPU, %% of a core%s", sides[side]), group,
                median(noticed->server[side], rounds));
    target_number(results, results_text("p99 beside one that %s", name), "%", false, MOST_PERCENT,
                  add_row(results, "p99, % of that beside one as busy", group,
                          median(noticed->percent[AS_BUSY], rounds)));
    target_number(results, results_text("  of that beside one busy for both"), "%", false,
                  MOST_PERCENT,
                  add_row(results, "p99, % of that beside one busy for both", group,
                          median(noticed->percent[BUSY_FOR_BOTH], rounds)));
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

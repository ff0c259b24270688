/* SPDX-License-Identifier: MIT */
#include "contrib/bench/other.h"

#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/proc.h"

#define MOST_NS UINT64_C(120000000000)
#define BEYOND_NS                                                                                  \
    300000000 /* it goes on so long after the work: what that left behind counts, too */
#define BUSY_NS 1000000000
#define UNIT "longest wait, us"

struct scene {
    struct crew crew;
    atomic_bool over;
    const struct server *server;
    other_work *work;
    void *context;
};

static struct scene *scene; /* of the process that works */

static void begin(void)
{
    crew_ready(&scene->crew);
}

static void do_work(void *context, unsigned self)
{
    (void)self;
    scene = context;
    scene->work(scene->context, scene->server, begin);
    atomic_store(&scene->over, true);
}

void other_is_busy(void *context, const struct server *server, void (*ready)(void))
{
    (void)context, (void)server;
    ready();
    const uint64_t end_ns = clock_ns() + BUSY_NS;
    while (clock_ns() < end_ns)
        ;
}

static void ask(ts_client *client, uint64_t number)
{
    if (number % 3 == 0)
        cycles_must(client, ts_out(client, TS("other", 1)));
    else if (number % 3 == 1)
        cycles_must(client, ts_inp(client, TS("other", 1)));
    else
        cycles_must(client, ts_ping(client));
}

static void notice(ts_client *client, const struct server *server, const atomic_bool *over,
                   struct noticed *noticed)
{
    uint64_t now_ns = clock_ns(), cpu_ns = proc_cpu_ns(server->pid), end_ns = UINT64_MAX;
    const uint64_t begun_ns = now_ns;

    *noticed = (struct noticed){0};
    for (; now_ns < end_ns || noticed->requests % 3; noticed->requests++) {
        if (now_ns - begun_ns > MOST_NS)
            end_ns = now_ns; /* it has ended without a word: its own check tells */
        const uint64_t before_ns = now_ns, before_cpu_ns = cpu_ns;
        ask(client, noticed->requests);
        now_ns = clock_ns();
        cpu_ns = proc_cpu_ns(server->pid);
        if (now_ns - before_ns > noticed->longest_ns)
            noticed->longest_ns = now_ns - before_ns;
        if (cpu_ns - before_cpu_ns > noticed->longest_cpu_ns)
            noticed->longest_cpu_ns = cpu_ns - before_cpu_ns;
        if (end_ns == UINT64_MAX && atomic_load(over))
            end_ns = now_ns + BEYOND_NS;
    }
    noticed->took_ns = now_ns - begun_ns;
}

bool other_notices(const struct server *server, other_work *work, void *context,
                   struct noticed *noticed)
{
    struct scene *shared = crew_share(sizeof *shared);
    ts_client *client = cycles_connect(server);
    bool good = false;

    shared->server = server;
    shared->work = work;
    shared->context = context;
    crew_add(&shared->crew, do_work, shared);
    if (crew_gather(&shared->crew)) {
        crew_go(&shared->crew);
        notice(client, server, &shared->over, noticed);
        good = true;
    }
    good = crew_end(&shared->crew) && good;
    ts_disconnect(client);
    crew_unshare(shared, sizeof *shared);
    return good;
}

void other_report(struct results *results, const char *name, const struct noticed *noticed,
                  int64_t most_us)
{
    struct cell *waited = &results_row(results, results_text("%s", name), UNIT)->cells[SERVER_TSD];
    struct cell *worked = &results_row(results, results_text("  the daemon's CPU time in it"), UNIT)
                               ->cells[SERVER_TSD];

    cell_set(waited, (int64_t)(noticed->longest_ns / 1000));
    cell_set(worked, (int64_t)(noticed->longest_cpu_ns / 1000));
    if (most_us == 0)
        return;
    target_number(results, results_text("others wait while: %s", name), "us", false, most_us,
                  waited);
    target_number(results, results_text("  of it the daemon worked"), "us", false, most_us, worked);
}

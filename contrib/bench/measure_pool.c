/* SPDX-License-Identifier: MIT */
/*
 * A pool of worker processes that empty a stock of tasks: each takes, and settles what it took with its
 * next request. The last tasks are marked as none, so that every worker gets to its end.
 */
#include "contrib/bench/measure.h"

#include <inttypes.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/trade.h"

#define WORKERS 4

static const struct shape {
    const char *name;
    unsigned max;
    uint32_t tasks, quick_tasks;
    const struct trade *trades[3];
    const char *target;
    int64_t percent;
} shapes[] = {
    {"worker pool, 4 processes, a task a round trip",
     1,
     60000,
     15000,
     {&trade_tsd, &trade_redis_lists, &trade_beanstalkd},
     "worker pool, a task a round trip: of Redis' rate (lists)",
     160},
    {"worker pool, 4 processes, up to 16 a round trip",
     TRADE_MAX,
     240000,
     60000,
     {&trade_tsd, &trade_redis_streams, NULL},
     "worker pool, up to 16 tasks: of Redis' rate (streams)",
     200},
};

struct pool {
    struct crew crew;
    const struct trade *trade;
    const struct server *server;
    uint32_t queue;
    unsigned max;
    uint32_t tasks;
    atomic_uint done, marks; /* tasks, and tasks that are none, taken so far */
    struct sample start, end;
    atomic_bool ended;    /* the sample is there: none may go before, for it looks at all */
    atomic_uchar taken[]; /* by number: how often */
};

static void look(struct pool *pool, struct sample *sample)
{
    *sample = (struct sample){atomic_load(&pool->done), clock_ns(), proc_cpu_ns(pool->server->pid),
                              crew_cpu_ns(&pool->crew)};
}

/* Returns whether there are more to come. */
static bool do_tasks(struct pool *pool, const uint64_t *numbers, unsigned count)
{
    unsigned done = 0, marks = 0;

    for (unsigned i = 0; i < count; i++) {
        if (numbers[i] >= pool->tasks)
            marks++;
        else if (atomic_fetch_add_explicit(&pool->taken[numbers[i]], 1, memory_order_relaxed) == 0)
            done++;
        else
            die("%s gave task %" PRIu64 " twice", pool->trade->name, numbers[i]);
    }
    atomic_fetch_add(&pool->marks, marks);
    if (done > 0 && atomic_fetch_add(&pool->done, done) + done == pool->tasks) {
        look(pool, &pool->end);
        atomic_store(&pool->ended, true);
    }
    return marks == 0;
}

static void work(void *context, unsigned self)
{
    struct pool *pool = context;
    const struct trade *trade = pool->trade;
    struct trader *trader = trade->open(pool->server, self, TRADE_WRITE);
    uint64_t numbers[TRADE_MAX] = {0};
    unsigned count;

    crew_ready(&pool->crew);
    do
        count = trade->take(trader, pool->queue, pool->max, numbers);
    while (do_tasks(pool, numbers, count));
    trade->close(trader);
    while (!atomic_load(&pool->ended))
        usleep(1000);
}

/* Marks that workers had no need of. */
static void take_rest(struct pool *pool, struct trader *trader, uint32_t marks)
{
    uint64_t numbers[TRADE_MAX] = {0};

    while (atomic_load(&pool->marks) < marks) {
        const unsigned count = pool->trade->take(trader, pool->queue, pool->max, numbers);
        do_tasks(pool, numbers, count);
    }
}

static bool is_settled(const struct pool *pool)
{
    if (atomic_load(&pool->done) == pool->tasks)
        return true;
    return check_failed("%s: %u of %u tasks were done", pool->trade->name, atomic_load(&pool->done),
                        pool->tasks);
}

static void measure_once(const struct shape *shape, const struct trade *trade,
                         const struct server *server, uint32_t tasks, uint32_t queue,
                         struct cell *cell)
{
    const uint64_t bytes = sizeof(struct pool) + tasks;
    const uint32_t marks = WORKERS * shape->max;
    struct pool *pool = crew_share(bytes);

    pool->trade = trade;
    pool->server = server;
    pool->max = shape->max;
    pool->tasks = tasks;
    pool->queue = queue;
    struct trader *trader = trade->open(server, WORKERS, TRADE_WRITE);
    trade->fill(trader, queue, 0, tasks + marks);
    for (unsigned i = 0; i < WORKERS; i++)
        crew_add(&pool->crew, work, pool);
    bool good = crew_gather(&pool->crew);
    if (good)
        look(pool, &pool->start);
    crew_go(&pool->crew);
    if (crew_end(&pool->crew) && good && is_settled(pool)) {
        struct sample *start = &pool->start, *end = &pool->end;
        take_rest(pool, trader, marks);
        cell_add(cell, &(struct sample){end->requests, end->wall_ns - start->wall_ns,
                                        end->server_ns - start->server_ns,
                                        end->generator_ns - start->generator_ns});
    }
    trade->close(trader);
    crew_unshare(pool, bytes);
}

static void measure_shape(const struct plan *plan, const struct shape *shape,
                          const struct server *servers, uint64_t *streams, struct results *results)
{
    const uint32_t tasks = plan->quick ? shape->quick_tasks : shape->tasks;
    struct cell *cells = results_row(results, shape->name, "tasks")->cells;

    for (unsigned round = 0; round < plan->rounds && check_failures() == 0; round++) {
        for (unsigned i = 0; i < 3; i++) {
            const struct trade *trade = shape->trades[i];
            if (!trade || !plan->has[trade->kind])
                continue;
            const bool stays =
                trade == &trade_redis_streams; /* what is settled stays in a stream */
            measure_once(shape, trade, &servers[trade->kind], tasks, stays ? 100 + round : 0,
                         &cells[trade->kind]);
            *streams += stays;
            server_holds(&servers[trade->kind], trade->kind == SERVER_REDIS ? *streams : 0);
        }
    }
    target_ratio(results, shape->target, true, shape->percent, &cells[SERVER_TSD],
                 &cells[SERVER_REDIS]);
}

void measure_pool(const struct plan *plan, struct results *results)
{
    struct server servers[SERVER_KINDS] = {0};
    uint64_t streams = 0;

    for (int kind = 0; kind < SERVER_KINDS; kind++)
        if (plan->has[kind] && kind != SERVER_ECHO)
            server_start(&plan->options, kind, &servers[kind]);
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++)
        measure_shape(plan, &shapes[i], servers, &streams, results);
    for (int kind = 0; kind < SERVER_KINDS; kind++)
        server_stop(&servers[kind]);
}

/* SPDX-License-Identifier: MIT */
/*
 * Hand-off: one process puts what another one waits for, and waits for what that one puts then. Three
 * processes, the server among them, on whatever CPUs the kernel likes.
 */
#include "contrib/bench/measure.h"

#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/trade.h"

enum { THERE, BACK }; /* the queues */

static const struct trade *const trades[] = {&trade_tsd, &trade_redis_lists, &trade_beanstalkd};

static const struct form {
    enum trade_manner manner;
    const char *name, *target;
} forms[] = {
    {TRADE_CALLS, "hand-off there and back, call by call",
     "hand-off, call by call: time of the better one's"},
    {TRADE_WRITE, "hand-off there and back, put and take in a write",
     "hand-off, put and take in a write: time of the better one's"},
};

struct handoff {
    struct crew crew;
    const struct plan *plan;
    const struct trade *trade;
    const struct server *server;
    enum trade_manner manner;
    struct sample sample;
};

static void expect(uint64_t number, uint64_t expected, const char *server)
{
    if (number != expected)
        die("%s handed over tuple %llu where %llu was next", server, (unsigned long long)number,
            (unsigned long long)expected);
}

/* Gives back what comes, 0 last. */
static void answer(void *context, unsigned self)
{
    struct handoff *handoff = context;
    const struct trade *trade = handoff->trade;
    struct trader *trader = trade->open(handoff->server, self, handoff->manner);
    uint64_t number;

    crew_ready(&handoff->crew);
    for (uint64_t next = 1;; next++) {
        trade->take(trader, THERE, 1, &number);
        if (number == 0)
            break;
        expect(number, next, trade->name);
        trade->put(trader, BACK, number);
    }
    trade->close(trader);
}

static void look(const struct handoff *handoff, uint64_t requests, struct sample *sample)
{
    *sample = (struct sample){requests, clock_ns(), proc_cpu_ns(handoff->server->pid),
                              crew_cpu_ns(&handoff->crew)};
}

/* Rounds there and back until `until`; returns the number of the last one. */
static uint64_t go_round(const struct handoff *handoff, struct trader *trader, uint64_t number,
                         uint64_t for_ns)
{
    const uint64_t end_ns = clock_ns() + for_ns;
    uint64_t back;

    while (clock_ns() < end_ns) {
        handoff->trade->put(trader, THERE, ++number);
        handoff->trade->take(trader, BACK, 1, &back);
        expect(back, number, handoff->trade->name);
    }
    return number;
}

static void ask(void *context, unsigned self)
{
    struct handoff *handoff = context;
    const struct trade *trade = handoff->trade;
    struct trader *trader = trade->open(handoff->server, self, handoff->manner);
    struct sample start, end;

    crew_ready(&handoff->crew);
    uint64_t number = go_round(handoff, trader, 0, handoff->plan->warm_ns);
    look(handoff, number, &start);
    number = go_round(handoff, trader, number, handoff->plan->measured_ns);
    look(handoff, number, &end);
    handoff->sample =
        (struct sample){end.requests - start.requests, end.wall_ns - start.wall_ns,
                        end.server_ns - start.server_ns, end.generator_ns - start.generator_ns};
    trade->put(trader, THERE, 0);
    trade->close(trader);
}

static void measure_once(const struct plan *plan, const struct form *form,
                         const struct trade *trade, const struct server *server, struct cell *cell)
{
    struct handoff *handoff = crew_share(sizeof *handoff);

    handoff->plan = plan;
    handoff->trade = trade;
    handoff->server = server;
    handoff->manner = form->manner;
    crew_add(&handoff->crew, answer, handoff);
    crew_add(&handoff->crew, ask, handoff);
    bool good = crew_gather(&handoff->crew);
    crew_go(&handoff->crew);
    if (crew_end(&handoff->crew) && good) {
        cell_add(cell, &handoff->sample);
        server_holds(server, 0);
    }
    crew_unshare(handoff, sizeof *handoff);
}

void measure_handoff(const struct plan *plan, struct results *results)
{
    struct server servers[SERVER_KINDS] = {0};

    for (unsigned i = 0; i < sizeof trades / sizeof *trades; i++)
        if (plan->has[trades[i]->kind])
            server_start(&plan->options, trades[i]->kind, &servers[trades[i]->kind]);
    for (unsigned f = 0; f < sizeof forms / sizeof *forms; f++) {
        struct cell *cells = results_row(results, forms[f].name, "hand-offs")->cells;
        for (unsigned round = 0; round < plan->rounds; round++)
            for (unsigned i = 0; i < sizeof trades / sizeof *trades; i++)
                if (plan->has[trades[i]->kind])
                    measure_once(plan, &forms[f], trades[i], &servers[trades[i]->kind],
                                 &cells[trades[i]->kind]);
        target_time(results, forms[f].target, 50, &cells[SERVER_TSD], &cells[SERVER_REDIS],
                    &cells[SERVER_BEANSTALKD]);
    }
    for (int kind = 0; kind < SERVER_KINDS; kind++)
        server_stop(&servers[kind]);
}

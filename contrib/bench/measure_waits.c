/* SPDX-License-Identifier: MIT */
/*
 * What putting costs while many requests wait for something else; and with a time to live, while many
 * tuples have one; and taking, where many tuples that match are held.
 */
#include "contrib/bench/measure.h"

#include <stdio.h>

#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/inside.h"
#include "contrib/bench/plain.h"
#include "contrib/bench/tuple.h"

#define WAITS 3
#define CLIENTS 50
#define BEYOND 0x40000000 /* numbers that no tuple has */
#define HELD 100000
#define WINDOW 64

static const uint64_t waiting[WAITS] = {0, 1000, 100000};

/* Each of a pattern of its own, which no tuple matches. */
static ts_status wait_for(ts_client *client, int w)
{
    const int beyond = BEYOND + w;
    char other[32];

    snprintf(other, sizeof other, "other-%08d", w);
#define WAIT(...) ts_submit_in(client, TS(__VA_ARGS__), TS_FOREVER, NULL, NULL, NULL)
    switch (w % 8) {
    case 0:
        return WAIT(other, TS_ANY, TS_ANY, TS_ANY);
    case 1:
        return WAIT(TS_ANY, beyond, TS_ANY, TS_ANY);
    case 2:
        return WAIT(TS_ANY, TS_ANY, TS_ANY, other);
    case 3:
        return WAIT(other, beyond, TS_ANY, TS_ANY);
    case 4:
        return WAIT(TS_ANY, ts_range(beyond, beyond + 7), TS_ANY, TS_ANY);
    case 5: /* what is put has that first field */
        return WAIT("key-00000000", ts_ge(beyond), TS_ANY, TS_ANY);
    case 6:
        return WAIT(TS_ANY, beyond, 0.5, TS_ANY);
    default: /* and these two */
        return WAIT(TS_ANY, ts_gt(beyond), 0.5, "nineteen bytes here");
    }
#undef WAIT
}

struct waits {
    struct server server;
    ts_client *client;
    struct ledger ledger;
};

static void waits_start(const struct plan *plan, struct waits *waits, uint64_t count)
{
    server_start(&plan->options, SERVER_TSD, &waits->server);
    waits->client = cycles_connect(&waits->server);
    for (uint64_t w = 0; w < count; w++) {
        cycles_must(waits->client, wait_for(waits->client, (int)w));
        if (w % 1000 == 999)
            cycles_must(waits->client, ts_ping(waits->client));
    }
    cycles_must(waits->client, ts_ping(waits->client)); /* all before it wait */
}

static void waits_stop(struct waits *waits)
{
    ledger_settled(&waits->ledger, "tsd");
    server_holds(&waits->server, 0);
    ts_abandon(waits->client);
    server_stop(&waits->server);
    ledger_deinit(&waits->ledger);
}

/* So many puts, which count; then as many takes. */
static void put_and_take(struct waits *waits, unsigned window, uint64_t limit, struct cell *cell)
{
    struct load load = {
        .steps = LOAD_PUT, .keys = KEYS_ONE, .clients = CLIENTS, .window = window, .limit = limit};
    struct sample sample;

    if (!load_run(&waits->server, &load, &waits->ledger, &sample))
        return;
    cell_add(cell, &sample);
    load.steps = LOAD_TAKE;
    load.window = WINDOW;
    load_run(&waits->server, &load, &waits->ledger, &sample);
}

void measure_waits(const struct plan *plan, struct results *results)
{
    const uint64_t limit = plan->quick ? 20000 : 100000;
    struct waits waits[WAITS] = {0};

    if (!plan->has[SERVER_TSD])
        return;
    struct grid *grid = results_grid(results, "out, others waiting for something else",
                                     "requests that wait", waiting, WAITS);
    struct cell *closed = grid_row(grid, "50 clients in closed loop");
    struct cell *flight = grid_row(grid, "50 clients, 64 in flight each");
    struct cell *inside = grid_row(grid, "inside the engine");
    for (int i = 0; i < WAITS; i++)
        waits_start(plan, &waits[i], waiting[i]);
    for (unsigned round = 0; round < plan->rounds && check_failures() == 0; round++) {
        for (int i = 0; i < WAITS; i++) {
            put_and_take(&waits[i], 1, limit / 4, &closed[i]);
            put_and_take(&waits[i], WINDOW, limit, &flight[i]);
        }
    }
    for (int i = 0; i < WAITS; i++)
        waits_stop(&waits[i]);
    inside_row(plan, "waits", grid, inside, results);
    target_ratio(results, "out, closed loop, 100,000 waiting: of none", false, 150, &closed[0],
                 &closed[WAITS - 1]);
    target_ratio(results, "out, 64 in flight, 100,000 waiting: of none", false, 150, &flight[0],
                 &flight[WAITS - 1]);
    target_ratio(results, "out, inside the engine, 100,000 waiting: of none", false, 150,
                 &inside[0], &inside[WAITS - 1]);
}

/* Cycles of out and in on two daemons, in turn. */
static void cycle_both(const struct plan *plan, struct server *servers, double ttl,
                       struct cell **cells)
{
    for (unsigned round = 0; round < plan->rounds && check_failures() == 0; round++) {
        for (int i = 0; i < 2; i++) {
            const struct cycles cycles = {.server = &servers[i],
                                          .window = WINDOW,
                                          .put = {.ttl = ttl},
                                          .warm_ns = plan->warm_ns,
                                          .measured_ns = plan->measured_ns / 2};
            struct sample sample;
            if (cycles_run(&cycles, &sample))
                cell_add(cells[i], &sample);
        }
    }
}

/* A stock, beside the key of the cycles; the first `timed` of it have a time to live. */
static void fill_timed(const struct server *server, uint32_t stock, uint32_t timed)
{
    ts_client *client = cycles_connect(server);

    for (uint32_t at = 0; at < timed; at += 1000) {
        const ts_request put = {.ttl = 1000 + at * 7919 % 4000};
        plain_fill(client, 1 + at, 1000, &put);
    }
    plain_fill(client, 1 + timed, stock - timed, NULL);
    ts_disconnect(client);
}

void measure_timers(const struct plan *plan, struct results *results)
{
    const uint32_t stock = plan->quick ? plan->many / 10 : plan->many;
    const uint64_t timers[] = {1000, stock};
    struct server servers[2] = {0};

    if (!plan->has[SERVER_TSD])
        return;
    struct grid *grid =
        results_grid(results, "out with a time to live", "times to live that run", timers, 2);
    struct cell *cycles = grid_row(grid, "and in, 64 cycles under way");
    struct cell *inside = grid_row(grid, "inside the engine");
    struct cell *cells[] = {&cycles[0], &cycles[1]};
    for (int i = 0; i < 2; i++) {
        server_start(&plan->options, SERVER_TSD, &servers[i]);
        fill_timed(&servers[i], stock, (uint32_t)timers[i]);
    }
    cycle_both(plan, servers, 3000, cells);
    for (int i = 0; i < 2; i++) {
        server_holds(&servers[i], stock);
        server_stop(&servers[i]);
    }
    inside_row(plan, "timers", grid, inside, results);
    target_ratio(results, "out with a time to live, in, 1 M running: of 1 k", false, 120,
                 &cycles[0], &cycles[1]);
    target_ratio(results, "out with a time to live, in the engine, 1 M: of 1 k", false, 120,
                 &inside[0], &inside[1]);
}

void measure_held(const struct plan *plan, struct results *results)
{
    struct server servers[2] = {0};
    struct cell *cells[2];

    if (!plan->has[SERVER_TSD])
        return;
    cells[0] = &results_row(results, "out, in; nothing held", "cycles")->cells[SERVER_TSD];
    cells[1] =
        &results_row(results, "out, in; 100,000 older ones held", "cycles")->cells[SERVER_TSD];
    for (int i = 0; i < 2; i++)
        server_start(&plan->options, SERVER_TSD, &servers[i]);
    ts_client *holder = cycles_connect(&servers[1]);
    plain_fill_one(holder, 0, HELD);
    plain_hold(holder, TS("key-00000000", TS_ANY, TS_ANY, TS_ANY), HELD);
    cycle_both(plan, servers, 0, cells);
    target_ratio(results, "out, in with 100,000 held that match: of none", false, 110, cells[0],
                 cells[1]);
    for (int i = 0; i < 2; i++)
        server_holds(&servers[i], 0);
    ts_abandon(holder);
    for (int i = 0; i < 2; i++)
        server_stop(&servers[i]);
}

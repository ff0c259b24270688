/* SPDX-License-Identifier: MIT */
/*
 * What each thing costs that a tuple can be given or that can wait: the same cycle of putting and
 * taking, once as it is and once with that, each with a daemon of its own, in turn.
 */
#include "contrib/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/tsclient.h"
#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/tuple.h"

#define WINDOW 64
#define MANY 10000
#define UNIT 1000 /* of the many, in one request */

/* Tuples ["gate", i]. */
static void put_gates(ts_client *client)
{
    ts_value items[UNIT][2];
    ts_values gates[UNIT];

    for (int first = 0; first < MANY; first += UNIT) {
        for (int i = 0; i < UNIT; i++) {
            items[i][0] = ts_value_text("gate");
            items[i][1] = ts_value_int(first + i);
            gates[i] = ts_list(items[i], 2);
        }
        cycles_must(client, ts_out_many(client, gates, UNIT));
    }
}

static void hold_gates(ts_client *client)
{
    const ts_request hold = {
        .operation = TSD_OP_HOLD, .pattern = TS("gate", TS_ANY), .min = MANY, .max = MANY};

    put_gates(client);
    cycles_must(client, ts_call(client, &hold));
}

static void drain_gates(ts_client *client)
{
    put_gates(client);
    for (int i = 0; i < MANY; i++) {
        const ts_request drained = {
            .operation = TSD_OP_DRAINED, .pattern = TS("gate", i), .timeout = TS_FOREVER};
        cycles_must(client, ts_submit(client, &drained, NULL, NULL, NULL));
    }
}

static void submit_atomic(ts_client *client, const ts_guard *guards, size_t count)
{
    const ts_step step = ts_step_out(TS("never"));
    const ts_request atomic = {.operation = TSD_OP_ATOMIC,
                               .guards = guards,
                               .guard_count = count,
                               .steps = &step,
                               .step_count = 1,
                               .timeout = TS_FOREVER};

    cycles_must(client, ts_submit(client, &atomic, NULL, NULL, NULL));
}

/* Each waits for the tuple that the cycles put and take, and for one that never comes. */
static void wait_for_tuple(ts_client *client)
{
    for (int i = 0; i < MANY; i++) {
        const ts_guard guards[] = {ts_guard_in(TS("key-00000000", TS_ANY, TS_ANY, TS_ANY)),
                                   ts_guard_in(TS("gate", i))};
        submit_atomic(client, guards, 2);
    }
}

/* All wait until no tuple is there of those that the cycles put and take, of which one stays. */
static void wait_for_absence(ts_client *client)
{
    uint8_t tuple[TUPLE_BYTES];

    tuple_write(tuple, 1, CYCLES_SPARE);
    cycles_must(client, ts_out(client, ts_encoded(tuple, sizeof tuple)));
    for (int i = 0; i < MANY; i++) {
        const ts_guard guard = ts_guard_absent(TS("key-00000001", TS_REST));
        submit_atomic(client, &guard, 1);
    }
}

static const struct cost {
    const char *name;
    struct cycles cycles;
    void (*prepare)(ts_client *client);
    uint64_t stock; /* tuples that are stored beside the cycles' own */
    const char *target;
} costs[] = {
    {"out, in", {0}, NULL, 0, NULL},
    {"out, hold, finish", {.hold = true}, NULL, 0, NULL},
    {"out with a key, in", {.keyed = true, .put = {.window = 0.05}}, NULL, 0, NULL},
    {"out with a time to live, in", {.put = {.ttl = 60}}, NULL, 0, NULL},
    {"out bound to its connection, in", {.put = {.bound = true}}, NULL, 0, NULL},
    {"out, in, both watched", {.watched = true}, NULL, 0, NULL},
    {"out, in; 10,000 other tuples held", {0}, hold_gates, 0, NULL},
    {"out, in; 10,000 drained of other patterns", {0}, drain_gates, MANY, NULL},
    {"out, in; 10,000 atomics wait for that tuple",
     {0},
     wait_for_tuple,
     0,
     "out, in with 10,000 atomics waiting costs: of none"},
    {"out, in; 10,000 atomics wait for its absence",
     {.key = 1, .never_none = true},
     wait_for_absence,
     1,
     "out, in with 10,000 waiting for its absence costs: of none"},
};
#define COSTS (sizeof costs / sizeof *costs)

struct standing {
    struct server server;
    ts_client *waiting; /* whoever waits beside the cycles, or holds */
    struct cell *cell;
};

static void stand(const struct plan *plan, const struct cost *cost, struct standing *standing)
{
    server_start(&plan->options, SERVER_TSD, &standing->server);
    if (!cost->prepare)
        return;
    standing->waiting = cycles_connect(&standing->server);
    cost->prepare(standing->waiting);
    cycles_must(standing->waiting, ts_ping(standing->waiting)); /* all before it has begun */
}

static void measure_once(const struct plan *plan, const struct cost *cost,
                         struct standing *standing)
{
    struct cycles cycles = cost->cycles;
    struct sample sample;

    cycles.server = &standing->server;
    cycles.window = WINDOW;
    cycles.warm_ns = plan->warm_ns;
    cycles.measured_ns = plan->measured_ns / 2;
    if (cycles_run(&cycles, &sample)) {
        cell_add(standing->cell, &sample);
        server_holds(&standing->server, cost->stock);
    }
}

void measure_costs(const struct plan *plan, struct results *results)
{
    struct standing standing[COSTS] = {0};

    if (!plan->has[SERVER_TSD])
        return;
    for (size_t i = 0; i < COSTS; i++) {
        standing[i].cell = &results_row(results, costs[i].name, "cycles")->cells[SERVER_TSD];
        stand(plan, &costs[i], &standing[i]);
    }
    for (unsigned round = 0; round < plan->rounds && check_failures() == 0; round++)
        for (size_t i = 0; i < COSTS; i++)
            measure_once(plan, &costs[i], &standing[i]);
    for (size_t i = 0; i < COSTS; i++) {
        if (costs[i].target) /* a cycle costs so much more as the rate is lower */
            target_ratio(results, costs[i].target, false, 150, standing[0].cell, standing[i].cell);
        ts_abandon(standing[i].waiting);
        server_stop(&standing[i].server);
    }
}

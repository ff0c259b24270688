/* SPDX-License-Identifier: MIT */
#include "contrib/bench/measure.h"

#include "contrib/bench/check.h"

struct shape {
    const char *name, *of_redis, *of_echo;
    unsigned clients, window;
    int64_t redis_percent, echo_percent; /* 0: no target */
};

static const struct shape shapes[] = {
    {"put and take, 1 client, no pipelining", "put and take, 1 client: of Redis' rate", NULL, 1, 1,
     95, 0},
    {"put and take, 50 clients in closed loop", "put and take, 50 clients: of Redis' rate",
     "put and take, 50 clients: of the bare echo's rate", 50, 1, 110, 85},
    {"put and take, 50 clients, 64 in flight each",
     "put and take, 50 clients, 64 in flight: of Redis' rate", NULL, 50, 64, 250, 0},
};

static void measure_once(const struct plan *plan, const struct shape *shape,
                         const struct server *server, struct cell *cell)
{
    struct load load = {.steps = LOAD_PUT_TAKE,
                        .keys = KEYS_BY_CLIENT,
                        .clients = shape->clients,
                        .window = shape->window,
                        .warm_ns = plan->warm_ns,
                        .measured_ns = plan->measured_ns};
    struct ledger ledger = {0};
    struct sample sample;

    if (load_run(server, &load, &ledger, &sample)) {
        cell_add(cell, &sample);
        if (server->driver == &driver_echo) /* gives back requests, not tuples */
            ledger.taken = ledger.put;
        ledger_settled(&ledger, server->driver->name);
        server_holds(server, 0);
    }
    ledger_deinit(&ledger);
}

static void measure_shape(const struct plan *plan, const struct shape *shape,
                          const struct server *servers, struct results *results)
{
    struct row *row = results_row(results, shape->name, "requests");

    for (unsigned round = 0; round < plan->rounds; round++)
        for (int kind = 0; kind < SERVER_LOADED; kind++)
            if (plan->has[kind])
                measure_once(plan, shape, &servers[kind], &row->cells[kind]);
    target_ratio(results, shape->of_redis, true, shape->redis_percent, &row->cells[SERVER_TSD],
                 &row->cells[SERVER_REDIS]);
    if (shape->of_echo)
        target_ratio(results, shape->of_echo, true, shape->echo_percent, &row->cells[SERVER_TSD],
                     &row->cells[SERVER_ECHO]);
}

void measure_pairs(const struct plan *plan, struct results *results)
{
    struct server servers[SERVER_KINDS] = {0};

    for (int kind = 0; kind < SERVER_LOADED; kind++)
        if (plan->has[kind])
            server_start(&plan->options, kind, &servers[kind]);
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++)
        measure_shape(plan, &shapes[i], servers, results);
    for (int kind = 0; kind < SERVER_LOADED; kind++)
        server_stop(&servers[kind]);
}

/* SPDX-License-Identifier: MIT */
/*
 * Two daemons, one with many tuples and one with few, stand beside each other and are measured in
 * turn; once with a first field for each tuple, once with one first field for all.
 */
#include "contrib/bench/measure.h"

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/tuple.h"

#define CLIENTS 50
#define FILL_WINDOW 64
#define VARIETIES 2
#define MEMORY_UNIT "bytes a tuple over its own 52"

struct stock {
    struct server server;
    uint32_t tuples;
    enum load_keys keys; /* KEYS_EACH or KEYS_ONE */
    struct ledger ledger;
    int64_t overhead_bytes; /* of memory a tuple, over its own bytes */
};

struct variety_rows {
    struct cell *few, *many, *memory; /* each the cells of a row */
};

struct variety {
    enum load_keys fill, cycle;
    const char *few, *many, *memory, *cost, *size;
};

static const struct variety varieties[VARIETIES] = {
    {KEYS_EACH, KEYS_RANDOM, "take and put, a first field each, 1,000 stored",
     "take and put, a first field each, 1,000,000", "memory, a first field each",
     "taking at 1,000,000 costs, a first field each: of 1,000",
     "memory a stored tuple over its bytes, a first field each"},
    {KEYS_ONE, KEYS_ONE, "take and put, one first field, 1,000 stored",
     "take and put, one first field, 1,000,000", "memory, one first field",
     "taking at 1,000,000 costs, one first field: of 1,000",
     "memory a stored tuple over its bytes, one first field"},
};

static bool move(struct stock *stock, enum load_steps steps)
{
    struct load load = {.steps = steps,
                        .keys = stock->keys,
                        .key_count = stock->tuples,
                        .clients = 1,
                        .window = FILL_WINDOW,
                        .limit = stock->tuples};
    struct sample sample;

    return load_run(&stock->server, &load, &stock->ledger, &sample);
}

static void stock_open(struct stock *stock, const struct plan *plan, enum server_kind kind)
{
    server_start(&plan->options, kind, &stock->server);
    uint64_t before = proc_rss_bytes(stock->server.pid);
    if (!move(stock, LOAD_PUT))
        return;
    uint64_t after = proc_rss_bytes(stock->server.pid);
    stock->overhead_bytes =
        ((int64_t)after - (int64_t)before) / (int64_t)stock->tuples - TUPLE_BYTES;
    server_holds(&stock->server,
                 kind == SERVER_REDIS && stock->keys == KEYS_ONE ? 1 : stock->tuples);
}

/* Takes out all that there is; each tuple ever put has then come back once. */
static void stock_close(struct stock *stock)
{
    if (check_failures() == 0 && move(stock, LOAD_TAKE)) {
        ledger_settled(&stock->ledger, stock->server.driver->name);
        server_holds(&stock->server, 0);
    }
    server_stop(&stock->server);
    ledger_deinit(&stock->ledger);
}

static void cycle(const struct plan *plan, struct stock *stock, enum load_keys keys,
                  struct cell *cell)
{
    struct load load = {.steps = LOAD_TAKE_PUT,
                        .keys = keys,
                        .key_count = stock->tuples,
                        .clients = CLIENTS,
                        .window = 1,
                        .warm_ns = plan->warm_ns,
                        .measured_ns = plan->measured_ns};
    struct sample sample;

    if (!load_run(&stock->server, &load, &stock->ledger, &sample))
        return;
    cell_add(cell, &sample);
    server_holds(&stock->server, stock->tuples);
}

static void measure_redis_memory(const struct plan *plan, const struct variety *variety,
                                 struct cell *cell)
{
    struct stock stock = {.tuples = plan->many, .keys = variety->fill};

    stock_open(&stock, plan, SERVER_REDIS);
    cell_set(cell, stock.overhead_bytes);
    stock_close(&stock);
}

static void measure_variety(const struct plan *plan, const struct variety *variety,
                            const struct variety_rows *rows, struct results *results)
{
    struct stock few = {.tuples = plan->few, .keys = variety->fill};
    struct stock many = {.tuples = plan->many, .keys = variety->fill};

    stock_open(&few, plan, SERVER_TSD);
    stock_open(&many, plan, SERVER_TSD);
    for (unsigned round = 0; round < plan->rounds && check_failures() == 0; round++) {
        cycle(plan, &few, variety->cycle, &rows->few[SERVER_TSD]);
        cycle(plan, &many, variety->cycle, &rows->many[SERVER_TSD]);
    }
    /* a request costs so much more as the rate is lower: few's rate as a part of many's */
    target_ratio(results, variety->cost, false, 110, &rows->few[SERVER_TSD],
                 &rows->many[SERVER_TSD]);
    stock_close(&few);
    stock_close(&many);

    if (check_failures() == 0)
        cell_set(&rows->memory[SERVER_TSD], many.overhead_bytes);
    target_number(results, variety->size, "bytes", false, 64, &rows->memory[SERVER_TSD]);
    if (plan->has[SERVER_REDIS])
        measure_redis_memory(plan, variety, &rows->memory[SERVER_REDIS]);
}

void measure_stock(const struct plan *plan, struct results *results)
{
    if (!plan->has[SERVER_TSD])
        return;
    struct variety_rows rows[VARIETIES];
    for (int i = 0; i < VARIETIES; i++) {
        rows[i].few = results_row(results, varieties[i].few, "requests")->cells;
        rows[i].many = results_row(results, varieties[i].many, "requests")->cells;
    }
    for (int i = 0; i < VARIETIES; i++)
        rows[i].memory = results_row(results, varieties[i].memory, MEMORY_UNIT)->cells;
    for (int i = 0; i < VARIETIES; i++)
        measure_variety(plan, &varieties[i], &rows[i], results);
}

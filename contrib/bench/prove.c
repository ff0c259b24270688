/* SPDX-License-Identifier: MIT */
#include "contrib/bench/prove.h"

#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/faulty.h"
#include "contrib/bench/load.h"
#include "contrib/bench/stock.h"

static const struct load short_load = {.steps = LOAD_PUT_TAKE,
                                       .keys = KEYS_BY_CLIENT,
                                       .clients = 1,
                                       .window = 8,
                                       .limit = 1000,
                                       .patience_ns = 300000000};

/* Whether a short load on this server ends with a failed check. */
static bool is_noticed(const struct server *server)
{
    struct ledger ledger = {0};
    struct sample sample;

    check_trial_begin();
    if (load_run(server, &short_load, &ledger, &sample))
        ledger_settled(&ledger, server->driver->name);
    ledger_deinit(&ledger);
    return check_trial_end() > 0;
}

static void prove_fault(enum fault fault, const struct server *tsd)
{
    struct server relay;

    faulty_start(fault, tsd, &relay);
    bool noticed = is_noticed(&relay);
    faulty_stop(&relay);
    if (noticed != (fault != FAULT_NONE))
        check_failed(noticed ? "a faultless run was complained of (%s)"
                             : "the checks do not notice %s",
                     fault_names[fault]);
}

/* The same of takes of which it is known what they have to give. */
static void prove_stock(const struct server_options *options, enum fault fault)
{
    struct stock stock;
    struct sample sample;

    stock_start(&stock, options, 1000);
    stock.by = GROWN_RANGE;
    const struct server tsd = stock.server;
    faulty_start(fault, &tsd, &stock.server);
    check_trial_begin();
    stock_run(&stock, &short_load, &sample);
    const bool noticed = check_trial_end() > 0;
    faulty_stop(&stock.server);
    stock.server = tsd;
    stock_abandon(&stock);
    if (noticed != (fault != FAULT_NONE))
        check_failed(noticed ? "a faultless run on a stock was complained of (%s)"
                             : "the checks of a stock do not notice %s",
                     fault_names[fault]);
}

/* What is left over or missing at a run's end. */
static void prove_counts(const struct server *tsd)
{
    struct ledger unanswered = {.issued = 2, .put = 1, .taken = 2};
    struct ledger missing = {.issued = 2, .put = 2, .taken = 1};

    check_trial_begin();
    server_holds(tsd, 1);
    ledger_settled(&unanswered, "");
    ledger_settled(&missing, "");
    if (check_trial_end() != 3)
        check_failed("the checks do not notice a tuple that is missing");
}

/* An echo answers everything at once, and nothing of it is an answer. */
static void prove_echo(const struct server_options *options)
{
    struct server server;

    server_start(options, SERVER_ECHO, &server);
    server.driver = &driver_tsd;
    if (!is_noticed(&server))
        check_failed("the checks take an echo for tsd");
    server_stop(&server);
}

void prove_checks(const struct server_options *options)
{
    struct server tsd;

    prove_echo(options);
    server_start(options, SERVER_TSD, &tsd);
    prove_counts(&tsd);
    for (int fault = 0; fault < FAULTS; fault++)
        prove_fault(fault, &tsd);
    server_stop(&tsd);
    for (int fault = 0; fault < FAULTS; fault++)
        prove_stock(options, fault);
}

/* SPDX-License-Identifier: MIT */
#include "contrib/bench/cycles.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/tuple.h"

#define PATIENCE_MS 10000

struct run {
    const struct cycles *cycles;
    ts_client *client, *watcher;
    struct ledger ledger;
    unsigned under_way;
    uint64_t begun, done;
    uint64_t puts_seen, takes_seen; /* by the watcher */
    bool ending, failed;
};

ts_client *cycles_connect(const struct server *server)
{
    const ts_options options = {.space = "bench"};
    ts_client *client = ts_connect(server->socket, &options);

    cycles_must(client, ts_ping(client));
    return client;
}

void cycles_must(ts_client *client, ts_status status)
{
    if (status != TS_OK)
        die("tsd: a call failed: %s", ts_error_text(client));
}

static void fail(struct run *run, ts_status status, const char *what)
{
    run->failed = true;
    check_failed("tsd answered %s: %s, %s", what, ts_status_name(status),
                 ts_error_text(run->client));
}

static void begin(struct run *run);

static void end(struct run *run)
{
    run->done++;
    run->under_way--;
    if (!run->ending && !run->failed)
        begin(run);
}

static void is_finished(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    struct run *run = arg;

    (void)client, (void)number, (void)result;
    if (status != TS_OK)
        fail(run, status, "a finish");
    end(run);
}

static void is_taken(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                     void *arg)
{
    struct run *run = arg;
    const ts_tuple *tuple = status == TS_OK ? ts_tuple_at(result, 0) : NULL;
    uint64_t name;

    (void)number;
    if (!tuple || !tuple_read(tuple->bytes, tuple->size, run->cycles->key, &name)) {
        fail(run, status, "a take");
    } else if (!ledger_take(&run->ledger, name, "tsd")) {
        run->failed = true;
    } else if (run->cycles->hold) {
        const ts_request finish = {
            .operation = TSD_OP_FINISH, .tokens = &tuple->token, .token_count = 1};
        cycles_must(client, ts_submit(client, &finish, is_finished, run, NULL));
        return;
    }
    end(run);
}

static void is_put(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                   void *arg)
{
    struct run *run = arg;

    (void)client, (void)number, (void)result;
    if (status != TS_OK)
        fail(run, status, "a put");
    run->ledger.put++;
}

/* The put and the take of a cycle go out together. */
static void begin(struct run *run)
{
    const struct cycles *cycles = run->cycles;
    const uint64_t number = ledger_issue(&run->ledger);
    uint8_t tuple[TUPLE_BYTES];
    char key[KEY_BYTES + 1] = {0}, name[32];
    const ts_values values = ts_encoded(tuple, sizeof tuple);
    ts_request put = cycles->put;

    tuple_write(tuple, cycles->key, number);
    key_write((uint8_t *)key, cycles->key);
    put.operation = TSD_OP_OUT;
    put.tuples = &values;
    put.tuple_count = 1;
    if (cycles->keyed) {
        snprintf(name, sizeof name, "%" PRIx64 ".%" PRIu64, clock_ns(), number);
        put.key = name;
    }
    const ts_request take = {.operation = cycles->hold ? TSD_OP_HOLD : TSD_OP_IN,
                             .pattern = TS(key, TS_ANY, TS_ANY, TS_ANY)};
    cycles_must(run->client, ts_submit(run->client, &put, is_put, run, NULL));
    cycles_must(run->client, ts_submit(run->client, &take, is_taken, run, NULL));
    run->begun++;
    run->under_way++;
}

static void is_told(ts_client *client, uint64_t number, ts_status status, const ts_event *event,
                    void *arg)
{
    struct run *run = arg;

    (void)client, (void)number;
    if (status == TS_CANCELLED)
        return;
    if (status != TS_OK) {
        fail(run, status, "a watch");
        return;
    }
    run->puts_seen += event->kind == TSD_EVENT_PUT;
    run->takes_seen += event->kind == TSD_EVENT_TAKEN;
}

static void watch(struct run *run)
{
    char key[KEY_BYTES + 1] = {0};

    key_write((uint8_t *)key, run->cycles->key);
    run->watcher = cycles_connect(run->cycles->server);
    cycles_must(run->watcher, ts_watch(run->watcher, TS(key, TS_REST), NULL, is_told, run, NULL));
    cycles_must(run->watcher, ts_ping(run->watcher));
}

static void go_round(struct run *run)
{
    ts_client *const clients[] = {run->client, run->watcher};
    struct pollfd polled[2];
    const nfds_t count = run->watcher ? 2 : 1;

    cycles_must(run->client, ts_client_flush(run->client));
    for (nfds_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){ts_client_fd(clients[i]), ts_client_events(clients[i]), 0};
    if (poll(polled, count, PATIENCE_MS) == 0) {
        check_failed("tsd does not answer any more");
        run->failed = true;
    }
    for (nfds_t i = 0; i < count; i++)
        if (polled[i].revents)
            cycles_must(clients[i], ts_client_dispatch(clients[i]));
}

static void look(const struct run *run, struct sample *sample)
{
    *sample = (struct sample){run->done, clock_ns(), proc_cpu_ns(run->cycles->server->pid),
                              proc_own_cpu_ns()};
}

static void go_on_for(struct run *run, uint64_t ns)
{
    const uint64_t end_ns = clock_ns() + ns;

    while (!run->failed && clock_ns() < end_ns)
        go_round(run);
}

/* Every event that there was has come. */
static void watch_end(struct run *run)
{
    const uint64_t end_ns = clock_ns() + UINT64_C(1000000000);

    while (run->takes_seen < run->done && clock_ns() < end_ns)
        cycles_must(run->watcher, ts_client_dispatch(run->watcher));
    if (run->puts_seen != run->done || run->takes_seen != run->done)
        check_failed("a watch told of %" PRIu64 " puts and %" PRIu64 " takes, of %" PRIu64,
                     run->puts_seen, run->takes_seen, run->done);
}

/* Puts one tuple, then takes the oldest: there is never none. Returns that one's number. */
static uint64_t exchange(struct run *run, uint64_t number)
{
    uint8_t tuple[TUPLE_BYTES];
    char key[KEY_BYTES + 1] = {0};
    unsigned long long taken = 0;

    tuple_write(tuple, run->cycles->key, number);
    key_write((uint8_t *)key, run->cycles->key);
    cycles_must(run->client, ts_out(run->client, ts_encoded(tuple, sizeof tuple)));
    cycles_must(run->client, ts_inp(run->client, TS(key, &taken, TS_ANY, TS_ANY)));
    return taken;
}

static void set_spare(struct run *run, bool begins)
{
    if (begins) {
        run->ledger.put++;
        if (exchange(run, ledger_issue(&run->ledger)) != CYCLES_SPARE)
            run->failed = !check_failed("tsd has given the spare tuple away");
    } else if (!ledger_take(&run->ledger, exchange(run, CYCLES_SPARE), "tsd")) {
        run->failed = true;
    }
}

bool cycles_run(const struct cycles *cycles, struct sample *sample)
{
    struct run run = {.cycles = cycles, .client = cycles_connect(cycles->server)};
    struct sample start, end;

    if (cycles->watched)
        watch(&run);
    if (cycles->never_none)
        set_spare(&run, true);
    while (run.under_way < cycles->window)
        begin(&run);
    go_on_for(&run, cycles->warm_ns);
    look(&run, &start);
    go_on_for(&run, cycles->measured_ns);
    look(&run, &end);
    run.ending = true;
    while (run.under_way > 0 && !run.failed)
        go_round(&run);
    if (cycles->watched && !run.failed)
        watch_end(&run);
    if (cycles->never_none && !run.failed)
        set_spare(&run, false);
    ts_disconnect(run.client);
    ts_disconnect(run.watcher);
    *sample =
        (struct sample){end.requests - start.requests, end.wall_ns - start.wall_ns,
                        end.server_ns - start.server_ns, end.generator_ns - start.generator_ns};
    const bool good = !run.failed && ledger_settled(&run.ledger, "tsd");
    ledger_deinit(&run.ledger);
    return good;
}

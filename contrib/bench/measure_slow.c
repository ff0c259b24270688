/* SPDX-License-Identifier: MIT */
/*
 * A client that does not read, with a watch of everything, a large tuple and the whole stock asked for:
 * what others notice of it, in the 99th of a hundred of their requests, and what memory it takes.
 */
#include "contrib/bench/measure.h"

#include <poll.h>
#include <stdlib.h>

#include "client/tsclient.h"
#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/tuple.h"

#define STOCK 50000
#define UNIT 1000
#define ASKED 16
#define LARGE (15u << 20) /* bytes of the large tuple */
#define TIMES_MAX (1 << 20)
#define MEMORY_MOST (12 << 20)

struct slow {
    struct crew crew;
    const struct server *server;
    atomic_bool over;
};

static void put_stock(ts_client *client)
{
    static uint8_t tuples[UNIT][TUPLE_BYTES];
    ts_values values[UNIT];
    uint8_t *large = allocate(LARGE);

    for (int first = 0; first < STOCK; first += UNIT) {
        for (int i = 0; i < UNIT; i++) {
            tuple_write(tuples[i], 7, (uint64_t)(first + i));
            values[i] = ts_encoded(tuples[i], TUPLE_BYTES);
        }
        cycles_must(client, ts_out_many(client, values, UNIT));
    }
    cycles_must(client, ts_out(client, TS("large", TS_BIN(large, LARGE))));
    free(large);
}

/* What would come to far more than its bounds, were it all queued: the stock first, which is copied. */
static void ask_much(ts_client *client)
{
    const ts_watch_options now = {.now = true};
    const ts_request large = {.operation = TSD_OP_RD, .pattern = TS("large", TS_ANY)};
    const ts_request all = {.operation = TSD_OP_SCAN, .pattern = TS(TS_REST)};

    cycles_must(client,
                ts_watch(client, TS(TS_REST), NULL, NULL, NULL, NULL)); /* fills, and ends */
    cycles_must(client, ts_watch(client, TS(TS_REST), &now, NULL, NULL, NULL));
    for (int i = 0; i < ASKED; i++)
        cycles_must(client, ts_submit(client, &all, NULL, NULL, NULL));
    for (int i = 0; i < ASKED; i++)
        cycles_must(client, ts_submit(client, &large, NULL, NULL, NULL));
    cycles_must(client, ts_client_flush(client));
}

/* It stays as long as the daemon lets it; it never reads. */
static void be_slow(void *context, unsigned self)
{
    struct slow *slow = context;

    (void)self;
    ts_client *client = cycles_connect(slow->server);
    ask_much(client);
    struct pollfd polled = {.fd = ts_client_fd(client)};
    crew_ready(&slow->crew);
    while (!atomic_load(&slow->over))
        if (poll(&polled, 1, 50) > 0 && polled.revents & (POLLHUP | POLLERR))
            die("tsd has hung up on a client that is within its bounds");
    ts_abandon(client);
}

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The 99th of a hundred requests' times, putting and taking in turn, each waited for. */
static int64_t p99_ns(ts_client *client, uint64_t for_ns)
{
    uint32_t *times = allocate(TIMES_MAX * sizeof *times);
    uint8_t tuple[TUPLE_BYTES];
    uint32_t count = 0;
    uint64_t now_ns = clock_ns();
    const uint64_t end_ns = now_ns + for_ns;

    tuple_write(tuple, 9, 1);
    while (now_ns < end_ns && count < TIMES_MAX) {
        const uint64_t begun_ns = now_ns;
        if (count % 2 == 0)
            cycles_must(client, ts_out(client, ts_encoded(tuple, sizeof tuple)));
        else
            cycles_must(client, ts_inp(client, TS("key-00000009", TS_ANY, TS_ANY, TS_ANY)));
        now_ns = clock_ns();
        times[count++] = (uint32_t)(now_ns - begun_ns);
    }
    if (count % 2)
        cycles_must(client, ts_inp(client, TS("key-00000009", TS_ANY, TS_ANY, TS_ANY)));
    qsort(times, count, sizeof *times, by_size);
    const int64_t p99 = times[(uint64_t)count * 99 / 100];
    free(times);
    return p99;
}

struct noticed {
    uint64_t before; /* the daemon's memory */
    int64_t quiet_ns[ROUNDS_MAX], slow_ns[ROUNDS_MAX], percent[ROUNDS_MAX], memory[ROUNDS_MAX];
};

static void measure_once(const struct plan *plan, const struct server *server, ts_client *client,
                         unsigned round, struct noticed *noticed)
{
    struct slow *slow = crew_share(sizeof *slow);

    slow->server = server;
    noticed->quiet_ns[round] = p99_ns(client, plan->measured_ns);
    proc_forget_peak(server->pid);
    crew_add(&slow->crew, be_slow, slow);
    if (crew_gather(&slow->crew)) {
        crew_go(&slow->crew);
        noticed->slow_ns[round] = p99_ns(client, plan->measured_ns);
        noticed->percent[round] = noticed->slow_ns[round] * 100 / (noticed->quiet_ns[round] + 1);
        noticed->memory[round] = (int64_t)(proc_peak_bytes(server->pid) - noticed->before);
    }
    atomic_store(&slow->over, true);
    crew_end(&slow->crew);
    crew_unshare(slow, sizeof *slow);
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t ranked(int64_t *numbers, unsigned count, unsigned rank)
{
    qsort(numbers, count, sizeof *numbers, by_number);
    return numbers[rank];
}

/* A row of one number, and a target on it where there is a limit. */
static void report(struct results *results, const char *name, const char *target, const char *unit,
                   int64_t limit, int64_t number)
{
    struct cell *cell =
        &results_row(results, name, "a client that does not read")->cells[SERVER_TSD];

    cell_set(cell, number);
    if (target)
        target_number(results, target, unit, false, limit, cell);
}

void measure_slow(const struct plan *plan, struct results *results)
{
    const unsigned rounds = plan->rounds;
    struct noticed noticed = {.before = 0};
    struct server server = {0};

    if (!plan->has[SERVER_TSD])
        return;
    server_start(&plan->options, SERVER_TSD, &server);
    ts_client *client = cycles_connect(&server);
    put_stock(client);
    (void)p99_ns(client, plan->warm_ns);
    noticed.before = proc_rss_bytes(server.pid);
    for (unsigned round = 0; round < rounds && check_failures() == 0; round++)
        measure_once(plan, &server, client, round, &noticed);
    report(results, "others' p99 without it, ns", NULL, NULL, 0,
           ranked(noticed.quiet_ns, rounds, rounds / 2));
    report(results, "others' p99, ns", NULL, NULL, 0, ranked(noticed.slow_ns, rounds, rounds / 2));
    report(results, "others' p99, % of that without it",
           "a client that does not read: others' p99 of that without", "%", 150,
           ranked(noticed.percent, rounds, rounds / 2));
    report(results, "memory at most beside the stock, bytes",
           "a client that does not read: memory beside the tuple", "bytes", MEMORY_MOST,
           ranked(noticed.memory, rounds, rounds - 1));
    ts_disconnect(client);
    server_holds(&server, STOCK + 1);
    server_stop(&server);
}

/* SPDX-License-Identifier: MIT */
/*
 * An index that comes by itself, over a million stored tuples: after how long looks are fast, how long
 * another client waits at most meanwhile, what memory it takes. And what memory is left when a
 * million tuples were put and deleted ten times.
 */
#include "contrib/bench/measure.h"

#include "contrib/bench/check.h"
#include "contrib/bench/crew.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/other.h"
#include "contrib/bench/plain.h"
#include "contrib/bench/proc.h"

#define FAST_NS 500000 /* a look that an index serves takes less, also where others are busy */
#define FAST_LOOKS 20
#define PATIENCE_NS UINT64_C(30000000000)
#define MOST_US 10000
#define TIMES 10

struct building {
    uint32_t stock;
    bool ordered;
    bool built;
    uint64_t took_ns, cpu_ns; /* until looks were fast; of that the daemon worked */
};

static void look(ts_client *client, const struct building *building, uint64_t n)
{
    const uint32_t i = (uint32_t)(n * 7919 % (building->stock - 8));

    if (building->ordered)
        cycles_must(client, ts_rdp(client, TS(TS_ANY, ts_range(i, i + 8), TS_ANY, TS_ANY)));
    else
        cycles_must(client, ts_rdp(client, TS(TS_ANY, i, TS_ANY, TS_ANY)));
}

static void build(void *context, const struct server *server, void (*begin)(void))
{
    struct building *building = context;
    ts_client *client = cycles_connect(server);
    unsigned fast = 0;

    begin();
    const uint64_t begun_ns = clock_ns(), begun_cpu_ns = proc_cpu_ns(server->pid);
    for (uint64_t now_ns = begun_ns, n = 0; now_ns < begun_ns + PATIENCE_NS && fast < FAST_LOOKS;
         n++) {
        const uint64_t before_ns = now_ns;
        look(client, building, n);
        now_ns = clock_ns();
        if (now_ns - before_ns < FAST_NS) {
            fast++;
            continue;
        }
        fast = 0;
        building->took_ns = now_ns - begun_ns;
        building->cpu_ns = proc_cpu_ns(server->pid) - begun_cpu_ns;
    }
    building->built = fast == FAST_LOOKS;
    ts_disconnect(client);
}

static void report_memory(struct results *results, const char *name, const char *target,
                          int64_t most, int64_t bytes)
{
    struct cell *cell = &results_row(results, name, "bytes a tuple")->cells[SERVER_TSD];

    cell_set(cell, bytes);
    target_number(results, target, "bytes", false, most, cell);
}

static void measure_kind(const struct plan *plan, bool ordered, struct results *results)
{
    struct building *building = crew_share(sizeof *building);
    const char *kind = ordered ? "order" : "hash";
    struct server server = {0};
    struct noticed noticed;

    *building =
        (struct building){.stock = plan->quick ? plan->many / 10 : plan->many, .ordered = ordered};
    server_start(&plan->options, SERVER_TSD, &server);
    ts_client *client = cycles_connect(&server);
    plain_fill(client, 0, building->stock, NULL);
    const int64_t before = (int64_t)proc_rss_bytes(server.pid);
    if (other_notices(&server, build, building, &noticed) && building->built) {
        const int64_t bytes = (int64_t)proc_rss_bytes(server.pid) - before;
        other_report(results, results_text("an index by %s is made", kind), &noticed, MOST_US);
        cell_set(
            &results_row(results, results_text("until looks by %s were fast", kind), "milliseconds")
                 ->cells[SERVER_TSD],
            (int64_t)(building->took_ns / 1000000));
        report_memory(results, results_text("memory of an index by %s", kind),
                      results_text("memory of a further index by %s, a tuple", kind),
                      ordered ? 32 : 16, bytes / building->stock);
    } else {
        results_note(results, "an index by %s: looks did not become fast", kind);
    }
    ts_disconnect(client);
    server_holds(&server, building->stock);
    server_stop(&server);
    crew_unshare(building, sizeof *building);
}

void measure_index(const struct plan *plan, struct results *results)
{
    if (!plan->has[SERVER_TSD])
        return;
    measure_kind(plan, false, results);
    measure_kind(plan, true, results);
}

void measure_refill(const struct plan *plan, struct results *results)
{
    const uint32_t stock = plan->quick ? plan->many / 10 : plan->many;
    int64_t full[TIMES], empty[TIMES];
    struct server server = {0};
    uint64_t count;

    if (!plan->has[SERVER_TSD])
        return;
    server_start(&plan->options, SERVER_TSD, &server);
    ts_client *client = cycles_connect(&server);
    for (int i = 0; i < TIMES; i++) {
        plain_fill(client, (uint32_t)i, stock, NULL);
        full[i] = (int64_t)proc_rss_bytes(server.pid);
        cycles_must(client, ts_discard(client, TS(TS_REST), &count));
        empty[i] = (int64_t)proc_rss_bytes(server.pid);
        if (count != stock)
            check_failed("%u of %u tuples were deleted", (unsigned)count, (unsigned)stock);
    }
    ts_disconnect(client);
    server_holds(&server, 0);
    server_stop(&server);
    static const char *const names[] = {"filled the first time", "filled the 10th time",
                                        "emptied the first time", "emptied the 10th time"};
    const int64_t bytes[] = {full[0], full[TIMES - 1], empty[0], empty[TIMES - 1]};
    for (int i = 0; i < 4; i++)
        cell_set(&results_row(results, names[i], "KiB of memory")->cells[SERVER_TSD],
                 bytes[i] / 1024);
    struct cell percent = {.has_number = true, .number = full[TIMES - 1] * 100 / full[0]};
    target_number(results, "memory filled the 10th time: of the first", "%", false, 110, &percent);
    percent.number = empty[TIMES - 1] * 100 / empty[0];
    target_number(results, "memory emptied the 10th time: of the first", "%", false, 110, &percent);
}

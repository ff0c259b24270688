/* SPDX-License-Identifier: MIT */
#include "contrib/bench/polite.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

#include "client/tsclient.h"
#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/proc.h"
#include "contrib/bench/tuple.h"

#define CLIENTS 4
#define FIRST_KEY 0xfffffff0u /* of none of the stock */
#define TIMES_MAX (1u << 21)
#define PATIENCE_MS 20000

struct polite {
    ts_client *client;
    uint8_t tuple[TUPLE_BYTES];
    char key[KEY_BYTES + 1];
    uint64_t begun_ns, work_begun_ns;
    bool waits, there; /* for an answer; whether its tuple is */
};

static struct {
    uint32_t *times, *works, count;
    uint64_t end_ns;
    pid_t daemon;
    unsigned failed;
} run;

static void ask(struct polite *polite);

static void is_answered(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    struct polite *polite = arg;
    const uint64_t now_ns = clock_ns();

    (void)client, (void)number, (void)result;
    run.failed += status != TS_OK;
    if (run.count < TIMES_MAX) {
        run.works[run.count] = (uint32_t)(proc_cpu_ns(run.daemon) - polite->work_begun_ns);
        run.times[run.count++] = (uint32_t)(now_ns - polite->begun_ns);
    }
    polite->waits = false;
    polite->there = !polite->there;
    if (now_ns < run.end_ns || polite->there) /* it leaves nothing behind */
        ask(polite);
}

static void ask(struct polite *polite)
{
    ts_client *client = polite->client;

    polite->work_begun_ns = proc_cpu_ns(run.daemon);
    polite->begun_ns = clock_ns();
    polite->waits = true;
    if (polite->there)
        cycles_must(client, ts_submit_in(client, TS(polite->key, TS_ANY, TS_ANY, TS_ANY), 0,
                                         is_answered, polite, NULL));
    else
        cycles_must(client, ts_submit_out(client, ts_encoded(polite->tuple, TUPLE_BYTES),
                                          is_answered, polite));
    cycles_must(client, ts_client_flush(client));
}

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void begin(struct polite polite[CLIENTS], const struct server *server)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        polite[i] = (struct polite){.client = cycles_connect(server)};
        key_write((uint8_t *)polite[i].key, FIRST_KEY + i);
        tuple_write(polite[i].tuple, FIRST_KEY + i, i);
    }
}

/* Until all have their last answer. */
static void go_on(struct polite polite[CLIENTS])
{
    for (unsigned waiting = CLIENTS; waiting > 0;) {
        struct pollfd polled[CLIENTS];

        for (unsigned i = 0; i < CLIENTS; i++)
            polled[i] = (struct pollfd){ts_client_fd(polite[i].client),
                                        ts_client_events(polite[i].client), 0};
        if (poll(polled, CLIENTS, PATIENCE_MS) <= 0)
            die("tsd does not answer any more");
        waiting = 0;
        for (unsigned i = 0; i < CLIENTS; i++) {
            if (polled[i].revents)
                cycles_must(polite[i].client, ts_client_dispatch(polite[i].client));
            waiting += polite[i].waits;
        }
    }
}

void polite_run(const struct server *server, uint64_t for_ns, struct latency *latency)
{
    struct polite polite[CLIENTS];

    begin(polite, server);
    run.times = allocate(TIMES_MAX * sizeof *run.times);
    run.works = allocate(TIMES_MAX * sizeof *run.works);
    run.daemon = server->pid;
    run.count = 0;
    run.failed = 0;
    run.end_ns = clock_ns() + for_ns;
    for (unsigned i = 0; i < CLIENTS; i++)
        ask(&polite[i]);
    go_on(polite);
    for (unsigned i = 0; i < CLIENTS; i++)
        ts_disconnect(polite[i].client);
    if (run.failed > 0)
        check_failed("tsd refused %u requests of well-behaved clients", run.failed);
    qsort(run.times, run.count, sizeof *run.times, by_size);
    qsort(run.works, run.count, sizeof *run.works, by_size);
    const uint64_t p99 = (uint64_t)run.count * 99 / 100;
    *latency = (struct latency){.count = run.count,
                                .p50_ns = run.times[run.count / 2],
                                .p99_ns = run.times[p99],
                                .work_ns = run.works[p99],
                                .longest_ns = run.times[run.count - 1]};
    free(run.times);
    free(run.works);
}

/* SPDX-License-Identifier: MIT */
/*
 * All servers at once, each with connected clients that ask nothing; tsd's clients wait for a tuple
 * besides. Redis wakes up by a timer of its own and so shows that wake-ups are seen.
 */
#include "contrib/bench/measure.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"

#define CLIENTS 50

static void sleep_ns(uint64_t ns)
{
    nanosleep(&(struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)}, NULL);
}

/* Connects one that then only waits; -1 and a failed check where that fails. */
static int connect_idle(const struct server *server)
{
    struct request_data data = {.number = 1};
    uint8_t bytes[2 * REQUEST_MAX];
    int fd = server_connect(server, 0);
    size_t size = server->driver->encode(bytes, VERB_OPEN, &data);

    size += server->driver->encode(bytes + size, VERB_WAIT, &data);
    if (fd < 0 || send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
        check_failed("%s: an idle client cannot connect", server->driver->name);
    return fd;
}

static void count_wakes(const struct plan *plan, const struct server *servers, struct row *row)
{
    uint64_t sleeps[SERVER_KINDS] = {0};

    sleep_ns(300000000); /* until what the clients' coming began is done */
    for (int kind = 0; kind < SERVER_LOADED; kind++)
        if (plan->has[kind])
            sleeps[kind] = proc_sleeps(servers[kind].pid);
    sleep_ns(plan->idle_ns);
    for (int kind = 0; kind < SERVER_LOADED; kind++)
        if (plan->has[kind])
            cell_set(&row->cells[kind], (int64_t)(proc_sleeps(servers[kind].pid) - sleeps[kind]));
    if (plan->has[SERVER_REDIS] && row->cells[SERVER_REDIS].number == 0)
        check_failed("Redis did not wake up either: wake-ups are not seen");
}

void measure_idle(const struct plan *plan, struct results *results)
{
    struct server servers[SERVER_KINDS] = {0};
    struct row *row = results_row(results, "idle, 50 clients connected", "wake-ups in all");
    int clients[SERVER_KINDS][CLIENTS];

    for (int kind = 0; kind < SERVER_LOADED; kind++) {
        if (!plan->has[kind])
            continue;
        server_start(&plan->options, kind, &servers[kind]);
        for (int i = 0; i < CLIENTS; i++)
            clients[kind][i] = connect_idle(&servers[kind]);
    }
    count_wakes(plan, servers, row);
    target_number(results, "idle: wake-ups", "wake-ups", false, 0, &row->cells[SERVER_TSD]);
    for (int kind = 0; kind < SERVER_LOADED; kind++) {
        if (!plan->has[kind])
            continue;
        for (int i = 0; i < CLIENTS; i++)
            close(clients[kind][i]);
        server_stop(&servers[kind]);
    }
}

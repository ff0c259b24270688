/* SPDX-License-Identifier: MIT */
#include "contrib/bench/measure.h"

#include "contrib/bench/visit.h"

struct crowd {
    const char *name, *target;
    unsigned visitors;
};

static const struct crowd crowds[] = {
    {"connect, ping, leave, one at a time", "connect, ping, leave, one at a time: of Redis' rate",
     1},
    {"connect, ping, leave, 16 at a time", "connect, ping, leave, 16 at a time: of Redis' rate",
     16},
};

void measure_visits(const struct plan *plan, struct results *results)
{
    struct server servers[SERVER_KINDS] = {0};
    struct sample sample;

    for (int kind = 0; kind < SERVER_LOADED; kind++)
        if (plan->has[kind])
            server_start(&plan->options, kind, &servers[kind]);
    for (unsigned i = 0; i < sizeof crowds / sizeof *crowds; i++) {
        struct row *row = results_row(results, crowds[i].name, "visits");
        for (unsigned round = 0; round < plan->rounds; round++)
            for (int kind = 0; kind < SERVER_LOADED; kind++)
                if (plan->has[kind] &&
                    visit_run(&servers[kind], crowds[i].visitors, plan->measured_ns, &sample))
                    cell_add(&row->cells[kind], &sample);
        target_ratio(results, crowds[i].target, true, 90, &row->cells[SERVER_TSD],
                     &row->cells[SERVER_REDIS]);
    }
    for (int kind = 0; kind < SERVER_LOADED; kind++)
        server_stop(&servers[kind]);
}

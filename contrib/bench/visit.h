/* SPDX-License-Identifier: MIT */
/*
 * Visits: connecting, one request sent with the opening, its answer, leaving; again and again.
 */
#ifndef BENCH_VISIT_H
#define BENCH_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "contrib/bench/load.h"
#include "contrib/bench/server.h"

#define VISITORS_MAX 64

/*
 * `visitors` at a time for so long; the sample's requests are visits. False where a check failed:
 * each visit has to end with the answer that its ping was done.
 */
bool visit_run(const struct server *server, unsigned visitors, uint64_t measured_ns,
               struct sample *sample);

#endif

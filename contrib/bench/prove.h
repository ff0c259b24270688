/* SPDX-License-Identifier: MIT */
/*
 * The proof that the checks can fail: short loads against a server that is made to go wrong, each of
 * which has to be noticed.
 */
#ifndef BENCH_PROVE_H
#define BENCH_PROVE_H

#include "contrib/bench/server.h"

/* A check fails for each fault that goes unnoticed, and where a faultless run is complained of. */
void prove_checks(const struct server_options *options);

#endif

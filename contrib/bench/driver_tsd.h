/* SPDX-License-Identifier: MIT */
/*
 * tsd's requests that are none of a driver's verbs: in the space "bench", with the caller's arguments.
 */
#ifndef BENCH_DRIVER_TSD_H
#define BENCH_DRIVER_TSD_H

#include "contrib/bench/driver.h"
#include "protocol/numbers.h"

/* Writes what comes before the arguments of an array of so many items, four of them included: number,
 * operation, acknowledgement, space. Returns where the arguments go. */
uint8_t *tsd_begin(uint8_t *out, int items, enum tsd_operation op, const struct request_data *data);
/* The frame ends at p; returns its size. */
size_t tsd_end(uint8_t *out, const uint8_t *p);

#endif

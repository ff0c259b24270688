/* SPDX-License-Identifier: MIT */
/*
 * Which runs are done: a failure is replayed by what it printed.
 */
#ifndef TSD_TESTS_ENVIRONMENT_H
#define TSD_TESTS_ENVIRONMENT_H

#include <stdint.h>

/* The number that the variable is set to. */
uint64_t from_environment(const char *name, uint64_t otherwise);

/* Takes TEST_SEED, TEST_STEPS and TEST_RUNS where they are set, one run where only a seed is, and
 * prints what is run. */
void runs_from_environment(uint64_t *seed, uint64_t *steps, uint64_t *runs);

#endif

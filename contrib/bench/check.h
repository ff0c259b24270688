/* SPDX-License-Identifier: MIT */
/*
 * Checks: what must hold for a figure to mean anything.
 *
 * A failed check is told on stderr and counted; the program ends with status 1 if there was one,
 * whatever the figures say.
 */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Tells and counts a failure; returns false, so that a check can `return check_failed(...)`. */
bool check_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

uint64_t check_failures(void);
const char *check_first(void); /* the first failure told, "" where there is none */

/* While the checks themselves are proved: failures between begin and end are neither told nor counted
 * with the others; end returns how many there were. */
void check_trial_begin(void);
uint64_t check_trial_end(void);

/* For what the machine refuses (memory, descriptors): says so and ends with status 2. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *allocate(uint64_t size); /* zeroed; dies without memory */

#endif

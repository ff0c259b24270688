/* SPDX-License-Identifier: MIT */
/*
 * Durations and counts as people type them, and counts as they read them.
 */
#ifndef TSCTL_QUANTITY_H
#define TSCTL_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * `5`, `0.5` and `.5` (seconds), `250ms`, `10us`, `2m`, `1.5h`, `1d`; never negative. A part of a
 * microsecond counts as a whole one, so that a short wait never becomes none.
 */
bool quantity_parse_duration(const char *text, uint64_t *us);

/* As libtsclient takes it. */
static inline double quantity_seconds(uint64_t us)
{
    return (double)us / 1e6;
}

/* Rounded to milliseconds, as they are told: more digits would say nothing. */
static inline double quantity_to_ms(double seconds)
{
    return seconds < 1e12 ? (double)(uint64_t)(seconds * 1e3 + 0.5) / 1e3 : seconds;
}

/* `10`, `5..10`, `all`: at least min, at most max, both from 1; `10` is 1..10, `all` ends with
 * UINT64_MAX. */
bool quantity_parse_count(const char *text, uint64_t *min, uint64_t *max);

/* A whole number from 0 to `highest`, or `none`, which is UINT64_MAX. */
bool quantity_parse_bound(const char *text, uint64_t highest, uint64_t *bound);

bool quantity_parse_int(const char *text, int lowest, int highest, int *value);

/* "2,000,000", written to `text`. */
#define QUANTITY_NUMBER_SIZE 32
const char *quantity_number(uint64_t number, char text[static QUANTITY_NUMBER_SIZE]);

/* "1 tuple", "2,000,000 tuples", written to `text`. */
#define QUANTITY_TUPLES_SIZE 48
const char *quantity_tuples(uint64_t count, char text[static QUANTITY_TUPLES_SIZE]);

/* A time that has passed or is left, as tables show it: "0.4s", "12s", "3m12s", "5h03m", "2d04h". */
#define QUANTITY_AGE_SIZE 24
const char *quantity_age(double seconds, char text[static QUANTITY_AGE_SIZE]);

#endif

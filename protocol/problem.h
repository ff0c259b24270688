/* SPDX-License-Identifier: MIT */
/*
 * What was wrong with something that somebody sent or typed: a status, a whole sentence, and where.
 *
 * Filled in by whatever checks input; text is complete without the rest ("tuple 2, field 3: a str
 * that is not valid UTF-8 (use bin)").
 */
#ifndef TSD_PROTOCOL_PROBLEM_H
#define TSD_PROTOCOL_PROBLEM_H

#include <stddef.h>

#include "protocol/numbers.h"

struct problem {
    enum ts_status status; /* TS_MALFORMED, TS_PROTOCOL, TS_LIMIT, ... */
    size_t offset;         /* bytes into the input at which it shows; for text the caret's place */
    char text[256];        /* a sentence without a full stop, UTF-8, cut at a character */
};

/* Sets all three; returns -status, so that a check can `return problem_set(...)`. */
int problem_set(struct problem *problem, enum ts_status status, size_t offset, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* Puts "where: " before the text, as a check on an outer level does. */
void problem_within(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

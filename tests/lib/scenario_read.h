/* SPDX-License-Identifier: MIT */
/*
 * The left side of a scenario's line: a request from its text.
 */
#ifndef TSD_TESTS_SCENARIO_READ_H
#define TSD_TESTS_SCENARIO_READ_H

#include <stdint.h>

#include "lib/scenario.h"

/* The line is no good: says why, and ends the test program. */
_Noreturn void scenario_bad(const struct scenario *scenario, const char *why, const char *what);

uint64_t scenario_duration(const struct scenario *scenario, const char *text); /* nanoseconds */

/* Words and tuples, cut off at *at, which moves on; NULL at the end of the text. */
char *scenario_word(char **at);
char *scenario_bracketed(const struct scenario *scenario, char **at); /* from [ to its ] */

/* Reads the request into the step, whose session is set. */
void scenario_read_request(struct scenario *scenario, const struct scenario_state *state,
                           char *text, struct scenario_step *step);

/* What options at a place of the text say; those of a guard or a step hold for the next one. */
struct scenario_reader {
    struct scenario *scenario;
    const struct scenario_state *state;
    struct scenario_step *step;
    struct span space;
    bool guess; /* tokens have a wrong secret */
};

/* Reads one option at *at; false where there is none, or none of a request. */
bool scenario_option(struct scenario_reader *reader, char **at);

/* A token by its name. */
struct token scenario_token(const struct scenario_reader *reader, const char *name);

/* Appends the pattern at *at with its space to the request's alternatives. */
void scenario_pattern(struct scenario_reader *reader, char **at);

/* The guards and steps of an atomic: all that is left of its line. */
void scenario_read_atomic(struct scenario_reader *reader, char **at);

#endif

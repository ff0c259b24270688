/* SPDX-License-Identifier: MIT */
/*
 * Scenarios: behaviour as text, run against the engine in virtual time and against a real daemon.
 *
 * A line is an action and, after ` -> `, all that it leads to, in order. Blank lines and lines that
 * begin with `#` say why. Sessions (a, b, ...) come when they are first named; requests of a session
 * are numbered from 1. Tuples are named #1, #2, ... in the order in which they were put.
 *
 *     a: out ["t", 1] and ["t", 2]          -> #1 #2
 *     a: out --priority 5 ["t"]             -> #3
 *     b: in ["t", ?]                        -> takes #1
 *     b: rd -s jobs ["x"] or ["y"]          -> waits
 *     b: inp ["t", >=7]                     -> none
 *     b: in -n 2..3 -t 50ms ["t", ?]        -> waits
 *     b: in --id #2 [...]                   -> takes #2
 *     a: count [...]                        -> 2
 *     a: scan [...]                         -> #3 #1
 *     a: scan --reverse -n 1 [...]          -> #1 more
 *     a: cancel 2                           -> b times out  (never: cancel names one's own request)
 *     a: spaces                             -> main 2
 *     a: ack
 *     +50ms                                 -> b/3 times out
 *     a: leaves                             -> b takes #1
 *     a: dies                               -> b takes #1 returns 1
 *
 * Options: -s SPACE (until the next one), -n COUNTS, -t DURATION, --id #N, --priority N, --reverse,
 * --after #N (a scan's cursor). What others get follows `;`: "b takes #2; c/4 reads #2". A request is
 * named c/4 where its session has several waiting.
 */
#ifndef TSD_TESTS_SCENARIO_H
#define TSD_TESTS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/request.h"

enum scenario_kind { STEP_REQUEST, STEP_ACK, STEP_LEAVES, STEP_DIES, STEP_TIME };

struct scenario_step {
    enum scenario_kind kind;
    int line;
    int session;            /* 0: a, ... */
    uint64_t nanoseconds;   /* STEP_TIME */
    struct request request; /* STEP_REQUEST; number and ack are the runner's to set */
    char expected[512];
    char text[512];
};

/* Tuples by their names: the runner keeps it. */
struct scenario_names {
    uint64_t ids[1024]; /* of #1 at index 1 */
    int8_t priorities[1024];
    int count;
};

struct scenario {
    char path[256];
    char *text;
    char *at;
    int line;
    struct buffer bytes[16]; /* tuples and patterns of the step */
};

bool scenario_open(struct scenario *scenario, const char *path);
void scenario_close(struct scenario *scenario);

/* Reads the next step; false at the end. Ends the test program where a line is no good. */
bool scenario_next(struct scenario *scenario, const struct scenario_names *names,
                   struct scenario_step *step);

/* What answers lead to, put together in the form of the right side. */
struct scenario_answer {
    int session;
    uint64_t number;
    bool own;     /* the answer to the step's own request */
    bool several; /* its session has several requests waiting */
    enum tsd_operation op;
    enum ts_status status;
    uint64_t value;
    bool more;
    size_t item_count;
    const struct item *items;
    size_t row_count;
    const struct space_row *rows;
};

struct item;
struct space_row;
void scenario_print(struct buffer *out, struct scenario_names *names,
                    const struct scenario_answer *answer, const struct scenario_step *step);

/* Compares what came with what is expected; says where they differ. */
bool scenario_check(const struct scenario *scenario, const struct scenario_step *step,
                    const struct buffer *came);

/* All files of a folder that end in .scn, sorted; returns how many. */
int scenario_files(const char *folder, char paths[][256], int most);

#endif
